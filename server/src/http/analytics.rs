//! `GET /api/analytics/…`: figures as JSON.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use domain::access::Permission;
use domain::revenue::RevenueReport;
use serde::Serialize;

use super::Services;
use super::callers::{Known, Subject, require};
use super::errors::ApiError;
use super::query::Query;

/// Figures of a tenant are nobody else's, and change with the next event.
const NOT_CACHED: [(axum::http::HeaderName, &str); 1] = [(CACHE_CONTROL, "private, no-store")];

/// A revenue report, and why parts of the contract are absent from it.
#[derive(Serialize)]
struct RevenueAnswer {
    #[serde(flatten)]
    report: RevenueReport,
    definition: &'static str,
    mrr: Option<i64>,
    arr: Option<i64>,
    trial_mrr: Option<i64>,
    committed_mrr: Option<i64>,
    past_due_mrr: Option<i64>,
    new_vs_recurring: Option<()>,
    absent: BTreeMap<&'static str, &'static str>,
}

impl RevenueAnswer {
    fn of(report: RevenueReport) -> Self {
        let subscriptions = "subscriptions are not booked yet";
        let mrr =
            ["mrr", "arr", "trial_mrr", "committed_mrr", "past_due_mrr"].map(|name| (name, subscriptions));
        let others = [("new_vs_recurring", subscriptions)];
        Self {
            report,
            definition: "stripe@1",
            mrr: None,
            arr: None,
            trial_mrr: None,
            committed_mrr: None,
            past_due_mrr: None,
            new_vs_recurring: None,
            absent: mrr.into_iter().chain(others).collect(),
        }
    }
}

/// `GET /api/analytics/revenue`
pub(super) async fn show_revenue(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
) -> Result<impl IntoResponse, ApiError> {
    if query.take("attribution").is_some_and(|model| model != "lead_source") {
        let refusal =
            ApiError::new(StatusCode::BAD_REQUEST, "invalid_parameter", "attribution is lead_source");
        return Err(refusal.in_field("attribution"));
    }
    let question = query.take_period();
    let report = match known.subject(&services, question.tenant_id.as_deref()).await? {
        Subject::Tenant(viewer, tenant) => {
            require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
            services.desk.revenue(&tenant, &question).await?
        }
        Subject::All => services.desk.aggregate(&known.caller, &known.sender, &question).await?,
    };
    Ok((NOT_CACHED, Json(RevenueAnswer::of(report))))
}
