//! Monthly recurring revenue from whole stories of events: the same whatever the version, the order, the copies.

use crate::support::{Ledger, bodies_in, now};
use jiff::Timestamp;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

const VERSIONS: [&str; 4] = ["2020-08-27", "2024-11-20.acacia", "2025-03-31.basil", "2026-09-30.endive"];
const STORIES: [&str; 4] = ["a_subscription_life", "b_oneoff_refunds", "c_trial_annual", "d_currencies"];

/// Kind, amount and day of each movement a story should end in.
fn expected(story: &str) -> Vec<(&'static str, i64, &'static str)> {
    match story {
        "a_subscription_life" => vec![
            ("new", 4_900, "2026-02-02"),
            ("expansion", 9_800, "2026-02-16"),
            ("churn", -14_700, "2026-04-02"),
        ],
        "c_trial_annual" => vec![("new", 4_083, "2026-03-15")],
        "d_currencies" => vec![("new", 4_900, "2026-03-10")],
        _ => Vec::new(),
    }
}

fn story(version: &str, story: &str) -> Vec<Vec<u8>> {
    bodies_in(&format!("composed/{version}/{story}")).into_iter().map(|(_, body)| body).collect()
}

async fn movements(ledger: &Ledger) -> Vec<Value> {
    let text = ledger.database.movements_text(ledger.ours.id).await;
    text.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

fn told(movements: &[Value]) -> Vec<(&str, i64, &str)> {
    movements
        .iter()
        .map(|movement| {
            let text = |field: &str| movement[field].as_str().unwrap();
            (text("kind"), movement["amount_minor"].as_i64().unwrap(), &text("effective_at")[..10])
        })
        .collect()
}

/// Movements, rows and subscriptions say the same, now and at any moment before.
async fn assert_identity(ledger: &Ledger) {
    for tenant in [&ledger.ours, &ledger.theirs] {
        for moment in
            ["2026-02-10T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z", "2027-01-01T00:00:00Z"]
        {
            let at: Timestamp = moment.parse().unwrap();
            let [by_movements, by_rows, by_subscriptions] =
                ledger.database.mrr_three_ways(tenant.id, at).await;
            assert_eq!(by_movements, by_rows, "{moment}");
            assert_eq!(by_movements, by_subscriptions, "{moment}");
        }
    }
}

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
async fn every_story_ends_in_its_movements_forwards_backwards_and_shuffled() {
    let mut dice = ChaCha8Rng::seed_from_u64(4);
    for name in STORIES {
        for version in VERSIONS {
            let forwards = story(version, name);
            let backwards: Vec<_> = forwards.iter().rev().cloned().collect();
            let mut shuffled: Vec<_> = forwards.iter().chain(&forwards).chain(&forwards).cloned().collect();
            shuffled.shuffle(&mut dice);
            let mut endings = Vec::new();
            for bodies in [forwards, backwards, shuffled] {
                let ledger = Ledger::create().await;
                send_all(&ledger, &bodies, &mut dice).await;
                assert_eq!(told(&movements(&ledger).await), expected(name), "{name} in {version}");
                assert_identity(&ledger).await;
                assert!(ledger.database.movements_text(ledger.theirs.id).await.is_empty());
                endings.push((movements(&ledger).await, ledger.database.versions_text(ledger.ours.id).await));
            }
            assert!(endings.windows(2).all(|pair| pair[0] == pair[1]), "{name} in {version}");
        }
    }
}

#[tokio::test]
async fn a_story_without_some_events_and_then_with_them_ends_as_the_whole() {
    let mut dice = ChaCha8Rng::seed_from_u64(5);
    let bodies: Vec<_> = STORIES.iter().flat_map(|name| story("2026-09-30.endive", name)).collect();
    let whole = Ledger::create().await;
    send_all(&whole, &bodies, &mut dice).await;
    for _ in 0..4 {
        let mut shuffled = bodies.clone();
        shuffled.shuffle(&mut dice);
        let ledger = Ledger::create().await;
        for part in shuffled.chunks(bodies.len() / 3) {
            for body in part {
                ledger.send(body).await;
            }
            ledger.apply().await;
            assert_identity(&ledger).await;
        }
        assert_eq!(movements(&ledger).await, movements(&whole).await);
        assert_eq!(
            ledger.database.versions_text(ledger.ours.id).await,
            whole.database.versions_text(whole.ours.id).await
        );
    }
}

#[tokio::test]
async fn both_tenants_count_the_same_event_for_themselves() {
    let ledger = Ledger::create().await;
    for body in story("2025-03-31.basil", "a_subscription_life") {
        ledger.send(&body).await;
        ledger.send_to_them(&body).await;
    }
    ledger.apply().await;
    assert_identity(&ledger).await;
    let without_tenant = |row: &String| {
        let mut row: Value = serde_json::from_str(row).unwrap();
        row.as_object_mut().unwrap().remove("tenant_id").unwrap();
        row
    };
    let ours = ledger.database.movements_text(ledger.ours.id).await;
    let theirs = ledger.database.movements_text(ledger.theirs.id).await;
    assert_eq!(
        ours.iter().map(without_tenant).collect::<Vec<_>>(),
        theirs.iter().map(without_tenant).collect::<Vec<_>>()
    );
    assert_eq!(ours.len(), 3);
}

/// A subscription of one item, as an event tells it.
fn subscription_event(id: &str, kind: &str, at: i64, changes: Value, previous: Option<Value>) -> Vec<u8> {
    let mut object = json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active", "currency": "usd",
        "created": 1_767_268_800, "start_date": 1_767_268_800, "metadata": { "gtm_channel": "linkedin" },
        "items": { "object": "list", "has_more": false, "data": [{
            "id": "si_1", "quantity": 1, "price": {
                "id": "price_1", "object": "price", "currency": "usd", "unit_amount": 1000, "billing_scheme": "per_unit",
                "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed" } } }] },
    });
    for (field, value) in changes.as_object().unwrap() {
        match field.as_str() {
            "quantity" => object["items"]["data"][0]["quantity"] = value.clone(),
            "price" => object["items"]["data"][0]["price"] = value.clone(),
            _ => object[field] = value.clone(),
        }
    }
    let mut event = json!({
        "id": format!("evt_{id}"), "object": "event", "type": format!("customer.subscription.{kind}"), "created": at,
        "livemode": false, "api_version": "2026-09-30.endive", "data": { "object": object },
    });
    if let Some(previous) = previous {
        event["data"]["previous_attributes"] = previous;
    }
    serde_json::to_vec(&event).unwrap()
}

