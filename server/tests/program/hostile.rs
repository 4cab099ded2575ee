//! Hostile and odd bodies with a good signature: no panic, no 5xx, no wrong cent, and the next event is taken.

use crate::support::{Ledger, Program, SECRET, bodies_in, json_fixture, now};
use domain::tenant::Tenant;
use serde_json::{Value, json};
use server::database::{common_channels, tenant};
use server::stripe::signature::sign;

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

/// What a hostile body ends in: what it books, and what becomes of the event where one is kept.
struct Ending {
    booked: i64,
    state: Option<&'static str>,
}

/// How each body ends; a body that is not here fails the test.
fn ending(name: &str) -> Ending {
    let booked = |booked| Ending { booked, state: Some("applied") };
    match name {
        "currency_upper" | "name_ansi" | "name_formula" | "name_rtl" | "name_template" | "name_xss"
        | "nul_in_email" | "nul_in_metadata" => booked(49_900),
        // Of several equal keys the last counts, wherever it is read.
        "dup_keys_amount" | "dup_keys_id" => booked(49_900),
        "amount_1e400" | "bom" | "id_empty" | "id_missing" | "id_null" | "invalid_utf8" | "json_array"
        | "json_string" | "not_json" | "truncated_json" | "two_documents" | "utf16" | "whitespace" => {
            Ending { booked: 0, state: None }
        }
        "amount_bool"
        | "amount_half_cent"
        | "amount_null"
        | "amount_object"
        | "amount_string"
        | "amount_u64_max"
        | "created_float"
        | "created_null"
        | "created_year_9999"
        | "currency_empty"
        | "currency_long"
        | "data_missing"
        | "data_object_array"
        | "data_object_string"
        | "livemode_missing"
        | "livemode_string"
        | "object_not_event"
        | "type_and_object_differ"
        | "type_missing"
        | "type_number" => Ending { booked: 0, state: Some("dead") },
        other => panic!("nobody says how {other} ends"),
    }
}

#[tokio::test]
async fn every_hostile_body_ends_as_expected_and_the_next_event_is_taken() {
    let expectations = json_fixture("hostile/EXPECTED.json");
    let bodies = bodies_in("hostile");
    let named: Vec<&String> = expectations["files"].as_object().unwrap().keys().collect();
    assert_eq!(named, bodies.iter().map(|(name, _)| name).collect::<Vec<_>>());
    let program = Program::start().await;
    let ledger = &program.ledger;
    for (number, (name, body)) in bodies.into_iter().enumerate() {
        let Ending { booked, state } = ending(&name);
        let status = program.post_event(&body).await.status().as_u16();
        let expected = &expectations["files"][&name]["status"];
        assert!(allowed(expected).contains(&status), "{name}: {status}, expected {expected}");
        assert_eq!(status == 200, state.is_some(), "{name}: {status}");
        // They all tell of one charge, so each comes to a tenant of its own, too.
        let alone = tenant(&name.replace('_', "-"), &name);
        assert!(ledger.store().tenant_insert(&alone, &common_channels(), now()).await.unwrap());
        let signature = sign(&body, SECRET, now());
        let kept = ledger.intake.receive_for(&alone, Some(&signature), &body).await;
        assert_eq!(kept.is_ok(), state.is_some(), "{name}: {kept:?}");
        ledger.apply().await;
        assert_eq!(net(ledger, &alone).await, booked, "{name}");
        assert_eq!(only_state(ledger, &alone).await.as_deref(), state, "{name}");

        ledger.intake_for(&alone, &good_event(number)).await;
        assert_eq!(program.post_event(&good_event(number)).await.status(), 200, "the event after {name}");
        ledger.apply().await;
        assert_eq!(net(ledger, &alone).await, booked + 1_000, "the event after {name}");
    }
}

/// What counts in dollars; nothing else may.
async fn net(ledger: &Ledger, tenant: &Tenant) -> i64 {
    let sums = ledger.sums(tenant).await;
    assert!(sums.keys().all(|currency| currency == "usd"), "{sums:?}");
    sums.get("usd").map_or(0, |usd| usd.net)
}

/// What became of the one event there is. What is dead says why.
async fn only_state(ledger: &Ledger, tenant: &Tenant) -> Option<String> {
    let ids = ledger.database.event_ids(tenant.id).await;
    assert!(ids.len() <= 1, "{ids:?}");
    let (state, reason) = ledger.database.event_state(tenant.id, ids.first()?).await.unwrap();
    assert_eq!(state == "dead", reason.is_some(), "{reason:?}");
    Some(state)
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
