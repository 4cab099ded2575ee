//! `/api/jobs`: what is done later, again, or on schedule.

use axum::Json;
use axum::extract::{Path, State};
use domain::access::Permission;
use serde_json::{Value, json};
use store::jobs::StoredJob;

use super::Services;
use super::call::Call;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::query::Query;
use crate::jobs::{JobsAsked, Steering};

/// `GET /api/jobs`
pub(super) async fn show_jobs(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
) -> Result<Json<Value>, ApiError> {
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::EditSettings, &known.sender).await?;
    let asked = JobsAsked { state: query.take_given("state"), kind: query.take_given("kind") };
    let jobs = services.jobs.jobs(&viewer, &asked).await?;
    Ok(Json(json!({ "jobs": jobs.iter().map(as_json).collect::<Vec<_>>() })))
}

/// `POST /api/jobs/{id}/retry`
pub(super) async fn retry_job(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    call: Call,
) -> Result<Json<Value>, ApiError> {
    steer(&services, &known, &id, call, Steering::Retry).await
}

/// `POST /api/jobs/{id}/pause`
pub(super) async fn pause_job(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    call: Call,
) -> Result<Json<Value>, ApiError> {
    steer(&services, &known, &id, call, Steering::Pause).await
}

/// `POST /api/jobs/{id}/resume`
pub(super) async fn resume_job(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    call: Call,
) -> Result<Json<Value>, ApiError> {
    steer(&services, &known, &id, call, Steering::Resume).await
}

async fn steer(
    services: &Services,
    known: &Known,
    id: &str,
    mut call: Call,
    steering: Steering,
) -> Result<Json<Value>, ApiError> {
    let (viewer, _) = known.look(services, call.query.take("tenant_id").as_deref()).await?;
    require(services, &viewer, Permission::EditSettings, &known.sender).await?;
    let job = services.jobs.steer(&viewer, id, steering, &known.sender).await?;
    Ok(Json(as_json(&job)))
}

fn as_json(job: &StoredJob) -> Value {
    json!({
        "id": job.id,
        "kind": job.kind,
        "subject": job.subject,
        "state": job.state,
        "attempts": job.attempts,
        "most_attempts": job.kind.most_attempts(),
        "next_run_at": job.next_run_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "last_error": job.last_error,
        "paused_by": job.paused.as_ref().map(|(by, _)| by),
        "paused_at": job.paused.as_ref().map(|(_, at)| at),
        "created_at": job.created_at,
    })
}
