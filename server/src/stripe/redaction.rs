//! A payload as it may be looked at: shape, ids, amounts and Stripe's own words; what is somebody's is covered.
//!
//! What is shown is what is known to be harmless. A text that is neither an id nor one of Stripe's words is covered
//! whatever its field is called, since new fields come with every version.

use serde_json::{Map, Value};

/// What stands in the place of what is covered.
const COVERED: &str = "•••";

/// Fields that are covered whatever they hold, and all that is in them.
const PRIVATE: [&str; 32] = [
    "account_number",
    "address",
    "bank_code",
    "billing_details",
    "client_ip",
    "iban",
    "cvc_check_result",
    "customer_address",
    "customer_details",
    "customer_email",
    "customer_name",
    "customer_phone",
    "customer_shipping",
    "customer_tax_ids",
    "dynamic_last4",
    "email",
    "exp_month",
    "exp_year",
    "fingerprint",
    "ip_address",
    "last4",
    "name",
    "owner",
    "phone",
    "postal_code",
    "receipt_email",
    "routing_number",
    "shipping",
    "sort_code",
    "tax_id",
    "user_agent",
    "value",
];

/// Parts of names of fields that give access or lead to what does.
const SECRET: [&str; 6] = ["secret", "token", "password", "_url", "_pdf", "key"];

/// Texts of our own shop, or of Stripe, that say nothing of who paid.
const HARMLESS: [&str; 8] = [
    "failure_message",
    "seller_message",
    "nickname",
    "statement_descriptor",
    "message",
    "api_version",
    "timezone",
    "unit_label",
];

/// What metadata may say aloud: where somebody came from and what they bought. The rest of it is whatever a shop
/// writes down of its customers.
const TOLD_BY_METADATA: [&str; 8] = [
    "channel",
    "gtm_channel",
    "product_category",
    "product_name",
    "tenant_id",
    "utm_campaign",
    "utm_medium",
    "utm_source",
];

/// The longest of Stripe's own words and ids.
const MAX_WORD_CHARS: usize = 80;

/// The payload of an event for people's eyes; `None` when it is no JSON, and so cannot be covered.
#[must_use]
pub fn shown(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    serde_json::to_string_pretty(&covered("", value)).ok()
}

fn covered(field: &str, value: Value) -> Value {
    if is_private(field) {
        return cover_all(value);
    }
    match value {
        Value::Object(entries) if field == "metadata" => Value::Object(covered_metadata(entries)),
        Value::Object(fields) => Value::Object(covered_fields(fields)),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| covered(field, item)).collect()),
        Value::String(text) if !is_harmless(field, &text) => Value::String(COVERED.to_owned()),
        other => other,
    }
}

fn covered_fields(fields: Map<String, Value>) -> Map<String, Value> {
    fields.into_iter().map(|(field, value)| (name(&field), covered(&field, value))).collect()
}

fn covered_metadata(entries: Map<String, Value>) -> Map<String, Value> {
    let shown = |(field, value): (String, Value)| match TOLD_BY_METADATA.contains(&field.as_str()) {
        true => (field.clone(), covered(&field, value)),
        false => (name(&field), cover_all(value)),
    };
    entries.into_iter().map(shown).collect()
}

/// A field may be called what somebody is called.
fn name(field: &str) -> String {
    if is_word(field) { field.to_owned() } else { COVERED.to_owned() }
}

/// Keeps which fields there are, and whether they hold anything.
fn cover_all(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(field, value)| (name(&field), cover_all(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(cover_all).collect()),
        Value::Null => Value::Null,
        _ => Value::String(COVERED.to_owned()),
    }
}

fn is_private(field: &str) -> bool {
    PRIVATE.contains(&field) || SECRET.iter().any(|part| field.contains(part)) && field != "idempotency_key"
}

fn is_harmless(field: &str, text: &str) -> bool {
    let gives_access =
        text.contains("_secret_") || ["sk_", "rk_", "whsec_"].iter().any(|kind| text.starts_with(kind));
    let looks_like_an_address = text.contains('@');
    !gives_access && !looks_like_an_address && (is_word(text) || HARMLESS.contains(&field))
}

/// An id, a word of Stripe's, a date or a version: no spaces, nothing but plain characters.
fn is_word(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte));
    plain && !text.is_empty() && text.len() <= MAX_WORD_CHARS && !is_name_like(text)
}

/// One capitalised word may be what somebody is called; Stripe's own words are lower case, its ids have digits.
fn is_name_like(text: &str) -> bool {
    let has_capital = text.bytes().any(|byte| byte.is_ascii_uppercase());
    let has_mark = text.bytes().any(|byte| byte.is_ascii_digit() || byte == b'_');
    has_capital && !has_mark
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_somebodys_is_covered_wherever_it_stands() {
        let body = json!({
            "id": "evt_1", "type": "charge.failed", "api_version": "2026-09-30.endive", "livemode": false,
            "data": { "object": {
                "id": "ch_1", "object": "charge", "amount": 4900, "currency": "usd", "status": "failed",
                "failure_message": "Your card was declined.", "description": "Session with Grace Hopper",
                "billing_details": { "email": "grace@example.org", "name": "Grace Hopper", "phone": "+15550100",
                    "address": { "line1": "1 Main Street", "city": "Arlington", "postal_code": "22201" } },
                "payment_method_details": { "card": { "brand": "visa", "fingerprint": "Xt5EWLLDS7FJjR1c", "last4": "4242", "exp_year": 2031 } },
                "receipt_email": "grace@example.org", "receipt_url": "https://pay.example/receipt/1", "customer": "cus_1",
                "client_secret": "pi_1_secret_abc", "note": "whsec_abcdef", "other": ["grace@example.org", "Grace"],
                "metadata": { "channel": "referral", "buyer": "grace", "Grace Hopper": 1, "grace@example.org": "x", "mail": "grace@example.org" },
            } },
        });
        let text = shown(&serde_json::to_vec(&body).unwrap()).unwrap();
        for somebodys in [
            "race",
            "Hopper",
            "555",
            "Main",
            "Arlington",
            "22201",
            "Xt5E",
            "4242",
            "2031",
            "receipt/1",
            "secret_abc",
            "whsec",
            "example",
        ] {
            assert!(!text.contains(somebodys), "{somebodys} is in {text}");
        }
        for ours in [
            "evt_1",
            "charge.failed",
            "4900",
            "usd",
            "ch_1",
            "cus_1",
            "Your card was declined.",
            "visa",
            "referral",
        ] {
            assert!(text.contains(ours), "{ours} is missing in {text}");
        }
    }

    #[test]
    fn what_is_no_json_is_not_shown_at_all() {
        assert_eq!(shown(b"grace@example.org"), None);
    }
}
