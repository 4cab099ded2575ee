//! What events say of collecting: that an attempt failed, that nobody tries any more.
//!
//! It is read beside the payment's fact, and only of the events that can say it.

use domain::dunning::{Closing, Failure, Setback, Told};
use domain::ids::EventId;
use domain::money::Money;
use jiff::Timestamp;
use serde_json::Value;

use super::json::{self, Object};

/// The longest word Stripe has for a reason, and the longest sentence that is shown.
const MAX_CODE_CHARS: usize = 60;
const MAX_MESSAGE_CHARS: usize = 200;

/// What a kept event says of collecting; most say nothing.
#[must_use]
pub fn read(id: &EventId, event_type: &str, body: &[u8]) -> Option<Setback> {
    let reader = Reader::of(event_type)?;
    let Ok(Value::Object(event)) = serde_json::from_slice(body) else { return None };
    let object = json::nested(&event, &["data", "object"])?;
    let occurred_at = Timestamp::from_second(event.get("created")?.as_i64()?).ok()?;
    let told = reader.told(object)?;
    Some(Setback { event: id.clone(), occurred_at, told, ..names(reader, id, object) })
}

/// Which object an event carries, and what it says of it.
#[derive(Clone, Copy)]
enum Reader {
    InvoiceFailed { needs_action: bool },
    InvoiceUpdated,
    InvoiceGivenUp(Closing),
    IntentFailed,
    IntentCanceled,
    ChargeFailed,
    SubscriptionEnded,
}

impl Reader {
    fn of(event_type: &str) -> Option<Self> {
        Some(match event_type {
            "invoice.payment_failed" => Self::InvoiceFailed { needs_action: false },
            "invoice.payment_action_required" => Self::InvoiceFailed { needs_action: true },
            "invoice.updated" => Self::InvoiceUpdated,
            "invoice.voided" => Self::InvoiceGivenUp(Closing::Voided),
            "invoice.marked_uncollectible" => Self::InvoiceGivenUp(Closing::Uncollectible),
            "payment_intent.payment_failed" => Self::IntentFailed,
            "payment_intent.canceled" => Self::IntentCanceled,
            "charge.failed" => Self::ChargeFailed,
            "customer.subscription.deleted" => Self::SubscriptionEnded,
            _ => return None,
        })
    }

    fn told(self, object: &Object) -> Option<Told> {
        Some(match self {
            Self::InvoiceFailed { needs_action } => Told::Failed(invoice_failure(object, needs_action)?),
            Self::InvoiceUpdated => rescheduled(object)?,
            Self::InvoiceGivenUp(how) => Told::GivenUp { how },
            Self::IntentFailed => Told::Failed(intent_failure(object)?),
            Self::IntentCanceled => Told::GivenUp { how: Closing::Canceled },
            Self::ChargeFailed => Told::Failed(charge_failure(object)?),
            Self::SubscriptionEnded => Told::SubscriptionEnded,
        })
    }
}

/// A setback with the names its object goes by.
fn names(reader: Reader, event: &EventId, object: &Object) -> Setback {
    let nothing = Setback {
        event: event.clone(),
        occurred_at: Timestamp::UNIX_EPOCH,
        invoice: None,
        payment_intent: None,
        charge: None,
        subscription: None,
        told: Told::SubscriptionEnded,
    };
    match reader {
        Reader::InvoiceFailed { .. } | Reader::InvoiceUpdated | Reader::InvoiceGivenUp(_) => Setback {
            invoice: json::id(object, "id"),
            payment_intent: json::id(object, "payment_intent"),
            charge: json::id(object, "charge"),
            subscription: subscription_of(object),
            ..nothing
        },
        Reader::IntentFailed | Reader::IntentCanceled => Setback {
            invoice: json::id(object, "invoice"),
            payment_intent: json::id(object, "id"),
            charge: failed_charge(object),
            ..nothing
        },
        Reader::ChargeFailed => Setback {
            invoice: json::id(object, "invoice"),
            payment_intent: json::id(object, "payment_intent"),
            charge: json::id(object, "id"),
            ..nothing
        },
        Reader::SubscriptionEnded => Setback { subscription: json::id(object, "id"), ..nothing },
    }
}

fn subscription_of(invoice: &Object) -> Option<String> {
    let details = json::nested(invoice, &["parent", "subscription_details"]);
    json::id(invoice, "subscription")
        .or_else(|| details.and_then(|details| json::id(details, "subscription")))
}

fn failed_charge(intent: &Object) -> Option<String> {
    let error = json::nested(intent, &["last_payment_error"]);
    error
        .and_then(|error| json::id(error, "charge"))
        .or_else(|| json::id(intent, "latest_charge"))
        .or_else(|| json::list(intent, "charges").next().and_then(|charge| json::id(charge, "id")))
}

fn invoice_failure(invoice: &Object, needs_action: bool) -> Option<Failure> {
    Some(Failure {
        amount: amount(invoice, &["amount_remaining", "amount_due"])?,
        attempt: invoice
            .get("attempt_count")
            .and_then(Value::as_i64)
            .filter(|count| (1..1_000).contains(count)),
        next_attempt_at: next_attempt(invoice),
        code: None,
        message: None,
        needs_action,
    })
}

