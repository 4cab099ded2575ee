//! Work that is done later, again when it failed, or on schedule.
//!
//! To add a kind of job: a [`JobKind`] with its words, and its line in `server/src/jobs/running.rs`; the word in a
//! migration's check.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Looks for what needs somebody.
    EvaluateAlerts,
    /// Reads a connected tool.
    SyncConnection,
    /// Does at a provider what somebody asked for.
    PerformAction,
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::EvaluateAlerts, Self::SyncConnection, Self::PerformAction];

    /// The word stored, sent and filtered by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::EvaluateAlerts => "evaluate_alerts",
            Self::SyncConnection => "sync_connection",
            Self::PerformAction => "perform_action",
        }
    }

    /// What it does, for people.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::EvaluateAlerts => "Look for what needs somebody",
            Self::SyncConnection => "Read a connected tool",
            Self::PerformAction => "Carry out an action",
        }
    }

    /// How often it is done by itself; `None` when only somebody has it done.
    #[must_use]
    pub const fn every(self) -> Option<SignedDuration> {
        match self {
            Self::EvaluateAlerts => Some(SignedDuration::from_mins(10)),
            Self::SyncConnection => Some(SignedDuration::from_mins(15)),
            Self::PerformAction => None,
        }
    }

    /// How often it is tried before it is given up.
    #[must_use]
    pub const fn most_attempts(self) -> i32 {
        match self {
            Self::EvaluateAlerts | Self::SyncConnection => 3,
            Self::PerformAction => 8,
        }
    }

    /// How long one attempt may take.
    #[must_use]
    pub const fn time_limit(self) -> Duration {
        match self {
            Self::EvaluateAlerts => Duration::from_secs(300),
            // A long reading goes on where it was the next time.
            Self::SyncConnection => Duration::from_secs(600),
            Self::PerformAction => Duration::from_secs(120),
        }
    }
}

impl fmt::Display for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A text that names no kind of job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such kind of job")]
pub struct InvalidJobKind;

impl FromStr for JobKind {
    type Err = InvalidJobKind;

    fn from_str(text: &str) -> Result<Self, InvalidJobKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or(InvalidJobKind)
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Its time, or that of its next attempt, has not come.
    Waiting,
    /// It is being tried.
    Running,
    /// It was done.
    Done,
    /// It was given up.
    Failed,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Done, Self::Failed];

    /// The word stored, sent and filtered by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Running => "Running",
            Self::Done => "Done",
            Self::Failed => "Failed",
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A text that names no state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a job is waiting, running, done or failed")]
pub struct InvalidJobState;

impl FromStr for JobState {
    type Err = InvalidJobState;

    fn from_str(text: &str) -> Result<Self, InvalidJobState> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(InvalidJobState)
    }
}

/// How long it is until the attempt after so many is made: e to the power of their number in seconds, as the queue
/// reckons it, six hours at most.
#[must_use]
pub fn pause_after(attempts: i32) -> SignedDuration {
    const SECONDS: [i64; 11] = [1, 3, 7, 20, 55, 148, 403, 1_097, 2_981, 8_103, 22_026];
    let place = usize::try_from(attempts).unwrap_or_default().min(SECONDS.len() - 1);
    SignedDuration::from_secs(SECONDS.get(place).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(JobKind::ALL.into_iter().all(|kind| kind.word().parse() == Ok(kind)));
        assert!(JobState::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
        assert_eq!("paused".parse::<JobState>(), Err(InvalidJobState));
    }

    #[test]
    fn every_attempt_waits_longer_than_the_one_before_up_to_six_hours() {
        let pauses: Vec<SignedDuration> = (1..=10).map(pause_after).collect();
        assert!(pauses.is_sorted() && pauses.first() == Some(&SignedDuration::from_secs(3)));
        assert_eq!(pause_after(40), pause_after(10));
    }
}
