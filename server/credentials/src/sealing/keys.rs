//! The keys of `SECRETS_KEY`: the first seals, all open.

use std::fmt;

use super::SecretText;
use super::key::Key;

/// The keys secrets are sealed with.
pub struct SecretsKeys {
    first: Key,
    /// Those being replaced.
    others: Vec<Key>,
}

/// A text that is no list of keys. It may be half a secret and is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 32 random bytes in base64; several with commas between while one is being replaced")]
pub struct InvalidKeys;

/// A secret that only our keys open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The key that opens it.
    pub key_id: String,
    /// The secret, encrypted.
    pub bytes: Vec<u8>,
}

/// Why a sealed secret does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was sealed with a key we do not have.
    #[error("the key {key_id} this secret was sealed with is not in SECRETS_KEY")]
    UnknownKey {
        /// The key that would open it.
        key_id: String,
    },
    /// It is not what was sealed, or not where it was sealed for.
    #[error("this secret was altered or belongs elsewhere")]
    Tampered,
    /// What was sealed was no text.
    #[error("this secret is no text")]
    NotText,
}

impl SecretsKeys {
    /// Reads `SECRETS_KEY`; what surrounds each key is trimmed.
    pub fn parse(text: &str) -> Result<Self, InvalidKeys> {
        let mut keys = text.split(',').map(|key| Key::parse(key.trim()).ok_or(InvalidKeys));
        let first = keys.next().ok_or(InvalidKeys)??;
        Ok(Self { first, others: keys.collect::<Result<_, _>>()? })
    }

    /// One new key.
    #[must_use]
    pub fn draw() -> Self {
        Self { first: Key::draw(), others: Vec::new() }
    }

    /// The keys as [`SecretsKeys::parse`] reads them.
    #[must_use]
    pub fn to_base64(&self) -> SecretText {
        let keys: Vec<SecretText> = self.all().map(Key::to_base64).collect();
        keys.iter().map(SecretText::reveal).collect::<Vec<_>>().join(",").into()
    }

    /// The key that seals.
    #[must_use]
    pub fn current_key_id(&self) -> &str {
        &self.first.id
    }

    /// Seals a secret. It opens only with the same context, which says whose and what it is.
    #[must_use]
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Sealed {
        Sealed { key_id: self.first.id.clone(), bytes: self.first.seal(context, plain) }
    }

    /// Opens what was sealed with the same context.
    pub fn open(&self, context: &[u8], key_id: &str, bytes: &[u8]) -> Result<SecretText, OpenError> {
        let key = self.all().find(|key| key.id == key_id);
        let key = key.ok_or_else(|| OpenError::UnknownKey { key_id: key_id.to_owned() })?;
        let plain = key.open(context, bytes).ok_or(OpenError::Tampered)?;
        let text = std::str::from_utf8(&plain).map_err(|_| OpenError::NotText)?;
        Ok(text.to_owned().into())
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl fmt::Debug for SecretsKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().map(|key| &key.id)).finish()
    }
}

#[cfg(test)]
mod tests;
