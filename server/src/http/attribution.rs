//! `/api/attribution/overrides` and `/api/links`: what people and programs say of where revenue came from.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use domain::access::Permission;
use domain::attribution::{Link, Override, OverrideTarget};
use serde::{Deserialize, Serialize};

use super::Services;
use super::bodies::read_json;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::query::Query;
use crate::accounts::{LinkForm, OverrideForm};

/// What is said of a payment's or a customer's channel.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentOverride {
    row_id: Option<String>,
    customer_id: Option<String>,
    channel: String,
    reason: String,
}

#[derive(Serialize)]
struct OverrideAnswer {
    id: String,
    payment: Option<String>,
    customer_id: Option<String>,
    channel: String,
    reason: String,
    made_by: String,
    made_at: String,
}

impl From<Override> for OverrideAnswer {
    fn from(said: Override) -> Self {
        let (payment, customer_id) = match said.target {
            OverrideTarget::Payment(name) => (Some(name), None),
            OverrideTarget::Customer(id) => (None, Some(id)),
        };
        Self {
            id: said.id.to_string(),
            payment,
            customer_id,
            channel: said.channel.to_string(),
            reason: said.reason,
            made_by: said.made_by,
            made_at: said.made_at.to_string(),
        }
    }
}

/// A record, and which Stripe customer it is.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SentLink {
    customer_id: String,
    kind: String,
    record_id: String,
    lead_id: Option<String>,
    email: Option<String>,
    channel: Option<String>,
}

impl From<Link> for SentLink {
    fn from(link: Link) -> Self {
        Self {
            customer_id: link.customer,
            kind: link.kind,
            record_id: link.record,
            lead_id: link.lead,
            email: link.email,
            channel: link.channel,
        }
    }
}

/// `POST /api/attribution/overrides`
pub(super) async fn override_attribution(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
    headers: HeaderMap,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::Act, &known.sender).await?;
    let sent: SentOverride = read_json(&headers, body).await?;
    let form = OverrideForm {
        row: sent.row_id,
        customer: sent.customer_id,
        channel: sent.channel,
        reason: sent.reason,
    };
    let put = services.accounts.override_attribution(&viewer, &form, &known.sender).await?;
    services.applier.wake();
    Ok((status(put.is_new), Json(OverrideAnswer::from(put.what))))
}

/// `DELETE /api/attribution/overrides/{id}`
pub(super) async fn take_back_override(
    State(services): State<Services>,
    known: Known,
    Path(id): Path<String>,
    mut query: Query,
) -> Result<StatusCode, ApiError> {
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::Act, &known.sender).await?;
    services.accounts.take_back_override(&viewer, &id, &known.sender).await?;
    services.applier.wake();
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/links`
pub(super) async fn link_record(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
    headers: HeaderMap,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (viewer, _) = known.look(&services, query.take("tenant_id").as_deref()).await?;
    require(&services, &viewer, Permission::Act, &known.sender).await?;
    let sent: SentLink = read_json(&headers, body).await?;
    let form = LinkForm {
        customer: sent.customer_id,
        kind: sent.kind,
        record: sent.record_id,
        lead: sent.lead_id,
        email: sent.email,
        channel: sent.channel,
    };
    let put = services.accounts.link_record(&viewer, &form, &known.sender).await?;
    services.applier.wake();
    Ok((status(put.is_new), Json(SentLink::from(put.what))))
}

const fn status(is_new: bool) -> StatusCode {
    if is_new { StatusCode::CREATED } else { StatusCode::OK }
}
