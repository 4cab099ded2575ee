//! One envelope for every answer that is not a success.

use std::any::Any;
use std::borrow::Cow;

use app::port::AskError;
use axum::Json;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::request_id::RequestId;
use crate::accounts::Refusal;

/// Why a request is refused, or that we failed.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
    header: Option<Box<(HeaderName, HeaderValue)>>,
    present: Option<Box<serde_json::Value>>,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), field: None, header: None, present: None }
    }

    /// Names the part of the request at fault.
    pub(super) fn in_field(self, field: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// Says how things are, to who knew them otherwise.
    pub(super) fn with_present(self, present: serde_json::Value) -> Self {
        Self { present: Some(Box::new(present)), ..self }
    }

    /// Adds a header to the answer.
    pub(super) fn with_header(self, name: HeaderName, value: HeaderValue) -> Self {
        Self { header: Some(Box::new((name, value))), ..self }
    }

    pub(super) fn of_status(status: StatusCode) -> Self {
        let (code, message) = match status {
            StatusCode::NOT_FOUND => ("not_found", "there is nothing at this address"),
            StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "this address takes other methods"),
            StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "the body is too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("unsupported_media_type", "this content type is not taken here")
            }
            StatusCode::REQUEST_TIMEOUT => ("timeout", "the body took too long to arrive"),
            status if status.is_client_error() => ("bad_request", "the request is malformed"),
            _ => ("internal", "something failed on our side"),
        };
        Self::new(status, code, message)
    }
}

impl From<AskError> for ApiError {
    fn from(error: AskError) -> Self {
        let message = error.to_string();
        match error {
            AskError::Invalid { field, .. } => {
                Self::new(StatusCode::BAD_REQUEST, "invalid_parameter", message).in_field(field)
            }
            AskError::UnknownTenant | AskError::NoTenant => {
                Self::new(StatusCode::NOT_FOUND, "not_found", message)
            }
            AskError::Forbidden(forbidden) => forbidden.into(),
            AskError::Ours { .. } => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::Field { field, .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", message).in_field(field)
            }
            Refusal::Unreadable(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", message),
            Refusal::Conflict(_) => Self::new(StatusCode::CONFLICT, "conflict", message),
            Refusal::Forbidden(forbidden) => forbidden.into(),
            Refusal::NotFound => Self::of_status(StatusCode::NOT_FOUND),
            Refusal::TooMany { wait } => {
                let seconds = HeaderValue::from(wait.as_secs().max(1).unsigned_abs());
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", message)
                    .with_header(RETRY_AFTER, seconds)
            }
            Refusal::Ours(error) => {
                tracing::error!(%error, "what was asked for could not be done");
                Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: EnvelopeError<'a>,
}

#[derive(Serialize)]
struct EnvelopeError<'a> {
    code: &'a str,
    message: &'a str,
    field: Option<&'a str>,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    present: Option<&'a serde_json::Value>,
}

/// The body is written by [`finish_errors`], which knows the request's reference.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some((name, value)) = self.header.as_deref().cloned() {
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Puts every refused API request into the envelope, whoever refused it.
pub(super) async fn finish_errors(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let request_id = request.extensions().get::<RequestId>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    if !is_api || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let error =
        response.extensions().get::<ApiError>().cloned().unwrap_or_else(|| ApiError::of_status(status));
    let envelope = Envelope {
        error: EnvelopeError {
            code: error.code,
            message: &error.message,
            field: error.field.as_deref(),
            request_id: request_id.as_ref().map_or("", |id| &id.0),
            present: error.present.as_deref(),
        },
    };
    let headers: HeaderMap = response
        .headers()
        .iter()
        .filter(|(name, _)| ["allow", "retry-after", "www-authenticate"].contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    // What one caller is refused, the next may be given.
    let not_cached = [(CACHE_CONTROL, "private, no-store")];
    (status, headers, not_cached, Json(envelope)).into_response()
}

/// A panic costs its own request only.
pub(super) fn after_panic(_cause: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

pub(super) async fn unknown_route() -> ApiError {
    ApiError::of_status(StatusCode::NOT_FOUND)
}

pub(super) async fn wrong_method() -> ApiError {
    ApiError::of_status(StatusCode::METHOD_NOT_ALLOWED)
}
