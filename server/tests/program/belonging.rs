//! Live money, test mode and connected accounts: what is not the tenant's is kept, shown with its reason, and in no sum.

use crate::support::{Ledger, Program, now};
use domain::connection::SecretKind;
use serde_json::{Value, json};
use store::backfills::StripeAccount;
use store::tenant_secrets::SealedSecret;

/// A charge of ten dollars.
fn charge(number: usize, changes: &Value) -> Vec<u8> {
    let charge = json!({
        "id": format!("ch_{number}"), "object": "charge", "amount": 1000, "created": 1_770_737_400, "currency": "usd",
        "status": "succeeded", "metadata": {},
    });
    event(number, "charge.succeeded", &charge, changes)
}

fn event(number: usize, kind: &str, object: &Value, changes: &Value) -> Vec<u8> {
    let mut event = json!({
        "id": format!("evt_{number}"), "object": "event", "type": kind, "created": 1_770_737_400, "livemode": true,
        "data": { "object": object },
    });
    for (field, value) in changes.as_object().unwrap() {
        event[field] = value.clone();
    }
    serde_json::to_vec(&event).unwrap()
}

async fn net(ledger: &Ledger) -> i64 {
    ledger.sums(&ledger.ours).await.get("usd").map_or(0, |usd| usd.net)
}

async fn state(ledger: &Ledger, number: usize) -> (String, Option<String>) {
    ledger.database.event_state(ledger.ours.id, &format!("evt_{number}")).await.unwrap()
}

async fn connect(ledger: &Ledger, account: &str, livemode: bool) {
    let mut work = ledger.store().within(ledger.ours.id).await.unwrap();
    let account = StripeAccount { id: account.to_owned(), livemode, problem: None, checked_at: now() };
    work.stripe_account_put(&account).await.unwrap();
    work.stripe_account_takes(&account).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test]
async fn an_event_of_the_other_mode_is_kept_with_its_reason_and_in_no_sum() {
    for first in [true, false] {
        let program = Program::start().await;
        let ledger = &program.ledger;
        for (number, livemode) in [first, !first, first].into_iter().enumerate() {
            let body = charge(number, &json!({ "livemode": livemode }));
            assert_eq!(program.post_event(&body).await.status(), 200);
            ledger.apply().await;
        }
        assert_eq!(net(ledger).await, 2_000);
        let answer = program.get_json("/api/stripe-events?state=quarantined").await;
        let [told] = answer["events"].as_array().unwrap().as_slice() else { panic!("{answer}") };
        assert_eq!((told["id"].as_str(), told["livemode"].as_bool()), (Some("evt_1"), Some(!first)));
        let words = if first { "tells of test mode" } else { "tells of live money" };
        assert!(told["reason"].as_str().unwrap().contains(words), "{told}");
        let page = program.get("/portal/events?event=evt_1").await.text().await.unwrap();
        assert!(page.to_lowercase().contains(words) && page.contains("Look at it again"));
    }
}

#[tokio::test]
async fn a_workspace_turned_to_live_money_keeps_what_is_live_and_nothing_else() {
    let ledger = Ledger::create().await;
    ledger.send(&charge(1, &json!({ "livemode": false }))).await;
    ledger.send(&charge(2, &json!({ "livemode": false }))).await;
    ledger.send(&charge(3, &json!({}))).await;
    ledger.apply().await;
    assert_eq!(net(&ledger).await, 2_000);
    ledger.applier.rebuild_in(ledger.ours.id, true, Some(true)).await.unwrap();
    assert_eq!(net(&ledger).await, 1_000);
    assert_eq!(
        (state(&ledger, 1).await.0, state(&ledger, 3).await.0),
        ("quarantined".into(), "applied".into())
    );
    ledger.send(&charge(4, &json!({}))).await;
    ledger.apply().await;
    assert_eq!(net(&ledger).await, 2_000);
}

#[tokio::test]
async fn what_came_before_its_account_was_connected_is_booked_once_it_is() {
    let ledger = Ledger::create().await;
    let of_account = json!({ "account": "acct_1" });
    ledger.send(&charge(1, &of_account)).await;
    ledger.send(&charge(2, &json!({ "account": "acct_2" }))).await;
    ledger.apply().await;
    assert_eq!(net(&ledger).await, 0);
    assert!(state(&ledger, 1).await.1.unwrap().contains("nobody connected"));
    connect(&ledger, "acct_1", true).await;
    ledger.apply().await;
    assert_eq!(net(&ledger).await, 1_000);
    assert_eq!(state(&ledger, 2).await.0, "quarantined");
}

#[tokio::test]
async fn a_connected_accounts_event_goes_to_its_owner_whatever_its_metadata_says() {
    let ledger = Ledger::create().await;
    connect(&ledger, "acct_1", true).await;
    let mut told: Value = serde_json::from_slice(&charge(1, &json!({ "account": "acct_1" }))).unwrap();
    told["data"]["object"]["metadata"] = json!({ "tenant_id": ledger.theirs.id.to_string() });
    ledger.send(&serde_json::to_vec(&told).unwrap()).await;
    ledger.apply().await;
    assert_eq!(net(&ledger).await, 1_000);
    assert!(ledger.sums(&ledger.theirs).await.is_empty());
}

#[tokio::test]
async fn a_deauthorized_account_is_marked_its_key_forgotten_and_its_history_kept() {
    let ledger = Ledger::create().await;
    connect(&ledger, "acct_1", true).await;
    let of_account = json!({ "account": "acct_1" });
    ledger.send(&charge(1, &of_account)).await;
    let mut work = ledger.store().within(ledger.ours.id).await.unwrap();
    let key = SealedSecret { key_id: "00000001".to_owned(), bytes: b"sealed".to_vec() };
    work.secret_put(SecretKind::StripeKey, &key, "somebody", now()).await.unwrap();
    work.commit().await.unwrap();
    let application = json!({ "id": "ca_1", "object": "application" });
    ledger.send(&event(2, "account.application.deauthorized", &application, &of_account)).await;
    ledger.apply().await;
    let after = json!({ "account": "acct_1", "created": now().as_second() + 60 });
    ledger.send(&charge(3, &after)).await;
    ledger.apply().await;
    assert_eq!(net(&ledger).await, 1_000);
    assert_eq!(
        (state(&ledger, 2).await.0, state(&ledger, 3).await.0),
        ("applied".into(), "quarantined".into())
    );
    let account =
        ledger.store().within(ledger.ours.id).await.unwrap().stripe_account().await.unwrap().unwrap();
    assert!(account.problem.unwrap().contains("disconnected"));
    let mut work = ledger.store().within(ledger.ours.id).await.unwrap();
    assert_eq!(work.secrets().await.unwrap().len(), 0);
    drop(work);
    assert!(ledger.applier.rebuild(ledger.ours.id, false).await.unwrap().is_same());
}
