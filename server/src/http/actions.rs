//! `/api/actions`: what somebody has done at a tool, and what became of it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::access::Permission;
use domain::action::leads::{LeadTouched, LeadsPreview};
use domain::action::{CampaignPreview, Preview};
use serde::Deserialize;
use serde_json::{Value, json};
use store::action_leads::ActionLead;
use store::actions::{ActionEvent, StoredAction};

use super::Services;
use super::bodies::read_json;
use super::call::Call;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::query::Query;
use crate::accounts::Refusal;
use crate::actions::{ActionAsked, ActionsAsked, Asked, LeadsAsked, Shown, Told, Undoing, seen_of};

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
    text: Option<String>,
    tool: Option<String>,
    seen: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    campaign_id: Option<String>,
    lead_ids: Option<Vec<String>>,
}

/// What is asked for, by what it is done to.
enum Wanted {
    OfCampaign(ActionAsked),
    OfLeads(LeadsAsked),
}

impl Sent {
    fn wanted(self) -> Result<Wanted, Refusal> {
        let Self { kind, target, version, text, tool, seen, .. } = self;
        match (target.campaign_id, target.lead_ids) {
            (Some(campaign), None) => Ok(Wanted::OfCampaign(ActionAsked { kind, campaign, version })),
            (None, Some(leads)) => Ok(Wanted::OfLeads(LeadsAsked { kind, leads, text, tool, seen })),
            _ => Err(Refusal::field("target", "name a campaign_id or lead_ids, and not both")),
        }
    }
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
    let sent: Sent = read_json(&headers, body).await?;
    let (dry_run, wanted) = (sent.dry_run, sent.wanted()?);
    let actions = &services.actions;
    if dry_run {
        let shown = match &wanted {
            Wanted::OfCampaign(asked) => actions.preview(&viewer, asked).await?,
            Wanted::OfLeads(asked) => actions.preview_leads(&viewer, asked).await?,
        };
        return Ok(Json(shown_as_json(&shown)).into_response());
    }
    let key = headers.get(KEY).and_then(|key| key.to_str().ok()).ok_or_else(|| {
        let message = "send an Idempotency-Key of your own, so that the same call again does nothing again";
        Refusal::field("idempotency_key", message)
    })?;
    let asked = match &wanted {
        Wanted::OfCampaign(asked) => actions.request(&viewer, asked, key, &known.sender).await?,
        Wanted::OfLeads(asked) => actions.request_leads(&viewer, asked, key, &known.sender).await?,
    };
    match asked {
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
    let message =
        shown.obstacle.clone().unwrap_or_else(|| "it changed meanwhile: look at it again".to_owned());
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
    match preview {
        Preview::Campaign(preview) => campaign_as_json(preview),
        Preview::Leads(preview) => leads_as_json(preview),
    }
}

fn campaign_as_json(preview: &CampaignPreview) -> Value {
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

fn leads_as_json(preview: &LeadsPreview) -> Value {
    json!({
        "kind": preview.kind,
        "means": preview.kind.means(),
        "target": { "lead_ids": ids(preview) },
        "leads": preview.leads.iter().map(touched_as_json).collect::<Value>(),
        "left_out": preview
            .left_out
            .iter()
            .map(|lead| json!({ "lead_id": lead.lead, "name": lead.name, "why": lead.why }))
            .collect::<Value>(),
        "text": preview.text,
        "credits_at_most": preview.credits,
        "seen": seen_of(preview),
        "undone_by": null,
    })
}

fn ids(preview: &LeadsPreview) -> Value {
    preview.leads.iter().map(|lead| json!(lead.lead)).collect()
}

fn touched_as_json(lead: &LeadTouched) -> Value {
    json!({
        "lead_id": lead.lead,
        "name": lead.name,
        "tool": lead.tool,
        "message": lead.message,
        "last_at": lead.last_at,
        "last_problem": lead.last_problem,
    })
}

fn as_json(action: &StoredAction) -> Value {
    let target = match &action.preview {
        Preview::Campaign(preview) => json!({
            "campaign_id": preview.campaign,
            "name": preview.name,
            "connector": preview.connector,
            "external_id": preview.external_id,
            "channel": preview.channel,
        }),
        Preview::Leads(preview) => json!({ "lead_ids": ids(preview) }),
    };
    json!({
        "id": action.id,
        "kind": action.kind,
        "state": action.state,
        "target": target,
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
        if told.action.kind.is_of_leads() {
            fields.insert("leads".to_owned(), told.leads.iter().map(lead_as_json).collect());
        }
    }
    answer
}

fn lead_as_json(lead: &ActionLead) -> Value {
    json!({
        "lead_id": lead.lead,
        "tool": lead.tool.word(),
        "state": lead.state,
        "message": lead.message,
        "answer": lead.answer,
        "problem": lead.problem,
        "credits": lead.credits,
        "called_at": lead.called_at,
        "next_at": lead.next_at,
        "ended_at": lead.ended_at,
    })
}

fn event_as_json(event: &ActionEvent) -> Value {
    json!({ "step": event.step, "state": event.state, "by": event.by, "note": event.note, "at": event.at })
}
