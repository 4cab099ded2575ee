//! An event's envelope: the little that must be known of an event before it is kept.
//!
//! A body is read through once and nothing of it is built but the two texts that are looked for. What is valid, how
//! deep it may be nested, and which of several equal keys counts is as if all of it were read.

use std::fmt;

use domain::ids::{EventId, TenantId};
use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

/// What must be known of an event before it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Its id.
    pub id: EventId,
    /// The tenant its object's metadata names.
    pub tenant: Option<TenantId>,
    /// The connected account it is of.
    pub account: Option<String>,
}

/// A body that is no event at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEvent {
    /// It is not one JSON document.
    #[error("the body is not valid JSON")]
    Json,
    /// It is JSON, but no object with an event's id.
    #[error("the body is not a Stripe event")]
    Shape,
}

impl Envelope {
    /// Reads the envelope of a verified body.
    pub fn read(body: &[u8]) -> Result<Self, NotAnEvent> {
        let mut document = serde_json::Deserializer::from_slice(body);
        let texts = Event.deserialize(&mut document).map_err(|_| NotAnEvent::Json)?;
        document.end().map_err(|_| NotAnEvent::Json)?;
        let id = texts.id.and_then(|id| id.parse().ok()).ok_or(NotAnEvent::Shape)?;
        Ok(Self { id, tenant: texts.tenant.and_then(|tenant| tenant.parse().ok()), account: texts.account })
    }
}

/// Where the tenant's id is below `data`.
const TENANT: &[&str] = &["object", "metadata", "tenant_id"];

/// The texts of an event, where they are texts.
#[derive(Default)]
struct Texts {
    id: Option<String>,
    tenant: Option<String>,
    account: Option<String>,
}

/// Reads a whole event.
struct Event;

/// Reads a value for the text at a path below it; `None` looks for nothing.
#[derive(Clone, Copy)]
struct TextAt(Option<&'static [&'static str]>);

impl<'de> DeserializeSeed<'de> for Event {
    type Value = Texts;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Texts, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> DeserializeSeed<'de> for TextAt {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Option<String>, D::Error> {
        value.deserialize_any(self)
    }
}

/// What is neither an object nor an array holds nothing further.
macro_rules! pass_over {
    ($value:ty) => {
        fn visit_bool<E>(self, _: bool) -> Result<$value, E> {
            Ok(<$value>::default())
        }

        fn visit_i64<E>(self, _: i64) -> Result<$value, E> {
            Ok(<$value>::default())
        }

        fn visit_u64<E>(self, _: u64) -> Result<$value, E> {
            Ok(<$value>::default())
        }

        fn visit_f64<E>(self, _: f64) -> Result<$value, E> {
            Ok(<$value>::default())
        }

        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok(<$value>::default())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<$value, A::Error> {
            while list.next_element_seed(TextAt(None))?.is_some() {}
            Ok(<$value>::default())
        }

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON")
        }
    };
}

impl<'de> Visitor<'de> for Event {
    type Value = Texts;

    pass_over!(Texts);

