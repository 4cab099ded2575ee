//! `GET /api/metrics`: what every figure means.

use axum::Json;
use axum::response::IntoResponse;
use domain::metrics::{CHANGES, Change, METRICS, Metric, VERSION};
use serde::Serialize;

use super::callers::Known;

#[derive(Serialize)]
struct Answer {
    version: &'static str,
    changes: &'static [Change],
    metrics: &'static [Metric],
}

/// `GET /api/metrics`
pub(super) async fn show_metrics(_known: Known) -> impl IntoResponse {
    let answer = Answer { version: VERSION, changes: &CHANGES, metrics: &METRICS };
    Json(answer)
}