fn items(quantity: i64) -> Value {
    json!({ "data": [{ "price": { "id": "price_1" }, "quantity": quantity }] })
}

#[tokio::test]
async fn two_changes_in_one_second_end_in_the_later_one_in_whatever_order_they_come() {
    let second = 1_770_000_000;
    for (first, last) in [("a", "b"), ("b", "a")] {
        let up = subscription_event(
            first,
            "updated",
            second,
            json!({"quantity": 5}),
            Some(json!({"items": items(1)})),
        );
        let down = subscription_event(
            last,
            "updated",
            second,
            json!({"quantity": 3}),
            Some(json!({"items": items(5)})),
        );
        let begun = subscription_event("begun", "created", 1_767_268_800, json!({}), None);
        for order in [[&begun, &up, &down], [&down, &up, &begun]] {
            let ledger = Ledger::create().await;
            for body in order {
                ledger.send(body).await;
                ledger.apply().await;
            }
            let standing = ledger.standing(now()).await;
            assert_eq!(standing.mrr, 3_000, "{first} then {last}");
            assert_identity(&ledger).await;
        }
    }
}

#[tokio::test]
async fn tiers_told_afterwards_count_what_could_not_be_counted() {
    let tiered = json!({
        "id": "price_1", "object": "price", "currency": "usd", "billing_scheme": "tiered", "tiers_mode": "graduated",
        "unit_amount": null, "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed" },
    });
    let begun =
        subscription_event("begun", "created", 1_767_268_800, json!({"price": tiered, "quantity": 7}), None);
    let mut price = tiered.clone();
    price["tiers"] = json!([
        { "up_to": 5, "unit_amount": 1000, "unit_amount_decimal": "1000", "flat_amount": 500 },
        { "up_to": null, "unit_amount": null, "unit_amount_decimal": "800.5", "flat_amount": null },
    ]);
    let told = serde_json::to_vec(&json!({
        "id": "evt_price", "object": "event", "type": "price.updated", "created": 1_767_300_000, "livemode": false,
        "data": { "object": price },
    }))
    .unwrap();
    for order in [[&begun, &told], [&told, &begun]] {
        let ledger = Ledger::create().await;
        for body in order {
            ledger.send(body).await;
            ledger.apply().await;
        }
        let standing = ledger.standing(now()).await;
        assert_eq!((standing.mrr, standing.untold_subscriptions), (500 + 5_000 + 1_601, 0));
        assert_identity(&ledger).await;
    }
}

