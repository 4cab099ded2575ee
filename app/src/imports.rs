//! What the page that brings files in is asked and answered.

use domain::ids::{ImportFileId, ImportId};
use domain::importing::{FileState, ImportKind, ImportState, RowProblem};
use domain::tenant::Tenant;
use jiff::Timestamp;

/// What is asked of files, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportsQuestion {
    /// The file that was sent.
    pub file: Option<String>,
    /// Why one was not taken.
    pub wrong: Option<String>,
}

/// Files that were brought in, and the one that is about to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Imports {
    /// Whose.
    pub tenant: Tenant,
    /// What the viewer may bring.
    pub kinds: Vec<ImportKind>,
    /// How many megabytes a file may have.
    pub most_megabytes: usize,
    /// Why a file was not taken.
    pub wrong: Option<&'static str>,
    /// The file that was sent.
    pub sent: Option<SentFile>,
    /// The newest files that were brought in.
    pub batches: Vec<BatchLine>,
}

/// A file that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFile {
    /// Which.
    pub id: ImportFileId,
    /// What its rows are.
    pub kind: ImportKind,
    /// What it is called.
    pub name: String,
    /// How many bytes it has.
    pub size: i64,
    /// How it is.
    pub state: FileState,
    /// Whether reading it ended with the program.
    pub is_silent: bool,
    /// Why it could not be read to its end.
    pub problem: Option<String>,
    /// How many rows were read.
    pub rows: i64,
    /// How many bring something new.
    pub created: i64,
    /// How many change what is there.
    pub changed: i64,
    /// How many are left out.
    pub refused: i64,
    /// Its columns, each with the field it is read as.
    pub columns: Vec<(String, Option<&'static str>)>,
    /// What can be said of its rows.
    pub fields: &'static [&'static str],
    /// The first rows that are left out, and why.
    pub problems: Vec<RowProblem>,
}

/// A file that was brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchLine {
    /// Which.
    pub id: ImportId,
    /// What its rows are.
    pub kind: ImportKind,
    /// What it was called.
    pub name: String,
    /// How it is.
    pub state: ImportState,
    /// How many rows it had.
    pub rows: i64,
    /// How many brought something new.
    pub created: i64,
    /// How many changed what was there.
    pub changed: i64,
    /// How many were left out.
    pub refused: i64,
    /// Who brought it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Who took it out again, and how much that was.
    pub undone: Option<(String, i64)>,
    /// Whether the viewer may take it out.
    pub may_undo: bool,
}
