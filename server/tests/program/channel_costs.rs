//! What channels cost: written down, changed by one at a time, deleted, brought back, converted.

use domain::access::{Permission, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Program;
use crate::support::people::location;

/// The program, and a key that may edit costs.
struct Books {
    program: Program,
    key: String,
}

impl Books {
    async fn open() -> Self {
        let program = Program::start().await;
        let scopes = [Permission::EditSettings, Permission::ReadFigures];
        let key = program.key(program.ledger.ours.id, Role::Admin, &scopes).await;
        Self { program, key }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let request = self.program.client.request(method, format!("{}{path}", self.program.address));
        let request = request.bearer_auth(&self.key);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    async fn add(&self, body: &Value) -> (u16, Value) {
        self.ask(Method::POST, "/api/channel-costs", Some(body)).await
    }

    async fn ask_under(&self, key: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = self.program.client.post(format!("{}{path}", self.program.address));
        let request = request.bearer_auth(&self.key).header("Idempotency-Key", key).json(body);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn list(&self, query: &str) -> Value {
        self.ask(Method::GET, &format!("/api/channel-costs{query}"), None).await.1
    }
}

fn january() -> Value {
    json!({
        "channel": "heyreach", "cost_type": "subscription", "amount": 31000,
        "period_start": "2026-01-01", "period_end": "2026-01-31", "notes": "three seats",
    })
}

#[tokio::test]
async fn a_cost_is_written_down_changed_deleted_and_brought_back() {
    let books = Books::open().await;
    let (status, cost) = books.add(&january()).await;
    assert_eq!(
        (status, &cost["currency"], &cost["base_amount"], &cost["version"]),
        (201, &json!("usd"), &json!(31_000), &json!(1)),
        "{cost}"
    );
    let path = format!("/api/channel-costs/{}", cost["id"].as_str().unwrap());
    let change = json!({ "version": 1, "amount": -5000, "notes": null });
    let (status, changed) = books.ask(Method::PATCH, &path, Some(&change)).await;
    assert_eq!(
        (status, &changed["amount"], &changed["version"]),
        (200, &json!(-5_000), &json!(2)),
        "a credit"
    );
    assert_eq!((&changed["notes"], &changed["period_end"]), (&Value::Null, &json!("2026-01-31")));
    let (status, deleted) = books.ask(Method::DELETE, &path, None).await;
    assert_eq!((status, deleted["deleted_at"].is_string()), (200, true));
    assert_eq!(books.list("").await["row_count"], 0, "it counts nowhere");
    assert_eq!(books.ask(Method::DELETE, &path, None).await.0, 404);
    let (status, back) = books.ask(Method::POST, &format!("{path}/restore"), None).await;
    assert_eq!((status, &back["deleted_at"]), (200, &Value::Null));
    assert_eq!(books.list("").await["sum"], -5_000);
    let deeds: Vec<Value> = books.program.audit_log().await.iter().map(|line| line["deed"].clone()).collect();
    let written: Vec<&str> =
        deeds.iter().filter_map(Value::as_str).filter(|deed| deed.starts_with("cost_")).collect();
    assert_eq!(written, ["cost_added", "cost_changed", "cost_deleted", "cost_restored"]);
}

#[tokio::test]
async fn an_update_that_would_be_lost_is_answered_with_how_things_are() {
    let books = Books::open().await;
    let id = books.add(&january()).await.1["id"].as_str().unwrap().to_owned();
    let path = format!("/api/channel-costs/{id}");
    let change = |amount: i64| json!({ "version": 1, "amount": amount });
    assert_eq!(books.ask(Method::PATCH, &path, Some(&change(1))).await.0, 200);
    let (status, answer) = books.ask(Method::PATCH, &path, Some(&change(2))).await;
    assert_eq!((status, &answer["error"]["present"]["amount"]), (409, &json!(1)), "{answer}");
    assert_eq!(answer["error"]["present"]["version"], 2);
    assert_eq!(books.ask(Method::DELETE, &format!("{path}?version=1"), None).await.0, 409);
    assert_eq!(books.ask(Method::DELETE, &format!("{path}?version=2"), None).await.0, 200);
    let (status, answer) = books.ask(Method::PATCH, &path, Some(&json!({ "amount": 2 }))).await;
    assert_eq!((status, &answer["error"]["field"]), (422, &json!("version")));
}

#[tokio::test]
async fn what_is_wrong_with_a_cost_is_said() {
    let books = Books::open().await;
    for (field, value) in [
        ("channel", json!("pigeon")),
        ("cost_type", json!("gifts")),
        ("amount", json!(10.5)),
        ("amount", json!(1_000_000_000_000_i64)),
        ("currency", json!("xyz")),
        ("period_start", json!("January")),
        ("period_end", json!("2025-12-31")),
        ("period_end", json!("2046-01-01")),
    ] {
        let mut cost = january();
        cost[field] = value;
        let (status, answer) = books.add(&cost).await;
        assert_eq!((status, &answer["error"]["field"]), (422, &json!(field)), "{cost}: {answer}");
    }
    assert_eq!(books.list("").await["row_count"], 0);
}

#[tokio::test]
async fn costs_are_listed_by_channel_type_and_days_in_pages_and_as_a_file() {
    let books = Books::open().await;
    for (channel, month) in [("heyreach", "01"), ("plusvibe", "02"), ("heyreach", "03")] {
        let mut cost = january();
        (cost["channel"], cost["period_start"]) = (json!(channel), json!(format!("2026-{month}-01")));
        cost["period_end"] = json!(format!("2026-{month}-20"));
        assert_eq!(books.add(&cost).await.0, 201);
    }
    assert_eq!(books.list("?channel=heyreach").await["row_count"], 2);
    assert_eq!(books.list("?cost_type=usage").await["row_count"], 0);
    assert_eq!(books.list("?from=2026-02-20&to=2026-03-01").await["row_count"], 2);
    let first = books.list("?limit=2").await;
    assert_eq!(first["costs"][0]["period_start"], "2026-03-01");
    let next = books.list(&format!("?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    assert_eq!(
        (&next["costs"][0]["period_start"], &next["next_cursor"]),
        (&json!("2026-01-01"), &Value::Null)
    );
    let file = books.program.get("/api/channel-costs?format=csv").await.text().await.unwrap();
    assert_eq!(file.lines().count(), 4);
    assert!(
        file.contains("heyreach,subscription,310.00,usd,2026-01-01,2026-01-20,three seats,310.00,"),
        "{file}"
    );
}

#[tokio::test]
async fn a_monthly_cost_makes_a_row_for_every_month_that_has_begun() {
    let books = Books::open().await;
    let monthly = json!({
        "channel": "plusvibe", "cost_type": "tool", "amount": 9900, "period_start": "2026-09-15",
    });
    let (status, made) = books.ask(Method::POST, "/api/monthly-costs", Some(&monthly)).await;
    assert_eq!((status, &made["first_month"]), (201, &json!("2026-09-01")), "{made}");
    let costs = books.list("?channel=plusvibe").await;
    let starts: Vec<&Value> =
        costs["costs"].as_array().unwrap().iter().map(|cost| &cost["period_start"]).collect();
    assert_eq!(starts, ["2026-11-01", "2026-10-01", "2026-09-01"]);
    let id = costs["costs"][0]["id"].as_str().unwrap();
    assert_eq!(books.ask(Method::DELETE, &format!("/api/channel-costs/{id}"), None).await.0, 200);
    let path = format!("/api/monthly-costs/{}", made["id"].as_str().unwrap());
    let ours = books.program.ledger.ours.id;
    let later = "2026-12-02T08:00:00Z".parse().unwrap();
    let pipeline = |now| server::pipeline::Pipeline {
        store: books.program.ledger.store().clone(),
        clock: server::clock::Clock::Fixed(now),
    };
    assert_eq!(
        pipeline(later).make_costs_due(ours).await.unwrap(),
        1,
        "December; the deleted one stays deleted"
    );
    assert_eq!(pipeline(later).make_costs_due(ours).await.unwrap(), 0);
    assert_eq!(books.ask(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(books.ask(Method::DELETE, &path, None).await.0, 409);
    let next_year = "2027-01-02T08:00:00Z".parse().unwrap();
    assert_eq!(pipeline(next_year).make_costs_due(ours).await.unwrap(), 0, "November was its last");
    let deeds: Vec<Value> = books.program.audit_log().await.iter().map(|line| line["deed"].clone()).collect();
    assert_eq!(deeds[1..], ["monthly_cost_added", "cost_deleted", "monthly_cost_ended"]);
}

#[tokio::test]
async fn the_same_cost_told_again_under_its_key_is_the_same_cost() {
    let books = Books::open().await;
    let monthly = json!({
        "channel": "plusvibe", "cost_type": "tool", "amount": 9900, "period_start": "2026-09-15",
    });
    for (path, cost, rows) in [("/api/channel-costs", january(), 1), ("/api/monthly-costs", monthly, 4)] {
        let (status, first) = books.ask_under("k-1", path, &cost).await;
        assert_eq!((status, first["id"].is_string()), (201, true), "{first}");
        let at_once = tokio::join!(books.ask_under("k-1", path, &cost), books.ask_under("k-1", path, &cost));
        assert_eq!(at_once, ((201, first.clone()), (201, first.clone())), "{path}");
        assert_eq!(books.list("").await["row_count"], rows, "{path}");
        let mut another = cost.clone();
        another["amount"] = json!(1);
        assert_eq!(books.ask_under("k-1", path, &another).await.0, 409, "{path}");
        assert_eq!(books.list("").await["row_count"], rows, "{path}");
        let mut wrong = cost.clone();
        wrong["channel"] = json!("pigeon");
        assert_eq!(books.ask_under("k-2", path, &wrong).await.0, 422, "{path}");
    }
    assert_eq!(
        books.ask_under("k-2", "/api/channel-costs", &january()).await.0,
        201,
        "nothing was kept of it"
    );
    assert_eq!(books.ask_under("käse", "/api/channel-costs", &january()).await.0, 422);
}

#[tokio::test]
async fn costs_of_one_channel_and_type_that_share_days_add_up_and_are_pointed_out() {
    let books = Books::open().await;
    let on = |from: &str, to: &str, kind: &str| {
        let mut cost = january();
        (cost["period_start"], cost["period_end"], cost["cost_type"]) = (json!(from), json!(to), json!(kind));
        cost
    };
    let (_, first) = books.add(&january()).await;
    assert_eq!(first["warnings"], json!([]));
    for (from, to, kind) in [
        ("2026-02-01", "2026-02-28", "subscription"),
        ("2025-12-01", "2025-12-31", "subscription"),
        ("2026-01-01", "2026-01-31", "usage"),
    ] {
        assert_eq!(books.add(&on(from, to, kind)).await.1["warnings"], json!([]), "{from} {kind}");
    }
    let (status, second) = books.add(&on("2026-01-31", "2026-02-01", "subscription")).await;
    let warning = &second["warnings"][0];
    assert_eq!((status, &warning["code"]), (201, &json!("overlapping_costs")), "{second}");
    assert_eq!(warning["costs"].as_array().unwrap().len(), 2);
    assert_eq!(books.list("").await["sum"], 5 * 31_000, "they add up");
    let path = format!("/api/channel-costs/{}", first["id"].as_str().unwrap());
    let (_, one) = books.ask(Method::GET, &path, None).await;
    assert_eq!(one["warnings"][0]["costs"], json!([second["id"]]));
    let page = books.program.admin.text("/portal/costs").await;
    assert_eq!(page.matches(">Overlaps</span>").count(), 3, "{page}");
    let moved = json!({ "version": 1, "period_end": "2026-01-30" });
    let (_, moved) = books.ask(Method::PATCH, &path, Some(&moved)).await;
    assert_eq!(moved["warnings"], json!([]), "{moved}");
    let monthly = json!({
        "channel": "heyreach", "cost_type": "usage", "amount": 9900, "period_start": "2026-01-15",
    });
    let (_, made) = books.ask(Method::POST, "/api/monthly-costs", Some(&monthly)).await;
    assert_eq!(made["warnings"][0]["costs"].as_array().unwrap().len(), 1, "{made}");
}

#[tokio::test]
async fn foreign_costs_and_deals_are_converted_when_their_rate_comes() {
    let books = Books::open().await;
    let mut cost = january();
    (cost["currency"], cost["period_start"]) = (json!("eur"), json!("2026-01-05"));
    let (_, cost) = books.add(&cost).await;
    assert_eq!((&cost["base_amount"], cost["absent"].is_string()), (&Value::Null, true));
    assert_eq!(books.list("").await["without_rate"], 1);
    let ledger = &books.program.ledger;
    let mut admin = books.program.browser(&books.program.people.admin).await;
    let rate = [("form", "set"), ("day", "2026-01-05"), ("base", "eur"), ("quote", "usd"), ("rate", "1.1")];
    let done = admin.post("/portal/settings/exchange-rates", &rate).await;
    assert!(done.status().is_redirection(), "{}", done.status());
    ledger.apply().await;
    let listed = books.list("").await;
    assert_eq!((&listed["sum"], &listed["without_rate"]), (&json!(34_100), &json!(0)));
    assert_eq!(listed["costs"][0]["version"], 1, "nobody changed it");
}

#[tokio::test]
async fn people_add_change_delete_and_bring_back_costs_on_their_page() {
    let books = Books::open().await;
    let mut admin = books.program.browser(&books.program.people.admin).await;
    let typed = [
        ("form", "add"),
        ("channel", "heyreach"),
        ("cost_type", "ad_spend"),
        ("amount", "1,250.50"),
        ("currency", "USD"),
        ("period_start", "2026-10-01"),
        ("period_end", "2026-10-31"),
        ("notes", "autumn"),
        ("repeats", "once"),
    ];
    let done = admin.post("/portal/costs", &typed).await;
    assert!(location(&done).ends_with("done=cost-saved"), "{}", location(&done));
    let cost = books.list("").await["costs"][0].clone();
    assert_eq!((&cost["amount"], &cost["notes"]), (&json!(125_050), &json!("autumn")));
    let id = cost["id"].as_str().unwrap();
    for (amount, says) in
        [("1.250", "thousands or decimals"), ("0.001", "more decimals"), ("1e308", "like 1234.50")]
    {
        let mut wrong = typed.to_vec();
        wrong[3].1 = amount;
        let refused = admin.post("/portal/costs", &wrong).await;
        assert_eq!(refused.status(), 422, "{amount}");
        assert!(refused.text().await.unwrap().contains(says), "{amount}");
    }

    let mut change = typed.to_vec();
    change[0].1 = "change";
    change[3].1 = "99";
    change[7].1 = "";
    change.extend([("cost", id), ("version", "1")]);
    assert_eq!(admin.post("/portal/costs", &change).await.status(), 303);
    let changed = books.list("").await["costs"][0].clone();
    assert_eq!((&changed["amount"], &changed["notes"]), (&json!(9_900), &Value::Null));
    let refused = admin.post(&format!("/portal/costs?edit={id}"), &change).await;
    assert_eq!(refused.status(), 409, "somebody else changed it since");
    assert!(refused.text().await.unwrap().contains("Somebody changed this cost meanwhile"));

    let deleted = admin.post("/portal/costs", &[("form", "delete"), ("cost", id)]).await;
    let page = location(&deleted).to_owned();
    assert!(page.ends_with(&format!("deleted={id}")), "{page}");
    assert!(admin.text(&page).await.contains("Undo"));
    assert_eq!(books.list("").await["row_count"], 0);
    admin.post("/portal/costs", &[("form", "restore"), ("cost", id)]).await;
    assert_eq!(books.list("").await["row_count"], 1);
}
