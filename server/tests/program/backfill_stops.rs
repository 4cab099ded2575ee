//! Whatever goes wrong while the past is read, nothing is lost, nothing is doubled, and somebody is told why.

use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Duration;

use crate::support::binary::{Outcome, SECRETS_KEY, run_with};
use crate::support::fake_stripe::{Account, FakeStripe, Fault, KEY};
use crate::support::past::{Past, account_with, charge, rows, subscription, year};
use crate::support::tables::Tables;
use crate::support::{Ledger, now};
use domain::connection::SecretKind;
use serde_json::{Value, json};
use server::accounts::StoredFor;
use server::backfill::{BackfillError, By, Silent};
use server::clock::Clock;
use server::stripe::client::StripeError;
use tokio::process::{Child, Command};
use tokio::time::Instant;

const HTML: &str = "<html>Please sign in</html>";

/// The newest run.
async fn run_of(url: &str) -> Value {
    let tables = Tables::of(url).await;
    tables.rows("backfills").iter().max_by_key(|run| run["seq"].as_i64()).unwrap().clone()
}

impl Past {
    async fn run_state(&self) -> (Value, Value) {
        let run = run_of(&self.ledger.database.url).await;
        (run["state"].clone(), run["problem"].clone())
    }
}

#[tokio::test]
async fn what_may_pass_is_asked_for_again_and_read_all_the_same() {
    let past = Past::of(account_with(250)).await;
    past.stripe.with(|account| {
        account.fault("/v1/charges", 0, Fault::Says(429, "retry-after: 1\r\n", "{}"));
        account.fault("/v1/charges", 1, Fault::Says(429, "", "{}"));
        account.fault("/v1/charges", 2, Fault::Says(500, "", "{}"));
        account.fault("/v1/charges", 3, Fault::Says(503, "", HTML));
        account.fault("/v1/charges", 5, Fault::Hangs);
        account.fault("/v1/charges", 6, Fault::Resets);
        account.fault("/v1/charges", 7, Fault::CutsOff);
        account.fault("/v1/charges", 9, Fault::Says(409, "stripe-should-retry: true\r\n", "{}"));
    });
    let mut patient = past.backfills.clone();
    patient.access.pace.attempts = 9;
    let begun = Instant::now();
    patient.run(&past.ledger.ours, &year(), &By::command_line(), &Silent).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1), "Stripe's wish to wait was not respected");
    assert_eq!(past.rows().await.len(), 250);
}

#[tokio::test]
async fn what_does_not_pass_stops_the_run_and_the_next_goes_on_behind_the_last_page() {
    let past = Past::of(account_with(250)).await;
    past.stripe.with(|account| {
        (1..=4).for_each(|page| account.fault("/v1/charges", page, Fault::Says(500, "", HTML)));
    });
    let error = past.read().await.unwrap_err();
    assert!(matches!(error, BackfillError::Stripe(StripeError::Unavailable { attempts: 4, .. })), "{error}");
    let (state, problem) = past.run_state().await;
    assert_eq!(state, "failed");
    assert!(problem.as_str().unwrap().contains("/v1/charges"), "{problem}");
    assert_eq!(past.events().await.len(), 100);

    past.stripe.take_asked();
    let summary = past.read_all().await;
    let pages: Vec<String> = past
        .stripe
        .take_asked()
        .into_iter()
        .filter(|target| target.contains("/charges?") && target.contains("limit=100"))
        .collect();
    assert_eq!(pages.len(), 2, "the page that was stored is not read again: {pages:#?}");
    assert_eq!((past.rows().await.len(), summary.counts().total), (250, 250));
    assert_eq!(past.run_state().await.0, "done");
    assert_eq!(past.tables().await.rows("backfills").len(), 1, "it is one run");
}

#[tokio::test]
async fn what_is_not_stripe_stops_the_run_at_once() {
    let endless = r#"{"object":"list","data":[],"has_more":true}"#;
    for (status, headers, body) in
        [(200, "", HTML), (200, "", endless), (500, "stripe-should-retry: false\r\n", HTML), (404, "", HTML)]
    {
        let past = Past::of(account_with(150)).await;
        past.stripe.with(|account| account.fault("/v1/charges", 1, Fault::Says(status, headers, body)));
        past.stripe.take_asked();
        let error = past.read().await.unwrap_err();
        let asked = past.stripe.take_asked();
        assert_eq!(asked.iter().filter(|target| target.contains("starting_after")).count(), 1, "{error}");
        assert_eq!(past.events().await.len(), 100, "{error}");
        assert_eq!(past.run_state().await.0, "failed");
    }
}

