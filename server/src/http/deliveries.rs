//! `POST /api/webhooks/{tool}/{tenant}`: what a tool tells of its own accord, acknowledged once it is kept.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use connectors::webhooks;
use domain::connection::Tool;
use serde::Serialize;

use super::Services;
use super::bodies::read_body;
use super::errors::ApiError;
use super::query::Query;
use crate::connections::SyncError;

/// The largest delivery that is taken; tools send a message with what surrounds it.
const MAX_BYTES: usize = 1024 * 1024;

/// What a tool is answered.
#[derive(Serialize)]
pub(super) struct Acknowledgement {
    received: bool,
    duplicate: bool,
}

/// Takes a delivery with the token the tool was given.
pub(super) async fn receive_delivery(
    State(services): State<Services>,
    Path((tool, slug)): Path<(String, String)>,
    mut query: Query,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Acknowledgement>, ApiError> {
    let tool: Tool = tool.parse().map_err(|_| no_such_endpoint())?;
    let header = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let token = query.take("token");
    let connections = &services.connections;
    let tenant = connections.listening(tool, &slug, token.as_deref(), header).await.map_err(not_kept)?;
    let tenant = tenant.ok_or_else(no_such_endpoint)?;
    let body = read_body(body, MAX_BYTES).await.map_err(ApiError::of_status)?;
    let body = webhooks::body(&body).ok_or_else(not_json)?;
    let kept = connections.keep_delivery(tenant, tool, &body).await.map_err(not_kept)?;
    if !kept.is_duplicate {
        connections.digest_soon(kept, services.applier.clone());
    }
    Ok(Json(Acknowledgement { received: true, duplicate: kept.is_duplicate }))
}

/// Whoever has no token learns nothing of what there is.
fn no_such_endpoint() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "nothing is taken at this address")
}

fn not_json() -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "not_json", "a delivery is JSON")
}

fn not_kept(error: SyncError) -> ApiError {
    tracing::error!(%error, "what a tool sent could not be kept");
    let message = "it is not kept yet: send it again";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_durable", message)
}
