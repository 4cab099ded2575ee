//! Turns the compiled frontend and the stylesheets into the files a browser asks for.
//!
//! What goes in is read once ([`inputs`]), shaped ([`bindings`], [`optimizer`], [`stylesheet`]),
//! named by its content ([`asset`]) and published as one directory ([`site`]) that
//! `server/build.rs` embeds. A run whose inputs have not changed ends before any of that.
//!
//! To add another kind of file: read it in `inputs.rs` and give it a name in [`assets`].

mod asset;
mod bindings;
mod error;
mod inputs;
mod optimizer;
mod site;
mod stylesheet;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::asset::Asset;
use crate::error::BundleError;
use crate::inputs::Inputs;
use crate::site::Site;

/// The name every file made here starts with.
const NAME: &str = "command-center";

/// Makes the directory of files the server embeds.
#[derive(Debug, Parser)]
struct Options {
    /// The compiled frontend, straight from cargo
    #[arg(long)]
    wasm: PathBuf,
    /// The directory that holds the stylesheets, the icon and the fonts
    #[arg(long)]
    style: PathBuf,
    /// The directory to make or replace
    #[arg(long)]
    out: PathBuf,
    /// The optimizer to run; without it the wasm is left as wasm-bindgen made it
    #[arg(long)]
    wasm_opt: Option<PathBuf>,
}

fn main() -> ExitCode {
    match bundle(&Options::parse()) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bundle: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bundle(options: &Options) -> Result<String, BundleError> {
    let inputs = Inputs::read(&options.wasm, &options.style)?;
    let program = std::env::current_exe().map_err(BundleError::at(Path::new("this program")))?;
    let fingerprint = inputs.fingerprint(&program, options.wasm_opt.as_deref())?;
    let site = Site::at(&options.out);
    if site.was_made_from(&fingerprint) {
        return Ok(format!("{} is up to date", options.out.display()));
    }
    let assets = assets(inputs, options)?;
    site.publish(&fingerprint, &assets)?;
    Ok(assets.iter().map(Asset::summary).collect::<Vec<_>>().join("\n"))
}

/// Shapes and names every file; a file is named before the one that refers to it.
fn assets(inputs: Inputs, options: &Options) -> Result<Vec<Asset>, BundleError> {
    let bindings = bindings::generate(NAME, inputs.wasm)?;
    let wasm = optimizer::optimize(bindings.wasm, options.wasm_opt.as_deref())?;
    let wasm = Asset::new(&format!("{NAME}.wasm"), wasm)?;
    let script = bindings::point_at(&bindings.script, NAME, wasm.file())?;
    let script = Asset::new(&format!("{NAME}.js"), script.into_bytes())?;

    let mut assets = vec![wasm, script];
    for (name, bytes) in inputs.fonts.into_iter().chain(inputs.icons) {
        assets.push(Asset::new(&name, bytes)?);
    }
    let css = stylesheet::combine(&inputs.stylesheets, &assets)?;
    assets.push(Asset::new(&format!("{NAME}.css"), css.into_bytes())?);
    Ok(assets)
}
