//! `GET /api/analytics/revenue`: the contract, and what it answers to wrong questions.

use crate::support::{Program, bodies_in};
use serde_json::Value;

async fn program_with_stories() -> Program {
    let program = Program::start().await;
    program.ledger.lead(&program.ledger.ours, "grace@example.org", "referral").await;
    for name in ["a_subscription_life", "b_oneoff_refunds", "d_currencies"] {
        for (_, body) in bodies_in(&format!("composed/2026-09-30.endive/{name}")) {
            program.ledger.send(&body).await;
        }
    }
    for (_, body) in bodies_in("composed/2026-09-30.endive/c_trial_annual") {
        program.ledger.send_to_them(&body).await;
    }
    program.ledger.apply().await;
    program
}

#[tokio::test]
async fn a_quarter_of_revenue_is_reported_as_the_contract_says() {
    let program = program_with_stories().await;
    let report =
        program.get_json("/api/analytics/revenue?from=2026-01-01&to=2026-03-31&granularity=month").await;
    insta::assert_json_snapshot!(report);
}

#[tokio::test]
async fn sums_by_channel_product_and_period_equal_the_total() {
    let program = program_with_stories().await;
    for granularity in ["day", "week", "month", "quarter"] {
        let path = format!("/api/analytics/revenue?from=2026-02-01&to=2026-04-30&granularity={granularity}");
        let report = program.get_json(&path).await;
        let total = report["total_revenue"].as_i64().unwrap();
        assert_eq!(total, 24_500);
        for part in ["by_channel", "by_product", "by_period"] {
            let sum: i64 = report[part]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["total_revenue"].as_i64().unwrap())
                .sum();
            assert_eq!(sum, total, "{part} by {granularity}");
        }
    }
}

/// Where figures are asked for.
const FIGURES: [&str; 5] = [
    "/api/analytics/revenue",
    "/api/analytics/mrr",
    "/api/analytics/command-center",
    "/api/analytics/unit-economics",
    "/api/dashboard/kpis",
];

#[tokio::test]
async fn wrong_questions_are_refused_with_the_field_at_fault() {
    let program = Program::start().await;
    let long = "x".repeat(5_000);
    for (query, field) in [
        ("from=2026-02-02&to=2026-02-01", Some("from")),
        ("from=2026-13-01&to=2026-12-31", Some("from")),
        ("from=2026-01-01&to=2026-02-30", Some("to")),
        ("from=yesterday&to=2026-02-01", Some("from")),
        ("from=&to=2026-02-01", Some("from")),
        ("from=2026-01-01", Some("to")),
        ("from=2000-01-01&to=2199-12-31&granularity=day", Some("granularity")),
        ("granularity=hour", Some("granularity")),
        ("granularity=WEEK", Some("granularity")),
        ("granularity=month%3Bdrop", Some("granularity")),
        ("granularity=%27%20OR%201%3D1--", Some("granularity")),
        ("period=forever", Some("period")),
        ("attribution=markov", Some("attribution")),
        ("tenant_id=1", Some("tenant_id")),
        ("tz=Mars%2FPhobos", Some("tz")),
        ("sort=secret;drop", Some("sort")),
        ("window=30d", Some("window")),
        ("%7B%24ne%3A1%7D=1", Some("{$ne:1}")),
        (&format!("{long}=1"), None),
        ("from=2026-01-01&from=2026-01-02&to=2026-02-01", None),
        ("granularity=%00", None),
        (&format!("granularity={long}"), None),
    ] {
        for path in FIGURES {
            let response = program.get(&format!("{path}?{query}")).await;
            assert_eq!(response.status(), 400, "{path} {query}");
            let error: Value = response.json().await.unwrap();
            assert_eq!(error["error"]["field"].as_str(), field, "{path} {query}");
            assert!(!error["error"]["message"].as_str().unwrap().is_empty(), "{path} {query}");
        }
    }
}

