//! The OS account PostgreSQL runs as.
//!
//! PostgreSQL refuses to run as root. An ordinary user runs it as itself; root hands it to the
//! owner of existing data, else to `postgres`, else to a user of our own.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;

use nix::unistd::{Uid, User, getegid, geteuid};
use tokio::process::Command;

use crate::error::ClusterError;
use crate::tool::gist;

const OUR_USER: &str = "command-center";
const USERADD: &str = "/usr/sbin/useradd";

/// All that PostgreSQL's programs get from our environment: the rest holds secrets, or variables
/// that would bend what they do.
const KEPT_VARIABLES: [&str; 2] = ["PATH", "LD_LIBRARY_PATH"];

/// An OS account, and whether we have to change into it.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    name: String,
    uid: u32,
    gid: u32,
    dropped: bool,
}

impl Account {
    /// The account for the home at this path, which may not exist yet.
    pub(crate) async fn for_home(home: &Path) -> Result<Self, ClusterError> {
        let owner = owner_of(home)?;
        if !geteuid().is_root() {
            return Self::ourselves(home, owner);
        }
        match owner {
            Some(owner) if owner.uid != 0 => Ok(owner.account()),
            _ => Self::for_root().await,
        }
    }

    /// Whether this process may give files to the account.
    pub(crate) fn is_dropped(&self) -> bool {
        self.dropped
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn uid(&self) -> u32 {
        self.uid
    }

    pub(crate) fn gid(&self) -> u32 {
        self.gid
    }

    /// A command that will run as this account, from a directory everybody may enter.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(KEPT_VARIABLES.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        if self.dropped {
            // Setting the uid also clears the supplementary groups.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether the account may pass into the directory; asked of the kernel, which alone knows.
    pub(crate) async fn reaches(&self, dir: &Path) -> bool {
        if !self.dropped {
            return true;
        }
        let test = self.command(Path::new("test")).arg("-x").arg(dir).status().await;
        test.is_ok_and(|status| status.success())
    }

    fn ourselves(home: &Path, owner: Option<Owner>) -> Result<Self, ClusterError> {
        let ourselves = Owner { uid: geteuid().as_raw(), gid: getegid().as_raw() };
        let account = Self { dropped: false, ..ourselves.account() };
        match owner {
            Some(owner) if owner.uid != account.uid => {
                Err(ClusterError::NotOurs { dir: home.to_owned(), owner: owner.uid, account: account.name })
            }
            _ => Ok(account),
        }
    }

    async fn for_root() -> Result<Self, ClusterError> {
        if let Some(account) = named("postgres").or_else(|| named(OUR_USER)) {
            return Ok(account);
        }
        let added = add_our_user().await;
        // Even where it failed: another app may have added the user at the same moment.
        match named(OUR_USER) {
            Some(account) => Ok(account),
            None => Err(ClusterError::NoAccount {
                reason: added.err().unwrap_or_else(|| "it is not there after useradd".to_owned()),
            }),
        }
    }
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw(), dropped: true }
    }
}

fn named(name: &str) -> Option<Account> {
    User::from_name(name).ok().flatten().map(Account::from)
}

/// Adds the user; says why where it cannot.
async fn add_our_user() -> Result<(), String> {
    let arguments =
        ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", OUR_USER];
    let output = Command::new(USERADD).args(arguments).output().await;
    let output = output.map_err(|error| format!("{USERADD}: {error}"))?;
    if !output.status.success() {
        return Err(gist(&String::from_utf8_lossy(&output.stderr)));
    }
    tracing::info!(user = OUR_USER, "added a system user for PostgreSQL");
    Ok(())
}

/// Whose a file is.
#[derive(Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

impl Owner {
    /// The owner as an account; containers know owners that have no name.
    fn account(self) -> Account {
        let Self { uid, gid } = self;
        let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
        Account { name: user.map_or_else(|| format!("uid {uid}"), |user| user.name), uid, gid, dropped: true }
    }
}

/// Who owns what stands at the path, following a link.
fn owner_of(path: &Path) -> Result<Option<Owner>, ClusterError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(Owner { uid: metadata.uid(), gid: metadata.gid() })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ClusterError::io("look at", path)(error)),
    }
}
