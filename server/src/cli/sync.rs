//! `command-center sync`: the tools people are reached with, read.

use std::io::{self, ErrorKind, Write as _};

use clap::Args;
use domain::connection::Tool;
use domain::tenant::Tenant;
use serde_json::json;
use store::syncs::Sync;

use super::{Coded, tenant};
use crate::accounts::Accounts;
use crate::config::ServeConfig;
use crate::connections::{Connections, SyncError};
use crate::pipeline::Pipeline;

/// How programs are told that somebody else is at it.
const BUSY: u8 = 3;

#[derive(Args, Debug)]
pub(super) struct Options {
    /// Short name of the tenant.
    #[arg(long, value_parser = tenant::slug)]
    tenant: String,
    /// Only this tool: heyreach, plusvibe or instantly.
    #[arg(long, value_parser = tool)]
    tool: Option<Tool>,
    /// Print what came of it as JSON, a line for each tool.
    #[arg(long)]
    json: bool,
}

/// Reads every connected tool of a tenant, or one. One that fails does not keep the others from being read.
pub(super) async fn run(
    options: Options,
    config: &ServeConfig,
    accounts: Accounts,
) -> Result<(), Box<dyn std::error::Error>> {
    let tenant = tenant::named(&accounts, &options.tenant).await?;
    let pipeline = Pipeline { store: accounts.store.clone(), clock: accounts.clock };
    let connections = Connections { accounts, pipeline, access: config.tools.access() };
    let tools = match options.tool {
        Some(tool) => vec![tool],
        None => connected(&connections, &tenant).await?,
    };
    if tools.is_empty() {
        return Err(
            "no tool is connected: store a key with `tenant secret --kind heyreach`, or on the page".into()
        );
    }
    let mut failures = Vec::new();
    for tool in tools {
        match connections.sync_one(tenant.id, tool, "command line").await {
            Ok(sync) => say(&if options.json { as_json(&sync) } else { in_words(&sync) })?,
            Err(error) => failures.push((tool, error)),
        }
    }
    outcome(&failures)
}

async fn connected(connections: &Connections, tenant: &Tenant) -> Result<Vec<Tool>, SyncError> {
    let mut tools = Vec::new();
    for tool in Tool::ALL.into_iter().filter(|tool| tool.reaches_people()) {
        if connections.has_key(tenant.id, tool).await? {
            tools.push(tool);
        }
    }
    Ok(tools)
}

fn outcome(failures: &[(Tool, SyncError)]) -> Result<(), Box<dyn std::error::Error>> {
    if failures.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> =
        failures.iter().map(|(tool, error)| format!("{}: {error}", tool.name())).collect();
    let is_busy = failures.iter().all(|(_, error)| matches!(error, SyncError::Busy));
    Err(Coded { code: if is_busy { BUSY } else { 1 }, message: lines.join("\ncommand-center: ") }.into())
}

fn in_words(sync: &Sync) -> String {
    let counts = sync.counts;
    format!(
        "{}: {} came, {} new, {} changed, {} as before, {} not taken\n",
        sync.tool.name(),
        counts.came(),
        counts.created,
        counts.changed,
        counts.same,
        counts.rejected
    )
}

fn as_json(sync: &Sync) -> String {
    let counts = sync.counts;
    let told = json!({
        "tool": sync.tool.word(), "came": counts.came(), "created": counts.created, "changed": counts.changed,
        "same": counts.same, "rejected": counts.rejected,
    });
    format!("{told}\n")
}

/// Says something on standard output; a reader that has gone away is no failure.
fn say(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

fn tool(text: &str) -> Result<Tool, &'static str> {
    let tool: Option<Tool> = text.parse().ok();
    tool.filter(|tool| tool.reaches_people()).ok_or("a tool with campaigns: heyreach, plusvibe or instantly")
}
