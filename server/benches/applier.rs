//! How fast kept events become ledger rows: events a second that the applier books, of a mix as an account sends it;
//! then the same with many more rows in the tables, and how fast everything is made again to compare.
//!
//! `make bench`, or `cargo bench -p server --bench applier`; `LIVES` says how many people's events a round has,
//! `PAST` how often over what was booked lies in the tables for the last round.

mod applier {
    pub(super) mod mix;
    pub(super) mod past;
}

use std::time::Instant;

use applier::mix::{self, Event};
use applier::past;
use cluster::{Cluster, Installation, Settings};
use domain::tenant::Tenant;
use futures::stream::{self, StreamExt as _};
use server::applier::Applier;
use server::clock::Clock;
use server::database::ensure_default_tenant;
use store::{Entry, Store};

const ROUNDS: usize = 3;

/// Events on their way to the database at once.
const AT_ONCE: usize = 256;

#[tokio::main(worker_threads = 2)]
async fn main() {
    // Cargo also runs benchmarks as tests, to see that they compile; that is no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let (lives, times) = (told("LIVES", 1_000), told("PAST", 50));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let cluster = Cluster::start(Settings::new(folder.path())).await.expect("PostgreSQL starts");
    let installation = Installation::find().await.expect("PostgreSQL is installed");
    let store = Store::connect(&cluster.database_url(), Entry::Login).await.expect("PostgreSQL answers");
    store.migrate().await.expect("the schema can be made");
    let tenant = ensure_default_tenant(&store, Clock::System.now()).await.expect("there is a tenant");
    let applier = Applier::new(store.clone(), Clock::System);
    for round in 0..ROUNDS {
        measure("", &store, &applier, &tenant, mix::lives(round * lives, lives)).await;
    }
    verify(&applier, &tenant).await;
    let rows = past::deepen(&installation, &cluster.database_url(), times).await;
    let what = format!("with {rows} ledger rows before: ");
    for round in ROUNDS..ROUNDS * 2 {
        measure(&what, &store, &applier, &tenant, mix::lives(round * lives, lives)).await;
    }
    store.close().await;
    cluster.stop().await;
}

async fn measure(what: &str, store: &Store, applier: &Applier, tenant: &Tenant, events: Vec<Event>) {
    let count = events.len();
    keep(store, tenant, events).await;
    let begun = now();
    applier.apply_all().await.expect("events are applied");
    println!("{what}{count} events: {} applied a second", per_second(count, begun));
}

async fn verify(applier: &Applier, tenant: &Tenant) {
    let begun = now();
    let rebuilt = applier.rebuild(tenant.id, false).await.expect("everything is made again");
    assert!(rebuilt.is_same(), "{rebuilt:?}");
    println!(
        "{} events: {} made again and compared a second",
        rebuilt.events,
        per_second(rebuilt.events, begun)
    );
}

async fn keep(store: &Store, tenant: &Tenant, events: Vec<Event>) {
    let keeping = stream::iter(events).for_each_concurrent(AT_ONCE, |(id, body)| async move {
        store.stripe_event_keep(tenant.id, &id, &body, Clock::System.now()).await.expect("an event is kept");
    });
    keeping.await;
}

fn per_second(events: usize, begun: Instant) -> u128 {
    u128::try_from(events).expect("a count fits") * 1_000_000 / begun.elapsed().as_micros().max(1)
}

fn told(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> Instant {
    Instant::now()
}
