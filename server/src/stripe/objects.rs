//! One reader per Stripe object: what it says of its payment, in the old and the new shape.

use domain::attribution::metadata::{CHANNEL_KEYS, LEAD_KEYS, Place};
use domain::attribution::normalise_email;
use domain::ids::EventId;
use domain::ledger::Product;
use domain::payment::{ChannelHint, DisputeStage, Fact, PaymentNames, Statement};
use jiff::Timestamp;
use serde_json::Value;

use super::json::{self, Object, Unreadable};

/// Descriptions Stripe writes by itself; they name no product.
const STRIPES_OWN_WORDS: [&str; 4] = ["Subscription ", "Payment for Invoice", "Invoice ", "Charge for "];

/// An event's object, and when which event told of it.
pub(super) struct Telling<'a> {
    pub(super) event: &'a EventId,
    pub(super) occurred_at: Timestamp,
    /// The latest moment that can be meant.
    pub(super) latest: Timestamp,
    /// Whether we looked the object up, so that the event's time is only when we looked.
    pub(super) looked_up: bool,
    pub(super) object: &'a Object,
}

impl Telling<'_> {
    /// When an object says something happened; the event's own time when it does not say.
    fn moment(&self, object: Option<&Object>, field: &str) -> Result<Timestamp, Unreadable> {
        match object {
            Some(object) if object.get(field).is_some_and(|value| !value.is_null()) => {
                json::plausible_time(object, field, self.latest)
            }
            _ => Ok(self.occurred_at),
        }
    }

    /// One refund, and whether its money came back.
    fn refund_statement(&self, refund: &Object) -> Result<Statement, Unreadable> {
        Ok(Statement::Refunded {
            refund: json::own_id(refund)?,
            given_back: json::amount(refund, "amount")?,
            at: self.moment(Some(refund), "created")?,
            reason: json::text(refund, "reason"),
            failed: ["failed", "canceled"].iter().any(|state| json::says(refund, "status", state)),
            failed_at: self.stated(json::nested(refund, &["failure_balance_transaction"]), "created"),
        })
    }

    /// When an object says something happened; `None` when it does not, or says what cannot be.
    fn stated(&self, object: Option<&Object>, field: &str) -> Option<Timestamp> {
        json::plausible_time(object?, field, self.latest).ok()
    }

    /// When money moved that the object itself does not date. An object that was looked up was made before that,
    /// and is the nearest there is.
    fn money_moved(&self) -> Timestamp {
        let made = self.stated(Some(self.object), "created").filter(|_| self.looked_up);
        made.unwrap_or(self.occurred_at)
    }

    /// A fact with what all objects share.
    fn fact(&self, names: PaymentNames, emails: &[Option<String>], hints: Vec<ChannelHint>) -> Fact {
        Fact {
            event: self.event.clone(),
            occurred_at: self.occurred_at,
            looked_up: self.looked_up,
            names,
            customer: json::id(self.object, "customer"),
            subscription: json::id(self.object, "subscription"),
            emails: emails.iter().flatten().filter_map(|email| normalise_email(email)).collect(),
            channel_hints: hints,
            product: None,
            is_recurring: false,
            statements: Vec::new(),
        }
    }
}

/// `invoice.*`: once something was paid, what; it knows product, payer and subscription best.
pub(super) fn invoice(told: &Telling<'_>) -> Result<Fact, Unreadable> {
    let invoice = told.object;
    let names = PaymentNames {
        invoice: Some(json::own_id(invoice)?),
        payment_intent: json::id(invoice, "payment_intent"),
        charge: json::id(invoice, "charge"),
        ..PaymentNames::default()
    };
    let statements = invoice_paid(told)?.into_iter().collect();
    let subscription_details = json::nested(invoice, &["parent", "subscription_details"])
        .or_else(|| json::nested(invoice, &["subscription_details"]));
    let own = json::nested(invoice, &["metadata"]).map(|entries| (Place::Invoice, entries));
    let of_subscription = subscription_details.and_then(|details| json::nested(details, &["metadata"]));
    let of_lines = json::list(invoice, "lines").filter_map(|line| json::nested(line, &["metadata"]));
    let hints = own
        .into_iter()
        .chain(of_subscription.map(|entries| (Place::Subscription, entries)))
        .chain(of_lines.map(|entries| (Place::InvoiceLine, entries)))
        .flat_map(|(place, entries)| hints_on(place, entries))
        .collect();
    let subscription = json::id(invoice, "subscription")
        .or_else(|| subscription_details.and_then(|details| json::id(details, "subscription")));
    Ok(Fact {
        is_recurring: subscription.is_some() || json::list(invoice, "lines").any(is_for_subscription),
        subscription,
        product: invoiced_product(invoice),
        statements,
        ..told.fact(names, &[json::text(invoice, "customer_email")], hints)
    })
}

