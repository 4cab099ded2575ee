//! Invoices, their lines, and the payments that settle them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Reporter, Shape, merged};
use crate::demo::calendar::day_of;
use crate::demo::story::{Invoice, Line, LineKind, Payment, Reason, Subscription};

/// Stripe tries again after three days.
const RETRY_SECONDS: i64 = 3 * 86_400;

/// How far an invoice has been settled.
struct Settlement {
    status: &'static str,
    paid: i64,
    paid_at: Option<i64>,
    next_attempt: Option<i64>,
    charge: Option<String>,
}

impl Reporter<'_> {
    /// The invoice once nothing is left to pay.
    pub(super) fn paid_invoice(self, at: Timestamp, subscription: &Subscription, invoice: &Invoice) -> Value {
        let settlement = Settlement {
            status: "paid",
            paid: invoice.total(),
            paid_at: Some(at.as_second()),
            next_attempt: None,
            charge: invoice.payment(at).map(|payment| self.charge_id(payment.nth)),
        };
        self.invoice(subscription, invoice, &settlement)
    }

    /// The invoice after an attempt that failed.
    pub(super) fn failed_invoice(
        self,
        at: Timestamp,
        subscription: &Subscription,
        invoice: &Invoice,
    ) -> Value {
        let settlement = Settlement {
            status: "open",
            paid: 0,
            paid_at: None,
            next_attempt: Some(at.as_second() + RETRY_SECONDS),
            charge: Some(self.failed_charge_id(invoice.nth)),
        };
        self.invoice(subscription, invoice, &settlement)
    }

    /// What ties a payment intent to its invoice in the new shape.
    pub(super) fn invoice_payment(self, payment: &Payment) -> Value {
        json!({
            "id": self.buyer.id("inpay_1", payment.nth),
            "object": "invoice_payment",
            "amount_paid": payment.cents,
            "amount_requested": payment.cents,
            "created": payment.at.as_second(),
            "currency": "usd",
            "invoice": self.invoice_id(payment.nth),
            "is_default": true,
            "livemode": false,
            "payment": { "payment_intent": self.payment_intent_id(payment.nth), "type": "payment_intent" },
            "status": "paid",
            "status_transitions": { "canceled_at": null, "paid_at": payment.at.as_second() },
        })
    }

    fn invoice(self, subscription: &Subscription, invoice: &Invoice, settlement: &Settlement) -> Value {
        let total = invoice.total();
        let created = invoice.created.as_second();
        let body = json!({
            "id": self.invoice_id(invoice.nth),
            "object": "invoice",
            "account_name": "Demo Co",
            "amount_due": total,
            "amount_paid": settlement.paid,
            "amount_remaining": total - settlement.paid,
            "attempt_count": invoice.attempts,
            "attempted": true,
            "auto_advance": settlement.next_attempt.is_some(),
            "billing_reason": reason_word(invoice.reason),
            "collection_method": "charge_automatically",
            "created": created,
            "currency": "usd",
            "customer": self.customer_id(),
            "customer_email": self.buyer.typed_email,
            "customer_name": self.buyer.name,
            "description": null,
            "lines": self.lines(invoice),
            "livemode": false,
            "metadata": {},
            "next_payment_attempt": settlement.next_attempt,
            "number": format!("{}-{:04}", self.buyer.id("", 0), invoice.nth + 1),
            "period_end": created,
            "period_start": subscription.period.start.min(invoice.created).as_second(),
            "starting_balance": 0,
            "status": settlement.status,
            "status_transitions": { "finalized_at": created, "paid_at": settlement.paid_at },
            "subtotal": total,
            "total": total,
        });
        merged(body, self.subscription_reference(invoice, settlement))
    }

    /// How each shape says which subscription an invoice is for, and which charge settled it.
    fn subscription_reference(self, invoice: &Invoice, settlement: &Settlement) -> Value {
        match self.shape {
            Shape::Old => json!({
                "charge": settlement.charge,
                "paid": settlement.status == "paid",
                "payment_intent": settlement.charge.as_ref().map(|_| self.payment_intent_id(invoice.nth)),
                "subscription": self.subscription_id(),
                "subscription_details": { "metadata": self.metadata() },
            }),
            Shape::New => json!({
                "parent": {
                    "quote_details": null,
                    "subscription_details": {
                        "metadata": self.metadata(),
                        "subscription": self.subscription_id(),
                    },
                    "type": "subscription_details",
                },
            }),
        }
    }

    fn lines(self, invoice: &Invoice) -> Value {
        let lines = invoice.lines.iter().enumerate();
        let lines: Vec<Value> = lines.map(|(place, line)| self.line(invoice, place, line)).collect();
        json!({ "object": "list", "total_count": lines.len(), "data": lines, "has_more": false })
    }

    fn line(self, invoice: &Invoice, place: usize, line: &Line) -> Value {
        // No invoice has more than two lines, so this numbers a buyer's lines apart.
        let nth = invoice.nth * 2 + place;
        let body = json!({
            "id": self.buyer.id("il_1", nth),
            "object": "line_item",
            "amount": line.cents,
            "currency": "usd",
            "description": description(line),
            "discountable": !line.is_proration(),
            "invoice": self.invoice_id(invoice.nth),
            "livemode": false,
            "metadata": self.metadata(),
            "period": { "end": line.period.end.as_second(), "start": line.period.start.as_second() },
            "quantity": 1,
        });
        merged(body, self.line_price(nth, line))
    }

    /// How each shape says what a line is priced by.
    fn line_price(self, nth: usize, line: &Line) -> Value {
        match self.shape {
            Shape::Old => json!({
                "price": self.price(line.plan),
                "proration": line.is_proration(),
                "subscription": self.subscription_id(),
                "subscription_item": self.item_id(),
                "type": if line.is_proration() { "invoiceitem" } else { "subscription" },
            }),
            Shape::New => json!({
                "parent": self.line_parent(nth, line),
                "pricing": {
                    "price_details": { "price": line.plan.price_id(), "product": line.plan.product_id() },
                    "type": "price_details",
                    "unit_amount_decimal": line.plan.cents().to_string(),
                },
                "subscription": self.subscription_id(),
            }),
        }
    }

    fn line_parent(self, nth: usize, line: &Line) -> Value {
        let subscription = self.subscription_id();
        if line.is_proration() {
            let item = self.buyer.id("ii_1", nth);
            json!({
                "invoice_item_details": {
                    "invoice_item": item, "proration": true, "subscription": subscription,
                },
                "type": "invoice_item_details",
            })
        } else {
            json!({
                "subscription_item_details": {
                    "proration": false, "subscription": subscription, "subscription_item": self.item_id(),
                },
                "type": "subscription_item_details",
            })
        }
    }
}

impl Line {
    fn is_proration(&self) -> bool {
        matches!(self.kind, LineKind::Remaining | LineKind::Unused)
    }
}

fn description(line: &Line) -> String {
    let product = line.plan.name();
    let day = day_of(line.period.start).strftime("%-d %b %Y");
    match line.kind {
        LineKind::Whole => {
            format!("1 × {product} (at {} / {})", dollars(line.plan.cents()), line.plan.interval())
        }
        LineKind::Trial => format!("Trial period for {product}"),
        LineKind::Remaining => format!("Remaining time on {product} after {day}"),
        LineKind::Unused => format!("Unused time on {product} after {day}"),
    }
}

/// Cents as Stripe's descriptions write them; no price of the story reaches a million dollars.
fn dollars(cents: i64) -> String {
    let (whole, rest) = (cents / 100, cents % 100);
    match (whole / 1000, whole % 1000) {
        (0, small) => format!("${small}.{rest:02}"),
        (thousands, rest_of_it) => format!("${thousands},{rest_of_it:03}.{rest:02}"),
    }
}

fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::Create => "subscription_create",
        Reason::Cycle => "subscription_cycle",
        Reason::Upgrade => "subscription_update",
    }
}
