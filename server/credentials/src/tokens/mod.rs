//! Random texts that stand for somebody: whoever has one is let in. Only their hashes are kept.

mod api_key;
mod token;

pub use api_key::ApiKeyText;
pub use token::{Token, TokenHash};