#[tokio::test]
async fn who_asks_us_to_stay_away_for_long_is_left_alone() {
    let past = Past::of(account_with(1)).await;
    past.stripe
        .with(|account| account.fault("/v1/charges", 0, Fault::Says(429, "retry-after: 3600\r\n", "{}")));
    assert!(matches!(past.read().await, Err(BackfillError::Stripe(StripeError::Later { seconds: 3_600 }))));
}

#[tokio::test]
async fn a_key_that_is_revoked_meanwhile_stops_the_run_and_marks_the_connection() {
    let past = Past::of(account_with(250)).await;
    let revoke = |account: &mut Account| account.keys.clear();
    past.stripe.with(|account| account.fault("/v1/charges", 0, Fault::After(Box::new(revoke))));
    let error = past.read().await.unwrap_err();
    assert!(matches!(error, BackfillError::Stripe(StripeError::Unauthorized)), "{error}");
    let account = past.tables().await.rows("stripe_accounts")[0].clone();
    assert!(account["problem"].as_str().unwrap().contains("does not accept the key"), "{account}");
    assert_eq!(past.tables().await.holding(KEY), [""; 0]);

    past.stripe.with(|account| account.keys.push(KEY.to_owned()));
    past.read_all().await;
    assert_eq!(past.rows().await.len(), 250);
    assert_eq!(past.tables().await.rows("stripe_accounts")[0]["problem"], Value::Null);
}

#[tokio::test]
async fn every_permission_a_key_lacks_is_named_before_anything_is_written() {
    let mut account = account_with(5);
    account.forbidden.extend(["/v1/charges", "/v1/checkout/sessions"]);
    let past = Past::of(account).await;
    let error = past.read().await.unwrap_err().to_string();
    assert!(error.contains("rak_charges_read") && error.contains("rak_checkout_sessions_read"), "{error}");
    assert!(!error.contains(KEY));
    assert!(past.events().await.is_empty());
}

#[tokio::test]
async fn a_key_of_another_account_or_mode_is_refused_before_the_first_row() {
    let past = Past::of(account_with(5)).await;
    past.read_all().await;
    let (ours, accounts) = (past.ledger.ours.id, &past.backfills.accounts);
    let unchanged = |mut tables: Tables| {
        tables = tables.without(&["backfills", "audit_log", "tenant_secrets"]);
        tables
    };
    let before = unchanged(past.tables().await);

    past.stripe.with(|account| {
        account.id = "acct_of_somebody_else".to_owned();
        account.put(charge(77));
    });
    let error = past.read().await.unwrap_err();
    assert!(matches!(&error, BackfillError::OtherAccount { known, .. } if known == "acct_fake"), "{error}");
    assert_eq!(unchanged(past.tables().await).differing(&before), [""; 0]);

    let live = "rk_live_fake";
    past.stripe.with(|account| {
        account.id = "acct_fake".to_owned();
        account.keys.push(live.to_owned());
    });
    accounts.provision_secret(StoredFor { tenant: ours, kind: SecretKind::StripeKey }, live).await.unwrap();
    let error = past.read().await.unwrap_err();
    assert_eq!(error.to_string(), "this is a live key, but this workspace is connected in test mode");
    assert_eq!(unchanged(past.tables().await).differing(&before), [""; 0]);
}

#[tokio::test]
async fn each_tenant_is_read_for_with_its_own_key_into_its_own_ledger() {
    let past = Past::of(account_with(2)).await;
    let theirs = past.ledger.theirs.clone();
    let read = async || past.backfills.run(&theirs, &year(), &By::command_line(), &Silent).await;
    assert!(
        matches!(read().await, Err(BackfillError::NoKey)),
        "the environment's key is the default tenant's"
    );
    past.stripe.with(|account| account.keys.push("rk_test_theirs".to_owned()));
    let what = StoredFor { tenant: theirs.id, kind: SecretKind::StripeKey };
    past.backfills.accounts.provision_secret(what, "rk_test_theirs").await.unwrap();
    read().await.unwrap();
    assert!(past.rows().await.is_empty());
    assert_eq!(past.ledger.sums(&theirs).await["usd"].net, 2_000);
    past.backfills.accounts.provision_secret(what, "not a key").await.unwrap();
    assert!(matches!(read().await, Err(BackfillError::NoSuchKey(_))));
}

