use std::path::{Path, PathBuf};

/// Why a bundle could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BundleError {
    /// A file or directory could not be read or written.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// wasm-bindgen refused the module.
    #[error("wasm-bindgen: {0}")]
    Bindings(String),
    /// A dependency brings JavaScript of its own, which nothing here would serve.
    #[error("a dependency of the frontend brings its own JavaScript ({0}); the bundle does not carry it yet")]
    ForeignScript(String),
    /// The generated script does not load the module the way we expect.
    #[error("the generated script does not mention {0}; wasm-bindgen has changed how it loads the module")]
    Loader(String),
    /// The optimizer could not be started or failed.
    #[error("{program}: {reason}")]
    Optimizer { program: String, reason: String },
    /// A stylesheet cannot be put in front of another one.
    #[error("{stylesheet}: {reason}")]
    Stylesheet { stylesheet: String, reason: &'static str },
    /// A stylesheet refers to a file that is not part of the bundle.
    #[error("{stylesheet}: url({target}) names no font or icon of the style directory")]
    UnknownTarget { stylesheet: String, target: String },
    /// A file of a kind the server has no content type for.
    #[error("{0}: no content type is known for this kind of file")]
    UnknownKind(String),
}

impl BundleError {
    /// Says which path an input/output error is about.
    pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
