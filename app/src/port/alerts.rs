//! What needs somebody.

use domain::alert::{Change, Finding, Severity, State};
use domain::ids::{AlertCommentId, AlertId};
use jiff::Timestamp;

use super::TenantView;

/// Which alerts are asked for, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertsQuestion {
    /// `tenant_id`, which links carry along.
    pub tenant_id: Option<String>,
    /// Only those in this state; without it every one that is not resolved.
    pub state: Option<String>,
}

/// The alerts of a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertsPage {
    /// Whose.
    pub tenant: TenantView,
    /// The state asked for.
    pub state: Option<State>,
    /// How many nobody has looked after.
    pub open: i64,
    /// The alerts: those not resolved first, the worst first.
    pub lines: Vec<AlertLine>,
    /// Whom they can be assigned to, by e-mail address; told to who may.
    pub members: Vec<String>,
    /// When this was so.
    pub as_of: Timestamp,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertLine {
    /// Its id.
    pub id: AlertId,
    /// What it says.
    pub finding: Finding,
    /// Where it is.
    pub state: State,
    /// Who looks after it.
    pub assignee: Option<String>,
    /// When its condition was first found.
    pub opened_at: Timestamp,
    /// When its condition was last found.
    pub last_seen_at: Timestamp,
    /// Until when it is not shown.
    pub snoozed_until: Option<Timestamp>,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// Counts changes of its state and severity.
    pub version: i32,
    /// What happened to it, the newest first; none where only what needs somebody is told.
    pub history: Vec<AlertEventLine>,
    /// What was said about it, the oldest first; none likewise.
    pub comments: Vec<AlertCommentLine>,
}

/// Something somebody said about an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertCommentLine {
    /// Its id.
    pub id: AlertCommentId,
    /// Who said it.
    pub by: String,
    /// What was said.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// Something that happened to an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertEventLine {
    /// What.
    pub change: Change,
    /// How much it mattered from then on.
    pub severity: Severity,
    /// Why it was there.
    pub why: String,
    /// Who did it; `None` when it happened by itself.
    pub by: Option<String>,
    /// Until when it was snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// To whom it was assigned.
    pub assignee: Option<String>,
    /// When.
    pub at: Timestamp,
}
