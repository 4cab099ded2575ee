//! DuckDB, kept open in memory: the same figures from its own columns.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::ledgers::Ledger;
use super::now;

const EXPORTING: &str = include_str!("exporting.sql");

/// What is exported, and then read in.
const TABLES: [&str; 7] = [
    "revenue_events_current",
    "mrr_movements_current",
    "subscription_versions",
    "leads",
    "lead_stays",
    "deals",
    "channel_costs",
];

/// A DuckDB that waits for statements.
pub(crate) struct DuckDb {
    child: Child,
    statements: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl DuckDb {
    /// Opens it with these ledgers; `None` when it is not installed.
    pub(crate) async fn open(psql: &Path, url: &str, ledgers: &[Ledger]) -> Option<Self> {
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/analytics/duckdb");
        if !home.join("node_modules").exists() {
            return None;
        }
        let mut command = Command::new("node");
        command.arg("session.js").current_dir(home);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("node starts");
        let statements = child.stdin.take().expect("it listens");
        let answers = BufReader::new(child.stdout.take().expect("it speaks")).lines();
        let mut opened = Self { child, statements, answers };
        for ledger in ledgers {
            opened.read_in(psql, url, ledger).await;
        }
        Some(opened)
    }

    async fn read_in(&mut self, psql: &Path, url: &str, ledger: &Ledger) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut exporting = Command::new(psql);
        exporting
            .args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", url])
            .current_dir(folder.path());
        exporting.stdin(Stdio::piped());
        let mut exporting = exporting.spawn().expect("psql starts");
        let mut told = exporting.stdin.take().expect("psql listens");
        told.write_all(ledger.with_tenant(EXPORTING).as_bytes()).await.expect("psql listens");
        drop(told);
        assert!(exporting.wait().await.expect("psql ends").success(), "what is counted is exported");
        let file = |table: &str| -> PathBuf { folder.path().join(format!("{table}.csv")) };
        let mut reading = vec![format!("create schema rows_{}", ledger.rows)];
        reading.extend(TABLES.map(|table| {
            let file = file(table);
            format!(
                "create table rows_{}.{table} as from read_csv('{}', header = true)",
                ledger.rows,
                file.display()
            )
        }));
        self.tell(&reading).await;
    }

    /// Counts a ledger's figures by the statements PostgreSQL counts them by, and says how long that took.
    pub(crate) async fn run(&mut self, ledger: &Ledger, statements: &str) -> Duration {
        self.tell(&[format!("use rows_{}", ledger.rows)]).await;
        let statements = in_its_words(statements);
        let begun = now();
        self.tell(&statements).await;
        begun.elapsed()
    }

    async fn tell(&mut self, statements: &[String]) {
        let mut told = serde_json::to_vec(statements).expect("text is JSON");
        told.push(b'\n');
        self.statements.write_all(&told).await.expect("it listens");
        let answer = self.answers.next_line().await.expect("it speaks");
        assert_eq!(answer.as_deref(), Some("done"), "the statements run");
    }

    /// Lets it go.
    pub(crate) async fn close(mut self) {
        drop(self.statements);
        self.child.wait().await.expect("it ends");
    }
}

/// The statements as DuckDB takes them: there is one tenant, time is UTC and has no zone, and alerts are not counted but
/// kept.
fn in_its_words(statements: &str) -> Vec<String> {
    let statements = statements
        .lines()
        .filter(|line| !line.starts_with("--") && !line.starts_with("begin") && !line.starts_with("commit"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("l.tenant_id = :tenant", "true")
        .replace("s.tenant_id = :tenant", "true")
        .replace("r.tenant_id = :tenant", "true")
        .replace("tenant_id = :tenant", "true")
        .replace(" at time zone 'UTC'", "")
        .replace("now()", "now()::timestamp");
    let statements = statements.split(';').map(str::trim);
    statements
        .filter(|statement| !statement.is_empty() && !statement.contains("from alerts"))
        .map(str::to_owned)
        .collect()
}
