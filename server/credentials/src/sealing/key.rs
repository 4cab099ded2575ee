//! One key and what it does: XChaCha20-Poly1305, whose nonce is long enough to be drawn by chance.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_PAD_INDIFFERENT};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::SecretText;
use crate::randomness;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const ID_BYTES: usize = 4;

/// A key with its name.
pub(super) struct Key {
    pub(super) id: String,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl Key {
    pub(super) fn draw() -> Self {
        Self::of(randomness::draw())
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let decoded = Zeroizing::new(STANDARD_PAD_INDIFFERENT.decode(text).ok()?);
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        (decoded.len() == KEY_BYTES).then(|| bytes.copy_from_slice(&decoded))?;
        Some(Self::of(bytes))
    }

    pub(super) fn to_base64(&self) -> SecretText {
        STANDARD.encode(self.bytes.as_slice()).into()
    }

    /// The nonce, then the ciphertext with its tag.
    pub(super) fn seal(&self, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce = XNonce::from(*randomness::draw::<NONCE_BYTES>());
        let payload = Payload { msg: plain, aad: context };
        let ciphertext = self.cipher().encrypt(&nonce, payload).expect("a secret is smaller than 256 GiB");
        [nonce.as_slice(), ciphertext.as_slice()].concat()
    }

    /// What was sealed with this key and context; `None` for anything else.
    pub(super) fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: ciphertext, aad: context };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }

    fn of(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let digest: [u8; 32] = Sha256::digest(bytes.as_slice()).into();
        let id = hex::encode(digest.first_chunk::<ID_BYTES>().expect("a digest is longer than an id"));
        Self { id, bytes }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        let bytes: &[u8; KEY_BYTES] = &self.bytes;
        XChaCha20Poly1305::new(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_sealed_elsewhere_opens() {
        // draft-irtf-cfrg-xchacha-03, appendix A.3.1
        let key = Key::of(Zeroizing::new(std::array::from_fn(|at| 0x80 + u8::try_from(at).unwrap())));
        let nonce = (0x40..0x58).collect::<Vec<u8>>();
        let context = hex::decode("50515253c0c1c2c3c4c5c6c7").unwrap();
        let ciphertext = hex::decode(concat!(
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb",
            "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452",
            "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9",
            "21f9664c97637da9768812f615c68b13b52e",
            "c0875924c1c7987947deafd8780acf49",
        ))
        .unwrap();

        let plain = key.open(&context, &[nonce, ciphertext].concat()).unwrap();

        let expected = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the \
                        future, sunscreen would be it.";
        assert_eq!(std::str::from_utf8(&plain), Ok(expected));
    }

    #[test]
    fn the_id_is_the_beginning_of_the_sha_256_of_the_key() {
        assert_eq!(Key::of(Zeroizing::new([0; 32])).id, "66687aad");
    }
}
