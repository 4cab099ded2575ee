//! What became of Stripe's events, and having them looked at again.

use crate::support::{Program, bodies_in};
use serde_json::{Value, json};

async fn program_with_a_story() -> Program {
    let program = Program::start().await;
    for (_, body) in bodies_in("composed/2026-09-30.endive/b_oneoff_refunds") {
        program.ledger.send(&body).await;
    }
    program.ledger.send(&broken("evt_broken1")).await;
    program.ledger.send(&broken("evt_broken2")).await;
    program.ledger.send_to_them(&broken("evt_theirs")).await;
    program.ledger.apply().await;
    program
}

/// A charge without an amount.
fn broken(id: &str) -> Vec<u8> {
    let event = json!({
        "id": id, "object": "event", "type": "charge.succeeded", "created": 1_770_737_400, "livemode": true,
        "api_version": "2031-01-01.zinnia",
        "data": { "object": { "id": "ch_broken", "object": "charge", "status": "succeeded", "currency": "usd",
            "billing_details": { "email": "payer@mail.example", "name": "Petra Payer" } } },
    });
    serde_json::to_vec(&event).unwrap()
}

fn events(page: &Value) -> &Vec<Value> {
    page["events"].as_array().unwrap()
}

#[tokio::test]
async fn every_event_is_listed_with_what_became_of_it() {
    let program = program_with_a_story().await;
    let page = program.get_json("/api/stripe-events").await;
    assert_eq!(page["dead_letters"], 2);
    assert_eq!(page["untried_api_versions"], json!(["2031-01-01.zinnia"]));
    assert!(events(&page).iter().all(|event| event["id"] != "evt_theirs"));
    let dead = events(&page).iter().find(|event| event["id"] == "evt_broken1").unwrap();
    assert_eq!(
        (&dead["state"], &dead["livemode"], &dead["attempts"]),
        (&json!("dead"), &json!(true), &json!(1))
    );
    assert!(dead["reason"].as_str().unwrap().contains("amount"));
    for event in events(&page).iter().filter(|event| event["state"] == "applied") {
        assert!(event["took_us"].as_i64().is_some() && event["created_at"].is_string(), "{event}");
        assert_eq!(event["api_version"], "2026-09-30.endive");
    }
    let causes = events(&page).iter().flat_map(|event| event["rows"].as_array().unwrap());
    let made = causes.filter(|row| row["is_cause"] == true).count();
    let ledger = program.get_json("/api/ledger?from=2026-01-01&to=2026-11-20").await;
    assert_eq!(i64::try_from(made).unwrap(), ledger["row_count"].as_i64().unwrap(), "each row has one cause");
}

#[tokio::test]
async fn events_are_found_by_state_type_and_any_id_and_come_in_pages() {
    let program = program_with_a_story().await;
    let ids = |page: &Value| -> Vec<String> {
        events(page).iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    };
    let dead = program.get_json("/api/stripe-events?state=dead").await;
    assert_eq!(ids(&dead), ["evt_broken2", "evt_broken1"]);
    let refunds = program.get_json("/api/stripe-events?type=refund.").await;
    assert!(!events(&refunds).is_empty());
    assert!(events(&refunds).iter().all(|event| event["type"].as_str().unwrap().starts_with("refund.")));
    assert_eq!(ids(&program.get_json("/api/stripe-events?id=broken1").await), ["evt_broken1"]);
    let ledger = program.get_json("/api/ledger?from=2026-01-01&to=2026-11-20&kind=payment").await;
    let row = &ledger["rows"][0];
    let of_payment = format!("/api/stripe-events?id={}", row["stripe"]["payment_intent"].as_str().unwrap());
    let mut found = ids(&program.get_json(&of_payment).await);
    found.reverse();
    let told: Vec<&str> =
        row["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(found, told);
    let all = ids(&program.get_json("/api/stripe-events?limit=1000").await);
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = program.get_json(&format!("/api/stripe-events?limit=3{cursor}")).await;
        paged.extend(ids(&page));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, all);
    for query in ["state=lost", "type=%3Cb%3E", "id=a%20b", "cursor=-1", "limit=0"] {
        assert_eq!(program.get(&format!("/api/stripe-events?{query}")).await.status(), 400, "{query}");
    }
}

#[tokio::test]
async fn an_event_that_is_looked_at_again_changes_nothing_twice() {
    let program = program_with_a_story().await;
    let ours = program.ledger.ours.id;
    let before = program.ledger.database.ledger_history(ours).await;
    let all = program.get_json("/api/stripe-events?state=applied").await;
    let mut operator = program.browser(&program.people.operator).await;
    for event in events(&all) {
        let id = event["id"].as_str().unwrap();
        let response = operator.post("/portal/events", &[("form", "replay"), ("event", id)]).await;
        assert_eq!(response.headers()["location"], "/portal/events?done=event-replayed");
    }
    program.ledger.apply().await;
    assert_eq!(program.ledger.database.ledger_history(ours).await, before);
    let again = program.get_json("/api/stripe-events?state=applied").await;
    assert_eq!(events(&again).len(), events(&all).len());
    assert!(events(&again).iter().all(|event| event["attempts"].as_i64().unwrap() >= 2));
    let log = program.audit_log().await;
    let lines: Vec<&Value> = log.iter().filter(|line| line["deed"] == "events_replayed").collect();
    assert_eq!(lines.len(), events(&all).len());
    assert_eq!(lines[0]["actor_name"], "operator@ours.example");
}

#[tokio::test]
async fn all_dead_letters_are_looked_at_again_at_once_and_only_ours() {
    let program = program_with_a_story().await;
    let mut operator = program.browser(&program.people.operator).await;
    let response = operator.post("/portal/events", &[("form", "replay_dead")]).await;
    assert_eq!(response.headers()["location"], "/portal/events?done=dead-letters-replayed");
    program.ledger.apply().await;
    let dead = program.get_json("/api/stripe-events?state=dead").await;
    assert_eq!(events(&dead).iter().map(|event| &event["attempts"]).collect::<Vec<_>>(), [2, 2]);
    let log = program.audit_log().await;
    let line = log.iter().find(|line| line["deed"] == "events_replayed").unwrap();
    assert_eq!(line["details"]["events"], "2");
    let theirs = program.browser(&program.people.their_admin).await;
    let page: Value = theirs.get("/api/stripe-events").await.json().await.unwrap();
    assert_eq!(page["events"][0]["attempts"], 1);
}

#[tokio::test]
async fn the_page_of_an_event_covers_what_is_somebodys() {
    let program = program_with_a_story().await;
    let page = program.get("/portal/events?event=evt_broken1").await;
    assert_eq!(page.status(), 200);
    let text = page.text().await.unwrap();
    assert!(text.contains("ch_broken") && text.contains("2031-01-01.zinnia"));
    assert!(!text.contains("payer@mail.example") && !text.contains("Petra"));
    assert_eq!(program.get("/portal/events?event=evt_theirs").await.status(), 404);
}
