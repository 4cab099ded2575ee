//! Foreign money: listed apart without a rate, added up as soon as there is one.

use crate::support::people::location;
use crate::support::{Ledger, Program, now};
use domain::access::{Actor, Caller, Permission, Person, Role, Viewer};
use domain::ids::{SessionId, UserId};
use domain::money::Currency;
use domain::tenant::Tenant;
use serde_json::{Value, json};
use server::accounts::{Accounts, RateForm, Refusal, Sender};
use server::application::accounts;
use server::clock::Clock;
use server::config::ServeConfig;
use server::database::{common_channels, tenant};
use uuid::Uuid;

/// Noon of Friday, 2026-02-20.
const FRIDAY: i64 = 1_771_588_800;

fn charge(number: i64, amount: i64, currency: &str, days_later: i64) -> Vec<u8> {
    let created = FRIDAY + days_later * 86_400;
    let body = json!({
        "id": format!("evt_{currency}{number}"), "object": "event", "type": "charge.succeeded", "livemode": false,
        "created": created, "api_version": "2026-09-30.endive",
        "data": { "object": {
            "id": format!("ch_{currency}{number}"), "object": "charge", "amount": amount, "amount_captured": amount,
            "amount_refunded": 0, "currency": currency, "created": created, "status": "succeeded", "paid": true,
            "captured": true, "payment_intent": format!("pi_{currency}{number}"),
        }},
    });
    serde_json::to_vec(&body).unwrap()
}

pub(crate) fn accounts_of(ledger: &Ledger) -> Accounts {
    let config = ServeConfig::plain("127.0.0.1:0".parse().unwrap());
    accounts(&config, ledger.store().clone(), Clock::Fixed(now()))
}

fn admin_of(tenant: &Tenant) -> Viewer {
    let person = Person {
        user: UserId(Uuid::from_u128(1)),
        email: "admin@ours.example".to_owned(),
        name: "Admin".to_owned(),
        is_platform_admin: false,
        session: SessionId(Uuid::from_u128(2)),
        tenant: Some(tenant.id),
    };
    Viewer::of(&Caller::Person(person), tenant.id, Some(Role::Admin)).unwrap()
}

fn typed(day: &str, base: &str, quote: &str, rate: &str) -> RateForm {
    let text = str::to_owned;
    RateForm { day: text(day), base: text(base), quote: text(quote), rate: text(rate) }
}

async fn report(program: &Program) -> Value {
    program.get_json("/api/analytics/revenue?from=2026-02-01&to=2026-03-31&granularity=month").await
}

#[tokio::test]
async fn money_without_a_rate_stands_apart_until_a_sheet_brings_one() {
    let program = Program::start().await;
    for body in [charge(1, 10_000, "eur", 0), charge(2, 26_400, "jpy", 1), charge(3, 500, "usd", 0)] {
        program.ledger.send(&body).await;
    }
    program.ledger.apply().await;
    let before = report(&program).await;
    assert_eq!(before["total_revenue"], 500);
    let apart = json!([
        {"currency": "eur", "amount": 10_000, "rows": 1}, {"currency": "jpy", "amount": 26_400, "rows": 1}
    ]);
    assert_eq!(before["unconverted"], apart);

    let mut admin = program.browser(&program.people.admin).await;
    let sheet = "Date,USD,JPY,SIT,\n2026-02-20,1.08,162.92,N/A,\n";
    let answer = admin.post("/portal/settings/exchange-rates", &[("form", "import"), ("sheet", sheet)]).await;
    assert_eq!(location(&answer), "/portal/settings/exchange-rates?done=rates-saved");
    program.ledger.apply().await;

    let after = report(&program).await;
    assert_eq!(after["unconverted"], json!([]));
    // 100 euros are 108 dollars; 26,400 yen of the Saturday after are 26,400 ÷ 162.92 × 1.08 = 175.006 dollars.
    assert_eq!(after["total_revenue"], 500 + 10_800 + 17_501);
    let page = program.admin.text("/portal/settings/exchange-rates").await;
    assert!(page.contains("1.08") && page.contains("Feb 20, 2026"), "the page lists what is known");
}

#[tokio::test]
async fn a_typed_rate_is_not_replaced_by_a_sheet_and_older_rows_stay_in_the_history() {
    let ledger = Ledger::create().await;
    let (accounts, admin, sender) = (accounts_of(&ledger), admin_of(&ledger.ours), Sender::default());
    ledger.send(&charge(1, 10_000, "eur", 0)).await;
    ledger.apply().await;

    accounts.set_rate(&admin, &typed("2026-02-20", "EUR", "usd", "1.25"), &sender).await.unwrap();
    ledger.apply().await;
    accounts.import_rates(&admin, "Date,USD\n2026-02-20,1.08\n", &sender).await.unwrap();
    ledger.apply().await;

    let history = ledger.database.ledger_history(ledger.ours.id).await;
    let amounts: Vec<Value> = history
        .iter()
        .map(|row| serde_json::from_str::<Value>(row).unwrap()["base_amount_minor"].clone())
        .collect();
    assert_eq!(amounts, [Value::Null, json!(12_500)]);
}

#[tokio::test]
async fn rates_of_one_tenant_are_not_the_others() {
    let ledger = Ledger::create().await;
    ledger.send_to_them(&charge(1, 10_000, "eur", 0)).await;
    let accounts = accounts_of(&ledger);
    let sheet = "Date,USD\n2026-02-20,1.08\n";
    accounts.import_rates(&admin_of(&ledger.ours), sheet, &Sender::default()).await.unwrap();
    ledger.apply().await;
    let row: Value =
        serde_json::from_str(&ledger.database.ledger_history(ledger.theirs.id).await[0]).unwrap();
    assert_eq!(row["base_amount_minor"], Value::Null);
}

