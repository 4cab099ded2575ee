//! Channels are found by whatever is known, and found again when more is: the order in which it came leaves no trace.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::support::{Ledger, bodies_in, now};
use domain::attribution::{Link, Override, OverrideTarget};
use domain::channel::ChannelSlug;
use domain::ids::LeadId;
use domain::lead::{Stage, Told};
use domain::restatement::Trigger;
use domain::tenant::Tenant;
use jiff::{SignedDuration, Timestamp};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use store::leads::{Bringing, LeadPut, LeadTold, Put};
use store::restatements::StoredRestatement;
use uuid::Uuid;

/// Noon of Friday, 2026-02-20.
const FRIDAY: i64 = 1_771_588_800;

fn event(id: &str, kind: &str, created: i64, object: &Value) -> Vec<u8> {
    let body = json!({
        "id": format!("evt_{id}"), "object": "event", "type": kind, "livemode": false, "created": created,
        "api_version": "2026-09-30.endive", "data": { "object": object },
    });
    serde_json::to_vec(&body).unwrap()
}

/// A charge of a customer that says nothing else of who paid.
fn charge(id: &str, customer: &str) -> Vec<u8> {
    let object = json!({
        "id": format!("ch_{id}"), "object": "charge", "amount": 1_000, "amount_captured": 1_000,
        "amount_refunded": 0, "currency": "usd", "created": FRIDAY, "status": "succeeded", "paid": true,
        "captured": true, "payment_intent": format!("pi_{id}"), "customer": customer,
        "billing_details": { "email": null }, "metadata": {},
    });
    event(&format!("charge{id}"), "charge.succeeded", FRIDAY, &object)
}

fn refund(id: &str) -> Vec<u8> {
    let object = json!({
        "id": format!("re_{id}"), "object": "refund", "amount": 400, "currency": "usd", "status": "succeeded",
        "charge": format!("ch_{id}"), "payment_intent": format!("pi_{id}"), "created": FRIDAY + 60,
    });
    event(&format!("refund{id}"), "refund.created", FRIDAY + 60, &object)
}

fn dispute(id: &str) -> Vec<u8> {
    let object = json!({
        "id": format!("dp_{id}"), "object": "dispute", "amount": 600, "currency": "usd", "status": "lost",
        "charge": format!("ch_{id}"), "payment_intent": format!("pi_{id}"), "created": FRIDAY + 120,
    });
    event(&format!("dispute{id}"), "charge.dispute.closed", FRIDAY + 120, &object)
}

/// What an event says of a customer, so many seconds after noon.
fn customer(id: &str, kind: &str, seconds: i64, email: &str, metadata: &Value) -> Vec<u8> {
    let object = json!({ "id": id, "object": "customer", "email": email, "metadata": metadata });
    let name = format!("{id}at{seconds}{kind}").replace('-', "minus");
    event(&name, &format!("customer.{kind}"), FRIDAY + seconds, &object)
}

fn gone(id: &str, seconds: i64) -> Vec<u8> {
    let object = json!({ "id": id, "object": "customer", "deleted": true });
    event(&format!("{id}gone"), "customer.deleted", FRIDAY + seconds, &object)
}

fn lead(tenant: &Tenant, external_id: &str, email: &str, source: &str, created_at: Timestamp) -> LeadTold {
    LeadTold {
        email: Told::Is(email.to_owned()),
        source: Some(source.to_owned()),
        stage: Some(Stage::Closed),
        created_at: Some(created_at),
        ..LeadTold::of(LeadId(Uuid::new_v5(&tenant.id.0, external_id.as_bytes())), external_id.to_owned())
    }
}

fn link(record: &str, customer: &str, lead: &str) -> Link {
    Link {
        customer: customer.to_owned(),
        kind: "bootcamp_student".to_owned(),
        record: record.to_owned(),
        lead: Some(lead.to_owned()),
        email: None,
        channel: None,
    }
}

fn said(number: u128, target: OverrideTarget, channel: &str) -> Override {
    Override {
        id: Uuid::from_u128(number),
        target,
        channel: ChannelSlug::stored(channel.to_owned()),
        reason: "they told us".to_owned(),
        made_by: "ada@ours.example".to_owned(),
        made_at: now(),
    }
}

