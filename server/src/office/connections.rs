//! The tools of a tenant, as the connections page shows them.

use app::office::SecretLine;
use app::port::AskError;
use app::tools::{SyncLine, ToolConnection, ToolLine};
use connectors::Capabilities;
use domain::connection::{SecretKind, SyncState, Tool};
use domain::ids::TenantId;
use jiff::{SignedDuration, Timestamp};
use store::connections::StoredConnection;
use store::syncs::{Sync, SyncRejection};
use store::tenant_secrets::StoredSecret;
use store::work::TenantWork;

use crate::connections::Connections;
use crate::desk::ours;

/// How many of the things that were not taken are listed.
const REJECTIONS_SHOWN: i64 = 5;

/// After how long without coming further a reading counts as interrupted.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// Every tool, and how it stands.
pub(super) async fn tools(connections: &Connections, tenant: TenantId) -> Result<Vec<ToolLine>, AskError> {
    let now = connections.accounts.clock.now();
    let mut work = connections.accounts.store.within(tenant).await.map_err(ours)?;
    let stored = work.connections().await.map_err(ours)?;
    let secrets = work.secrets().await.map_err(ours)?;
    let mut lines = Vec::new();
    for tool in Tool::ALL {
        let connection = stored.iter().find(|connection| connection.tool == tool);
        let is_stored = secrets.iter().any(|secret| secret.kind == tool.secret());
        lines.push(ToolLine {
            tool,
            connection: connection.map(shown),
            has_key: is_stored,
            last: last_of(&mut work, tool, now).await?,
        });
    }
    drop(work);
    for line in lines.iter_mut().filter(|line| !line.has_key) {
        // What cannot be looked up is said when it is used.
        line.has_key = connections.has_key(tenant, line.tool).await.unwrap_or(false);
    }
    Ok(lines)
}

async fn last_of(work: &mut TenantWork, tool: Tool, now: Timestamp) -> Result<Option<SyncLine>, AskError> {
    let newest = work.syncs(Some(tool), 1).await.map_err(ours)?;
    let Some(last) = newest.into_iter().next() else { return Ok(None) };
    let rejections = work.sync_rejections(last.id, REJECTIONS_SHOWN).await.map_err(ours)?;
    Ok(Some(line(last, rejections, now)))
}

fn line(sync: Sync, rejections: Vec<SyncRejection>, now: Timestamp) -> SyncLine {
    let rests = now.duration_since(sync.heard_at) > PATIENCE;
    let what = |rejection: &SyncRejection| {
        let reference = rejection.reference.as_deref().unwrap_or("without a name");
        format!("{} {reference}", rejection.object)
    };
    SyncLine {
        is_interrupted: sync.state == SyncState::Running && rests,
        state: sync.state,
        started_by: sync.started_by,
        started_at: sync.started_at,
        ended_at: sync.ended_at,
        created: sync.counts.created,
        changed: sync.counts.changed,
        same: sync.counts.same,
        rejected: sync.counts.rejected,
        rejections: rejections.iter().map(|rejection| (what(rejection), rejection.reason.clone())).collect(),
        problem: sync.problem,
    }
}

fn shown(connection: &StoredConnection) -> ToolConnection {
    let capabilities: Capabilities =
        serde_json::from_value(connection.capabilities.clone()).unwrap_or_default();
    let (mut can, mut cannot) = (Vec::new(), Vec::new());
    for (capability, why) in capabilities.iter() {
        match why {
            None => can.push(capability.in_words().to_owned()),
            Some(why) => cannot.push((capability.in_words().to_owned(), why.to_owned())),
        }
    }
    ToolConnection {
        state: connection.state,
        problem: connection.problem.clone(),
        can,
        cannot,
        is_heard: connection.webhook_token_hash.is_some(),
        connected_by: connection.connected_by.clone(),
        connected_at: connection.connected_at,
    }
}

/// The credentials that belong to no tool, and what is stored of them.
pub(super) fn other_secrets(stored: &[StoredSecret]) -> Vec<SecretLine> {
    let of_tools = Tool::ALL.map(Tool::secret);
    let others = SecretKind::ALL.into_iter().filter(|kind| !of_tools.contains(kind));
    let line = |kind: SecretKind| {
        let found = stored.iter().find(|secret| secret.kind == kind);
        SecretLine { kind, stored: found.map(|secret| (secret.updated_by.clone(), secret.updated_at)) }
    };
    others.map(line).collect()
}
