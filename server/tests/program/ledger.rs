//! `GET /api/ledger`: the rows behind any figure, and how each came to be.

use std::collections::BTreeSet;

use crate::support::{Program, bodies_in, now};
use serde_json::{Value, json};

const QUARTER: &str = "from=2026-02-01&to=2026-04-30";

async fn program_with_stories() -> Program {
    let program = Program::start().await;
    program.ledger.lead(&program.ledger.ours, "grace@example.org", "referral").await;
    for name in ["a_subscription_life", "b_oneoff_refunds", "d_currencies"] {
        for (_, body) in bodies_in(&format!("composed/2026-09-30.endive/{name}")) {
            program.ledger.send(&body).await;
            // One by one, so that rows are superseded as more is told.
            program.ledger.apply().await;
        }
    }
    for (_, body) in bodies_in("composed/2026-09-30.endive/c_trial_annual") {
        program.ledger.send_to_them(&body).await;
    }
    program.ledger.apply().await;
    program
}

fn charge(number: usize, product: &str) -> Vec<u8> {
    let object = json!({
        "id": format!("ch_many{number}"), "object": "charge", "amount": 100, "amount_captured": 100,
        "amount_refunded": 0, "captured": true, "created": now().as_second() - 86_400, "currency": "usd",
        "paid": true, "status": "succeeded", "metadata": { "product_name": product },
    });
    let event = json!({
        "id": format!("evt_many{number}"), "object": "event", "type": "charge.succeeded",
        "created": now().as_second() - 86_400, "livemode": false, "api_version": "2026-09-30.endive",
        "data": { "object": object },
    });
    serde_json::to_vec(&event).unwrap()
}

fn rows(page: &Value) -> &Vec<Value> {
    page["rows"].as_array().unwrap()
}

#[tokio::test]
async fn the_rows_of_a_figure_add_up_to_it_whatever_the_size_of_the_pages() {
    let program = program_with_stories().await;
    for (figure, filter) in [
        ("total_revenue", ""),
        ("gross_revenue", "&kind=payment,adjustment"),
        ("refunds", "&kind=refund,refund_failed"),
    ] {
        let report = program.get_json(&format!("/api/analytics/revenue?{QUARTER}")).await;
        let told = report[figure].as_i64().unwrap().abs();
        let (mut sum, mut ids, mut cursor) = (0, BTreeSet::new(), String::new());
        loop {
            let page = program.get_json(&format!("/api/ledger?{QUARTER}{filter}&limit=2{cursor}")).await;
            assert_eq!(page["sum"].as_i64().unwrap().abs(), told, "{figure}");
            for row in rows(&page) {
                sum += row["base_amount"].as_i64().unwrap_or(0);
                assert!(ids.insert(row["id"].as_str().unwrap().to_owned()), "a row is listed twice");
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => {
                    assert_eq!(i64::try_from(ids.len()).unwrap(), page["row_count"].as_i64().unwrap());
                    break;
                }
            }
        }
        assert_eq!(sum.abs(), told, "{figure}");
    }
}

