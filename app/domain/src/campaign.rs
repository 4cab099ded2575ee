//! Campaigns of the tools leads are reached with.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Whether a campaign reaches people at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// Not begun.
    Draft,
    /// Reaching people.
    Active,
    /// Stopped for the time being.
    Paused,
    /// Over.
    Finished,
    /// Its tool says something we do not know.
    Unknown,
}

impl CampaignState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Active, Self::Paused, Self::Finished, Self::Unknown];

    /// The word stored, sent and typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Unknown => "unknown",
        }
    }
}

/// A text that names no state of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a campaign is draft, active, paused, finished or unknown")]
pub struct InvalidCampaignState;

impl FromStr for CampaignState {
    type Err = InvalidCampaignState;

    fn from_str(text: &str) -> Result<Self, InvalidCampaignState> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(InvalidCampaignState)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(CampaignState::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
        assert_eq!("running".parse::<CampaignState>(), Err(InvalidCampaignState));
    }
}
