//! How each tool wants to be asked, and how it says no.

use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::RETRY_AFTER;
use serde_json::Value;

use crate::json;
use crate::redaction::presentable;

/// How a tool wants to be asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    /// The least time between two requests.
    pub(crate) distance: Duration,
    /// The least time between two requests of the kind it allows less of.
    pub(crate) scarce_distance: Duration,
    /// How it says for how long it wants to be left alone.
    pub(crate) hint: Hint,
    /// The fields in which it says why it refused.
    pub(crate) words: &'static [&'static str],
}

impl Manners {
    pub(super) const fn says_later(&self, status: u16) -> bool {
        status == 429
    }

    /// Why it refused, in its words.
    pub(super) fn words(&self, said: &Value) -> String {
        let told = json::text(said, self.words).or_else(|| problem_details(said));
        let told = told.or_else(|| said.as_str().map(str::to_owned)).filter(|told| !told.trim().is_empty());
        told.map_or_else(|| "it gave no reason".to_owned(), |told| presentable(&told, 300))
    }
}

/// How a tool says for how long it wants to be left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Not at all.
    None,
    /// `Retry-After`, in seconds.
    Seconds,
    /// `Retry-After` in seconds, or a field of the body.
    SecondsOr(&'static str),
}

impl Hint {
    pub(super) fn read(self, headers: &HeaderMap, said: &Value) -> Option<Duration> {
        let header = || headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok();
        let seconds = match self {
            Self::None => None,
            Self::Seconds => header(),
            Self::SecondsOr(field) => {
                header().or_else(|| json::whole(said, &[field]).and_then(|seconds| seconds.try_into().ok()))
            }
        };
        seconds.map(Duration::from_secs)
    }
}

/// ASP.NET's way: a title, and what is wrong with each field.
fn problem_details(said: &Value) -> Option<String> {
    let title = json::text(said, &["title"])?;
    let errors = said.get("errors").and_then(Value::as_object);
    let first = errors.and_then(|errors| errors.values().next()?.get(0)?.as_str());
    Some(first.map_or_else(|| title.clone(), |first| format!("{title}: {first}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_tool_hints_in_its_own_way() {
        let headers: HeaderMap = [(RETRY_AFTER, "7".parse().unwrap())].into_iter().collect();
        let body = json!({ "retry_after_seconds": 9 });
        let read = |hint: Hint, headers: &HeaderMap| hint.read(headers, &body).map(|wait| wait.as_secs());
        assert_eq!(read(Hint::None, &headers), None);
        assert_eq!(read(Hint::Seconds, &headers), Some(7));
        assert_eq!(read(Hint::SecondsOr("retry_after_seconds"), &headers), Some(7));
        assert_eq!(read(Hint::SecondsOr("retry_after_seconds"), &HeaderMap::new()), Some(9));
    }

    #[test]
    fn a_reason_is_found_wherever_it_is_said() {
        let manners = Manners {
            distance: Duration::ZERO,
            scarce_distance: Duration::ZERO,
            hint: Hint::None,
            words: &["errorMessage"],
        };
        assert_eq!(manners.words(&json!({ "errorMessage": "it is a draft" })), "it is a draft");
        let details = json!({ "title": "Bad Request", "errors": { "limit": ["at most 100"] } });
        assert_eq!(manners.words(&details), "Bad Request: at most 100");
        assert_eq!(manners.words(&json!("Unauthorized")), "Unauthorized");
        assert_eq!(manners.words(&Value::Null), "it gave no reason");
    }
}
