//! Whole stories of Stripe events end in the same ledger, whatever the version, the order, the copies.

use std::collections::BTreeMap;

use crate::support::{Ledger, Sums, bodies_in, json_fixture};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

const VERSIONS: [&str; 4] = ["2020-08-27", "2024-11-20.acacia", "2025-03-31.basil", "2026-09-30.endive"];
const STORIES: [&str; 5] =
    ["a_subscription_life", "b_oneoff_refunds", "c_trial_annual", "d_currencies", "e_connect_deauthorized"];

fn expected(story: &str) -> BTreeMap<String, Sums> {
    let stories = json_fixture("stories.json");
    let told = &stories["expected"][story];
    let amount = |side: &str, currency: &str| told[side][currency].as_i64().unwrap_or(0);
    let currencies = told["gross"].as_object().unwrap().keys();
    currencies
        .map(|currency| {
            let sums = Sums {
                gross: amount("gross", currency),
                refunds: amount("refunds", currency),
                net: amount("net", currency),
            };
            (currency.clone(), sums)
        })
        .collect()
}

fn story(version: &str, story: &str) -> Vec<Vec<u8>> {
    bodies_in(&format!("composed/{version}/{story}")).into_iter().map(|(_, body)| body).collect()
}

/// Sends bodies, applying after random numbers of them, as a busy server would.
async fn send_all(ledger: &Ledger, bodies: &[Vec<u8>], dice: &mut ChaCha8Rng) {
    for body in bodies {
        ledger.send(body).await;
        if dice.random_bool(0.3) {
            ledger.apply().await;
        }
    }
    ledger.apply().await;
}

#[tokio::test]
async fn every_story_ends_in_its_sums_forwards_backwards_and_shuffled() {
    let mut dice = ChaCha8Rng::seed_from_u64(1);
    for name in STORIES {
        let mut ledgers = Vec::new();
        for version in VERSIONS {
            let forwards = story(version, name);
            let backwards: Vec<_> = forwards.iter().rev().cloned().collect();
            let mut shuffled: Vec<_> = forwards.iter().chain(&forwards).chain(&forwards).cloned().collect();
            shuffled.shuffle(&mut dice);
            for bodies in [forwards, backwards, shuffled] {
                let ledger = Ledger::create().await;
                send_all(&ledger, &bodies, &mut dice).await;
                assert_eq!(ledger.sums(&ledger.ours).await, expected(name), "{name} in {version}");
                assert!(ledger.sums(&ledger.theirs).await.is_empty());
                ledgers.push((version, ledger.database.ledger_text(ledger.ours.id).await));
            }
        }
        for pair in ledgers.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            assert_eq!(pair[0].1, pair[1].1, "{name} in {}: the order changed the ledger", pair[0].0);
        }
    }
}

#[tokio::test]
async fn all_stories_at_once_keep_to_themselves_and_history_is_never_rewritten() {
    let mut dice = ChaCha8Rng::seed_from_u64(2);
    let mut bodies: Vec<Vec<u8>> = STORIES.iter().flat_map(|name| story("2025-03-31.basil", name)).collect();
    bodies.shuffle(&mut dice);
    let ledger = Ledger::create().await;
    let mut history: Vec<String> = Vec::new();
    for body in &bodies {
        ledger.send(body).await;
        ledger.apply().await;
        let longer = ledger.database.ledger_history(ledger.ours.id).await;
        assert!(longer.starts_with(&history), "a row that was written has changed");
        history = longer;
    }
    let mut all: BTreeMap<String, Sums> = BTreeMap::new();
    for (currency, sums) in STORIES.iter().flat_map(|name| expected(name)) {
        let sum = all.entry(currency).or_default();
        sum.gross += sums.gross;
        sum.refunds += sums.refunds;
        sum.net += sums.net;
    }
    assert_eq!(ledger.sums(&ledger.ours).await, all);
}

