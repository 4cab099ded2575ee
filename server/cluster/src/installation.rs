//! Which PostgreSQL binaries this machine has, and which of them to use.
//!
//! To look in another place, add it to [`SearchPaths::bin_dirs`]; the earlier wins.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::error::ClusterError;

/// The oldest major version the program works with.
pub const OLDEST_MAJOR: u32 = 15;

const DEBIAN: &str = "/usr/lib/postgresql";

/// What we run besides the server.
const TOOLS: [&str; 2] = ["initdb", "psql"];

/// Where to look for binaries.
#[derive(Clone, Debug)]
pub struct SearchPaths {
    /// Directories as in `PATH`; also searched for `pg_config`.
    pub path: Vec<PathBuf>,
    /// A directory laid out like Debian's `/usr/lib/postgresql`: `<major>/bin`.
    pub debian: PathBuf,
}

impl SearchPaths {
    /// Where binaries usually are.
    pub fn system() -> Self {
        let path = env::var_os("PATH").unwrap_or_default();
        Self { path: env::split_paths(&path).collect(), debian: PathBuf::from(DEBIAN) }
    }

    async fn bin_dirs(&self) -> Vec<PathBuf> {
        let mut dirs = self.path.clone();
        dirs.extend(debian_bin_dirs(&self.debian));
        dirs.extend(self.bin_dir_by_pg_config().await);
        dirs.iter().filter_map(|dir| real_bin_dir(dir)).collect()
    }

    async fn bin_dir_by_pg_config(&self) -> Option<PathBuf> {
        let pg_config = self.path.iter().map(|dir| dir.join("pg_config")).find(|file| file.is_file())?;
        said_by(&pg_config, "--bindir").await.map(PathBuf::from)
    }
}

/// A set of PostgreSQL binaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    bin_dir: PathBuf,
    version: String,
    major: u32,
}

impl Installation {
    /// The installation a new cluster would be made with.
    pub async fn find() -> Result<Self, ClusterError> {
        Self::find_in(&SearchPaths::system()).await
    }

    /// The same, looking elsewhere.
    pub async fn find_in(search_paths: &SearchPaths) -> Result<Self, ClusterError> {
        Ok(Installations::find(search_paths).await?.preferred)
    }

    /// The directory of its binaries.
    pub fn bin_dir(&self) -> &Path {
        &self.bin_dir
    }

    /// Its version as it says it, such as `15.12`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Its major version.
    pub fn major(&self) -> u32 {
        self.major
    }

    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }

    async fn at(bin_dir: PathBuf) -> Option<Self> {
        let said = said_by(&bin_dir.join("postgres"), "--version").await?;
        let (version, major) = parse_version(&said)?;
        Some(Self { bin_dir, version, major })
    }
}

/// All installations new enough, of which there is at least one.
#[derive(Debug)]
pub(crate) struct Installations {
    preferred: Installation,
    usable: Vec<Installation>,
}

impl Installations {
    pub(crate) async fn find(search_paths: &SearchPaths) -> Result<Self, ClusterError> {
        let mut found = Vec::new();
        for bin_dir in search_paths.bin_dirs().await {
            found.extend(Installation::at(bin_dir).await);
        }
        Self::among(found)
    }

    /// The one to make a new cluster with.
    pub(crate) fn preferred(self) -> Installation {
        self.preferred
    }

    /// The one that can open data made by the given major version.
    pub(crate) fn of_major(self, major: u32, data: &Path) -> Result<Installation, ClusterError> {
        let same = self.usable.into_iter().find(|installation| installation.major == major);
        same.ok_or_else(|| ClusterError::MajorNotInstalled { data: data.to_owned(), major })
    }

    fn among(found: Vec<Installation>) -> Result<Self, ClusterError> {
        let (usable, old): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.major >= OLDEST_MAJOR);
        if let Some(preferred) = usable.first().cloned() {
            return Ok(Self { preferred, usable });
        }
        match old.into_iter().max_by_key(|one| one.major) {
            Some(newest) => Err(ClusterError::TooOld { found: newest.version, bin_dir: newest.bin_dir }),
            None => Err(ClusterError::NotInstalled),
        }
    }
}

/// The directory that the server really lies in, if the tools we need lie beside it: what is on the
/// path may be links to some of them.
fn real_bin_dir(dir: &Path) -> Option<PathBuf> {
    let server = fs::canonicalize(dir.join("postgres")).ok()?;
    let bin_dir = server.parent()?;
    TOOLS.iter().all(|tool| bin_dir.join(tool).is_file()).then(|| bin_dir.to_owned())
}

