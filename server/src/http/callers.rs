//! Who calls the API: a program with a key, or a page of ours with its cookie.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use domain::access::{Caller, Forbidden, Permission, Viewer};
use domain::ids::TenantId;
use domain::tenant::Tenant;
use store::StoreError;

use super::Services;
use super::errors::ApiError;
use crate::accounts::Sender;

/// A caller who is known, as [`limit_calls`](super::limits::limit_calls) found out.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Who.
    pub(super) caller: Caller,
    /// Where the request came from.
    pub(super) sender: Sender,
}

impl FromRequestParts<Services> for Known {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _services: &Services) -> Result<Self, ApiError> {
        let known = parts.extensions.get::<Arc<Self>>().ok_or_else(unauthorized)?;
        Ok(Self::clone(known))
    }
}

/// Who calls; a key that is sent counts alone: a wrong one is not made good by a cookie.
pub(super) async fn identify(services: &Services, headers: &HeaderMap) -> Result<Option<Caller>, StoreError> {
    if let Some(sent) = headers.get(AUTHORIZATION) {
        let key = sent.to_str().ok().and_then(|text| text.split_once(' '));
        return match key {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => {
                services.doorman.by_key(key.trim()).await
            }
            _ => Ok(None),
        };
    }
    match services.cookie.read(headers) {
        Some(token) => services.doorman.by_session(token).await,
        None => Ok(None),
    }
}

/// Whose figures are asked for.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// A tenant's, by somebody who may look at it.
    Tenant(Viewer, Box<Tenant>),
    /// Everybody's, by somebody of the platform.
    All,
}

impl Known {
    /// The tenant a call is about, when the caller may look at it.
    pub(super) async fn look(
        &self,
        services: &Services,
        tenant_id: Option<&str>,
    ) -> Result<(Viewer, Tenant), ApiError> {
        let named: Option<TenantId> = tenant_id.map(read_tenant_id).transpose()?;
        let seen = services.doorman.look(&self.caller, named, &self.sender).await.map_err(unavailable)?;
        seen.ok_or_else(no_such_tenant)
    }

    /// The tenant a call is about, or all of them.
    pub(super) async fn subject(
        &self,
        services: &Services,
        tenant_id: Option<&str>,
    ) -> Result<Subject, ApiError> {
        if tenant_id != Some("all") {
            let (viewer, tenant) = self.look(services, tenant_id).await?;
            return Ok(Subject::Tenant(viewer, Box::new(tenant)));
        }
        if self.caller.is_platform_admin() { Ok(Subject::All) } else { Err(no_such_tenant()) }
    }
}

/// Refuses what a viewer may not do, and writes down that they tried.
pub(super) async fn require(
    services: &Services,
    viewer: &Viewer,
    permission: Permission,
    sender: &Sender,
) -> Result<(), ApiError> {
    match viewer.require(permission) {
        Ok(()) => Ok(()),
        Err(forbidden) => {
            services.accounts.note_refused_access(viewer, permission.word(), sender).await;
            Err(forbidden.into())
        }
    }
}

fn read_tenant_id(text: &str) -> Result<TenantId, ApiError> {
    text.parse().map_err(|_| {
        ApiError::new(StatusCode::BAD_REQUEST, "invalid_parameter", "tenant_id is a UUID")
            .in_field("tenant_id")
    })
}

fn no_such_tenant() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "there is no such tenant")
}

fn unauthorized() -> ApiError {
    let message = "sign in, or send an API key as Authorization: Bearer cc_…";
    ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

pub(super) fn unavailable(error: StoreError) -> ApiError {
    tracing::error!(%error, "a caller could not be let in");
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the database does not answer just now")
}

impl From<Forbidden> for ApiError {
    fn from(forbidden: Forbidden) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", forbidden.to_string())
    }
}
