//! Running PostgreSQL's command line tools and understanding their complaints.

use tokio::process::Command;

use crate::error::ClusterError;
use crate::log::Log;

/// What comes before the reason in a line that tells one.
const MARKERS: [&str; 3] = ["FATAL: ", "PANIC: ", "error: "];

/// Runs the tool to its end and returns what it printed.
pub(crate) async fn run(tool: &'static str, mut command: Command, log: &Log) -> Result<String, ClusterError> {
    let output = command.kill_on_drop(true).output().await.map_err(|source| {
        let program = command.as_std().get_program();
        ClusterError::Io { doing: "run", path: program.into(), source }
    })?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(printed.into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    log.add(&format!("{tool}:\n{printed}{complaint}\n"));
    Err(ClusterError::ToolFailed { tool, gist: gist(&complaint), log: log.path().to_owned() })
}

/// The last line that names a reason, without what comes before it; else the last line of all.
pub(crate) fn gist(said: &str) -> String {
    let lines = || said.lines().rev().map(str::trim).filter(|line| !line.is_empty());
    let reason =
        lines().find_map(|line| MARKERS.iter().find_map(|marker| Some(line.split_once(marker)?.1.trim())));
    reason.or_else(|| lines().next()).unwrap_or("it said nothing").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_told_and_not_the_farewell() {
        let said = "2026-01-01 00:00:00 UTC [7] FATAL:  lock file \"postmaster.pid\" already exists\n\
                    2026-01-01 00:00:00 UTC [7] LOG:  database system is shut down\n\n";

        assert_eq!(gist(said), "lock file \"postmaster.pid\" already exists");
    }

    #[test]
    fn a_tool_without_a_reason_is_quoted_by_its_last_line() {
        assert_eq!(gist("one\ntwo\n \n"), "two");
        assert_eq!(gist(""), "it said nothing");
    }
}
