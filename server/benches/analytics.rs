//! How fast the main screen's figures are: `command-center` over HTTP, beside the same rollups read by one plain connection, and the same
//! figures counted from every row by SQL and by DuckDB; turn by turn in one run, for ledgers of several sizes.
//!
//! `make bench`, or `cargo bench -p server --bench analytics`. A ledger of ten million rows is made too when
//! `BENCH_TEN_MILLION` is set; it takes some minutes and 8 GB.

#[path = "analytics/duckdb.rs"]
mod duckdb;
#[expect(dead_code, reason = "the intake's benchmark uses more of it")]
#[path = "intake/events.rs"]
mod events;
#[path = "analytics/ledgers.rs"]
mod ledgers;
#[expect(dead_code, reason = "the intake's benchmark uses more of it")]
#[path = "intake/program.rs"]
mod program;
#[path = "analytics/session.rs"]
mod session;
#[path = "analytics/under_load.rs"]
mod under_load;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cluster::{Cluster, Installation, Settings};
use duckdb::DuckDb;
use ledgers::Ledger;
use program::Program;
use reqwest::Client;
use session::Session;

/// The same figures from every row, and from the rollups; both end with leads, deals and costs, which have none.
const FROM_ROWS: &str =
    concat!(include_str!("analytics/from_rows.sql"), include_str!("analytics/pipeline.sql"));
const FROM_ROLLUPS: &str =
    concat!(include_str!("analytics/from_rollups.sql"), include_str!("analytics/pipeline.sql"));

/// Makes all that is kept of figures be counted again.
const CHANGED: &str = "update rollups set revision = revision + 1 where tenant_id = :tenant;
update pipeline_revisions set revision = revision + 1 where tenant_id = :tenant;";

/// How often each is asked; counting rows is slow, and is asked every tenth time.
const ROUNDS: usize = 60;
const ROWS_EVERY: usize = 10;

/// What one ledger's figures took.
#[derive(Default)]
struct Taken {
    rows: Vec<Duration>,
    duckdb: Vec<Duration>,
    rollups: Vec<Duration>,
    /// After something changed.
    endpoint: Vec<Duration>,
    /// After nothing did.
    again: Vec<Duration>,
}

#[tokio::main]
async fn main() {
    // Cargo also runs benchmarks as tests, to see that they compile; that is no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let cluster = Cluster::start(Settings::new(folder.path())).await.expect("PostgreSQL starts");
    let psql = Installation::find().await.expect("PostgreSQL is installed").bin_dir().join("psql");
    let url = cluster.database_url();
    let program = Program::start(&url).await;
    let mut ledgers = Vec::new();
    for rows in sizes() {
        ledgers.push(Ledger::make(&psql, &url, rows).await);
    }
    let duckdb = DuckDb::open(&psql, &url, &ledgers).await;
    if duckdb.is_none() {
        println!("DuckDB is not installed: `make bench` does that");
    }
    let taken = measure(&ledgers, &program, Session::open(&psql, &url), duckdb).await;
    report(&ledgers, &taken);
    under_load::measure(&program, ledgers.last().expect("there is a ledger")).await;
    drop(program);
    cluster.stop().await;
}

fn sizes() -> Vec<u64> {
    let mut sizes = vec![100_000, 1_000_000];
    sizes.extend(std::env::var_os("BENCH_TEN_MILLION").map(|_| 10_000_000));
    sizes
}

async fn measure(
    ledgers: &[Ledger],
    program: &Program,
    mut session: Session,
    mut duckdb: Option<DuckDb>,
) -> Vec<Taken> {
    let client = Client::new();
    let mut taken: Vec<Taken> = ledgers.iter().map(|_| Taken::default()).collect();
    // The first round only warms up: connections, plans, caches.
    for round in 0..=ROUNDS {
        for (ledger, taken) in ledgers.iter().zip(&mut taken) {
            let rollups = session.run(&ledger.with_tenant(FROM_ROLLUPS)).await;
            session.run(&ledger.with_tenant(CHANGED)).await;
            let key = ledger.keys.iter().cycle().nth(round).expect("there are keys");
            let endpoint = ask(&client, program.address(), key).await;
            let again = ask(&client, program.address(), key).await;
            if round > 0 {
                taken.rollups.push(rollups);
                taken.endpoint.push(endpoint);
                taken.again.push(again);
            }
            if round.is_multiple_of(ROWS_EVERY) {
                taken.rows.push(session.run(&ledger.with_tenant(FROM_ROWS)).await);
            }
            if let Some(duckdb) = &mut duckdb {
                taken.duckdb.push(duckdb.run(ledger, FROM_ROWS).await);
            }
        }
    }
    session.close().await;
    if let Some(duckdb) = duckdb {
        duckdb.close().await;
    }
    taken
}

/// The main screen for ninety days, by week.
async fn ask(client: &Client, program: SocketAddr, key: &str) -> Duration {
    let begun = now();
    let path = "api/analytics/command-center?period=90d&granularity=week";
    let answer = client
        .get(format!("http://{program}/{path}"))
        .bearer_auth(key)
        .send()
        .await
        .expect("the program answers");
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.bytes().await.expect("the answer is whole");
    begun.elapsed()
}

fn report(ledgers: &[Ledger], taken: &[Taken]) {
    let mut smallest = None;
    for (ledger, taken) in ledgers.iter().zip(taken) {
        let (rows, rollups) = (at_rank(&taken.rows, 50), at_rank(&taken.rollups, 95));
        let (usual, slow) = (at_rank(&taken.endpoint, 50), at_rank(&taken.endpoint, 95));
        let first = *smallest.get_or_insert(slow);
        println!(
            "{:>10} rows: command-center {usual} us, p95 {slow} us, unchanged p95 {} us; rollups by one connection p95 \
             {rollups} us; every row {rows} us",
            ledger.rows,
            at_rank(&taken.again, 95),
        );
        println!(
            "{:>16} p95 is {} of counting rows (P8), {} of reading rollups (P9), {} of the smallest ledger's (P11)",
            "",
            ratio(slow, rows),
            ratio(slow, rollups),
            ratio(slow, first),
        );
        if !taken.duckdb.is_empty() {
            let counted = at_rank(&taken.duckdb, 50);
            println!(
                "{:>16} DuckDB counts the same rows in {counted} us: p50 is {} of that",
                "",
                ratio(usual, counted)
            );
        }
    }
}

/// The duration at a rank of a hundred, in microseconds.
fn at_rank(durations: &[Duration], rank: usize) -> u128 {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let place = (sorted.len() * rank / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).map_or(0, Duration::as_micros)
}

/// One number over another, with three decimals.
fn ratio(above: u128, below: u128) -> String {
    let thousandths = above * 1_000 / below.max(1);
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn now() -> Instant {
    Instant::now()
}
