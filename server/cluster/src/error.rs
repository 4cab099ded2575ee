//! What can keep the cluster from running, each said in one line that a person can act on.

use std::io;
use std::path::{Path, PathBuf};

use crate::installation::OLDEST_MAJOR;

/// Why the cluster does not run.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No binaries anywhere we look.
    #[error("PostgreSQL is not installed; install it with: apt-get install postgresql")]
    NotInstalled,
    /// Binaries were found, none of them new enough.
    #[error(
        "PostgreSQL {found} in {bin_dir} is too old, {OLDEST_MAJOR} or newer is needed; install it with: apt-get install postgresql",
        bin_dir = bin_dir.display()
    )]
    TooOld {
        /// The version that was found.
        found: String,
        /// Where it was found.
        bin_dir: PathBuf,
    },
    /// The data needs the binaries that made it.
    #[error(
        "the data in {data} was made by PostgreSQL {major}, which is not installed; install it with: apt-get install postgresql-{major}",
        data = data.display()
    )]
    MajorNotInstalled {
        /// The cluster's data.
        data: PathBuf,
        /// The major version that made it.
        major: u32,
    },
    /// Another app holds the data.
    #[error(
        "another Command Center{by} is already using {dir}; stop it first",
        by = pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default(),
        dir = dir.display()
    )]
    InUse {
        /// The data directory, or the home it leads to.
        dir: PathBuf,
        /// The process that holds it, where it left its name.
        pid: Option<u32>,
    },
    /// The link leads nowhere: the data was removed or is not mounted.
    #[error(
        "{link} leads to {target}, which does not exist; restore that directory, or remove the link to begin with an empty database",
        link = link.display(),
        target = target.display()
    )]
    DataGone {
        /// The link in the data directory.
        link: PathBuf,
        /// Where the data used to be.
        target: PathBuf,
    },
    /// A directory that must be ours is somebody else's.
    #[error(
        "{dir} belongs to uid {owner} but PostgreSQL would run as {account}; start as its owner or as root",
        dir = dir.display()
    )]
    NotOurs {
        /// The directory.
        dir: PathBuf,
        /// The uid that owns it.
        owner: u32,
        /// The account PostgreSQL would run as.
        account: String,
    },
    /// Something that is not a directory stands where one must be.
    #[error("{dir} is in the way: a directory is needed there", dir = dir.display())]
    NotADirectory {
        /// The path.
        dir: PathBuf,
    },
    /// The account that owns the data cannot get to it.
    #[error(
        "the user {account} cannot reach its data in {dir}; let it pass through the directories above (chmod o+x)",
        dir = dir.display()
    )]
    OutOfReach {
        /// The home.
        dir: PathBuf,
        /// The account PostgreSQL would run as.
        account: String,
    },
    /// We are root and there is no other account to run as.
    #[error(
        "PostgreSQL does not run as root and no user for it could be made ({reason}); make one with: useradd --system command-center"
    )]
    NoAccount {
        /// What went wrong.
        reason: String,
    },
    /// One of PostgreSQL's tools failed.
    #[error("{tool} failed: {gist} (log: {log})", log = log.display())]
    ToolFailed {
        /// The tool's name.
        tool: &'static str,
        /// The line that says why.
        gist: String,
        /// The file with all it said.
        log: PathBuf,
    },
    /// The server ended as soon as it was started.
    #[error("PostgreSQL ended while starting: {gist} (log: {log})", log = log.display())]
    EndedWhileStarting {
        /// The line that says why.
        gist: String,
        /// The server's log.
        log: PathBuf,
    },
    /// The server was started again and again and always ended.
    #[error(
        "PostgreSQL could not be started, {attempts} attempts: {gist} (log: {log})",
        log = log.display()
    )]
    NotStarting {
        /// How often it was tried.
        attempts: usize,
        /// The line that says why the last one failed.
        gist: String,
        /// The server's log.
        log: PathBuf,
    },
    /// The operating system said no.
    #[error("cannot {doing} {path}: {source}", path = path.display())]
    Io {
        /// The verb.
        doing: &'static str,
        /// Its object.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl ClusterError {
    /// Turns the system's answer into ours: for `map_err`.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
