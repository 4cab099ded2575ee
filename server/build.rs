//! Puts the files `bundle` made into the binary.
//!
//! On a checkout where nothing has been bundled yet the table is empty, so that checks and tests
//! compile without the frontend.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let site = site()?;
    watch(&site)?;
    let generated = table(&site, &manifest(&site)?)?;
    let out = PathBuf::from(env::var("OUT_DIR")?).join("assets.rs");
    fs::write(out, generated)?;
    Ok(())
}

/// `COMMAND_CENTER_SITE`, or `site` in the directory cargo builds into.
fn site() -> Result<PathBuf, Box<dyn Error>> {
    let workspace = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
    let target = workspace.join(variable("CARGO_TARGET_DIR").unwrap_or_else(|| "target".to_owned()));
    let site = variable("COMMAND_CENTER_SITE").map(|site| workspace.join(site));
    Ok(site.unwrap_or_else(|| target.join("site")))
}

fn variable(name: &str) -> Option<String> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Cargo takes a watched path that is not there for a change at every build, so the directory is
/// made when it is missing.
fn watch(site: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", site.display());
    Ok(fs::create_dir_all(site)?)
}

/// The lines of the manifest that name files; none when nothing has been bundled.
fn manifest(site: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let path = site.join("manifest.txt");
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(path)?;
    Ok(text.lines().skip(1).map(str::to_owned).collect())
}

fn table(site: &Path, manifest: &[String]) -> Result<String, Box<dyn Error>> {
    let site = site.canonicalize()?;
    let entries = manifest.iter().map(|line| entry(&site, line)).collect::<Result<Vec<_>, _>>()?;
    Ok(format!(
        "/// Whether the files a browser needs are in this binary.\n\
         pub const BUILT: bool = {};\n\n\
         static ASSETS: &[Asset] = &[\n{}];\n",
        !entries.is_empty(),
        entries.concat()
    ))
}

/// One file as an expression of type `Asset`.
fn entry(site: &Path, line: &str) -> Result<String, Box<dyn Error>> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [logical, file, content_type, hash] = fields.as_slice() else {
        return Err(format!("the manifest holds a line that names no file: {line}").into());
    };
    let identity = site.join(file);
    let brotli = site.join(format!("{file}.br"));
    let gzip = site.join(format!("{file}.gz"));
    Ok(format!(
        "    Asset {{ logical: {logical:?}, href: {:?}, content_type: {content_type:?}, hash: {hash:?}, \
         identity: include_bytes!({identity:?}), brotli: {}, gzip: {} }},\n",
        format!("/assets/{file}"),
        embedded(&brotli),
        embedded(&gzip),
    ))
}

fn embedded(path: &Path) -> String {
    if path.exists() { format!("Some(include_bytes!({path:?}))") } else { "None".to_owned() }
}
