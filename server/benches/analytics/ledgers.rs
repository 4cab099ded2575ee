//! Ledgers of a size, made by SQL; their rollups are made by the function the migration makes them with.

use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

/// How many keys a tenant has.
const KEYS: usize = 40;

const MAKING: &str = include_str!("making.sql");

/// A tenant with so many rows of the ledger.
pub(crate) struct Ledger {
    /// How many.
    pub(crate) rows: u64,
    /// The keys its figures are asked with: each may ask so often.
    pub(crate) keys: Vec<String>,
    tenant: String,
}

impl Ledger {
    /// Makes it: three years, twenty channels, a fiftieth as many movements of recurring revenue.
    pub(crate) async fn make(psql: &Path, url: &str, rows: u64) -> Self {
        let slug = format!("rows-{rows}");
        let added = program(url, &["tenant", "add", "--slug", &slug, "--name", &slug, "--json"]).await;
        let tenant = text(&added, "id");
        let key = ["api-key", "create", "--tenant", &slug, "--role", "viewer", "--json"];
        let mut keys = Vec::new();
        for _ in 0..KEYS {
            keys.push(text(&program(url, &key).await, "key"));
        }
        let mut making = Command::new(psql);
        making.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--set", &format!("rows={rows}")]);
        making.args(["--set", &format!("tenant={tenant}"), url]);
        let script = tempfile::NamedTempFile::new().expect("a temporary file can be made").into_temp_path();
        std::fs::write(&script, MAKING).expect("the script is written");
        making.arg("--file").arg(&script);
        let output = making.output().await.expect("psql runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { rows, keys, tenant }
    }

    /// An event that says it is this tenant's.
    pub(crate) fn own(&self, body: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(body);
        let named = format!("\"metadata\": {{\"tenant_id\": \"{}\", \"gtm_channel\"", self.tenant);
        let (before, after) = text.split_once("\"gtm_channel\"").expect("the template names a channel");
        let before = before.trim_end().strip_suffix("\"metadata\": {").expect("the channel is metadata");
        format!("{before}{named}{after}").into_bytes()
    }

    /// Statements about this tenant.
    pub(crate) fn with_tenant(&self, statements: &str) -> String {
        statements.replace(":tenant", &format!("'{}'", self.tenant))
    }
}

async fn program(url: &str, arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_command-center"));
    let output = command.env("DATABASE_URL", url).args(arguments).output().await.expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it answers in JSON")
}

fn text(answer: &Value, name: &str) -> String {
    answer.get(name).and_then(Value::as_str).expect("the answer names it").to_owned()
}
