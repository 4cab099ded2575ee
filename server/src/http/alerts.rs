//! `/api/alerts`: what needs somebody, and what somebody does about it.

use app::address::Address;
use app::port::{AlertCommentLine, AlertEventLine, AlertLine, AlertsQuestion, Desk};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use domain::access::{Permission, Viewer};
use domain::alert;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Services;
use super::bodies::read_json;
use super::call::Call;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::query::Query;
use crate::accounts::Refusal;
use crate::alerts::{AssigningAsked, Handled, HandlingAsked, Until, Verb};
use crate::desk::{alert_line, comment_line};

/// What is sent with an alert that is acknowledged or resolved.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    version: Option<i32>,
}

/// What is sent with one that is snoozed: for how many days, or until when.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentSnooze {
    version: Option<i32>,
    days: Option<i64>,
    until: Option<Timestamp>,
}

/// What is sent with one that is assigned: to whom, or null.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentAssignee {
    version: Option<i32>,
    assignee: Option<String>,
}

/// What is said about one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentComment {
    text: String,
}

/// `GET /api/alerts`
pub(super) async fn show_alerts(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
) -> Result<impl IntoResponse, ApiError> {
    let question = AlertsQuestion { tenant_id: query.take("tenant_id"), state: query.take_given("state") };
    let (viewer, _) = known.look(&services, question.tenant_id.as_deref()).await?;
    require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
    let page = services.desk.alerts(&viewer, question).await?;
    let answer = json!({
        "tenant_id": page.tenant.id,
        "as_of": page.as_of,
        "open": page.open,
        "alerts": page.lines.iter().map(as_json_with_history).collect::<Vec<_>>(),
    });
    Ok(Json(answer))
}

/// `POST /api/alerts/{id}/acknowledge`
pub(super) async fn acknowledge_alert(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    call: Call,
) -> Result<Json<Value>, ApiError> {
    handle_as_seen(&services, &known, id, call, Verb::Acknowledge).await
}

/// `POST /api/alerts/{id}/snooze`
pub(super) async fn snooze_alert(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    call: Call,
) -> Result<Json<Value>, ApiError> {
    let Call { query, headers, body, .. } = call;
    let asked = async || {
        let SentSnooze { version, days, until } = read_json(&headers, body).await?;
        let until = match (days, until) {
            (Some(days), None) => Until::Days(days),
            (None, Some(until)) => Until::Moment(until),
            _ => return Err(Refusal::field("days", "say either days or until").into()),
        };
        Ok(HandlingAsked { id, version, verb: Verb::Snooze(until) })
    };
    handle(&services, &known, query, asked).await
}

/// `POST /api/alerts/{id}/resolve`
pub(super) async fn resolve_alert(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    call: Call,
) -> Result<Json<Value>, ApiError> {
    handle_as_seen(&services, &known, id, call, Verb::Resolve).await
}

/// `POST /api/alerts/{id}/assign`
pub(super) async fn assign_alert(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    call: Call,
) -> Result<Json<Value>, ApiError> {
    let Call { mut query, headers, body, .. } = call;
    let viewer = who_acts(&services, &known, &mut query).await?;
    let SentAssignee { version, assignee } = read_json(&headers, body).await?;
    let asked = AssigningAsked { id, version, assignee };
    answer(&services, &viewer, services.alerts.assign(&viewer, &asked, &known.sender).await?)
}

/// `POST /api/alerts/{id}/comments`
pub(super) async fn comment_on_alert(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    call: Call,
) -> Result<impl IntoResponse, ApiError> {
    let Call { mut query, headers, body, .. } = call;
    let viewer = who_acts(&services, &known, &mut query).await?;
    let SentComment { text } = read_json(&headers, body).await?;
    let comment = services.alerts.comment(&viewer, &id, &text, &known.sender).await?;
    services.applier.announce(viewer.tenant);
    Ok((StatusCode::CREATED, Json(comment_as_json(&comment_line(comment)))))
}

/// Who asks for something to be done about an alert, when they may.
async fn who_acts(services: &Services, known: &Known, query: &mut Query) -> Result<Viewer, ApiError> {
    let (viewer, _) = known.look(services, query.take("tenant_id").as_deref()).await?;
    require(services, &viewer, Permission::Act, &known.sender).await?;
    Ok(viewer)
}

/// Does what needs no more than the version that was seen.
async fn handle_as_seen(
    services: &Services,
    known: &Known,
    id: String,
    call: Call,
    verb: Verb,
) -> Result<Json<Value>, ApiError> {
    let Call { query, headers, body, .. } = call;
    let asked = async || {
        let Sent { version } = read_sent(&headers, body).await?;
        Ok(HandlingAsked { id, version, verb })
    };
    handle(services, known, query, asked).await
}

/// Nothing has to be sent; without a body there is no content type either.
async fn read_sent(headers: &HeaderMap, body: Body) -> Result<Sent, ApiError> {
    if axum::body::HttpBody::is_end_stream(&body) {
        return Ok(Sent::default());
    }
    read_json(headers, body).await
}

/// Reads what is asked once it is known that the caller may, and does it.
async fn handle(
    services: &Services,
    known: &Known,
    mut query: Query,
    asked: impl AsyncFnOnce() -> Result<HandlingAsked, ApiError>,
) -> Result<Json<Value>, ApiError> {
    let viewer = who_acts(services, known, &mut query).await?;
    let asked = asked().await?;
    answer(services, &viewer, services.alerts.handle(&viewer, &asked, &known.sender).await?)
}

/// The alert as it is now, to who changed it and to who came too late.
fn answer(services: &Services, viewer: &Viewer, handled: Handled) -> Result<Json<Value>, ApiError> {
    match handled {
        Handled::Done(alert) => {
            services.applier.announce(viewer.tenant);
            Ok(Json(as_json(&alert_line(alert))))
        }
        Handled::Stale(alert) => {
            let message = "it changed meanwhile: this is how it is now";
            let refusal = ApiError::new(StatusCode::CONFLICT, "conflict", message);
            Err(refusal.with_present(as_json(&alert_line(alert))))
        }
    }
}

/// An alert without what happened to it.
pub(super) fn as_json(line: &AlertLine) -> Value {
    let alert::Finding { detector, severity, title, why, operands, .. } = &line.finding;
    json!({
        "id": line.id,
        "kind": detector,
        "key": line.finding.key(),
        "severity": severity,
        "state": line.state,
        "title": title,
        "why": why,
        "operands": operands,
        "suggested_action": detector.suggested_action(),
        "link": Address::of_alert(&line.finding, None).to_string(),
        "assignee": line.assignee,
        "opened_at": line.opened_at,
        "last_seen_at": line.last_seen_at,
        "snoozed_until": line.snoozed_until,
        "resolved_at": line.resolved_at,
        "version": line.version,
    })
}

fn as_json_with_history(line: &AlertLine) -> Value {
    let mut alert = as_json(line);
    if let Some(fields) = alert.as_object_mut() {
        fields.insert("history".to_owned(), line.history.iter().map(event_as_json).collect());
        fields.insert("comments".to_owned(), line.comments.iter().map(comment_as_json).collect());
    }
    alert
}

fn event_as_json(event: &AlertEventLine) -> Value {
    json!({
        "change": event.change,
        "severity": event.severity,
        "why": event.why,
        "by": event.by,
        "snoozed_until": event.snoozed_until,
        "assignee": event.assignee,
        "at": event.at,
    })
}

fn comment_as_json(comment: &AlertCommentLine) -> Value {
    json!({ "id": comment.id, "by": comment.by, "text": comment.text, "at": comment.at })
}
