//! The file that holds what PostgreSQL and its tools say.
//!
//! It lies in the data directory and not in the home: the account writes to it only through the
//! descriptor it is given, so root never opens a file in a place the account could have rigged.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::error::ClusterError;
use crate::tool::gist;

const LONGEST: u64 = 16 * 1024 * 1024;

/// The log of one cluster.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    path: PathBuf,
}

impl Log {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The file, open for adding to its end.
    pub(crate) fn open(&self) -> Result<File, ClusterError> {
        let open = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path);
        open.map_err(ClusterError::io("open", &self.path))
    }

    /// Adds what a tool said; a log that cannot be written must not hide the tool's own failure.
    pub(crate) fn add(&self, said: &str) {
        let written = self.open().map(|mut file| file.write_all(said.as_bytes()));
        if !matches!(written, Ok(Ok(()))) {
            tracing::warn!(log = %self.path.display(), "PostgreSQL's log cannot be written");
        }
    }

    pub(crate) fn length(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    /// The line that matters among those added after `start`.
    pub(crate) fn gist_since(&self, start: u64) -> String {
        let bytes = fs::read(&self.path).unwrap_or_default();
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        gist(&String::from_utf8_lossy(bytes.get(start..).unwrap_or_default()))
    }

    /// Sets a long log aside and begins anew. The server keeps the file open for appending, so the
    /// file stays and only its content moves.
    pub(crate) fn shorten(&self) {
        if self.length() > LONGEST
            && let Err(error) = self.set_aside()
        {
            tracing::warn!(log = %self.path.display(), %error, "PostgreSQL's log could not be shortened");
        }
    }

    fn set_aside(&self) -> io::Result<()> {
        fs::copy(&self.path, self.path.with_extension("log.old"))?;
        OpenOptions::new().write(true).open(&self.path)?.set_len(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_after_the_start_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::new(dir.path().join("postgres.log"));
        log.add("FATAL:  yesterday's trouble\n");
        let start = log.length();

        log.add("FATAL:  today's trouble\n");

        assert_eq!(log.gist_since(start), "today's trouble");
    }

    #[test]
    fn a_long_log_is_set_aside_while_the_server_goes_on_writing() {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::new(dir.path().join("postgres.log"));
        let mut server = log.open().unwrap();
        server.set_len(LONGEST + 1).unwrap();

        log.shorten();
        server.write_all(b"still here\n").unwrap();

        assert_eq!(fs::read_to_string(log.path()).unwrap(), "still here\n");
        assert!(dir.path().join("postgres.log.old").exists());
    }
}
