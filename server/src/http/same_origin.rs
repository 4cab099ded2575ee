//! What changes something is taken from our own pages only: a cookie alone proves who, not that they meant it.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Services;
use super::errors::ApiError;
use super::walls::is_loopback;

/// Stripe's events are signed, and come without a browser.
pub(super) const SIGNED: &str = "/api/webhooks/";

/// Changes nothing, but goes on and on: another site's page has no use for it.
const STREAM: &str = "/api/events";

/// Refuses a change that another site's page asks for.
pub(super) async fn refuse_foreign_origins(
    State(services): State<Services>,
    request: Request,
    next: Next,
) -> Response {
    let (headers, path) = (request.headers(), request.uri().path());
    let is_fine = match asked_by(&services, headers) {
        _ if path.starts_with(SIGNED) => true,
        Page::Ours => true,
        Page::Foreign => request.method().is_safe() && path != STREAM,
        // A program says nothing of the kind, and has no cookie either.
        Page::Unsaid => {
            let is_program = headers.contains_key(AUTHORIZATION) && !services.cookie.is_in(headers);
            request.method().is_safe() || is_program
        }
    };
    if is_fine {
        return next.run(request).await;
    }
    let message = "this was asked for by another site's page, so it was not done";
    ApiError::new(StatusCode::FORBIDDEN, "foreign_origin", message).into_response()
}

/// Whose page asks.
enum Page {
    Ours,
    Foreign,
    Unsaid,
}

/// Browsers say where a request comes from, and scripts cannot say otherwise.
fn asked_by(services: &Services, headers: &HeaderMap) -> Page {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("not text"));
    let site = text("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return Page::Foreign;
    }
    match text(ORIGIN.as_str()) {
        Some(origin) if is_ours(services, headers, origin) => Page::Ours,
        Some(_) => Page::Foreign,
        None if site.is_some() => Page::Ours,
        None => Page::Unsaid,
    }
}

/// Whether an origin is the address the request itself was sent to, or the one people know us by.
fn is_ours(services: &Services, headers: &HeaderMap, origin: &str) -> bool {
    let public_origin = services.public_origin();
    if origin.eq_ignore_ascii_case(&public_origin) {
        return true;
    }
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
    // Where we are reached by https, our name by http is whoever sits on the way.
    let is_overheard = public_origin.starts_with("https://") && !is_loopback(authority.host());
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    !is_overheard && host.is_some_and(|host| host.eq_ignore_ascii_case(authority.as_str()))
}
