//! `GET /api/metrics`: what every figure means.

use axum::Json;
use axum::response::IntoResponse;
use domain::metrics::{CHANGES, Change, Metric, VERSION, all};
use serde::Serialize;

use super::callers::Known;

#[derive(Serialize)]
struct Answer {
    version: &'static str,
    changes: &'static [Change],
    metrics: Vec<&'static Metric>,
}

/// `GET /api/metrics`
pub(super) async fn show_metrics(_known: Known) -> impl IntoResponse {
    let answer = Answer { version: VERSION, changes: &CHANGES, metrics: all().collect() };
    Json(answer)
}
