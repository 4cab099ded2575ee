//! What days that had ended say otherwise: every change is listed, and with what was known before it makes what is
//! known now.

use std::collections::{BTreeMap, BTreeSet};

use crate::exchange_rates::accounts_of;
use crate::support::{Ledger, Program, SECRET, bodies_in, config, now};
use domain::tenant::Tenant;
use jiff::{SignedDuration, Timestamp};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use server::applier::Applier;
use server::clock::Clock;
use server::intake::Intake;
use server::stripe::signature::{SigningSecrets, sign};

const QUARTER: &str = "from=2026-02-01&to=2026-04-30";

/// Rates that come only after some of the money they convert.
const RATES: &str = "Date,USD,JPY\n2026-02-02,1.08,160\n2026-02-09,1.08,160\n2026-02-16,1.08,160\n2026-02-23,1.08,160\n\
    2026-03-02,1.10,161\n2026-03-09,1.10,161\n2026-03-16,1.10,161\n2026-03-23,1.10,161\n";

/// Two workspaces that were there before everything they are told.
async fn workspaces() -> Ledger {
    let ledger = Ledger::create().await;
    let began = "update tenants set created_at = '2026-01-01T00:00:00Z'";
    ledger.database.as_owner_past_triggers(began).await;
    ledger
}

async fn told(ledger: &Ledger, tenant: &Tenant, body: &[u8], at: Timestamp) {
    let secrets = SigningSecrets::exactly(vec![SECRET.to_owned()]);
    let intake = Intake { store: ledger.store().clone(), clock: Clock::Fixed(at), secrets };
    intake.receive_for(tenant, Some(&sign(body, SECRET, at)), body).await.unwrap();
    applied(ledger, at).await;
}

