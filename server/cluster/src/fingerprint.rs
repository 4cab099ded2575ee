//! A short name for a long path.

use std::path::Path;

use sha2::{Digest, Sha256};

/// Sixteen hex digits that stand for the path, the same in every release.
pub(crate) fn fingerprint(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
