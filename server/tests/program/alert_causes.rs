//! What alerts are caused by, told of within five seconds and over as soon: failed payments, figures that differ.

use domain::access::{Permission, Role};
use serde_json::{Value, json};
use server::alerts::Evaluated;

use crate::alerts::{Watch, changes};
use crate::support::{binary, bodies_in};

/// An invoice of a customer's that is to be paid, or was.
fn invoice(customer: &str, status: &str, attempts: i64) -> Value {
    json!({ "id": format!("in_{customer}"), "object": "invoice", "status": status, "currency": "usd",
        "amount_due": 4_900, "amount_remaining": if status == "paid" { 0 } else { 4_900 }, "total": 4_900,
        "amount_paid": if status == "paid" { 4_900 } else { 0 }, "attempt_count": attempts,
        "next_payment_attempt": if status == "paid" { Value::Null } else { json!(1_763_400_000) },
        "customer": format!("cus_{customer}"), "customer_email": "ada@example.com", "created": 1_763_000_000 })
}

/// A payment of a customer's that failed.
fn failed_intent(customer: &str) -> Value {
    json!({ "id": format!("pi_{customer}"), "object": "payment_intent", "status": "requires_payment_method",
        "customer": format!("cus_{customer}"), "amount": 4_900, "amount_received": 0, "currency": "usd",
        "last_payment_error": { "charge": format!("ch_{customer}"), "code": "card_declined",
            "decline_code": "insufficient_funds", "message": "Your card has insufficient funds." } })
}

#[tokio::test]
async fn a_failed_payment_is_told_of_heard_soon_of_its_event() {
    let watch = Watch::begin().await;
    watch.hear("invoice.payment_failed", 0, &invoice("1", "open", 1)).await;
    watch.heard_soon(&["1 payment failed"]).await;
}

#[tokio::test]
async fn a_payment_that_fails_is_told_of_with_its_code_and_closed_when_its_invoice_is_paid() {
    let watch = Watch::begin().await;
    watch.hear("payment_intent.payment_failed", 0, &failed_intent("1")).await;
    watch.heard_soon(&["1 payment failed"]).await;
    watch.hear("invoice.payment_failed", 1, &invoice("1", "open", 1)).await;
    watch.program.ledger.apply().await;
    watch.look(0).await;
    watch.heard_soon(&["1 payment failed"]).await;
    let failed = watch.program.get_json("/api/dunning?state=open").await;
    let failed = &failed["payments"][0];
    assert_eq!((&failed["name"], &failed["failure_code"]), (&json!("in_1"), &json!("insufficient_funds")));
    assert!(failed["next_attempt_at"].is_string(), "{failed}");
    watch.hear("invoice.paid", 90, &invoice("1", "paid", 2)).await;
    watch.heard_soon(&[]).await;
    let over = watch.alerts("?state=resolved").await;
    assert_eq!(changes(&over[0]), ["cleared", "opened"]);
}

#[tokio::test]
async fn what_was_set_aside_about_failed_payments_comes_back_with_the_next_one_and_not_with_the_next_attempt()
{
    let watch = Watch::begin().await;
    watch.hear("invoice.payment_failed", 0, &invoice("1", "open", 1)).await;
    watch.heard_soon(&["1 payment failed"]).await;
    let set_aside = [("acknowledge", json!({})), ("snooze", json!({ "days": 7 })), ("resolve", json!({}))];
    for (number, (verb, body)) in (2..).zip(set_aside) {
        let alert = watch.only().await;
        assert_eq!(watch.act(&alert, verb, body).await.0, 200);
        watch.hear("invoice.payment_failed", number * 10, &invoice("1", "open", number)).await;
        watch.program.ledger.apply().await;
        assert_eq!(watch.look(0).await.changed, 0, "{verb}: the same is tried again");
        watch.hear("invoice.payment_failed", 0, &invoice(&number.to_string(), "open", 1)).await;
        watch.heard_soon(&[&format!("{number} payments failed")]).await;
        let back = watch.only().await;
        assert_eq!(
            (&back["id"], &back["state"], &back["assignee"]),
            (&alert["id"], &json!("open"), &Value::Null)
        );
        assert_eq!(changes(&back)[0], "reopened", "{verb}");
    }
}

