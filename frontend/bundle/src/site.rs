//! The directory the server embeds.

use std::fs;
use std::path::{Path, PathBuf};

use crate::asset::Asset;
use crate::error::BundleError;

/// The file that lists what the directory holds; its first line says what it was made from.
const MANIFEST: &str = "manifest.txt";

/// The directory the server embeds.
#[derive(Debug)]
pub(crate) struct Site {
    directory: PathBuf,
}

impl Site {
    /// Names the directory; it need not exist.
    pub(crate) fn at(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// Whether the directory was made, whole, from these inputs.
    pub(crate) fn was_made_from(&self, fingerprint: &str) -> bool {
        let Ok(manifest) = fs::read_to_string(self.directory.join(MANIFEST)) else { return false };
        manifest.lines().next() == Some(&inputs_line(fingerprint))
    }

    /// Writes a new directory beside the old one and puts it in its place, so that no reader
    /// ever sees half of it. The manifest is written last: a directory without it is unfinished.
    pub(crate) fn publish(&self, fingerprint: &str, assets: &[Asset]) -> Result<(), BundleError> {
        let staged = self.sibling("new");
        remove(&staged)?;
        fs::create_dir_all(&staged).map_err(BundleError::at(&staged))?;
        for (name, bytes) in assets.iter().flat_map(Asset::files) {
            write(&staged.join(name), bytes)?;
        }
        write(&staged.join(MANIFEST), manifest(fingerprint, assets).as_bytes())?;
        self.replace_with(&staged)
    }

    fn replace_with(&self, staged: &Path) -> Result<(), BundleError> {
        let retired = self.sibling("old");
        remove(&retired)?;
        if self.directory.exists() {
            fs::rename(&self.directory, &retired).map_err(BundleError::at(&self.directory))?;
        }
        fs::rename(staged, &self.directory).map_err(BundleError::at(&self.directory))?;
        remove(&retired)
    }

    fn sibling(&self, suffix: &str) -> PathBuf {
        self.directory.with_added_extension(suffix)
    }
}

fn inputs_line(fingerprint: &str) -> String {
    format!("inputs\t{fingerprint}")
}

fn manifest(fingerprint: &str, assets: &[Asset]) -> String {
    let mut lines = vec![inputs_line(fingerprint)];
    lines.extend(assets.iter().map(Asset::manifest_line));
    lines.join("\n") + "\n"
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), BundleError> {
    fs::write(path, bytes).map_err(BundleError::at(path))
}

fn remove(directory: &Path) -> Result<(), BundleError> {
    if !directory.exists() {
        return Ok(());
    }
    fs::remove_dir_all(directory).map_err(BundleError::at(directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets(text: &str) -> Vec<Asset> {
        vec![Asset::new("command-center.css", text.as_bytes().to_vec()).unwrap()]
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_published_directory_holds_every_file_its_siblings_and_the_manifest() {
        let target = tempfile::tempdir().unwrap();
        let site = Site::at(&target.path().join("site"));
        let assets = assets("a{}");

        site.publish("f00d", &assets).unwrap();

        let file = assets[0].file();
        let expected = [file.to_owned(), format!("{file}.br"), format!("{file}.gz"), MANIFEST.to_owned()];
        assert_eq!(names(&site.directory), expected);
        let manifest = fs::read_to_string(site.directory.join(MANIFEST)).unwrap();
        assert_eq!(manifest, format!("inputs\tf00d\n{}\n", assets[0].manifest_line()));
    }

    #[test]
    fn a_directory_left_from_an_older_build_is_replaced_whole() {
        let target = tempfile::tempdir().unwrap();
        let site = Site::at(&target.path().join("site"));
        site.publish("old", &assets("a{}")).unwrap();
        fs::write(site.directory.join("leftover"), "").unwrap();

        let newer = assets("b{}");
        site.publish("new", &newer).unwrap();

        assert_eq!(names(target.path()), ["site"]);
        assert!(names(&site.directory).contains(&newer[0].file().to_owned()));
        assert_eq!(names(&site.directory).len(), 4);
    }

    #[test]
    fn what_an_interrupted_run_left_behind_does_not_matter() {
        let target = tempfile::tempdir().unwrap();
        let site = Site::at(&target.path().join("site"));
        fs::create_dir_all(site.sibling("new").join("half")).unwrap();
        fs::create_dir_all(site.sibling("old")).unwrap();

        site.publish("f00d", &assets("a{}")).unwrap();

        assert_eq!(names(target.path()), ["site"]);
    }

    #[test]
    fn unchanged_inputs_are_recognised() {
        let target = tempfile::tempdir().unwrap();
        let site = Site::at(&target.path().join("site"));
        assert!(!site.was_made_from("f00d"));

        site.publish("f00d", &assets("a{}")).unwrap();

        assert!(site.was_made_from("f00d"));
        assert!(!site.was_made_from("beef"));
    }
}
