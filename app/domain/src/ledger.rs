//! The rows of the ledger: one for each time money moved.
//!
//! A row never changes. When a later event teaches us more about the same money, a new version of its
//! row supersedes the old one; what counts is the newest version of each [`MoneyKey`].

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::channel::ChannelSlug;
use crate::ids::{EventId, LeadId};
use crate::money::Money;

/// What kind of movement a row records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Money came in.
    Payment,
    /// Money went back to the customer.
    Refund,
    /// A refund failed, and its money came back.
    RefundFailed,
    /// A bank withdrew a payment its holder disputes.
    Dispute,
    /// A dispute was won, and its money came back.
    DisputeReversal,
    /// A correction a person made.
    Adjustment,
    /// A subscription began.
    SubscriptionCreated,
    /// A subscription changed.
    SubscriptionUpdated,
    /// A subscription ended.
    SubscriptionCancelled,
}

impl EntryKind {
    /// Every kind there is.
    pub const ALL: [Self; 9] = [
        Self::Payment,
        Self::Refund,
        Self::RefundFailed,
        Self::Dispute,
        Self::DisputeReversal,
        Self::Adjustment,
        Self::SubscriptionCreated,
        Self::SubscriptionUpdated,
        Self::SubscriptionCancelled,
    ];

    /// The word in the ledger's `event_type` column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::RefundFailed => "refund_failed",
            Self::Dispute => "dispute",
            Self::DisputeReversal => "dispute_reversal",
            Self::Adjustment => "adjustment",
            Self::SubscriptionCreated => "subscription_created",
            Self::SubscriptionUpdated => "subscription_updated",
            Self::SubscriptionCancelled => "subscription_cancelled",
        }
    }
}

/// A word that names no kind of ledger row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of ledger row")]
pub struct UnknownEntryKind;

impl FromStr for EntryKind {
    type Err = UnknownEntryKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or(UnknownEntryKind)
    }
}

/// The money's own key: what makes two reports of it one row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MoneyKey(String);

impl MoneyKey {
    /// The key of a payment, by its invoice, else its payment intent, charge or checkout session.
    #[must_use]
    pub fn payment(name: &str) -> Self {
        Self(format!("payment:{name}"))
    }

    /// The key of a refund Stripe gave an id.
    #[must_use]
    pub fn refund(refund_id: &str) -> Self {
        Self(format!("refund:{refund_id}"))
    }

    /// The key of a failed refund's return.
    #[must_use]
    pub fn refund_failed(refund_id: &str) -> Self {
        Self(format!("refund_failed:{refund_id}"))
    }

    /// The key of a refund known only as the step by which a charge's running total grew.
    #[must_use]
    pub fn refund_step(charge: &str, running_total: i64) -> Self {
        Self(format!("refund:{charge}:{running_total}"))
    }

    /// The key of what a dispute took.
    #[must_use]
    pub fn dispute(dispute_id: &str) -> Self {
        Self(format!("dispute:{dispute_id}"))
    }

    /// The key of what a dispute gave back.
    #[must_use]
    pub fn dispute_reversal(dispute_id: &str) -> Self {
        Self(format!("dispute_reversal:{dispute_id}"))
    }

    /// The key of what a subscription was from a moment on; the count tells versions of one second apart.
    #[must_use]
    pub fn subscription(subscription: &str, since: Timestamp, count: usize) -> Self {
        let second = since.as_second();
        Self(if count == 0 {
            format!("subscription:{subscription}:{second}")
        } else {
            format!("subscription:{subscription}:{second}:{count}")
        })
    }

    /// The name of the payment, when this is a payment's key.
    #[must_use]
    pub fn payment_name(&self) -> Option<&str> {
        self.0.strip_prefix("payment:")
    }

    /// A stored key, taken as it is.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MoneyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What rows lack that are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lacking {
    /// Their payments do not tell a product.
    pub product: bool,
    /// No category of their product is known.
    pub category: bool,
    /// No rate is known to convert them by.
    pub rate: bool,
}

/// What rows cannot be asked to lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLacked;

impl FromStr for Lacking {
    type Err = NotLacked;

    /// Reads words with commas between.
    fn from_str(text: &str) -> Result<Self, NotLacked> {
        text.split(',').try_fold(Self::default(), |lacking, word| match word {
            "product" => Ok(Self { product: true, ..lacking }),
            "category" => Ok(Self { category: true, ..lacking }),
            "rate" => Ok(Self { rate: true, ..lacking }),
            _ => Err(NotLacked),
        })
    }
}

/// The Stripe objects a row can be looked up by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripeLinks {
    /// `cus_…`
    pub customer: Option<String>,
    /// `sub_…`
    pub subscription: Option<String>,
    /// `in_…`
    pub invoice: Option<String>,
    /// `ch_…`
    pub charge: Option<String>,
    /// `pi_…`
    pub payment_intent: Option<String>,
    /// `cs_…`
    pub checkout_session: Option<String>,
    /// `re_…`
    pub refund: Option<String>,
}

/// What was sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its name at the time.
    pub name: String,
    /// Its category, when one is known.
    pub category: Option<String>,
    /// Whether only some of the invoice's lines were told, so that another may be the largest.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_partial: bool,
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What the events say a row of the ledger is, before it is credited to a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The money's own key.
    pub key: MoneyKey,
    /// The name of the payment it belongs to: an invoice, payment intent, charge or checkout session.
    pub payment: String,
    /// What kind of movement it is.
    pub kind: EntryKind,
    /// How much, signed.
    pub money: Money,
    /// Stripe's time of the movement.
    pub occurred_at: Timestamp,
    /// The event that tells of it.
    pub cause: EventId,
    /// The Stripe objects it is known by.
    pub links: StripeLinks,
    /// What was sold.
    pub product: Option<Product>,
    /// Whether it is a payment for a subscription.
    pub is_recurring: bool,
    /// The payer's e-mail, normalised.
    pub customer_email: Option<String>,
    /// Whether invoice and charge were taken to be one because of customer, amount and time, no event tying them.
    pub is_tie_presumed: bool,
    /// By how much it moved monthly recurring revenue, in the currency of its money.
    pub mrr_impact_minor: i64,
    /// The key of the movement of monthly recurring revenue it is part of.
    pub mrr_movement: Option<String>,
    /// Stripe's word for why the money went back.
    pub reason: Option<String>,
}

/// Everything a stored row says; two rows with equal content are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowContent {
    /// The movement.
    pub movement: Movement,
    /// The amount in the tenant's currency; `None` when no rate is known.
    pub base_amount_minor: Option<i64>,
    /// The lead who paid.
    pub lead: Option<LeadId>,
    /// The channel it is credited to.
    pub channel: ChannelSlug,
}
