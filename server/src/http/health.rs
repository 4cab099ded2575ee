//! `GET /healthz`: the process answers. `GET /readyz`: so does the database, at the right schema.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Services;

pub(super) async fn show_health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

pub(super) async fn show_readiness(State(services): State<Services>) -> (StatusCode, Json<Value>) {
    if services.store.is_ready().await {
        return (StatusCode::OK, Json(json!({ "status": "ready", "database": "ok" })));
    }
    let body = json!({ "status": "not_ready", "database": "away, or at another schema" });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body))
}
