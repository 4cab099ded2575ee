//! How fast signed events become durable, as a ratio to what PostgreSQL alone allows.
//!
//! Both sides keep the same bodies in the same table of a durable cluster (fsync on), one commit per event,
//! turn by turn in one run: first the store called directly, then the program over HTTP with signatures,
//! applier running. Machines differ and are noisy; the ratio is what to look at.
//!
//! `make bench`, or `cargo bench -p server --bench intake`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cluster::{Cluster, Settings};
use futures::stream::{self, StreamExt};
use reqwest::Client;
use server::application::Application;
use server::clock::Clock;
use server::config::ServeConfig;
use server::database::ensure_default_tenant;
use server::demo::{DemoEvent, DemoPlan, demo_events};
use server::stripe::signature::{SigningSecrets, sign};
use store::{Entry, Store};

const SECRET: &str = "whsec_bench";
const ROUNDS: usize = 5;
const EVENTS_A_ROUND: usize = 2_000;

#[tokio::main]
async fn main() {
    // Cargo also runs benchmarks as tests, to see that they compile; that is no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let cluster = Cluster::start(Settings::new(folder.path())).await.expect("PostgreSQL starts");
    let store = Store::connect(&cluster.database_url(), Entry::Login).await.expect("PostgreSQL answers");
    for connections in [8, 32] {
        compare(&store, connections).await;
    }
    store.close().await;
    cluster.stop().await;
}

async fn compare(store: &Store, connections: usize) {
    let address = start_program(store).await;
    let tenant = ensure_default_tenant(store, Clock::System.now()).await.expect("there is a tenant");
    let client = Client::new();
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let events = Arc::new(events_of(round, connections));
        let (direct, posted) = events.split_at(EVENTS_A_ROUND);
        let floor = per_second(connections, direct, |event| {
            let (store, tenant) = (store.clone(), tenant.id);
            async move {
                let id = event.id.parse().expect("demo ids are Stripe's form");
                store.stripe_event_keep(tenant, &id, &event.body, Clock::System.now()).await.expect("kept");
            }
        })
        .await;
        let ours = per_second(connections, posted, |event| {
            let (client, address) = (client.clone(), address.clone());
            async move {
                let signature = sign(&event.body, SECRET, Clock::System.now());
                let request =
                    client.post(&address).header("stripe-signature", signature).body(event.body.clone());
                let response = request.send().await.expect("the program answers");
                assert_eq!(response.status(), 200);
            }
        })
        .await;
        ratios.push(ours * 100 / floor);
        println!(
            "{connections:>2} connections, round {round}: {ours} events/s over HTTP, {floor} events/s by the store alone"
        );
    }
    ratios.sort_unstable();
    let median = ratios.get(ROUNDS / 2).expect("there were rounds");
    println!("{connections:>2} connections: median {median} % of what the store alone keeps");
}

async fn start_program(store: &Store) -> String {
    let config = ServeConfig {
        stripe_webhook_secret: Some(SigningSecrets::exactly(vec![SECRET.to_owned()])),
        ..ServeConfig::plain("127.0.0.1:0".parse().expect("an address"))
    };
    let application =
        Application::build(&config, store.clone(), Clock::System).await.expect("the program starts");
    let address = application.address().expect("it has an address");
    tokio::spawn(application.run_until(std::future::pending()));
    format!("http://{address}/api/webhooks/stripe")
}

/// Bodies of the demo's size and shape, with ids that no other round has.
fn events_of(round: usize, connections: usize) -> Vec<DemoEvent> {
    let until = "2026-11-20T14:00:00Z".parse().expect("a time");
    let plan = DemoPlan { since: jiff::civil::date(2025, 11, 1), until };
    let mark = format!("r{round}c{connections}");
    demo_events(&plan)
        .into_iter()
        .take(2 * EVENTS_A_ROUND)
        .map(|event| {
            let id = format!("{}{mark}", event.id);
            let body =
                String::from_utf8(event.body).expect("JSON is text").replace(&event.id, &id).into_bytes();
            DemoEvent { id, body, ..event }
        })
        .collect()
}

async fn per_second<'a, F: Future<Output = ()>>(
    connections: usize,
    events: &'a [DemoEvent],
    keep: impl Fn(&'a DemoEvent) -> F,
) -> u128 {
    let begun = now();
    stream::iter(events).for_each_concurrent(connections, keep).await;
    let taken = begun.elapsed().max(Duration::from_millis(1));
    let events = u128::try_from(events.len()).expect("a count fits");
    events * 1_000_000 / taken.as_micros()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> Instant {
    Instant::now()
}
