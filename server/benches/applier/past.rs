//! A long past: what was booked lies in the tables many times over.

use std::process::Stdio;

use cluster::Installation;
use tokio::process::Command;

/// Copies everything that was booked so many times, with ids of its own; says how many rows the ledger has then.
pub(crate) async fn deepen(installation: &Installation, url: &str, times: usize) -> usize {
    let script = include_str!("past.sql");
    let times = format!("times={times}");
    let mut psql = Command::new(installation.bin_dir().join("psql"));
    psql.args(["--dbname", url, "--quiet", "--tuples-only", "--no-align", "--set", &times]);
    psql.args(["--set", "ON_ERROR_STOP=1", "--file", "-"]);
    psql.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = psql.spawn().expect("psql starts");
    let mut input = running.stdin.take().expect("it reads");
    tokio::io::AsyncWriteExt::write_all(&mut input, script.as_bytes()).await.expect("it takes the script");
    drop(input);
    let output = running.wait_with_output().await.expect("psql ends");
    assert!(output.status.success(), "the tables take their copies");
    let said = String::from_utf8(output.stdout).expect("it speaks text");
    said.trim().parse().expect("it counts")
}
