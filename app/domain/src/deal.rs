//! Deals: what may come of leads, in money.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Whether a deal is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DealState {
    /// It may still be won.
    Open,
    /// It was won.
    Won,
    /// It was lost.
    Lost,
}

impl DealState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Won, Self::Lost];

    /// The word stored, sent and typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    /// How likely a deal in this state is to be won, where nobody said.
    #[must_use]
    pub const fn usual_probability_percent(self) -> i16 {
        match self {
            Self::Open => 50,
            Self::Won => 100,
            Self::Lost => 0,
        }
    }
}

/// A text that names no state of a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a deal is open, won or lost")]
pub struct InvalidDealState;

impl FromStr for DealState {
    type Err = InvalidDealState;

    fn from_str(text: &str) -> Result<Self, InvalidDealState> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(InvalidDealState)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(DealState::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
        assert_eq!("maybe".parse::<DealState>(), Err(InvalidDealState));
    }
}
