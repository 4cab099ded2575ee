//! Binaryen's `wasm-opt`, which takes out what the compiler leaves in.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use walrus::{ExportItem, Module, RefType};

use crate::error::BundleError;

/// What rustc's output uses. Said outright, because Binaryen takes a module that does not list its
/// own features for one of the first version of WebAssembly.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The table the script keeps JavaScript's objects in.
const OBJECT_TABLE: &str = "__wbindgen_externrefs";

/// Makes the module as small as the optimizer can; without one it is returned as it is.
pub(crate) fn optimize(wasm: Vec<u8>, optimizer: Option<&Path>) -> Result<Vec<u8>, BundleError> {
    let Some(optimizer) = optimizer else { return Ok(wasm) };
    let scratch = std::env::temp_dir().join(format!("command-center-bundle-{}", std::process::id()));
    fs::create_dir_all(&scratch).map_err(BundleError::at(&scratch))?;
    let optimized = optimize_in(&scratch, &wasm, optimizer);
    fs::remove_dir_all(&scratch).map_err(BundleError::at(&scratch))?;
    optimized
}

fn optimize_in(scratch: &Path, wasm: &[u8], optimizer: &Path) -> Result<Vec<u8>, BundleError> {
    let (input, output) = (scratch.join("input.wasm"), scratch.join("output.wasm"));
    fs::write(&input, wasm).map_err(BundleError::at(&input))?;
    let result =
        Command::new(optimizer).arg("-Oz").args(FEATURES).arg(&input).arg("-o").arg(&output).output();
    refuse_failure(optimizer, result)?;
    let optimized = fs::read(&output).map_err(BundleError::at(&output))?;
    repair(&optimized)
        .map_err(|reason| BundleError::Optimizer { program: optimizer.display().to_string(), reason })
}

/// Exports the table of objects again: Binaryen 108, which Debian 12 and Ubuntu 24.04 have, writes
/// every exported table as the first one, and the first one holds functions.
fn repair(wasm: &[u8]) -> Result<Vec<u8>, String> {
    let mut module = Module::from_buffer(wasm).map_err(|error| format!("{error:#}"))?;
    let objects =
        module.tables.iter().find(|table| table.element_ty == RefType::EXTERNREF).map(|table| table.id());
    let export = module.exports.iter_mut().find(|export| export.name == OBJECT_TABLE);
    if let (Some(objects), Some(export)) = (objects, export) {
        export.item = ExportItem::Table(objects);
    }
    Ok(module.emit_wasm())
}

fn refuse_failure(optimizer: &Path, result: std::io::Result<Output>) -> Result<(), BundleError> {
    let failed = |reason: String| BundleError::Optimizer { program: optimizer.display().to_string(), reason };
    let output = result.map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(format!("{}\n{}", output.status, said.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_optimizer_the_module_is_left_alone() {
        assert_eq!(optimize(b"module".to_vec(), None).unwrap(), b"module");
    }

    #[test]
    fn the_table_of_objects_is_exported_whatever_the_optimizer_wrote() {
        let mut module = Module::default();
        let functions = module.tables.add_local(false, 1, None, RefType::FUNCREF);
        module.tables.add_local(false, 1, None, RefType::EXTERNREF);
        module.exports.add(OBJECT_TABLE, functions);

        let repaired = Module::from_buffer(&repair(&module.emit_wasm()).unwrap()).unwrap();

        let exported = repaired.exports.iter().next().unwrap();
        let ExportItem::Table(table) = exported.item else { panic!("{exported:?} is no table") };
        assert_eq!(repaired.tables.get(table).element_ty, RefType::EXTERNREF);
    }

    #[test]
    fn a_missing_optimizer_is_named_in_the_error() {
        let error = optimize(Vec::new(), Some(Path::new("no-such-optimizer"))).unwrap_err();

        assert!(error.to_string().starts_with("no-such-optimizer"), "{error}");
    }
}