/// What was paid of an invoice, in full or in part; a zero is said only by one that is paid.
fn invoice_paid(told: &Telling<'_>) -> Result<Option<Statement>, Unreadable> {
    let invoice = told.object;
    if json::says(invoice, "status", "paid") {
        let at = told.moment(json::nested(invoice, &["status_transitions"]), "paid_at")?;
        return Ok(Some(Statement::InvoicePaid {
            paid: json::amount(invoice, "amount_paid")?,
            at,
            in_part: false,
        }));
    }
    let is_nothing = invoice.get("amount_paid").is_none_or(|paid| paid.is_null() || *paid == 0);
    if is_nothing {
        return Ok(None);
    }
    let at = told.money_moved();
    Ok(Some(Statement::InvoicePaid { paid: json::amount(invoice, "amount_paid")?, at, in_part: true }))
}

/// `invoice_payment.*`: since 2025-03-31 the only event that ties a payment intent to its invoice.
pub(super) fn invoice_payment(told: &Telling<'_>) -> Result<Fact, Unreadable> {
    let payment = json::nested(told.object, &["payment"]);
    let names = PaymentNames {
        invoice: json::id(told.object, "invoice"),
        payment_intent: payment.and_then(|payment| json::id(payment, "payment_intent")),
        charge: payment.and_then(|payment| json::id(payment, "charge")),
        ..PaymentNames::default()
    };
    if names.iter().next().is_none() {
        return Err(Unreadable("the invoice payment names no invoice".to_owned()));
    }
    Ok(told.fact(names, &[], Vec::new()))
}

/// `charge.*`: what was taken, and the running total of what was given back.
pub(super) fn charge(told: &Telling<'_>) -> Result<Fact, Unreadable> {
    let charge = told.object;
    let own_id = json::own_id(charge)?;
    let names = PaymentNames {
        invoice: json::id(charge, "invoice"),
        payment_intent: json::id(charge, "payment_intent"),
        charge: Some(own_id),
        refunds: json::list(charge, "refunds").filter_map(|refund| json::id(refund, "id")).collect(),
        ..PaymentNames::default()
    };
    let is_false = |field| charge.get(field).and_then(Value::as_bool) == Some(false);
    let mut statements = Vec::new();
    if json::says(charge, "status", "succeeded") && !is_false("paid") && !is_false("captured") {
        let authorised = json::amount(charge, "amount")?;
        let taken = if charge.contains_key("amount_captured") {
            json::amount(charge, "amount_captured")?
        } else {
            authorised
        };
        let released = (authorised.minor - taken.minor).max(0);
        statements.push(Statement::Charged {
            taken,
            at: told.moment(Some(charge), "created")?,
            refunded: refunded_so_far(charge, taken.minor, released)?,
            released,
        });
        for refund in json::list(charge, "refunds") {
            statements.push(told.refund_statement(refund)?);
        }
    }
    let payer = json::nested(charge, &["billing_details"]).and_then(|details| json::text(details, "email"));
    let metadata: Vec<&Object> = json::nested(charge, &["metadata"]).into_iter().collect();
    Ok(Fact {
        product: described_product(charge, &metadata),
        statements,
        ..told.fact(
            names,
            &[payer, json::text(charge, "receipt_email")],
            hints_on_all(Place::Charge, &metadata),
        )
    })
}

/// The running total of refunds, less what a partial capture released: Stripe counts that in.
fn refunded_so_far(charge: &Object, taken: i64, released: i64) -> Result<i64, Unreadable> {
    if !charge.contains_key("amount_refunded") {
        return Ok(0);
    }
    let refunded = (json::amount(charge, "amount_refunded")?.minor - released).max(0);
    if refunded > taken {
        return Err(Unreadable("more was refunded than the charge took".to_owned()));
    }
    Ok(refunded)
}

/// `refund.*` and `charge.refund.updated`: one refund, and whether its money came back.
pub(super) fn refund(told: &Telling<'_>) -> Result<Fact, Unreadable> {
    let names = PaymentNames {
        charge: json::id(told.object, "charge"),
        payment_intent: json::id(told.object, "payment_intent"),
        refunds: vec![json::own_id(told.object)?],
        ..PaymentNames::default()
    };
    if names.charge.is_none() && names.payment_intent.is_none() {
        return Err(Unreadable("the refund names neither charge nor payment intent".to_owned()));
    }
    let statements = vec![told.refund_statement(told.object)?];
    Ok(Fact { statements, ..told.fact(names, &[], Vec::new()) })
}

