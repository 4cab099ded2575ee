//! Binaryen's `wasm-opt`, which takes out what the compiler leaves in.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::error::BundleError;

/// What rustc's output needs allowed. Binaryen assumes the first version of WebAssembly unless
/// told, and the `target_features` section that would tell it does not survive wasm-bindgen.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

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
    fs::read(&output).map_err(BundleError::at(&output))
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
    fn a_missing_optimizer_is_named_in_the_error() {
        let error = optimize(Vec::new(), Some(Path::new("no-such-optimizer"))).unwrap_err();

        assert!(error.to_string().starts_with("no-such-optimizer"), "{error}");
    }
}
