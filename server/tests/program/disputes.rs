//! Disputes: withdrawn when opened, given back when won, nothing for an inquiry; in any order.

use crate::support::{Ledger, Program};
use serde_json::{Value, json};

const OPENED: i64 = 1_771_977_600;

fn event(number: i64, event_type: &str, object: Value) -> Vec<u8> {
    let body = json!({
        "id": format!("evt_dispute{number}"), "object": "event", "type": event_type, "livemode": false,
        "created": OPENED + number, "api_version": "2026-09-30.endive", "data": { "object": object },
    });
    serde_json::to_vec(&body).unwrap()
}

fn charge() -> Vec<u8> {
    let charge = json!({
        "id": "ch_1", "object": "charge", "amount": 4_900, "amount_captured": 4_900, "amount_refunded": 0,
        "currency": "usd", "created": OPENED - 86_400, "status": "succeeded", "paid": true, "captured": true,
        "payment_intent": "pi_1",
    });
    event(0, "charge.succeeded", charge)
}

fn dispute(number: i64, what: &str, status: &str) -> Vec<u8> {
    let dispute = json!({
        "id": "dp_1", "object": "dispute", "amount": 4_900, "currency": "usd", "created": OPENED,
        "charge": "ch_1", "payment_intent": "pi_1", "status": status,
    });
    event(number, &format!("charge.dispute.{what}"), dispute)
}

async fn rows_after(bodies: &[Vec<u8>]) -> Vec<(String, i64)> {
    let ledger = Ledger::create().await;
    for body in bodies {
        ledger.send(body).await;
        ledger.apply().await;
    }
    let amounts = ledger.database.current_amounts(ledger.ours.id).await;
    let mut rows: Vec<(String, i64)> = amounts.into_iter().map(|(_, kind, amount)| (kind, amount)).collect();
    rows.sort();
    rows
}

fn row(kind: &str, amount: i64) -> (String, i64) {
    (kind.to_owned(), amount)
}

#[tokio::test]
async fn a_dispute_that_is_won_gives_back_what_it_took_in_any_order() {
    let told = [
        charge(),
        dispute(1, "created", "needs_response"),
        dispute(2, "funds_withdrawn", "needs_response"),
        dispute(3, "updated", "under_review"),
        dispute(4, "closed", "won"),
        dispute(5, "funds_reinstated", "won"),
    ];
    let expected = [row("dispute", -4_900), row("dispute_reversal", 4_900), row("payment", 4_900)];
    for turn in 0..told.len() {
        let mut bodies = told.to_vec();
        bodies.rotate_left(turn);
        assert_eq!(rows_after(&bodies).await, expected, "turned by {turn}");
        bodies.reverse();
        assert_eq!(rows_after(&bodies).await, expected, "turned by {turn} and backwards");
    }
}

#[tokio::test]
async fn a_dispute_that_is_lost_keeps_what_it_took() {
    let told = [charge(), dispute(1, "created", "needs_response"), dispute(2, "closed", "lost")];
    assert_eq!(rows_after(&told).await, [row("dispute", -4_900), row("payment", 4_900)]);
}

#[tokio::test]
async fn an_inquiry_takes_nothing_until_it_becomes_a_dispute() {
    let inquiry =
        [charge(), dispute(1, "created", "warning_needs_response"), dispute(2, "closed", "warning_closed")];
    assert_eq!(rows_after(&inquiry).await, [row("payment", 4_900)]);
    let grown =
        [charge(), dispute(1, "created", "warning_needs_response"), dispute(2, "updated", "needs_response")];
    assert_eq!(rows_after(&grown).await, [row("dispute", -4_900), row("payment", 4_900)]);
}

#[tokio::test]
async fn disputes_are_reported_beside_refunds_and_less_those_won() {
    let program = Program::start().await;
    for body in [charge(), dispute(1, "created", "needs_response")] {
        program.ledger.send(&body).await;
    }
    program.ledger.apply().await;
    let path = "/api/analytics/revenue?from=2026-02-01&to=2026-02-28&granularity=month";
    let lost = program.get_json(path).await;
    assert_eq!(
        (&lost["gross_revenue"], &lost["disputes"], &lost["total_revenue"]),
        (&json!(4_900), &json!(4_900), &json!(0))
    );

    program.ledger.send(&dispute(2, "closed", "won")).await;
    program.ledger.apply().await;
    let won = program.get_json(path).await;
    assert_eq!((&won["disputes"], &won["total_revenue"]), (&json!(0), &json!(4_900)));
}
