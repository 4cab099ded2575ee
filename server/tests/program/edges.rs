//! Every odd but real shape of `edge/EXPECTED.json`, each ending exactly as is written there.

use std::collections::BTreeSet;

use crate::support::{Ledger, Program, bodies_in, json_fixture, now};
use serde_json::Value;

/// What an odd shape, sent alone, ends in.
struct Ending {
    state: &'static str,
    /// What its reason says; empty when there is none.
    reason: &'static str,
    /// Each row's kind and amount.
    rows: &'static [(&'static str, i64)],
    /// What recurs a month.
    mrr: i64,
}

const fn applied(rows: &'static [(&'static str, i64)]) -> Ending {
    Ending { state: "applied", reason: "", rows, mrr: 0 }
}

const fn subscribed(mrr: i64) -> Ending {
    Ending { mrr, ..applied(&[]) }
}

const fn unbooked(state: &'static str, reason: &'static str) -> Ending {
    Ending { state, reason, rows: &[], mrr: 0 }
}

/// How each shape ends; a shape that is not here fails the test.
fn ending(name: &str) -> Ending {
    match name {
        "amount_max_12_digits" => applied(&[("payment", 999_999_999_999)]),
        "amount_over_i32" => applied(&[("payment", 3_000_000_000)]),
        "connect_account" => unbooked("quarantined", "account nobody connected here"),
        "deleted_customer" => applied(&[]),
        "dispute_created" => applied(&[("dispute", -4_900)]),
        "email_case_space_plus"
        | "metadata_hostile_channel"
        | "metadata_missing"
        | "metadata_null"
        | "null_email"
        | "request_string_pre_2017"
        | "unknown_api_version" => applied(&[("payment", 49_900)]),
        "future_event_type" | "unknown_event_type" => unbooked("ignored", "says nothing of money"),
        "huge_amount_i64" => unbooked("dead", "amount"),
        "lines_has_more" | "paid_out_of_band" => applied(&[("payment", 4_900)]),
        "multi_item_subscription" => subscribed(9_800 + 4_083),
        "partial_payment_invoice" => applied(&[("payment", 2_000)]),
        "pause_collection_void" => subscribed(4_900),
        "refund_failed_after_success" => applied(&[("refund", -9_900), ("refund_failed", 9_900)]),
        "subscription_incomplete_expired" | "subscription_paused" | "tiered_price_null_unit_amount" => {
            subscribed(0)
        }
        "thin_event_v2" => unbooked("ignored", "no object"),
        other => panic!("nobody says how {other} ends"),
    }
}

fn edge(name: &str) -> Vec<u8> {
    let mut bodies = bodies_in("edge").into_iter();
    bodies.find(|(edge, _)| edge == name).unwrap_or_else(|| panic!("there is no {name}")).1
}

fn story(name: &str) -> impl Iterator<Item = Vec<u8>> {
    bodies_in(&format!("composed/2026-09-30.endive/{name}")).into_iter().map(|(_, body)| body)
}

/// A ledger after a shape came alone.
async fn after(name: &str) -> Ledger {
    let ledger = Ledger::create().await;
    ledger.send(&edge(name)).await;
    ledger.apply().await;
    ledger
}

async fn rows(ledger: &Ledger) -> Vec<Value> {
    let text = ledger.database.ledger_text(ledger.ours.id).await;
    let rows = text.iter().map(|row| serde_json::from_str::<Value>(row).unwrap());
    rows.filter(|row| !row["event_type"].as_str().unwrap().starts_with("subscription_")).collect()
}

