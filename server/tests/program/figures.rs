//! Figures beside those of other days, of everybody, as files, by other calendars, explained, and not answered twice.

use domain::tenant::Tenant;
use reqwest::Method;
use reqwest::Response;
use serde_json::{Value, json};
use server::accounts::Accounts;
use server::application::accounts;
use server::clock::Clock;
use server::config::ServeConfig;
use server::database::{common_channels, tenant};

use crate::settings::save;
use crate::support::people::Browser;
use crate::support::{Program, bodies_in, now};

/// A charge of something, for a customer.
fn charge(number: i64, amount: i64, moment: &str, product: &str) -> Vec<u8> {
    let created = moment.parse::<jiff::Timestamp>().unwrap().as_second();
    let body = json!({
        "id": format!("evt_figures{number}"), "object": "event", "type": "charge.succeeded", "livemode": false,
        "created": created, "api_version": "2026-09-30.endive",
        "data": { "object": {
            "id": format!("ch_figures{number}"), "object": "charge", "amount": amount, "amount_captured": amount,
            "amount_refunded": 0, "currency": "usd", "created": created, "status": "succeeded", "paid": true,
            "captured": true, "payment_intent": format!("pi_figures{number}"),
            "metadata": { "product_name": product },
        }},
    });
    serde_json::to_vec(&body).unwrap()
}

async fn book(program: &Program, events: &[Vec<u8>]) {
    for event in events {
        program.ledger.send(event).await;
    }
    program.ledger.apply().await;
}

async fn asked_with(browser: &Browser, path: &str, tag: &str) -> Response {
    browser.request(Method::GET, path).header("if-none-match", tag).send().await.unwrap()
}