#[tokio::test]
async fn of_what_was_set_aside_one_that_recovers_is_no_news_and_the_next_that_fails_is() {
    let watch = Watch::begin().await;
    watch.hear("payment_intent.payment_failed", 0, &failed_intent("1")).await;
    watch.hear("payment_intent.payment_failed", 0, &failed_intent("2")).await;
    watch.heard_soon(&["2 payments failed"]).await;
    let alert = watch.only().await;
    assert_eq!(watch.act(&alert, "acknowledge", json!({})).await.0, 200);
    let recovered = json!({ "id": "pi_1", "object": "payment_intent", "status": "succeeded", "customer": "cus_1",
        "amount": 4_900, "amount_received": 4_900, "currency": "usd", "latest_charge": "ch_again" });
    watch.hear("payment_intent.succeeded", 10, &recovered).await;
    watch.program.ledger.apply().await;
    assert_eq!(watch.look(0).await.changed, 0);
    assert_eq!(watch.only().await["title"], "1 payment failed");
    watch.hear("payment_intent.payment_failed", 20, &failed_intent("3")).await;
    watch.heard_soon(&["2 payments failed"]).await;
}

const MRR_DIFFERS: &str = "MRR is not the same in every way it is counted";

impl Watch {
    /// One where a customer came and went.
    async fn of_a_customer() -> Self {
        let watch = Self::begin().await;
        for (_, body) in bodies_in("composed/2026-09-30.endive/a_subscription_life") {
            watch.program.ledger.send(&body).await;
        }
        watch.program.ledger.apply().await;
        assert_eq!(watch.look(0).await.found, 0, "{:?}", watch.alerts("").await);
        watch
    }

    /// Changes what nobody should.
    async fn tamper(&self, update: &str) {
        let ours = "tenant_id = (select id from tenants where is_default)";
        self.program.ledger.database.as_owner_past_triggers(&format!("update {update} and {ours}")).await;
    }

    /// Has something change that has nothing to do with money.
    async fn bring_a_lead(&self, name: &str) {
        let key = self.program.key(self.program.ledger.ours.id, Role::Operator, &[Permission::Act]).await;
        let request = self.program.client.put(format!("{}/api/leads/{name}", self.program.address));
        let answer =
            request.bearer_auth(key).json(&json!({ "email": format!("{name}@example.com") })).send().await;
        assert_eq!(answer.unwrap().status(), 201);
    }

    /// Rebuilds as an operator of the machine does, after which revenue is counted the same again. A command goes by the
    /// day it is run on, by which other things may need somebody.
    async fn rebuild(&self) {
        let url = &self.program.ledger.database.url;
        let outcome = binary::run_with(url, &["rebuild"], "", &[]).await;
        assert_eq!(outcome.code, Some(0), "{}", outcome.complained);
        let over = self.alerts("?state=resolved").await;
        let over = over.iter().find(|alert| alert["kind"] == "mrr_identity").unwrap();
        assert_eq!(changes(over), ["cleared", "opened"]);
    }
}

#[tokio::test]
async fn a_rollup_that_differs_is_told_of_heard_soon_and_over_after_a_rebuild() {
    for (update, amounts) in [
        ("mrr_days set mrr_minor = mrr_minor + 1 where new_minor > 0", "$0.01 by what stands on the days"),
        ("mrr_days set new_minor = new_minor + 1 where new_minor > 0", "$0.01 by the days' movements"),
    ] {
        let watch = Watch::of_a_customer().await;
        watch.tamper(update).await;
        watch.bring_a_lead("one").await;
        watch.heard_soon(&[MRR_DIFFERS]).await;
        let alert = watch.only().await;
        assert_eq!((&alert["kind"], &alert["severity"]), (&json!("mrr_identity"), &json!("critical")));
        assert!(alert["why"].as_str().unwrap().contains(amounts), "{alert}");
        assert_eq!(watch.look(0).await.changed, 0);
        watch.rebuild().await;
    }
}

#[tokio::test]
async fn rows_that_differ_are_told_of_by_the_next_thorough_look_and_not_forgotten_by_a_brief_one() {
    for (update, amounts) in [
        (
            "mrr_movements set amount_minor = amount_minor + 7 where kind = 'new'",
            "USD: $0.07 by movements, $0.00 by the ledger",
        ),
        (
            "revenue_events set mrr_impact_minor = mrr_impact_minor + 7 where mrr_impact_minor = 4900",
            "$0.07 by the ledger",
        ),
        ("subscription_versions set mrr_minor = 7 where status = 'canceled'", "$0.07 by subscriptions"),
    ] {
        let watch = Watch::of_a_customer().await;
        watch.tamper(update).await;
        assert_eq!(watch.look(0).await.opened, 1, "{update}");
        let alert = watch.only().await;
        assert!(alert["why"].as_str().unwrap().contains(amounts), "{alert}");
        assert_eq!(watch.look_briefly().await, Evaluated { found: 1, ..Evaluated::default() });
        watch.rebuild().await;
    }
}
