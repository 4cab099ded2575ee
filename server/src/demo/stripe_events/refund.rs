//! Refunds.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Reporter;
use crate::demo::story::Refund;

impl Reporter<'_> {
    /// One refund of a payment.
    pub(super) fn refund(self, at: Timestamp, refund: &Refund) -> Value {
        // A payment is refunded twice at most, so this numbers a buyer's refunds apart.
        let nth = refund.payment.nth * 2 + refund.nth;
        json!({
            "id": self.buyer.id("re_3", nth),
            "object": "refund",
            "amount": refund.cents,
            "balance_transaction": self.buyer.id("txn_3Refund", nth),
            "charge": self.charge_id(refund.payment.nth),
            "created": at.as_second(),
            "currency": "usd",
            "destination_details": {
                "card": { "reference_status": "pending", "type": "refund" },
                "type": "card",
            },
            "metadata": {},
            "payment_intent": self.payment_intent_id(refund.payment.nth),
            "reason": "requested_by_customer",
            "receipt_number": null,
            "status": "succeeded",
        })
    }
}
