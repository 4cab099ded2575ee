//! What somebody signs in with.

mod hash;
mod hasher;
mod password;
mod weakness;

pub use hash::PasswordHash;
pub use hasher::Hasher;
pub use password::{MAX_PASSWORD_BYTES, Password, TooLong};
pub use weakness::{MIN_PASSWORD_CHARS, WeakPassword, Weakness};