#[tokio::test]
async fn nothing_found_in_an_account_that_has_objects_is_a_failure() {
    let mut old = charge(1);
    old["created"] = json!(1_500_000_000);
    let mut account = Account::default();
    account.put(old);
    let past = Past::of(account).await;
    assert!(matches!(past.read().await, Err(BackfillError::NothingFound)));
    assert_eq!(past.run_state().await.0, "failed");
    let empty = Past::of(Account::default()).await;
    assert_eq!(empty.read_all().await.counts().total, 0, "an empty account has nothing to find");
}

#[tokio::test]
async fn of_two_who_read_at_once_one_is_told_that_the_other_does() {
    let past = Past::of(account_with(150)).await;
    let (one, other) = tokio::join!(past.read(), past.read());
    let refused = [one, other].into_iter().filter(|read| matches!(read, Err(BackfillError::Busy))).count();
    assert_eq!((refused, past.rows().await.len()), (1, 150));
    let lock = past.ledger.store().backfill_lock(past.ledger.theirs.id).await.unwrap();
    assert!(lock.is_some() && past.read().await.is_ok(), "another tenant's turn is its own");
}

// The command, as it is installed.

/// A ledger, an account, and the command between them.
struct Machine {
    ledger: Ledger,
    stripe: FakeStripe,
}

impl Machine {
    async fn with(account: Account) -> Self {
        Self { ledger: Ledger::create().await, stripe: FakeStripe::open(account).await }
    }

    fn variables(&self) -> [(&str, &str); 2] {
        [("STRIPE_API_BASE", &self.stripe.address), ("STRIPE_SECRET_KEY", KEY)]
    }

    async fn run(&self, line: &str) -> Outcome {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let outcome = run_with(&self.ledger.database.url, &arguments, "", &self.variables()).await;
        assert!(!outcome.said.contains(KEY) && !outcome.complained.contains(KEY), "{outcome:?}");
        assert!(!outcome.complained.contains("panicked"), "{outcome:?}");
        outcome
    }

