//! `/api/channel-costs` and `/api/monthly-costs`: what channels cost.

use async_trait::async_trait;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::access::{Permission, Viewer};
use domain::money::Money;
use serde_json::{Map, Value, json};
use store::channel_costs::StoredCost;

use super::Services;
use super::bodies::{MAX_JSON_BYTES, read_json_of};
use super::call::Call;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::listing_file::{self, Listing, Page, ROWS_AT_ONCE};
use super::pipeline::{once_of, told};
use super::query::{Query, format_wanted};
use crate::accounts::Refusal;
use crate::pipeline::{
    Answer, COST_FIELDS, Changed, CostsAsked, CostsPage, Once, Record, cost_as_json, monthly_as_json,
};

/// The columns of the file; the first seven are what an import reads.
const COLUMNS: [&str; 10] = [
    "channel",
    "cost_type",
    "amount",
    "currency",
    "period_start",
    "period_end",
    "notes",
    "base_amount",
    "id",
    "version",
];

/// `GET /api/channel-costs`
pub(super) async fn show_costs(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
) -> Result<Response, ApiError> {
    let wants_file = format_wanted(&mut query)?;
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
    let asked = asked(&mut query);
    if wants_file {
        return file(services, known, viewer, asked).await;
    }
    let page = services.pipeline.costs(&viewer, &asked).await?;
    Ok(Json(page_as_json(&page)).into_response())
}

fn asked(query: &mut Query) -> CostsAsked {
    CostsAsked {
        channel: query.take_given("channel"),
        cost_type: query.take_given("cost_type"),
        period: query.take_given("period"),
        from: query.take_given("from"),
        to: query.take_given("to"),
        cursor: query.take_given("cursor"),
        limit: query.take_given("limit"),
    }
}

/// `GET /api/channel-costs/{id}`
pub(super) async fn show_cost(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    mut query: Query,
) -> Result<Json<Value>, ApiError> {
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
    Ok(Json(cost_as_json(&services.pipeline.cost(&viewer, &id).await?)))
}

/// `POST /api/channel-costs`
pub(super) async fn add_cost(
    State(services): State<Services>,
    known: Known,
    call: Call,
) -> Result<Answer, ApiError> {
    let (viewer, record, once) = edited(&services, &known, call, &COST_FIELDS).await?;
    let answer = services.pipeline.add_cost(&viewer, &record, &once, &known.sender).await?;
    told(&services, &viewer);
    Ok(answer)
}

/// `PATCH /api/channel-costs/{id}`
pub(super) async fn change_cost(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    call: Call,
) -> Result<Json<Value>, ApiError> {
    let fields: Vec<&str> = COST_FIELDS.into_iter().chain(["version"]).collect();
    let (viewer, record, _) = edited(&services, &known, call, &fields).await?;
    let outcome = services.pipeline.change_cost(&viewer, &id, &record, &known.sender).await?;
    told(&services, &viewer);
    changed(outcome)
}

/// `DELETE /api/channel-costs/{id}`; with `version` only if it still is that one.
pub(super) async fn delete_cost(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    mut query: Query,
) -> Result<Json<Value>, ApiError> {
    let viewer = editor(&services, &known, &mut query).await?;
    let seen = query.take_given("version").map(|text| text.parse().map_err(|_| not_a_version()));
    let outcome = services.pipeline.delete_cost(&viewer, &id, seen.transpose()?, &known.sender).await?;
    told(&services, &viewer);
    changed(outcome)
}

/// `POST /api/channel-costs/{id}/restore`
pub(super) async fn restore_cost(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    mut query: Query,
) -> Result<Json<Value>, ApiError> {
    let viewer = editor(&services, &known, &mut query).await?;
    let stored = services.pipeline.restore_cost(&viewer, &id, &known.sender).await?;
    told(&services, &viewer);
    Ok(Json(cost_as_json(&stored)))
}

/// `GET /api/monthly-costs`
pub(super) async fn show_monthly_costs(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
) -> Result<Json<Value>, ApiError> {
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
    let monthly = services.pipeline.monthly_costs(&viewer).await?;
    Ok(Json(json!({ "monthly_costs": monthly.iter().map(monthly_as_json).collect::<Vec<_>>() })))
}

