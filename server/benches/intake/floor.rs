//! What PostgreSQL alone allows: pgbench commits the same rows one by one.

use std::fmt::Write as _;
use std::path::PathBuf;

use cluster::Installation;
use server::clock::Clock;
use server::database::ensure_default_tenant;
use store::{Entry, Store};
use tokio::process::Command;

use super::events::body;

const SECONDS: &str = "4";

/// A database of the program's schema that only pgbench writes to.
#[derive(Debug)]
pub(crate) struct Floor {
    pgbench: PathBuf,
    psql: PathBuf,
    url: String,
    programs_url: String,
    script: tempfile::TempPath,
}

impl Floor {
    /// Makes it beside the program's.
    pub(crate) async fn prepare(installation: &Installation, url: &str) -> Self {
        let psql = installation.bin_dir().join("psql");
        said_by(Command::new(&psql).args(["--dbname", url, "--command", "create database floor"])).await;
        let programs_url = url.to_owned();
        let url = url.replace("/command_center?", "/floor?");
        let store = Store::connect(&url, Entry::Login).await.expect("PostgreSQL answers");
        store.migrate().await.expect("the schema is made");
        let tenant = ensure_default_tenant(&store, Clock::System.now()).await.expect("there is a tenant");
        store.close().await;
        let script = tempfile::NamedTempFile::new().expect("a temporary file can be made").into_temp_path();
        std::fs::write(&script, statement(&tenant.id.to_string())).expect("the script is written");
        Self { pgbench: installation.bin_dir().join("pgbench"), psql, url, programs_url, script }
    }

    /// Counts what is in the tables of both, as PostgreSQL does by itself within some minutes: until it has, it plans
    /// as if they were empty.
    pub(crate) async fn take_stock(&self) {
        for url in [&self.url, &self.programs_url] {
            said_by(Command::new(&self.psql).args(["--dbname", url, "--command", "vacuum analyze"])).await;
        }
    }

    /// Lets it commit for some seconds.
    pub(crate) async fn rows_a_second(&self, connections: usize) -> u128 {
        let mut command = Command::new(&self.pgbench);
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--time", SECONDS]);
        command.arg("--client").arg(connections.to_string());
        command.arg("--file").arg(&self.script).arg(&self.url);
        let said = said_by(&mut command).await;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")).expect("pgbench says its rate");
        let whole = rate.split(['.', ' ']).next().and_then(|whole| whole.parse().ok());
        whole.expect("a rate is a number")
    }
}

/// The body as bytes, for in JSON pgbench would look for variables. It is the same in every row and sent once for each
/// connection, which spares pgbench what the program has to do for each event.
fn statement(tenant: &str) -> String {
    let bytes = body(0).iter().fold(String::new(), |mut hexadecimal, byte| {
        let _ = write!(hexadecimal, "{byte:02x}");
        hexadecimal
    });
    format!(
        "\\set n random(1, 9000000000000000)\n\
         insert into stripe_events (tenant_id, stripe_event_id, body, received_at) \
         values ('{tenant}', 'evt_1Bench' || :n, '\\x{bytes}', now()) on conflict do nothing;\n"
    )
}

async fn said_by(command: &mut Command) -> String {
    let output = command.output().await.expect("PostgreSQL's programs are installed");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout).expect("it speaks text")
}
