//! One app per data directory, held by the kernel, so that it ends with the app however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::Path;

use crate::error::ClusterError;

/// The right to use a directory. Children do not inherit it: Rust opens files close-on-exec.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes `<dir>/lock` and leaves our pid in it, for the one who is refused.
    pub(crate) fn take(dir: &Path) -> Result<Self, ClusterError> {
        let path = dir.join("lock");
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = open.map_err(ClusterError::io("open", &path))?;
        hold(&file, dir, || holder(&path))?;
        sign(&file).map_err(ClusterError::io("write", &path))?;
        Ok(Self { _file: file })
    }

    /// Takes the directory itself: two data directories may lead to one home by copied links.
    pub(crate) fn take_home(home: &Path) -> Result<Self, ClusterError> {
        let file = File::open(home).map_err(ClusterError::io("open", home))?;
        hold(&file, home, || None)?;
        Ok(Self { _file: file })
    }
}

fn hold(file: &File, dir: &Path, holder: impl FnOnce() -> Option<u32>) -> Result<(), ClusterError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(ClusterError::InUse { dir: dir.to_owned(), pid: holder() }),
        Err(TryLockError::Error(error)) => Err(ClusterError::io("lock", dir)(error)),
    }
}

fn holder(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn sign(mut file: &File) -> std::io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_and_told_who_was_first() {
        let dir = tempfile::tempdir().unwrap();
        let _first = Lock::take(dir.path()).unwrap();

        let error = Lock::take(dir.path()).unwrap_err();

        let (pid, dir) = (std::process::id(), dir.path().display());
        assert_eq!(
            error.to_string(),
            format!("another Command Center (pid {pid}) is already using {dir}; stop it first")
        );
    }

    #[test]
    fn a_lock_that_was_let_go_can_be_taken_again() {
        let dir = tempfile::tempdir().unwrap();
        drop(Lock::take(dir.path()).unwrap());

        assert!(Lock::take(dir.path()).is_ok());
    }
}
