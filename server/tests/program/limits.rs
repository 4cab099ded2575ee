//! Calling the API more often than anybody needs to: who does is told to wait, and nobody else notices.

use std::net::Ipv4Addr;

use crate::support::people::Browser;
use crate::support::{Program, SECRET, now};
use domain::access::Role;
use futures::stream::{FuturesUnordered, StreamExt as _};
use reqwest::header::AUTHORIZATION;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use server::stripe::signature::sign;

const FIGURES: &str = "/api/analytics/revenue?from=2026-11-01&to=2026-11-20";
/// Cheap to ask for, and counted all the same.
const NOTHING: &str = "/api/nothing";

fn from_network(program: &Program, number: u8) -> Browser {
    program.stranger().in_network(Ipv4Addr::new(127, 0, 8, number))
}

async fn call(browser: &Browser, key: Option<&str>, path: &str) -> Response {
    let request = browser.request(Method::GET, path);
    let request = match key {
        Some(key) => request.header(AUTHORIZATION, format!("Bearer {key}")),
        None => request,
    };
    request.send().await.unwrap()
}

/// Calls until told to wait; says how often that went well.
async fn call_until_refused(browser: &Browser, key: Option<&str>, expected: u16) -> usize {
    for count in 0..1_000 {
        let response = call(browser, key, NOTHING).await;
        if response.status() != 429 {
            assert_eq!(response.status(), expected);
            continue;
        }
        assert_told_to_wait(response).await;
        return count;
    }
    panic!("nobody was told to wait");
}

async fn assert_told_to_wait(response: Response) {
    let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], "too_many_requests");
    assert!(!body["error"]["request_id"].as_str().unwrap().is_empty());
}

fn event(number: usize) -> Vec<u8> {
    let charge = json!({
        "id": format!("ch_limit{number}"), "object": "charge", "amount": 1000, "amount_captured": 1000,
        "amount_refunded": 0, "captured": true, "created": now().as_second() - 60, "currency": "usd",
        "paid": true, "status": "succeeded", "metadata": {},
    });
    let event = json!({
        "id": format!("evt_limit{number}"), "object": "event", "type": "charge.succeeded",
        "created": now().as_second() - 60, "livemode": false, "data": { "object": charge },
    });
    serde_json::to_vec(&event).unwrap()
}

#[tokio::test]
async fn a_key_that_calls_too_often_waits_and_no_other_caller_does() {
    let program = Program::start().await;
    let (ours, theirs) = (program.ledger.ours.id, program.ledger.theirs.id);
    let busy = program.key(ours, Role::Viewer, &[]).await;
    let (second, foreign) =
        (program.key(ours, Role::Viewer, &[]).await, program.key(theirs, Role::Viewer, &[]).await);
    let network = from_network(&program, 1);

    let calls = call_until_refused(&network, Some(&busy), 404).await;

    assert!(calls >= 300, "{calls}");
    assert_eq!(call(&network, Some(&busy), FIGURES).await.status(), 429, "whatever it calls");
    assert_eq!(call(&from_network(&program, 2), Some(&busy), FIGURES).await.status(), 429, "from wherever");
    for key in [&second, &foreign] {
        assert_eq!(call(&network, Some(key), FIGURES).await.status(), 200, "the same network, another key");
    }
    assert_eq!(call(&network, None, FIGURES).await.status(), 401);
    assert_eq!(program.get(FIGURES).await.status(), 200);
}

#[tokio::test]
async fn a_person_who_calls_too_often_from_whatever_browser_waits_and_still_sees_pages() {
    let program = Program::start().await;
    let mut other_browser = program.browser(&program.people.admin).await;
    call_until_refused(&program.admin, None, 404).await;
    assert_eq!(other_browser.get(FIGURES).await.status(), 429);
    assert_eq!(program.browser(&program.people.viewer).await.get(FIGURES).await.status(), 200);
    assert_eq!(program.get("/portal/command-center").await.status(), 200);
    assert_eq!(program.get("/healthz").await.status(), 200);
    let renamed = [("form", "name"), ("name", "Ada")];
    assert_eq!(other_browser.post("/portal/settings/account", &renamed).await.status(), 303);
}

