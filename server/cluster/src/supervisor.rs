//! Keeping the server running while the app does.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::launcher::{Launcher, pauses};
use crate::lock::Lock;
use crate::postmaster::Postmaster;

const LOOK_AT_LOG_EVERY: Duration = Duration::from_secs(60);

/// Watches over the server. It holds the locks, so that they last until the server has stopped.
#[derive(Debug)]
pub(crate) struct Supervisor {
    pub(crate) launcher: Launcher,
    pub(crate) home: PathBuf,
    pub(crate) locks: [Lock; 2],
}

impl Supervisor {
    /// Starts the server again whenever it ends, until told to stop or the asker is gone.
    pub(crate) async fn run(self, mut postmaster: Postmaster, mut stop: oneshot::Receiver<()>) {
        loop {
            tokio::select! {
                _ = &mut stop => break postmaster.stop().await,
                () = sleep(LOOK_AT_LOG_EVERY) => self.launcher.log.shorten(),
                () = postmaster.ended() => match self.start_again(&mut stop).await {
                    Some(next) => postmaster = next,
                    None => break,
                },
            }
        }
        self.launcher.socket_dir.clear_away(&self.home);
        drop(self.locks);
    }

    /// A server that runs again, or nothing when we are to stop.
    async fn start_again(&self, stop: &mut oneshot::Receiver<()>) -> Option<Postmaster> {
        tracing::warn!("PostgreSQL ended; starting it again");
        tokio::select! {
            postmaster = self.start_until_it_runs() => Some(postmaster),
            _ = stop => {
                self.stop_what_was_started().await;
                None
            }
        }
    }

    async fn start_until_it_runs(&self) -> Postmaster {
        let mut pauses = pauses();
        loop {
            sleep(pauses.next().expect("pauses never run out")).await;
            match self.launcher.start().await {
                Ok(postmaster) => {
                    tracing::info!(pid = postmaster.pid(), "PostgreSQL runs again");
                    return postmaster;
                }
                Err(error) => tracing::warn!(%error, "PostgreSQL did not start; trying again"),
            }
        }
    }

    /// A start that was broken off has asked its server to stop; this waits for it.
    async fn stop_what_was_started(&self) {
        if let Some(postmaster) = Postmaster::running_on(&self.launcher.data) {
            postmaster.stop().await;
        }
    }
}
