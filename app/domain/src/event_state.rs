//! Where an event of Stripe's can be on its way into the ledger.

use std::str::FromStr;

use serde::Serialize;

/// Where an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// Not looked at yet.
    Pending,
    /// In the ledger, or tied to it.
    Applied,
    /// Says nothing of money that is booked.
    Ignored,
    /// Belongs to an account nobody connected.
    Quarantined,
    /// Cannot be understood.
    Dead,
}

impl EventState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Applied, Self::Ignored, Self::Quarantined, Self::Dead];

    /// The word stored, sent and filtered by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Quarantined => "quarantined",
            Self::Dead => "dead",
        }
    }
}

/// A text that names no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is never in that state")]
pub struct UnknownEventState;

impl FromStr for EventState {
    type Err = UnknownEventState;

    fn from_str(text: &str) -> Result<Self, UnknownEventState> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(UnknownEventState)
    }
}