#[tokio::test]
async fn a_row_tells_its_evidence_its_events_and_what_stood_there_before() {
    let program = program_with_stories().await;
    let page = program.get_json(&format!("/api/ledger?{QUARTER}&limit=1000")).await;
    let of_grace = rows(&page).iter().find(|row| row["customer_email"] == "grace@example.org").unwrap();
    assert_eq!(of_grace["channel"], "referral");
    let evidence = &of_grace["attribution"][0];
    assert_eq!((&evidence["rank"], &evidence["method"]), (&json!(1), &json!("lead_email")));
    assert_eq!(
        (&evidence["matched"], &evidence["lead_id"]),
        (&json!("grace@example.org"), &of_grace["lead_id"])
    );
    assert_eq!(of_grace["livemode"], false);
    for row in rows(&page) {
        let events: Vec<&str> =
            row["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect();
        assert!(events.contains(&row["stripe"]["event"].as_str().unwrap()), "{row}");
    }
    let told_by_many = rows(&page).iter().find(|row| row["events"].as_array().unwrap().len() > 2).unwrap();
    let earlier = told_by_many["earlier_versions"].as_array().unwrap();
    assert!(!earlier.is_empty(), "{told_by_many}");
    for version in earlier {
        assert!(!version["changed"].as_array().unwrap().is_empty() && version["superseded_at"].is_string());
    }
    assert_eq!(earlier[0]["superseded_by"], told_by_many["id"]);
}

#[tokio::test]
async fn the_shape_is_the_one_of_the_contract() {
    let program = program_with_stories().await;
    let page = program.get_json("/api/ledger?from=2026-02-01&to=2026-02-28&kind=payment&limit=1").await;
    insta::assert_json_snapshot!(page);
}

#[tokio::test]
async fn any_id_of_stripes_leads_to_the_rows_of_its_payment() {
    let program = program_with_stories().await;
    let all = program.get_json(&format!("/api/ledger?{QUARTER}&limit=1000")).await;
    let row = rows(&all).iter().find(|row| row["stripe"]["invoice"].is_string()).unwrap();
    let mut ids: Vec<&str> = ["invoice", "charge", "payment_intent", "customer", "event"]
        .iter()
        .filter_map(|kind| row["stripe"][kind].as_str())
        .collect();
    ids.extend(row["events"].as_array().unwrap().iter().filter_map(|event| event["id"].as_str()));
    assert!(ids.len() > 5, "{row}");
    for id in ids {
        let found = program.get_json(&format!("/api/ledger?{QUARTER}&stripe_id={id}")).await;
        assert!(rows(&found).iter().any(|other| other["id"] == row["id"]), "{id}");
        assert!(rows(&found).len() < rows(&all).len(), "{id}");
    }
    let nothing = program.get_json(&format!("/api/ledger?{QUARTER}&stripe_id=in_nothing")).await;
    assert_eq!((&nothing["row_count"], &nothing["sum"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn what_no_rate_converts_is_told_by_currency_and_in_no_sum() {
    let program = program_with_stories().await;
    let page = program.get_json(&format!("/api/ledger?{QUARTER}&limit=1000")).await;
    let report = program.get_json(&format!("/api/analytics/revenue?{QUARTER}")).await;
    assert_eq!(page["unconverted"], report["unconverted"]);
    assert!(!page["unconverted"].as_array().unwrap().is_empty());
    for row in rows(&page).iter().filter(|row| row["base_amount"].is_null()) {
        assert!(row["absent"].as_str().unwrap().contains("exchange rate"));
    }
}

#[tokio::test]
async fn a_presumed_tie_is_marked_and_can_be_asked_for() {
    let program = Program::start().await;
    for (name, body) in bodies_in("composed/2026-09-30.endive/a_subscription_life") {
        if !name.contains("invoice_payment") {
            program.ledger.send(&body).await;
        }
    }
    program.ledger.apply().await;
    let all = program.get_json(&format!("/api/ledger?{QUARTER}&limit=1000")).await;
    let presumed = program.get_json(&format!("/api/ledger?{QUARTER}&review=presumed_tie")).await;
    assert!(!rows(&presumed).is_empty());
    assert!(rows(&presumed).iter().all(|row| row["is_tie_presumed"] == true));
    let marked = rows(&all).iter().filter(|row| row["is_tie_presumed"] == true).count();
    assert_eq!(marked, rows(&presumed).len());
    let row = &rows(&presumed)[0];
    let types: BTreeSet<&str> =
        row["events"].as_array().unwrap().iter().filter_map(|event| event["type"].as_str()).collect();
    assert!(types.contains("charge.succeeded") && types.contains("invoice.paid"), "{row}");
}

#[tokio::test]
async fn wrong_questions_are_refused_by_the_field_at_fault() {
    let program = Program::start().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("cursor=7", "cursor"),
        ("cursor=%27%20OR%201=1--", "cursor"),
        ("kind=profit", "kind"),
        ("channel=%3Cb%3E", "channel"),
        ("review=everything", "review"),
        ("stripe_id=a%20b", "stripe_id"),
        ("format=xml", "format"),
        ("from=2026-02-30&to=2026-03-01", "from"),
    ] {
        let response = program.get(&format!("/api/ledger?{query}")).await;
        assert_eq!(response.status(), 400, "{query}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["field"], field, "{query}");
        let file = program.get(&format!("/api/ledger?{query}&format=csv")).await;
        assert_eq!(file.status(), 400, "{query}");
    }
}

#[tokio::test]
async fn the_file_has_every_row_and_no_cell_a_spreadsheet_would_run() {
    let program = Program::start().await;
    for number in 0..1_050 {
        let product = if number == 7 { "=cmd|' /C calc'!A0" } else { "Pro" };
        program.ledger.send(&charge(number, product)).await;
    }
    program.ledger.send_to_them(&charge(5_000, "Theirs")).await;
    program.ledger.apply().await;
    let response = program.get("/api/ledger?period=7d&format=csv").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    let text = response.text().await.unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1_051, "all rows and their heading");
    assert!(lines[0].starts_with("id,kind,occurred_at,amount_minor,currency,base_amount_minor"));
    assert!(
        text.contains(",\"'=cmd|' /C calc'!A0\",") && !text.contains(",=cmd") && !text.contains("Theirs")
    );
    let ids: BTreeSet<&str> = lines[1..].iter().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids.len(), 1_050);
    let log = program.audit_log().await;
    assert!(log.iter().any(|line| line["deed"] == "exported" && line["target"] == "ledger"));
}
