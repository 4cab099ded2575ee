//! `POST /api/webhooks/stripe`: acknowledged once the event is durable, never before.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::Services;
use super::errors::ApiError;
use crate::intake::IntakeError;

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
    body: Bytes,
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
    let receipt = intake.receive(signature, &body).await?;
    services.applier.wake();
    Ok(Json(Acknowledgement {
        received: true,
        event_id: receipt.event.to_string(),
        duplicate: receipt.duplicate,
    }))
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