async fn only_row(ledger: &Ledger) -> Value {
    let mut rows = rows(ledger).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

#[tokio::test]
async fn every_odd_shape_ends_exactly_as_expected() {
    let expected = json_fixture("edge/EXPECTED.json");
    let named: BTreeSet<String> = expected.as_object().unwrap().keys().cloned().collect();
    let there: BTreeSet<String> = bodies_in("edge").into_iter().map(|(name, _)| name).collect();
    assert_eq!(named, there, "expectations and shapes differ");
    for name in &named {
        let Ending { state, reason, rows: told, mrr } = ending(name);
        let ledger = after(name).await;
        let [id]: [String; 1] = ledger.database.event_ids(ledger.ours.id).await.try_into().unwrap();
        let (found, why) = ledger.database.event_state(ledger.ours.id, &id).await.unwrap();
        assert_eq!(found, state, "{name}: {why:?}");
        let why = why.unwrap_or_default();
        assert!(why.contains(reason) && why.is_empty() == reason.is_empty(), "{name}: {why}");
        let booked = rows(&ledger).await;
        let booked: Vec<(&str, i64)> = booked
            .iter()
            .map(|row| (row["event_type"].as_str().unwrap(), row["amount_minor"].as_i64().unwrap()))
            .collect();
        assert_eq!(booked, told, "{name}: {}", expected[name]);
        assert_eq!(ledger.standing(now()).await.mrr, mrr, "{name}: {}", expected[name]);
    }
}

#[tokio::test]
async fn a_deleted_customers_history_stays() {
    let ledger = Ledger::create().await;
    for body in story("a_subscription_life") {
        ledger.send(&body).await;
    }
    ledger.apply().await;
    let before = ledger.database.ledger_text(ledger.ours.id).await;
    ledger.send(&edge("deleted_customer")).await;
    ledger.apply().await;
    assert!(!before.is_empty());
    assert_eq!(ledger.database.ledger_text(ledger.ours.id).await, before);
}

#[tokio::test]
async fn an_email_is_trimmed_and_lowered_and_keeps_its_tag() {
    let ledger = Ledger::create().await;
    ledger.lead(&ledger.ours, "grace.hopper+vip@example.org", "referral").await;
    ledger.lead(&ledger.ours, "grace.hopper@example.org", "linkedin").await;
    ledger.send(&edge("email_case_space_plus")).await;
    ledger.apply().await;
    let row = only_row(&ledger).await;
    assert_eq!(row["customer_email"], "grace.hopper+vip@example.org");
    assert_eq!(row["attribution_channel"], "referral");
}

#[tokio::test]
async fn metadata_that_says_nothing_we_know_credits_nobody() {
    for name in ["metadata_hostile_channel", "metadata_missing", "metadata_null"] {
        let row = only_row(&after(name).await).await;
        assert_eq!(row["attribution_channel"], "unknown", "{name}");
    }
    let row = only_row(&after("null_email").await).await;
    assert!(row["customer_email"].is_null());
    assert_eq!(row["attribution_channel"], "heyreach", "the metadata still says");
}

#[tokio::test]
async fn an_invoice_of_which_lines_are_missing_is_marked_until_all_are_read() {
    let row = only_row(&after("lines_has_more").await).await;
    assert_eq!(row["is_product_partial"], true);
    assert_eq!(only_row(&after("paid_out_of_band").await).await["is_product_partial"], false);
}

#[tokio::test]
async fn what_was_paid_out_of_band_has_no_charge_and_counts_once() {
    let ledger = after("paid_out_of_band").await;
    ledger.send(&edge("paid_out_of_band")).await;
    ledger.apply().await;
    let row = only_row(&ledger).await;
    assert!(row["stripe_charge_id"].is_null() && row["stripe_payment_intent_id"].is_null());
}

#[tokio::test]
async fn a_part_of_an_invoice_is_booked_until_the_rest_is_paid_in_any_order() {
    let mut rest: Value = serde_json::from_slice(&edge("partial_payment_invoice")).unwrap();
    rest["id"] = "evt_1Tedgerest".into();
    rest["created"] = (rest["created"].as_i64().unwrap() + 86_400).into();
    rest["data"]["object"]["amount_paid"] = 4_900.into();
    rest["data"]["object"]["status"] = "paid".into();
    let (part, rest) = (edge("partial_payment_invoice"), serde_json::to_vec(&rest).unwrap());
    for order in [[&part, &rest], [&rest, &part]] {
        let ledger = Ledger::create().await;
        for body in order {
            ledger.send(body).await;
            ledger.apply().await;
        }
        assert_eq!(only_row(&ledger).await["amount_minor"], 4_900);
    }
}

#[tokio::test]
async fn a_refund_that_failed_puts_its_money_back() {
    let ledger = Ledger::create().await;
    for body in story("b_oneoff_refunds") {
        ledger.send(&body).await;
    }
    ledger.send(&edge("refund_failed_after_success")).await;
    ledger.apply().await;
    let sums = ledger.sums(&ledger.ours).await;
    assert_eq!((sums["usd"].gross, sums["usd"].net), (49_900, 9_900));
}

#[tokio::test]
async fn why_money_went_back_is_kept_and_shown() {
    let program = Program::start().await;
    for name in ["refund_failed_after_success", "dispute_created"] {
        assert_eq!(program.post_event(&edge(name)).await.status(), 200);
    }
    program.ledger.apply().await;
    let days = "from=2026-01-01&to=2026-11-20";
    let answer = program.get_json(&format!("/api/ledger?{days}")).await;
    let told: BTreeSet<(&str, &str)> = answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["kind"].as_str().unwrap(), row["reason"].as_str().unwrap()))
        .collect();
    let by_customer = "requested_by_customer";
    assert_eq!(
        told,
        [("dispute", "fraudulent"), ("refund", by_customer), ("refund_failed", by_customer)].into()
    );
    let page = program.get(&format!("/portal/revenue?{days}")).await.text().await.unwrap();
    assert!(page.contains("Requested by customer") && page.contains("Fraudulent"));
    let file = program.get(&format!("/api/ledger?{days}&format=csv")).await.text().await.unwrap();
    assert!(file.lines().next().unwrap().contains(",reason,") && file.contains(",fraudulent,"));
}

#[tokio::test]
async fn a_price_without_its_tiers_is_marked_and_a_paused_subscription_listed() {
    let untold = after("tiered_price_null_unit_amount").await.standing(now()).await;
    assert_eq!((untold.mrr, untold.untold_subscriptions), (0, 1));
    let paused = after("pause_collection_void").await.standing(now()).await;
    assert_eq!((paused.mrr, paused.paused_mrr), (4_900, 4_900));
}
