//! `GET /api/analytics/…`: figures as JSON.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;

use super::Services;
use super::errors::ApiError;
use super::query::Query;

/// Figures of a tenant are nobody else's, and change with the next event.
const NOT_CACHED: [(axum::http::HeaderName, &str); 1] = [(CACHE_CONTROL, "private, no-store")];

/// `GET /api/analytics/revenue`
pub(super) async fn show_revenue(
    State(services): State<Services>,
    mut query: Query,
) -> Result<impl IntoResponse, ApiError> {
    if query.take("attribution").is_some_and(|model| model != "lead_source") {
        let refusal =
            ApiError::new(StatusCode::BAD_REQUEST, "invalid_parameter", "attribution is lead_source");
        return Err(refusal.in_field("attribution"));
    }
    let report = services.desk.revenue(query.take_period()).await?;
    Ok((NOT_CACHED, Json(report)))
}
