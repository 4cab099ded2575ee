//! Passwords, tokens and sealed secrets: what they look like, and what is kept of them.
//!
//! * [`passwords`]: what somebody signs in with. New ones are judged; only a slow hash is kept.
//! * [`tokens`]: 256 random bits that stand for somebody. They need no slow hash, for nobody can guess them.
//! * [`sealing`]: secrets of others that must be read again, encrypted with a key from outside the database.
//!
//! Nothing here shows a secret in `Debug`, and what held one is overwritten when it is dropped.

pub mod passwords;
mod randomness;
pub mod sealing;
pub mod tokens;
