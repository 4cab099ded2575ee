//! Reading bodies, none of them for ever and none of them whole when it is too large.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::StatusCode;

/// A sender who takes longer for a whole body is none we wait for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads a body of at most so many bytes; the status says why there is none.
pub(super) async fn read_body(body: Body, at_most: usize) -> Result<Bytes, StatusCode> {
    if body.size_hint().lower() > u64::try_from(at_most).unwrap_or(u64::MAX) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    match tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, at_most)).await {
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}
