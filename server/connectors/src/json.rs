//! Reading what tools say leniently: fields by any of several names, numbers that are texts, lists in several shapes.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::failure::Failure;
use crate::model::Rejected;

/// What was said, without the sign of value zero, which a database cannot keep.
pub(crate) fn storable(said: Value) -> Value {
    let plain = |text: String| if text.contains('\0') { text.replace('\0', "") } else { text };
    match said {
        Value::String(text) => Value::String(plain(text)),
        Value::Array(items) => Value::Array(items.into_iter().map(storable).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (plain(name), storable(value))).collect())
        }
        other => other,
    }
}

/// A field of an object; `a.b` is a field of a field.
pub(crate) fn field<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let found = path.split('.').try_fold(value, |value, name| value.get(name));
    found.filter(|value| !value.is_null())
}

/// The first of several fields that holds a text or a number, trimmed.
pub(crate) fn text(value: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| {
        let text = match field(value, path)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    })
}

/// The first of several fields that holds a whole number.
pub(crate) fn whole(value: &Value, paths: &[&str]) -> Option<i64> {
    text(value, paths)?.parse().ok()
}

/// The first of several fields that holds a moment: RFC 3339, without an offset in UTC, or seconds or milliseconds.
pub(crate) fn moment(value: &Value, paths: &[&str]) -> Option<Timestamp> {
    paths.iter().find_map(|path| moment_of(&text(value, &[path])?))
}

fn moment_of(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    if let Ok(number) = text.parse::<i64>() {
        return match number {
            1_000_000_000..100_000_000_000 => Timestamp::from_second(number).ok(),
            100_000_000_000.. => Timestamp::from_millisecond(number).ok(),
            _ => None,
        };
    }
    let civil: DateTime = text.parse().ok()?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// An e-mail as it is compared.
pub(crate) fn email(value: &Value, paths: &[&str]) -> Option<String> {
    let email = text(value, paths)?.to_lowercase();
    (email.contains('@') && email.len() <= 254 && !email.contains(char::is_whitespace)).then_some(email)
}

/// A name, whole or in parts.
pub(crate) fn name(value: &Value, whole: &[&str], first: &[&str], last: &[&str]) -> Option<String> {
    text(value, whole).or_else(|| {
        let parts: Vec<String> = [text(value, first), text(value, last)].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    })
}

/// The items of a list: a bare array, an array in one of several fields, or an object keyed by index.
pub(crate) fn items(value: &Value, fields: &[&str]) -> Result<Vec<Value>, Failure> {
    if let Value::Array(items) = value {
        return Ok(items.clone());
    }
    if let Some(items) = fields.iter().find_map(|name| field(value, name)?.as_array()) {
        return Ok(items.clone());
    }
    let Some(object) = value.as_object() else {
        return Err(Failure::unreadable("a list was expected"));
    };
    let mut indexed: Vec<(u64, &Value)> =
        object.iter().filter_map(|(key, item)| Some((key.parse().ok()?, item))).collect();
    if indexed.len() != object.len() {
        return Err(Failure::unreadable("a list was expected"));
    }
    indexed.sort_by_key(|(index, _)| *index);
    Ok(indexed.into_iter().map(|(_, item)| item.clone()).collect())
}

/// What could be read of several things, and what could not.
pub(crate) fn sorted<T>(
    items: &[Value],
    id: &[&str],
    read: impl Fn(&Value) -> Result<T, String>,
) -> (Vec<T>, Vec<Rejected>) {
    let (mut good, mut rejected) = (Vec::new(), Vec::new());
    for item in items {
        match read(item) {
            Ok(thing) => good.push(thing),
            Err(reason) => rejected.push(Rejected { reference: text(item, id), reason, raw: item.clone() }),
        }
    }
    (good, rejected)
}

/// A LinkedIn profile as it is compared: without scheme, `www.`, query and closing slash, in lower case.
pub(crate) fn profile(url: &str) -> Option<String> {
    let url = url.trim().to_lowercase();
    let url = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(&url);
    let url = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let path = url.split_once("linkedin.com/").map(|(_, path)| path)?;
    (!path.is_empty()).then(|| format!("linkedin.com/{path}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_comes_in_three_shapes() {
        let expected = vec![json!({ "id": 1 }), json!({ "id": 2 })];
        for list in [
            json!([{ "id": 1 }, { "id": 2 }]),
            json!({ "data": [{ "id": 1 }, { "id": 2 }] }),
            json!({ "1": { "id": 2 }, "0": { "id": 1 } }),
        ] {
            assert_eq!(items(&list, &["items", "data"]).unwrap(), expected);
        }
        assert!(items(&json!({ "message": "no" }), &["data"]).is_err());
        assert!(items(&json!("no"), &["data"]).is_err());
    }

    #[test]
    fn a_moment_is_read_in_every_shape_that_was_seen() {
        for written in [
            "2026-03-01T10:00:00Z",
            "2026-03-01T11:00:00+01:00",
            "2026-03-01T10:00:00",
            "1772359200",
            "1772359200000",
        ] {
            let read = moment(&json!({ "at": written }), &["never", "at"]);
            assert_eq!(read.unwrap().as_second(), 1_772_359_200, "{written}");
        }
        assert_eq!(moment(&json!({ "at": "yesterday", "n": 3 }), &["at", "n"]), None);
    }

    #[test]
    fn a_profile_is_the_same_however_it_is_written() {
        for written in [
            "https://www.linkedin.com/in/Ada-L/",
            "http://linkedin.com/in/ada-l?x=1",
            "linkedin.com/in/ada-l",
        ] {
            assert_eq!(profile(written).as_deref(), Some("linkedin.com/in/ada-l"), "{written}");
        }
        assert_eq!(profile("https://example.com/in/ada"), None);
    }
}
