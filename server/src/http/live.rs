//! `GET /api/events`: a stream that says when the caller's ledger has changed.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::ids::TenantId;
use futures::stream::{self, Stream, StreamExt};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use super::Services;
use super::errors::ApiError;
use super::query::Query;
use crate::applier::LedgerChanged;

/// Proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(20);

pub(super) async fn stream_events(
    State(services): State<Services>,
    mut query: Query,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let tenant = services.desk.tenant(query.take("tenant_id").as_deref()).await?;
    let changes = changes_of(tenant.id, services.applier.watch());
    let events = changes.take_until(until_stopping(services.stopping.clone()));
    let greeting = stream::once(async { Ok(Event::default().event("hello").data("{}")) });
    Ok(Sse::new(greeting.chain(events)).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
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
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
