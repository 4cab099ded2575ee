//! What Stripe's events say of a customer: the e-mail and the metadata that payments of theirs may lack.
//!
//! Of several tellings the newest by Stripe's time counts, whatever the order they came in; once deleted, a customer
//! stays so, and what was known of them stays known.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::EventId;
use crate::payment::ChannelHint;

/// What one event tells of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerFact {
    /// The event.
    pub event: EventId,
    /// Stripe's time of the event.
    pub occurred_at: Timestamp,
    /// `cus_…`
    pub customer: String,
    /// What it says.
    pub telling: CustomerTelling,
}

/// What is said of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CustomerTelling {
    /// As they stood.
    Stands {
        /// Their e-mail, normalised.
        email: Option<String>,
        /// Their metadata that may name a lead or a channel.
        hints: Vec<ChannelHint>,
        /// Whether this is the first that was said; it comes before all else of its second.
        is_first: bool,
    },
    /// They are gone.
    Deleted,
}
