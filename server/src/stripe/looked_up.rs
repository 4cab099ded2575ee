//! Objects we looked up ourselves, told as events, so that they come in by the door everything comes in by.
//!
//! Such an event's id is made of the object's id and content: looking again at what did not change finds the event
//! there already. Its time is when we looked; readers take an object's own times before that.

use domain::backfill::Subject;
use domain::ids::EventId;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client::API_VERSION;
use super::json::{self, Object};

/// Addresses Stripe makes anew at every look, whatever became of the object.
const CHANGE_BY_THEMSELVES: [&str; 3] = ["receipt_url", "hosted_invoice_url", "invoice_pdf"];

/// How much of an object's id stands in the event's.
const MAX_ID_BYTES: usize = 180;

/// An object as Stripe's API gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Stripe's id of it.
    pub id: String,
    /// What it is like, as 16 hexadecimal digits.
    pub content_hash: String,
    /// When it was made.
    pub made_at: Option<Timestamp>,
    object: Value,
}

/// When and how an object was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// In which list.
    pub subject: Subject,
    /// When.
    pub at: Timestamp,
    /// Whether the key is one for real money.
    pub livemode: bool,
}

impl Found {
    /// Reads an object of a list; `None` when it has no id or is of the other mode.
    #[must_use]
    pub fn read(object: Value, livemode: bool) -> Option<Self> {
        let fields = object.as_object()?;
        let id = json::id(fields, "id")?;
        let is_other_mode = fields.get("livemode").and_then(Value::as_bool) == Some(!livemode);
        if is_other_mode {
            return None;
        }
        let made_at =
            fields.get("created").and_then(Value::as_i64).and_then(|at| Timestamp::from_second(at).ok());
        let content_hash = content_hash(&object);
        Some(Self { id, content_hash, made_at, object })
    }

    /// The event that tells of it, the `states`-th state it was seen in.
    #[must_use]
    pub fn event(&self, look: &Look, states: i32) -> (EventId, Vec<u8>) {
        let id = self.event_id(states);
        let event = json!({
            "id": id,
            "object": "event",
            "api_version": API_VERSION,
            "created": look.at.as_second(),
            "livemode": look.livemode,
            "pending_webhooks": 0,
            "request": null,
            "type": self.event_type(look.subject),
            "data": { "object": self.object },
            "command_center": { "looked_up": true },
        });
        (id, event.to_string().into_bytes())
    }

    fn event_id(&self, states: i32) -> EventId {
        let plain = self.id.len() <= MAX_ID_BYTES
            && self.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let object = if plain { self.id.clone() } else { short_hash(self.id.as_bytes()) };
        let nth = if states > 1 { format!("_{states}") } else { String::new() };
        let id = format!("evt_backfill_{object}_{}{nth}", self.content_hash);
        id.parse().expect("letters, digits and underscores, and fewer than 250")
    }

    /// The type of Stripe's that carries such an object.
    fn event_type(&self, subject: Subject) -> &'static str {
        match subject {
            Subject::Products => "product.updated",
            Subject::Prices => "price.updated",
            Subject::Customers => "customer.updated",
            Subject::Subscriptions => "customer.subscription.updated",
            Subject::Invoices => "invoice.updated",
            Subject::InvoicePayments if self.object.get("status") == Some(&json!("paid")) => {
                "invoice_payment.paid"
            }
            Subject::InvoicePayments => "invoice_payment.updated",
            Subject::PaymentIntents => "payment_intent.updated",
            Subject::Charges => "charge.updated",
            Subject::Refunds => "refund.updated",
            Subject::Disputes => "charge.dispute.updated",
            Subject::CheckoutSessions => "checkout.session.updated",
        }
    }
}

/// Whether an event tells of what we looked up ourselves.
pub(super) fn is_marked(event: &Object) -> bool {
    json::nested(event, &["command_center"])
        .is_some_and(|mark| mark.get("looked_up").and_then(Value::as_bool) == Some(true))
}

fn content_hash(object: &Value) -> String {
    let mut hasher = Sha256::new();
    digest(object, &mut hasher);
    half(hasher)
}

fn short_hash(bytes: &[u8]) -> String {
    half(Sha256::new_with_prefix(bytes))
}

fn half(hasher: Sha256) -> String {
    let mut text = hex::encode(hasher.finalize());
    text.truncate(16);
    text
}

/// The same for the same content, in whatever order its fields come.
fn digest(value: &Value, hasher: &mut Sha256) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            hasher.update(b"{");
            for name in names.into_iter().filter(|name| !CHANGE_BY_THEMSELVES.contains(&name.as_str())) {
                digest(&Value::String(name.clone()), hasher);
                digest(fields.get(name).unwrap_or(&Value::Null), hasher);
            }
            hasher.update(b"}");
        }
        Value::Array(items) => {
            hasher.update(b"[");
            items.iter().for_each(|item| digest(item, hasher));
            hasher.update(b"]");
        }
        Value::String(text) => {
            hasher.update(b"\"");
            hasher.update(text.len().to_string());
            hasher.update(b":");
            hasher.update(text);
        }
        plain => {
            hasher.update(b"=");
            hasher.update(plain.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(object: Value) -> Found {
        Found::read(object, true).unwrap()
    }

    #[test]
    fn the_event_of_an_object_is_made_of_its_id_and_content_alone() {
        let look = |second| Look {
            subject: Subject::Charges,
            at: Timestamp::from_second(second).unwrap(),
            livemode: true,
        };
        let charge = json!({ "id": "ch_1", "amount": 5, "receipt_url": "https://a.example", "refunds": [{ "x": null }] });
        let (id, body) = found(charge.clone()).event(&look(1_700_000_000), 1);
        assert_eq!(id.as_str(), format!("evt_backfill_ch_1_{}", found(charge.clone()).content_hash));
        let event: Value = serde_json::from_slice(&body).unwrap();
        assert!(is_marked(event.as_object().unwrap()) && event["data"]["object"] == charge);

        let mut same = charge.clone();
        same["receipt_url"] = json!("https://b.example");
        assert_eq!(found(same).event(&look(1_800_000_000), 1).0, id);
        let mut other = charge;
        other["amount"] = json!(6);
        assert_ne!(found(other).event(&look(1_700_000_000), 1).0, id);
    }

    #[test]
    fn an_id_that_fits_no_event_stands_as_its_hash() {
        for id in ["gold plan", "gold.plan", &"x".repeat(255)] {
            let id = found(json!({ "id": id.replace(' ', "-") , "object": "plan" })).event_id(2);
            assert!(id.as_str().starts_with("evt_backfill_") && id.as_str().ends_with("_2"), "{id:?}");
        }
    }

    #[test]
    fn what_is_of_the_other_mode_or_nameless_is_not_taken() {
        assert_eq!(Found::read(json!({ "id": "ch_1", "livemode": false }), true), None);
        assert_eq!(Found::read(json!({ "object": "charge" }), true), None);
        assert_eq!(Found::read(json!([]), true), None);
    }
}
