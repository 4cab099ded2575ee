//! `GET /api/stripe-events`: what became of Stripe's events.

use app::port::{Desk, EffectLine, EventLine, EventsPage, EventsQuestion};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::access::Permission;
use domain::event_state::EventState;
use domain::ids::{EventId, LedgerRowId, TenantId};
use domain::ledger::EntryKind;
use domain::money::Currency;
use jiff::Timestamp;
use serde::Serialize;

use super::Services;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::query::Query;

/// `GET /api/stripe-events`
pub(super) async fn show_events(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
) -> Result<impl IntoResponse, ApiError> {
    let question = EventsQuestion {
        tenant_id: query.take("tenant_id"),
        state: query.take_given("state"),
        event_type: query.take_given("type"),
        id: query.take_given("id"),
        cursor: query.take_given("cursor"),
        limit: query.take_given("limit"),
    };
    let (viewer, tenant) = known.look(&services, question.tenant_id.as_deref()).await?;
    require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
    let page = services.desk.events(&viewer, question).await?;
    Ok(Json(Answer::of(tenant.id, page)))
}

#[derive(Serialize)]
struct Answer {
    tenant_id: TenantId,
    dead_letters: i64,
    untried_api_versions: Vec<String>,
    events: Vec<Event>,
    next_cursor: Option<String>,
}

impl Answer {
    fn of(tenant_id: TenantId, page: EventsPage) -> Self {
        Self {
            tenant_id,
            dead_letters: page.dead_letters,
            untried_api_versions: page.untried_versions.into_iter().map(|(version, _)| version).collect(),
            events: page.lines.into_iter().map(Event::of).collect(),
            next_cursor: page.next,
        }
    }
}

/// An event; what is null is not known before it was looked at.
#[derive(Serialize)]
struct Event {
    id: EventId,
    r#type: Option<String>,
    state: EventState,
    reason: Option<String>,
    attempts: Option<i32>,
    took_us: Option<i64>,
    api_version: Option<String>,
    livemode: Option<bool>,
    created_at: Option<Timestamp>,
    received_at: Timestamp,
    applied_at: Option<Timestamp>,
    bytes: i32,
    rows: Vec<Row>,
}

impl Event {
    fn of(line: EventLine) -> Self {
        Self {
            id: line.id,
            r#type: line.event_type,
            state: line.state,
            reason: line.reason,
            attempts: line.attempts,
            took_us: line.took_us,
            api_version: line.api_version,
            livemode: line.livemode,
            created_at: line.created_at,
            received_at: line.received_at,
            applied_at: line.applied_at,
            bytes: line.bytes,
            rows: line.effects.into_iter().map(Row::of).collect(),
        }
    }
}

/// A row of the ledger the event tells of.
#[derive(Serialize)]
struct Row {
    id: LedgerRowId,
    kind: EntryKind,
    amount: i64,
    currency: Currency,
    occurred_at: Timestamp,
    is_cause: bool,
}

impl Row {
    fn of(effect: EffectLine) -> Self {
        Self {
            id: effect.row,
            kind: effect.kind,
            amount: effect.money.minor,
            currency: effect.money.currency,
            occurred_at: effect.occurred_at,
            is_cause: effect.is_cause,
        }
    }
}
