//! Bringing files in: what they are of, what their columns mean, and what was wrong with their rows.

use std::fmt;
use std::str::FromStr;

use crate::access::Permission;
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
    /// Which records of the tenant's Stripe's customers are.
    Links,
}

impl ImportKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Leads, Self::Campaigns, Self::Deals, Self::Costs, Self::Links];

    /// The word stored, sent and typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Leads => "leads",
            Self::Campaigns => "campaigns",
            Self::Deals => "deals",
            Self::Costs => "costs",
            Self::Links => "links",
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leads => "Leads",
            Self::Campaigns => "Campaigns",
            Self::Deals => "Deals",
            Self::Costs => "Costs",
            Self::Links => "Links of customers to records",
        }
    }

    /// What somebody has to be allowed to bring in a file of the kind.
    #[must_use]
    pub const fn needs(self) -> Permission {
        match self {
            Self::Costs => Permission::EditSettings,
            Self::Leads | Self::Campaigns | Self::Deals | Self::Links => Permission::Act,
        }
    }
}

/// A text that names nothing that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("leads, campaigns, deals, costs or links can be imported")]
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

/// How a file is that was sent and is not brought in yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileState {
    /// It is being sent.
    Arriving,
    /// It waits for somebody to say what its columns are.
    Waiting,
    /// It is read, and nothing is kept.
    Checking,
    /// It was read, and nothing was kept.
    Checked,
    /// It is brought in.
    Importing,
    /// It was brought in.
    Done,
    /// It could not be read to its end.
    Failed,
}

impl FileState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Arriving,
        Self::Waiting,
        Self::Checking,
        Self::Checked,
        Self::Importing,
        Self::Done,
        Self::Failed,
    ];

    /// The word stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Arriving => "arriving",
            Self::Waiting => "waiting",
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Importing => "importing",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Whether it is being read.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Checking | Self::Importing)
    }
}

/// A text that names no state of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a file has no such state")]
pub struct InvalidFileState;

impl FromStr for FileState {
    type Err = InvalidFileState;

    fn from_str(text: &str) -> Result<Self, InvalidFileState> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(InvalidFileState)
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
        assert!(FileState::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
        assert!(ImportState::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
    }
}
