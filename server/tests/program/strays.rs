//! What is another tenant's is answered as what is not there, and that somebody asked for it is written down.

use domain::access::{Permission, Role};
use reqwest::Method;
use serde_json::{Value, json};
use server::alerts::{Alerts, Look};
use server::clock::Clock;
use server::http::routes;
use uuid::Uuid;

use crate::support::{Program, now};

/// Two tenants, each with a key that may do everything; the other one's things.
struct Crossing {
    program: Program,
    ours: String,
    theirs: String,
    cost: String,
    campaign: String,
    alert: String,
}

impl Crossing {
    async fn begin() -> Self {
        let program = Program::start().await;
        let (us, them) = (program.ledger.ours.id, program.ledger.theirs.id);
        let ours = program.key(us, Role::Owner, &Permission::ALL).await;
        let theirs = program.key(them, Role::Owner, &Permission::ALL).await;
        let nothing = String::new();
        let mut crossing =
            Self { program, ours, theirs, cost: nothing.clone(), campaign: nothing.clone(), alert: nothing };
        crossing.fill().await;
        crossing
    }

    async fn fill(&mut self) {
        let cost = json!({ "channel": "meta_ads", "cost_type": "ad_spend", "amount": 60_000,
            "period_start": "2026-11-01", "period_end": "2026-11-20" });
        let (status, cost) = self.ask(&self.theirs, Method::POST, "/api/channel-costs", &cost).await;
        assert_eq!(status, 201, "{cost}");
        let campaign = json!({ "name": "Autumn", "channel": "heyreach" });
        let (status, answer) = self.ask(&self.theirs, Method::PUT, "/api/campaigns/autumn", &campaign).await;
        assert_eq!(status, 201, "{answer}");
        let alerts = Alerts { store: self.program.ledger.store().clone(), clock: Clock::Fixed(now()) };
        alerts.evaluate(self.program.ledger.theirs.id, Look::Brief).await.unwrap();
        let tables = self.program.tables().await;
        let id = |table: &str| tables.rows(table)[0]["id"].as_str().unwrap().to_owned();
        (self.cost, self.campaign, self.alert) = (id("channel_costs"), id("campaigns"), id("alerts"));
    }

    async fn ask(&self, key: &str, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.program.client.request(method.clone(), format!("{}{path}", self.program.address));
        let request = request.bearer_auth(key);
        let request = if method == Method::GET { request } else { request.json(body) };
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }

    /// What was written down of refused calls in our tenant, the newest last; in the other's there is nothing.
    async fn refused(&self) -> Vec<Value> {
        let tables = self.program.tables().await;
        let mut lines: Vec<Value> = tables.rows("audit_log").to_vec();
        lines.retain(|line| line["deed"] == "access_refused");
        lines.sort_by_key(|line| line["seq"].as_i64());
        let ours = self.program.ledger.ours.id.to_string();
        assert!(lines.iter().all(|line| line["tenant_id"] == ours.as_str()), "{lines:#?}");
        lines
    }
}

#[tokio::test]
async fn every_call_for_a_thing_of_another_tenant_is_answered_404_and_written_down() {
    let crossing = Crossing::begin().await;
    let things =
        routes().into_iter().filter(|route| route.path.starts_with("/api/") && route.path.contains("{id}"));
    let mut asked = Vec::new();
    for route in things {
        let id = match route.path.split('/').nth(2).unwrap() {
            "alerts" => crossing.alert.clone(),
            "channel-costs" => crossing.cost.clone(),
            _ => Uuid::new_v5(&Uuid::NAMESPACE_URL, route.path.as_bytes()).to_string(),
        };
        let path = route.path.replace("{id}", &id);
        let body = match route.path.as_str() {
            "/api/alerts/{id}/snooze" => json!({ "days": 1 }),
            "/api/alerts/{id}/comments" => json!({ "text": "Mine." }),
            "/api/channel-costs/{id}" => json!({ "version": 1, "amount": 1 }),
            _ => json!({}),
        };
        let method: Method = route.method.parse().unwrap();
        let (status, answer) = crossing.ask(&crossing.ours, method, &path, &body).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (404, &json!("not_found")),
            "{} {path}: {answer}",
            route.method
        );
        asked.push(path);
    }
    assert!(asked.len() > 12, "{asked:?}");
    let action =
        json!({ "kind": "pause_campaign", "target": { "campaign_id": crossing.campaign }, "dry_run": true });
    assert_eq!(crossing.ask(&crossing.ours, Method::POST, "/api/actions", &action).await.0, 404);
    assert_eq!(crossing.ask(&crossing.theirs, Method::POST, "/api/actions", &action).await.0, 200);
    asked.push("/api/actions".to_owned());
    let written = crossing.refused().await;
    assert_eq!(written.iter().map(|line| line["target"].as_str().unwrap()).collect::<Vec<_>>(), asked);
    assert!(written.iter().all(|line| line["actor_name"] == "a test" && line["address"] == "127.0.0.1"));
}

#[tokio::test]
async fn who_names_another_tenant_is_written_down_where_they_belong() {
    let crossing = Crossing::begin().await;
    let path = format!("/api/alerts?tenant_id={}", crossing.program.ledger.theirs.id);
    assert_eq!(crossing.ask(&crossing.ours, Method::GET, &path, &Value::Null).await.0, 404);
    assert_eq!(crossing.program.get(&path).await.status(), 404);
    let written = crossing.refused().await;
    let told: Vec<_> =
        written.iter().map(|line| (line["actor_name"].as_str(), line["target"].as_str())).collect();
    assert_eq!(told, [(Some("a test"), Some(&*path)), (Some("admin@ours.example"), Some(&*path))]);
}

#[tokio::test]
async fn what_is_found_and_what_is_nobody_s_leaves_no_line() {
    let crossing = Crossing::begin().await;
    for (method, path, status) in [
        (Method::GET, "/api/alerts", 200),
        (Method::GET, "/api/nothing", 404),
        (Method::POST, "/api/leads/never-brought/events", 404),
    ] {
        let event = json!({ "external_id": "one", "type": "reply", "occurred_at": "2026-11-20T14:00:00Z" });
        assert_eq!(crossing.ask(&crossing.ours, method, path, &event).await.0, status, "{path}");
    }
    let (status, _) = crossing
        .ask("cc_nobody", Method::GET, &format!("/api/channel-costs/{}", crossing.cost), &Value::Null)
        .await;
    assert_eq!(status, 401);
    assert_eq!(crossing.refused().await, Vec::<Value>::new());
}
