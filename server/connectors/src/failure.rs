//! Why a tool did not do or answer something, and what that means for whoever asked.

use std::time::Duration;

/// Why it came to nothing. No text holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The tool answered that it does not do this.
    #[error("it refused ({status}): {words}")]
    Refused {
        /// The status it answered with.
        status: u16,
        /// Why, in its words.
        words: String,
    },
    /// The tool wants to be left alone.
    #[error("it asks to be left alone for {} seconds", wait.as_secs())]
    Limited {
        /// For how long, at least.
        wait: Duration,
    },
    /// It was asked, and nobody knows what it made of that: there was no answer in time, or the connection broke.
    #[error("it was asked and did not answer: {words}")]
    Unanswered {
        /// What happened.
        words: String,
    },
    /// It could not be asked.
    #[error("it cannot be reached: {words}")]
    Unreachable {
        /// What happened.
        words: String,
    },
    /// It answered something nobody can make sense of.
    #[error("its answer cannot be read: {words}")]
    Unreadable {
        /// What is wrong with it.
        words: String,
    },
    /// It was not asked, because it cannot be done.
    #[error("{words}")]
    Impossible {
        /// Why.
        words: String,
    },
}

/// What became of something that was to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was certainly not done.
    NotDone,
    /// It may have been done: ask the tool before trying again.
    Unknown,
}

impl Failure {
    /// What became of the deed. A tool that broke while it worked (500 and above) may have done it.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Refused { status, .. } if *status >= 500 => Outcome::Unknown,
            Self::Unanswered { .. } | Self::Unreadable { .. } => Outcome::Unknown,
            Self::Refused { .. }
            | Self::Limited { .. }
            | Self::Unreachable { .. }
            | Self::Impossible { .. } => Outcome::NotDone,
        }
    }

    /// For how long the tool is not to be asked again, at least.
    #[must_use]
    pub const fn wait(&self) -> Duration {
        match self {
            Self::Limited { wait } => *wait,
            _ => Duration::ZERO,
        }
    }

    /// Whether the key is at fault, so that nothing can be asked with it until somebody does something.
    #[must_use]
    pub const fn is_about_the_key(&self) -> bool {
        matches!(self, Self::Refused { status: 401..=403, .. })
    }

    /// Whether asking again, later, may go better.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Limited { .. } | Self::Unanswered { .. } | Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => *status >= 500 || *status == 408,
            Self::Unreadable { .. } | Self::Impossible { .. } => false,
        }
    }

    /// The same, when it kept something from being begun: then it was certainly not done.
    pub(crate) fn before_doing(self) -> Self {
        match self {
            Self::Unanswered { words } | Self::Unreadable { words } => Self::Unreachable { words },
            Self::Refused { status, words } if status >= 500 => {
                Self::Unreachable { words: format!("it said {status}: {words}") }
            }
            other => other,
        }
    }

    pub(crate) fn unreadable(words: impl Into<String>) -> Self {
        Self::Unreadable { words: words.into() }
    }

    pub(crate) fn impossible(words: impl Into<String>) -> Self {
        Self::Impossible { words: words.into() }
    }
}
