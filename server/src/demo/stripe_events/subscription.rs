//! Subscriptions, their items and prices.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Reporter, Shape, merged};
use crate::demo::catalog::Plan;
use crate::demo::story::{Cancellation, Period, Status, Subscription};

/// When the company set up its prices: 2025-06-01, before the story begins.
const PRICED: i64 = 1_748_736_000;

impl Reporter<'_> {
    /// A subscription as it stands.
    pub(super) fn subscription(self, subscription: &Subscription) -> Value {
        let started = self.buyer.signed_up.as_second();
        let body = json!({
            "id": self.subscription_id(),
            "object": "subscription",
            "billing_cycle_anchor": self.anchor(subscription).as_second(),
            "collection_method": "charge_automatically",
            "created": started,
            "currency": "usd",
            "customer": self.customer_id(),
            "default_payment_method": self.payment_method_id(),
            "description": null,
            "discounts": [],
            "items": self.items(subscription),
            "latest_invoice": self.invoice_id(subscription.latest_invoice),
            "livemode": false,
            "metadata": self.metadata(),
            "pause_collection": null,
            "schedule": null,
            "start_date": started,
            "status": status_word(subscription.status),
            "trial_end": subscription.trial.map(|trial| trial.end.as_second()),
            "trial_start": subscription.trial.map(|trial| trial.start.as_second()),
        });
        let body = merged(body, cancellation(subscription));
        merged(body, self.top_level(subscription))
    }

    /// The price of a plan, as old invoices and all subscription items show it.
    pub(super) fn price(self, plan: Plan) -> Value {
        json!({
            "id": plan.price_id(),
            "object": "price",
            "active": true,
            "billing_scheme": "per_unit",
            "created": PRICED,
            "currency": "usd",
            "livemode": false,
            "metadata": {},
            "nickname": plan.name(),
            "product": plan.product_id(),
            "recurring": { "interval": plan.interval(), "interval_count": 1, "usage_type": "licensed" },
            "type": "recurring",
            "unit_amount": plan.cents(),
            "unit_amount_decimal": plan.cents().to_string(),
        })
    }

    fn items(self, subscription: &Subscription) -> Value {
        let item = json!({
            "id": self.item_id(),
            "object": "subscription_item",
            "created": self.buyer.signed_up.as_second(),
            "metadata": {},
            "price": self.price(subscription.plan),
            "quantity": 1,
            "subscription": self.subscription_id(),
        });
        let item = match self.shape {
            Shape::Old => item,
            Shape::New => merged(item, current_period(subscription.period)),
        };
        json!({ "object": "list", "data": [item], "has_more": false, "total_count": 1 })
    }

    /// What only one of the shapes keeps on the subscription itself.
    fn top_level(self, subscription: &Subscription) -> Value {
        match self.shape {
            Shape::Old => {
                let old = json!({ "plan": plan(subscription.plan), "quantity": 1 });
                merged(old, current_period(subscription.period))
            }
            Shape::New => json!({ "billing_mode": { "type": "flexible" } }),
        }
    }

    /// A trial moves the anchor to its end.
    fn anchor(self, subscription: &Subscription) -> Timestamp {
        subscription.trial.map_or(self.buyer.signed_up, |trial| trial.end)
    }
}

fn current_period(period: Period) -> Value {
    json!({ "current_period_end": period.end.as_second(), "current_period_start": period.start.as_second() })
}

fn plan(plan: Plan) -> Value {
    json!({
        "id": plan.price_id(),
        "object": "plan",
        "active": true,
        "amount": plan.cents(),
        "currency": "usd",
        "interval": plan.interval(),
        "interval_count": 1,
        "nickname": plan.name(),
        "product": plan.product_id(),
        "usage_type": "licensed",
    })
}

fn cancellation(subscription: &Subscription) -> Value {
    let Some(cancellation) = subscription.cancellation else {
        return json!({
            "cancel_at": null,
            "cancel_at_period_end": false,
            "canceled_at": null,
            "cancellation_details": { "comment": null, "feedback": null, "reason": null },
            "ended_at": null,
        });
    };
    json!({
        "cancel_at": cancellation.is_voluntary.then(|| cancellation.effective.as_second()),
        "cancel_at_period_end": cancellation.is_voluntary,
        "canceled_at": cancellation.decided.as_second(),
        "cancellation_details": cancellation_details(cancellation),
        "ended_at": ended_at(subscription.status, cancellation),
    })
}

fn cancellation_details(cancellation: Cancellation) -> Value {
    if cancellation.is_voluntary {
        json!({ "comment": null, "feedback": "too_expensive", "reason": "cancellation_requested" })
    } else {
        json!({ "comment": null, "feedback": null, "reason": "payment_failed" })
    }
}

fn ended_at(status: Status, cancellation: Cancellation) -> Option<i64> {
    (status == Status::Canceled).then(|| cancellation.effective.as_second())
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Trialing => "trialing",
        Status::Active => "active",
        Status::PastDue => "past_due",
        Status::Canceled => "canceled",
    }
}
