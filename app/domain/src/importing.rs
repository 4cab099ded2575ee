//! Bringing files in: what they are of, what their columns mean, and what was wrong with their rows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a file's rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// Leads.
    Leads,
    /// Campaigns.
    Campaigns,
    /// Deals.
    Deals,
    /// What channels cost.
    Costs,
}

impl ImportKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Leads, Self::Campaigns, Self::Deals, Self::Costs];

    /// The word stored, sent and typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Leads => "leads",
            Self::Campaigns => "campaigns",
            Self::Deals => "deals",
            Self::Costs => "costs",
        }
    }
}

/// A text that names nothing that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("leads, campaigns, deals or costs can be imported")]
pub struct InvalidImportKind;

impl FromStr for ImportKind {
    type Err = InvalidImportKind;

    fn from_str(text: &str) -> Result<Self, InvalidImportKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or(InvalidImportKind)
    }
}

/// How a file that is brought in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// It is being read.
    Running,
    /// It was read to its end.
    Done,
    /// Reading it ended in the middle; what was read until then stays.
    Failed,
    /// What it created was taken out again.
    Undone,
}

impl ImportState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Running, Self::Done, Self::Failed, Self::Undone];

    /// The word stored and sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Undone => "undone",
        }
    }
}

/// A text that names no state of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an import is running, done, failed or undone")]
pub struct InvalidImportState;

impl FromStr for ImportState {
    type Err = InvalidImportState;

    fn from_str(text: &str) -> Result<Self, InvalidImportState> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(InvalidImportState)
    }
}

/// Why a row was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowProblem {
    /// The line of the file it begins on, from 1.
    pub line: u64,
    /// The field at fault.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = if self.field.is_empty() { String::new() } else { format!("{}: ", self.field) };
        write!(f, "line {}: {field}{}", self.line, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(ImportKind::ALL.into_iter().all(|kind| kind.word().parse() == Ok(kind)));
        assert!(ImportState::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
    }
}
