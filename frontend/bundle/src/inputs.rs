//! What a bundle is made from.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::BundleError;

/// A file by its name inside its directory.
pub(crate) type Named<T> = (String, T);

/// Everything a bundle is made from, read into memory.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) wasm: Vec<u8>,
    pub(crate) stylesheets: Vec<Named<String>>,
    pub(crate) fonts: Vec<Named<Vec<u8>>>,
    pub(crate) icons: Vec<Named<Vec<u8>>>,
}

impl Inputs {
    /// Reads the module and, from the style directory, `*.css`, `*.svg` and `fonts/*.woff2`.
    pub(crate) fn read(wasm: &Path, style: &Path) -> Result<Self, BundleError> {
        Ok(Self {
            wasm: read(wasm)?,
            stylesheets: stylesheets(style)?,
            fonts: files(&style.join("fonts"), "woff2")?,
            icons: files(style, "svg")?,
        })
    }

    /// A hash over all inputs, the program that bundles them and the optimizer asked for, so that
    /// a change in any of them makes a new bundle. The program is known by its size and age: reading
    /// all of it would take longer than everything else.
    pub(crate) fn fingerprint(
        &self,
        program: &Path,
        optimizer: Option<&Path>,
    ) -> Result<String, BundleError> {
        let program = fs::metadata(program).map_err(BundleError::at(program))?;
        let mut hash = Sha256::new();
        add(&mut hash, "program", format!("{} {:?}", program.len(), program.modified().ok()).as_bytes());
        add(&mut hash, "optimizer", optimizer.unwrap_or(Path::new("")).as_os_str().as_encoded_bytes());
        self.add_to(&mut hash);
        Ok(hex::encode(hash.finalize()))
    }

    fn add_to(&self, hash: &mut Sha256) {
        add(hash, "wasm", &self.wasm);
        self.stylesheets.iter().for_each(|(name, text)| add(hash, name, text.as_bytes()));
        self.fonts.iter().chain(&self.icons).for_each(|(name, bytes)| add(hash, name, bytes));
    }
}

/// Adds one part with its length, so that no two sets of parts read the same.
fn add(hash: &mut Sha256, name: &str, bytes: &[u8]) {
    hash.update(format!("{name}\n{}\n", bytes.len()));
    hash.update(bytes);
}

/// The stylesheets in the order they are joined: `tokens.css`, `base.css`, then by name.
fn stylesheets(style: &Path) -> Result<Vec<Named<String>>, BundleError> {
    let mut sheets = Vec::new();
    for (name, bytes) in files(style, "css")? {
        let Ok(text) = String::from_utf8(bytes) else {
            return Err(BundleError::Stylesheet { stylesheet: name, reason: "is not UTF-8 text" });
        };
        sheets.push((name, text));
    }
    sheets.sort_by_key(|(name, _)| rank(name));
    Ok(sheets)
}

/// Lower comes first; equal ranks keep their alphabetical order.
fn rank(stylesheet: &str) -> u8 {
    match stylesheet {
        "tokens.css" => 0,
        "base.css" => 1,
        _ => 2,
    }
}

/// The files of one kind in a directory, by name; a missing directory holds none.
fn files(directory: &Path, extension: &str) -> Result<Vec<Named<Vec<u8>>>, BundleError> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(BundleError::at(directory))? {
        paths.push(entry.map_err(BundleError::at(directory))?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    paths.iter().map(|path| Ok((name_of(path), read(path)?))).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(path: &Path) -> Result<Vec<u8>, BundleError> {
    fs::read(path).map_err(BundleError::at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        directory
    }

    fn fingerprint_of(style: &tempfile::TempDir) -> String {
        let inputs = Inputs::read(&style.path().join("page.wasm"), style.path()).unwrap();
        inputs.fingerprint(Path::new("/"), None).unwrap()
    }

    #[test]
    fn tokens_come_first_then_base_then_the_rest_by_name() {
        let style = style_with(&[("zebra.css", ""), ("base.css", ""), ("alert.css", ""), ("tokens.css", "")]);

        let names: Vec<_> = stylesheets(style.path()).unwrap().into_iter().map(|(name, _)| name).collect();

        assert_eq!(names, ["tokens.css", "base.css", "alert.css", "zebra.css"]);
    }

    #[test]
    fn only_fonts_and_icons_the_browser_needs_are_read() {
        let style = style_with(&[
            ("page.wasm", ""),
            ("favicon.svg", "<svg/>"),
            ("fonts/inter-latin.woff2", "font"),
            ("fonts/OFL.txt", "licence"),
        ]);

        let inputs = Inputs::read(&style.path().join("page.wasm"), style.path()).unwrap();

        assert_eq!(inputs.fonts, [("inter-latin.woff2".to_owned(), b"font".to_vec())]);
        assert_eq!(inputs.icons, [("favicon.svg".to_owned(), b"<svg/>".to_vec())]);
    }

    #[test]
    fn a_changed_stylesheet_changes_the_fingerprint() {
        let style = style_with(&[("page.wasm", "module"), ("base.css", "a{}")]);
        let before = fingerprint_of(&style);
        assert_eq!(fingerprint_of(&style), before);

        fs::write(style.path().join("base.css"), "b{}").unwrap();

        assert_ne!(fingerprint_of(&style), before);
    }

    #[test]
    fn moving_text_from_one_stylesheet_to_the_next_changes_the_fingerprint() {
        let one = style_with(&[("page.wasm", ""), ("a.css", "a{}b{}"), ("b.css", "")]);
        let other = style_with(&[("page.wasm", ""), ("a.css", "a{}"), ("b.css", "b{}")]);

        assert_ne!(fingerprint_of(&one), fingerprint_of(&other));
    }

    #[test]
    fn asking_for_an_optimizer_changes_the_fingerprint() {
        let style = style_with(&[("page.wasm", "module")]);
        let inputs = Inputs::read(&style.path().join("page.wasm"), style.path()).unwrap();

        let optimized = inputs.fingerprint(Path::new("/"), Some(Path::new("wasm-opt"))).unwrap();

        assert_ne!(optimized, inputs.fingerprint(Path::new("/"), None).unwrap());
    }

    #[test]
    fn a_missing_module_is_named_in_the_error() {
        let style = style_with(&[]);

        let error = Inputs::read(&style.path().join("page.wasm"), style.path()).unwrap_err();

        assert!(error.to_string().contains("page.wasm"), "{error}");
    }
}
