//! Making a new cluster.
//!
//! It is made beside its place and moved there when complete. The name beside carries our pid: an
//! `initdb` that outlived a killed app must not write into the next attempt.

use std::fs::{self, File};
use std::path::Path;

use crate::account::Account;
use crate::connection::NAME;
use crate::error::ClusterError;
use crate::home::Home;
use crate::installation::Installation;
use crate::log::Log;
use crate::tool;

const UNFINISHED: &str = "unfinished-";

/// In the order of preference; not every system has the first.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// What it takes to make a cluster.
pub(crate) struct Making<'a> {
    pub(crate) installation: &'a Installation,
    pub(crate) account: &'a Account,
    pub(crate) home: &'a Home,
    pub(crate) log: &'a Log,
    pub(crate) throw_away: bool,
}

impl Making<'_> {
    /// Makes the cluster's data.
    pub(crate) async fn run(&self) -> Result<(), ClusterError> {
        self.clear_unfinished()?;
        let unfinished = self.home.path().join(format!("{UNFINISHED}{}", std::process::id()));
        self.initdb_in_some_locale(&unfinished).await?;
        self.move_into_place(&unfinished)?;
        tracing::info!(
            data = %self.home.data().display(),
            version = self.installation.version(),
            user = self.account.name(),
            "made a new PostgreSQL cluster"
        );
        Ok(())
    }

    fn clear_unfinished(&self) -> Result<(), ClusterError> {
        let home = self.home.path();
        for entry in fs::read_dir(home).map_err(ClusterError::io("read", home))? {
            let entry = entry.map_err(ClusterError::io("read", home))?;
            if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
                clear(&entry.path());
            }
        }
        Ok(())
    }

    async fn initdb_in_some_locale(&self, directory: &Path) -> Result<(), ClusterError> {
        let [preferred, fallback] = LOCALES;
        if self.initdb(directory, preferred).await.is_ok() {
            return Ok(());
        }
        self.initdb(directory, fallback).await
    }

    async fn initdb(&self, directory: &Path, locale: &str) -> Result<(), ClusterError> {
        let mut command = self.account.command(&self.installation.binary("initdb"));
        command.arg("--pgdata").arg(directory).arg("--username").arg(NAME);
        command.arg("--locale").arg(locale).args(["--encoding", "UTF8", "--data-checksums"]);
        // The directories are private, so whoever gets to the socket may come in.
        command.args(["--auth-local", "trust", "--auth-host", "reject"]);
        if self.throw_away {
            command.arg("--no-sync");
        }
        tool::run("initdb", command, self.log).await.map(drop)
    }

    fn move_into_place(&self, unfinished: &Path) -> Result<(), ClusterError> {
        let home = self.home.path();
        fs::rename(unfinished, self.home.data()).map_err(ClusterError::io("move into place", unfinished))?;
        File::open(home).and_then(|home| home.sync_all()).map_err(ClusterError::io("sync", home))
    }
}

/// Removes what an attempt left; one still being written to is left for the next start.
fn clear(unfinished: &Path) {
    match fs::remove_dir_all(unfinished) {
        Ok(()) => tracing::warn!(dir = %unfinished.display(), "removed a half-made PostgreSQL cluster"),
        Err(error) => {
            tracing::warn!(dir = %unfinished.display(), %error, "a half-made PostgreSQL cluster stays")
        }
    }
}
