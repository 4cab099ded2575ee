//! Checkout sessions.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Reporter, Shape, merged};
use crate::demo::story::{Invoice, Payment, Subscription};

/// How long people look at a checkout before they pay.
const HESITATION: SignedDuration = SignedDuration::from_secs(140);

const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

impl Reporter<'_> {
    /// The session of a one-off purchase.
    pub(super) fn checkout_of_purchase(self, payment: &Payment) -> Value {
        let purchase = json!({
            "invoice": null,
            "mode": "payment",
            "payment_intent": self.payment_intent_id(payment.nth),
            "payment_status": "paid",
            "subscription": null,
        });
        merged(self.checkout(payment.at, payment.cents), purchase)
    }

    /// The session that began a subscription.
    pub(super) fn checkout_of_subscription(
        self,
        at: Timestamp,
        subscription: &Subscription,
        invoice: &Invoice,
    ) -> Value {
        let status = if subscription.trial.is_some() { "no_payment_required" } else { "paid" };
        let start = json!({
            "invoice": self.invoice_id(invoice.nth),
            "mode": "subscription",
            "payment_intent": null,
            "payment_status": status,
            "subscription": self.subscription_id(),
        });
        merged(self.checkout(at, invoice.total()), start)
    }

    fn checkout(self, at: Timestamp, cents: i64) -> Value {
        let opened = at - HESITATION;
        json!({
            "id": self.buyer.id("cs_test_a1", 0),
            "object": "checkout.session",
            "amount_subtotal": cents,
            "amount_total": cents,
            "automatic_tax": { "enabled": false, "liability": null, "status": null },
            "cancel_url": "https://app.example.com/cancel",
            "client_reference_id": null,
            "created": opened.as_second(),
            "currency": "usd",
            "customer": self.customer_id(),
            "customer_details": {
                "address": { "country": "US" },
                "email": self.buyer.typed_email,
                "name": self.buyer.name,
                "phone": null,
                "tax_exempt": "none",
                "tax_ids": [],
            },
            "customer_email": null,
            "expires_at": (opened + LIFETIME).as_second(),
            "livemode": false,
            "metadata": self.metadata(),
            "payment_link": null,
            "payment_method_types": ["card"],
            "status": "complete",
            "success_url": "https://app.example.com/thanks?session_id={CHECKOUT_SESSION_ID}",
            "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
            "ui_mode": self.ui_mode(),
            "url": null,
        })
    }

    fn ui_mode(self) -> &'static str {
        match self.shape {
            Shape::Old => "hosted",
            Shape::New => "hosted_page",
        }
    }
}