/// Something that is said to a tenant.
#[derive(Clone)]
enum Said {
    Event(Vec<u8>),
    Lead(LeadTold),
    Link(Link),
    Override(Override),
}

async fn tell(ledger: &Ledger, tenant: &Tenant, said: &Said) {
    if let Said::Event(body) = said {
        return ledger.intake_for(tenant, body).await;
    }
    let mut work = ledger.store().within(tenant.id).await.unwrap();
    match said {
        Said::Lead(lead) => {
            drop(work.leads_put(std::slice::from_ref(lead), Bringing::at(now())).await.unwrap())
        }
        Said::Link(link) => drop(work.link_put(link, "a test", Bringing::at(now())).await.unwrap()),
        Said::Override(said) => {
            if work.override_of(&said.target).await.unwrap().is_none() {
                assert!(work.override_insert(said).await.unwrap());
            }
        }
        Said::Event(_) => {}
    }
    work.commit().await.unwrap();
}

/// Each current row's channel, by its money's key.
async fn channels(ledger: &Ledger, tenant: &Tenant) -> BTreeMap<String, String> {
    let rows = ledger.database.ledger_text(tenant.id).await;
    rows.iter()
        .map(|row| serde_json::from_str::<Value>(row).unwrap())
        .map(|row| {
            let text = |field: &str| row[field].as_str().unwrap().to_owned();
            (text("money_key"), text("attribution_channel"))
        })
        .collect()
}

