//! What Stripe's events say of a subscription, and the versions it went through.
//!
//! Each event carries the whole subscription as it stood: a [`SubscriptionFact`]. [`history`](history::history) puts a
//! subscription's facts in the order in which they happened, whatever the order they came in, and makes of them its
//! [`Version`]s: what it counted from when on, by the rules of a [`Definition`](crate::definition::Definition). What
//! the versions of a customer's subscriptions come to is told by [`mrr`](crate::mrr).
//!
//! * [`pricing`]: what an item comes to in a month.
//! * [`terms`]: tiers and discounts that other events tell of.
//! * [`order`]: which of two facts happened first.

pub mod history;
pub mod order;
pub mod pricing;
pub mod terms;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::EventId;
use crate::money::Currency;
use crate::payment::ChannelHint;

use self::order::Trail;
use self::pricing::Item;
use self::terms::DiscountRef;

pub use self::history::{Version, history};

/// What one event tells of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionFact {
    /// The event.
    pub event: EventId,
    /// Stripe's time of the event.
    pub occurred_at: Timestamp,
    /// What the event was about.
    pub occasion: Occasion,
    /// `sub_…`
    pub subscription: String,
    /// `cus_…`
    pub customer: String,
    /// The subscription as it stood.
    pub snapshot: Snapshot,
    /// What tells the order of events of one second.
    #[serde(default, skip_serializing_if = "Trail::is_empty")]
    pub trail: Trail,
    /// Metadata that may name a channel, the most telling first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channel_hints: Vec<ChannelHint>,
}

/// Why an event told of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// It began.
    Begun,
    /// Something about it changed, or it is told again.
    Changed,
    /// It was looked up afterwards, so that it stands for what went before as well.
    LookedUp,
    /// It ended.
    Ended,
}

/// A subscription as it stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its status.
    pub status: Status,
    /// The currency it is charged in.
    pub currency: Currency,
    /// What it is for.
    pub items: Vec<Item>,
    /// Whether the event left out some of its items.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_more_items: bool,
    /// Discounts on all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<DiscountRef>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When its trial ends, or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_ends_at: Option<Timestamp>,
    /// When the period it is paid for began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_start: Option<Timestamp>,
    /// When that period ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_end: Option<Timestamp>,
    /// When it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canceled_at: Option<Timestamp>,
    /// When it is to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Whether its invoices are not collected just now.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_collection_paused: bool,
    /// Why it was cancelled, in Stripe's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_reason: Option<String>,
    /// What the customer said about it, in Stripe's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_feedback: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands the field over by reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A subscription's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The first invoice is not paid yet.
    Incomplete,
    /// A trial runs.
    Trialing,
    /// Paid for.
    Active,
    /// An invoice is overdue.
    PastDue,
    /// A trial ended without a way to pay.
    Paused,
    /// A status we do not know.
    Other,
    /// Invoices are no longer tried.
    Unpaid,
    /// The first invoice was never paid.
    IncompleteExpired,
    /// It ended.
    Canceled,
}

impl Status {
    /// Every status there is; in one second the further one counts.
    pub const ALL: [Self; 9] = [
        Self::Incomplete,
        Self::Trialing,
        Self::Active,
        Self::PastDue,
        Self::Paused,
        Self::Other,
        Self::Unpaid,
        Self::IncompleteExpired,
        Self::Canceled,
    ];

    /// Stripe's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Paused => "paused",
            Self::Other => "other",
            Self::Unpaid => "unpaid",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Canceled => "canceled",
        }
    }

    /// The status a word of Stripe's means.
    #[must_use]
    pub fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.word() == word).unwrap_or(Self::Other)
    }

    /// Whether it counts as monthly recurring revenue.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::Active | Self::PastDue)
    }

    /// Whether the customer still has the subscription, paying or not.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Trialing | Self::Active | Self::PastDue | Self::Paused)
    }

    /// Whether nothing can come after it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }
}

impl SubscriptionFact {
    /// The tiers and discounts that other events must tell of before this can be counted exactly.
    pub fn open_terms(&self) -> impl Iterator<Item = &str> {
        let items = &self.snapshot.items;
        let discounts = self.snapshot.discounts.iter().chain(items.iter().flat_map(|item| &item.discounts));
        discounts.filter_map(DiscountRef::unknown).chain(items.iter().filter_map(Item::untold_price))
    }
}
