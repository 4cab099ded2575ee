//! Failed payments: one row each, whatever the order, the copies and the version; closed when they end.

use crate::support::{Ledger, Program, bodies_in};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use store::dunning::{FailedFilter, ListedFailure};

const VERSIONS: [&str; 4] = ["2020-08-27", "2024-11-20.acacia", "2025-03-31.basil", "2026-09-30.endive"];
const CREATED: i64 = 1_770_737_400;

fn event(id: &str, kind: &str, minute: i64, object: Value) -> Vec<u8> {
    let event = json!({
        "id": format!("evt_{id}"), "object": "event", "type": kind, "created": CREATED + minute * 60,
        "livemode": false, "api_version": "2026-09-30.endive", "data": { "object": object },
    });
    serde_json::to_vec(&event).unwrap()
}

fn invoice(status: &str, attempts: i64) -> Value {
    json!({
        "id": "in_1", "object": "invoice", "status": status, "customer": "cus_1", "customer_email": "ada@example.com",
        "amount_due": 4900, "amount_paid": if status == "paid" { 4900 } else { 0 },
        "amount_remaining": if status == "paid" { 0 } else { 4900 }, "currency": "usd", "attempt_count": attempts,
        "next_payment_attempt": if status == "open" { json!(CREATED + 400_000) } else { Value::Null },
        "parent": { "type": "subscription_details", "subscription_details": { "subscription": "sub_1" } },
    })
}

fn intent(status: &str) -> Value {
    json!({
        "id": "pi_1", "object": "payment_intent", "status": status, "customer": "cus_1", "amount": 4900,
        "amount_received": if status == "succeeded" { 4900 } else { 0 }, "currency": "usd",
        "last_payment_error": { "charge": "ch_1", "code": "card_declined", "decline_code": "insufficient_funds",
            "message": "Your card has insufficient funds." },
    })
}

fn failed_charge() -> Value {
    json!({
        "id": "ch_1", "object": "charge", "status": "failed", "paid": false, "captured": false, "amount": 4900,
        "amount_captured": 0, "currency": "usd", "customer": "cus_1", "payment_intent": "pi_1",
        "failure_code": "card_declined", "failure_message": "Your card was declined.",
    })
}

/// An attempt as the newest version tells of it: nothing ties the intent to its invoice.
fn attempt() -> Vec<Vec<u8>> {
    vec![
        event("charge", "charge.failed", 0, failed_charge()),
        event("intent", "payment_intent.payment_failed", 0, intent("requires_payment_method")),
        event("invoice", "invoice.payment_failed", 1, invoice("open", 1)),
    ]
}

/// The end of the subscription as Stripe tells it.
fn ended_subscription() -> Vec<u8> {
    let story = bodies_in("composed/2026-09-30.endive/a_subscription_life");
    let (_, body) = story.iter().find(|(name, _)| name.ends_with("subscription.deleted")).unwrap();
    let mut told: Value = serde_json::from_slice(body).unwrap();
    told["id"] = json!("evt_ended");
    told["data"]["object"]["id"] = json!("sub_1");
    told["data"]["object"]["customer"] = json!("cus_1");
    serde_json::to_vec(&told).unwrap()
}

async fn listed(ledger: &Ledger) -> Vec<ListedFailure> {
    ledger.store().failed_payments(ledger.ours.id, &FailedFilter::default(), None, 99).await.unwrap()
}

async fn after(bodies: &[Vec<u8>]) -> Vec<ListedFailure> {
    let ledger = Ledger::create().await;
    for body in bodies {
        ledger.send(body).await;
    }
    ledger.apply().await;
    listed(&ledger).await
}

#[tokio::test]
async fn an_attempt_is_one_failed_payment_though_nothing_ties_its_intent() {
    let failed = after(&attempt()).await;
    let [failed] = failed.as_slice() else { panic!("{failed:#?}") };
    assert_eq!((failed.name.as_str(), failed.amount.minor, failed.attempts), ("in_1", 4_900, 1));
    assert_eq!(failed.standing.word(), "open");
    assert_eq!(failed.subscription.as_deref(), Some("sub_1"));
    assert!(failed.next_attempt_at.is_some());
    assert_eq!(failed.code.as_deref(), Some("insufficient_funds"), "its intent says why");
}

