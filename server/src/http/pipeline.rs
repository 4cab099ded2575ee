//! `/api/leads`, `/api/deals` and `/api/campaigns`: the pipeline, as programs tell it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::access::{Permission, Viewer};
use domain::importing::ImportKind;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Services;
use super::bodies::{MAX_JSON_BYTES, read_json_of};
use super::call::Call;
use super::callers::{Known, require};
use super::errors::ApiError;
use crate::accounts::Refusal;
use crate::pipeline::{Answer, MOST_AT_ONCE, Once, Record, answer_to_events, fields_of};

/// The largest JSON a program sends of a thousand things.
const MAX_MANY: usize = 4 * 1024 * 1024;

/// Many leads at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentLeads {
    leads: Vec<Map<String, Value>>,
}

/// One event, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum SentEvents {
    Several { events: Vec<Map<String, Value>> },
    One(Map<String, Value>),
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        (status, Json(self.body)).into_response()
    }
}

/// A call that brings something: as whom, with what.
struct Brought<T> {
    viewer: Viewer,
    sent: T,
    once: Once,
}

/// Reads a call by somebody who may bring something in.
async fn brought<T: serde::de::DeserializeOwned>(
    services: &Services,
    known: &Known,
    method: &str,
    call: Call,
    at_most: usize,
) -> Result<Brought<T>, ApiError> {
    let Call { path, mut query, headers, body } = call;
    let (viewer, _) = known.look(services, query.take("tenant_id").as_deref()).await?;
    require(services, &viewer, Permission::Act, &known.sender).await?;
    let (sent, bytes): (T, Bytes) = read_json_of(&headers, body, at_most).await?;
    let once = once_of(method, &path, &viewer, &headers, &bytes)?;
    Ok(Brought { viewer, sent, once })
}

/// What a call asks, under its `Idempotency-Key` if it has one.
pub(super) fn once_of(
    method: &str,
    path: &str,
    viewer: &Viewer,
    headers: &HeaderMap,
    payload: &[u8],
) -> Result<Once, Refusal> {
    let unreadable =
        |_| Refusal::field("Idempotency-Key", "an Idempotency-Key has 1 to 255 letters, digits or signs");
    let key = headers.get("idempotency-key").map(|key| key.to_str().map_err(unreadable)).transpose()?;
    Once::of(Once::subject(method, path, viewer), key, payload)
}

/// `PUT /api/leads/{external_id}`
pub(super) async fn put_lead(
    State(services): State<Services>,
    known: Known,
    Path(external_id): Path<String>,
    call: Call,
) -> Result<Answer, ApiError> {
    put_one(&services, &known, ImportKind::Leads, &external_id, call).await
}

/// `PUT /api/deals/{external_id}`
pub(super) async fn put_deal(
    State(services): State<Services>,
    known: Known,
    Path(external_id): Path<String>,
    call: Call,
) -> Result<Answer, ApiError> {
    put_one(&services, &known, ImportKind::Deals, &external_id, call).await
}

/// `PUT /api/campaigns/{external_id}`
pub(super) async fn put_campaign(
    State(services): State<Services>,
    known: Known,
    Path(external_id): Path<String>,
    call: Call,
) -> Result<Answer, ApiError> {
    put_one(&services, &known, ImportKind::Campaigns, &external_id, call).await
}

async fn put_one(
    services: &Services,
    known: &Known,
    kind: ImportKind,
    external_id: &str,
    call: Call,
) -> Result<Answer, ApiError> {
    let brought: Brought<Map<String, Value>> = brought(services, known, "PUT", call, MAX_JSON_BYTES).await?;
    let record = record_named(brought.sent, kind, external_id);
    let answer = services.pipeline.put_one(&brought.viewer, kind, record, &brought.once).await?;
    told(services, &brought.viewer);
    Ok(answer)
}

/// What is sent of a thing whose id stands in the address; one in the body has to be the same.
fn record_named(sent: Map<String, Value>, kind: ImportKind, external_id: &str) -> Result<Record, Refusal> {
    let record = Record::of_json(sent, fields_of(kind))?;
    if record.trimmed("external_id").is_some_and(|other| other != external_id) {
        return Err(Refusal::field("external_id", "the address names another one"));
    }
    Ok(record.with("external_id", external_id))
}

/// `POST /api/leads/batch`
pub(super) async fn put_leads(
    State(services): State<Services>,
    known: Known,
    call: Call,
) -> Result<Answer, ApiError> {
    let brought: Brought<SentLeads> = brought(&services, &known, "POST", call, MAX_MANY).await?;
    let leads = at_most(brought.sent.leads, "leads")?;
    let fields = fields_of(ImportKind::Leads);
    let records = leads.into_iter().map(|sent| Record::of_json(sent, fields)).collect();
    let answer = services.pipeline.put_leads(&brought.viewer, records, &brought.once).await?;
    told(&services, &brought.viewer);
    Ok(answer)
}

/// `POST /api/leads/{external_id}/events`. One event that is refused is answered so; of several each is answered for
/// itself.
pub(super) async fn put_events(
    State(services): State<Services>,
    known: Known,
    Path(external_id): Path<String>,
    call: Call,
) -> Result<Answer, ApiError> {
    let brought: Brought<SentEvents> = brought(&services, &known, "POST", call, MAX_MANY).await?;
    let (events, is_one) = match brought.sent {
        SentEvents::Several { events } => (at_most(events, "events")?, false),
        SentEvents::One(event) => (vec![event], true),
    };
    let mut outcomes = services.pipeline.put_events(&brought.viewer, &external_id, events).await?;
    told(&services, &brought.viewer);
    if is_one && let Some(outcome) = outcomes.pop_if(|outcome| outcome.taken.is_err()) {
        outcome.taken?;
    }
    Ok(answer_to_events(&outcomes))
}

fn at_most<T>(things: Vec<T>, field: &'static str) -> Result<Vec<T>, ApiError> {
    if things.is_empty() || things.len() > MOST_AT_ONCE {
        let message = format!("send 1 to {MOST_AT_ONCE} at once");
        return Err(Refusal::field(field, message).into());
    }
    Ok(things)
}

/// Has payments looked at again that this may concern, and tells who watches.
pub(super) fn told(services: &Services, viewer: &Viewer) {
    services.applier.wake();
    services.applier.announce(viewer.tenant);
}
