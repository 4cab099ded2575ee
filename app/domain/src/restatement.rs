//! Restatements: what a figure says now that it said otherwise before, and why.

use jiff::Timestamp;

use crate::channel::ChannelSlug;
use crate::ids::{EventId, LedgerRowId, RuleId};

/// What was restated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The channel a row is credited to.
    Attribution,
}

impl Subject {
    /// The word stored and shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Attribution => "attribution",
        }
    }
}

/// What brought a restatement about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trigger {
    /// A lead appeared or changed.
    Lead(String),
    /// A record was linked to a Stripe customer.
    Link(String),
    /// A Stripe customer changed.
    Customer(String),
    /// A person said so, or took it back.
    Override(String),
    /// An event of the payment, or of its subscription, came.
    Event(EventId),
    /// The order in which channels are looked for changed.
    Order,
    /// A rule by which channels are recognised was made, changed or deleted.
    Rule(RuleId),
    /// A channel was added or deleted.
    Channel(ChannelSlug),
    /// The program learned to look better.
    Program,
}

impl Trigger {
    /// What kind of thing it is.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Lead(_) => "lead",
            Self::Link(_) => "link",
            Self::Customer(_) => "customer",
            Self::Override(_) => "override",
            Self::Event(_) => "event",
            Self::Order => "order",
            Self::Rule(_) => "rule",
            Self::Channel(_) => "channel",
            Self::Program => "program",
        }
    }

    /// Which one it is; empty when there is but one.
    #[must_use]
    pub fn reference(&self) -> String {
        match self {
            Self::Lead(id) | Self::Link(id) | Self::Customer(id) | Self::Override(id) => id.clone(),
            Self::Event(id) => id.to_string(),
            Self::Rule(id) => id.to_string(),
            Self::Channel(slug) => slug.to_string(),
            Self::Order | Self::Program => String::new(),
        }
    }

    /// Reads what was stored; `None` when it is none of these.
    #[must_use]
    pub fn stored(kind: &str, reference: String) -> Option<Self> {
        Some(match kind {
            "lead" => Self::Lead(reference),
            "link" => Self::Link(reference),
            "customer" => Self::Customer(reference),
            "override" => Self::Override(reference),
            "event" => Self::Event(reference.parse().ok()?),
            "order" => Self::Order,
            "rule" => Self::Rule(reference.parse().ok()?),
            "channel" => Self::Channel(ChannelSlug::stored(reference)),
            "program" => Self::Program,
            _ => return None,
        })
    }
}

/// A line of the log: what a row said, what is said in its place, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restatement {
    /// What about it.
    pub subject: Subject,
    /// The row that counted.
    pub old_row: LedgerRowId,
    /// The row that counts.
    pub new_row: LedgerRowId,
    /// Stripe's time of the money: which periods read differently now.
    pub effective_at: Timestamp,
    /// What it said.
    pub from: String,
    /// What it says.
    pub to: String,
    /// Why, in words.
    pub cause: String,
    /// What brought it about.
    pub trigger: Trigger,
}
