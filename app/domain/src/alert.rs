//! Alerts: what needs somebody, why, and what became of it.
//!
//! [`detect`] makes findings of a tenant's figures, [`Standing`] says what becomes of the alert about a finding from
//! one look to the next. Both are pure. To watch something new: a [`Detector`] with its words, and its function in
//! [`detectors`].

mod detectors;
mod life;
mod mrr_identity;
#[cfg(test)]
mod tests;
mod tools;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use detectors::{Facts, FailedSum, MISSED_FROM, detect};
pub use life::{Change, Handling, Standing, State};
pub use mrr_identity::{MrrInCurrency, MrrOfDays, MrrOfRows};
pub use tools::{Lookups, UnreadTool};

/// How much an alert matters; each more than the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something could be gained.
    Opportunity,
    /// Something may be lost.
    Warning,
    /// Something is being lost.
    Critical,
}

impl Severity {
    /// Every severity, the least first.
    pub const ALL: [Self; 4] = [Self::Info, Self::Opportunity, Self::Warning, Self::Critical];

    /// The word stored and sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Opportunity => "opportunity",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The word on the screen.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "Info",
            Self::Opportunity => "Opportunity",
            Self::Warning => "Warning",
            Self::Critical => "Critical",
        }
    }
}

/// What looks for one kind of trouble, or of opportunity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detector {
    /// A channel that takes more than it brings.
    ChannelLosing,
    /// Payments that could not be collected, and the recurring revenue behind them.
    FailedPayments,
    /// Leads that stay in a stage for too long.
    StuckLeads,
    /// Revenue nobody knows the channel of.
    UnknownShare,
    /// More refunded than in the days before.
    RefundSpike,
    /// Customers that cost more than in the days before.
    CacDrift,
    /// Fewer leads that take a step than in the days before.
    FunnelDrop,
    /// Leads that are looked up and not found.
    EnrichmentFailing,
    /// A tool that is not read any more.
    SyncFailing,
    /// Events that could not be understood.
    DeadLetters,
    /// Events that stay away.
    WebhookSilence,
    /// Recurring revenue that is another figure when it is counted another way.
    MrrIdentity,
    /// A channel to put more into.
    RoomToGrow,
}

impl Detector {
    /// Every detector.
    pub const ALL: [Self; 13] = [
        Self::ChannelLosing,
        Self::FailedPayments,
        Self::StuckLeads,
        Self::UnknownShare,
        Self::RefundSpike,
        Self::CacDrift,
        Self::FunnelDrop,
        Self::EnrichmentFailing,
        Self::SyncFailing,
        Self::DeadLetters,
        Self::WebhookSilence,
        Self::MrrIdentity,
        Self::RoomToGrow,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ChannelLosing => "channel_losing",
            Self::FailedPayments => "failed_payments",
            Self::StuckLeads => "stuck_leads",
            Self::UnknownShare => "unknown_share",
            Self::RefundSpike => "refund_spike",
            Self::CacDrift => "cac_drift",
            Self::FunnelDrop => "funnel_drop",
            Self::EnrichmentFailing => "enrichment_failing",
            Self::SyncFailing => "sync_failing",
            Self::DeadLetters => "dead_letters",
            Self::WebhookSilence => "webhook_silence",
            Self::MrrIdentity => "mrr_identity",
            Self::RoomToGrow => "room_to_grow",
        }
    }

    /// The words on the screen.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChannelLosing => "Channel that loses money",
            Self::FailedPayments => "Failed payments",
            Self::StuckLeads => "Stuck leads",
            Self::UnknownShare => "Revenue without a channel",
            Self::RefundSpike => "Refunds",
            Self::CacDrift => "Cost of customers",
            Self::FunnelDrop => "Step of the funnel",
            Self::EnrichmentFailing => "Failed enrichment",
            Self::SyncFailing => "Tool that is not read",
            Self::DeadLetters => "Events not understood",
            Self::WebhookSilence => "No events",
            Self::MrrIdentity => "MRR counted differently",
            Self::RoomToGrow => "Channel with room to grow",
        }
    }

    /// Whether what it finds is about a channel.
    #[must_use]
    pub const fn is_about_a_channel(self) -> bool {
        matches!(self, Self::ChannelLosing | Self::RoomToGrow)
    }

    /// What is known from one look to the next as what it finds about something.
    #[must_use]
    pub fn key_about(self, subject: &str) -> String {
        format!("{self}:{subject}")
    }

    /// What could be done about what it finds, as the word of an action; `None` where somebody has to look first.
    #[must_use]
    pub const fn suggested_action(self) -> Option<&'static str> {
        match self {
            Self::ChannelLosing => Some("pause_campaign"),
            Self::FailedPayments | Self::StuckLeads => Some("send_follow_up"),
            Self::EnrichmentFailing => Some("retry_enrichment"),
            Self::UnknownShare => Some("assign_channel"),
            Self::RoomToGrow => Some("launch_campaign"),
            Self::RefundSpike
            | Self::CacDrift
            | Self::FunnelDrop
            | Self::SyncFailing
            | Self::DeadLetters
            | Self::WebhookSilence
            | Self::MrrIdentity => None,
        }
    }
}

/// A text that is no word of this vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is none of the words there are")]
pub struct UnknownWord(pub &'static str);

impl FromStr for Severity {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|severity| severity.word() == text).ok_or(UnknownWord("severity"))
    }
}

impl FromStr for Detector {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|detector| detector.word() == text).ok_or(UnknownWord("kind"))
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The amounts a finding rests on, by name. A name says the unit: `spend_minor`, `roi_permille`, `days`.
pub type Operands = BTreeMap<String, i64>;

/// Something that needs somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What found it.
    pub detector: Detector,
    /// About what: the slug of a channel, a stage, or `all`.
    pub subject: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, in a few words.
    pub title: String,
    /// Why, with the operands.
    pub why: String,
    /// The operands.
    pub operands: Operands,
    /// What it is about one by one, where one more is news to who set it aside: the names of failed payments.
    pub about: BTreeSet<String>,
}

impl Finding {
    /// What it is known by from one look to the next.
    #[must_use]
    pub fn key(&self) -> String {
        self.detector.key_about(&self.subject)
    }
}
