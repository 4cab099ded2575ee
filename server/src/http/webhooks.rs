//! `POST /api/webhooks/stripe`: acknowledged once the event is durable, never before.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::State;
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::Services;
use super::errors::ApiError;
use crate::intake::IntakeError;

/// The largest event Stripe sends is well below this.
const MAX_EVENT_BYTES: usize = 2 * 1024 * 1024;

/// A sender who takes longer for a whole body is none we wait for.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// What Stripe is answered.
#[derive(Serialize)]
pub(super) struct Acknowledgement {
    received: bool,
    event_id: String,
    duplicate: bool,
}

pub(super) async fn receive_stripe_event(
    State(services): State<Services>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Acknowledgement>, ApiError> {
    // The signature is over the bytes as sent; an encoded body would have to be unpacked before it is trusted.
    if headers.contains_key(CONTENT_ENCODING) {
        let message = "send the body without content encoding";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", message));
    }
    let Some(intake) = &services.intake else {
        return Err(ApiError::new(StatusCode::NOT_FOUND, "not_found", "no signing secret is configured"));
    };
    let signature = headers.get("stripe-signature").map(|value| value.to_str().unwrap_or("not text"));
    let body = read_body(body).await?;
    let receipt = intake.receive(signature, &body).await?;
    services.applier.wake();
    Ok(Json(Acknowledgement {
        received: true,
        event_id: receipt.event.to_string(),
        duplicate: receipt.duplicate,
    }))
}

async fn read_body(body: Body) -> Result<Bytes, ApiError> {
    let too_large = || ApiError::of_status(StatusCode::PAYLOAD_TOO_LARGE);
    if body.size_hint().lower() > u64::try_from(MAX_EVENT_BYTES).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_PATIENCE, axum::body::to_bytes(body, MAX_EVENT_BYTES)).await {
        Err(_) => Err(ApiError::of_status(StatusCode::REQUEST_TIMEOUT)),
        Ok(Err(_)) => Err(too_large()),
        Ok(Ok(bytes)) => Ok(bytes),
    }
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
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "not_durable",
                    "the event is not kept yet: send it again",
                )
            }
        }
    }
}