/// `charge.dispute.*`: what the bank took, and whether it came back.
pub(super) fn dispute(told: &Telling<'_>, event_type: &str) -> Result<Fact, Unreadable> {
    let dispute = told.object;
    let names = PaymentNames {
        charge: json::id(dispute, "charge"),
        payment_intent: json::id(dispute, "payment_intent"),
        ..PaymentNames::default()
    };
    if names.charge.is_none() && names.payment_intent.is_none() {
        return Err(Unreadable("the dispute names neither charge nor payment intent".to_owned()));
    }
    let reversal = dispute_reversal(dispute);
    let stage =
        if reversal.is_some() { DisputeStage::Reinstated } else { dispute_stage(dispute, event_type) };
    let statements = vec![Statement::Disputed {
        dispute: json::own_id(dispute)?,
        amount: json::amount(dispute, "amount")?,
        opened_at: told.moment(Some(dispute), "created")?,
        stage,
        reason: json::text(dispute, "reason"),
        reinstated_at: told.stated(reversal, "created"),
    }];
    Ok(Fact { statements, ..told.fact(names, &[], Vec::new()) })
}

/// The movement of Stripe's balance that gave the money back, once there is one.
fn dispute_reversal(dispute: &Object) -> Option<&Object> {
    let movements = dispute.get("balance_transactions")?.as_array()?;
    movements
        .iter()
        .filter_map(Value::as_object)
        .find(|movement| json::says(movement, "reporting_category", "dispute_reversal"))
}

/// A status we do not know has taken the money: a dispute that is not an inquiry always has.
fn dispute_stage(dispute: &Object, event_type: &str) -> DisputeStage {
    let status = json::text(dispute, "status").unwrap_or_default();
    match (event_type, status.as_str()) {
        ("charge.dispute.funds_reinstated", _) | (_, "won") => DisputeStage::Reinstated,
        ("charge.dispute.funds_withdrawn", _) => DisputeStage::Withdrawn,
        // Prevented disputes were settled before anything was taken.
        (_, "prevented") => DisputeStage::Inquiry,
        (_, status) if status.starts_with("warning_") => DisputeStage::Inquiry,
        _ => DisputeStage::Withdrawn,
    }
}

/// `payment_intent.*`: once succeeded, what was received.
pub(super) fn payment_intent(told: &Telling<'_>) -> Result<Fact, Unreadable> {
    let intent = told.object;
    let embedded = json::nested(intent, &["latest_charge"]).or_else(|| json::list(intent, "charges").next());
    let charge =
        json::id(intent, "latest_charge").or_else(|| embedded.and_then(|charge| json::id(charge, "id")));
    let names = PaymentNames {
        invoice: json::id(intent, "invoice"),
        payment_intent: Some(json::own_id(intent)?),
        charge,
        ..PaymentNames::default()
    };
    let statements = if json::says(intent, "status", "succeeded") {
        let field = if intent.contains_key("amount_received") { "amount_received" } else { "amount" };
        let at = told.stated(embedded, "created").unwrap_or_else(|| told.money_moved());
        vec![Statement::IntentSucceeded { received: json::amount(intent, field)?, at }]
    } else {
        Vec::new()
    };
    let metadata: Vec<&Object> = json::nested(intent, &["metadata"]).into_iter().collect();
    Ok(Fact {
        product: described_product(intent, &metadata),
        statements,
        ..told.fact(
            names,
            &[json::text(intent, "receipt_email")],
            hints_on_all(Place::PaymentIntent, &metadata),
        )
    })
}

/// `checkout.session.*`: a paid one-off; a subscription's session only adds payer and metadata.
pub(super) fn checkout_session(told: &Telling<'_>) -> Result<Fact, Unreadable> {
    let session = told.object;
    let names = PaymentNames {
        invoice: json::id(session, "invoice"),
        payment_intent: json::id(session, "payment_intent"),
        checkout_session: Some(json::own_id(session)?),
        ..PaymentNames::default()
    };
    let is_paid_once =
        json::says(session, "mode", "payment") && json::says(session, "payment_status", "paid");
    let statements = if is_paid_once {
        vec![Statement::CheckoutPaid {
            total: json::amount(session, "amount_total")?,
            at: told.money_moved(),
        }]
    } else {
        Vec::new()
    };
    let payer = json::nested(session, &["customer_details"]).and_then(|details| json::text(details, "email"));
    let metadata: Vec<&Object> = json::nested(session, &["metadata"]).into_iter().collect();
    let mut hints = hints_on_all(Place::Session, &metadata);
    // A field of its own in Stripe, and often the only place the lead is named.
    hints.extend(hint(Place::Session, session, "client_reference_id"));
    Ok(Fact {
        product: named_product(&metadata),
        statements,
        ..told.fact(names, &[payer, json::text(session, "customer_email")], hints)
    })
}

