//! What somebody can have done about something, at the tool where it is.
//!
//! [`ActionKind`] is the one registry: every button, form, call and command is made of it. [`State`] is the life of an
//! action, [`limits`] says how many are too many, [`outcome`] what came of it.
//!
//! A kind is done to one campaign or to leads; [`Preview`] says which. To add a kind: its variant with its words, from and
//! to which state it takes a campaign, what takes it back; its word in a migration's check; what it asks of the tool in
//! `server/src/actions`.

pub mod leads;
mod life;
pub mod limits;
pub mod message;
pub mod outcome;
mod preview;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use life::{State, Step};
pub use preview::{CampaignPreview, Earlier, Preview};

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
    /// Looks leads up, for the first time or again.
    RetryEnrichment,
    /// Writes to leads once more, in the conversation there is.
    SendFollowUp,
}

impl ActionKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::LaunchCampaign,
        Self::PauseCampaign,
        Self::ResumeCampaign,
        Self::RetryEnrichment,
        Self::SendFollowUp,
    ];

    /// Those that are done to leads.
    pub const OF_LEADS: [Self; 2] = [Self::RetryEnrichment, Self::SendFollowUp];

    /// The word stored, sent and typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::LaunchCampaign => "launch_campaign",
            Self::PauseCampaign => "pause_campaign",
            Self::ResumeCampaign => "resume_campaign",
            Self::RetryEnrichment => "retry_enrichment",
            Self::SendFollowUp => "send_follow_up",
        }
    }

    /// What its button says.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LaunchCampaign => "Launch campaign",
            Self::PauseCampaign => "Pause campaign",
            Self::ResumeCampaign => "Resume campaign",
            Self::RetryEnrichment => "Enrich leads",
            Self::SendFollowUp => "Send follow-up",
        }
    }

    /// The same where it is clear what is meant.
    #[must_use]
    pub const fn short_name(self) -> &'static str {
        match self {
            Self::LaunchCampaign => "Launch",
            Self::PauseCampaign => "Pause",
            Self::ResumeCampaign => "Resume",
            Self::RetryEnrichment => "Enrich",
            Self::SendFollowUp => "Follow up with",
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
            Self::RetryEnrichment => {
                "Each lead is looked up once. What is found fills in what is not known of them, and takes them out of the pool."
            }
            Self::SendFollowUp => "Each lead gets one message, in the conversation there is with them.",
        }
    }

    /// Whether it is done to leads, and to no campaign.
    #[must_use]
    pub const fn is_of_leads(self) -> bool {
        matches!(self, Self::RetryEnrichment | Self::SendFollowUp)
    }

    /// The state it takes a campaign to, when it is done to one.
    #[must_use]
    pub const fn leads_to(self) -> Option<CampaignState> {
        match self {
            Self::LaunchCampaign | Self::ResumeCampaign => Some(CampaignState::Active),
            Self::PauseCampaign => Some(CampaignState::Paused),
            Self::RetryEnrichment | Self::SendFollowUp => None,
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
            Self::RetryEnrichment | Self::SendFollowUp => false,
        }
    }

    /// What can be done to a campaign in a state.
    pub fn possible_from(state: CampaignState) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |kind| kind.is_possible_from(state))
    }

    /// What takes it back once it is done; what was sent or looked up stays so.
    #[must_use]
    pub const fn undone_by(self) -> Option<Self> {
        match self {
            Self::LaunchCampaign | Self::ResumeCampaign => Some(Self::PauseCampaign),
            Self::PauseCampaign => Some(Self::ResumeCampaign),
            Self::RetryEnrichment | Self::SendFollowUp => None,
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
