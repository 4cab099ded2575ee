//! What is told again under a key of the teller's is answered as before, and done once.

use domain::access::Viewer;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use store::StoreError;
use store::leads::Put;
use store::told_before::Telling;
use store::work::TenantWork;

use super::Taken;
use crate::accounts::Refusal;

/// What a program is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// What is asked under which key, if under one.
#[derive(Clone, Debug)]
pub struct Once {
    subject: String,
    key: Option<String>,
    payload_hash: [u8; 32],
}

impl Once {
    /// A request and its `Idempotency-Key`.
    pub fn of(subject: String, key: Option<&str>, payload: &[u8]) -> Result<Self, Refusal> {
        let is_key =
            |key: &str| (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if key.is_some_and(|key| !is_key(key)) {
            let message = "an Idempotency-Key has 1 to 255 letters, digits or signs";
            return Err(Refusal::field("Idempotency-Key", message));
        }
        Ok(Self { subject, key: key.map(str::to_owned), payload_hash: hash(payload) })
    }

    /// A request that may be made again.
    pub(crate) const fn unkeyed() -> Self {
        Self { subject: String::new(), key: None, payload_hash: [0; 32] }
    }

    /// What it was answered before; refused when something else was asked under the key.
    pub(super) async fn answered_before(&self, work: &mut TenantWork) -> Result<Option<Answer>, Refusal> {
        let Some(key) = &self.key else { return Ok(None) };
        let mut told = work.told_before(&self.subject, std::slice::from_ref(key)).await?;
        let Some(telling) = told.remove(key) else { return Ok(None) };
        if telling.payload_hash != self.payload_hash {
            let message = "something else was asked under this Idempotency-Key before";
            return Err(Refusal::Conflict(message.to_owned()));
        }
        let unreadable = |_| Refusal::Conflict("what was answered before can no longer be read".to_owned());
        serde_json::from_str(&telling.answer).map(Some).map_err(unreadable)
    }

    /// Keeps what it is answered, for the next time.
    pub(super) async fn keep(
        &self,
        work: &mut TenantWork,
        answer: &Answer,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(key) = self.key.clone() else { return Ok(()) };
        let answer = serde_json::to_string(answer).unwrap_or_default();
        let telling = Telling { key, payload_hash: self.payload_hash, answer };
        work.told_keep(&self.subject, &[telling], now).await
    }

    /// The subject of a request: what it does, as whom.
    #[must_use]
    pub fn subject(method: &str, path: &str, viewer: &Viewer) -> String {
        let who = match &viewer.actor {
            domain::access::Actor::Person { user, .. } => user.to_string(),
            domain::access::Actor::Key { key, .. } => key.to_string(),
            domain::access::Actor::CommandLine => "command line".to_owned(),
        };
        format!("{method} {path} by {who}").chars().take(300).collect()
    }
}

/// SHA-256 of what was told.
pub(super) fn hash(payload: &[u8]) -> [u8; 32] {
    Sha256::digest(payload).into()
}

/// What is answered to many at once: what became of each.
pub(super) fn answer_to_many(references: &[Option<String>], taken: &[Taken]) -> Answer {
    let results: Vec<Value> = references
        .iter()
        .zip(taken)
        .enumerate()
        .map(|(index, (reference, taken))| {
            json!({ "index": index, "external_id": reference, "status": status(taken), "error": error(taken) })
        })
        .collect();
    let count = |word: &str| taken.iter().filter(|taken| status(taken) == word).count();
    let body = json!({
        "created": count("created"), "updated": count("updated"), "unchanged": count("unchanged"),
        "refused": count("refused"), "results": results,
    });
    Answer { status: 200, body }
}

/// What became of one, in a word.
pub(super) const fn status(taken: &Taken) -> &'static str {
    match taken {
        Ok(Put::New) => "created",
        Ok(Put::Changed) => "updated",
        Ok(Put::Same) => "unchanged",
        Err(_) => "refused",
    }
}

/// Why one was refused.
pub(super) fn error(taken: &Taken) -> Value {
    let Err(refusal) = taken else { return Value::Null };
    let (code, field) = match refusal {
        Refusal::Field { field, .. } => ("refused", Some(*field)),
        Refusal::Conflict(_) => ("conflict", None),
        Refusal::NotFound => ("not_found", None),
        _ => ("refused", None),
    };
    json!({ "code": code, "message": refusal.to_string(), "field": field })
}
