//! How fast the past is read: objects a second, from lists on this machine into a durable cluster (fsync on).
//!
//! Stripe itself answers far more slowly; this is what remains of the time when it does not. Reading is measured
//! apart from booking, which is the applier's.
//!
//! `make bench`, or `cargo bench -p server --bench backfill`.

#[expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "it is written for tests, which use more of it"
)]
#[path = "../tests/program/support/fake_stripe.rs"]
mod fake_stripe;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use cluster::{Cluster, Settings};
use fake_stripe::{Account, FakeStripe, KEY};
use serde_json::{Value, json};
use server::application::accounts;
use server::applier::Applier;
use server::backfill::{Asked, Backfills, By, Progress};
use server::clock::Clock;
use server::config::ServeConfig;
use server::database::ensure_default_tenant;
use server::stripe::client::{ApiBase, StripeKey};
use store::backfills::Cursor;
use store::{Entry, Store};

const CHARGES: i64 = 20_000;
const SUBSCRIPTIONS: i64 = 10_000;

#[tokio::main]
async fn main() {
    // Cargo also runs benchmarks as tests, to see that they compile; that is no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let cluster = Cluster::start(Settings::new(folder.path())).await.expect("PostgreSQL starts");
    let store = Store::connect(&cluster.database_url(), Entry::Login).await.expect("PostgreSQL answers");
    store.migrate().await.expect("the schema can be made");
    let stripe = FakeStripe::open(account()).await;
    let config = ServeConfig {
        stripe_api_base: Some(ApiBase::parse(&stripe.address).expect("an address of this machine")),
        stripe_secret_key: Some(StripeKey::parse(KEY).expect("a key")),
        ..ServeConfig::plain("127.0.0.1:0".parse().expect("an address"))
    };
    for what in ["new", "known"] {
        measure(what, &config, &store).await;
    }
    store.close().await;
    cluster.stop().await;
}

async fn measure(what: &str, config: &ServeConfig, store: &Store) {
    let clock = Clock::System;
    let tenant = ensure_default_tenant(store, clock.now()).await.expect("there is a tenant");
    let accounts = accounts(config, store.clone(), clock);
    let backfills = Backfills::new(accounts, Applier::new(store.clone(), clock), config.stripe_access());
    let asked = Asked::last_days(365, clock.now()).expect("a year");
    let (begun, watch) = (now(), Watch(Mutex::new(now())));
    let summary = backfills.run(&tenant, &asked, &By::command_line(), &watch).await.expect("it is read");
    let read = watch.0.lock().expect("nobody panicked").duration_since(begun);
    let counts = summary.counts();
    println!(
        "{what:>5}: {} objects, {} of them stored: {} objects/s read, {} objects/s with booking and comparing",
        counts.total,
        counts.processed,
        per_second(counts.total, read),
        per_second(counts.total, begun.elapsed()),
    );
}

/// When the newest page was stored.
struct Watch(Mutex<Instant>);

impl Progress for Watch {
    fn page(&self, _cursor: &Cursor) {
        *self.0.lock().expect("nobody panicked") = now();
    }
}

fn per_second(objects: i64, taken: Duration) -> u128 {
    let objects = u128::try_from(objects).expect("a count is not negative");
    objects * 1_000_000 / taken.as_micros().max(1)
}

fn account() -> Account {
    let mut account = Account::default();
    let newest = Clock::System.now().as_second() - 3_600;
    let charges: Vec<Value> = (0..CHARGES).map(|number| charge(number, newest - number)).collect();
    let movements = charges.iter().map(|charge| {
        json!({
            "id": format!("txn_{}", charge["id"]), "object": "balance_transaction", "created": charge["created"],
            "amount": charge["amount"], "currency": "usd", "reporting_category": "charge", "source": charge["id"],
        })
    });
    account.lists.insert("/v1/balance_transactions", movements.collect());
    account.lists.insert("/v1/charges", charges);
    let subscriptions = (0..SUBSCRIPTIONS).map(|number| subscription(number, newest - number));
    account.lists.insert("/v1/subscriptions", subscriptions.collect());
    account
}

/// About as large as Stripe's own.
fn charge(number: i64, created: i64) -> Value {
    json!({
        "id": format!("ch_{number}"), "object": "charge", "amount": 4_900, "amount_captured": 4_900,
        "amount_refunded": 0, "captured": true, "created": created, "currency": "usd", "paid": true,
        "status": "succeeded", "livemode": false, "metadata": { "utm_source": "newsletter" },
        "payment_intent": format!("pi_{number}"), "customer": format!("cus_{}", number % 997),
        "billing_details": { "email": format!("buyer{number}@mail.example"), "name": "Somebody", "phone": null,
            "address": { "city": "Berlin", "country": "DE", "line1": "A street 1", "postal_code": "10115" } },
        "payment_method_details": { "type": "card", "card": { "brand": "visa", "last4": "4242", "exp_month": 4,
            "exp_year": 2030, "funding": "credit", "country": "DE", "network": "visa", "three_d_secure": null } },
        "outcome": { "network_status": "approved_by_network", "risk_level": "normal", "risk_score": 12,
            "seller_message": "Payment complete.", "type": "authorized" },
        "refunds": { "object": "list", "has_more": false, "data": [] },
        "description": "Growth plan", "statement_descriptor": "NORTHWIND", "receipt_email": null,
        "balance_transaction": format!("txn_{number}"), "invoice": null, "dispute": null,
    })
}

fn subscription(number: i64, created: i64) -> Value {
    json!({
        "id": format!("sub_{number}"), "object": "subscription", "created": created, "status": "active",
        "livemode": false, "customer": format!("cus_{}", number % 997), "currency": "usd", "metadata": {},
        "items": { "object": "list", "has_more": false, "data": [{
            "id": format!("si_{number}"), "object": "subscription_item", "quantity": 1,
            "price": { "id": "price_1", "object": "price", "unit_amount": 4_900, "currency": "usd",
                "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed" } },
        }] },
    })
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn now() -> Instant {
    Instant::now()
}
