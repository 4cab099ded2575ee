//! The main screen asked for steadily while events of the same tenant come in, and those events alone beside it.

use std::time::Duration;

use reqwest::Client;
use server::clock::Clock;
use server::stripe::signature::sign;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::events::body;
use super::ledgers::Ledger;
use super::program::{Program, SECRET};
use super::{ask, at_rank, now, ratio};

/// Requests and events in a second, and for how long.
const REQUESTS: u32 = 200;
const EVENTS: u32 = 100;
const SECONDS: u32 = 10;

/// Each way, turn by turn.
const TURNS: usize = 3;

/// What a turn saw.
#[derive(Default)]
struct Seen {
    reads: Vec<Duration>,
    events: Vec<Duration>,
}

/// Measures and prints it.
pub(crate) async fn measure(program: &Program, ledger: &Ledger) {
    let (mut alone, mut together) = (Seen::default(), Seen::default());
    let mut taken = Duration::ZERO;
    let mut first = 0;
    for _ in 0..TURNS {
        alone.events.extend(send(program, ledger, &mut first).await);
        let begun = now();
        let (reads, events) = tokio::join!(read(program, ledger), send(program, ledger, &mut first));
        taken += begun.elapsed();
        together.reads.extend(reads);
        together.events.extend(events);
    }
    let requests = u128::try_from(together.reads.len()).expect("a count fits");
    let a_second = requests * 1_000_000 / taken.as_micros().max(1);
    println!(
        "{:>10} rows, {REQUESTS} requests/s while {EVENTS} events/s come: {a_second}/s answered, p50 {} us, p95 {} us",
        ledger.rows,
        at_rank(&together.reads, 50),
        at_rank(&together.reads, 95)
    );
    let (before, during) = (at_rank(&alone.events, 99), at_rank(&together.events, 99));
    println!("{:>16} p99 of events {during} us, alone {before} us: {}", "", ratio(during, before));
}

/// Asks at a steady pace, whether or not the answers before have come.
async fn read(program: &Program, ledger: &Ledger) -> Vec<Duration> {
    let client = Client::new();
    let mut asking = JoinSet::new();
    let mut ticks = steadily(REQUESTS);
    let requests = usize::try_from(REQUESTS * SECONDS).expect("a count fits");
    for key in ledger.keys.iter().cycle().take(requests) {
        ticks.tick().await;
        let (client, address, key) = (client.clone(), program.address(), key.clone());
        asking.spawn(async move { ask(&client, address, &key).await });
    }
    asking.join_all().await
}

/// Sends events of payments to this tenant at a steady pace.
async fn send(program: &Program, ledger: &Ledger, first: &mut usize) -> Vec<Duration> {
    let client = Client::new();
    let mut sending = JoinSet::new();
    let mut ticks = steadily(EVENTS);
    for _ in 0..EVENTS * SECONDS {
        ticks.tick().await;
        *first += 1;
        let body = ledger.own(&body(*first));
        let address = format!("http://{}/api/webhooks/stripe", program.address());
        let signature = sign(&body, SECRET, Clock::System.now());
        let request = client.post(address).header("stripe-signature", signature).body(body);
        sending.spawn(async move {
            let begun = now();
            let answer = request.send().await.expect("the program answers");
            assert!(answer.status().is_success(), "{}", answer.status());
            begun.elapsed()
        });
    }
    sending.join_all().await
}

fn steadily(a_second: u32) -> Interval {
    let mut ticks = interval(Duration::from_secs(1) / a_second);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    ticks
}
