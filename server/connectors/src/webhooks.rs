//! What tools send of their own accord.
//!
//! None of the three tools signs what it sends, so each is given a token nobody guesses: HeyReach and PlusVibe in the
//! address, Instantly in a header of our choice. Whoever keeps a delivery compares the token's hash, in constant time,
//! before anything is read. What cannot be told apart from what a list will say is left to the list.

use domain::campaign::CampaignState;
use domain::connection::Tool;
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::heyreach::HeyReachWebhooks;
use crate::instantly::InstantlyWebhooks;
use crate::model::Touch;
use crate::plusvibe::PlusVibeWebhooks;

/// The header in which Instantly repeats the token.
pub const TOKEN_HEADER: &str = "x-command-center-token";

/// Where a tool repeats the token it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    /// In the address, as `?token=…`.
    Address,
    /// In [`TOKEN_HEADER`].
    Header,
}

/// What a delivery tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// Something happened with somebody.
    Touch(Box<Touch>),
    /// A campaign stands otherwise.
    Campaign {
        /// The id it has there.
        id: String,
        /// How.
        state: CampaignState,
    },
    /// Nothing that is counted here.
    Nothing {
        /// Why.
        why: &'static str,
    },
}

/// How what a tool sends is read.
pub trait Reader: Send + Sync {
    /// Where the token stands.
    fn token_place(&self) -> TokenPlace;

    /// What is the same for every copy of a delivery, and for no other one.
    fn key(&self, body: &Value) -> String;

    /// What a delivery that came at a moment tells, or why it cannot be read.
    fn read(&self, body: &Value, received_at: Timestamp) -> Result<Vec<Happening>, String>;
}

/// The reader of what a tool sends; `None` for a tool that sends nothing of its own accord.
#[must_use]
pub fn of(tool: Tool) -> Option<&'static dyn Reader> {
    match tool {
        Tool::HeyReach => Some(&HeyReachWebhooks),
        Tool::PlusVibe => Some(&PlusVibeWebhooks),
        Tool::Instantly => Some(&InstantlyWebhooks),
        Tool::Apollo | Tool::FullEnrich => None,
    }
}

/// A delivery's body; `None` when it is no JSON.
#[must_use]
pub fn body(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().map(crate::json::storable)
}

/// A key made of what tells deliveries apart.
pub(crate) fn key_of(parts: &[Option<String>]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_deref().unwrap_or("\u{0}");
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// The key of a delivery that names nothing by which it could be told apart: all of it.
pub(crate) fn key_of_all(body: &Value) -> String {
    key_of(&[Some(body.to_string())])
}