fn tag(response: &Response) -> String {
    response.headers()["etag"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_answer_that_did_not_change_is_not_sent_again() {
    let program = Program::start().await;
    book(&program, &[charge(1, 500, "2026-11-01T12:00:00Z", "Pro")]).await;
    for path in [
        "/api/analytics/revenue?period=30d",
        "/api/analytics/mrr?period=30d&format=csv",
        "/api/analytics/command-center?period=30d",
        "/api/analytics/unit-economics?period=30d",
        "/api/dashboard/kpis?period=30d",
    ] {
        let first = tag(&program.get(path).await);
        assert!(first.starts_with("W/\""), "{first}");
        let again = asked_with(&program.admin, path, &first).await;
        assert_eq!((again.status().as_u16(), tag(&again)), (304, first.clone()), "{path}");
        assert_eq!(again.headers()["cache-control"], "private, no-store");
        assert!(again.text().await.unwrap().is_empty());
        let other = program.get(&format!("{path}&granularity=month")).await;
        assert_ne!(tag(&other), first, "another question");
    }
}

#[tokio::test]
async fn what_changes_a_figure_changes_the_tag_and_nobody_else_has_it() {
    let program = Program::start().await;
    let path = "/api/analytics/revenue?period=30d";
    let empty = tag(&program.get(path).await);
    book(&program, &[charge(1, 500, "2026-11-01T12:00:00Z", "Pro")]).await;
    let booked = asked_with(&program.admin, path, &empty).await;
    let one = tag(&booked);
    assert_eq!(booked.json::<Value>().await.unwrap()["total_revenue"], 500);
    assert_eq!(save(&mut program.admin.clone(), &[("week_start", "sunday")]).await.status(), 303);
    let weeks = asked_with(&program.admin, path, &one).await;
    assert_eq!(weeks.status(), 200, "weeks begin on another day");
    let them = program.browser(&program.people.their_admin).await;
    let theirs = asked_with(&them, path, &tag(&weeks)).await;
    assert_eq!(theirs.status(), 200, "our tag is none of theirs");
    assert_eq!(theirs.json::<Value>().await.unwrap()["total_revenue"], 0);
    assert_eq!(asked_with(&program.stranger(), path, &tag(&weeks)).await.status(), 401);
}

#[tokio::test]
async fn every_table_is_a_file_and_no_name_in_it_a_formula() {
    let program = Program::start().await;
    let names = ["=cmd|' /C calc'!A0", "+1", "-2+3", "@sum(1)", "a \"quoted\", name"];
    let events: Vec<Vec<u8>> = (1..)
        .zip(names)
        .map(|(number, name)| charge(number, 100 * number, "2026-11-01T12:00:00Z", name))
        .collect();
    book(&program, &events).await;
    let file = async |table: &str| {
        let path = format!("/api/analytics/revenue?period=30d&granularity=month&format=csv{table}");
        let answer = program.get(&path).await;
        assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
        answer.text().await.unwrap()
    };
    insta::assert_snapshot!(file("&table=by_product").await);
    let channels = file("&table=by_channel").await;
    assert_eq!(
        channels,
        "channel,currency,total_revenue,gross_revenue,refunds,disputes,payments,refund_rate\r\nunknown,usd,1500,1500,0,0,5,0.0\r\n"
    );
    let periods = file("").await;
    assert!(periods.contains("2026-11-01,2026-11-20,true,usd,1500,1500,0,0,5,0.0\r\n"), "{periods}");
    let recurring = program.get("/api/analytics/mrr?period=7d&granularity=month&format=csv").await;
    let recurring = recurring.text().await.unwrap();
    assert!(recurring.starts_with("period_start,period_end,partial,currency,start,new,"), "{recurring}");
    for (path, field) in [
        ("revenue?format=csv&table=by_week", "table"),
        ("revenue?table=by_channel", "table"),
        ("mrr?format=csv&table=by_product", "table"),
        ("revenue?format=xlsx", "format"),
    ] {
        let refused = program.get(&format!("/api/analytics/{path}")).await;
        assert_eq!(refused.status(), 400, "{path}");
        assert_eq!(refused.json::<Value>().await.unwrap()["error"]["field"], field, "{path}");
    }
}

#[tokio::test]
async fn revenue_is_compared_with_as_many_days_as_have_elapsed() {
    let program = Program::start().await;
    book(
        &program,
        &[
            charge(1, 300, "2026-11-05T12:00:00Z", "Pro"),
            charge(2, 200, "2026-10-31T12:00:00Z", "Pro"),
            charge(3, 9_000, "2026-10-02T12:00:00Z", "Pro"),
            charge(4, 600, "2025-11-20T12:00:00Z", "Pro"),
            charge(5, 9_000, "2025-11-21T12:00:00Z", "Pro"),
        ],
    )
    .await;
    let november = "/api/analytics/revenue?from=2026-11-01&to=2026-11-30";
    let alone = program.get_json(november).await;
    assert!(alone["comparison"].is_null() && alone["absent"]["comparison"].is_string());
    let compared = async |with: &str| {
        let answer = program.get_json(&format!("{november}&compare={with}")).await;
        let comparison = &answer["comparison"];
        let total = &comparison["total_revenue"];
        json!([comparison["from"], comparison["to"], total["before"], total["change"], total["relative"]])
    };
    assert_eq!(compared("previous").await, json!(["2026-10-12", "2026-10-31", 200, 100, 0.5]));
    assert_eq!(compared("last_year").await, json!(["2025-11-01", "2025-11-20", 600, -300, -0.5]));
    let october = compared("custom&compare_from=2026-10-01&compare_to=2026-10-31").await;
    assert_eq!(october, json!(["2026-10-01", "2026-10-20", 9_000, -8_700, -0.966667]));
    for (query, field) in [
        ("compare=markov", "compare"),
        ("compare=custom", "compare_from"),
        ("compare=custom&compare_from=2026-10-01&compare_to=2026-02-30", "compare_to"),
        ("compare_to=2026-10-01", "compare_to"),
    ] {
        let refused = program.get(&format!("{november}&{query}")).await;
        assert_eq!(refused.status(), 400, "{query}");
        assert_eq!(refused.json::<Value>().await.unwrap()["error"]["field"], field, "{query}");
    }
}

#[tokio::test]
async fn days_begin_elsewhere_once_the_timezone_is_changed() {
    let program = Program::start().await;
    // 23:59:59 of Saturday in UTC; Sunday, when the clocks change, in Berlin.
    book(&program, &[charge(1, 500, "2026-03-28T23:59:59Z", "Pro")]).await;
    let by_day = "/api/analytics/revenue?from=2026-03-28&to=2026-03-30&granularity=day";
    let days = async || {
        let answer = program.get_json(by_day).await;
        let days = answer["by_period"].as_array().unwrap().iter();
        (answer["timezone"].clone(), days.map(|day| day["total_revenue"].clone()).collect::<Value>())
    };
    assert_eq!(days().await, (json!("UTC"), json!([500, 0, 0])));
    assert_eq!(save(&mut program.admin.clone(), &[("timezone", "Europe/Berlin")]).await.status(), 303);
    program.ledger.apply().await;
    assert_eq!(days().await, (json!("Europe/Berlin"), json!([0, 500, 0])));
    let kiritimati = [("timezone", "Pacific/Kiritimati"), ("version", "2")];
    assert_eq!(save(&mut program.admin.clone(), &kiritimati).await.status(), 303);
    program.ledger.apply().await;
    assert_eq!(days().await, (json!("Pacific/Kiritimati"), json!([0, 500, 0])));
    let mars = [("timezone", "Mars/Phobos"), ("version", "3")];
    assert_eq!(save(&mut program.admin.clone(), &mars).await.status(), 422);
}

#[tokio::test]
async fn an_earlier_payment_that_comes_later_is_the_first() {
    let program = Program::start().await;
    for (_, body) in bodies_in("composed/2026-09-30.endive/a_subscription_life").into_iter().rev() {
        program.ledger.send(&body).await;
        program.ledger.apply().await;
    }
    let backwards = program.get_json("/api/analytics/revenue?from=2026-01-01&to=2026-06-30").await;
    let forwards = Program::start().await;
    for (_, body) in bodies_in("composed/2026-09-30.endive/a_subscription_life") {
        forwards.ledger.send(&body).await;
    }
    forwards.ledger.apply().await;
    let expected = forwards.get_json("/api/analytics/revenue?from=2026-01-01&to=2026-06-30").await;
    assert_eq!(backwards["new_vs_recurring"], expected["new_vs_recurring"]);
    assert!(expected["new_vs_recurring"]["new"].as_i64().unwrap() > 0);
}

fn accounts_of(program: &Program) -> Accounts {
    let config = ServeConfig::plain("127.0.0.1:0".parse().unwrap());
    accounts(&config, program.ledger.store().clone(), Clock::Fixed(now()))
}

#[tokio::test]
async fn everybodys_recurring_revenue_is_rolled_forward_in_one_currency() {
    let program = Program::start().await;
    let yen = Tenant { currency: "jpy".parse().unwrap(), ..tenant("tokyo", "Tokyo") };
    assert!(program.ledger.store().tenant_insert(&yen, &common_channels(), now()).await.unwrap());
    for (_, body) in bodies_in("composed/2026-09-30.endive/c_trial_annual") {
        program.ledger.send(&body).await;
    }
    for (_, body) in bodies_in("composed/2026-09-30.endive/d_currencies") {
        program.ledger.intake_for(&yen, &body).await;
    }
    program.ledger.apply().await;
    let platform = program.browser(&program.people.platform).await;
    let path = "/api/analytics/mrr?tenant_id=all&from=2026-03-01&to=2026-04-30&granularity=month";
    let ask = async || platform.get(path).await.json::<Value>().await.unwrap();
    let without = ask().await;
    assert_eq!((&without["tenant_id"], &without["end"]), (&json!("all"), &json!(4_083)));
    assert_eq!(without["unconverted"], json!([{"currency": "jpy", "amount": 4_900}]));
    let sheet =
        "Date,USD,JPY\n2026-02-28,1.00,100\n2026-03-10,1.00,100\n2026-03-31,1.10,100\n2026-04-30,1.20,100\n";
    accounts_of(&program).provision_rates(program.ledger.ours.id, sheet).await.unwrap();
    let with = ask().await;
    assert_eq!(with["end"], json!(4_083 + 5_880));
    assert_eq!(with["unconverted"], json!([]));
    assert_eq!(with["movements"]["fx"], json!(980), "what the yen gained");
    let mut before = with["start"].as_i64().unwrap();
    for period in with["by_period"].as_array().unwrap() {
        let number = |name: &str| period[name].as_i64().unwrap();
        let gained = number("new") + number("reactivation") + number("expansion") + number("fx");
        before += gained - number("contraction") - number("churn");
        assert_eq!(number("end"), before);
    }
    assert_eq!(program.get(path).await.status(), 404, "not for who runs no platform");
}

/// A refund of one of these charges.
fn refund(number: i64, amount: i64, moment: &str) -> Vec<u8> {
    let created = moment.parse::<jiff::Timestamp>().unwrap().as_second();
    let body = json!({
        "id": format!("evt_refund{number}"), "object": "event", "type": "refund.created", "livemode": false,
        "created": created, "api_version": "2026-09-30.endive",
        "data": { "object": {
            "id": format!("re_figures{number}"), "object": "refund", "amount": amount, "currency": "usd",
            "status": "succeeded", "charge": format!("ch_figures{number}"), "created": created,
            "payment_intent": format!("pi_figures{number}"),
        }},
    });
    serde_json::to_vec(&body).unwrap()
}

#[tokio::test]
async fn how_much_was_refunded_is_told_in_all_by_channel_and_by_product() {
    let program = Program::start().await;
    let events = [
        charge(1, 1_000, "2026-11-01T12:00:00Z", "Pro"),
        charge(2, 500, "2026-11-02T12:00:00Z", "Basic"),
        refund(1, 250, "2026-11-12T12:00:00Z"),
    ];
    book(&program, &events).await;
    let report = program.get_json("/api/analytics/revenue?from=2026-11-01&to=2026-11-20").await;
    assert_eq!(
        (&report["refund_rate"], &report["by_channel"][0]["refund_rate"]),
        (&json!(0.166667), &json!(0.166667))
    );
    let products: Vec<_> = report["by_product"].as_array().unwrap().iter().collect();
    let rate = |name: &str| {
        products.iter().find(|product| product["product_name"] == name).unwrap()["refund_rate"].clone()
    };
    assert_eq!((rate("Pro"), rate("Basic")), (json!(0.25), json!(0.0)));
    assert!(report["absent"].get("refund_rate").is_none());
    let refunded = program.get_json("/api/analytics/revenue?from=2026-11-10&to=2026-11-20").await;
    assert!(refunded["refund_rate"].is_null() && refunded["by_product"][0]["refund_rate"].is_null());
    for field in ["refund_rate", "by_channel.refund_rate", "by_product.refund_rate"] {
        assert_eq!(refunded["absent"][field], "nothing came in", "{field}");
    }
    let file = "/api/analytics/revenue?from=2026-11-01&to=2026-11-20&format=csv&table=by_product";
    let file = program.admin.text(file).await;
    assert!(file.contains("Pro,,usd,750,1000,250,0,1,0.25"), "{file}");
    let page = program.admin.text("/portal/command-center?from=2026-11-01&to=2026-11-20").await;
    assert!(page.contains("25.0%"), "{page}");
}

/// The endpoint's numbers, each by its field; of the answer's parts without their names.
/// Lists whose parts are told apart from others by the list they stand in.
const LISTS: [&str; 7] =
    ["reasons", "cac_per_channel", "channel_roi", "funnel.stages", "velocity.stages", "costs", "channels"];

/// Parts that are other endpoints' answers, and alerts, each of which tells its own numbers.
const TOLD_ELSEWHERE: [&str; 4] = ["revenue", "mrr", "unit_economics", "alerts"];

fn numbers(value: &Value, path: &str, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Number(_) => {
            found.insert(path.to_owned());
        }
        Value::Array(parts) => {
            let path = if LISTS.contains(&path) { path } else { "" };
            parts.iter().for_each(|part| numbers(part, path, found));
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_keyed = path.ends_with("by_channel") || path.ends_with("by_type");
                let name = if is_keyed { "*" } else { name };
                let inside = matches!(path, "" | "new_vs_recurring" | "movements");
                let path = if inside { name.to_owned() } else { format!("{path}.{name}") };
                numbers(value, &path, found);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn no_number_is_answered_that_the_registry_does_not_explain() {
    let program = Program::start().await;
    for story in ["a_subscription_life", "b_oneoff_refunds", "d_currencies"] {
        for (_, body) in bodies_in(&format!("composed/2026-09-30.endive/{story}")) {
            program.ledger.send(&body).await;
        }
    }
    program.ledger.apply().await;
    let registry = program.get_json("/api/metrics").await;
    assert!(registry["version"].as_str().unwrap().starts_with("metrics@"));
    for path in [
        "/api/analytics/revenue",
        "/api/analytics/mrr",
        "/api/analytics/unit-economics",
        "/api/analytics/command-center",
    ] {
        let metrics = registry["metrics"].as_array().unwrap().iter();
        let known: Vec<&str> = metrics
            .filter(|metric| metric["endpoint"] == path)
            .map(|metric| metric["field"].as_str().unwrap())
            .collect();
        let is_compared = path.ends_with("revenue") || path.ends_with("/mrr");
        let compare = if is_compared { "&compare=previous" } else { "" };
        let mut answer = program.get_json(&format!("{path}?from=2026-02-15&to=2026-04-30{compare}")).await;
        if path.ends_with("command-center") {
            TOLD_ELSEWHERE.iter().for_each(|part| drop(answer.as_object_mut().unwrap().remove(*part)));
        }
        let mut found = std::collections::BTreeSet::new();
        numbers(&answer, "", &mut found);
        let comparison = |field: &str| {
            let mut parts = field.split('.');
            match (parts.next(), parts.next(), parts.next_back()) {
                (Some("comparison"), Some("rates"), Some(rate)) => Some(format!("rates.{rate}")),
                (Some("comparison"), Some(_), Some(part)) => Some(format!("comparison.*.{part}")),
                _ => None,
            }
        };
        let told = |field: &String| known.contains(&&*comparison(field).unwrap_or(field.clone()));
        let untold: Vec<&String> = found.iter().filter(|field| !told(field)).collect();
        assert!(untold.is_empty() && found.len() > 13, "{path}: {untold:?} of {found:?}");
    }
}

#[tokio::test]
async fn a_figure_leads_to_rows_of_the_ledger_whose_sum_it_is() {
    let program = Program::start().await;
    for story in ["a_subscription_life", "b_oneoff_refunds"] {
        for (_, body) in bodies_in(&format!("composed/2026-09-30.endive/{story}")) {
            program.ledger.send(&body).await;
        }
    }
    program.ledger.apply().await;
    let days = "from=2026-01-01&to=2026-06-30";
    let revenue = program.get_json(&format!("/api/analytics/revenue?{days}")).await;
    let registry = program.get_json("/api/metrics").await;
    let mut led = 0;
    for metric in registry["metrics"].as_array().unwrap() {
        let kinds = metric["explain"]["kinds"].as_array().filter(|kinds| !kinds.is_empty());
        let (Some(kinds), "money") = (kinds, metric["unit"].as_str().unwrap()) else { continue };
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str().unwrap()).collect();
        let rows = program.get_json(&format!("/api/ledger?{days}&kind={}", kinds.join(","))).await;
        let figure = revenue[metric["field"].as_str().unwrap()].as_i64().unwrap();
        let sign = if metric["good"] == "down" { -1 } else { 1 };
        assert_eq!(rows["sum"].as_i64().unwrap(), sign * figure, "{metric}");
        led += 1;
    }
    assert_eq!(led, 3, "what came in, refunds and disputes");
    let all = program.get_json(&format!("/api/ledger?{days}")).await;
    assert_eq!(all["sum"], revenue["total_revenue"]);
}

#[tokio::test]
async fn where_nothing_came_in_ratios_are_absent_with_their_reason() {
    let program = Program::start().await;
    let answer = program.get_json("/api/analytics/mrr?from=2026-01-01&to=2026-01-31").await;
    for rate in ["customer_churn", "gross_mrr_churn", "net_mrr_churn", "nrr", "grr", "quick_ratio", "arpa"] {
        assert!(answer["rates"][rate].is_null(), "{rate}");
        assert!(!answer["absent"][rate].as_str().unwrap().is_empty(), "{rate}");
    }
    let path = "/api/analytics/revenue?from=2026-01-01&to=2026-01-31&compare=previous";
    let revenue = program.get(path).await.text().await.unwrap();
    assert!(!revenue.contains("NaN") && !revenue.contains("inf"));
    let revenue: Value = serde_json::from_str(&revenue).unwrap();
    assert!(revenue["comparison"]["total_revenue"]["relative"].is_null());
    assert!(revenue["comparison"]["total_revenue"]["reason"].is_string());
    assert!(revenue["fees"].is_null() && revenue["absent"]["fees"].is_string());
}
