//! Where the server listens: a private directory whose path is short enough for a socket.

use std::fs;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::error::ClusterError;
use crate::fingerprint::fingerprint;
use crate::private_directory::ensure_private;

/// The port names the socket; nothing listens on the network.
pub(crate) const PORT: u16 = 5432;

/// What every system allows for the path of a unix socket.
const LONGEST_PATH: usize = 103;

/// The directory of the server's socket.
#[derive(Clone, Debug)]
pub(crate) struct SocketDir {
    path: PathBuf,
}

impl SocketDir {
    /// In the home where that is possible, else in the system's place for short-lived files.
    pub(crate) fn of_home(home: &Path, account: &Account) -> Self {
        let within = home.join("socket");
        if is_usable(&within) {
            return Self { path: within };
        }
        let name = format!("command-center-{}", fingerprint(home));
        Self { path: short_lived_files(account).join(name) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes sure that the directory is there and private; a cleaner may have taken it away.
    pub(crate) fn ensure(&self, account: &Account) -> Result<(), ClusterError> {
        ensure_private(&self.path, account)
    }

    /// The note a server leaves beside its socket.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.path.join(format!("{}.lock", socket_name()))
    }

    /// Removes the directory where it lies outside of the home.
    pub(crate) fn clear_away(&self, home: &Path) {
        if !self.path.starts_with(home) && fs::remove_dir(&self.path).is_err() {
            tracing::debug!(dir = %self.path.display(), "the socket directory stays behind");
        }
    }
}

/// Root has a place where no other user can stand in the way.
fn short_lived_files(account: &Account) -> &'static Path {
    let run = Path::new("/run");
    if account.is_dropped() && run.is_dir() { run } else { Path::new("/tmp") }
}

/// The server takes a list of directories, so the path must also be free of what a list would
/// split or unquote.
fn is_usable(dir: &Path) -> bool {
    let socket = dir.join(socket_name());
    let bytes = socket.as_os_str().as_encoded_bytes();
    bytes.len() <= LONGEST_PATH
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(byte))
}

fn socket_name() -> String {
    format!(".s.PGSQL.{PORT}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_usable_up_to_the_length_of_a_socket() {
        let file = "/".len() + socket_name().len();

        assert!(is_usable(Path::new(&format!("/{}", "d".repeat(LONGEST_PATH - file - 1)))));
        assert!(!is_usable(Path::new(&format!("/{}", "d".repeat(LONGEST_PATH - file)))));
    }

    #[test]
    fn a_path_that_a_list_would_split_is_not_usable() {
        assert!(!is_usable(Path::new("/srv/a,b")));
        assert!(!is_usable(Path::new("/srv/a b")));
    }
}