#[tokio::test]
async fn money_that_comes_after_its_rate_is_converted_at_once() {
    let ledger = Ledger::create().await;
    let sheet = "Date,USD\n2026-02-20,1.08\n";
    accounts_of(&ledger).import_rates(&admin_of(&ledger.ours), sheet, &Sender::default()).await.unwrap();
    ledger.send(&charge(1, 10_000, "eur", 7)).await;
    ledger.send(&charge(2, 10_000, "eur", 8)).await;
    ledger.apply().await;
    let history = ledger.database.ledger_history(ledger.ours.id).await;
    let base = |row: &String| serde_json::from_str::<Value>(row).unwrap()["base_amount_minor"].clone();
    // A rate is good for a week, and no longer.
    assert_eq!(history.iter().map(base).collect::<Vec<_>>(), [json!(10_800), Value::Null]);
}

#[tokio::test]
async fn the_aggregate_adds_up_in_one_currency() {
    let program = Program::start().await;
    let (store, euros) = (program.ledger.store(), "eur".parse::<Currency>().unwrap());
    let berlin = Tenant { currency: euros, ..tenant("berlin", "Berlin") };
    assert!(store.tenant_insert(&berlin, &common_channels(), now()).await.unwrap());
    program.ledger.send(&charge(1, 500, "usd", 0)).await;
    program.ledger.intake_for(&berlin, &charge(2, 10_000, "eur", 0)).await;
    program.ledger.apply().await;
    let platform = program.browser(&program.people.platform).await;
    let path = "/api/analytics/revenue?tenant_id=all&from=2026-02-01&to=2026-02-28&granularity=month";
    let before: Value = platform.get(path).await.json().await.unwrap();
    assert_eq!((&before["tenant_id"], &before["total_revenue"]), (&json!("all"), &json!(500)));
    assert_eq!(before["unconverted"], json!([{"currency": "eur", "amount": 10_000, "rows": 1}]));

    let accounts = accounts_of(&program.ledger);
    accounts.provision_rates(program.ledger.ours.id, "Date,USD\n2026-02-20,1.08\n").await.unwrap();
    let after: Value = platform.get(path).await.json().await.unwrap();
    assert_eq!((&after["total_revenue"], &after["currency"]), (&json!(11_300), &json!("usd")));
    assert_eq!(after["unconverted"], json!([]));
    for part in ["by_channel", "by_product", "by_period"] {
        let rows = after[part].as_array().unwrap().iter();
        assert_eq!(rows.map(|row| row["total_revenue"].as_i64().unwrap()).sum::<i64>(), 11_300, "{part}");
    }
}

#[tokio::test]
async fn what_is_no_rate_is_refused_with_its_field_and_nothing_is_taken() {
    let ledger = Ledger::create().await;
    let (accounts, admin, sender) = (accounts_of(&ledger), admin_of(&ledger.ours), Sender::default());
    for (rate, field) in [
        (typed("2026-02-30", "eur", "usd", "1"), "day"),
        (typed("2027-01-01", "eur", "usd", "1"), "day"),
        (typed("2026-02-20", "euro", "usd", "1"), "base"),
        (typed("2026-02-20", "eur", "eur", "1"), "quote"),
        (typed("2026-02-20", "eur", "usd", "0"), "rate"),
        (typed("2026-02-20", "eur", "usd", "1e3"), "rate"),
        (typed("2026-02-20", "eur", "usd", "NaN"), "rate"),
    ] {
        match accounts.set_rate(&admin, &rate, &sender).await {
            Err(Refusal::Field { field: found, .. }) => assert_eq!(found, field, "{rate:?}"),
            other => panic!("{rate:?}: {other:?}"),
        }
    }
    for sheet in ["", "Date,USD\n2026-02-20,x\n", "Date,USD\n2027-02-20,1.08\n"] {
        assert!(accounts.import_rates(&admin, sheet, &sender).await.is_err(), "{sheet:?}");
    }
    assert!(ledger.store().tenants_with_unsettled_rates().await.unwrap().is_empty());
}

#[tokio::test]
async fn who_may_not_edit_settings_may_not_bring_in_rates() {
    let ledger = Ledger::create().await;
    let admin = admin_of(&ledger.ours);
    let caller = Caller::Person(Person {
        user: UserId(Uuid::from_u128(3)),
        email: "viewer@ours.example".to_owned(),
        name: "Viewer".to_owned(),
        is_platform_admin: false,
        session: SessionId(Uuid::from_u128(4)),
        tenant: Some(ledger.ours.id),
    });
    let viewer = Viewer::of(&caller, ledger.ours.id, Some(Role::Viewer)).unwrap();
    assert!(admin.may(Permission::EditSettings) && matches!(viewer.actor, Actor::Person { .. }));
    let accounts = accounts_of(&ledger);
    let rate = typed("2026-02-20", "eur", "usd", "1.08");
    let sheet = "Date,USD\n2026-02-20,1.08\n";
    assert!(matches!(
        accounts.set_rate(&viewer, &rate, &Sender::default()).await,
        Err(Refusal::Forbidden(_))
    ));
    assert!(matches!(
        accounts.import_rates(&viewer, sheet, &Sender::default()).await,
        Err(Refusal::Forbidden(_))
    ));
}
