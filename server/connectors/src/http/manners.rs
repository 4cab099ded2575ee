//! How each tool wants to be asked, and how it says no.

use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{DATE, RETRY_AFTER};
use jiff::fmt::rfc2822;
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

/// The longest a tool is left alone because it asks for that: what is longer was hardly meant.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How a tool says for how long it wants to be left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// `Retry-After`, where it says so at all.
    Header,
    /// `Retry-After`, or a field of the body, in seconds.
    HeaderOr(&'static str),
}

impl Hint {
    pub(super) fn read(self, headers: &HeaderMap, said: &Value) -> Option<Duration> {
        let in_body = |field| Some(Duration::from_secs(json::whole(said, &[field])?.try_into().ok()?));
        let hinted = retry_after(headers).or_else(|| match self {
            Self::Header => None,
            Self::HeaderOr(field) => in_body(field),
        });
        hinted.map(|wait| wait.min(LONGEST))
    }
}

/// `Retry-After`: seconds, or a moment by the tool's own clock, which `Date` tells.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let said = text(RETRY_AFTER)?;
    if let Ok(seconds) = said.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = |text| rfc2822::parse(text).ok().map(|moment| moment.timestamp());
    let wait = moment(said)?.duration_since(moment(text(DATE)?)?);
    Some(wait.try_into().unwrap_or(Duration::ZERO))
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
    use hyper::header::HeaderName;
    use serde_json::json;

    use super::*;

    fn headers(told: &[(HeaderName, &str)]) -> HeaderMap {
        told.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn each_tool_hints_in_its_own_way() {
        let body = json!({ "retry_after_seconds": 9 });
        let read = |hint: Hint, headers: &HeaderMap| hint.read(headers, &body).map(|wait| wait.as_secs());
        let seven = headers(&[(RETRY_AFTER, "7")]);
        assert_eq!(read(Hint::Header, &HeaderMap::new()), None);
        assert_eq!(read(Hint::Header, &seven), Some(7));
        assert_eq!(read(Hint::HeaderOr("retry_after_seconds"), &seven), Some(7));
        assert_eq!(read(Hint::HeaderOr("retry_after_seconds"), &HeaderMap::new()), Some(9));
    }

    #[test]
    fn a_moment_is_reckoned_by_the_tools_own_clock() {
        let at = |after: &str, date: &[(HeaderName, &str)]| {
            let told: Vec<_> = [(RETRY_AFTER, after)].into_iter().chain(date.iter().cloned()).collect();
            Hint::Header.read(&headers(&told), &Value::Null).map(|wait| wait.as_secs())
        };
        let date = [(DATE, "Sun, 06 Nov 1994 08:49:37 GMT")];
        assert_eq!(at("Sun, 06 Nov 1994 11:19:37 GMT", &date), Some(9_000));
        assert_eq!(at("Sun, 06 Nov 1994 08:00:00 GMT", &date), Some(0), "it is over");
        assert_eq!(at("Fri, 31 Dec 1999 23:59:59 GMT", &date), Some(7 * 86_400), "hardly meant");
        assert_eq!(at("soon", &date), None);
        assert_eq!(at("Sun, 06 Nov 1994 11:19:37 GMT", &[]), None);
    }

    #[test]
    fn a_reason_is_found_wherever_it_is_said() {
        let manners = Manners {
            distance: Duration::ZERO,
            scarce_distance: Duration::ZERO,
            hint: Hint::Header,
            words: &["errorMessage"],
        };
        assert_eq!(manners.words(&json!({ "errorMessage": "it is a draft" })), "it is a draft");
        let details = json!({ "title": "Bad Request", "errors": { "limit": ["at most 100"] } });
        assert_eq!(manners.words(&details), "Bad Request: at most 100");
        assert_eq!(manners.words(&json!("Unauthorized")), "Unauthorized");
        assert_eq!(manners.words(&Value::Null), "it gave no reason");
    }
}