    fn visit_str<E>(self, _: &str) -> Result<Texts, E> {
        Ok(Texts::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Texts, A::Error> {
        let mut texts = Texts::default();
        // Of several equal keys the last one counts.
        while let Some(which) = object.next_key_seed(WhichOf(&["id", "data", "account"]))? {
            match which {
                Some("id") => texts.id = object.next_value_seed(TextAt(Some(&[])))?,
                Some("account") => texts.account = object.next_value_seed(TextAt(Some(&[])))?,
                Some("data") => texts.tenant = object.next_value_seed(TextAt(Some(TENANT)))?,
                _ => drop(object.next_value_seed(TextAt(None))?),
            }
        }
        Ok(texts)
    }
}

impl<'de> Visitor<'de> for TextAt {
    type Value = Option<String>;

    pass_over!(Option<String>);

    fn visit_str<E>(self, text: &str) -> Result<Option<String>, E> {
        Ok(self.0.filter(|path| path.is_empty()).map(|_| text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Option<String>, A::Error> {
        let path = self.0.and_then(<[_]>::split_first);
        let sought = path.map_or([].as_slice(), |(name, _)| std::slice::from_ref(name));
        let mut found = None;
        while let Some(which) = object.next_key_seed(WhichOf(sought))? {
            let below = path.filter(|_| which.is_some()).map(|(_, below)| below);
            let text = object.next_value_seed(TextAt(below))?;
            if below.is_some() {
                found = text;
            }
        }
        Ok(found)
    }
}

/// Reads a key for which of these names it is.
struct WhichOf<'a>(&'a [&'static str]);

impl<'de> DeserializeSeed<'de> for WhichOf<'_> {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for WhichOf<'_> {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|name| **name == key).copied())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// The same by reading all of it.
    fn read_all(body: &[u8]) -> Result<Envelope, NotAnEvent> {
        let value: Value = serde_json::from_slice(body).map_err(|_| NotAnEvent::Json)?;
        let event = value.as_object().ok_or(NotAnEvent::Shape)?;
        let id = event.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let mut metadata = Some(&value);
        for name in ["data", "object", "metadata", "tenant_id"] {
            metadata = metadata.and_then(|value| value.as_object()?.get(name));
        }
        let tenant = metadata.and_then(|id| id.as_str()?.parse().ok());
        let account = event.get("account").and_then(Value::as_str).map(str::to_owned);
        Ok(Envelope { id: id.ok_or(NotAnEvent::Shape)?, tenant, account })
    }

    const TENANT_ID: &str = "6f1c1a52-6a0e-5d5f-9a9d-0d4f6a0d0c11";

    /// JSON texts of every kind, with the names that matter in many places, some several times.
    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just(format!("\"{TENANT_ID}\"")),
            Just("\"evt_1\"".to_owned()),
            Just("\"evt_\\u0032\"".to_owned()),
            Just("\"\\ud800\"".to_owned()),
            Just("null".to_owned()),
            Just("true".to_owned()),
            Just("1e400".to_owned()),
            Just("-0".to_owned()),
            Just("18446744073709551616".to_owned()),
            Just("01".to_owned()),
            Just("\"a\nb\"".to_owned()),
        ];
        leaf.prop_recursive(6, 40, 5, |inner| {
            let key = prop::sample::select(vec![
                "id",
                "data",
                "account",
                "object",
                "metadata",
                "tenant_id",
                "d\\u0061ta",
                "",
                "other",
            ]);
            let pair = (key, inner.clone()).prop_map(|(key, value)| format!("\"{key}\" :{value}"));
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
                prop::collection::vec(pair, 0..5).prop_map(|pairs| format!("{{{}}}", pairs.join(","))),
            ]
        })
    }

    /// An event with something at each place that matters.
    fn event() -> impl Strategy<Value = String> {
        (json(), json(), json(), json()).prop_map(|(a, b, c, d)| {
            format!(
                "{{\"id\":\"evt_1\",\"x\":{a},\"data\":{{\"object\":{{\"metadata\":{{\"tenant_id\":{b}}},\"y\":{c}}}}},\"z\":{d}}}"
            )
        })
    }

    proptest! {
        #[test]
        fn an_envelope_is_the_same_as_if_all_had_been_read(body in prop_oneof![json(), event()]) {
            prop_assert_eq!(Envelope::read(body.as_bytes()), read_all(body.as_bytes()));
        }

        #[test]
        fn a_body_that_is_cut_or_changed_is_read_the_same(
            body in event(), place in any::<prop::sample::Index>(), byte in any::<u8>(),
        ) {
            let (mut changed, cut) = (body.clone().into_bytes(), place.index(body.len()));
            prop_assert_eq!(Envelope::read(&body.as_bytes()[..cut]), read_all(&body.as_bytes()[..cut]));
            changed[cut] = byte;
            prop_assert_eq!(Envelope::read(&changed), read_all(&changed));
        }
    }

    #[test]
    fn what_is_deep_is_refused_where_reading_all_of_it_would_be() {
        for depth in [1, 100, 120, 125, 126, 127, 128, 129, 200, 100_000] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"data\":", "}")] {
                let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                let body = format!("{{\"id\":\"evt_1\",\"data\":{{\"object\":{nested}}}}}");
                assert_eq!(Envelope::read(body.as_bytes()), read_all(body.as_bytes()), "{depth} of {open}");
                assert_eq!(
                    Envelope::read(nested.as_bytes()),
                    read_all(nested.as_bytes()),
                    "{depth} of {open}"
                );
            }
        }
    }

    #[test]
    fn of_several_equal_keys_the_last_counts_whatever_it_holds() {
        for (body, tenant) in [
            (
                format!(
                    r#"{{"id":"evt_1","data":{{"object":{{"metadata":{{"tenant_id":"{TENANT_ID}"}}}}}}}}"#
                ),
                true,
            ),
            (
                format!(
                    r#"{{"id":1,"id":"evt_1","data":{{"object":{{"metadata":{{"tenant_id":"{TENANT_ID}"}}}}}},"data":[]}}"#
                ),
                false,
            ),
            (
                format!(
                    r#"{{"id":"evt_1","data":{{"object":{{"metadata":{{"tenant_id":"{TENANT_ID}","tenant_id":7}}}}}}}}"#
                ),
                false,
            ),
        ] {
            let envelope = Envelope::read(body.as_bytes()).unwrap();
            assert_eq!(envelope.tenant.is_some(), tenant, "{body}");
            assert_eq!(Ok(envelope), read_all(body.as_bytes()));
        }
        assert_eq!(Envelope::read(br#"{"id":"evt_1","id":null}"#), Err(NotAnEvent::Shape));
    }
}
