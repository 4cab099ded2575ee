//! Where figures come from: every sum links to the rows of the ledger, or the costs, that it is the sum of.

use domain::tenant::Tenant;
use reqwest::Method;
use serde_json::{Value, json};
use server::database::{common_channels, tenant};

use crate::exchange_rates::accounts_of;
use crate::support::people::Browser;
use crate::support::{Program, bodies_in, now};

const DAYS: &str = "from=2026-01-01&to=2026-06-30&granularity=month";

/// A program whose tenant has subscriptions, refunds and disputes, several currencies, and products that are not told;
/// beside it a tenant in yen.
async fn program() -> (Program, Tenant) {
    let program = Program::start().await;
    let yen = Tenant { currency: "jpy".parse().unwrap(), ..tenant("tokyo", "Tokyo") };
    assert!(program.ledger.store().tenant_insert(&yen, &common_channels(), now()).await.unwrap());
    for story in ["a_subscription_life", "b_oneoff_refunds", "d_currencies"] {
        for (_, body) in bodies_in(&format!("composed/2026-09-30.endive/{story}")) {
            program.ledger.send(&body).await;
            program.ledger.intake_for(&yen, &body).await;
        }
    }
    program.ledger.send(&untold_charge()).await;
    program.ledger.apply().await;
    (program, yen)
}

/// A charge that does not tell what was sold.
fn untold_charge() -> Vec<u8> {
    let created = "2026-03-02T12:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    let body = json!({
        "id": "evt_untold", "object": "event", "type": "charge.succeeded", "livemode": false, "created": created,
        "api_version": "2026-09-30.endive", "data": { "object": {
            "id": "ch_untold", "object": "charge", "amount": 4_200, "amount_captured": 4_200, "amount_refunded": 0,
            "currency": "usd", "created": created, "status": "succeeded", "paid": true, "captured": true,
            "payment_intent": "pi_untold", "metadata": {},
        }},
    });
    serde_json::to_vec(&body).unwrap()
}

async fn json_of(browser: &Browser, address: &str) -> Value {
    let answer = browser.get(address).await;
    assert_eq!(answer.status(), 200, "{address}");
    answer.json().await.unwrap()
}

async fn followed(browser: &Browser, link: &Value) -> Value {
    json_of(browser, link.as_str().unwrap_or_else(|| panic!("{link} is no link"))).await
}

/// Each link of a list, beside the line it is of.
fn lines<'a>(answer: &'a Value, list: &str) -> impl Iterator<Item = (&'a Value, &'a Value)> {
    let (told, links) = (answer[list].as_array().unwrap(), answer["links"][list].as_array().unwrap());
    assert_eq!(told.len(), links.len(), "{list}");
    told.iter().zip(links)
}

async fn assert_led(browser: &Browser, revenue: &Value) {
    let links = &revenue["links"];
    for (figure, sign) in [("total_revenue", 1), ("gross_revenue", 1), ("refunds", -1), ("disputes", -1)] {
        let rows = followed(browser, &links[figure]).await;
        assert_eq!(rows["sum"].as_i64().unwrap() * sign, revenue[figure].as_i64().unwrap(), "{figure}");
    }
    assert!(revenue["refunds"].as_i64().unwrap() > 0 && revenue["gross_revenue"].as_i64().unwrap() > 0);
    for list in ["by_channel", "by_product", "by_period"] {
        for (line, link) in lines(revenue, list) {
            assert_eq!(followed(browser, link).await["sum"], line["total_revenue"], "{line} by {link}");
        }
    }
}

#[tokio::test]
async fn every_figure_of_revenue_leads_to_rows_whose_sum_it_is() {
    let (program, _) = program().await;
    let ours = &program.admin;
    let revenue = json_of(ours, &format!("/api/analytics/revenue?{DAYS}")).await;
    assert_led(ours, &revenue).await;
    for class in ["new", "recurring", "one_time"] {
        let rows = followed(ours, &revenue["links"]["new_vs_recurring"][class]).await;
        assert_eq!(rows["sum"], revenue["new_vs_recurring"][class], "{class}");
        assert!(rows["row_count"].as_i64().unwrap() > 0, "{class}");
    }
    let payments = followed(ours, &revenue["links"]["payments"]).await;
    let unconverted: i64 = payments["unconverted"].as_array().unwrap().iter().map(rows_in).sum();
    assert_eq!(payments["row_count"].as_i64().unwrap() - unconverted, revenue["payments"].as_i64().unwrap());
    assert!(lines(&revenue, "unconverted").count() > 0, "{revenue:#}");
    for (apart, link) in lines(&revenue, "unconverted") {
        let rows = followed(ours, link).await;
        assert_eq!(rows["unconverted"], json!([apart]));
        assert_eq!((&rows["sum"], &rows["row_count"]), (&json!(0), &apart["rows"]));
    }
    let untold = lines(&revenue, "by_product").filter(|(line, _)| line["product_name"].is_null()).count();
    assert!(untold > 0, "some payments do not tell what was sold: {revenue:#}");
}

fn rows_in(apart: &Value) -> i64 {
    apart["rows"].as_i64().unwrap()
}

