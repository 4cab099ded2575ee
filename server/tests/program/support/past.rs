//! A ledger beside an account of Stripe's, and what reads the one into the other.

use std::time::Duration;

use serde_json::{Value, json};
use server::application::accounts;
use server::backfill::{Asked, BackfillError, Backfills, By, Silent, StripeAccess, Summary};
use server::clock::Clock;
use server::config::ServeConfig;
use server::stripe::client::{ApiBase, Pace, StripeKey};

use super::fake_stripe::{Account, FakeStripe, KEY};
use super::tables::Tables;
use super::{Ledger, bodies_in, config, now};

pub const VERSION: &str = "2026-09-30.endive";
pub const STORIES: [&str; 4] = ["a_subscription_life", "b_oneoff_refunds", "c_trial_annual", "d_currencies"];

/// A moment in the days every test reads.
pub const AT: i64 = 1_790_000_000;

pub struct Past {
    pub ledger: Ledger,
    pub stripe: FakeStripe,
    pub backfills: Backfills,
}

/// So patient that a test sees every attempt and waits for none.
pub fn impatient() -> Pace {
    Pace {
        connect: Duration::from_millis(500),
        answer: Duration::from_millis(500),
        attempts: 4,
        first_wait: Duration::from_millis(4),
        longest_wait: Duration::from_millis(20),
        longest_retry_after: Duration::from_secs(2),
        least_distance: Duration::ZERO,
    }
}

/// What a program is told whose default tenant's key stands in the environment.
pub fn config_for(stripe: &FakeStripe) -> ServeConfig {
    let sealing = credentials::sealing::SecretsKeys::parse(super::binary::SECRETS_KEY).unwrap();
    ServeConfig {
        stripe_api_base: Some(ApiBase::parse(&stripe.address).unwrap()),
        stripe_secret_key: Some(StripeKey::parse(KEY).unwrap()),
        secrets_keys: Some(sealing.into()),
        ..config()
    }
}

impl Past {
    pub async fn of(account: Account) -> Self {
        let (ledger, stripe) = (Ledger::create().await, FakeStripe::open(account).await);
        let backfills = backfills(&ledger, &stripe);
        Self { ledger, stripe, backfills }
    }

    /// Reads the last year for our tenant.
    pub async fn read(&self) -> Result<Summary, BackfillError> {
        self.backfills.run(&self.ledger.ours, &year(), &By::command_line(), &Silent).await
    }

    pub async fn read_all(&self) -> Summary {
        self.read().await.unwrap()
    }

    pub async fn tables(&self) -> Tables {
        Tables::of(&self.ledger.database.url).await
    }

    /// Our rows that count, without the events that told of them.
    pub async fn rows(&self) -> Vec<Value> {
        rows(&self.ledger).await
    }

    pub async fn events(&self) -> Vec<String> {
        self.ledger.database.event_ids(self.ledger.ours.id).await
    }
}

pub fn backfills(ledger: &Ledger, stripe: &FakeStripe) -> Backfills {
    let config = config_for(stripe);
    let accounts = accounts(&config, ledger.store().clone(), Clock::Fixed(now()));
    let access = StripeAccess { pace: impatient(), ..config.stripe_access() };
    Backfills::new(accounts, ledger.applier.clone(), access)
}

pub fn year() -> Asked {
    Asked::last_days(365, now()).unwrap()
}

pub async fn rows(ledger: &Ledger) -> Vec<Value> {
    let text = ledger.database.ledger_text(ledger.ours.id).await;
    text.iter()
        .map(|row| {
            let mut row: Value = serde_json::from_str(row).unwrap();
            row.as_object_mut().unwrap().remove("stripe_event_id").unwrap();
            row
        })
        .collect()
}

pub fn story(name: &str) -> Vec<Vec<u8>> {
    bodies_in(&format!("composed/{VERSION}/{name}")).into_iter().map(|(_, body)| body).collect()
}

pub fn all_stories() -> Vec<Vec<u8>> {
    STORIES.iter().flat_map(|name| story(name)).collect()
}

pub fn charge(number: i64) -> Value {
    json!({
        "id": format!("ch_{number}"), "object": "charge", "amount": 1_000, "amount_captured": 1_000,
        "amount_refunded": 0, "captured": true, "created": AT - number * 60, "currency": "usd", "paid": true,
        "status": "succeeded", "livemode": false, "metadata": {}, "payment_intent": format!("pi_{number}"),
    })
}

pub fn refund(number: i64, of: i64, amount: i64) -> Value {
    json!({
        "id": format!("re_{number}"), "object": "refund", "amount": amount, "currency": "usd",
        "charge": format!("ch_{of}"), "payment_intent": format!("pi_{of}"), "created": AT + number,
        "status": "succeeded",
    })
}

pub fn subscription(number: i64, status: &str) -> Value {
    json!({
        "id": format!("sub_{number}"), "object": "subscription", "created": AT - number, "status": status,
        "livemode": false, "customer": format!("cus_{number}"), "currency": "usd", "start_date": AT - number,
        "ended_at": (status == "canceled").then_some(AT),
        "items": { "object": "list", "has_more": false, "data": [{ "id": format!("si_{number}"), "quantity": 1,
            "price": { "id": "price_1", "unit_amount": 1_000,
                "recurring": { "interval": "month", "interval_count": 1 } } }] },
    })
}

/// An account with so many charges.
pub fn account_with(charges: i64) -> Account {
    let mut account = Account::default();
    // The newest last, so that each is put at the head.
    (1..=charges).rev().for_each(|number| account.put(charge(number)));
    account.settle();
    account
}

/// An event Stripe would send.
pub fn sent(number: i64, event_type: &str, at: i64, object: &Value) -> Vec<u8> {
    let body = json!({
        "id": format!("evt_sent{number}"), "object": "event", "type": event_type, "livemode": false,
        "created": at, "api_version": VERSION, "data": { "object": object },
    });
    serde_json::to_vec(&body).unwrap()
}
