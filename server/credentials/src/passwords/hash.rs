//! What is kept of a password.

use std::fmt;

/// What is kept of a password: a PHC string, with the parameters and the salt it was made with.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash that was kept.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The hash to keep.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A hash is as good as the password to who has the patience to guess.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}
