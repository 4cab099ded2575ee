//! Reading bodies, none of them for ever and none of them whole when it is too large.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::errors::ApiError;

/// A sender who takes longer for a whole body is none we wait for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest JSON a program sends of one thing.
pub(super) const MAX_JSON_BYTES: usize = 64 * 1024;

/// Reads a body that is one JSON document.
pub(super) async fn read_json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, ApiError> {
    Ok(read_json_of(headers, body, MAX_JSON_BYTES).await?.0)
}

/// Reads a body that is one JSON document of at most so many bytes, and the bytes it is.
pub(super) async fn read_json_of<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    at_most: usize,
) -> Result<(T, Bytes), ApiError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(ApiError::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let bytes = read_body(body, at_most).await.map_err(ApiError::of_status)?;
    let document = serde_json::from_slice(&bytes)
        .map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, "invalid_json", error.to_string()))?;
    Ok((document, bytes))
}

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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream::{self, StreamExt as _};
    use tokio::time::Instant;

    use super::*;

    /// A body of which a piece comes every second.
    fn dripping(piece: &'static [u8], times: usize) -> Body {
        let pieces = stream::iter(0..times).then(move |_| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, Infallible>(Bytes::from_static(piece))
        });
        Body::from_stream(pieces)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_waited_for_only_so_long_however_it_comes() {
        assert_eq!(read_body(dripping(b"ab", 9), 100).await.unwrap().len(), 18);
        for body in [dripping(b"a", 1_000), Body::from_stream(stream::pending::<Result<Bytes, Infallible>>())]
        {
            let before = Instant::now();
            assert_eq!(read_body(body, 100).await.unwrap_err(), StatusCode::REQUEST_TIMEOUT);
            assert_eq!(before.elapsed(), PATIENCE);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_end_is_not_gathered() {
        let endless = Body::from_stream(stream::repeat(Ok::<_, Infallible>(Bytes::from_static(&[0; 1024]))));
        assert_eq!(read_body(endless, 64 * 1024).await.unwrap_err(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
