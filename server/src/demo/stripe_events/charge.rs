//! Charges and payment intents.

use serde_json::{Value, json};

use super::{Reporter, Shape, merged};
use crate::demo::catalog::BOOTCAMP;
use crate::demo::story::{Payment, Reason};

impl Reporter<'_> {
    /// The charge of a payment, with so much of it refunded.
    pub(super) fn charge(self, payment: &Payment, refunded: i64) -> Value {
        let charge = json!({
            "id": self.charge_id(payment.nth),
            "object": "charge",
            "amount": payment.cents,
            "amount_captured": payment.cents,
            "amount_refunded": refunded,
            "balance_transaction": self.buyer.id("txn_3", payment.nth),
            "billing_details": self.billing_details(),
            "captured": true,
            "created": payment.at.as_second(),
            "currency": "usd",
            "customer": self.customer_id(),
            "description": description(payment),
            "disputed": false,
            "failure_code": null,
            "livemode": false,
            "metadata": self.payment_metadata(payment),
            "outcome": {
                "network_status": "approved_by_network",
                "risk_level": "normal",
                "seller_message": "Payment complete.",
                "type": "authorized",
            },
            "paid": true,
            "payment_intent": self.payment_intent_id(payment.nth),
            "payment_method": self.payment_method_id(),
            "payment_method_details": {
                "card": { "brand": "visa", "country": "US", "funding": "credit", "last4": "4242" },
                "type": "card",
            },
            "receipt_email": null,
            "refunded": refunded == payment.cents,
            "status": "succeeded",
        });
        merged(charge, self.invoice_reference(payment))
    }

    /// The payment intent that brought the money in.
    pub(super) fn payment_intent(self, payment: &Payment) -> Value {
        let outcome = json!({
            "amount_received": payment.cents,
            "last_payment_error": null,
            "latest_charge": self.charge_id(payment.nth),
            "payment_method": self.payment_method_id(),
            "status": "succeeded",
        });
        merged(self.intent(payment), outcome)
    }

    /// The payment intent after a card was declined.
    pub(super) fn failed_payment_intent(self, payment: &Payment) -> Value {
        let charge = self.failed_charge_id(payment.nth);
        let outcome = json!({
            "amount_received": 0,
            "last_payment_error": {
                "charge": charge,
                "code": "card_declined",
                "decline_code": "insufficient_funds",
                "message": "Your card has insufficient funds.",
                "type": "card_error",
            },
            "latest_charge": charge,
            "payment_method": null,
            "status": "requires_payment_method",
        });
        merged(self.intent(payment), outcome)
    }

    fn intent(self, payment: &Payment) -> Value {
        let intent = json!({
            "id": self.payment_intent_id(payment.nth),
            "object": "payment_intent",
            "amount": payment.cents,
            "amount_capturable": 0,
            "capture_method": "automatic",
            "confirmation_method": "automatic",
            "created": payment.asked.as_second(),
            "currency": "usd",
            "customer": self.customer_id(),
            "description": description(payment),
            "livemode": false,
            "metadata": self.payment_metadata(payment),
            "payment_method_types": ["card"],
            "receipt_email": null,
            "setup_future_usage": null,
        });
        merged(intent, self.invoice_reference(payment))
    }

    fn billing_details(self) -> Value {
        json!({
            "address": { "country": "US" },
            "email": self.buyer.typed_email,
            "name": self.buyer.name,
            "phone": null,
        })
    }

    /// Checkout copies its metadata to a one-off payment; a subscription keeps it to itself.
    fn payment_metadata(self, payment: &Payment) -> Value {
        match payment.reason {
            None => self.metadata(),
            Some(_) => json!({}),
        }
    }

    fn invoice_reference(self, payment: &Payment) -> Value {
        match (self.shape, payment.reason) {
            (Shape::New, _) => json!({}),
            (Shape::Old, None) => json!({ "invoice": null }),
            (Shape::Old, Some(_)) => json!({ "invoice": self.invoice_id(payment.nth) }),
        }
    }
}

fn description(payment: &Payment) -> &'static str {
    match payment.reason {
        None => BOOTCAMP,
        Some(Reason::Create) => "Subscription creation",
        Some(Reason::Cycle | Reason::Upgrade) => "Subscription update",
    }
}
