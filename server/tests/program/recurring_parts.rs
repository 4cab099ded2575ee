//! Recurring revenue: what it is made of, why it moved, and how it compares with other days.

use reqwest::Method;
use reqwest::header::ORIGIN;
use serde_json::{Value, json};

use crate::support::{Program, bodies_in};

const DAYS: &str = "from=2026-01-01&to=2026-06-30&granularity=month";

async fn program() -> Program {
    let program = Program::start().await;
    for story in ["a_subscription_life", "c_trial_annual", "d_currencies"] {
        for (_, body) in bodies_in(&format!("composed/2026-09-30.endive/{story}")) {
            program.ledger.send(&body).await;
        }
    }
    program.ledger.apply().await;
    program
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a Vec<Value> {
    answer[name].as_array().unwrap_or_else(|| panic!("no {name} in {answer:#}"))
}

fn whole(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

#[tokio::test]
async fn channels_and_reasons_add_up_to_what_moved() {
    let program = program().await;
    let mrr = program.get_json(&format!("/api/analytics/mrr?{DAYS}")).await;
    assert!(whole(&mrr["movements"]["new"]) > 0 && whole(&mrr["movements"]["churn"]) > 0, "{mrr:#}");
    for kind in ["new", "reactivation", "expansion", "contraction", "churn", "fx"] {
        let channels: i64 = list(&mrr, "by_channel").iter().map(|channel| whole(&channel[kind])).sum();
        let reasons = list(&mrr, "reasons").iter().filter(|reason| reason["kind"] == kind);
        let reasons: i64 = reasons.map(|reason| whole(&reason["amount"])).sum();
        assert_eq!((channels, reasons), (whole(&mrr["movements"][kind]), channels), "{kind}: {mrr:#}");
    }
    let left = list(&mrr, "reasons").iter().filter(|reason| reason["kind"] == "churn");
    for reason in left.clone() {
        assert!(["voluntary", "involuntary"].contains(&reason["detail"].as_str().unwrap()), "{reason}");
        assert!(whole(&reason["amount"]) > 0 && whole(&reason["movements"]) > 0, "{reason}");
    }
    assert!(left.count() > 0);
    for (table, columns) in [
        ("by_channel", "channel,start,new,reactivation,expansion,contraction,churn,fx,end,currency"),
        ("reasons", "kind,detail,feedback,amount,movements,currency"),
    ] {
        let path = format!("/api/analytics/mrr?{DAYS}&format=csv&table={table}");
        let file = program.admin.text(&path).await;
        let mut lines = file.trim_start_matches('\u{feff}').lines();
        assert_eq!(lines.next(), Some(columns));
        assert_eq!(lines.count(), list(&mrr, table).len(), "{file}");
    }
}

#[tokio::test]
async fn a_customer_counts_for_the_channel_of_the_first_payment_and_moves_with_it() {
    let program = program().await;
    let mrr = program.get_json(&format!("/api/analytics/mrr?{DAYS}")).await;
    assert!(list(&mrr, "by_channel").iter().all(|channel| channel["channel"] != "referral"), "{mrr:#}");
    let rows = program.get_json(&format!("/api/ledger?{DAYS}")).await;
    let customer = list(&rows, "rows")
        .iter()
        .find_map(|row| row["stripe"]["subscription"].as_str().and(row["stripe"]["customer"].as_str()));
    let told = json!({ "customer_id": customer.unwrap(), "channel": "referral", "reason": "they said so" });
    let operator = program.browser(&program.people.operator).await;
    let request = operator.request(Method::POST, "/api/attribution/overrides");
    let said = request.header(ORIGIN, &program.address).json(&told).send().await.unwrap();
    assert_eq!(said.status(), 201, "{}", said.text().await.unwrap());
    program.ledger.apply().await;
    let after = program.get_json(&format!("/api/analytics/mrr?{DAYS}")).await;
    let referral = list(&after, "by_channel").iter().find(|channel| channel["channel"] == "referral");
    let referral = referral.unwrap_or_else(|| panic!("{after:#}"));
    assert!(whole(&referral["customers"]["new"]) == 1 && whole(&referral["new"]) > 0, "{referral:#}");
    assert_eq!(
        (&after["end"], &after["movements"]),
        (&mrr["end"], &mrr["movements"]),
        "nothing else changed"
    );
}

#[tokio::test]
async fn recurring_revenue_is_compared_with_what_other_days_say_themselves() {
    let program = program().await;
    let ask = async |days: &str| program.get_json(&format!("/api/analytics/mrr?{days}")).await;
    let march = ask("from=2026-03-01&to=2026-03-31&compare=previous").await;
    let before = ask("from=2026-01-29&to=2026-02-28").await;
    let comparison = &march["comparison"];
    assert_eq!((&comparison["from"], &comparison["to"]), (&json!("2026-01-29"), &json!("2026-02-28")));
    assert_eq!(comparison["end"]["before"], before["end"]);
    assert_eq!(comparison["end"]["change"], json!(whole(&march["end"]) - whole(&before["end"])));
    for kind in ["new", "reactivation", "expansion", "contraction", "churn", "fx"] {
        assert_eq!(comparison[kind]["before"], before["movements"][kind], "{kind}");
    }
    assert_eq!(comparison["customers"]["before"], before["customers"]["end"]);
    assert_eq!(comparison["rates"], before["rates"]);
    let plain = ask("from=2026-03-01&to=2026-03-31").await;
    assert!(plain["comparison"].is_null() && plain["absent"]["comparison"].is_string());
    assert_eq!(program.get("/api/analytics/mrr?compare=tomorrow").await.status(), 400);
}

#[tokio::test]
async fn the_page_shows_what_the_endpoint_answers() {
    let program = program().await;
    let page = program.admin.text(&format!("/portal/mrr?{DAYS}")).await;
    let mrr = program.get_json(&format!("/api/analytics/mrr?{DAYS}")).await;
    let churn = whole(&mrr["movements"]["churn"]);
    assert!(
        page.contains(&format!("-${}", churn / 100)) || page.contains(&format!("−${}", churn / 100)),
        "{page}"
    );
    for words in ["Net revenue retention", "Committed MRR", "The customer cancelled", "By channel"] {
        assert!(page.contains(words), "{words}");
    }
}
