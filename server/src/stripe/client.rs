//! Asking Stripe: one request at a time, each with a deadline, tried again where that can help.
//!
//! Answers are plain JSON in the shape of one pinned API version. The key is in no error and no log line.

mod errors;
mod key;
mod retrying;

use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, HeaderValue, USER_AGENT};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_rustls::builderstates::WantsSchemes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use self::errors::StripeError;
use self::errors::{Failure, refusal};
pub use self::key::{ApiBase, InvalidBase, InvalidKey, StripeKey};
pub use self::retrying::Pace;

/// The shape answers come in.
pub const API_VERSION: &str = "2026-09-30.endive";

/// The most an answer may have; a page of a hundred large invoices is a tenth of it.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// What a list is asked for.
pub type Query = Vec<(String, String)>;

/// A way to one Stripe account.
#[derive(Debug)]
pub struct StripeClient {
    http: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    base: ApiBase,
    authorization: HeaderValue,
    pace: Pace,
    last_request: Mutex<Option<Instant>>,
}

impl StripeClient {
    /// A client that asks with this key.
    pub fn new(base: ApiBase, key: &StripeKey, pace: Pace) -> Result<Self, StripeError> {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(pace.connect));
        connector.set_nodelay(true);
        let https = trusting(&base)?.https_or_http().enable_http1().wrap_connector(connector);
        Ok(Self {
            http: Client::builder(TokioExecutor::new()).build(https),
            base,
            authorization: key.authorization(),
            pace,
            last_request: Mutex::new(None),
        })
    }

    /// Asks for an object or a list; tried again as long as that can help.
    pub async fn get(&self, path: &str, query: &Query) -> Result<Map<String, Value>, StripeError> {
        let mut attempt = 1;
        loop {
            let failure = match self.attempt(path, query).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let wait = self.pace.wait_after(attempt, failure, path)?;
            tracing::debug!(path, attempt, wait_ms = wait.as_millis(), "asking Stripe again");
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, path: &str, query: &Query) -> Result<Map<String, Value>, Failure> {
        self.keep_distance().await;
        let deadline = tokio::time::timeout(self.pace.answer, self.send(path, query)).await;
        let (status, headers, body) =
            deadline.map_err(|_| Failure::passing("there was no answer in time"))??;
        if !status.is_success() {
            return Err(refusal(status, &headers, &body, path));
        }
        match serde_json::from_slice(&body) {
            Ok(Value::Object(answer)) => Ok(answer),
            _ => Err(Failure::Final(StripeError::Garbage { path: path.to_owned() })),
        }
    }

    async fn send(&self, path: &str, query: &Query) -> Result<(StatusCode, HeaderMap, Bytes), Failure> {
        let mut uri = format!("{}{path}", self.base.as_str());
        if !query.is_empty() {
            uri.push('?');
            uri.push_str(&form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish());
        }
        let request = Request::get(uri)
            .header(AUTHORIZATION, self.authorization.clone())
            .header("stripe-version", API_VERSION)
            .header(USER_AGENT, concat!("command-center/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, "application/json")
            .body(Empty::new())
            .map_err(|_| Failure::Final(StripeError::Garbage { path: path.to_owned() }))?;
        let response = self.http.request(request).await.map_err(|error| Failure::passing(&why(&error)))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|_| Failure::passing("the answer was cut off"))?.to_bytes();
        Ok((head.status, head.headers, body))
    }

    /// Leaves Stripe the time between two requests that keeps us far from its limits.
    async fn keep_distance(&self) {
        if self.pace.least_distance == Duration::ZERO {
            return;
        }
        let mut last = self.last_request.lock().await;
        if let Some(last) = *last {
            tokio::time::sleep_until(last + self.pace.least_distance).await;
        }
        *last = Some(Instant::now());
    }
}

/// Trusts whom the machine trusts, so that a private authority works. Nobody has to vouch for this machine itself.
fn trusting(base: &ApiBase) -> Result<HttpsConnectorBuilder<WantsSchemes>, StripeError> {
    let (provider, builder) = (ring::default_provider(), HttpsConnectorBuilder::new());
    if base.is_https() {
        let trusting = builder.with_provider_and_native_roots(provider);
        return trusting.map_err(|error| StripeError::NoCertificates(error.to_string()));
    }
    let nobody = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| StripeError::NoCertificates(error.to_string()))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(builder.with_tls_config(nobody))
}

/// What kept a request from being answered, without the address it went to.
fn why(error: &hyper_util::client::legacy::Error) -> String {
    if error.is_connect() { "it cannot be reached" } else { "the connection broke" }.to_owned()
}
