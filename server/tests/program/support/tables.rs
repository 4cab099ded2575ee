//! What stands in the database, for who looks at all of it: as its owner, around every wall of the program.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use cluster::Installation;
use serde_json::Value;
use tokio::sync::OnceCell;

/// What may change although nothing was done: who was seen, what was tried, and what is written down of it.
pub const SEEN_AND_WRITTEN_DOWN: [&str; 3] = ["audit_log", "sessions", "sign_in_attempts"];

static PSQL: OnceCell<PathBuf> = OnceCell::const_new();

/// Every row of every table.
#[derive(Clone, Debug, PartialEq)]
pub struct Tables(BTreeMap<String, Vec<Value>>);

impl Tables {
    /// Reads them all.
    pub async fn of(url: &str) -> Self {
        let each = "select format('select %L, to_jsonb(r) from %I.%I r order by to_jsonb(r)::text', \
            tablename, schemaname, tablename) from pg_tables where schemaname = 'public' order by tablename \\gexec\n";
        let lines = run(url, each).await.unwrap();
        let mut tables: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for line in lines.lines() {
            let (table, row) = line.split_once('|').unwrap();
            tables.entry(table.to_owned()).or_default().push(serde_json::from_str(row).unwrap());
        }
        Self(tables)
    }

    /// The rows of a table.
    pub fn rows(&self, table: &str) -> &[Value] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    /// The same without these tables.
    pub fn without(mut self, tables: &[&str]) -> Self {
        self.0.retain(|table, _| !tables.contains(&table.as_str()));
        self
    }

    /// The names of the tables that are not the same in both.
    pub fn differing(&self, other: &Self) -> Vec<String> {
        let names = self.0.keys().chain(other.0.keys());
        let mut names: Vec<String> =
            names.filter(|name| self.0.get(*name) != other.0.get(*name)).cloned().collect();
        names.dedup();
        names
    }

    /// The tables in which a text stands, as text or as bytes.
    pub fn holding(&self, text: &str) -> Vec<&str> {
        let as_bytes = hex::encode(text);
        let holds = |row: &Value| {
            let row = row.to_string();
            row.contains(text) || row.contains(&as_bytes)
        };
        let found = self.0.iter().filter(|(_, rows)| rows.iter().any(holds));
        found.map(|(table, _)| table.as_str()).collect()
    }
}

/// Runs SQL as the owner of the schema; what it answers, or how it is refused.
pub async fn run(url: &str, sql: &str) -> Result<String, String> {
    let psql =
        PSQL.get_or_init(|| async { Installation::find().await.unwrap().bin_dir().join("psql") }).await;
    let mut child = Command::new(psql)
        .args([
            "--no-psqlrc",
            "--quiet",
            "--no-align",
            "--tuples-only",
            "--set=ON_ERROR_STOP=1",
            "--dbname",
            url,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if done.status.success() { Ok(text(done.stdout)) } else { Err(text(done.stderr)) }
}