/// `POST /api/monthly-costs`
pub(super) async fn add_monthly_cost(
    State(services): State<Services>,
    known: Known,
    call: Call,
) -> Result<Answer, ApiError> {
    let (viewer, record, once) = edited(&services, &known, call, &COST_FIELDS).await?;
    let answer = services.pipeline.add_monthly_cost(&viewer, &record, &once, &known.sender).await?;
    told(&services, &viewer);
    Ok(answer)
}

/// `DELETE /api/monthly-costs/{id}`: this month is its last.
pub(super) async fn end_monthly_cost(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    mut query: Query,
) -> Result<StatusCode, ApiError> {
    let viewer = editor(&services, &known, &mut query).await?;
    services.pipeline.end_monthly_cost(&viewer, &id, &known.sender).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn editor(services: &Services, known: &Known, query: &mut Query) -> Result<Viewer, ApiError> {
    let (viewer, _) = known.look(services, query.take("tenant_id").as_deref()).await?;
    require(services, &viewer, Permission::EditSettings, &known.sender).await?;
    Ok(viewer)
}

/// What somebody who may edit costs sends, and under which key it is asked once.
async fn edited(
    services: &Services,
    known: &Known,
    call: Call,
    fields: &[&str],
) -> Result<(Viewer, Record, Once), ApiError> {
    let Call { path, mut query, headers, body } = call;
    let viewer = editor(services, known, &mut query).await?;
    let (sent, bytes): (Map<String, Value>, Bytes) = read_json_of(&headers, body, MAX_JSON_BYTES).await?;
    let once = once_of("POST", &path, &viewer, &headers, &bytes)?;
    Ok((viewer, Record::of_json(sent, fields)?, once))
}

fn not_a_version() -> Refusal {
    Refusal::field("version", "a version is a whole number")
}

fn changed(changed: Changed) -> Result<Json<Value>, ApiError> {
    match changed {
        Changed::Done(stored) => Ok(Json(cost_as_json(&stored))),
        Changed::Stale(stored) => {
            let message = "somebody changed it meanwhile: this is how it is now";
            Err(ApiError::new(StatusCode::CONFLICT, "conflict", message).with_present(cost_as_json(&stored)))
        }
    }
}

fn page_as_json(page: &CostsPage) -> Value {
    json!({
        "tenant_id": page.tenant.id,
        "currency": page.tenant.currency,
        "costs": page.costs.iter().map(cost_as_json).collect::<Vec<_>>(),
        "row_count": page.total.rows,
        "sum": page.total.base_minor,
        "sum_within": page.within.map(|(_, spent)| spent),
        "without_rate": page.total.without_rate,
        "next_cursor": page.next,
    })
}

/// Every cost of the filter.
async fn file(
    services: Services,
    known: Known,
    viewer: Viewer,
    asked: CostsAsked,
) -> Result<Response, ApiError> {
    let costs = Costs { services: services.clone(), viewer: viewer.clone(), asked };
    let file = listing_file::file("channel-costs.csv", &COLUMNS, costs).await?;
    services
        .accounts
        .note_export(&viewer, "channel costs", &known.sender)
        .await
        .map_err(super::callers::unavailable)?;
    Ok(file)
}

/// The costs of a file.
struct Costs {
    services: Services,
    viewer: Viewer,
    asked: CostsAsked,
}

#[async_trait]
impl Listing for Costs {
    type Error = Refusal;

    async fn page(&self, cursor: Option<String>) -> Result<Page, Refusal> {
        let asked = CostsAsked { limit: Some(ROWS_AT_ONCE.to_owned()), cursor, ..self.asked.clone() };
        let page = self.services.pipeline.costs(&self.viewer, &asked).await?;
        let rows = page.costs.iter().map(|stored| cells(stored, &page).into()).collect();
        Ok(Page { rows, next: page.next })
    }
}

fn cells(stored: &StoredCost, page: &CostsPage) -> [String; 10] {
    let cost = &stored.cost;
    let base = cost.base_minor.map(|minor| Money { minor, currency: page.tenant.currency });
    [
        cost.channel.to_string(),
        cost.cost_type.to_string(),
        cost.money.decimal(),
        cost.money.currency.to_string(),
        cost.period.from.to_string(),
        cost.period.to.to_string(),
        cost.notes.clone().unwrap_or_default(),
        base.map(Money::decimal).unwrap_or_default(),
        cost.id.to_string(),
        stored.version.to_string(),
    ]
}
