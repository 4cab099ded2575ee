//! Asking a tool over HTTP: one request at a time, each with a deadline; reading is tried again where that can help.
//!
//! The key is in no error and no log line.

mod base;
mod guard;
mod manners;
mod pace;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use self::base::{ApiBase, InvalidBase};
use self::guard::GuardedResolver;
pub(crate) use self::manners::{Hint, Manners};
pub use self::pace::Pace;
use crate::failure::Failure;
use crate::json::storable;
use crate::redaction::presentable;

/// The most an answer may have.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Value>,
    is_scarce: bool,
}

impl Ask {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), query: Vec::new(), body: None, is_scarce: false }
    }

    pub(crate) fn post(path: impl Into<String>) -> Self {
        Self { method: Method::POST, ..Self::get(path) }
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    pub(crate) fn with_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) fn saying(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Something of which the tool allows less than of the rest.
    pub(crate) const fn scarce(mut self) -> Self {
        self.is_scarce = true;
        self
    }
}

/// What a tool answered, when it did what it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    body: Bytes,
}

impl Answer {
    /// The answer as JSON; nothing at all is null.
    pub(crate) fn json(&self) -> Result<Value, Failure> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        let said = serde_json::from_slice(&self.body).map(storable);
        said.map_err(|_| Failure::unreadable("it is no JSON"))
    }

    /// The answer as JSON, or as a text, for what only has to be kept.
    pub(crate) fn said(&self) -> Value {
        self.json().unwrap_or_else(|_| Value::from(presentable(&String::from_utf8_lossy(&self.body), 2_000)))
    }
}

/// A way to one tool, with its key.
#[derive(Debug)]
pub(crate) struct Http {
    client: Client<HttpsConnector<HttpConnector<GuardedResolver>>, Full<Bytes>>,
    base: ApiBase,
    key: (HeaderName, HeaderValue),
    manners: Manners,
    pace: Pace,
    last: [Mutex<Option<Instant>>; 2],
}

impl Http {
    pub(crate) fn new(
        base: ApiBase,
        key: (HeaderName, HeaderValue),
        manners: Manners,
        pace: Pace,
    ) -> Result<Self, Failure> {
        let mut connector = HttpConnector::new_with_resolver(GuardedResolver::of(&base));
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(pace.connect));
        connector.set_nodelay(true);
        let https = trusting(&base)?.https_or_http().enable_http1().wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new()).build(https);
        Ok(Self { client, base, key, manners, pace, last: [Mutex::new(None), Mutex::new(None)] })
    }

    pub(crate) const fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Asks for something that may be asked for again, and does as long as that can help.
    pub(crate) async fn read(&self, ask: &Ask) -> Result<Answer, Failure> {
        let mut attempt = 1;
        loop {
            let failure = match self.once(ask).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let wait = self.pace.wait_after(attempt, failure)?;
            tracing::debug!(path = ask.path, attempt, wait_ms = wait.as_millis(), "asking again");
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    /// Asks for something to be read, as JSON.
    pub(crate) async fn json(&self, ask: &Ask) -> Result<Value, Failure> {
        self.read(ask).await?.json()
    }

    /// Asks once: for what may not be done twice.
    pub(crate) async fn once(&self, ask: &Ask) -> Result<Answer, Failure> {
        self.keep_distance(ask.is_scarce).await;
        let late = |_| Failure::Unanswered { words: "there was no answer in time".to_owned() };
        let sent = tokio::time::timeout(self.pace.answer, self.send(ask)).await;
        let (status, headers, body) = sent.map_err(late)??;
        if status.is_success() {
            return Ok(Answer { status: status.as_u16(), body });
        }
        Err(self.refusal(status, &headers, &body))
    }

    async fn send(&self, ask: &Ask) -> Result<(StatusCode, HeaderMap, Bytes), Failure> {
        let request = self.request(ask)?;
        let response = self.client.request(request).await.map_err(|error| broken(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await;
        let cut = |_| Failure::Unanswered { words: "the answer was cut off".to_owned() };
        Ok((head.status, head.headers, body.map_err(cut)?.to_bytes()))
    }

    fn request(&self, ask: &Ask) -> Result<Request<Full<Bytes>>, Failure> {
        let mut uri = format!("{}{}", self.base.as_str(), ask.path);
        if !ask.query.is_empty() {
            uri.push('?');
            uri.push_str(&form_urlencoded::Serializer::new(String::new()).extend_pairs(&ask.query).finish());
        }
        let mut request = Request::builder()
            .method(&ask.method)
            .uri(uri)
            .header(&self.key.0, self.key.1.clone())
            .header(USER_AGENT, concat!("command-center/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, "application/json");
        if ask.method != Method::GET {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = ask.body.as_ref().map_or_else(Bytes::new, |body| body.to_string().into());
        request.body(Full::new(body)).map_err(|_| Failure::impossible("this is no request that can be sent"))
    }

    fn refusal(&self, status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Failure {
        let said = Answer { status: status.as_u16(), body: body.clone() }.said();
        if self.manners.says_later(status.as_u16()) {
            let hinted = self.manners.hint.read(headers, &said);
            return Failure::Limited { wait: hinted.unwrap_or(self.pace.first_wait) };
        }
        Failure::Refused { status: status.as_u16(), words: self.without_key(&self.manners.words(&said)) }
    }

    /// Some tools repeat the key when they refuse it.
    fn without_key(&self, words: &str) -> String {
        let key = self.key.1.to_str().unwrap_or_default();
        let key = key.strip_prefix("Bearer ").unwrap_or(key);
        if key.is_empty() { words.to_owned() } else { words.replace(key, "(the key)") }
    }

    /// Leaves the tool the time between two requests that keeps us within its limits.
    async fn keep_distance(&self, is_scarce: bool) {
        let [plain, scarce] = &self.last;
        let (last, distance) =
            if is_scarce { (scarce, self.manners.scarce_distance) } else { (plain, self.manners.distance) };
        if !self.pace.keeps_distance || distance.is_zero() {
            return;
        }
        let mut last = last.lock().await;
        if let Some(last) = *last {
            tokio::time::sleep_until(last + distance).await;
        }
        *last = Some(Instant::now());
    }
}

/// Trusts whom the machine trusts, so that a private authority works. Nobody has to vouch for this machine itself.
fn trusting(
    base: &ApiBase,
) -> Result<HttpsConnectorBuilder<hyper_rustls::builderstates::WantsSchemes>, Failure> {
    let no_certificates = |why: String| {
        Failure::impossible(format!("this machine has no certificates to know a tool by: {why}"))
    };
    let (provider, builder) = (ring::default_provider(), HttpsConnectorBuilder::new());
    if base.is_https() {
        let trusting = builder.with_provider_and_native_roots(provider);
        return trusting.map_err(|error| no_certificates(error.to_string()));
    }
    let nobody = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| no_certificates(error.to_string()))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(builder.with_tls_config(nobody))
}

/// Before a connection stood nothing was asked; afterwards nobody knows.
fn broken(error: &hyper_util::client::legacy::Error) -> Failure {
    if error.is_connect() {
        return Failure::Unreachable { words: "there is no connection".to_owned() };
    }
    Failure::Unanswered { words: "the connection broke".to_owned() }
}