#[tokio::test]
async fn the_figures_of_all_workspaces_lead_to_rows_of_all_in_one_currency() {
    let (program, yen) = program().await;
    let platform = program.browser(&program.people.platform).await;
    let rates =
        "Date,USD,JPY\n2026-01-01,1.10,160\n2026-02-10,1.08,161\n2026-03-10,1.12,163\n2026-04-10,1.09,159\n";
    accounts_of(&program.ledger).provision_rates(program.ledger.ours.id, rates).await.unwrap();
    program.ledger.apply().await;
    let path = format!("/api/analytics/revenue?tenant_id=all&{DAYS}");
    let revenue = json_of(&platform, &path).await;
    assert_led(&platform, &revenue).await;
    let rows = json_of(&platform, &format!("/api/ledger?tenant_id=all&{DAYS}&limit=1000")).await;
    let listed = rows["rows"].as_array().unwrap();
    let ours = program.ledger.ours.id.to_string();
    for (tenant, currency) in [(&ours, "usd"), (&yen.id.to_string(), "jpy")] {
        let own = listed.iter().filter(|row| row["tenant_id"] == **tenant);
        assert!(own.clone().count() > 0 && own.clone().all(|row| row["base_currency"] == currency));
    }
    assert_eq!(listed.len(), usize::try_from(rows["row_count"].as_i64().unwrap()).unwrap());
    let moments: Vec<&str> = listed.iter().map(|row| row["occurred_at"].as_str().unwrap()).collect();
    assert!(moments.is_sorted_by(|newer, older| newer >= older), "{moments:?}");

    // The same rows, two at a time.
    let (mut cursor, mut paged) = (String::new(), Vec::new());
    loop {
        let path = format!("/api/ledger?tenant_id=all&{DAYS}&limit=2&cursor={cursor}");
        let page = json_of(&platform, &path).await;
        assert_eq!(page["sum"], rows["sum"]);
        paged.extend(page["rows"].as_array().unwrap().iter().map(|row| row["id"].clone()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(paged, listed.iter().map(|row| row["id"].clone()).collect::<Vec<_>>());
    let file = platform.text(&format!("/api/ledger?tenant_id=all&{DAYS}&format=csv")).await;
    assert_eq!(file.lines().count(), listed.len() + 1, "{file}");
    assert!(file.contains(&yen.id.to_string()) && file.contains(&ours));
    assert_eq!(program.get(&format!("/api/ledger?tenant_id=all&{DAYS}")).await.status(), 404);
}

#[tokio::test]
async fn an_answer_about_all_workspaces_is_not_sent_again_until_one_changes() {
    let (program, yen) = program().await;
    let platform = program.browser(&program.people.platform).await;
    let asked = async |path: &str, tag: &str| {
        platform.request(Method::GET, path).header("if-none-match", tag).send().await.unwrap()
    };
    let paths = ["/api/analytics/revenue", "/api/analytics/mrr", "/api/ledger"]
        .map(|path| format!("{path}?tenant_id=all&from=2026-01-01&to=2026-06-30"));
    let mut tags = Vec::new();
    for path in &paths {
        let first = platform.get(path).await.headers()["etag"].to_str().unwrap().to_owned();
        assert_eq!(asked(path, &first).await.status(), 304, "{path}");
        tags.push(first);
    }
    for (_, body) in bodies_in("composed/2026-09-30.endive/c_trial_annual") {
        program.ledger.intake_for(&yen, &body).await;
    }
    program.ledger.apply().await;
    for (path, tag) in paths.iter().zip(&tags) {
        assert_eq!(asked(path, tag).await.status(), 200, "{path}: another workspace's events came");
    }
    let rates = "Date,USD,JPY\n2026-01-01,1.10,160\n";
    let before = platform.get(&paths[0]).await.headers()["etag"].to_str().unwrap().to_owned();
    accounts_of(&program.ledger).provision_rates(program.ledger.ours.id, rates).await.unwrap();
    assert_eq!(asked(&paths[0], &before).await.status(), 200, "it is worth something else now");
    let own = "/api/ledger?from=2026-01-01&to=2026-06-30";
    let tag = program.get(own).await.headers()["etag"].to_str().unwrap().to_owned();
    let again = program.admin.request(Method::GET, own).header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
}

#[tokio::test]
async fn revenue_of_all_workspaces_is_compared_like_one_s() {
    let (program, _) = program().await;
    let platform = program.browser(&program.people.platform).await;
    let path = "/api/analytics/revenue?tenant_id=all&from=2026-03-01&to=2026-03-31&compare=previous";
    let revenue = json_of(&platform, path).await;
    let comparison = &revenue["comparison"];
    let before = "/api/analytics/revenue?tenant_id=all&from=2026-01-29&to=2026-02-28";
    let before = json_of(&platform, before).await;
    assert_eq!(comparison["from"], json!("2026-01-29"), "{comparison:#}");
    for figure in ["total_revenue", "gross_revenue", "mrr"] {
        assert_eq!(comparison[figure]["before"], before[figure], "{figure}: {comparison:#}");
    }
    assert!(
        revenue["mrr"].as_i64().is_some() && revenue["arr"] == json!(revenue["mrr"].as_i64().unwrap() * 12)
    );
}

#[tokio::test]
async fn what_rows_cannot_be_asked_for_is_refused_by_its_field() {
    let (program, _) = program().await;
    for (field, wrong) in
        [("class", "old"), ("currency", "dollars"), ("without", "money"), ("without", "product,")]
    {
        let answer = program.get(&format!("/api/ledger?{field}={wrong}")).await;
        assert_eq!(answer.status(), 400, "{field}={wrong}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["error"]["field"], json!(field));
    }
    let shown =
        program.admin.text("/portal/revenue?class=new&currency=usd&without=category&category=x").await;
    for words in ["first payments for a subscription", "in USD", "without a category", "in the category"] {
        assert!(shown.contains(words), "{words}");
    }
}