async fn applied(ledger: &Ledger, at: Timestamp) {
    Applier::new(ledger.store().clone(), Clock::Fixed(at)).apply_all().await.unwrap();
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn charge(id: &str, created: &str, amount: i64, email: &str) -> Vec<u8> {
    let created = moment(created).as_second();
    let object = json!({
        "id": format!("ch_{id}"), "object": "charge", "amount": amount, "amount_captured": amount,
        "amount_refunded": 0, "captured": true, "created": created, "currency": "usd", "paid": true,
        "status": "succeeded", "billing_details": { "email": email }, "metadata": {},
    });
    let event = json!({
        "id": format!("evt_{id}"), "object": "event", "type": "charge.succeeded", "created": created,
        "livemode": false, "api_version": "2026-09-30.endive", "data": { "object": object },
    });
    serde_json::to_vec(&event).unwrap()
}

fn lines(page: &Value) -> &Vec<Value> {
    page["restatements"].as_array().unwrap()
}

/// A sum of the answer's tables, by currency.
fn by_currency(list: &Value, amount: &str) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for part in list.as_array().unwrap() {
        let currency = part["currency"].as_str().unwrap().to_owned();
        *sums.entry(currency).or_default() += part[amount].as_i64().unwrap();
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn plus(left: BTreeMap<String, i64>, right: BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let mut sums = left;
    for (currency, amount) in right {
        *sums.entry(currency).or_default() += amount;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// What happened to two workspaces in two months, told one by one in any order long after; a lead and rates come
/// between. Returns when each was told.
async fn told_at_random(ledger: &Ledger, seed: u64) -> Vec<Timestamp> {
    let mut bodies: Vec<(&Tenant, Vec<u8>)> = Vec::new();
    for name in ["a_subscription_life", "b_oneoff_refunds", "d_currencies"] {
        let found = bodies_in(&format!("composed/2026-09-30.endive/{name}"));
        bodies.extend(found.into_iter().map(|(_, body)| (&ledger.ours, body)));
    }
    let found = bodies_in("composed/2026-09-30.endive/c_trial_annual");
    bodies.extend(found.into_iter().map(|(_, body)| (&ledger.theirs, body)));
    bodies.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let mut at = moment("2026-05-02T09:00:00Z");
    let mut moments = vec![at];
    for (place, (tenant, body)) in bodies.iter().enumerate() {
        at += SignedDuration::from_hours(7);
        if place == bodies.len() / 3 {
            ledger.lead(&ledger.ours, "grace@example.org", "referral").await;
        }
        if place == bodies.len() / 2 {
            accounts_of(ledger).provision_rates(ledger.ours.id, RATES).await.unwrap();
        }
        told(ledger, tenant, body, at).await;
        moments.push(at);
    }
    moments
}

#[tokio::test]
async fn what_was_known_then_and_what_was_restated_since_make_what_is_known_now() {
    for seed in [1, 2] {
        let ledger = workspaces().await;
        let moments = told_at_random(&ledger, seed).await;
        let program = Program::on(ledger, config()).await;
        let them = program.browser(&program.people.their_admin).await;
        for filter in ["", "&channel=unknown", "&channel=referral"] {
            let now = program.get_json(&format!("/api/ledger?{QUARTER}{filter}")).await;
            let their_now: Value =
                them.get(&format!("/api/ledger?{QUARTER}{filter}")).await.json().await.unwrap();
            for known in moments.iter().step_by(3) {
                let ledger = format!("/api/ledger?{QUARTER}{filter}&known_at={known}");
                let since = format!("/api/restatements?{QUARTER}{filter}&since={known}");
                let (then, moved) = (program.get_json(&ledger).await, program.get_json(&since).await);
                assert_identity(&then, &moved, &now, &format!("seed {seed}, {known}{filter}"));
                let then: Value = them.get(&ledger).await.json().await.unwrap();
                let moved: Value = them.get(&since).await.json().await.unwrap();
                assert_identity(&then, &moved, &their_now, &format!("theirs, seed {seed}, {known}{filter}"));
            }
        }
        let first = program.get_json(&format!("/api/ledger?{QUARTER}&known_at={}", moments[0])).await;
        assert_eq!((&first["sum"], &first["row_count"]), (&json!(0), &json!(0)), "nothing was known");
        let now = program.get_json(&format!("/api/ledger?{QUARTER}")).await;
        assert_ne!(now["sum"], 0);
    }
}

fn assert_identity(then: &Value, moved: &Value, now: &Value, what: &str) {
    let sum = |answer: &Value, name: &str| answer[name].as_i64().unwrap();
    assert_eq!(sum(then, "sum") + sum(moved, "base_moved"), sum(now, "sum"), "{what}");
    let unconverted =
        plus(by_currency(&then["unconverted"], "amount"), by_currency(&moved["sums"], "unconverted"));
    assert_eq!(unconverted, by_currency(&now["unconverted"], "amount"), "{what}");
}

#[tokio::test]
async fn the_lines_add_up_to_their_sums_whatever_the_size_of_the_pages() {
    let ledger = workspaces().await;
    told_at_random(&ledger, 3).await;
    let program = Program::on(ledger, config()).await;
    let whole = program.get_json(&format!("/api/restatements?{QUARTER}&limit=1000")).await;
    assert!(lines(&whole).len() > 12, "{}", lines(&whole).len());
    let (mut base, mut moved, mut ids, mut cursor) = (0, BTreeMap::new(), BTreeSet::new(), String::new());
    loop {
        let page = program.get_json(&format!("/api/restatements?{QUARTER}&limit=5{cursor}")).await;
        assert_eq!(page["sums"], whole["sums"]);
        for line in lines(&page) {
            base += line["base_moved"].as_i64().unwrap();
            moved = plus(moved, by_currency(&line["moved"], "amount"));
            assert!(ids.insert(line["id"].as_str().unwrap().to_owned()), "a line is listed twice");
            assert!(!line["why"].as_str().unwrap().is_empty());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(ids.len(), lines(&whole).len());
    assert_eq!(base, whole["base_moved"].as_i64().unwrap());
    assert_eq!(moved, by_currency(&whole["sums"], "moved"));
    let file = program.get(&format!("/api/restatements?{QUARTER}&format=csv")).await;
    assert_eq!(file.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(file.text().await.unwrap().lines().count(), ids.len() + 1);
    let log = program.audit_log().await;
    assert!(log.iter().any(|line| line["deed"] == "exported" && line["target"] == "restatements"));
}

#[tokio::test]
async fn what_stripe_told_late_is_listed_with_its_cause_and_what_came_in_time_is_not() {
    let ledger = workspaces().await;
    let in_time = charge("intime", "2026-03-02T22:00:00Z", 1_000, "ada@example.com");
    told(&ledger, &ledger.ours, &in_time, moment("2026-03-02T23:59:00Z")).await;
    let late = charge("late", "2026-03-02T22:00:00Z", 2_500, "grace@example.org");
    told(&ledger, &ledger.ours, &late, moment("2026-03-05T08:00:00Z")).await;
    let their_late = charge("theirs", "2026-03-02T22:00:00Z", 7_700, "them@example.com");
    told(&ledger, &ledger.theirs, &their_late, moment("2026-03-06T08:00:00Z")).await;
    ledger.lead(&ledger.ours, "grace@example.org", "referral").await;
    applied(&ledger, moment("2026-03-09T08:00:00Z")).await;
    let program = Program::on(ledger, config()).await;

    let page = program.get_json("/api/restatements?from=2026-03-01&to=2026-03-31&cause=late").await;
    insta::assert_json_snapshot!(page);
    let credited =
        program.get_json("/api/restatements?from=2026-03-01&to=2026-03-31&cause=attribution").await;
    let [line] = lines(&credited).as_slice() else { panic!("{credited}") };
    assert_eq!(
        (&line["before"]["channel"], &line["after"]["channel"]),
        (&json!("unknown"), &json!("referral"))
    );
    assert_eq!((&line["base_moved"], &line["trigger"]["kind"]), (&json!(0), &json!("lead")));
    assert!(line["why"].as_str().unwrap().contains("grace@example.org"), "{line}");
    for (channel, moved) in [("referral", 2_500), ("unknown", 0)] {
        let page = program
            .get_json(&format!("/api/restatements?from=2026-03-01&to=2026-03-31&channel={channel}"))
            .await;
        assert_eq!(page["base_moved"], moved, "what came late to {channel} and left again");
    }
    let log = program.tables().await.rows("restatements").len();
    assert_eq!(log, 1, "the log of other channels is listed whole");
}

#[tokio::test]
async fn what_is_from_before_the_workspace_is_history() {
    let ledger = Ledger::create().await;
    let old = charge("old", "2026-03-02T22:00:00Z", 1_000, "ada@example.com");
    told(&ledger, &ledger.ours, &old, now()).await;
    let program = Program::on(ledger, config()).await;
    let page = program.get_json("/api/restatements?from=2026-03-01&to=2026-03-31").await;
    assert_eq!((&page["sums"][0]["cause"], &page["base_moved"]), (&json!("history"), &json!(1_000)));
    let text = program.admin.text("/portal/restatements?from=2026-03-01&to=2026-03-31").await;
    assert!(text.contains("From before the workspace") && text.contains("$10.00"), "{text}");
}

#[tokio::test]
async fn a_question_that_is_none_is_refused_with_its_field() {
    let program = Program::start().await;
    for (question, field) in [
        ("restatements?cause=because", "cause"),
        ("restatements?since=yesterday", "since"),
        ("restatements?cursor=1", "cursor"),
        ("restatements?limit=0", "limit"),
        ("restatements?channel=%3Cb%3E", "channel"),
        ("restatements?product=x", "product"),
        ("restatements?format=csv&limit=5", "limit"),
        ("ledger?known_at=soon", "known_at"),
        ("ledger?known_at=2026-03-01&class=new", "class"),
    ] {
        let response = program.get(&format!("/api/{question}")).await;
        assert_eq!(response.status(), 400, "{question}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["field"], field, "{question}");
    }
}