#[tokio::test]
async fn a_discount_told_only_by_its_id_counts_once_its_event_came() {
    let begun = subscription_event("begun", "created", 1_767_268_800, json!({"discounts": ["di_1"]}), None);
    let told = serde_json::to_vec(&json!({
        "id": "evt_discount", "object": "event", "type": "customer.discount.created", "created": 1_767_268_800,
        "livemode": false, "data": { "object": { "id": "di_1", "object": "discount", "subscription": "sub_1",
            "start": 1_767_268_800, "end": null,
            "source": { "type": "coupon", "coupon": { "id": "HALF", "percent_off": 50.0, "duration": "forever" } } } },
    }))
    .unwrap();
    for order in [[&begun, &told], [&told, &begun]] {
        let ledger = Ledger::create().await;
        for body in order {
            ledger.send(body).await;
            ledger.apply().await;
        }
        let standing = ledger.standing(now()).await;
        assert_eq!((standing.mrr, standing.untold_subscriptions), (500, 0));
        assert_identity(&ledger).await;
    }
}

#[tokio::test]
async fn what_is_cancelled_is_committed_no_longer_and_counts_until_it_ends() {
    let end = json!(1_800_000_000);
    let ledger = Ledger::create().await;
    ledger.send(&subscription_event("begun", "created", 1_767_268_800, json!({}), None)).await;
    let to_end = json!({"cancel_at_period_end": true, "cancel_at": end, "canceled_at": 1_790_000_000});
    ledger.send(&subscription_event("cancelled", "updated", 1_790_000_000, to_end, None)).await;
    ledger.apply().await;
    let standing = ledger.standing(now()).await;
    assert_eq!((standing.mrr, standing.committed_mrr), (1_000, 0));
    let before: Timestamp = "2026-09-01T00:00:00Z".parse().unwrap();
    let standing = ledger.standing(before).await;
    assert_eq!((standing.mrr, standing.committed_mrr), (1_000, 1_000), "as it was known then");
}

#[tokio::test]
async fn a_row_of_the_ledger_names_the_movement_it_is_part_of() {
    let ledger = Ledger::create().await;
    for body in story("2025-03-31.basil", "a_subscription_life") {
        ledger.send(&body).await;
    }
    ledger.apply().await;
    let rows = ledger.database.ledger_text(ledger.ours.id).await;
    let rows: Vec<Value> = rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
    let moved: Vec<&Value> = rows.iter().filter(|row| row["mrr_impact_minor"] != 0).collect();
    assert_eq!(moved.len(), 3);
    assert!(moved.iter().all(|row| row["mrr_movement_key"].is_string() && row["amount_minor"] == 0));
    assert!(moved.iter().all(|row| row["attribution_channel"] == "linkedin"));
    let quiet = rows.iter().filter(|row| row["mrr_impact_minor"] == 0);
    assert!(quiet.clone().count() > 0 && quiet.clone().all(|row| row["mrr_movement_key"].is_null()));
}
