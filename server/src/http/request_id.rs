//! Every request has a reference, in its answer's `x-request-id`, in error envelopes and in the log.

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

/// A request's reference.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) String);

/// A new reference to find something in the log by.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "a reference must only be unlike the others; nothing computes with it"
)]
pub fn new_reference() -> String {
    Uuid::now_v7().simple().to_string()
}

/// Gives a request its reference and its answer the header that tells it.
pub(super) async fn name_request(mut request: Request, next: Next) -> Response {
    let reference = new_reference();
    request.extensions_mut().insert(RequestId(reference.clone()));
    let span = tracing::info_span!("request", id = %reference, method = %request.method(), path = request.uri().path());
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&reference) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
