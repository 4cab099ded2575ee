//! Stripe's lists: where each is, what it is asked for, and what of it comes in parts.

use domain::backfill::Subject;
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::backfills::Cursor;

use crate::stripe::client::{Query, StripeClient, StripeError};
use crate::stripe::looked_up::Found;

/// The most Stripe gives at once.
const PAGE: usize = 100;

/// A part of an account's past, and whose money it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) livemode: bool,
}

/// Some of a list's objects, newest first.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) found: Vec<Found>,
    pub(super) has_more: bool,
}

/// A list inside an object, of which Stripe shows only the beginning.
struct Nested {
    field: &'static str,
    /// Where the rest of it is.
    path: String,
    query: Query,
}

/// Reads the page behind a cursor, every object of it whole.
pub(super) async fn page(
    client: &StripeClient,
    window: &Window,
    cursor: &Cursor,
) -> Result<Page, StripeError> {
    let path = path(cursor.subject);
    let mut answer = client.get(path, &query(window, cursor)).await?;
    let garbage = || StripeError::Garbage { path: path.to_owned() };
    let has_more = answer.get("has_more").and_then(Value::as_bool).ok_or_else(garbage)?;
    let Some(Value::Array(objects)) = answer.remove("data") else { return Err(garbage()) };
    let mut found = Vec::with_capacity(objects.len());
    for mut object in objects {
        complete(client, cursor.subject, &mut object).await?;
        found.push(Found::read(object, window.livemode).ok_or_else(garbage)?);
    }
    // Whoever does not heed the cursor would be asked for ever.
    let goes_on = found.last().is_some_and(|last| Some(&last.id) != cursor.starting_after.as_ref());
    if has_more && !goes_on {
        return Err(garbage());
    }
    Ok(Page { found, has_more })
}

/// Whether a list has anything at all, and may be read.
pub(super) async fn has_any(client: &StripeClient, subject: Subject) -> Result<bool, StripeError> {
    let mut query = always(subject);
    query.push(pair("limit", "1"));
    let answer = client.get(path(subject), &query).await?;
    Ok(answer.get("data").and_then(Value::as_array).is_some_and(|data| !data.is_empty()))
}

pub(super) const fn path(subject: Subject) -> &'static str {
    match subject {
        Subject::Products => "/v1/products",
        Subject::Prices => "/v1/prices",
        Subject::Customers => "/v1/customers",
        Subject::Subscriptions => "/v1/subscriptions",
        Subject::Invoices => "/v1/invoices",
        Subject::InvoicePayments => "/v1/invoice_payments",
        Subject::PaymentIntents => "/v1/payment_intents",
        Subject::Charges => "/v1/charges",
        Subject::Refunds => "/v1/refunds",
        Subject::Disputes => "/v1/disputes",
        Subject::CheckoutSessions => "/v1/checkout/sessions",
    }
}

/// What a list is asked for besides a part of it.
fn always(subject: Subject) -> Query {
    let expand = |what| vec![pair("expand[]", what)];
    match subject {
        Subject::Prices => expand("data.tiers"),
        // Without this, ended subscriptions are left out.
        Subject::Subscriptions => {
            vec![pair("status", "all"), pair("expand[]", "data.discounts.source.coupon")]
        }
        Subject::Charges => expand("data.refunds"),
        Subject::Refunds => expand("data.failure_balance_transaction"),
        _ => Vec::new(),
    }
}

/// Whether a list is about moments: of what lasts, everything is read, however long ago it was made.
const fn is_of_moments(subject: Subject) -> bool {
    !matches!(subject, Subject::Products | Subject::Prices | Subject::Customers | Subject::Subscriptions)
}

fn query(window: &Window, cursor: &Cursor) -> Query {
    let mut query = always(cursor.subject);
    query.push(pair("limit", PAGE.to_string()));
    if is_of_moments(cursor.subject) {
        query.push(pair("created[gte]", window.from.as_second().to_string()));
    }
    match cursor.before {
        Some(before) => query.push(pair("created[lte]", before.as_second().to_string())),
        None if is_of_moments(cursor.subject) => {
            query.push(pair("created[lt]", window.to.as_second().to_string()));
        }
        None => {}
    }
    query.extend(cursor.starting_after.as_ref().map(|after| pair("starting_after", after)));
    query
}

fn pair(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// Reads the rest of the lists inside an object.
async fn complete(client: &StripeClient, subject: Subject, object: &mut Value) -> Result<(), StripeError> {
    let Some(id) = object.get("id").and_then(Value::as_str) else { return Ok(()) };
    let Some(nested) = nested(subject, id) else { return Ok(()) };
    let Some(list) = object.get_mut(nested.field).and_then(Value::as_object_mut) else { return Ok(()) };
    while list.get("has_more") == Some(&Value::Bool(true)) {
        append(list, client, &nested.path, &nested.query).await?;
    }
    Ok(())
}

async fn append(
    list: &mut Map<String, Value>,
    client: &StripeClient,
    path: &str,
    query: &Query,
) -> Result<(), StripeError> {
    let garbage = || StripeError::Garbage { path: path.to_owned() };
    let Some(Value::Array(known)) = list.get_mut("data") else { return Err(garbage()) };
    let mut query = query.clone();
    query.push(pair("limit", PAGE.to_string()));
    let last = known.last().and_then(|last| last.get("id")).and_then(Value::as_str);
    query.extend(last.map(|last| pair("starting_after", last)));
    let mut answer = client.get(path, &query).await?;
    let Some(Value::Array(more)) = answer.remove("data") else { return Err(garbage()) };
    let has_more = answer.get("has_more") == Some(&Value::Bool(true));
    if has_more && more.is_empty() {
        return Err(garbage());
    }
    known.extend(more);
    list.insert("has_more".to_owned(), Value::Bool(has_more));
    Ok(())
}

fn nested(subject: Subject, id: &str) -> Option<Nested> {
    Some(match subject {
        Subject::Invoices => {
            Nested { field: "lines", path: format!("/v1/invoices/{id}/lines"), query: Vec::new() }
        }
        Subject::Subscriptions => Nested {
            field: "items",
            path: "/v1/subscription_items".to_owned(),
            query: vec![pair("subscription", id)],
        },
        Subject::Charges => {
            Nested { field: "refunds", path: "/v1/refunds".to_owned(), query: vec![pair("charge", id)] }
        }
        _ => return None,
    })
}
