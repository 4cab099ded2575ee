//! One bad event, one broken tenant, several appliers: everything else goes on.

use std::time::Duration;

use crate::support::{Ledger, now};
use domain::tenant::Tenant;
use serde_json::{Value, json};
use server::applier::Applier;
use server::clock::Clock;

const CREATED: i64 = 1_770_737_400;

fn event(id: &str, kind: &str, object: Value) -> Vec<u8> {
    let event = json!({
        "id": id, "object": "event", "type": kind, "created": CREATED, "livemode": false, "data": { "object": object },
    });
    serde_json::to_vec(&event).unwrap()
}

fn payment(name: &str) -> Vec<u8> {
    let charge = json!({
        "id": format!("ch_{name}"), "object": "charge", "amount": 1000, "amount_captured": 1000, "amount_refunded": 0,
        "captured": true, "created": CREATED, "currency": "usd", "paid": true, "status": "succeeded",
    });
    event(&format!("evt_{name}"), "charge.succeeded", charge)
}

/// A refund of nothing passes the reader and breaks a rule of the ledger.
fn refund_of_nothing() -> Vec<u8> {
    let refund = json!({
        "id": "re_nothing", "object": "refund", "amount": 0, "currency": "usd", "charge": "ch_elsewhere",
        "created": CREATED, "status": "succeeded",
    });
    event("evt_nothing", "refund.created", refund)
}

#[tokio::test]
async fn a_refused_event_is_set_aside_alone_while_three_appliers_work() {
    for _ in 0..5 {
        let ledger = Ledger::create().await;
        for name in ["a", "b", "c"] {
            ledger.send(&payment(name)).await;
        }
        ledger.send(&refund_of_nothing()).await;
        for name in ["d", "e", "f", "g"] {
            ledger.send(&payment(name)).await;
        }
        let appliers = [(); 3].map(|()| Applier::new(ledger.store().clone(), Clock::Fixed(now())));
        let outcomes = futures::future::join_all(appliers.iter().map(Applier::apply_all)).await;
        assert!(outcomes.iter().all(Result::is_ok));
        let (state, reason) = ledger.database.event_state(ledger.ours.id, "evt_nothing").await.unwrap();
        assert_eq!((state.as_str(), reason.as_deref()), ("dead", Some("the ledger refused it")));
        assert_eq!(ledger.sums(&ledger.ours).await["usd"].net, 7_000);
    }
}

#[tokio::test]
async fn a_tenant_that_cannot_be_read_holds_up_nobody_else() {
    let ledger = Ledger::create().await;
    ledger.database.break_timezone(ledger.theirs.id).await;
    ledger.send_to_them(&payment("theirs")).await;
    ledger.send(&payment("ours")).await;
    ledger.apply().await;
    assert_eq!(ledger.sums(&ledger.ours).await["usd"].net, 1_000);
    let (state, _) = ledger.database.event_state(ledger.theirs.id, "evt_theirs").await.unwrap();
    assert_eq!(state, "pending", "nothing of theirs is lost either");
}

/// Waits until the worker has booked something of a tenant.
async fn booked(ledger: &Ledger, tenant: &Tenant) -> i64 {
    let patience = Duration::from_secs(20);
    let booked = async {
        loop {
            match ledger.sums(tenant).await.get("usd") {
                Some(sum) => return sum.net,
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(patience, booked).await.unwrap()
}

#[tokio::test]
async fn the_worker_goes_on_with_others_while_a_tenant_is_rebuilt() {
    let ledger = Ledger::create().await;
    let rebuilding = ledger.store().batch_begin(ledger.ours.id).await.unwrap();
    ledger.send(&payment("ours")).await;
    ledger.send_to_them(&payment("theirs")).await;
    let working = tokio::spawn(ledger.applier.clone().run());
    assert_eq!(booked(&ledger, &ledger.theirs).await, 1_000);
    assert!(ledger.sums(&ledger.ours).await.is_empty(), "ours wait for who holds them");
    drop(rebuilding);
    assert_eq!(booked(&ledger, &ledger.ours).await, 1_000);
    working.abort();
}

#[tokio::test]
async fn a_refused_event_far_down_a_batch_costs_the_others_nothing() {
    let ledger = Ledger::create().await;
    for number in 0..80 {
        ledger.send(&payment(&format!("p{number}"))).await;
        if number == 41 {
            ledger.send(&refund_of_nothing()).await;
        }
    }
    ledger.apply().await;
    let (state, _) = ledger.database.event_state(ledger.ours.id, "evt_nothing").await.unwrap();
    assert_eq!(state, "dead");
    assert_eq!(ledger.sums(&ledger.ours).await["usd"].net, 80_000);
}

#[tokio::test]
async fn a_partial_capture_is_booked_as_what_was_taken() {
    let ledger = Ledger::create().await;
    let charge = json!({
        "id": "ch_part", "object": "charge", "amount": 20_675, "amount_captured": 20_300, "amount_refunded": 375,
        "captured": true, "created": CREATED, "currency": "usd", "paid": true, "status": "succeeded",
    });
    let release = json!({
        "id": "re_release", "object": "refund", "amount": 375, "currency": "usd", "charge": "ch_part",
        "created": CREATED, "status": "succeeded",
    });
    ledger.send(&event("evt_release", "refund.created", release)).await;
    ledger.apply().await;
    ledger.send(&event("evt_part", "charge.captured", charge)).await;
    ledger.apply().await;
    assert_eq!(ledger.sums(&ledger.ours).await["usd"].net, 20_300);
}

#[tokio::test]
async fn a_payment_that_names_an_impossible_time_is_set_aside() {
    let ledger = Ledger::create().await;
    for (name, created) in [("early", json!(0)), ("late", json!(253_000_000_000_i64)), ("odd", json!("soon"))]
    {
        let mut body: Value = serde_json::from_slice(&payment(name)).unwrap();
        body["data"]["object"]["created"] = created;
        ledger.send(&serde_json::to_vec(&body).unwrap()).await;
        ledger.apply().await;
        let (state, _) = ledger.database.event_state(ledger.ours.id, &format!("evt_{name}")).await.unwrap();
        assert_eq!(state, "dead", "{name}");
    }
    assert!(ledger.sums(&ledger.ours).await.is_empty());
}

#[tokio::test]
async fn a_payment_detached_from_an_invoice_is_not_tied_to_it() {
    let ledger = Ledger::create().await;
    let detached = json!({
        "id": "inpay_1", "object": "invoice_payment", "invoice": "in_1", "status": "canceled",
        "payment": { "type": "payment_intent", "payment_intent": "pi_a" },
    });
    let invoice = json!({
        "id": "in_1", "object": "invoice", "status": "paid", "amount_paid": 1000, "currency": "usd", "customer": "cus_1",
        "status_transitions": { "paid_at": CREATED },
    });
    let mut one_off: Value = serde_json::from_slice(&payment("a")).unwrap();
    one_off["data"]["object"]["payment_intent"] = json!("pi_a");
    ledger.send(&event("evt_detached", "invoice_payment.detached", detached)).await;
    ledger.send(&event("evt_invoice", "invoice.paid", invoice)).await;
    ledger.send(&serde_json::to_vec(&one_off).unwrap()).await;
    ledger.apply().await;
    assert_eq!(ledger.sums(&ledger.ours).await["usd"].net, 2_000);
}
