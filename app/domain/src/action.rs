//! What somebody can have done about something, at the tool where it is.
//!
//! [`ActionKind`] is the one registry: every button, form, call and command is made of it. [`State`] is the life of an
//! action, [`limits`] says how many are too many, [`outcome`] what came of it.
//!
//! To add a kind: its variant with its words, from and to which state it takes a campaign, what takes it back; its word
//! in a migration's check; what it asks of the tool in `server/src/actions/calling.rs`.

mod life;
pub mod limits;
pub mod outcome;
mod preview;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use life::{State, Step};
pub use preview::{Earlier, Preview};

use crate::campaign::CampaignState;

/// Something that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// Lets a campaign begin.
    LaunchCampaign,
    /// Stops a campaign for the time being.
    PauseCampaign,
    /// Lets a campaign go on.
    ResumeCampaign,
}

impl ActionKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::LaunchCampaign, Self::PauseCampaign, Self::ResumeCampaign];

    /// The word stored, sent and typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::LaunchCampaign => "launch_campaign",
            Self::PauseCampaign => "pause_campaign",
            Self::ResumeCampaign => "resume_campaign",
        }
    }

    /// What its button says.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LaunchCampaign => "Launch campaign",
            Self::PauseCampaign => "Pause campaign",
            Self::ResumeCampaign => "Resume campaign",
        }
    }

    /// The same where it is clear what is meant.
    #[must_use]
    pub const fn short_name(self) -> &'static str {
        match self {
            Self::LaunchCampaign => "Launch",
            Self::PauseCampaign => "Pause",
            Self::ResumeCampaign => "Resume",
        }
    }

    /// What happens when it is done.
    #[must_use]
    pub const fn means(self) -> &'static str {
        match self {
            Self::LaunchCampaign => "Its first messages go out, to everybody who is in it.",
            Self::PauseCampaign => {
                "No more messages go out until somebody resumes it. Who is in the middle of it stays where they are."
            }
            Self::ResumeCampaign => "Messages go out again, from where each person was.",
        }
    }

    /// The state it takes a campaign to.
    #[must_use]
    pub const fn leads_to(self) -> CampaignState {
        match self {
            Self::LaunchCampaign | Self::ResumeCampaign => CampaignState::Active,
            Self::PauseCampaign => CampaignState::Paused,
        }
    }

    /// Whether it can be done to a campaign in a state. What a tool calls otherwise than we know may be either.
    #[must_use]
    pub const fn is_possible_from(self, state: CampaignState) -> bool {
        match self {
            Self::LaunchCampaign => matches!(state, CampaignState::Draft),
            Self::PauseCampaign => matches!(state, CampaignState::Active | CampaignState::Unknown),
            Self::ResumeCampaign => {
                matches!(state, CampaignState::Paused | CampaignState::Finished | CampaignState::Unknown)
            }
        }
    }

    /// What can be done to a campaign in a state.
    pub fn possible_from(state: CampaignState) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |kind| kind.is_possible_from(state))
    }

    /// What takes it back.
    #[must_use]
    pub const fn undone_by(self) -> Self {
        match self {
            Self::LaunchCampaign | Self::ResumeCampaign => Self::PauseCampaign,
            Self::PauseCampaign => Self::ResumeCampaign,
        }
    }
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A text that names no kind of action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such action")]
pub struct InvalidActionKind;

impl FromStr for ActionKind {
    type Err = InvalidActionKind;

    fn from_str(text: &str) -> Result<Self, InvalidActionKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or(InvalidActionKind)
    }
}

#[cfg(test)]
mod tests;
