//! One file as a browser gets it: named by its content, with its compressed siblings.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::error::BundleError;

/// A file named by its content.
#[derive(Debug)]
pub(crate) struct Asset {
    logical: String,
    file: String,
    hash: String,
    content_type: &'static str,
    bytes: Vec<u8>,
    brotli: Option<Vec<u8>>,
    gzip: Option<Vec<u8>>,
}

impl Asset {
    /// Names the file and compresses it unless it already is.
    pub(crate) fn new(logical: &str, bytes: Vec<u8>) -> Result<Self, BundleError> {
        let Some((stem, extension)) = logical.rsplit_once('.') else {
            return Err(BundleError::UnknownKind(logical.to_owned()));
        };
        let Some(content_type) = content_type(extension) else {
            return Err(BundleError::UnknownKind(logical.to_owned()));
        };
        let hash = content_hash(&bytes);
        let compressible = extension != "woff2";
        Ok(Self {
            logical: logical.to_owned(),
            file: format!("{stem}-{hash}.{extension}"),
            content_type,
            brotli: compressible.then(|| brotli(&bytes)),
            gzip: compressible.then(|| gzip(&bytes)),
            hash,
            bytes,
        })
    }

    /// The name the source gives it, `command-center.css`.
    pub(crate) fn logical(&self) -> &str {
        &self.logical
    }

    /// The name it is served under, `command-center-0123456789abcdef.css`.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// The files to write: the plain one and its compressed siblings.
    pub(crate) fn files(&self) -> impl Iterator<Item = (String, &[u8])> {
        let plain = Some((self.file.clone(), self.bytes.as_slice()));
        let brotli = self.brotli.as_deref().map(|bytes| (format!("{}.br", self.file), bytes));
        let gzip = self.gzip.as_deref().map(|bytes| (format!("{}.gz", self.file), bytes));
        [plain, brotli, gzip].into_iter().flatten()
    }

    /// Its line of the manifest: logical name, file, content type and entity tag.
    pub(crate) fn manifest_line(&self) -> String {
        format!("{}\t{}\t{}\t{}", self.logical, self.file, self.content_type, self.hash)
    }

    /// A line that tells a person what it weighs.
    pub(crate) fn summary(&self) -> String {
        let plain = self.bytes.len();
        match &self.brotli {
            Some(brotli) => format!("{}: {plain} bytes, {} with brotli", self.file, brotli.len()),
            None => format!("{}: {plain} bytes", self.file),
        }
    }
}

/// The first 16 hexadecimal digits of the SHA-256: 64 bits, plenty for a handful of files.
fn content_hash(bytes: &[u8]) -> String {
    let mut hash = hex::encode(Sha256::digest(bytes));
    hash.truncate(16);
    hash
}

fn content_type(extension: &str) -> Option<&'static str> {
    match extension {
        "wasm" => Some("application/wasm"),
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "woff2" => Some("font/woff2"),
        _ => None,
    }
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let quality = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &quality).expect("memory can be read and written");
    compressed
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory can be written")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_file_is_named_by_its_content() {
        let asset = Asset::new("command-center.css", b"a{}".to_vec()).unwrap();

        assert_eq!(asset.file(), "command-center-5f546eb4606b5c2b.css");
        assert_eq!(asset.file(), Asset::new("command-center.css", b"a{}".to_vec()).unwrap().file());
        assert_ne!(asset.file(), Asset::new("command-center.css", b"b{}".to_vec()).unwrap().file());
    }

    #[test]
    fn the_compressed_siblings_hold_the_same_bytes() {
        let text = "a page of text, ".repeat(100).into_bytes();
        let asset = Asset::new("command-center.js", text.clone()).unwrap();

        let mut from_brotli = Vec::new();
        brotli::BrotliDecompress(&mut asset.brotli.as_deref().unwrap(), &mut from_brotli).unwrap();
        let mut from_gzip = Vec::new();
        flate2::read::GzDecoder::new(asset.gzip.as_deref().unwrap()).read_to_end(&mut from_gzip).unwrap();

        assert_eq!((from_brotli, from_gzip), (text.clone(), text));
    }

    #[test]
    fn a_font_is_not_compressed_again() {
        let asset = Asset::new("inter-latin.woff2", b"font".to_vec()).unwrap();

        let names: Vec<_> = asset.files().map(|(name, _)| name).collect();

        assert_eq!(names, [asset.file()]);
    }

    #[test]
    fn the_manifest_line_says_what_the_server_must_know() {
        let asset = Asset::new("favicon.svg", b"<svg/>".to_vec()).unwrap();

        let hash = content_hash(b"<svg/>");
        assert_eq!(asset.manifest_line(), format!("favicon.svg\tfavicon-{hash}.svg\timage/svg+xml\t{hash}"));
    }

    #[test]
    fn a_file_of_an_unknown_kind_is_refused() {
        assert!(Asset::new("notes.txt", Vec::new()).is_err());
        assert!(Asset::new("notes", Vec::new()).is_err());
    }
}
