//! A call that sends something: to where, and with what.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::HeaderMap;

use super::errors::ApiError;
use super::query::Query;

/// What a handler takes of a call. The body is left unread until it is known that the caller may send it.
pub(super) struct Call {
    pub(super) path: String,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let query = Query::from_request_parts(&mut parts, state).await?;
        Ok(Self { path: parts.uri.path().to_owned(), query, headers: parts.headers, body })
    }
}
