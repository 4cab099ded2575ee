//! The real program is killed a hundred times while events arrive, and its PostgreSQL ten times: what it acknowledged is
//! never lost.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::SECRET;
use cluster::{Cluster, Settings};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use server::clock::Clock;
use server::stripe::signature::sign;
use store::Entry;
use store::testing::TestDatabase;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

const KILLS: usize = 100;
const KILLS_OF_POSTGRESQL: usize = 10;
const SENDERS: usize = 4;
const AMOUNT: i64 = 1_000;

/// What the senders share: the next payment's number, and the events that were acknowledged.
#[derive(Default)]
struct Traffic {
    next: AtomicUsize,
    acknowledged: Mutex<BTreeSet<String>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_kills_lose_no_acknowledged_event_and_double_none() {
    let database = TestDatabase::create().await;
    let address = free_address();
    let traffic = Arc::new(Traffic::default());
    let senders: Vec<_> =
        (0..SENDERS).map(|_| tokio::spawn(send_for_ever(address.clone(), traffic.clone()))).collect();
    let mut dice = ChaCha8Rng::seed_from_u64(3);
    for _ in 0..KILLS {
        let mut program = start(&database.url, &address);
        another_is_acknowledged(&traffic, &mut program).await;
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..120))).await;
        program.kill().await.unwrap();
    }
    for sender in senders {
        sender.abort();
    }
    assert!(traffic.acknowledged.lock().await.len() >= KILLS);
    nothing_is_lost(&database, &traffic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_kills_of_its_own_postgresql_lose_no_acknowledged_event_and_double_none() {
    let folder = tempfile::tempdir().unwrap();
    let address = free_address();
    let traffic = Arc::new(Traffic::default());
    let mut program = Command::new(env!("CARGO_BIN_EXE_command-center"));
    program.arg("serve").env_remove("DATABASE_URL").env("DATA_DIR", folder.path());
    let mut program = serving(program, &address).spawn().unwrap();
    let senders: Vec<_> =
        (0..SENDERS).map(|_| tokio::spawn(send_for_ever(address.clone(), traffic.clone()))).collect();
    let mut dice = ChaCha8Rng::seed_from_u64(5);
    let mut killed = String::new();
    for _ in 0..KILLS_OF_POSTGRESQL {
        another_is_acknowledged(&traffic, &mut program).await;
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..300))).await;
        killed = another_postmaster(folder.path(), &killed).await;
        let outcome = Command::new("kill").args(["-KILL", &killed]).status().await.unwrap();
        assert!(outcome.success());
    }
    another_is_acknowledged(&traffic, &mut program).await;
    for sender in senders {
        sender.abort();
    }
    program.kill().await.unwrap();

    let cluster = Cluster::start(Settings::new(folder.path())).await.unwrap();
    let database = TestDatabase::at(cluster.database_url(), Entry::Login).await;
    nothing_is_lost(&database, &traffic).await;
    cluster.stop().await;
}

/// The process of the PostgreSQL that runs in place of one that was killed.
async fn another_postmaster(data_dir: &Path, killed: &str) -> String {
    loop {
        let note = tokio::fs::read_to_string(data_dir.join("postgres/data/postmaster.pid")).await;
        let postmaster = note.unwrap_or_default().lines().next().unwrap_or_default().to_owned();
        if !postmaster.is_empty() && postmaster != killed {
            return postmaster;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until one more event was acknowledged than there are now.
async fn another_is_acknowledged(traffic: &Traffic, program: &mut Child) {
    let before = traffic.acknowledged.lock().await.len();
    while traffic.acknowledged.lock().await.len() == before {
        assert!(program.try_wait().unwrap().is_none(), "the program ended by itself");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Every acknowledged event is kept, and each payment that is kept is booked once, to the cent.
async fn nothing_is_lost(database: &TestDatabase, traffic: &Traffic) {
    let acknowledged = traffic.acknowledged.lock().await.clone();
    let tenant = database.store.tenant_default().await.unwrap().unwrap();
    let kept: BTreeSet<String> = database.event_ids(tenant.id).await.into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&kept).collect();
    assert!(lost.is_empty(), "{} acknowledged events are lost", lost.len());
    server::applier::Applier::new(database.store.clone(), Clock::System).apply_all().await.unwrap();
    let rows = database.current_amounts(tenant.id).await;
    assert_eq!(rows.len(), kept.len());
    assert!(rows.iter().all(|(_, _, amount)| *amount == AMOUNT));
}

fn start(database_url: &str, address: &str) -> Child {
    let mut program = Command::new(env!("CARGO_BIN_EXE_command-center"));
    program.arg("serve").env("DATABASE_URL", database_url);
    serving(program, address).spawn().unwrap()
}

fn serving(mut program: Command, address: &str) -> Command {
    program
        .env("BIND_ADDR", address)
        .env("STRIPE_WEBHOOK_SECRET", SECRET)
        .env("RUST_LOG", "error")
        .stdout(Stdio::null())
        .kill_on_drop(true);
    program
}

/// Sends payment after payment, each until it is acknowledged, as Stripe would.
async fn send_for_ever(address: String, traffic: Arc<Traffic>) {
    let client = reqwest::Client::new();
    loop {
        let number = traffic.next.fetch_add(1, Ordering::Relaxed);
        let (id, body) = payment(number);
        while !is_acknowledged(&client, &address, &body).await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        traffic.acknowledged.lock().await.insert(id);
    }
}

async fn is_acknowledged(client: &reqwest::Client, address: &str, body: &[u8]) -> bool {
    let request = client
        .post(format!("http://{address}/api/webhooks/stripe"))
        .header("stripe-signature", sign(body, SECRET, Clock::System.now()))
        .body(body.to_vec());
    matches!(request.send().await, Ok(response) if response.status() == 200)
}

fn payment(number: usize) -> (String, Vec<u8>) {
    let id = format!("evt_kill{number}");
    let created = 1_770_737_400;
    let charge = json!({
        "id": format!("ch_kill{number}"), "object": "charge", "amount": AMOUNT, "amount_captured": AMOUNT,
        "amount_refunded": 0, "captured": true, "created": created, "currency": "usd", "paid": true,
        "status": "succeeded", "metadata": {},
    });
    let event = json!({
        "id": id, "object": "event", "type": "charge.succeeded", "created": created, "livemode": false,
        "data": { "object": charge },
    });
    (id, serde_json::to_vec(&event).unwrap())
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
