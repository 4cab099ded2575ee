//! Where the cluster lives.
//!
//! Usually `<data_dir>/postgres`. Where PostgreSQL's account cannot reach that (root's checkout in
//! `/root`, say), the home is under `/var/lib/command-center` and the data directory holds a link.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::error::ClusterError;
use crate::fingerprint::fingerprint;
use crate::lock::Lock;
use crate::postmaster::Postmaster;
use crate::private_directory::ensure_private;

const REACHABLE_PLACE: &str = "/var/lib/command-center";

/// The directory that holds the cluster's data and, usually, its socket.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    path: PathBuf,
}

impl Home {
    /// The name under which the data directory knows the home.
    pub(crate) fn entrance(data_dir: &Path) -> PathBuf {
        data_dir.join("postgres")
    }

    /// Finds the home, or gives it a place where the account can reach it.
    pub(crate) async fn settle(data_dir: &Path, account: &Account) -> Result<Self, ClusterError> {
        let entrance = Self::entrance(data_dir);
        let path = match fs::symlink_metadata(&entrance) {
            Ok(metadata) if metadata.is_symlink() => linked_home(&entrance)?,
            Ok(_) => entrance,
            Err(_) if account.reaches(data_dir).await => entrance,
            Err(_) => home_elsewhere(data_dir, account).await?,
        };
        ensure_private(&path, account)?;
        if !account.reaches(&path).await {
            return Err(ClusterError::OutOfReach { dir: path, account: account.name().to_owned() });
        }
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The cluster's data, which exists once the cluster is made.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// The major version that made the data, if there is data.
    pub(crate) fn major(&self) -> Result<Option<u32>, ClusterError> {
        let data = self.data();
        if !data.exists() {
            return Ok(None);
        }
        let path = data.join("PG_VERSION");
        let version = fs::read_to_string(&path).map_err(ClusterError::io("read", &path))?;
        let malformed = |_| io::Error::new(io::ErrorKind::InvalidData, "it holds no version");
        version.trim().parse().map(Some).map_err(malformed).map_err(ClusterError::io("read", &path))
    }
}

fn linked_home(entrance: &Path) -> Result<PathBuf, ClusterError> {
    match fs::canonicalize(entrance) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let target = fs::read_link(entrance).map_err(ClusterError::io("read the link", entrance))?;
            Err(ClusterError::DataGone { link: entrance.to_owned(), target })
        }
        found => found.map_err(ClusterError::io("follow", entrance)),
    }
}

async fn home_elsewhere(data_dir: &Path, account: &Account) -> Result<PathBuf, ClusterError> {
    let place = Path::new(REACHABLE_PLACE);
    fs::create_dir_all(place).map_err(ClusterError::io("create", place))?;
    // Whatever the umask, the account must be able to pass through.
    fs::set_permissions(place, Permissions::from_mode(0o755)).map_err(ClusterError::io("open", place))?;
    let home = place.join(fingerprint(data_dir));
    if home.join("data").exists() {
        set_aside(&home).await?;
    }
    ensure_private(&home, account)?;
    let entrance = Home::entrance(data_dir);
    symlink(&home, &entrance).map_err(ClusterError::io("link", &entrance))?;
    tracing::info!(
        user = account.name(),
        home = %home.display(),
        link = %entrance.display(),
        "PostgreSQL's user cannot reach the data directory; its data is kept elsewhere"
    );
    Ok(home)
}

/// Makes room for a new home where one stands that no link leads to: somebody removed the data
/// directory to begin anew. What they did not see is kept.
async fn set_aside(home: &Path) -> Result<(), ClusterError> {
    let _lock = Lock::take_home(home)?;
    if let Some(orphan) = Postmaster::running_on(&home.join("data")) {
        orphan.stop().await;
    }
    let aside = (1u32..)
        .map(|number| home.with_extension(number.to_string()))
        .find(|aside| !aside.exists())
        .expect("a directory holds fewer entries than there are numbers");
    fs::rename(home, &aside).map_err(ClusterError::io("set aside", home))?;
    tracing::warn!(kept = %aside.display(), "the data directory was removed but its data was kept; beginning anew");
    Ok(())
}
