//! The life of an action: queued, called for at the tool, and what became of that.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is in the queue; the tool was not asked yet, or has certainly not done it.
    Queued,
    /// The tool is being asked, or was when a program ended.
    Calling,
    /// The tool was asked, and nobody knows what it made of that. It is asked how things stand.
    Unknown,
    /// It was done: the tool says so.
    Done,
    /// It was certainly not done, and is not tried again.
    Failed,
    /// It was done, and taken back.
    Undone,
    /// It was called off before the tool was asked.
    Cancelled,
    /// Nobody knows whether it was done, and it no longer matters: something newer was done to the same thing.
    Overtaken,
}

/// Something that happens to an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Somebody asked for it.
    Request,
    /// The tool is about to be asked.
    Call,
    /// The tool has certainly not done it; it is tried again.
    PutBack,
    /// The tool says it is done.
    Confirm,
    /// The tool says it does not do it, or it was tried too often.
    Refuse,
    /// The tool did not say.
    Silence,
    /// Somebody took it back.
    Undo,
    /// Somebody called it off.
    Cancel,
    /// Something newer was done to the same thing.
    Overtake,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Calling,
        Self::Unknown,
        Self::Done,
        Self::Failed,
        Self::Undone,
        Self::Cancelled,
        Self::Overtaken,
    ];

    /// The word stored, sent and asked for.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Calling => "calling",
            Self::Unknown => "unknown",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Undone => "undone",
            Self::Cancelled => "cancelled",
            Self::Overtaken => "overtaken",
        }
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Calling => "In progress",
            Self::Unknown => "Not known yet",
            Self::Done => "Done",
            Self::Failed => "Failed",
            Self::Undone => "Undone",
            Self::Cancelled => "Called off",
            Self::Overtaken => "Overtaken",
        }
    }

    /// Where a step leads from here; `None` where it cannot be taken.
    #[must_use]
    pub const fn after(self, step: Step) -> Option<Self> {
        Some(match (self, step) {
            (Self::Queued | Self::Unknown, Step::Call) => Self::Calling,
            (Self::Calling | Self::Unknown, Step::PutBack) => Self::Queued,
            (Self::Calling | Self::Unknown, Step::Confirm) => Self::Done,
            (Self::Queued | Self::Calling | Self::Unknown, Step::Refuse) => Self::Failed,
            (Self::Calling | Self::Unknown, Step::Silence) => Self::Unknown,
            (Self::Done, Step::Undo) => Self::Undone,
            (Self::Queued, Step::Cancel) => Self::Cancelled,
            (Self::Unknown, Step::Overtake) => Self::Overtaken,
            _ => return None,
        })
    }

    /// Whether something is still to come of it, so that nothing else is to be done to the same thing meanwhile.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Queued | Self::Calling)
    }
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 9] = [
        Self::Request,
        Self::Call,
        Self::PutBack,
        Self::Confirm,
        Self::Refuse,
        Self::Silence,
        Self::Undo,
        Self::Cancel,
        Self::Overtake,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Call => "call",
            Self::PutBack => "put_back",
            Self::Confirm => "confirm",
            Self::Refuse => "refuse",
            Self::Silence => "silence",
            Self::Undo => "undo",
            Self::Cancel => "cancel",
            Self::Overtake => "overtake",
        }
    }

    /// What happened, for people.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Request => "Asked for",
            Self::Call => "Sent to the tool",
            Self::PutBack => "Not done; it is tried again",
            Self::Confirm => "Done, the tool says",
            Self::Refuse => "Not done",
            Self::Silence => "No answer; the tool is asked how things stand",
            Self::Undo => "Taken back",
            Self::Cancel => "Called off",
            Self::Overtake => "Not known; something newer was done since",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A text that names no state or step of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an action is queued, calling, unknown, done, failed, undone, cancelled or overtaken")]
pub struct InvalidState;

impl FromStr for State {
    type Err = InvalidState;

    fn from_str(text: &str) -> Result<Self, InvalidState> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(InvalidState)
    }
}

impl FromStr for Step {
    type Err = InvalidState;

    fn from_str(text: &str) -> Result<Self, InvalidState> {
        Self::ALL.into_iter().find(|step| step.word() == text).ok_or(InvalidState)
    }
}
