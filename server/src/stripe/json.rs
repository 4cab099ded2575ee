//! Reading fields of Stripe's JSON by meaning: an id may be expanded, a text may hold what PostgreSQL cannot.

use domain::money::{Currency, Money};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Why an event cannot be understood; shown in the dead letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable(pub(super) String);

/// The longest id Stripe documents.
const MAX_ID_CHARS: usize = 255;
const MAX_TEXT_CHARS: usize = 500;

/// An id, given plainly or as the expanded object it names.
pub(super) fn id(object: &Object, field: &str) -> Option<String> {
    let text = match object.get(field)? {
        Value::String(text) => text,
        Value::Object(expanded) => expanded.get("id")?.as_str()?,
        _ => return None,
    };
    let plain =
        !text.is_empty() && text.len() <= MAX_ID_CHARS && text.bytes().all(|byte| byte.is_ascii_graphic());
    plain.then(|| text.to_owned())
}

/// The object's own id.
pub(super) fn own_id(object: &Object) -> Result<String, Unreadable> {
    id(object, "id").ok_or_else(|| Unreadable("the object has no id".to_owned()))
}

/// A text without the characters a database or a screen cannot hold; `None` when nothing is left.
pub(super) fn text(object: &Object, field: &str) -> Option<String> {
    let text: String =
        object.get(field)?.as_str()?.chars().filter(|c| !c.is_control()).take(MAX_TEXT_CHARS).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A nested object.
pub(super) fn nested<'a>(object: &'a Object, path: &[&str]) -> Option<&'a Object> {
    path.iter().try_fold(object, |object, field| object.get(*field)?.as_object())
}

/// The objects of an embedded list.
pub(super) fn list<'a>(object: &'a Object, field: &str) -> impl Iterator<Item = &'a Object> {
    nested(object, &[field])
        .and_then(|list| list.get("data")?.as_array())
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}

/// Whether a field says exactly this.
pub(super) fn says(object: &Object, field: &str, word: &str) -> bool {
    object.get(field).and_then(Value::as_str) == Some(word)
}

/// An amount that must be there: whole minor units, not negative.
pub(super) fn amount(object: &Object, field: &str) -> Result<Money, Unreadable> {
    let minor = object
        .get(field)
        .and_then(Value::as_i64)
        .filter(|minor| *minor >= 0)
        .ok_or_else(|| Unreadable(format!("{field} is not a whole, non-negative number")))?;
    Money::new(minor, currency(object)?).map_err(|error| Unreadable(format!("{field}: {error}")))
}

fn currency(object: &Object) -> Result<Currency, Unreadable> {
    object
        .get("currency")
        .and_then(Value::as_str)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| Unreadable("currency is none we know".to_owned()))
}

/// Stripe opened in 2011; nothing happened before.
const STRIPE_BEGAN: i64 = 1_293_840_000;

/// A Unix time between Stripe's beginning and the latest that can be meant.
pub(super) fn plausible_time(
    object: &Object,
    field: &str,
    latest: Timestamp,
) -> Result<Timestamp, Unreadable> {
    object
        .get(field)
        .and_then(Value::as_i64)
        .filter(|seconds| *seconds >= STRIPE_BEGAN)
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .filter(|time| *time <= latest)
        .ok_or_else(|| Unreadable(format!("{field} is no time between 2011 and tomorrow")))
}
