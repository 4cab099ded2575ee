//! The JavaScript between the browser and the module.
//!
//! wasm-bindgen is used as a library: its version then equals the one the frontend was compiled
//! with by construction, and no command-line tool has to be installed beside it.

use wasm_bindgen_cli_support::{Bindgen, Output};

use crate::error::BundleError;

/// The module with its bindings applied and the script that loads it.
#[derive(Debug)]
pub(crate) struct Bindings {
    pub(crate) wasm: Vec<u8>,
    pub(crate) script: String,
}

/// Generates the bindings for a browser that loads the script as a module.
pub(crate) fn generate(name: &str, wasm: Vec<u8>) -> Result<Bindings, BundleError> {
    let mut output = run(name, wasm).map_err(|error| BundleError::Bindings(format!("{error:#}")))?;
    refuse_foreign_scripts(output.js())?;
    Ok(Bindings { wasm: output.wasm_mut().emit_wasm(), script: output.js().to_owned() })
}

/// Makes the script load the module under the name it is served by.
pub(crate) fn point_at(script: &str, name: &str, file: &str) -> Result<String, BundleError> {
    let generated = format!("{name}_bg.wasm");
    if !script.contains(&generated) {
        return Err(BundleError::Loader(generated));
    }
    Ok(script.replace(&generated, file))
}

fn run(name: &str, wasm: Vec<u8>) -> Result<Output, Box<dyn std::error::Error + Send + Sync>> {
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?;
    bindgen
        .input_bytes(name, wasm)
        .typescript(false)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true);
    Ok(bindgen.generate_output()?)
}

/// Some crates ship JavaScript for targets other than ours; it matters only where the script asks
/// for it.
fn refuse_foreign_scripts(script: &str) -> Result<(), BundleError> {
    let Some((_, path)) = script.split_once("snippets/") else { return Ok(()) };
    let name = path.split(['/', '\'', '"']).next().unwrap_or(path);
    Err(BundleError::ForeignScript(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_loads_the_module_by_its_hashed_name() {
        let script = "new URL('page_bg.wasm', import.meta.url)";

        let pointed = point_at(script, "page", "page-0123.wasm").unwrap();

        assert_eq!(pointed, "new URL('page-0123.wasm', import.meta.url)");
    }

    #[test]
    fn a_script_that_loads_nothing_is_refused() {
        assert!(point_at("export default 1", "page", "page-0123.wasm").is_err());
    }

    #[test]
    fn a_script_that_asks_for_foreign_javascript_is_refused_by_name() {
        let error =
            refuse_foreign_scripts("import { a } from './snippets/gizmo-0123/inline0.js';").unwrap_err();

        assert!(error.to_string().contains("(gizmo-0123)"), "{error}");
        assert!(refuse_foreign_scripts("export default init;").is_ok());
    }

    #[test]
    fn bytes_that_are_no_module_are_refused() {
        assert!(generate("page", b"not wasm".to_vec()).is_err());
    }
}
