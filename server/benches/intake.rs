//! How fast signed events become durable, as a ratio to what PostgreSQL alone allows.
//!
//! Both sides commit the same rows into the same table of a durable cluster (fsync on), turn by turn in one run:
//! pgbench row by row, then the installed program over HTTP with as many kept connections, its applier running.
//! A sender sends its next event when the one before is acknowledged. Then the same with a fifth of the events
//! sent twice, and at the end the memory the program takes. Machines differ and are noisy; the ratio is what to
//! look at.
//!
//! `make bench`.

mod intake {
    pub(super) mod events;
    pub(super) mod floor;
    pub(super) mod program;
    pub(super) mod senders;
}

use cluster::{Cluster, Installation, Settings};
use store::{Entry, Store};

use intake::events::Events;
use intake::floor::Floor;
use intake::program::Program;
use intake::senders::{Measured, Senders};

const CONNECTIONS: [usize; 2] = [32, 8];
const WARM_UP: usize = 8;
const ROUNDS: usize = 5;
const EVENTS_A_ROUND: usize = 8_000;

fn main() {
    // Cargo also runs benchmarks as tests, to see that they compile; that is no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime starts").block_on(run());
}

async fn run() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let cluster = Cluster::start(Settings::new(folder.path())).await.expect("PostgreSQL starts");
    let url = cluster.database_url();
    let installation = Installation::find().await.expect("PostgreSQL is installed");
    let store = Store::connect(&url, Entry::Login).await.expect("PostgreSQL answers");
    let floor = Floor::prepare(&installation, &url).await;
    let program = Program::start(&url).await;
    println!("memory of the program before anything came: {} MiB", program.memory_mib());
    let mut events = Events::default();
    floor.rows_a_second(WARM_UP).await;
    turn(WARM_UP, &program, &store, events.fresh(EVENTS_A_ROUND / 4)).await;
    floor.take_stock().await;
    for connections in CONNECTIONS {
        compare(connections, &floor, &program, &store, &mut events).await;
    }
    println!("memory of the program after {} events: {} MiB", events.made(), program.memory_mib());
    store.close().await;
    drop(program);
    cluster.stop().await;
}

async fn compare(connections: usize, floor: &Floor, program: &Program, store: &Store, events: &mut Events) {
    println!("{connections} connections, {EVENTS_A_ROUND} events of {} bytes a round", Events::size());
    let (mut ratios, mut repeated) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let alone = floor.rows_a_second(connections).await;
        let once = turn(connections, program, store, events.fresh(EVENTS_A_ROUND)).await;
        let again = turn(connections, program, store, events.with_copies(EVENTS_A_ROUND)).await;
        println!("round {round}: pgbench {alone}/s; once {once}; a fifth again {again}");
        ratios.push(once.a_second * 100 / alone);
        repeated.push(again.a_second * 100 / once.a_second.max(1));
    }
    println!("median: {} % of pgbench, {} % of that with copies", median(ratios), median(repeated));
}

/// One round over HTTP; begins and ends with nothing left to apply, so that nobody pays for another's round.
async fn turn(connections: usize, program: &Program, store: &Store, bodies: Vec<Vec<u8>>) -> Measured {
    let measured = Senders::connect(program.address(), connections).await.send(bodies).await;
    while !store.tenants_with_pending_events().await.expect("the database answers").is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    measured
}

fn median(mut values: Vec<u128>) -> u128 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
