//! The server's first process: ours by birth, or taken over from an app that is gone.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::error::ClusterError;
use crate::pid_file::{PidFile, Status};

const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOK_AFTER_ORPHAN_EVERY: Duration = Duration::from_millis(250);
const FAST_SHUTDOWN_WITHIN: Duration = Duration::from_secs(30);
const IMMEDIATE_SHUTDOWN_WITHIN: Duration = Duration::from_secs(10);

/// A running postmaster. Letting go of it asks it to shut down, without waiting.
#[derive(Debug)]
pub(crate) struct Postmaster {
    pid: Pid,
    data: PathBuf,
    child: Option<Child>,
    has_ended: bool,
}

/// How a start turned out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StartOutcome {
    /// It takes connections.
    Ready,
    /// It ended.
    Ended,
}

impl Postmaster {
    /// Starts the server with this command, which must name the data.
    pub(crate) fn spawn(mut command: Command, data: &Path) -> Result<Self, ClusterError> {
        // In a group of its own, so that Ctrl-C at the terminal reaches only the app.
        let child = command.process_group(0).spawn().map_err(ClusterError::io("run the server on", data))?;
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).expect("a child just spawned has a pid");
        Ok(Self { pid: Pid::from_raw(pid), data: data.to_owned(), child: Some(child), has_ended: false })
    }

    /// The process of this pid, if it is the postmaster of the data and not a later namesake.
    pub(crate) fn adopt(pid: i32, data: &Path) -> Option<Self> {
        let pid = Pid::from_raw(pid);
        let data = data.to_owned();
        // Not made before it is known to be ours: letting go of it would signal a stranger.
        is_postmaster_of(pid, &data).then(|| Self { pid, data, child: None, has_ended: false })
    }

    /// The postmaster that runs on the data, whoever started it.
    pub(crate) fn running_on(data: &Path) -> Option<Self> {
        Self::adopt(PidFile::read(data)?.pid, data)
    }

    pub(crate) fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Waits until the process has ended.
    pub(crate) async fn ended(&mut self) {
        match &mut self.child {
            Some(child) => {
                child.wait().await.expect("nobody else waits for our child");
            }
            None => orphan_ended(self.pid, &self.data).await,
        }
        self.has_ended = true;
    }

    /// Waits until the server takes connections or has ended.
    pub(crate) async fn started(&mut self) -> StartOutcome {
        let (pid, data) = (self.pid(), self.data.clone());
        tokio::select! {
            () = self.ended() => StartOutcome::Ended,
            () = ready(pid, &data) => StartOutcome::Ready,
        }
    }

    /// Shuts the server down: politely, then at once, then by force.
    pub(crate) async fn stop(mut self) {
        if self.ends_within(FAST_SHUTDOWN_WITHIN, Signal::SIGINT).await {
            return;
        }
        tracing::warn!(pid = self.pid(), "PostgreSQL does not shut down; stopping it at once");
        if self.ends_within(IMMEDIATE_SHUTDOWN_WITHIN, Signal::SIGQUIT).await {
            return;
        }
        tracing::error!(pid = self.pid(), "PostgreSQL does not stop; killing it");
        self.ends_within(IMMEDIATE_SHUTDOWN_WITHIN, Signal::SIGKILL).await;
    }

    async fn ends_within(&mut self, limit: Duration, signal: Signal) -> bool {
        self.send(signal);
        timeout(limit, self.ended()).await.is_ok()
    }

    fn send(&self, signal: Signal) {
        if let Err(error) = kill(self.pid, signal) {
            tracing::debug!(pid = self.pid(), %signal, %error, "PostgreSQL could not be signalled");
        }
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        if !self.has_ended {
            self.send(Signal::SIGINT);
        }
    }
}

async fn ready(pid: i32, data: &Path) {
    let is_ready = |file: PidFile| file.pid == pid && file.status == Status::Ready;
    while !PidFile::read(data).is_some_and(is_ready) {
        sleep(LOOK_EVERY).await;
    }
}

async fn orphan_ended(pid: Pid, data: &Path) {
    while is_postmaster_of(pid, data) {
        sleep(LOOK_AFTER_ORPHAN_EVERY).await;
    }
}

/// Whether the process is a server on this data. Its arguments tell, which everybody may read; its
/// working directory tells too when the data was moved, where we may look. A zombie has neither.
fn is_postmaster_of(pid: Pid, data: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let arguments = fs::read(process.join("cmdline")).unwrap_or_default();
    let mut arguments = arguments.split(|byte| *byte == 0).map(OsStr::from_bytes);
    let program = arguments.next().and_then(|program| Path::new(program).file_name());
    let is_server = program.is_some_and(|name| name == "postgres" || name == "postmaster");
    let mut is_on_data = || arguments.any(|argument| argument == data);
    let is_in_data = || fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == data);
    is_server && (is_in_data() || is_on_data())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_no_server_is_not_adopted() {
        let ourselves = i32::try_from(std::process::id()).unwrap();

        assert!(Postmaster::adopt(ourselves, Path::new("/")).is_none());
    }
}
