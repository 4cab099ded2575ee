//! Stripe's metadata: where it is looked for, and which of its keys say something of a lead or a channel.
//!
//! Objects are searched in the order of [`Place`]; within one, ids of leads by [`LEAD_KEYS`] and channels by
//! [`CHANNEL_KEYS`], the first first, then whatever else stands there: a tenant's rule may say something of it.

use serde::{Deserialize, Serialize};

use crate::channel::rules::{CLICK_IDS, REFERRERS};
use crate::payment::ChannelHint;

/// Keys whose value is the id of a lead: the one it has where it came from, or ours.
pub const LEAD_KEYS: [&str; 3] = ["lead_id", "gtm_lead_id", "client_reference_id"];

/// Keys whose value may name a channel.
pub const CHANNEL_KEYS: [&str; 3] = ["gtm_channel", "channel", "utm_source"];

/// Which of Stripe's objects metadata stands on, the first looked at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The checkout session.
    Session,
    /// The subscription.
    Subscription,
    /// The customer.
    Customer,
    /// The payment intent.
    PaymentIntent,
    /// The invoice.
    Invoice,
    /// A line of the invoice.
    InvoiceLine,
    /// The charge.
    Charge,
    /// It is not known any more.
    #[default]
    Unsaid,
}

/// Whether a key's value is the id of a lead.
#[must_use]
pub fn names_a_lead(key: &str) -> bool {
    LEAD_KEYS.contains(&key)
}

/// Whether a key's value is the short name of a channel, where the tenant has one of that name.
#[must_use]
pub fn may_name_a_channel(key: &str) -> bool {
    CHANNEL_KEYS.contains(&key)
}

/// Whether a key tells where somebody came from, whatever it says.
#[must_use]
pub fn tells_of_origin(key: &str) -> bool {
    may_name_a_channel(key)
        || ["utm_medium", "utm_campaign"].contains(&key)
        || REFERRERS.contains(&key)
        || CLICK_IDS.contains(&key)
}

/// Hints in the order they count, each key and value once.
#[must_use]
pub fn in_order<'a>(hints: impl Iterator<Item = &'a ChannelHint>) -> Vec<&'a ChannelHint> {
    let mut all: Vec<&ChannelHint> = hints.collect();
    all.sort_by_key(|hint| (hint.place, rank(&hint.key), &hint.key));
    let mut seen: Vec<&ChannelHint> = Vec::new();
    for hint in all {
        if !seen.iter().any(|known| (&known.key, &known.value) == (&hint.key, &hint.value)) {
            seen.push(hint);
        }
    }
    seen
}

fn rank(key: &str) -> usize {
    LEAD_KEYS.iter().chain(&CHANNEL_KEYS).position(|known| *known == key).unwrap_or(usize::MAX)
}
