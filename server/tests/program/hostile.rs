//! Hostile and odd bodies with a good signature: no panic, no 5xx, no wrong cent, and the next event is taken.

use crate::support::{Ledger, Program, bodies_in, json_fixture, now};
use serde_json::{Value, json};

/// A one-off payment of ten dollars.
fn good_event(number: usize) -> Vec<u8> {
    let id = format!("ch_good{number}");
    let charge = json!({
        "id": id, "object": "charge", "amount": 1000, "amount_captured": 1000, "amount_refunded": 0, "captured": true,
        "created": 1_770_737_400, "currency": "usd", "paid": true, "status": "succeeded", "livemode": false,
        "metadata": {}, "payment_intent": null, "customer": null,
    });
    let event = json!({
        "id": format!("evt_good{number}"), "object": "event", "type": "charge.succeeded", "created": 1_770_737_400,
        "livemode": false, "api_version": "2026-09-30.endive", "data": { "object": charge },
    });
    serde_json::to_vec(&event).unwrap()
}

#[tokio::test]
async fn every_hostile_body_is_refused_or_set_aside_and_costs_no_cent() {
    let expectations = json_fixture("hostile/EXPECTED.json");
    let program = Program::start().await;
    for (number, (name, body)) in bodies_in("hostile").into_iter().enumerate() {
        let before = program.ledger.sums(&program.ledger.ours).await;
        let status = program.post_event(&body).await.status().as_u16();
        let expected = &expectations["files"][&name]["status"];
        assert!(allowed(expected).contains(&status), "{name}: {status}, expected {expected}");
        program.ledger.apply().await;
        let after = program.ledger.sums(&program.ledger.ours).await;
        assert!(is_booked_right(&name, &before, &after), "{name}: {before:?} became {after:?}");

        assert_eq!(program.post_event(&good_event(number)).await.status(), 200, "the event after {name}");
        program.ledger.apply().await;
        let net = |sums: &std::collections::BTreeMap<String, crate::support::Sums>| {
            sums.get("usd").map_or(0, |usd| usd.net)
        };
        let good = program.ledger.sums(&program.ledger.ours).await;
        assert_eq!(net(&good), net(&after) + 1_000, "the event after {name}");
    }
}

fn allowed(expected: &Value) -> Vec<u16> {
    match expected {
        Value::Number(status) => vec![u16::try_from(status.as_u64().unwrap()).unwrap()],
        words => [200, 400]
            .into_iter()
            .filter(|status| words.as_str().unwrap().contains(&status.to_string()))
            .collect(),
    }
}

/// The bodies that are odd only in a name are booked like any other; those with odd money never.
fn is_booked_right(
    name: &str,
    before: &std::collections::BTreeMap<String, crate::support::Sums>,
    after: &std::collections::BTreeMap<String, crate::support::Sums>,
) -> bool {
    let fine = name.starts_with("name_")
        || name.starts_with("nul_")
        || name == "currency_upper"
        || name == "dup_keys_amount";
    let added = after.get("usd").map_or(0, |usd| usd.net) - before.get("usd").map_or(0, |usd| usd.net);
    after.keys().all(|currency| currency == "usd") && (added == 0 || (fine && added > 0))
}

#[tokio::test]
async fn odd_but_real_shapes_are_understood() {
    let expected: &[(&str, &[(&str, i64)])] = &[
        ("amount_max_12_digits", &[("usd", 999_999_999_999)]),
        ("amount_over_i32", &[("usd", 3_000_000_000)]),
        ("connect_account", &[]),
        ("deleted_customer", &[]),
        ("dispute_created", &[("usd", -4_900)]),
        ("future_event_type", &[]),
        ("huge_amount_i64", &[]),
        ("metadata_hostile_channel", &[("usd", 49_900)]),
        ("metadata_missing", &[("usd", 49_900)]),
        ("metadata_null", &[("usd", 49_900)]),
        ("null_email", &[("usd", 49_900)]),
        ("request_string_pre_2017", &[("usd", 49_900)]),
        ("thin_event_v2", &[]),
        ("unknown_event_type", &[]),
    ];
    for (name, sums) in expected {
        let ledger = Ledger::create().await;
        let body = std::fs::read(crate::support::fixtures().join(format!("edge/{name}.json"))).unwrap();
        ledger.send(&body).await;
        ledger.apply().await;
        let found: Vec<(String, i64)> = ledger
            .sums(&ledger.ours)
            .await
            .into_iter()
            .map(|(currency, sums)| (currency, sums.net))
            .collect();
        let sums: Vec<(String, i64)> =
            sums.iter().map(|(currency, net)| ((*currency).to_owned(), *net)).collect();
        assert_eq!(found, sums, "{name}");
    }
}

#[tokio::test]
async fn every_odd_shape_is_taken_and_none_stops_the_others() {
    let ledger = Ledger::create().await;
    let bodies = bodies_in("edge");
    for (_, body) in &bodies {
        ledger.send(body).await;
    }
    ledger.send(&good_event(0)).await;
    ledger.apply().await;
    let good = ledger.database.event_state(ledger.ours.id, "evt_good0").await.unwrap();
    assert_eq!(good.0, "applied");
    for id in ledger.database.event_ids(ledger.ours.id).await {
        assert_ne!(ledger.database.event_state(ledger.ours.id, &id).await.unwrap().0, "pending", "{id}");
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_set_aside_with_its_reason() {
    let ledger = Ledger::create().await;
    let mut event: Value = serde_json::from_slice(&good_event(7)).unwrap();
    event["data"]["object"]["amount"] = json!("1000");
    ledger.send(&serde_json::to_vec(&event).unwrap()).await;
    ledger.apply().await;
    let (state, reason) = ledger.database.event_state(ledger.ours.id, "evt_good7").await.unwrap();
    assert_eq!(state, "dead");
    assert!(reason.unwrap().contains("amount"));
}

#[tokio::test]
async fn an_event_from_the_future_or_before_stripe_is_set_aside() {
    let ledger = Ledger::create().await;
    for (number, created) in
        [-1, 0, 253_402_300_799, i64::MAX, now().as_second() + 2 * 86_400].into_iter().enumerate()
    {
        let mut event: Value = serde_json::from_slice(&good_event(number)).unwrap();
        event["created"] = json!(created);
        ledger.send(&serde_json::to_vec(&event).unwrap()).await;
    }
    ledger.apply().await;
    assert!(ledger.sums(&ledger.ours).await.is_empty());
}
