//! The tools of a tenant that people are reached and looked up with, as the connections page shows them.

use domain::connection::{ConnectionState, SyncState, Tool};
use jiff::Timestamp;

/// A tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolLine {
    /// Which.
    pub tool: Tool,
    /// How it is connected, if it ever was.
    pub connection: Option<ToolConnection>,
    /// Whether there is a key to ask it with.
    pub has_key: bool,
    /// The last time it was read.
    pub last: Option<SyncLine>,
}

/// How a tool is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolConnection {
    /// How it stands.
    pub state: ConnectionState,
    /// Why it does not work.
    pub problem: Option<String>,
    /// What its key allows, in words.
    pub can: Vec<String>,
    /// What its key does not allow, in words, and why not.
    pub cannot: Vec<(String, String)>,
    /// Whether it is to tell us of things itself.
    pub is_heard: bool,
    /// Who connected it.
    pub connected_by: String,
    /// When.
    pub connected_at: Timestamp,
}

/// A time a tool was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncLine {
    /// How it stands.
    pub state: SyncState,
    /// Whether whoever read it is gone.
    pub is_interrupted: bool,
    /// Who had it read.
    pub started_by: String,
    /// When.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How much was new.
    pub created: i64,
    /// How much was other than before.
    pub changed: i64,
    /// How much was known as it is.
    pub same: i64,
    /// How much could not be taken.
    pub rejected: i64,
    /// The first of those: what, and why.
    pub rejections: Vec<(String, String)>,
    /// Why it failed.
    pub problem: Option<String>,
}

impl SyncLine {
    /// How much came.
    #[must_use]
    pub const fn came(&self) -> i64 {
        self.created + self.changed + self.same + self.rejected
    }
}
