//! What is done to leads: looking them up, and writing to them once more.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ActionKind;
use crate::ids::LeadId;

/// The most leads one action is done to.
pub const MOST_AT_ONCE: usize = 100;

/// The most leads looked up and written to within a day, whoever asked: a tenant's credits and good name are finite.
pub const MOST_A_DAY: i64 = 500;

/// For how long somebody who was written to once more is left alone.
pub const QUIET: SignedDuration = SignedDuration::from_hours(3 * 24);

/// How long a message waits before it goes out, so that it can be called off.
pub const SENT_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// For how long a tool may work at a question.
pub const LONGEST_SEARCH: SignedDuration = SignedDuration::from_hours(24);

/// What an action would do to leads, as things are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadsPreview {
    /// What would be done.
    pub kind: ActionKind,
    /// To whom, in their order.
    pub leads: Vec<LeadTouched>,
    /// Who was asked for as well and is left alone.
    pub left_out: Vec<LeadLeftOut>,
    /// What each is written, before names stand in it; of a message only.
    pub text: Option<String>,
    /// How many of the tool's credits it costs at most; of looking up only.
    pub credits: Option<i64>,
}

/// Somebody an action would be done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadTouched {
    /// Who.
    pub lead: LeadId,
    /// What they are called.
    pub name: String,
    /// The tool that is asked.
    pub tool: String,
    /// What they are written.
    pub message: Option<String>,
    /// When the same was last done.
    pub last_at: Option<Timestamp>,
    /// Why it did not come to anything then.
    pub last_problem: Option<String>,
}

/// Somebody an action is not done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadLeftOut {
    /// Who.
    pub lead: LeadId,
    /// What they are called.
    pub name: String,
    /// Why not.
    pub why: String,
}

impl LeadsPreview {
    /// Whom it is done to, for people.
    #[must_use]
    pub fn name(&self) -> String {
        match self.leads.as_slice() {
            [only] => only.name.clone(),
            leads => format!("{} leads", leads.len()),
        }
    }
}

/// How far an action is with one lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadState {
    /// The tool was not asked yet, or has certainly not done it.
    Queued,
    /// The tool is being asked, or was when a program ended.
    Calling,
    /// The tool works at it.
    Waiting,
    /// The tool was asked, and nobody knows what it made of that.
    Unknown,
    /// It is done: the tool says so.
    Done,
    /// It came to nothing.
    Failed,
    /// It was called off before the tool was asked.
    Cancelled,
}

impl LeadState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Calling,
        Self::Waiting,
        Self::Unknown,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Calling => "calling",
            Self::Waiting => "waiting",
            Self::Unknown => "unknown",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Calling => "In progress",
            Self::Waiting => "The tool works at it",
            Self::Unknown => "Not known",
            Self::Done => "Done",
            Self::Failed => "Failed",
            Self::Cancelled => "Called off",
        }
    }

    /// Whether the program is still to do something about it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Calling | Self::Waiting)
    }
}

impl fmt::Display for LeadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A text that names no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("with a lead an action is queued, calling, waiting, unknown, done, failed or cancelled")]
pub struct InvalidLeadState;

impl FromStr for LeadState {
    type Err = InvalidLeadState;

    fn from_str(text: &str) -> Result<Self, InvalidLeadState> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(InvalidLeadState)
    }
}

/// How many leads an action is how far with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadCounts {
    /// Of whom something is still to come.
    pub open: i64,
    /// With whom it is done.
    pub done: i64,
    /// With whom it came to nothing.
    pub failed: i64,
    /// Of whom nobody knows.
    pub unknown: i64,
    /// Called off.
    pub cancelled: i64,
}

impl LeadCounts {
    /// Counts states.
    #[must_use]
    pub fn of(states: impl IntoIterator<Item = LeadState>) -> Self {
        states.into_iter().fold(Self::default(), |mut counts, state| {
            let counted = match state {
                LeadState::Queued | LeadState::Calling | LeadState::Waiting => &mut counts.open,
                LeadState::Done => &mut counts.done,
                LeadState::Failed => &mut counts.failed,
                LeadState::Unknown => &mut counts.unknown,
                LeadState::Cancelled => &mut counts.cancelled,
            };
            *counted += 1;
            counts
        })
    }

    /// The counts in words, those that are not zero only.
    #[must_use]
    pub fn in_words(&self) -> String {
        let counted = [
            (self.done, "done"),
            (self.failed, "failed"),
            (self.unknown, "not known"),
            (self.open, "to come"),
            (self.cancelled, "called off"),
        ];
        let said: Vec<String> =
            counted.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if said.is_empty() { "nobody".to_owned() } else { said.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_as_they_are_written_and_each_is_counted_once() {
        assert!(LeadState::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
        assert!("sent".parse::<LeadState>().is_err());
        let counts = LeadCounts::of(LeadState::ALL);
        assert_eq!(counts.open + counts.done + counts.failed + counts.unknown + counts.cancelled, 7);
        assert_eq!(counts.in_words(), "1 done, 1 failed, 1 not known, 3 to come, 1 called off");
        assert_eq!(LeadCounts::default().in_words(), "nobody");
        for state in LeadState::ALL {
            assert_eq!(LeadCounts::of([state]).open == 1, state.is_open(), "{state}");
        }
    }
}
