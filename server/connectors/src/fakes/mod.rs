//! The tools as servers of our own on this machine, behaving as their documents say, and as broken as a test wants.
//!
//! An [`Account`] holds campaigns, people and messages; each tool's fake shows them in its own way. Nothing here is
//! real, and nothing leaves this machine.

mod account;
mod enrichment;
mod heyreach;
mod instantly;
mod plusvibe;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::connection::Tool;
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use self::account::{Account, FakeCampaign, FakeMessage, FakePerson, KEY};

/// What goes wrong with a request, once.
pub enum Fault {
    /// This status, with these headers and body.
    Says(u16, Vec<(&'static str, &'static str)>, String),
    /// No answer, for ever; nothing was done.
    Hangs,
    /// What was asked is done, and there is no answer, for ever.
    DoesAndHangs,
    /// The answer ends in its middle.
    CutsOff,
    /// Something happens to the account, and then the answer comes.
    After(Box<dyn FnOnce(&mut Account) + Send>),
}

/// A request, as far as it matters.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Asked {
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.query(name)?.parse().ok()
    }
}

/// What a tool answers: its status and body; nothing is an empty body.
pub(crate) type Said = (u16, Option<Value>);

/// A tool that answers on a port of its own until it is dropped.
#[derive(Debug)]
pub struct Fake {
    /// What stands in for the tool's base address.
    pub address: String,
    account: Arc<Mutex<Account>>,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Serving {
    tool: Tool,
    account: Arc<Mutex<Account>>,
}

impl Fake {
    /// Opens an account at a tool.
    pub async fn open(tool: Tool, account: Account) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let account = Arc::new(Mutex::new(account));
        let serving = Serving { tool, account: account.clone() };
        let router = axum::Router::new().fallback(answer).with_state(serving);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "a fake stopped");
            }
        });
        Ok(Self { address, account, task })
    }

    /// Looks at the account, or changes it.
    pub fn with<T>(&self, change: impl FnOnce(&mut Account) -> T) -> T {
        change(&mut held(&self.account))
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn held(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(
    State(serving): State<Serving>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let asked = Asked { method, path: uri.path().to_owned(), query, body };
    let (fault, said) = ask(&serving, &headers, &asked);
    match fault {
        Some(Fault::Says(status, headers, body)) => says(status, &headers, body),
        Some(Fault::Hangs | Fault::DoesAndHangs) => {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            says(500, &[], String::new())
        }
        Some(Fault::CutsOff) => cut_off(&said),
        Some(Fault::After(_)) | None => {
            says(said.0, &[], said.1.map_or_else(String::new, |body| body.to_string()))
        }
    }
}

/// Has the request answered; one that goes wrong before it does anything is not.
fn ask(serving: &Serving, headers: &HeaderMap, asked: &Asked) -> (Option<Fault>, Said) {
    let mut account = held(&serving.account);
    account.asked.push(format!("{} {}", asked.method, asked.path));
    let key = headers.get("x-api-key").or_else(|| headers.get(header::AUTHORIZATION));
    let key = key.and_then(|key| key.to_str().ok()).unwrap_or_default();
    if key.strip_prefix("Bearer ").unwrap_or(key) != account.key {
        return (None, refusal(serving.tool, 401, "Unauthorized"));
    }
    if account.forbidden.iter().any(|path| asked.path.starts_with(path)) {
        return (None, refusal(serving.tool, 403, "the key may not do this"));
    }
    let mut fault = account.fault_of(&asked.path);
    match fault.take() {
        Some(Fault::After(change)) => change(&mut account),
        Some(told @ (Fault::Says(..) | Fault::Hangs)) => return (Some(told), (500, None)),
        other => fault = other,
    }
    let said = match serving.tool {
        Tool::HeyReach => heyreach::answer(&mut account, asked),
        Tool::PlusVibe => plusvibe::answer(&mut account, asked),
        Tool::Instantly => instantly::answer(&mut account, asked),
        Tool::Apollo => enrichment::apollo(&mut account, asked),
        Tool::FullEnrich => enrichment::fullenrich(&mut account, asked),
    };
    (fault, said)
}

/// A refusal, as each tool writes one.
fn refusal(tool: Tool, status: u16, words: &str) -> Said {
    let body = match tool {
        Tool::HeyReach => serde_json::json!({ "errorMessage": words }),
        Tool::PlusVibe => serde_json::json!({ "status": "error", "message": words }),
        Tool::Instantly => serde_json::json!({ "statusCode": status, "error": words, "message": words }),
        Tool::Apollo => serde_json::json!({ "error": words }),
        Tool::FullEnrich => serde_json::json!({ "code": "error", "message": words }),
    };
    (status, Some(body))
}

fn says(status: u16, headers: &[(&'static str, &'static str)], body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(*name, HeaderValue::from_static(value));
    }
    response
}

fn cut_off(said: &Said) -> Response {
    let body = said.1.as_ref().map(Value::to_string).unwrap_or_default();
    let half: String = body.chars().take(body.len() / 2).collect();
    let parts: [Result<Frame<Bytes>, std::io::Error>; 2] =
        [Ok(Frame::data(half.into())), Err(std::io::Error::other("cut off"))];
    Response::new(Body::new(StreamBody::new(futures::stream::iter(parts))))
}
