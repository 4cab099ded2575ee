//! `/api/actions`: what somebody has done at a tool, and what became of it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::access::Permission;
use domain::action::Preview;
use serde::Deserialize;
use serde_json::{Value, json};
use store::actions::{ActionEvent, StoredAction};

use super::Services;
use super::bodies::read_json;
use super::call::Call;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::query::Query;
use crate::accounts::Refusal;
use crate::actions::{ActionAsked, ActionsAsked, Asked, Shown, Told, Undoing};

/// The header with what who asks calls it.
const KEY: &str = "idempotency-key";

/// What is sent to have something done, or to see what it would touch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    kind: String,
    target: Target,
    #[serde(default)]
    dry_run: bool,
    version: Option<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    campaign_id: String,
}

/// `POST /api/actions`
pub(super) async fn ask_for_action(
    State(services): State<Services>,
    known: Known,
    call: Call,
) -> Result<Response, ApiError> {
    let Call { mut query, headers, body, .. } = call;
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::Act, &known.sender).await?;
    let Sent { kind, target, dry_run, version } = read_json(&headers, body).await?;
    let asked = ActionAsked { kind, campaign: target.campaign_id, version };
    if dry_run {
        return Ok(Json(shown_as_json(&services.actions.preview(&viewer, &asked).await?)).into_response());
    }
    let key = headers.get(KEY).and_then(|key| key.to_str().ok()).ok_or_else(|| {
        let message = "send an Idempotency-Key of your own, so that the same call again does nothing again";
        Refusal::field("idempotency_key", message)
    })?;
    match services.actions.request(&viewer, &asked, key, &known.sender).await? {
        Asked::TakenOn(action) => Ok(taken_on(&services, &viewer, &action)),
        Asked::Stale(shown) => Err(stale(&shown)),
    }
}

/// `GET /api/actions`
pub(super) async fn show_actions(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
) -> Result<Json<Value>, ApiError> {
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
    let asked = ActionsAsked {
        kind: query.take_given("kind"),
        state: query.take_given("state"),
        channel: query.take_given("channel"),
        cursor: query.take_given("cursor"),
    };
    let (told, next) = services.actions.actions(&viewer, asked).await?;
    let actions = told.iter().map(told_as_json).collect::<Vec<_>>();
    Ok(Json(json!({ "actions": actions, "next_cursor": next })))
}

/// `GET /api/actions/{id}`
pub(super) async fn show_action(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    mut query: Query,
) -> Result<Json<Value>, ApiError> {
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
    Ok(Json(told_as_json(&services.actions.action(&viewer, &id).await?)))
}

/// `POST /api/actions/{id}/undo`
pub(super) async fn undo_action(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    mut call: Call,
) -> Result<Response, ApiError> {
    let (viewer, _) = known.look(&services, call.query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::Act, &known.sender).await?;
    match services.actions.undo(&viewer, &id, &known.sender).await? {
        Undoing::TakenOn(action) => Ok(taken_on(&services, &viewer, &action)),
        Undoing::CalledOff(action) => {
            services.applier.announce(viewer.tenant);
            Ok(Json(as_json(&action)).into_response())
        }
        Undoing::Stale(shown) => Err(stale(&shown)),
    }
}

/// `POST /api/actions/{id}/check`
pub(super) async fn check_action(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    mut call: Call,
) -> Result<Response, ApiError> {
    let (viewer, _) = known.look(&services, call.query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::Act, &known.sender).await?;
    let action = services.actions.look_again(&viewer, &id, &known.sender).await?;
    Ok(taken_on(&services, &viewer, &action))
}

/// The receipt of what was taken on; what becomes of it is asked for later.
fn taken_on(services: &Services, viewer: &domain::access::Viewer, action: &StoredAction) -> Response {
    services.applier.announce(viewer.tenant);
    (StatusCode::ACCEPTED, Json(as_json(action))).into_response()
}

fn stale(shown: &Shown) -> ApiError {
    let message = shown.obstacle.clone().unwrap_or_else(|| "this campaign changed meanwhile".to_owned());
    ApiError::new(StatusCode::CONFLICT, "conflict", message).with_present(shown_as_json(shown))
}

fn shown_as_json(shown: &Shown) -> Value {
    let mut answer = preview_as_json(&shown.preview);
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("obstacle".to_owned(), json!(shown.obstacle));
    }
    answer
}

fn preview_as_json(preview: &Preview) -> Value {
    json!({
        "kind": preview.kind,
        "means": preview.kind.means(),
        "target": {
            "campaign_id": preview.campaign,
            "name": preview.name,
            "connector": preview.connector,
            "external_id": preview.external_id,
            "channel": preview.channel,
            "state": preview.state,
        },
        "state_from_tool": preview.is_from_tool,
        "version": preview.version,
        "people_in_flight": preview.people,
        "last_7_days": preview.lately,
        "last_action": preview.last,
        "undone_by": preview.kind.undone_by(),
    })
}

fn as_json(action: &StoredAction) -> Value {
    json!({
        "id": action.id,
        "kind": action.kind,
        "state": action.state,
        "target": {
            "campaign_id": action.preview.campaign,
            "name": action.preview.name,
            "connector": action.preview.connector,
            "external_id": action.preview.external_id,
            "channel": action.preview.channel,
        },
        "idempotency_key": action.key,
        "asked_by": action.asked_by,
        "asked_at": action.asked_at,
        "called_at": action.called_at,
        "ended_at": action.ended_at,
        "answer": action.answer,
        "problem": action.problem,
        "undo_of": action.undo_of,
        "version": action.version,
    })
}

fn told_as_json(told: &Told) -> Value {
    let mut answer = as_json(&told.action);
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("preview".to_owned(), preview_as_json(&told.action.preview));
        fields.insert("outcome".to_owned(), json!(told.outcome));
        fields.insert("outcome_at".to_owned(), json!(told.outcome_at));
        fields.insert("history".to_owned(), told.events.iter().map(event_as_json).collect());
    }
    answer
}

fn event_as_json(event: &ActionEvent) -> Value {
    json!({ "step": event.step, "state": event.state, "by": event.by, "note": event.note, "at": event.at })
}