/// An invoice that failed before and is still open; what else changes about invoices says nothing of collecting.
fn rescheduled(invoice: &Object) -> Option<Told> {
    let was_tried = invoice.get("attempt_count").and_then(Value::as_i64).is_some_and(|count| count > 0);
    (was_tried && json::says(invoice, "status", "open"))
        .then(|| Told::Rescheduled { next_attempt_at: next_attempt(invoice) })
}

fn intent_failure(intent: &Object) -> Option<Failure> {
    let error = json::nested(intent, &["last_payment_error"]);
    let code = error.and_then(|error| word(error, "decline_code").or_else(|| word(error, "code")));
    Some(Failure {
        amount: amount(intent, &["amount"])?,
        attempt: None,
        next_attempt_at: None,
        needs_action: code.as_deref() == Some("authentication_required"),
        code,
        message: error.and_then(|error| message(error, "message")),
    })
}

fn charge_failure(charge: &Object) -> Option<Failure> {
    let code = word(charge, "failure_code");
    Some(Failure {
        amount: amount(charge, &["amount"])?,
        attempt: None,
        next_attempt_at: None,
        needs_action: code.as_deref() == Some("authentication_required"),
        code,
        message: message(charge, "failure_message"),
    })
}

fn amount(object: &Object, fields: &[&str]) -> Option<Money> {
    let known = |field: &&&str| object.get(**field).is_some_and(|amount| !amount.is_null());
    json::amount(object, fields.iter().find(known)?).ok().filter(|amount| amount.minor > 0)
}

fn next_attempt(invoice: &Object) -> Option<Timestamp> {
    let seconds = invoice.get("next_payment_attempt")?.as_i64().filter(|seconds| *seconds > 0)?;
    Timestamp::from_second(seconds).ok().filter(|moment| *moment < far_future())
}

/// PostgreSQL and people count years with four digits.
fn far_future() -> Timestamp {
    Timestamp::from_second(253_370_764_800).unwrap_or(Timestamp::MAX)
}

/// A word of Stripe's own, never a text of somebody else's.
fn word(object: &Object, field: &str) -> Option<String> {
    json::text(object, field).filter(|word| {
        let plain =
            word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        plain && word.len() <= MAX_CODE_CHARS
    })
}

fn message(object: &Object, field: &str) -> Option<String> {
    Some(json::text(object, field)?.chars().take(MAX_MESSAGE_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_object(event_type: &str, object: Value) -> Option<Setback> {
        let body = json!({ "created": 1_770_000_000, "data": { "object": object } });
        read(&"evt_1".parse().unwrap(), event_type, &serde_json::to_vec(&body).unwrap())
    }

    #[test]
    fn an_intent_tells_why_it_failed_in_words_of_stripes_own() {
        let error = |code: &str| {
            json!({ "id": "pi_1", "amount": 2000, "currency": "usd", "last_payment_error": {
                "charge": "ch_1", "code": "card_declined", "decline_code": code, "message": "Your card was declined.",
            } })
        };
        let told = read_object("payment_intent.payment_failed", error("insufficient_funds")).unwrap();
        assert_eq!((told.payment_intent.as_deref(), told.charge.as_deref()), (Some("pi_1"), Some("ch_1")));
        let Told::Failed(failure) = told.told else { panic!() };
        assert_eq!(failure.code.as_deref(), Some("insufficient_funds"));
        assert_eq!(failure.message.as_deref(), Some("Your card was declined."));
        let hostile = read_object("payment_intent.payment_failed", error("<b>")).unwrap();
        let Told::Failed(failure) = hostile.told else { panic!() };
        assert_eq!(failure.code.as_deref(), Some("card_declined"));
    }

    #[test]
    fn an_invoice_knows_its_subscription_in_both_shapes() {
        let old = json!({ "id": "in_1", "subscription": "sub_1", "amount_due": 4900, "currency": "usd" });
        let parent = json!({ "subscription_details": { "subscription": "sub_1" } });
        let new = json!({ "id": "in_1", "parent": parent, "amount_remaining": 4900, "currency": "usd" });
        for invoice in [old, new] {
            let told = read_object("invoice.payment_failed", invoice).unwrap();
            assert_eq!(told.subscription.as_deref(), Some("sub_1"));
            assert!(matches!(told.told, Told::Failed(failure) if failure.amount.minor == 4_900));
        }
    }

    #[test]
    fn what_cannot_be_meant_says_nothing() {
        for object in [
            json!({ "id": "in_1", "amount_due": -5, "currency": "usd" }),
            json!({ "id": "in_1", "amount_due": 1.5, "currency": "usd" }),
            json!({ "id": "in_1", "amount_due": 500, "currency": "xxxx" }),
            json!([]),
        ] {
            assert_eq!(read_object("invoice.payment_failed", object), None);
        }
        assert_eq!(
            read_object("invoice.updated", json!({ "id": "in_1", "status": "paid", "attempt_count": 1 })),
            None
        );
        assert_eq!(read_object("charge.succeeded", json!({ "id": "ch_1" })), None);
    }
}