#[tokio::test]
async fn an_intent_of_another_amount_is_a_failed_payment_of_its_own() {
    let mut other = intent("requires_payment_method");
    other["id"] = json!("pi_2");
    other["amount"] = json!(900);
    let mut bodies = attempt();
    bodies.push(event("other", "payment_intent.payment_failed", 0, other));
    let names: Vec<String> = after(&bodies).await.into_iter().map(|failed| failed.name).collect();
    assert_eq!(names, ["in_1", "pi_2"]);
}

#[tokio::test]
async fn each_end_closes_it_whichever_event_comes_first() {
    let paid = event("paid", "invoice.paid", 90, invoice("paid", 2));
    let voided = event("void", "invoice.voided", 90, invoice("void", 1));
    let written_off = event("off", "invoice.marked_uncollectible", 90, invoice("uncollectible", 1));
    let ended = ended_subscription();
    for (end, standing, because) in [
        (paid, "recovered", "paid"),
        (voided, "lost", "voided"),
        (written_off, "lost", "uncollectible"),
        (ended, "lost", "subscription_ended"),
    ] {
        let mut forwards = attempt();
        forwards.push(end.clone());
        let mut backwards = forwards.clone();
        backwards.reverse();
        let found = after(&forwards).await;
        assert_eq!(found, after(&backwards).await, "{because}");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].standing.word(), found[0].closed_because.as_deref()), (standing, Some(because)));
        assert_eq!(found[0].next_attempt_at, None);
        // Applied event by event, in both orders.
        for bodies in [&forwards, &backwards] {
            let ledger = Ledger::create().await;
            for body in bodies {
                ledger.send(body).await;
                ledger.apply().await;
            }
            assert_eq!(listed(&ledger).await, found, "{because}");
        }
    }
}

#[tokio::test]
async fn every_story_ends_with_the_same_failed_payments_in_any_order_and_with_copies() {
    let mut dice = ChaCha8Rng::seed_from_u64(3);
    for version in VERSIONS {
        let story: Vec<Vec<u8>> = bodies_in(&format!("composed/{version}/a_subscription_life"))
            .into_iter()
            .map(|(_, body)| body)
            .collect();
        let told = after(&story).await;
        assert_eq!(told.len(), 1, "{version}: {told:#?}");
        assert_eq!(told[0].standing.word(), "recovered", "{version}");
        for _ in 0..3 {
            let ledger = Ledger::create().await;
            let mut shuffled: Vec<&Vec<u8>> = story.iter().chain(&story).collect();
            shuffled.shuffle(&mut dice);
            for body in shuffled {
                ledger.send(body).await;
                if dice.random_bool(0.3) {
                    ledger.apply().await;
                }
            }
            ledger.apply().await;
            assert_eq!(listed(&ledger).await, told, "{version}");
        }
    }
}

#[tokio::test]
async fn the_list_says_what_is_at_risk_by_currency_and_shows_nothing_of_others() {
    let program = Program::start().await;
    for body in attempt() {
        program.ledger.send(&body).await;
    }
    let mut theirs = invoice("open", 1);
    theirs["id"] = json!("in_theirs");
    program.ledger.send_to_them(&event("theirs", "invoice.payment_failed", 0, theirs)).await;
    program.ledger.apply().await;
    let page = program.get_json("/api/dunning").await;
    insta::assert_json_snapshot!(page);
    let none = program.get_json("/api/dunning?state=lost").await;
    assert_eq!(none["payments"], json!([]));
    assert_eq!(none["totals"], page["totals"], "totals are of all");
    for query in ["state=gone", "cursor=x", "limit=0"] {
        assert_eq!(program.get(&format!("/api/dunning?{query}")).await.status(), 400, "{query}");
    }
    let shown = program.get("/portal/failed-payments").await.text().await.unwrap();
    assert!(shown.contains("ada@example.com") && !shown.contains("in_theirs"));
}

#[tokio::test]
async fn failed_payments_come_in_pages() {
    let program = Program::start().await;
    for number in 0..7 {
        let mut one = intent("requires_payment_method");
        one["id"] = json!(format!("pi_page{number}"));
        one["amount"] = json!(1_000 + number);
        let body = event(&format!("page{number}"), "payment_intent.payment_failed", number / 2, one);
        program.ledger.send(&body).await;
    }
    program.ledger.apply().await;
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = program.get_json(&format!("/api/dunning?limit=2{cursor}")).await;
        let found = page["payments"].as_array().unwrap().iter();
        names.extend(found.map(|payment| payment["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let expected: Vec<String> = (0..7).rev().map(|number| format!("pi_page{number}")).collect();
    assert_eq!(names, expected);
}
