//! The note a postmaster leaves in its data: who it is, where it listens, how far it is.

use std::fs;
use std::path::{Path, PathBuf};

/// What `postmaster.pid` says. A young server has not written all of it yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: i32,
    pub(crate) socket_dir: Option<PathBuf>,
    pub(crate) status: Status,
}

/// How far the server is, by its own word.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Status {
    /// It does not take connections yet.
    Starting,
    /// It takes connections.
    Ready,
    /// It is on its way out.
    Stopping,
}

impl PidFile {
    pub(crate) fn path(data: &Path) -> PathBuf {
        data.join("postmaster.pid")
    }

    pub(crate) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(Self::path(data)).ok()?)
    }

    /// One fact a line: pid, data, start time, port, socket directory, address, memory, status.
    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let pid = lines.first()?.parse().ok().filter(|pid| *pid > 0)?;
        let socket_dir = lines.get(4).filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let status = match lines.get(7) {
            Some(&"ready") => Status::Ready,
            Some(&"stopping") => Status::Stopping,
            _ => Status::Starting,
        };
        Some(Self { pid, socket_dir, status })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complete_note_is_understood() {
        let text = "4711\n/srv/data\n1700000000\n5432\n/srv/socket\n\n  123   456\nready   \n";

        let file = PidFile::parse(text).unwrap();

        let socket_dir = Some(PathBuf::from("/srv/socket"));
        assert_eq!(file, PidFile { pid: 4711, socket_dir, status: Status::Ready });
    }

    #[test]
    fn a_note_still_being_written_means_starting() {
        let file = PidFile::parse("4711\n/srv/data\n").unwrap();

        assert_eq!(file, PidFile { pid: 4711, socket_dir: None, status: Status::Starting });
    }

    #[test]
    fn nonsense_is_no_note() {
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("-5\n"), None);
    }
}
