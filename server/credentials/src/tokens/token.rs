//! 256 random bits.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::randomness;

const BYTES: usize = 32;
const CHARS: usize = 43;

/// 256 random bits, which nobody guesses.
pub struct Token(Zeroizing<[u8; BYTES]>);

/// What is kept of a token, and what it is found by: its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl Token {
    /// A token unlike any other.
    #[must_use]
    pub fn draw() -> Self {
        Self(randomness::draw())
    }

    /// Reads [`Token::text`].
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.len() != CHARS {
            return None;
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let mut token = Self(Zeroizing::default());
        (bytes.len() == BYTES).then(|| token.0.copy_from_slice(&bytes))?;
        Some(token)
    }

    /// The token as 43 letters, digits, `-` and `_`.
    #[must_use]
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.as_slice())
    }

    /// What to keep of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_slice()).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl TokenHash {
    /// The hash to keep.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_read_from_its_text() {
        let token = Token::draw();
        let text = token.text();

        let read = Token::read(&text).unwrap();

        assert_eq!((read.text(), read.hash()), (text, token.hash()));
    }

    #[test]
    fn every_token_is_another() {
        let (first, second) = (Token::draw(), Token::draw());
        assert_ne!(first.text(), second.text());
        assert_ne!(first.hash(), second.hash());
    }

    #[test]
    fn the_hash_is_the_sha_256_of_the_bits() {
        let token = Token::read(&"A".repeat(43)).unwrap();
        let expected = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
        assert_eq!(hex::encode(token.hash().as_bytes()), expected);
    }

    #[test]
    fn a_text_that_is_no_token_is_none() {
        let text = "A".repeat(43);
        assert!(Token::read(&text).is_some());
        let padded = format!("{text}=");
        // The last of 43 characters carries two bits too many: `B` would be a second spelling of `A`.
        let respelled = format!("{}B", "A".repeat(42));
        let other_alphabet = format!("{}+/A", "A".repeat(40));
        for text in ["", "A", &text.repeat(2), &padded, &respelled, &other_alphabet, &"é".repeat(21)] {
            assert!(Token::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn debug_shows_neither_a_token_nor_its_hash() {
        let token = Token::draw();
        assert_eq!(format!("{token:?} {:?}", token.hash()), "Token(…) TokenHash(…)");
    }

    proptest! {
        #[test]
        fn only_what_a_token_writes_is_read(text in "[A-Za-z0-9_-]{43}") {
            if let Some(token) = Token::read(&text) {
                prop_assert_eq!(token.text(), text);
            }
        }
    }
}
