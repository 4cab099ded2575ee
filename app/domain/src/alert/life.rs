//! What becomes of an alert: opened, acknowledged, snoozed, resolved by hand or by itself, and armed again.
//!
//! An alert stands from the look that first finds its condition to the look that finds it gone. While it stands,
//! nothing else is opened under its key; once it is over, the condition opens a new one. What somebody set aside comes
//! back when it gets worse than it was then or is about something more, and a snoozed one when its time is over.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Severity, UnknownWord};

/// Where an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nobody has looked after it.
    Open,
    /// Somebody looks after it.
    Acknowledged,
    /// It is not shown until a time, or until it gets worse.
    Snoozed,
    /// It is done with.
    Resolved,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Acknowledged, Self::Snoozed, Self::Resolved];

    /// The word stored, sent and asked for.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
        }
    }
}

impl FromStr for State {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(UnknownWord("state"))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Something that happened to an alert; its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Its condition was found.
    Opened,
    /// It came back: its time was over, it got worse, or it is about something more.
    Reopened,
    /// It matters more than before.
    Worsened,
    /// It matters less than before.
    Eased,
    /// Somebody looks after it.
    Acknowledged,
    /// Somebody does not want to see it for now.
    Snoozed,
    /// Somebody is done with it.
    Resolved,
    /// A member is to look after it.
    Assigned,
    /// Nobody in particular is to any more.
    Unassigned,
    /// Its condition is gone.
    Cleared,
}

impl Change {
    /// Every change.
    pub const ALL: [Self; 10] = [
        Self::Opened,
        Self::Reopened,
        Self::Worsened,
        Self::Eased,
        Self::Acknowledged,
        Self::Snoozed,
        Self::Resolved,
        Self::Assigned,
        Self::Unassigned,
        Self::Cleared,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::Worsened => "worsened",
            Self::Eased => "eased",
            Self::Acknowledged => "acknowledged",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
            Self::Assigned => "assigned",
            Self::Unassigned => "unassigned",
            Self::Cleared => "cleared",
        }
    }

    /// What happened, for people.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Opened => "Opened",
            Self::Reopened => "Came back",
            Self::Worsened => "Got worse",
            Self::Eased => "Got better",
            Self::Acknowledged => "Acknowledged",
            Self::Snoozed => "Snoozed",
            Self::Resolved => "Resolved by hand",
            Self::Assigned => "Assigned",
            Self::Unassigned => "Assigned to nobody",
            Self::Cleared => "Cleared by itself",
        }
    }
}

impl FromStr for Change {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|change| change.word() == text).ok_or(UnknownWord("change"))
    }
}

/// What somebody does about an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// Looks after it.
    Acknowledge,
    /// Does not want to see it before this moment, unless it gets worse.
    Snooze(Timestamp),
    /// Is done with it, unless it gets worse.
    Resolve,
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where it is.
    pub state: State,
    /// How much it matters.
    pub severity: Severity,
    /// How much it mattered when somebody set it aside.
    pub set_aside_at: Option<Severity>,
    /// Until when it is not shown.
    pub snoozed_until: Option<Timestamp>,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// When its condition was gone; it is over then.
    pub cleared_at: Option<Timestamp>,
}

impl Standing {
    /// A condition is found under whose key nothing stands.
    #[must_use]
    pub const fn opened(severity: Severity) -> Self {
        Self {
            state: State::Open,
            severity,
            set_aside_at: None,
            snoozed_until: None,
            resolved_at: None,
            cleared_at: None,
        }
    }

    /// The condition still holds, and matters so much; whether it is about something that was not there when somebody
    /// set it aside.
    #[must_use]
    pub fn seen(self, severity: Severity, is_news: bool, now: Timestamp) -> (Self, Option<Change>) {
        let is_worse = self.set_aside_at.is_some_and(|before| is_news || severity > before);
        let is_over = self.snoozed_until.is_some_and(|until| until <= now);
        if is_worse || is_over {
            return (Self::opened(severity), Some(Change::Reopened));
        }
        let change = match severity.cmp(&self.severity) {
            std::cmp::Ordering::Greater => Some(Change::Worsened),
            std::cmp::Ordering::Less => Some(Change::Eased),
            std::cmp::Ordering::Equal => None,
        };
        (Self { severity, ..self }, change)
    }

    /// The condition no longer holds: it is over, and the next time opens another.
    #[must_use]
    pub fn cleared(self, now: Timestamp) -> (Self, Change) {
        let resolved_at = self.resolved_at.or(Some(now));
        let after =
            Self { state: State::Resolved, snoozed_until: None, resolved_at, cleared_at: Some(now), ..self };
        (after, Change::Cleared)
    }

    /// Somebody does something about it; `None` when it is that way already, or over.
    #[must_use]
    pub fn handled(self, handling: Handling, now: Timestamp) -> Option<(Self, Change)> {
        if self.state == State::Resolved {
            return None;
        }
        let aside = Self { set_aside_at: Some(self.severity), snoozed_until: None, ..self };
        match handling {
            Handling::Acknowledge if self.state == State::Acknowledged => None,
            Handling::Acknowledge => {
                Some((Self { state: State::Acknowledged, ..aside }, Change::Acknowledged))
            }
            Handling::Snooze(until) if until <= now => None,
            Handling::Snooze(until) => {
                Some((Self { state: State::Snoozed, snoozed_until: Some(until), ..aside }, Change::Snoozed))
            }
            Handling::Resolve => {
                Some((Self { state: State::Resolved, resolved_at: Some(now), ..aside }, Change::Resolved))
            }
        }
    }

    /// Whether its condition was still there at the last look.
    #[must_use]
    pub const fn stands(&self) -> bool {
        self.cleared_at.is_none()
    }
}
