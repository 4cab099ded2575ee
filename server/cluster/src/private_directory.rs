//! Directories that only PostgreSQL's account may enter.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown};
use std::path::Path;

use crate::account::Account;
use crate::error::ClusterError;

const PRIVATE: u32 = 0o700;

/// Makes the directory if it is missing, and makes sure that it is the account's alone.
pub(crate) fn ensure_private(dir: &Path, account: &Account) -> Result<(), ClusterError> {
    make(dir)?;
    let metadata = fs::symlink_metadata(dir).map_err(ClusterError::io("look at", dir))?;
    if !metadata.is_dir() {
        return Err(ClusterError::NotADirectory { dir: dir.to_owned() });
    }
    give(dir, &metadata, account)?;
    fs::set_permissions(dir, Permissions::from_mode(PRIVATE)).map_err(ClusterError::io("protect", dir))
}

fn make(dir: &Path) -> Result<(), ClusterError> {
    match DirBuilder::new().mode(PRIVATE).create(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(ClusterError::io("create", dir)(error))
        }
        _ => Ok(()),
    }
}

/// Gives the directory to the account. Only root's may be given: another's may hold traps.
fn give(dir: &Path, metadata: &Metadata, account: &Account) -> Result<(), ClusterError> {
    if metadata.uid() == account.uid() {
        return Ok(());
    }
    if account.is_dropped() && metadata.uid() == 0 {
        return lchown(dir, Some(account.uid()), Some(account.gid()))
            .map_err(ClusterError::io("hand over", dir));
    }
    Err(ClusterError::NotOurs {
        dir: dir.to_owned(),
        owner: metadata.uid(),
        account: account.name().to_owned(),
    })
}
