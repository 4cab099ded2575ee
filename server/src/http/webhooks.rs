//! `POST /api/webhooks/stripe[/{tenant}]`: acknowledged once the event is durable, never before.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use domain::ids::TenantId;
use serde::Serialize;

use super::Services;
use super::bodies::read_body;
use super::errors::ApiError;
use crate::accounts::Refusal;
use crate::intake::{Intake, IntakeError, Receipt};
use crate::stripe::signature::{SignatureError, SigningSecrets};

/// The largest event Stripe sends is well below this.
const MAX_EVENT_BYTES: usize = 2 * 1024 * 1024;

/// What Stripe is answered.
#[derive(Serialize)]
pub(super) struct Acknowledgement {
    received: bool,
    event_id: String,
    duplicate: bool,
}

/// Takes an event signed with the program's own secret.
pub(super) async fn receive_stripe_event(
    State(services): State<Services>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Acknowledgement>, ApiError> {
    let Some(intake) = &services.intake else { return Err(no_such_endpoint()) };
    let body = read_event(&headers, body).await?;
    let receipt = intake.receive(signature(&headers), &body).await?;
    Ok(acknowledge(&services, receipt))
}

/// Takes an event signed with a secret the tenant has stored.
pub(super) async fn receive_tenants_stripe_event(
    State(services): State<Services>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Acknowledgement>, ApiError> {
    let body = read_event(&headers, body).await?;
    let tenant = services.store.tenant_id_by_slug(&slug).await.map_err(IntakeError::from)?;
    let tenant = tenant.ok_or_else(no_such_endpoint)?;
    let secrets = services.accounts.endpoint_secrets(tenant).await.map_err(away)?;
    let secrets = secrets.ok_or_else(no_such_endpoint)?;
    let outcome = take(&services, tenant, secrets.secrets, signature(&headers), &body).await;
    let receipt = match outcome {
        // The secret may have been replaced since it was looked up.
        Err(IntakeError::Signature(SignatureError::Mismatch)) if secrets.is_remembered => {
            let anew = services.accounts.endpoint_secrets_anew(tenant).await.map_err(away)?;
            let anew = anew.ok_or_else(no_such_endpoint)?;
            take(&services, tenant, anew.secrets, signature(&headers), &body).await?
        }
        outcome => outcome?,
    };
    Ok(acknowledge(&services, receipt))
}

async fn take(
    services: &Services,
    tenant: TenantId,
    secrets: SigningSecrets,
    signature: Option<&str>,
    body: &[u8],
) -> Result<Receipt, IntakeError> {
    let intake = Intake { store: services.store.clone(), clock: services.doorman.clock, secrets };
    intake.receive_at(tenant, signature, body).await
}

fn away(error: Refusal) -> ApiError {
    tracing::error!(%error, "a tenant's endpoint could not be looked up");
    not_durable()
}

fn no_such_endpoint() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "no signing secret is configured for this address")
}

fn signature(headers: &HeaderMap) -> Option<&str> {
    headers.get("stripe-signature").map(|value| value.to_str().unwrap_or("not text"))
}

async fn read_event(headers: &HeaderMap, body: Body) -> Result<Bytes, ApiError> {
    // The signature is over the bytes as sent; an encoded body would have to be unpacked before it is trusted.
    if headers.contains_key(CONTENT_ENCODING) {
        let message = "send the body without content encoding";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", message));
    }
    read_body(body, MAX_EVENT_BYTES).await.map_err(ApiError::of_status)
}

fn acknowledge(services: &Services, receipt: Receipt) -> Json<Acknowledgement> {
    services.applier.wake();
    Json(Acknowledgement {
        received: true,
        event_id: receipt.event.to_string(),
        duplicate: receipt.duplicate,
    })
}

impl From<IntakeError> for ApiError {
    fn from(error: IntakeError) -> Self {
        match &error {
            IntakeError::Signature(_) => {
                Self::new(StatusCode::BAD_REQUEST, "invalid_signature", error.to_string())
            }
            IntakeError::NotAnEvent(_) => {
                Self::new(StatusCode::BAD_REQUEST, "not_an_event", error.to_string())
            }
            IntakeError::NoTenant | IntakeError::Store(_) => {
                tracing::error!(%error, "an event could not be made durable");
                not_durable()
            }
        }
    }
}

fn not_durable() -> ApiError {
    let message = "the event is not kept yet: send it again";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_durable", message)
}
