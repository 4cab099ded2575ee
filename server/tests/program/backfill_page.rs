//! The past is offered to be read on the connections page, read in the background, shown and stopped there.

use std::time::Duration;

use crate::support::fake_stripe::{FakeStripe, Fault};
use crate::support::past::{account_with, config_for, year};
use crate::support::people::location;
use crate::support::{Ledger, Program, Running, now};
use domain::ids::BackfillId;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::config::ServeConfig;
use store::backfills::NewBackfill;
use uuid::Uuid;

const PAGE: &str = "/portal/settings/connections";

/// The newest run, as soon as it stands so.
async fn run_in(ledger: &Ledger, state: &str) -> Value {
    for _ in 0..600 {
        let tables = crate::support::tables::Tables::of(&ledger.database.url).await;
        let newest = tables.rows("backfills").iter().max_by_key(|run| run["seq"].as_i64());
        if let Some(run) = newest.filter(|run| run["state"] == state) {
            return run.clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the run never is {state}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_past_is_read_in_the_background_shown_stopped_and_gone_on_with() {
    let stripe = FakeStripe::open(account_with(150)).await;
    let program = Program::start_as(config_for(&stripe)).await;
    let mut admin = program.admin.clone();
    assert!(admin.text(PAGE).await.contains("Read the past"));
    let mut stream = program.get("/api/events").await;
    stripe.with(|account| account.fault("/v1/charges", 1, Fault::Says(429, "retry-after: 2\r\n", "{}")));

    let begun = admin.post(PAGE, &[("form", "backfill"), ("days", "365")]).await;
    assert_eq!(location(&begun), "/portal/settings/connections?done=backfill-started");
    for _ in 0..200 {
        if admin.text(PAGE).await.contains("Charges 100 so far") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let shown = admin.text(PAGE).await;
    assert!(
        shown.contains("Charges 100 so far") && shown.contains("Being read") && shown.contains("data-live")
    );
    let again = admin.post(PAGE, &[("form", "backfill"), ("days", "365")]).await;
    assert_eq!(again.status(), 409);
    assert!(again.text().await.unwrap().contains("is being read already"));
    let stopped = admin.post(PAGE, &[("form", "pause_backfill")]).await;
    assert_eq!(location(&stopped), "/portal/settings/connections?done=backfill-paused");
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(run_in(&program.ledger, "paused").await["asked"], "365 days");
    assert!(admin.text(PAGE).await.contains("Go on reading"));

    admin.post(PAGE, &[("form", "backfill"), ("days", "365")]).await;
    run_in(&program.ledger, "done").await;
    let shown = admin.text(PAGE).await;
    assert!(
        shown
            .contains("USD: ours $1,500.00, Stripe's balance $1,500.00 (charge $1,500.00), difference $0.00"),
        "{shown}"
    );
    assert!(shown.contains("150 objects") && shown.contains("acct_fake") && shown.contains("Read again"));
    assert_eq!(program.ledger.sums(&program.ledger.ours).await["usd"].net, 150_000);
    assert_eq!(program.tables().await.rows("backfills").len(), 1, "it is one run");

    let log = program.audit_log().await;
    let deeds: Vec<(&str, &Value)> = log
        .iter()
        .filter(|line| line["target"] == "Stripe")
        .map(|line| (line["deed"].as_str().unwrap(), &line["details"]))
        .collect();
    let asked = json!({ "asked": "365 days" });
    assert_eq!(
        deeds,
        [("backfill_started", &asked), ("backfill_paused", &asked), ("backfill_started", &asked)]
    );
    let mut heard = String::new();
    while !heard.contains("event: ledger") {
        let chunk = tokio::time::timeout(Duration::from_secs(5), stream.chunk()).await.unwrap().unwrap();
        heard.push_str(&String::from_utf8_lossy(&chunk.unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_a_killed_program_left_is_gone_on_with_and_none_is_repeated() {
    let stripe = FakeStripe::open(account_with(3)).await;
    let ledger = Ledger::create().await;
    let new = NewBackfill {
        id: BackfillId(Uuid::nil()),
        asked: year().words,
        from: year().from,
        to: year().to,
        started_by: "somebody".to_owned(),
    };
    let mut work = ledger.store().within(ledger.ours.id).await.unwrap();
    work.backfill_insert(&new, now()).await.unwrap();
    work.commit().await.unwrap();
    let running = Running::start(&config_for(&stripe), ledger.store(), now()).await;
    run_in(&ledger, "done").await;
    assert_eq!(ledger.sums(&ledger.ours).await["usd"].net, 3_000);
    drop(running);

    stripe.take_asked();
    let later =
        Running::start(&config_for(&stripe), ledger.store(), now() + SignedDuration::from_hours(1)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stripe.take_asked(), [""; 0]);
    drop(later);
}

#[tokio::test]
async fn what_cannot_be_read_is_said_on_the_page() {
    let stripe = FakeStripe::open(account_with(1)).await;
    let program = Program::start_as(ServeConfig { stripe_secret_key: None, ..config_for(&stripe) }).await;
    let mut admin = program.admin.clone();
    assert!(!admin.text(PAGE).await.contains(r#"value="backfill""#), "there is nothing to read with");
    let refused = admin.post(PAGE, &[("form", "backfill"), ("days", "365")]).await;
    assert_eq!(refused.status(), 409);
    assert!(refused.text().await.unwrap().contains("No Stripe key is stored"));
    for days in ["", "0", "-1", "many", "99999999999999999999"] {
        let refused = admin.post(PAGE, &[("form", "backfill"), ("days", days)]).await;
        assert_eq!(refused.status(), 422, "{days:?}");
    }
    admin.post(PAGE, &[("form", "store"), ("kind", "stripe_key"), ("value", "rk_test_of_nobody")]).await;
    admin.post(PAGE, &[("form", "backfill"), ("days", "30")]).await;
    run_in(&program.ledger, "failed").await;
    let shown = admin.text(PAGE).await;
    assert!(shown.contains("Stripe does not accept the key") && !shown.contains("rk_test_of_nobody"));
}
