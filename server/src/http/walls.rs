//! The walls around every answer: what a browser may do with it, and which host names lead here.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HOST, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::errors::ApiError;

/// What everything is answered with that says nothing else.
const HEADERS: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
];

/// Browsers that came by https once are to come by nothing else.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// What the headers depend on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Headers {
    is_https: bool,
}

impl Headers {
    /// The headers of a program that is reached at this address.
    pub(super) fn of(public_address: &str) -> Self {
        Self { is_https: public_address.starts_with("https://") }
    }
}

/// Adds the headers that are not there yet.
pub(super) async fn add_headers(State(told): State<Headers>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if told.is_https {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// What a page may load: our own files, and the one inline script that carries this page's nonce.
pub(super) fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// The host names this program answers to.
#[derive(Clone, Debug)]
pub(super) struct KnownHosts {
    public: Option<Arc<str>>,
}

impl KnownHosts {
    /// Loopback, and the host of the public address.
    pub(super) fn new(public_address: &str) -> Self {
        let host = public_address.parse::<Uri>().ok().and_then(|uri| uri.host().map(Arc::from));
        Self { public: host }
    }

    fn know(&self, host: &str) -> bool {
        let name = without_port(host);
        is_loopback(name) || self.public.as_deref().is_some_and(|public| public.eq_ignore_ascii_case(name))
    }
}

/// Whether a name is this machine's to itself.
pub(super) fn is_loopback(name: &str) -> bool {
    let address = name.trim_matches(['[', ']']).parse();
    name == "localhost" || address.is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// Refuses requests under a foreign host name: a page elsewhere whose name was pointed at this machine would
/// count as our own.
pub(super) async fn refuse_foreign_hosts(
    State(hosts): State<KnownHosts>,
    request: Request,
    next: Next,
) -> Response {
    let named = request.headers().get(HOST).and_then(|host| host.to_str().ok()).or(request.uri().host());
    if named.is_some_and(|host| hosts.know(host)) {
        return next.run(request).await;
    }
    let message =
        "this program does not answer under that host name: set PUBLIC_URL to the address it is reached at";
    ApiError::new(StatusCode::MISDIRECTED_REQUEST, "unknown_host", message).into_response()
}

/// The name in a `Host` header, whose port follows the last colon that is not inside brackets.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_the_public_host_are_known_and_nothing_else() {
        let hosts = KnownHosts::new("https://gtm.example.com/");
        for host in [
            "localhost",
            "localhost:3000",
            "127.0.0.1:3000",
            "127.8.8.8",
            "[::1]:3000",
            "GTM.example.com:443",
        ] {
            assert!(hosts.know(host), "{host}");
        }
        for host in [
            "evil.example",
            "example.com",
            "127.0.0.1.evil.example",
            "localhost.evil.example:3000",
            "10.0.0.1",
            "",
        ] {
            assert!(!hosts.know(host), "{host}");
        }
    }
}