#[tokio::test]
async fn who_guesses_keys_soon_waits_and_whoever_has_one_in_that_network_does_not() {
    let program = Program::start().await;
    let good = program.key(program.ledger.ours.id, Role::Viewer, &[]).await;
    let network = from_network(&program, 1);
    let mut told_to_wait = false;
    for _ in 0..500 {
        let guess = credentials::tokens::ApiKeyText::draw().text();
        let response = call(&network, Some(&guess), FIGURES).await;
        told_to_wait = response.status() == 429;
        if told_to_wait {
            assert_told_to_wait(response).await;
            break;
        }
        assert_eq!(response.status(), 401);
    }
    assert!(told_to_wait);
    assert_eq!(call(&network, Some("no key at all"), FIGURES).await.status(), 429);
    assert_eq!(call(&network, None, FIGURES).await.status(), 429);
    assert_eq!(call(&network, Some(&good), FIGURES).await.status(), 200);
    assert_eq!(call(&from_network(&program, 2), None, FIGURES).await.status(), 401);
}

#[tokio::test]
async fn stripe_is_never_told_to_wait_whoever_else_of_its_network_is() {
    let program = Program::start().await;
    let network = from_network(&program, 1);
    call_until_refused(&network, None, 404).await;
    for number in 0..400 {
        let body = event(number);
        let request = network.request(Method::POST, "/api/webhooks/stripe");
        let signed = request.header("stripe-signature", sign(&body, SECRET, now())).body(body);
        assert_eq!(signed.send().await.unwrap().status(), 200, "event {number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_slow_questions_of_one_tenant_wait_or_are_sent_away_and_others_are_served() {
    let program = Program::start().await;
    let (ours, theirs) = (program.ledger.ours.id, program.ledger.theirs.id);
    let mut keys = Vec::new();
    for _ in 0..4 {
        keys.push(program.key(ours, Role::Viewer, &[]).await);
    }
    let foreign = program.key(theirs, Role::Admin, &[]).await;
    let network = from_network(&program, 1);
    let held = program.ledger.database.hold_ledger().await;
    let mut flood: FuturesUnordered<_> = (0..200)
        .map(|number| {
            let (network, key) = (network.clone(), keys[number % keys.len()].clone());
            tokio::spawn(async move { call(&network, Some(&key), FIGURES).await })
        })
        .collect();

    // Two are computed and 64 wait; the ledger is held, so nobody else is answered.
    for _ in 0..200 - 66 {
        assert_told_to_wait(flood.next().await.unwrap().unwrap()).await;
    }
    for number in 0..20 {
        assert_eq!(call(&network, Some(&foreign), "/api/audit-log.csv").await.status(), 200, "{number}");
        assert_eq!(program.post_event(&event(number)).await.status(), 200, "event {number}");
    }
    held.release().await;

    while let Some(answer) = flood.next().await {
        assert_eq!(answer.unwrap().status(), 200, "who waited is answered");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_one_tenant_wait_for_each_other_and_for_nobody_else() {
    let program = Program::start().await;
    let them = program.browser(&program.people.their_admin).await;
    let held = program.ledger.database.hold_ledger().await;
    let mut flood: FuturesUnordered<_> = (0..100)
        .map(|_| {
            let admin = program.admin.clone();
            tokio::spawn(async move { admin.get("/portal/command-center").await.status().as_u16() })
        })
        .collect();
    for _ in 0..100 - 67 {
        assert_eq!(flood.next().await.unwrap().unwrap(), 429);
    }
    assert_eq!(them.get("/portal/settings/account").await.status(), 200);
    assert_eq!(program.stranger().get("/login").await.status(), 200);
    held.release().await;
    while let Some(status) = flood.next().await {
        assert_eq!(status.unwrap(), 200);
    }
}