    fn start(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_command-center"))
            .args(["backfill", "stripe", "--tenant", "default"])
            .env_clear()
            .env("DATABASE_URL", &self.ledger.database.url)
            .env("SECRETS_KEY", SECRETS_KEY)
            .envs(self.variables())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// Waits until so many pages were asked for since the last look.
    async fn asked_for(&self, pages: usize) {
        for _ in 0..2_000 {
            let is_page = |target: &&String| target.contains("limit=100");
            if self.stripe.with(|account| account.asked.iter().filter(is_page).count()) >= pages {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the command asks for nothing");
    }

    async fn tables(&self) -> Tables {
        Tables::of(&self.ledger.database.url).await
    }
}

/// Every charge of it is in the last year, whatever the machine's clock says.
fn recent_account(charges: i64) -> Account {
    // The same for accounts of one test.
    static NEWEST: LazyLock<i64> = LazyLock::new(|| Clock::System.now().as_second() - 3_600);
    let (mut account, newest) = (Account::default(), *NEWEST);
    for number in (1..=charges).rev() {
        let mut charge = charge(number);
        charge["created"] = json!(newest - number);
        account.put(charge);
    }
    account.put(subscription(1, "canceled"));
    account.settle();
    account
}

#[tokio::test]
async fn the_command_killed_at_every_page_ends_in_the_ledger_of_an_unbroken_run() {
    let unbroken = Machine::with(recent_account(450)).await;
    assert_eq!(unbroken.run("backfill stripe --tenant default").await.code, Some(0));
    let expected = rows(&unbroken.ledger).await;
    assert_eq!(expected.len(), 452);

    let machine = Machine::with(recent_account(450)).await;
    // Eleven lists, of which the charges have five pages; each attempt gets about one page further.
    for page in 0..15 {
        machine.stripe.take_asked();
        let mut child = machine.start();
        machine.asked_for(2).await;
        tokio::time::sleep(Duration::from_millis(page)).await;
        child.kill().await.unwrap();
    }
    let outcome = machine.run("backfill-stripe --tenant default").await;
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(rows(&machine.ledger).await, expected);
    let mut events = machine.ledger.database.event_ids(machine.ledger.ours.id).await;
    let all = events.len();
    events.sort();
    events.dedup();
    assert_eq!((events.len(), all), (451, 451));
}

#[tokio::test]
async fn the_command_says_what_it_did_and_does_nothing_twice() {
    let machine = Machine::with(recent_account(120)).await;
    let outcome = machine.run("backfill stripe --tenant default --days 90").await;
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    for line in [
        "Processed:     121",
        "Already there: 0",
        "Errors:        0",
        "Total:         121",
        "difference $0.00",
    ] {
        assert!(outcome.said.contains(line), "{line}: {}", outcome.said);
    }
    assert!(outcome.complained.contains("Charges: 120 found, 120 stored"), "{}", outcome.complained);
    assert!(!outcome.said.contains('\u{1b}') && !outcome.complained.contains(['\u{1b}', '\r']));

    let outcome = machine.run("backfill-stripe --tenant default --days 90 --json").await;
    let told: Value = serde_json::from_str(&outcome.said).unwrap();
    assert_eq!(told["summary"], json!({ "processed": 0, "already_there": 121, "errors": 0, "total": 121 }));
    assert_eq!(
        (&told["comparison"][0]["ours"], &told["comparison"][0]["difference"]),
        (&json!(120_000), &json!(0))
    );

    machine.stripe.with(|account| {
        let mut fresh = recent_account(1);
        let mut made = fresh.lists.remove("/v1/charges").unwrap().remove(0);
        (made["id"], made["payment_intent"]) = (json!("ch_fresh"), json!("pi_fresh"));
        account.put(made);
    });
    let before = machine.tables().await;
    let outcome = machine.run("backfill stripe --tenant default --dry-run --json").await;
    let told: Value = serde_json::from_str(&outcome.said).unwrap();
    assert_eq!(
        (&told["objects"]["new"], &told["rows"]["new"], &told["sums"]["usd"]),
        (&json!(1), &json!(1), &json!(1_000))
    );
    assert_eq!(machine.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn the_command_is_refused_in_codes_that_programs_understand() {
    let machine = Machine::with(recent_account(1)).await;
    for line in [
        "backfill",
        "backfill paypal --tenant default",
        "backfill stripe",
        "backfill stripe --tenant",
        "backfill stripe --tenant ../etc",
        "backfill stripe --tenant default --days",
        "backfill stripe --tenant default --days 0",
        "backfill stripe --tenant default --days -1",
        "backfill stripe --tenant default --days 1000000000",
        "backfill stripe --tenant default --days 1.5",
        "backfill stripe --tenant default --from 2026-01-01",
        "backfill stripe --tenant default --from 2026-02-30 --to 2026-03-01",
        "backfill stripe --tenant default --from 2026-02-02 --to 2026-02-01",
        "backfill stripe --tenant default --from 2926-01-01 --to 2926-02-01",
        "backfill stripe --tenant default --days 9 --from 2026-01-01 --to 2026-02-01",
        "backfill stripe --tenant default --key otters",
        "backfill stripe --tenant default --stripe-secret-key otters",
        "backfill stripe --tenant default --stripe-api-base http://stripe.example",
    ] {
        let outcome = machine.run(line).await;
        assert_eq!(outcome.code, Some(2), "{line}: {outcome:?}");
        assert!(outcome.said.is_empty() && !outcome.complained.is_empty(), "{line}: {outcome:?}");
    }
    let before = machine.tables().await;
    let lock = machine.ledger.store().backfill_lock(machine.ledger.ours.id).await.unwrap();
    let busy = machine.run("backfill stripe --tenant default").await;
    assert_eq!((busy.code, busy.said.as_str()), (Some(3), ""), "{busy:?}");
    assert!(busy.complained.contains("is being read already"), "{busy:?}");
    drop(lock);
    for line in ["backfill stripe --tenant nobody", "backfill stripe --tenant theirs"] {
        let outcome = machine.run(line).await;
        assert_eq!((outcome.code, outcome.said.as_str()), (Some(1), ""), "{line}: {outcome:?}");
    }
    assert_eq!(
        machine
            .tables()
            .await
            .without(&["backfills", "audit_log"])
            .differing(&before.without(&["backfills", "audit_log"])),
        [""; 0]
    );
}

#[tokio::test]
async fn the_command_stops_when_told_to_and_goes_on_later() {
    let machine = Machine::with(recent_account(250)).await;
    machine.stripe.with(|account| account.fault("/v1/charges", 1, Fault::Hangs));
    let mut child = machine.start();
    machine.asked_for(9).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let pid = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    // Nobody listens any more to what it says.
    drop(child.stdout.take());
    let status = tokio::time::timeout(Duration::from_secs(20), child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(1));
    assert_eq!(run_of(&machine.ledger.database.url).await["state"], "paused");

    let mut child = machine.start();
    drop(child.stdout.take());
    let status = tokio::time::timeout(Duration::from_secs(60), child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(0), "a closed pipe is no failure");
    let tables = machine.tables().await;
    assert_eq!((tables.rows("backfills").len(), rows(&machine.ledger).await.len()), (1, 252));
    assert!(now() > year().from);
}