#[tokio::test]
async fn one_event_sent_to_two_tenants_is_booked_by_both() {
    let ledger = Ledger::create().await;
    for body in story("2026-09-30.endive", "b_oneoff_refunds") {
        ledger.send(&body).await;
        ledger.send_to_them(&body).await;
    }
    ledger.apply().await;
    assert_eq!(ledger.sums(&ledger.ours).await, expected("b_oneoff_refunds"));
    assert_eq!(ledger.sums(&ledger.theirs).await, expected("b_oneoff_refunds"));
}

#[tokio::test]
async fn the_old_and_the_new_shape_of_a_payment_make_identical_rows() {
    let mut rows = Vec::new();
    for version in ["2024-11-20.acacia", "2025-03-31.basil"] {
        let ledger = Ledger::create().await;
        for body in story(version, "c_trial_annual") {
            ledger.send(&body).await;
        }
        ledger.apply().await;
        let text = ledger.database.ledger_text(ledger.ours.id).await;
        rows.push(text.into_iter().map(|row| without_event_id(&row)).collect::<Vec<_>>());
    }
    assert_eq!(rows[0], rows[1]);
}

/// The fixtures give each version's events ids of their own.
fn without_event_id(row: &str) -> Value {
    let mut row: Value = serde_json::from_str(row).unwrap();
    row.as_object_mut().unwrap().remove("stripe_event_id").unwrap();
    row
}

#[tokio::test]
async fn a_payment_is_credited_to_its_lead_then_its_metadata_then_nobody() {
    let ledger = Ledger::create().await;
    ledger.lead(&ledger.ours, "grace@example.org", "referral").await;
    for name in ["a_subscription_life", "b_oneoff_refunds", "c_trial_annual"] {
        for body in story("2025-03-31.basil", name) {
            ledger.send(&body).await;
            ledger.send_to_them(&body).await;
        }
    }
    ledger.apply().await;
    let channels = |text: Vec<String>| -> BTreeMap<String, String> {
        let rows = text.iter().map(|row| serde_json::from_str::<Value>(row).unwrap());
        let money = rows.filter(|row| row["amount_minor"] != 0);
        money
            .map(|row| {
                (
                    row["customer_email"].as_str().unwrap().to_owned(),
                    row["attribution_channel"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    };
    let ours = channels(ledger.database.ledger_text(ledger.ours.id).await);
    assert_eq!(ours["grace@example.org"], "referral");
    assert_eq!(ours["ada@example.com"], "linkedin");
    assert_eq!(ours["lin.chen@example.com"], "unknown");
    let theirs = channels(ledger.database.ledger_text(ledger.theirs.id).await);
    assert_eq!(theirs["grace@example.org"], "heyreach", "another tenant's lead must not be found");
}

#[tokio::test]
async fn a_payment_whose_tie_was_never_sent_is_presumed_once_and_its_refund_follows() {
    let sent = ["invoice.paid", "charge.succeeded", "payment_intent.succeeded"];
    let is_sent = |body: &Vec<u8>| {
        let event: Value = serde_json::from_slice(body).unwrap();
        sent.contains(&event["type"].as_str().unwrap())
    };
    let mut bodies: Vec<_> =
        story("2025-03-31.basil", "a_subscription_life").into_iter().filter(is_sent).collect();
    let mut ledgers = Vec::new();
    for _ in 0..2 {
        bodies.reverse();
        let ledger = Ledger::create().await;
        for body in &bodies {
            ledger.send(body).await;
            ledger.apply().await;
        }
        assert_eq!(ledger.sums(&ledger.ours).await, expected("a_subscription_life"));
        let rows = ledger.database.ledger_text(ledger.ours.id).await;
        assert!(rows.iter().all(|row| row.contains("\"is_tie_presumed\": true")));
        ledgers.push((ledger, rows));
    }
    assert_eq!(ledgers[0].1, ledgers[1].1);

    let (ledger, _) = &ledgers[0];
    for body in story("2025-03-31.basil", "a_subscription_life") {
        ledger.send(&body).await;
    }
    ledger.apply().await;
    let rows = ledger.database.ledger_text(ledger.ours.id).await;
    assert!(
        rows.iter().all(|row| row.contains("\"is_tie_presumed\": false")),
        "a stated tie takes its place"
    );
    assert_eq!(ledger.sums(&ledger.ours).await, expected("a_subscription_life"));
}
