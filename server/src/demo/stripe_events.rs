//! How Stripe reports the story: each happening becomes the whole set of events a webhook would receive.
//!
//! The events of one happening share their second, so an `until` never cuts a payment in half. Fields that
//! Stripe sends as null are mostly left out, to keep bodies modest.

mod charge;
mod checkout;
mod invoice;
mod refund;
mod subscription;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::{Map, Value, json};

use super::DemoEvent;
use super::calendar::day_of;
use super::people::{Buyer, Evidence};
use super::story::{Happening, Invoice, Payment, Refund, Scene, Subscription, ToldScene};

/// Whoever signs up from this day on is reported in the new shape.
const NEW_SHAPE_SINCE: Date = date(2026, 3, 1);

/// Which of Stripe's API versions a buyer's events are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// 2024-11-20.acacia: charges and payment intents name their invoice.
    Old,
    /// 2026-09-30.endive: only invoice payments tie the two together.
    New,
}

/// Writes one buyer's events.
#[derive(Debug, Clone, Copy)]
struct Reporter<'a> {
    buyer: &'a Buyer,
    shape: Shape,
}

/// An event before it has an envelope: its type, its object, and what the object was before.
struct Report {
    kind: &'static str,
    object: Value,
    previous: Option<Value>,
}

/// The events of a buyer's scenes, in the order they are told.
pub(super) fn report(buyer: &Buyer, scenes: &[ToldScene]) -> Vec<DemoEvent> {
    let reporter = Reporter { buyer, shape: Shape::of(buyer) };
    scenes.iter().flat_map(|told| reporter.events(told)).collect()
}

impl Shape {
    fn of(buyer: &Buyer) -> Self {
        if day_of(buyer.signed_up) < NEW_SHAPE_SINCE { Self::Old } else { Self::New }
    }

    fn api_version(self) -> &'static str {
        match self {
            Self::Old => "2024-11-20.acacia",
            Self::New => "2026-09-30.endive",
        }
    }
}

impl Report {
    fn of(kind: &'static str, object: Value) -> Self {
        Self { kind, object, previous: None }
    }
}