/// The one channel every row of a tenant has.
async fn only_channel(ledger: &Ledger, tenant: &Tenant) -> String {
    let found: BTreeSet<String> = channels(ledger, tenant).await.into_values().collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

async fn restatements(ledger: &Ledger, tenant: &Tenant) -> Vec<StoredRestatement> {
    let mut lines =
        ledger.store().within(tenant.id).await.unwrap().restatements_page(None, 999).await.unwrap();
    lines.reverse();
    lines
}

fn stories() -> Vec<Said> {
    ["a_subscription_life", "b_oneoff_refunds", "c_trial_annual"]
        .iter()
        .flat_map(|story| bodies_in(&format!("composed/2025-03-31.basil/{story}")))
        .map(|(_, body)| Said::Event(body))
        .collect()
}

/// Everything that can be known of the payments of three stories and two charges.
fn everything_of_ours(tenant: &Tenant) -> Vec<Said> {
    let lead = |id: &str, email: &str, source: &str, hours: i64| {
        Said::Lead(lead(tenant, id, email, source, now() - SignedDuration::from_hours(24 * 365 - hours)))
    };
    let mut all = stories();
    all.extend([
        Said::Event(charge("one", "cus_one")),
        Said::Event(refund("one")),
        Said::Event(dispute("one")),
        Said::Event(charge("two", "cus_two")),
        Said::Event(customer("cus_one", "created", 0, "old@acme.example", &json!({}))),
        Said::Event(customer("cus_one", "updated", 0, "one@acme.example", &json!({ "channel": "organic" }))),
        Said::Event(customer("cus_one", "updated", -60, "older@acme.example", &json!({}))),
        Said::Event(gone("cus_one", 90)),
        lead("lead-ada", "someone@else.example", "referral", 1),
        lead("lead-one", "one@acme.example", "heyreach", 2),
        lead("lead-old", "old@acme.example", "plusvibe", 3),
        lead("lead-colleague", "another@acme.example", "heyreach", 4),
        lead("lead-two", "two@bmce.example", "meta_ads", 5),
        lead("lead-lin", "lin.chen@example.com", "a pigeon", 6),
        Said::Link(link("1", "cus_two", "lead-two")),
        Said::Link(link("2", "cus_one", "lead-two")),
        Said::Override(said(1, OverrideTarget::Customer("cus_TestLin00000001".to_owned()), "organic")),
    ]);
    all
}

#[tokio::test]
async fn whatever_the_order_in_which_it_became_known_the_rows_and_their_evidence_are_the_same() {
    let mut dice = ChaCha8Rng::seed_from_u64(11);
    let mut ends = Vec::new();
    for round in 0..8 {
        let ledger = Ledger::create().await;
        let mut ours = everything_of_ours(&ledger.ours);
        // Theirs are the same events, and a lead of theirs with an e-mail of ours.
        let mut theirs = stories();
        theirs.push(Said::Lead(lead(&ledger.theirs, "lead-x", "ada@example.com", "meta_ads", now())));
        match round {
            0 => {}
            1 => ours.reverse(),
            _ => {
                let copies: Vec<Said> = ours.iter().filter(|_| dice.random_bool(0.3)).cloned().collect();
                ours.extend(copies);
                ours.shuffle(&mut dice);
                theirs.shuffle(&mut dice);
            }
        }
        let mut told: Vec<(&Tenant, &Said)> = ours.iter().map(|said| (&ledger.ours, said)).collect();
        told.extend(theirs.iter().map(|said| (&ledger.theirs, said)));
        for (tenant, said) in told {
            tell(&ledger, tenant, said).await;
            if dice.random_bool(0.25) {
                ledger.apply().await;
            }
        }
        ledger.apply().await;
        assert_eq!(ledger.database.waiting_changes(ledger.ours.id).await, 0);
        let mut end = Vec::new();
        for tenant in [&ledger.ours, &ledger.theirs] {
            end.push(ledger.database.ledger_text(tenant.id).await);
            end.push(ledger.database.evidence_text(tenant.id).await);
        }
        ends.push((channels(&ledger, &ledger.ours).await, channels(&ledger, &ledger.theirs).await, end));
    }
    let (ours, theirs, first) = &ends[0];
    for (round, (_, _, end)) in ends.iter().enumerate() {
        assert_eq!(end, first, "round {round}");
    }
    for key in ["payment:pi_one", "refund:re_one", "dispute:dp_one"] {
        assert_eq!(ours[key], "heyreach", "the newest e-mail of the customer, {key}");
    }
    assert_eq!(ours["payment:pi_two"], "meta_ads", "by the linked record");
    let of = |channel: &str| ours.values().filter(|found| *found == channel).count();
    assert!(of("referral") >= 3, "the session's reference counts for every invoice of ada's: {ours:?}");
    assert!(theirs.values().any(|channel| channel == "meta_ads"), "their lead: {theirs:?}");
    assert!(!ours.values().any(|channel| channel == "linkedin"), "{ours:?}");
    assert!(first[1].iter().any(|line| line.contains("company_domain") && line.contains("\"weak\"")));
}

#[tokio::test]
async fn a_lead_that_comes_after_its_payment_is_credited_and_the_log_says_what_changed() {
    let ledger = Ledger::create().await;
    for body in [
        charge("one", "cus_one"),
        refund("one"),
        dispute("one"),
        customer("cus_one", "created", 0, " One@Acme.example ", &json!({})),
    ] {
        ledger.send(&body).await;
        ledger.send_to_them(&body).await;
    }
    ledger.apply().await;
    assert_eq!(only_channel(&ledger, &ledger.ours).await, "unknown");
    assert_eq!(restatements(&ledger, &ledger.ours).await.len(), 0);

    tell(
        &ledger,
        &ledger.ours,
        &Said::Lead(lead(&ledger.ours, "l-1", "one@acme.example", "heyreach", now())),
    )
    .await;
    ledger.apply().await;

    assert_eq!(only_channel(&ledger, &ledger.ours).await, "heyreach");
    assert_eq!(only_channel(&ledger, &ledger.theirs).await, "unknown", "another tenant's lead");
    let log = restatements(&ledger, &ledger.ours).await;
    assert_eq!(log.len(), 3, "payment, refund and dispute");
    for line in &log {
        assert_eq!((line.said.from.as_str(), line.said.to.as_str()), ("unknown", "heyreach"));
        assert_eq!(line.said.trigger, Trigger::Lead("l-1".to_owned()));
        assert_eq!(
            line.said.cause,
            "a lead has the customer's e-mail one@acme.example; before: nothing names a channel"
        );
        assert_eq!(line.at, now());
        assert!((0..=120).contains(&(line.said.effective_at.as_second() - FRIDAY)));
    }
    let evidence = ledger.database.evidence_text(ledger.ours.id).await;
    assert!(evidence.iter().all(|line| line.contains("\"is_before_payment\": false")), "{evidence:?}");
    assert!(restatements(&ledger, &ledger.theirs).await.is_empty());
}

#[tokio::test]
async fn a_lead_whose_email_or_source_changes_takes_its_payments_along() {
    let ledger = Ledger::create().await;
    let ours = &ledger.ours;
    ledger.send(&charge("one", "cus_one")).await;
    ledger.send(&customer("cus_one", "created", 0, "one@acme.example", &json!({}))).await;
    let first = lead(ours, "l-1", "one@acme.example", "heyreach", now());
    tell(&ledger, ours, &Said::Lead(first.clone())).await;
    ledger.apply().await;
    assert_eq!(only_channel(&ledger, ours).await, "heyreach");
    for (changed, channel) in [
        (LeadTold { source: Some("referral".to_owned()), ..first.clone() }, "referral"),
        (LeadTold { email: Told::Is("moved@away.example".to_owned()), ..first.clone() }, "unknown"),
        (LeadTold { email: Told::Cleared, ..first.clone() }, "unknown"),
        (first.clone(), "heyreach"),
    ] {
        tell(&ledger, ours, &Said::Lead(changed)).await;
        ledger.apply().await;
        assert_eq!(only_channel(&ledger, ours).await, channel);
    }
    let history = ledger.database.ledger_history(ours.id).await.len();
    tell(&ledger, ours, &Said::Lead(first)).await;
    ledger.apply().await;
    assert_eq!(ledger.database.ledger_history(ours.id).await.len(), history, "nothing new was said");
}

#[tokio::test]
async fn an_email_another_lead_has_stays_with_it() {
    let ledger = Ledger::create().await;
    let ours = &ledger.ours;
    let of = |id: &str, email: &str| lead(ours, id, email, "heyreach", now());
    let mut work = ledger.store().within(ours.id).await.unwrap();
    let at = Bringing::at(now());
    let put = work.leads_put(&[of("a", "a@x.example"), of("b", "b@x.example")], at).await.unwrap();
    assert_eq!(put, [LeadPut::Taken(Put::New); 2]);
    let told = [of("b", "a@x.example"), of("c", "c@x.example"), of("d", "c@x.example")];
    let put = work.leads_put(&told, at).await.unwrap();
    assert_eq!(put, [LeadPut::EmailTaken, LeadPut::Taken(Put::New), LeadPut::EmailTaken]);
    let put = work.leads_put(&[of("a", "a@x.example"), of("c", "c2@x.example")], at).await.unwrap();
    assert_eq!(put, [LeadPut::Taken(Put::Same), LeadPut::Taken(Put::Changed)]);
}

#[tokio::test]
async fn a_link_or_an_override_that_comes_late_is_followed_and_taken_back() {
    let ledger = Ledger::create().await;
    let ours = &ledger.ours;
    for body in [charge("one", "cus_one"), refund("one"), dispute("one")] {
        ledger.send(&body).await;
    }
    ledger.apply().await;
    tell(&ledger, ours, &Said::Link(link("7", "cus_one", "l-1"))).await;
    ledger.apply().await;
    assert_eq!(only_channel(&ledger, ours).await, "unknown", "the lead has not come yet");
    tell(&ledger, ours, &Said::Lead(lead(ours, "l-1", "one@acme.example", "heyreach", now()))).await;
    ledger.apply().await;
    assert_eq!(only_channel(&ledger, ours).await, "heyreach");

    let by_person = said(1, OverrideTarget::Payment("pi_one".to_owned()), "referral");
    tell(&ledger, ours, &Said::Override(by_person.clone())).await;
    ledger.apply().await;
    assert_eq!(only_channel(&ledger, ours).await, "referral");
    let moved =
        LeadTold { source: Some("organic".to_owned()), ..lead(ours, "l-1", "one@acme.example", "", now()) };
    tell(&ledger, ours, &Said::Lead(moved)).await;
    ledger.apply().await;
    assert_eq!(only_channel(&ledger, ours).await, "referral", "what a person said is not overwritten");

    let mut work = ledger.store().within(ours.id).await.unwrap();
    assert_eq!(work.override_end(by_person.id, "bob", now()).await.unwrap(), Some(by_person.clone()));
    assert_eq!(work.override_end(by_person.id, "bob", now()).await.unwrap(), None);
    work.commit().await.unwrap();
    ledger.apply().await;
    assert_eq!(only_channel(&ledger, ours).await, "organic");
    let log = restatements(&ledger, ours).await;
    let triggers: Vec<&Trigger> = log.iter().map(|line| &line.said.trigger).step_by(3).collect();
    let by_override = Trigger::Override(by_person.id.to_string());
    assert_eq!(triggers, [&Trigger::Lead("l-1".to_owned()), &by_override, &by_override]);
}

#[tokio::test]
async fn the_order_of_looking_can_be_changed_and_changed_back() {
    let ledger = Ledger::create().await;
    for said in everything_of_ours(&ledger.ours) {
        tell(&ledger, &ledger.ours, &said).await;
    }
    ledger.apply().await;
    let before = channels(&ledger, &ledger.ours).await;
    let text = ledger.database.ledger_text(ledger.ours.id).await;
    for (order, version) in [("metadata_first", 1), ("lead_first", 2)] {
        let mut work = ledger.store().within(ledger.ours.id).await.unwrap();
        let changed = Tenant { attribution_order: order.parse().unwrap(), ..ledger.ours.clone() };
        assert!(work.tenant_update(&changed, version).await.unwrap());
        work.attribution_look_again(Trigger::Order).await.unwrap();
        work.commit().await.unwrap();
        ledger.apply().await;
        let now = channels(&ledger, &ledger.ours).await;
        assert_eq!(now == before, order == "lead_first", "{order}: {now:?}");
        if order == "metadata_first" {
            assert_eq!(now["payment:pi_one"], "organic", "by the customer's metadata");
        }
    }
    assert_eq!(ledger.database.ledger_text(ledger.ours.id).await, text);
    let log = restatements(&ledger, &ledger.ours).await;
    assert!(log.iter().rev().take(3).all(|line| line.said.trigger == Trigger::Order));
}

#[tokio::test]
async fn looking_again_that_is_given_up_at_any_moment_goes_on_and_ends_the_same() {
    let ledger = Ledger::create().await;
    let payments = 620;
    for number in 0..payments {
        ledger.send(&charge(&format!("n{number}"), "cus_one")).await;
    }
    ledger.apply().await;
    tell(&ledger, &ledger.ours, &Said::Link(link("7", "cus_one", "l-1"))).await;
    tell(
        &ledger,
        &ledger.ours,
        &Said::Lead(lead(&ledger.ours, "l-1", "one@acme.example", "heyreach", now())),
    )
    .await;
    let mut given_up = 0;
    let mut patience = Duration::from_millis(20);
    while tokio::time::timeout(patience, ledger.applier.apply_all()).await.is_err() {
        given_up += 1;
        patience += patience / 2;
    }
    assert!(given_up > 1);
    ledger.apply().await;
    assert_eq!(ledger.database.waiting_changes(ledger.ours.id).await, 0);
    assert_eq!(only_channel(&ledger, &ledger.ours).await, "heyreach");
    assert_eq!(restatements(&ledger, &ledger.ours).await.len(), payments, "each once");
    assert_eq!(ledger.database.ledger_history(ledger.ours.id).await.len(), 2 * payments);
}

#[tokio::test]
async fn a_deleted_customer_and_metadata_that_is_null_are_normal() {
    let ledger = Ledger::create().await;
    for name in [
        "deleted_customer",
        "metadata_null",
        "metadata_missing",
        "metadata_hostile_channel",
        "null_email",
        "email_case_space_plus",
    ] {
        let body = std::fs::read(crate::support::fixtures().join(format!("edge/{name}.json"))).unwrap();
        ledger.send(&body).await;
    }
    ledger.send(&customer("cus_null", "updated", 0, "", &Value::Null)).await;
    tell(
        &ledger,
        &ledger.ours,
        &Said::Lead(lead(&ledger.ours, "l-1", "grace.hopper+vip@example.org", "heyreach", now())),
    )
    .await;
    ledger.apply().await;
    for id in ["evt_1Tedgecusdel", "evt_cus_nullat0updated"] {
        let (state, reason) = ledger.database.event_state(ledger.ours.id, id).await.unwrap();
        assert_eq!((state.as_str(), reason), ("applied", None), "{id}");
    }
    let found = channels(&ledger, &ledger.ours).await;
    assert!(found.values().any(|channel| channel == "heyreach"), "{found:?}");
    let known = ["heyreach", "linkedin", "unknown"];
    assert!(found.values().all(|channel| known.contains(&channel.as_str())), "{found:?}");
}
