//! `GET /api/events`: a stream that says when the caller's ledger has changed.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::access::Permission;
use domain::ids::TenantId;
use futures::stream::{self, Stream, StreamExt};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use super::Services;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::query::Query;
use crate::applier::LedgerChanged;

/// A browser that asks again is looked at again: who was removed hears no more after this.
const LONGEST: Duration = Duration::from_secs(300);

/// Proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(20);

pub(super) async fn stream_events(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
) -> Result<impl IntoResponse, ApiError> {
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
    let changes = changes_of(viewer.tenant, services.applier.watch());
    let events = changes.take_until(until_stopping(services.stopping.clone()));
    let greeting = stream::once(async { Ok(Event::default().event("hello").data("{}")) });
    let stream = Sse::new(greeting.chain(events)).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // Said after the stream says "no-cache", which would let it be kept.
    Ok(stream)
}

/// One event per change of this tenant's ledger; a listener that fell behind hears one for all it missed.
fn changes_of(
    tenant: TenantId,
    changes: broadcast::Receiver<LedgerChanged>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(changes, move |mut changes| async move {
        loop {
            match changes.recv().await {
                Ok(LedgerChanged(changed)) if changed != tenant => {}
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    return Some((Ok(Event::default().event("ledger").data("{}")), changes));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    })
}

async fn until_stopping(mut stopping: watch::Receiver<bool>) {
    let _ = tokio::time::timeout(LONGEST, stopping.wait_for(|stopping| *stopping)).await;
}
