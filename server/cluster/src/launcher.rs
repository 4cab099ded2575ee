//! Starting the server, as often as it takes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::sleep;

use crate::account::Account;
use crate::connection::{ConnectionTarget, NAME};
use crate::error::ClusterError;
use crate::installation::Installation;
use crate::log::Log;
use crate::pid_file::{PidFile, Status};
use crate::postmaster::{Postmaster, StartOutcome};
use crate::socket::{PORT, SocketDir};
use crate::tool;

/// How often the first start is tried before the app gives up: the processes of a killed server
/// may need some seconds to leave its shared memory.
const ATTEMPTS: usize = 6;

/// Everything needed to start the server, again and again.
#[derive(Debug)]
pub(crate) struct Launcher {
    pub(crate) installation: Installation,
    pub(crate) account: Account,
    pub(crate) data: PathBuf,
    pub(crate) socket_dir: SocketDir,
    pub(crate) log: Log,
    pub(crate) options: Vec<(String, String)>,
}

impl Launcher {
    /// Starts the server for an app that is starting itself: not for ever.
    pub(crate) async fn first_start(&self) -> Result<Postmaster, ClusterError> {
        for pause in pauses().take(ATTEMPTS - 1) {
            match self.start().await {
                Ok(postmaster) => return Ok(postmaster),
                Err(error) => tracing::warn!(%error, "PostgreSQL did not start; trying again"),
            }
            sleep(pause).await;
        }
        self.start().await.map_err(after_all_attempts)
    }

    /// Tries once: takes over a running server or starts one, until it takes connections.
    pub(crate) async fn start(&self) -> Result<Postmaster, ClusterError> {
        self.socket_dir.ensure(&self.account)?;
        let said_before = self.log.length();
        let mut postmaster = match self.left_running().await {
            Some(orphan) => orphan,
            None => self.spawn()?,
        };
        match postmaster.started().await {
            StartOutcome::Ready => Ok(postmaster),
            StartOutcome::Ended => Err(ClusterError::EndedWhileStarting {
                gist: self.log.gist_since(said_before),
                log: self.log.path().to_owned(),
            }),
        }
    }

    /// Makes sure that our database is there.
    pub(crate) async fn ensure_database(&self) -> Result<(), ClusterError> {
        let found = self.ask(&format!("select 1 from pg_database where datname = '{NAME}'")).await?;
        if found.trim().is_empty() {
            self.ask(&format!("create database {NAME}")).await?;
        }
        Ok(())
    }

    /// Where clients connect.
    pub(crate) fn connection(&self) -> ConnectionTarget {
        ConnectionTarget {
            socket_dir: self.socket_dir.path().to_owned(),
            port: PORT,
            user: NAME.to_owned(),
            database: NAME.to_owned(),
        }
    }

    /// A server that an earlier app left running, if it is of use; one that is not is stopped.
    async fn left_running(&self) -> Option<Postmaster> {
        let note = PidFile::read(&self.data)?;
        let mut orphan = Postmaster::adopt(note.pid, &self.data)?;
        if note.status == Status::Stopping {
            tracing::info!(pid = note.pid, "waiting for PostgreSQL to finish shutting down");
            orphan.ended().await;
            return None;
        }
        if note.socket_dir.is_some_and(|dir| dir != self.socket_dir.path()) {
            tracing::info!(pid = note.pid, "PostgreSQL listens elsewhere; restarting it");
            orphan.stop().await;
            return None;
        }
        tracing::info!(pid = note.pid, "took over PostgreSQL from an app that is gone");
        Some(orphan)
    }

    fn spawn(&self) -> Result<Postmaster, ClusterError> {
        clear_note(&PidFile::path(&self.data))?;
        clear_note(&self.socket_dir.lock_file())?;
        Postmaster::spawn(self.server()?, &self.data)
    }

    fn server(&self) -> Result<Command, ClusterError> {
        let log = self.log.open()?;
        let same_log = log.try_clone().map_err(ClusterError::io("open", self.log.path()))?;
        let mut command = self.account.command(&self.installation.binary("postgres"));
        command.arg("-D").arg(&self.data).stdout(log).stderr(same_log);
        command.arg("-c").arg(self.listening());
        for (name, value) in self.all_options() {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        Ok(command)
    }

    fn listening(&self) -> String {
        // `SocketDir` only uses paths of plain ASCII.
        format!("unix_socket_directories={}", self.socket_dir.path().display())
    }

    /// Ours first: the server heeds the last word.
    fn all_options(&self) -> impl Iterator<Item = (&str, &str)> {
        let extra = self.options.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        OPTIONS.into_iter().chain(extra)
    }

    async fn ask(&self, statement: &str) -> Result<String, ClusterError> {
        let mut command = self.account.command(&self.installation.binary("psql"));
        command.args(["--no-psqlrc", "--no-password", "--quiet", "--tuples-only", "--no-align"]);
        command.arg("--host").arg(self.socket_dir.path()).args(["--port", &PORT.to_string()]);
        command.args(["--username", NAME, "--dbname", "postgres", "--command", statement]);
        tool::run("psql", command, &self.log).await
    }
}

/// How long to wait before each next attempt.
pub(crate) fn pauses() -> impl Iterator<Item = Duration> {
    let longest = Duration::from_secs(5);
    std::iter::successors(Some(Duration::from_millis(200)), move |pause| Some((*pause * 2).min(longest)))
}

/// The server's settings, for a small machine.
const OPTIONS: [(&str, &str); 12] = [
    ("listen_addresses", ""),
    ("port", "5432"),
    ("unix_socket_permissions", "0700"),
    ("cluster_name", NAME),
    ("max_connections", "100"),
    ("shared_buffers", "128MB"),
    ("wal_compression", "on"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_checkpoints", "off"),
    ("logging_collector", "off"),
    // Details quote the rows that are in the way of a constraint.
    ("log_error_verbosity", "terse"),
];

/// Removes what a dead server left. PostgreSQL would take any process of its user with the pid in
/// there for a running server, a zombie too. Should one run unseen, shared memory still tells.
fn clear_note(note: &Path) -> Result<(), ClusterError> {
    match fs::remove_file(note) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ClusterError::io("remove", note)(error)),
        _ => Ok(()),
    }
}

fn after_all_attempts(error: ClusterError) -> ClusterError {
    match error {
        ClusterError::EndedWhileStarting { gist, log } => {
            ClusterError::NotStarting { attempts: ATTEMPTS, gist, log }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_then_stay() {
        let first: Vec<u128> = pauses().take(7).map(|pause| pause.as_millis()).collect();

        assert_eq!(first, [200, 400, 800, 1600, 3200, 5000, 5000]);
    }

    #[test]
    fn the_port_set_is_the_port_told() {
        assert!(OPTIONS.contains(&("port", PORT.to_string().as_str())));
    }
}
