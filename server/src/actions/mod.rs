//! Actions: what somebody has done at the tool it is in, asked for once and called for once.
//!
//! `domain::action` lists the kinds and the life of one. [`asking`] shows what one would touch and takes it on: action,
//! history, audit line and job are one transaction. [`calling`] is the job: it notes that the tool is being asked before
//! it asks, so that a program that ends in between leaves a trace, and whoever goes on asks how things stand instead of
//! asking again. [`settling`] says what becomes of one nobody knows the outcome of, [`undoing`] takes one back,
//! [`telling`] lists them. [`leads`] is all of that for what is done to leads instead of a campaign.

mod asking;
mod calling;
mod leads;
mod settling;
mod telling;
mod undoing;

use connectors::{Connector, Enrichment, Failure};
use domain::action::{State, Step};
use domain::connection::Tool;
use domain::ids::TenantId;
use jiff::Timestamp;
use store::actions::{ActionEvent, StoredAction};
use store::work::TenantWork;
use store::{Store, StoreError};

pub(crate) use settling::settle_told;

pub use asking::{ActionAsked, Asked, Shown};
pub use leads::LeadsAsked;
pub(crate) use leads::{found_of, seen_of};
pub use telling::{ActionsAsked, Told};
pub use undoing::Undoing;

use crate::clock::Clock;
use crate::connections::{Connections, SyncError};

/// What has things done at tools.
#[derive(Clone, Debug)]
pub struct Actions {
    /// Where actions are kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// How tools are reached.
    pub connections: Connections,
}

impl Actions {
    /// A way to a tool of a tenant.
    async fn connector(&self, tenant: TenantId, tool: Tool) -> Result<Box<dyn Connector>, Failure> {
        self.connections.connector(tenant, tool).await.map_err(unreached)
    }

    /// A way to a tool of a tenant that looks people up.
    async fn enrichment(&self, tenant: TenantId, tool: Tool) -> Result<Box<dyn Enrichment>, Failure> {
        self.connections.enrichment(tenant, tool).await.map_err(unreached)
    }
}

/// Why there is no way to a tool.
fn unreached(error: SyncError) -> Failure {
    match error {
        SyncError::Tool(failure) => failure,
        // That our own database is away is no reason to give up.
        SyncError::Store(_) | SyncError::Refused(_) => Failure::Unreachable { words: error.to_string() },
        _ => Failure::Impossible { words: error.to_string() },
    }
}

/// What is known about a step beside that it was taken.
#[derive(Clone, Debug, Default)]
struct Known {
    by: Option<String>,
    note: Option<String>,
}

impl Known {
    fn note(note: impl Into<String>) -> Self {
        Self { by: None, note: Some(note.into()).filter(|note: &String| !note.is_empty()) }
    }

    fn by(name: impl Into<String>) -> Self {
        Self { by: Some(name.into()), note: None }
    }
}

/// Takes a step of an action's life and keeps it; `None` where it cannot be taken from where the action is.
async fn step(
    work: &mut TenantWork,
    action: &StoredAction,
    step: Step,
    known: Known,
    now: Timestamp,
) -> Result<Option<StoredAction>, StoreError> {
    let Some(state) = action.state.after(step) else { return Ok(None) };
    let has_ended = !state.is_under_way() && state != State::Unknown;
    let problem = match step {
        Step::Refuse | Step::Silence | Step::PutBack => known.note.clone().or(action.problem.clone()),
        _ => None,
    };
    let after = StoredAction {
        state,
        problem,
        called_at: if step == Step::Call { Some(now) } else { action.called_at },
        ended_at: if step == Step::Undo { action.ended_at } else { has_ended.then_some(now) },
        version: action.version + 1,
        ..action.clone()
    };
    work.action_set(&after).await?;
    let event = ActionEvent {
        action: after.id,
        version: after.version,
        step,
        state,
        by: known.by,
        note: known.note,
        at: now,
    };
    work.action_event_insert(&event).await?;
    Ok(Some(after))
}