/// The `<major>/bin` directories, newest first.
fn debian_bin_dirs(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root) else { return Vec::new() };
    let mut majors: Vec<(u32, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((leading_number(entry.file_name().to_str()?)?, entry.path().join("bin"))))
        .collect();
    majors.sort_by_key(|(major, _)| Reverse(*major));
    majors.into_iter().map(|(_, bin_dir)| bin_dir).collect()
}

async fn said_by(program: &Path, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().await.ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| said.trim().to_owned())
}

/// The version and its major from `postgres (PostgreSQL) 15.12 (Debian 15.12-0+deb12u2)`.
fn parse_version(said: &str) -> Option<(String, u32)> {
    let (_, after_name) = said.split_once(')')?;
    let version = after_name.split_whitespace().next()?;
    Some((version.to_owned(), leading_number(version)?))
}

fn leading_number(text: &str) -> Option<u32> {
    text.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn nowhere() -> SearchPaths {
        SearchPaths { path: Vec::new(), debian: PathBuf::from("/nonexistent") }
    }

    fn installation(major: u32) -> Installation {
        Installation {
            bin_dir: PathBuf::from(format!("/pg/{major}/bin")),
            version: format!("{major}.2"),
            major,
        }
    }

    /// A Debian-like tree of stand-ins that only know their version.
    fn stand_ins() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/installations")
    }

    #[test]
    fn versions_of_distributions_and_of_previews_are_understood() {
        let debian = parse_version("postgres (PostgreSQL) 15.12 (Debian 15.12-0+deb12u2)");
        let preview = parse_version("postgres (PostgreSQL) 19devel");

        assert_eq!(debian, Some(("15.12".to_owned(), 15)));
        assert_eq!(preview, Some(("19devel".to_owned(), 19)));
        assert_eq!(parse_version("no version at all"), None);
    }

    #[tokio::test]
    async fn a_machine_without_postgresql_is_told_what_to_install() {
        let error = Installation::find_in(&nowhere()).await.unwrap_err();

        assert_eq!(
            error.to_string(),
            "PostgreSQL is not installed; install it with: apt-get install postgresql"
        );
    }

    #[tokio::test]
    async fn a_machine_with_an_old_postgresql_is_told_what_was_found_and_what_is_needed() {
        let old = stand_ins().join("13/bin");
        let search_paths = SearchPaths { path: vec![old.clone()], ..nowhere() };

        let error = Installation::find_in(&search_paths).await.unwrap_err();

        let expected = format!(
            "PostgreSQL 13.14 in {} is too old, 15 or newer is needed; install it with: apt-get install postgresql",
            old.display()
        );
        assert_eq!(error.to_string(), expected);
    }

    #[tokio::test]
    async fn the_newest_of_debians_versions_is_taken() {
        let found = Installation::find_in(&SearchPaths { debian: stand_ins(), ..nowhere() }).await.unwrap();

        assert_eq!((found.major(), found.version()), (17, "17.4"));
    }

    #[tokio::test]
    async fn what_is_on_the_path_goes_before_debians() {
        let search_paths = SearchPaths { path: vec![stand_ins().join("16/bin")], debian: stand_ins() };

        let found = Installation::find_in(&search_paths).await.unwrap();

        assert_eq!(found.bin_dir(), stand_ins().join("16/bin"));
    }

    #[tokio::test]
    async fn an_old_one_on_the_path_does_not_hide_a_new_one() {
        let search_paths = SearchPaths { path: vec![stand_ins().join("13/bin")], debian: stand_ins() };

        let found = Installation::find_in(&search_paths).await.unwrap();

        assert_eq!(found.major(), 17);
    }

    #[tokio::test]
    async fn links_on_the_path_lead_to_the_directory_with_all_tools() {
        let on_path = tempfile::tempdir().unwrap();
        let real = stand_ins().join("16/bin");
        symlink(real.join("postgres"), on_path.path().join("postgres")).unwrap();
        let search_paths = SearchPaths { path: vec![on_path.path().to_owned()], ..nowhere() };

        let found = Installation::find_in(&search_paths).await.unwrap();

        assert_eq!(found.bin_dir(), real);
    }

    #[test]
    fn data_is_opened_by_the_major_that_made_it() {
        let installed = Installations::among(vec![installation(17), installation(15)]).unwrap();

        let chosen = installed.of_major(15, Path::new("/data")).unwrap();

        assert_eq!(chosen, installation(15));
    }

    #[test]
    fn data_of_a_major_that_is_not_installed_is_refused_in_one_line() {
        let installed = Installations::among(vec![installation(17)]).unwrap();

        let error = installed.of_major(16, Path::new("/data")).unwrap_err();

        assert_eq!(
            error.to_string(),
            "the data in /data was made by PostgreSQL 16, which is not installed; install it with: apt-get install postgresql-16"
        );
    }
}
