//! Figures against an oracle: of a thousand random histories, what the endpoints say is what a plain count of every row
//! says, to the cent.

mod history;
mod money;
mod recurring;

use domain::access::Role;
use domain::period::WeekStart;
use domain::tenant::Tenant;
use jiff::tz::TimeZone;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use server::database::{common_channels, tenant};

use self::history::History;
use crate::support::people::{Browser, somebody};
use crate::support::{Program, now};

/// A test has so many tenants, each with a history of its own, and that so many steps at most. Figures are asked for after
/// the last, of one in so many after every step.
const TENANTS: usize = 250;
const STEPS: usize = 9;
const ASKED_OFTEN: usize = 25;

const ZONES: [&str; 6] =
    ["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati", "America/St_Johns"];

#[tokio::test]
async fn the_figures_of_random_histories_are_those_of_every_row() {
    hold(11).await;
}

#[tokio::test]
async fn the_figures_of_other_random_histories_are_those_of_every_row() {
    hold(12).await;
}

#[tokio::test]
async fn the_figures_of_more_random_histories_are_those_of_every_row() {
    hold(13).await;
}

#[tokio::test]
async fn the_figures_of_yet_more_random_histories_are_those_of_every_row() {
    hold(14).await;
}

async fn hold(seed: u64) {
    let program = Program::start().await;
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    for number in 0..TENANTS {
        let (tenant, browser) = somewhere(&program, number, &mut dice).await;
        let mut history = History::begin(program.ledger.store(), &tenant).await;
        let last = dice.random_range(1..=STEPS);
        for step in 1..=last {
            history.go_on(program.ledger.store(), &mut dice).await;
            if step == last || number.is_multiple_of(ASKED_OFTEN) {
                let question = question(&mut dice);
                let told = format!("seed {seed}, tenant {number}, step {step}, {question}");
                assert_counted(&program, &browser, &tenant, &question, &told).await;
            }
        }
        assert_eq!(program.ledger.database.rollups_that_differ(tenant.id).await, Vec::<String>::new());
    }
}

/// Holds what the endpoints answer to the rows there are.
async fn assert_counted(program: &Program, browser: &Browser, tenant: &Tenant, question: &str, told: &str) {
    let database = &program.ledger.database;
    let rows = read(&database.ledger_text(tenant.id).await);
    money::assert_is_counted(&answer(browser, "revenue", question).await, &rows, tenant, told);
    money::assert_won(&answer(browser, "unit-economics", question).await, &rows, tenant, told);
    let movements = read(&database.movements_text(tenant.id).await);
    let versions = read(&database.versions_text(tenant.id).await);
    let mrr = answer(browser, "mrr", question).await;
    recurring::assert_is_counted(&mrr, &movements, &versions, tenant, told);
}

/// A tenant of its own calendar, and somebody who looks at it.
async fn somewhere(program: &Program, number: usize, dice: &mut ChaCha8Rng) -> (Tenant, Browser) {
    let zone = ZONES[dice.random_range(0..ZONES.len())];
    let slug = format!("random-{number}");
    let week_start = if dice.random_bool(0.5) { WeekStart::Monday } else { WeekStart::Sunday };
    let timezone = TimeZone::get(zone).unwrap();
    let tenant = Tenant { timezone, week_start, ..tenant(&slug, "Random") };
    let store = program.ledger.store();
    assert!(store.tenant_insert(&tenant, &common_channels(), now()).await.unwrap());
    let who = somebody(store, &format!("{slug}@example.com"), &[(tenant.id, Role::Viewer)]).await;
    let browser = program.browser(&who).await;
    (tenant, browser)
}

fn question(dice: &mut ChaCha8Rng) -> String {
    let granularity = ["day", "week", "month", "quarter"][dice.random_range(0..4)];
    let from = history::FIRST_DAY.saturating_add(jiff::Span::new().days(dice.random_range(-40..300)));
    let to = from.saturating_add(jiff::Span::new().days(dice.random_range(0..200)));
    format!("from={from}&to={to}&granularity={granularity}")
}

async fn answer(browser: &Browser, what: &str, question: &str) -> Value {
    let response = browser.get(&format!("/api/analytics/{what}?{question}")).await;
    assert_eq!(response.status(), 200, "{question}");
    response.json().await.unwrap()
}

fn read(rows: &[String]) -> Vec<Value> {
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

/// The calendar day of a moment as the database writes it.
fn day_of(moment: &Value, tenant: &Tenant) -> String {
    let moment: jiff::Timestamp = moment.as_str().unwrap().parse().unwrap();
    moment.to_zoned(tenant.timezone.clone()).date().to_string()
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no whole number"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