impl Reporter<'_> {
    fn events(self, told: &ToldScene) -> Vec<DemoEvent> {
        let Scene { at, what } = &told.scene;
        let reports = self.reports(*at, what).into_iter().enumerate();
        // No happening comes close to ten events, so scene and place together make a unique number.
        reports.map(|(place, report)| self.event(told.nth * 10 + place, *at, report)).collect()
    }

    fn event(self, nth: usize, created: Timestamp, report: Report) -> DemoEvent {
        let id = self.buyer.id("evt_1", nth);
        let mut data = json!({ "object": report.object });
        if let Some(previous) = report.previous {
            data = merged(data, json!({ "previous_attributes": previous }));
        }
        let body = json!({
            "id": id,
            "object": "event",
            "api_version": self.shape.api_version(),
            "created": created.as_second(),
            "data": data,
            "livemode": false,
            "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": null },
            "type": report.kind,
        });
        DemoEvent { id, created, body: body.to_string().into_bytes() }
    }

    fn reports(self, at: Timestamp, what: &Happening) -> Vec<Report> {
        match what {
            Happening::Bought(payment) => self.bought(payment),
            Happening::Subscribed(subscription, invoice) => self.subscribed(at, subscription, invoice),
            Happening::InvoicePaid(subscription, invoice) => self.invoice_paid(at, subscription, invoice),
            Happening::InvoiceFailed(subscription, invoice) => self.invoice_failed(at, subscription, invoice),
            Happening::Changed { before, after } => vec![self.changed(before, after)],
            Happening::Ended(subscription) => {
                vec![Report::of("customer.subscription.deleted", self.subscription(subscription))]
            }
            Happening::Refunded(refund) => self.refunded(at, refund),
        }
    }

    fn bought(self, payment: &Payment) -> Vec<Report> {
        vec![
            Report::of("payment_intent.succeeded", self.payment_intent(payment)),
            Report::of("charge.succeeded", self.charge(payment, 0)),
            Report::of("checkout.session.completed", self.checkout_of_purchase(payment)),
        ]
    }

    fn subscribed(self, at: Timestamp, subscription: &Subscription, invoice: &Invoice) -> Vec<Report> {
        let mut reports = vec![Report::of("customer.subscription.created", self.subscription(subscription))];
        reports.extend(self.invoice_paid(at, subscription, invoice));
        let checkout = self.checkout_of_subscription(at, subscription, invoice);
        reports.push(Report::of("checkout.session.completed", checkout));
        reports
    }

    fn invoice_paid(self, at: Timestamp, subscription: &Subscription, invoice: &Invoice) -> Vec<Report> {
        let paid = Report::of("invoice.paid", self.paid_invoice(at, subscription, invoice));
        let Some(payment) = invoice.payment(at) else {
            return vec![paid];
        };
        let mut reports = vec![
            Report::of("charge.succeeded", self.charge(&payment, 0)),
            Report::of("payment_intent.succeeded", self.payment_intent(&payment)),
            paid,
        ];
        if self.shape == Shape::New {
            reports.push(Report::of("invoice_payment.paid", self.invoice_payment(&payment)));
        }
        reports
    }

    fn invoice_failed(self, at: Timestamp, subscription: &Subscription, invoice: &Invoice) -> Vec<Report> {
        let payment = invoice.payment(at).expect("only an invoice with something to pay can fail");
        vec![
            Report::of("payment_intent.payment_failed", self.failed_payment_intent(&payment)),
            Report::of("invoice.payment_failed", self.failed_invoice(at, subscription, invoice)),
        ]
    }

    fn changed(self, before: &Subscription, after: &Subscription) -> Report {
        let object = self.subscription(after);
        let previous = Some(differing(&self.subscription(before), &object));
        Report { kind: "customer.subscription.updated", object, previous }
    }

    fn refunded(self, at: Timestamp, refund: &Refund) -> Vec<Report> {
        let charge = self.charge(&refund.payment, refund.cents_before + refund.cents);
        let before = self.charge(&refund.payment, refund.cents_before);
        let previous = Some(differing(&before, &charge));
        vec![
            Report::of("refund.created", self.refund(at, refund)),
            Report { kind: "charge.refunded", object: charge, previous },
        ]
    }

    fn customer_id(self) -> String {
        self.buyer.id("cus_", 0)
    }

    fn subscription_id(self) -> String {
        self.buyer.id("sub_1", 0)
    }

    fn item_id(self) -> String {
        self.buyer.id("si_", 0)
    }

    fn invoice_id(self, nth: usize) -> String {
        self.buyer.id("in_1", nth)
    }

    fn payment_intent_id(self, nth: usize) -> String {
        self.buyer.id("pi_3", nth)
    }

    fn charge_id(self, nth: usize) -> String {
        self.buyer.id("ch_3", nth)
    }

    /// The charge of an attempt that failed.
    fn failed_charge_id(self, nth: usize) -> String {
        self.buyer.id("ch_3Failed", nth)
    }

    fn payment_method_id(self) -> String {
        self.buyer.id("pm_1", 0)
    }

    /// What the company tags its checkouts with: the category always, the channel only where nothing else
    /// would tell it.
    fn metadata(self) -> Value {
        let category = json!({ "product_category": self.buyer.offer.category() });
        match self.buyer.evidence {
            Evidence::Metadata => merged(category, json!({ "gtm_channel": self.buyer.channel.slug() })),
            Evidence::Lead | Evidence::Nothing => category,
        }
    }
}

/// The first object with the fields of the second on top.
fn merged(base: Value, extra: Value) -> Value {
    Value::Object(fields(base).into_iter().chain(fields(extra)).collect())
}

/// The fields of `before` that are not the same in `after`, as Stripe's `previous_attributes` has them.
fn differing(before: &Value, after: &Value) -> Value {
    let changed = fields(before.clone()).into_iter().filter(|(field, value)| after.get(field) != Some(value));
    Value::Object(changed.collect())
}

fn fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
