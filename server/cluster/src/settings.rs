//! What the caller decides about the cluster.

use std::path::PathBuf;

use crate::installation::SearchPaths;

/// How the cluster is to be run.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) data_dir: PathBuf,
    pub(crate) search_paths: SearchPaths,
    pub(crate) options: Vec<(String, String)>,
    pub(crate) throw_away: bool,
}

impl Settings {
    /// The settings for real use: everything that is committed survives a crash.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            search_paths: SearchPaths::system(),
            options: Vec::new(),
            throw_away: false,
        }
    }

    /// Sets one of the server's own settings, over ours.
    #[must_use]
    pub fn option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.push((name.into(), value.into()));
        self
    }

    /// Looks for binaries elsewhere than the system keeps them.
    #[must_use]
    pub fn search_paths(mut self, search_paths: SearchPaths) -> Self {
        self.search_paths = search_paths;
        self
    }

    /// Trades the safety of the data when the machine fails for speed: for tests only.
    #[must_use]
    pub fn throw_away(mut self) -> Self {
        self.throw_away = true;
        self.option("fsync", "off").option("full_page_writes", "off")
    }
}