#[tokio::test]
async fn an_empty_range_and_the_future_are_zeros_and_an_unknown_tenant_is_not_found() {
    let program = program_with_stories().await;
    for query in ["from=2030-01-01&to=2030-03-31", "from=2001-01-01&to=2001-03-31"] {
        let report = program.get_json(&format!("/api/analytics/revenue?{query}")).await;
        assert_eq!(report["total_revenue"], 0, "{query}");
        assert!(report["by_period"].as_array().unwrap().len() > 10, "{query}");
        for path in FIGURES {
            let answer = program.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.status(), 200, "{path} {query}");
            let told = answer.text().await.unwrap();
            assert!(
                !told.contains("NaN") && !told.contains("inf\"") && !told.contains(":inf"),
                "{path}: {told}"
            );
        }
    }
    let unknown = program.get("/api/analytics/revenue?tenant_id=00000000-0000-0000-0000-000000000000").await;
    assert_eq!(unknown.status(), 404);
}

#[tokio::test]
async fn each_tenant_sees_its_own_revenue() {
    let program = program_with_stories().await;
    let period = "from=2026-01-01&to=2026-12-31";
    let ours = program.get_json(&format!("/api/analytics/revenue?{period}")).await;
    let them = program.browser(&program.people.their_admin).await;
    let theirs: Value = them.get(&format!("/api/analytics/revenue?{period}")).await.json().await.unwrap();
    assert_eq!(ours["total_revenue"], 24_500);
    assert_eq!(theirs["total_revenue"], 49_000);
    let other = format!("/api/analytics/revenue?tenant_id={}&{period}", program.ledger.theirs.id);
    assert_eq!(program.get(&other).await.status(), 404);
}

#[tokio::test]
async fn figures_are_not_cached_and_every_answer_names_its_request() {
    let program = Program::start().await;
    for path in ["/api/analytics/revenue", "/portal/command-center"] {
        let response = program.get(path).await;
        assert_eq!(response.headers()["cache-control"], "private, no-store", "{path}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(response.headers()["referrer-policy"], "same-origin", "{path}");
        assert!(response.headers().contains_key("x-request-id"), "{path}");
    }
}

#[tokio::test]
async fn recurring_revenue_is_rolled_forward_as_the_contract_says() {
    let program = program_with_stories().await;
    let report = program.get_json("/api/analytics/mrr?from=2026-01-01&to=2026-06-30&granularity=month").await;
    insta::assert_json_snapshot!(report);
}

#[tokio::test]
async fn every_periods_end_is_the_next_ones_start_and_what_revenue_reports_for_its_last_day() {
    let program = program_with_stories().await;
    for granularity in ["day", "week", "month", "quarter"] {
        let path = format!("/api/analytics/mrr?from=2026-01-01&to=2026-06-30&granularity={granularity}");
        let report = program.get_json(&path).await;
        let number = |row: &Value, field: &str| row[field].as_i64().unwrap();
        let mut before = number(&report, "start");
        for period in report["by_period"].as_array().unwrap() {
            assert_eq!(number(period, "start"), before);
            let gained = ["new", "reactivation", "expansion", "fx"].map(|kind| number(period, kind));
            let lost = ["contraction", "churn"].map(|kind| number(period, kind));
            before += gained.iter().sum::<i64>() - lost.iter().sum::<i64>();
            assert_eq!(number(period, "end"), before, "{granularity}");
        }
        assert_eq!(number(&report, "end"), before);
    }
    for (day, mrr) in [("2026-02-01", 0), ("2026-02-10", 4_900), ("2026-03-01", 14_700), ("2026-04-02", 0)] {
        let report = program.get_json(&format!("/api/analytics/revenue?from=2026-02-01&to={day}")).await;
        assert_eq!(report["mrr"], mrr, "{day}");
        assert_eq!(report["arr"], mrr * 12);
    }
}
