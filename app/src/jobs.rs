//! What the page of jobs is asked and answered.

use domain::ids::JobId;
use domain::job::{JobKind, JobState};
use domain::tenant::Tenant;
use jiff::Timestamp;

/// Which jobs a page asks for, in the words of its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobsQuestion {
    /// Only those in this state.
    pub state: Option<String>,
}

/// The jobs of a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct JobsPage {
    /// Whose.
    pub tenant: Tenant,
    /// The state asked for.
    pub state: Option<JobState>,
    /// The jobs, the one that was tried last first.
    pub lines: Vec<JobLine>,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobLine {
    /// Which.
    pub id: JobId,
    /// What is done.
    pub kind: JobKind,
    /// What with.
    pub subject: String,
    /// Where it stands.
    pub state: JobState,
    /// How often it was tried since it was last done.
    pub attempts: i32,
    /// When it is tried next, as far as is known.
    pub next_run_at: Option<Timestamp>,
    /// When it was last tried.
    pub started_at: Option<Timestamp>,
    /// When it was last done or given up.
    pub ended_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Who paused it, and when.
    pub paused: Option<(String, Timestamp)>,
}
