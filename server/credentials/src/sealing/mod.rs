//! Secrets that must be read again, encrypted with a key that is not in the database.

mod key;
mod keys;
mod secret_text;

pub use keys::{InvalidKeys, OpenError, Sealed, SecretsKeys};
pub use secret_text::SecretText;