/// What metadata on an object may say of leads and channels: first what is known to, then everything else, since a
/// tenant's rule may know of it.
pub(super) fn hints_on(place: Place, entries: &Object) -> Vec<ChannelHint> {
    let known = LEAD_KEYS.into_iter().chain(CHANNEL_KEYS);
    let others = entries
        .keys()
        .map(String::as_str)
        .filter(|key| is_key(key) && !known.clone().any(|known| known == *key));
    known.clone().chain(others).filter_map(|key| hint(place, entries, key)).collect()
}

/// Whether a rule can name a key: Stripe allows no longer ones.
fn is_key(key: &str) -> bool {
    (1..=40).contains(&key.chars().count()) && !key.chars().any(char::is_control)
}

fn hints_on_all(place: Place, metadata: &[&Object]) -> Vec<ChannelHint> {
    metadata.iter().flat_map(|entries| hints_on(place, entries)).collect()
}

fn hint(place: Place, entries: &Object, key: &str) -> Option<ChannelHint> {
    json::text(entries, key).map(|value| ChannelHint { place, key: key.to_owned(), value })
}

fn is_for_subscription(line: &Object) -> bool {
    json::id(line, "subscription").is_some()
        || json::says(line, "type", "subscription")
        || json::nested(line, &["parent"])
            .is_some_and(|parent| json::says(parent, "type", "subscription_item_details"))
}

/// What an invoice sold: its line of the largest amount.
fn invoiced_product(invoice: &Object) -> Option<Product> {
    let line = json::list(invoice, "lines").max_by_key(|line| line.get("amount").and_then(Value::as_i64))?;
    let metadata: Vec<&Object> = [
        json::nested(line, &["metadata"]),
        json::nested(line, &["price", "metadata"]),
        json::nested(invoice, &["metadata"]),
    ]
    .into_iter()
    .flatten()
    .collect();
    let described = json::text(line, "description").map(|description| product_in(&description).to_owned());
    let name = described
        .or_else(|| json::nested(line, &["price"]).and_then(|price| json::text(price, "nickname")))?;
    let is_partial = json::nested(invoice, &["lines"])
        .is_some_and(|lines| lines.get("has_more") == Some(&Value::Bool(true)));
    Some(Product { name, category: category(&metadata), is_partial })
}

/// What a charge or intent sold, by its description, unless Stripe wrote that itself.
fn described_product(object: &Object, metadata: &[&Object]) -> Option<Product> {
    named_product(metadata).or_else(|| {
        let name = json::text(object, "description")?;
        let says_something = !STRIPES_OWN_WORDS.iter().any(|words| name.starts_with(words));
        says_something.then(|| Product { name, category: category(metadata), is_partial: false })
    })
}

fn named_product(metadata: &[&Object]) -> Option<Product> {
    let name = metadata.iter().find_map(|entries| json::text(entries, "product_name"))?;
    Some(Product { name, category: category(metadata), is_partial: false })
}

fn category(metadata: &[&Object]) -> Option<String> {
    metadata.iter().find_map(|entries| json::text(entries, "product_category"))
}

/// The product inside a line's description: `3 × Pro (at $49.00 / month)`, `Remaining time on Pro after 16 Feb 2026`.
fn product_in(description: &str) -> &str {
    let text = ["Remaining time on ", "Unused time on "]
        .iter()
        .find_map(|words| description.strip_prefix(words))
        .map_or(description, |rest| rest.rsplit_once(" after ").map_or(rest, |(product, _)| product));
    let text = match text.split_once(" × ") {
        Some((quantity, product)) if quantity.bytes().all(|byte| byte.is_ascii_digit()) => product,
        _ => text,
    };
    text.rsplit_once(" (at ").map_or(text, |(product, _)| product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_is_found_inside_a_lines_description() {
        for description in [
            "1 × Pro (at $49.00 / month)",
            "3 × Pro (at $49.00 / month)",
            "Remaining time on 3 × Pro after 16 Feb 2026",
            "Unused time on Pro after 16 Feb 2026",
            "Pro",
        ] {
            assert_eq!(product_in(description), "Pro", "{description}");
        }
        assert_eq!(product_in("Deep dive × two days"), "Deep dive × two days");
    }
}
