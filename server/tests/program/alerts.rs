//! What needs somebody: found from figures, told once, looked after by one, over by itself, and found again.
#![expect(unreachable_pub, reason = "other tests about alerts use it")]

use std::time::Duration;

use domain::access::{Permission, Role};
use domain::channel::ChannelSlug;
use domain::cost::CostType;
use domain::ids::CostId;
use domain::money::{Currency, Money};
use domain::period::DateRange;
use jiff::SignedDuration;
use jiff::civil::date;
use reqwest::Method;
use serde_json::{Value, json};
use server::alerts::{Alerts, Evaluated, Look};
use server::clock::Clock;
use store::channel_costs::Cost;
use store::leads::Bringing;
use uuid::Uuid;

use crate::support::people::location;
use crate::support::{Program, now};

/// The program, what looks for alerts at a moment of the test's, and a key that may act.
pub struct Watch {
    pub program: Program,
    pub key: String,
}

const COST: CostId = CostId(Uuid::from_u128(77));

impl Watch {
    pub async fn begin() -> Self {
        let program = Program::start().await;
        let scopes = [Permission::Act, Permission::ReadFigures];
        let key = program.key(program.ledger.ours.id, Role::Operator, &scopes).await;
        Self { program, key }
    }

    /// One on a channel that costs 600 dollars and brings nothing.
    pub async fn of_a_losing_channel() -> Self {
        let watch = Self::begin().await;
        watch.spend().await;
        assert_eq!(watch.look(0).await.opened, 1);
        watch
    }

    pub async fn spend(&self) {
        let november = DateRange { from: date(2026, 11, 1), to: date(2026, 11, 20) };
        let cost = Cost {
            id: COST,
            channel: ChannelSlug::stored("meta_ads".to_owned()),
            cost_type: CostType::AdSpend,
            money: Money { minor: 60_000, currency: Currency::USD },
            base_minor: Some(60_000),
            period: november,
            notes: None,
            template: None,
        };
        let mut work = self.program.ledger.store().within(self.program.ledger.ours.id).await.unwrap();
        work.costs_add(&[cost], Bringing::at(now())).await.unwrap();
        work.commit().await.unwrap();
    }

    pub async fn set_spent(&self, is_spent: bool) {
        let mut work = self.program.ledger.store().within(self.program.ledger.ours.id).await.unwrap();
        work.cost_set_deleted(COST, !is_spent, now()).await.unwrap();
        work.commit().await.unwrap();
    }

    /// Looks so many hours after now.
    pub async fn look(&self, hours: i64) -> Evaluated {
        self.look_as(Look::Thorough, hours).await
    }

    /// Looks now, as something changed.
    pub async fn look_briefly(&self) -> Evaluated {
        self.look_as(Look::Brief, 0).await
    }

    async fn look_as(&self, look: Look, hours: i64) -> Evaluated {
        let clock = Clock::Fixed(now() + SignedDuration::from_hours(hours));
        let alerts = Alerts { store: self.program.ledger.store().clone(), clock };
        alerts.evaluate(self.program.ledger.ours.id, look).await.unwrap()
    }

    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = self.program.client.request(method, format!("{}{path}", self.program.address));
        let request = request.bearer_auth(&self.key);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// The alerts in a state, or all that are not resolved.
    pub async fn alerts(&self, query: &str) -> Vec<Value> {
        let (status, answer) = self.ask(Method::GET, &format!("/api/alerts{query}"), None).await;
        assert_eq!(status, 200, "{answer}");
        answer["alerts"].as_array().unwrap().clone()
    }

    pub async fn only(&self) -> Value {
        let alerts = self.alerts("").await;
        assert_eq!(alerts.len(), 1, "{alerts:#?}");
        alerts.into_iter().next().unwrap()
    }

    pub async fn act(&self, alert: &Value, verb: &str, body: Value) -> (u16, Value) {
        let path = format!("/api/alerts/{}/{verb}", alert["id"].as_str().unwrap());
        self.ask(Method::POST, &path, Some(body)).await
    }

    /// Has Stripe tell of something, so many minutes after something else.
    pub async fn hear(&self, kind: &str, minute: i64, object: &Value) {
        let id = format!("evt_{}{minute}", object["id"].as_str().unwrap());
        let event = json!({ "id": id, "object": "event", "type": kind, "api_version": "2026-09-30.endive",
            "created": 1_763_000_000 + minute * 60, "livemode": false, "data": { "object": object } });
        assert_eq!(self.program.post_event(&serde_json::to_vec(&event).unwrap()).await.status(), 200);
    }

    pub async fn heard_soon(&self, titles: &[&str]) {
        heard_soon(&self.program, titles).await;
    }
}

/// Waits until the alerts that need somebody have these titles: five seconds where nothing else runs, longer beside other tests.
pub async fn heard_soon(program: &Program, titles: &[&str]) {
    let begun = tokio::time::Instant::now();
    loop {
        let answer = program.get_json("/api/alerts?state=open").await;
        let alerts = answer["alerts"].as_array().unwrap();
        let told: Vec<&str> = alerts.iter().map(|alert| alert["title"].as_str().unwrap()).collect();
        if told == titles {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "it is {told:?}, not {titles:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

pub fn changes(alert: &Value) -> Vec<&str> {
    alert["history"].as_array().unwrap().iter().filter_map(|event| event["change"].as_str()).collect()
}

#[tokio::test]
async fn a_channel_that_loses_money_is_told_with_its_operands_by_api_and_on_both_pages() {
    let watch = Watch::of_a_losing_channel().await;
    let alert = watch.only().await;
    assert_eq!(
        (&alert["kind"], &alert["key"], &alert["severity"], &alert["state"], &alert["version"]),
        (
            &json!("channel_losing"),
            &json!("channel_losing:meta_ads"),
            &json!("critical"),
            &json!("open"),
            &json!(1)
        )
    );
    assert_eq!(alert["title"], "Meta ads is losing money");
    assert_eq!(alert["why"], "Spent $600 for $0 of revenue in 30 days: ROI −100.0%.");
    assert_eq!(alert["operands"]["spend_minor"], 60_000);
    assert_eq!(alert["suggested_action"], "pause_campaign");
    assert_eq!(alert["link"], "/portal/explain?period=30d&figure=channel_roi&channel=meta_ads");
    let screen = watch.program.get_json("/api/analytics/command-center").await;
    assert_eq!(screen["alerts"][0]["id"], alert["id"]);
    assert!(screen.get("absent").is_none());
    watch.program.ledger.send(&charge()).await;
    watch.program.ledger.apply().await;
    for page in ["/portal/command-center", "/portal/alerts"] {
        let text = watch.program.admin.text(page).await;
        assert!(
            text.contains("Meta ads is losing money") && text.contains(r#"class="side-count""#),
            "{page}"
        );
    }
}

/// Something of Stripe's, so that the main screen has more to say than how to connect it.
fn charge() -> Vec<u8> {
    let event = json!({ "id": "evt_1Alert", "object": "event", "type": "customer.created", "created": 1_763_000_000,
        "data": { "object": { "id": "cus_Alert", "object": "customer", "created": 1_763_000_000 } } });
    serde_json::to_vec(&event).unwrap()
}

#[tokio::test]
async fn true_true_false_true_fires_is_silent_resolves_and_fires() {
    let watch = Watch::of_a_losing_channel().await;
    let first = watch.only().await;
    let again = watch.look(1).await;
    assert_eq!((again.found, again.changed), (1, 0), "silent");
    assert_eq!(watch.only().await["version"], 1);
    watch.set_spent(false).await;
    assert_eq!(watch.look(2).await.cleared, 1);
    assert_eq!(watch.alerts("").await, Vec::<Value>::new());
    let over = watch.alerts("?state=resolved").await;
    assert_eq!(changes(&over[0]), ["cleared", "opened"]);
    watch.set_spent(true).await;
    assert_eq!(watch.look(3).await.opened, 1);
    assert_ne!(watch.only().await["id"], first["id"]);
}

#[tokio::test]
async fn what_is_acknowledged_and_snoozed_is_written_down_and_comes_back_when_its_time_is_over() {
    let watch = Watch::of_a_losing_channel().await;
    let alert = watch.only().await;
    let (status, taken) = watch.act(&alert, "acknowledge", json!({ "version": 1 })).await;
    assert_eq!(
        (status, &taken["state"], &taken["assignee"]),
        (200, &json!("acknowledged"), &json!("a test"))
    );
    let (status, snoozed) = watch.act(&alert, "snooze", json!({ "version": 2, "days": 1 })).await;
    assert_eq!((status, &snoozed["state"]), (200, &json!("snoozed")));
    assert_eq!(snoozed["snoozed_until"], "2026-11-21T14:02:00Z");
    let screen = watch.program.get_json("/api/analytics/command-center").await;
    assert_eq!(screen["alerts"], json!([]), "the screen is quiet about it");
    assert_eq!(watch.look(23).await.changed, 0);
    assert_eq!(watch.look(24).await.opened, 1);
    let back = watch.only().await;
    assert_eq!(
        (&back["id"], &back["state"], &back["assignee"]),
        (&alert["id"], &json!("open"), &Value::Null)
    );
    assert_eq!(changes(&back), ["reopened", "snoozed", "acknowledged", "opened"]);
    let deeds: Vec<Value> = watch.program.audit_log().await.iter().map(|line| line["deed"].clone()).collect();
    assert!(
        deeds.contains(&json!("alert_acknowledged")) && deeds.contains(&json!("alert_snoozed")),
        "{deeds:?}"
    );
}

#[tokio::test]
async fn what_is_resolved_by_hand_stays_silent_while_its_condition_holds_and_fires_after_it_was_gone() {
    let watch = Watch::of_a_losing_channel().await;
    let alert = watch.only().await;
    assert_eq!(watch.act(&alert, "resolve", json!({})).await.0, 200);
    assert_eq!(watch.act(&alert, "resolve", json!({})).await.0, 200, "it is so already");
    assert_eq!(watch.act(&alert, "acknowledge", json!({})).await.0, 409, "it is done with");
    assert_eq!(watch.look(1).await.changed, 0);
    watch.set_spent(false).await;
    watch.look(2).await;
    watch.set_spent(true).await;
    assert_eq!(watch.look(3).await.opened, 1);
    let written = watch.program.audit_log().await;
    assert_eq!(written.iter().filter(|line| line["deed"] == "alert_resolved").count(), 1);
}

#[tokio::test]
async fn of_many_who_act_at_once_one_wins_and_the_others_are_told_how_it_stands() {
    let watch = Watch::of_a_losing_channel().await;
    let alert = watch.only().await;
    let posts = (1..=20).map(|_| watch.act(&alert, "acknowledge", json!({ "version": 1 })));
    let answers = futures::future::join_all(posts).await;
    let won = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(won, 1, "{answers:?}");
    for (status, answer) in answers.iter().filter(|(status, _)| *status != 200) {
        let present = &answer["error"]["present"];
        assert_eq!((*status, &present["state"]), (409, &json!("acknowledged")), "{answer}");
    }
    assert_eq!(changes(&watch.only().await), ["acknowledged", "opened"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let watch = Watch::of_a_losing_channel().await;
    let alert = watch.only().await;
    for body in [
        json!({}),
        json!({ "days": 0 }),
        json!({ "days": 91 }),
        json!({ "until": "2026-11-20T14:02:00Z" }),
        json!({ "until": "2027-11-20T14:02:00Z" }),
        json!({ "days": 1, "until": "2026-11-22T00:00:00Z" }),
    ] {
        assert_eq!(watch.act(&alert, "snooze", body.clone()).await.0, 422, "{body}");
    }
    assert_eq!(watch.ask(Method::POST, "/api/alerts/nothing/resolve", None).await.0, 404);
    assert_eq!(watch.ask(Method::GET, "/api/alerts?state=lost", None).await.0, 400);
    assert_eq!(watch.only().await["version"], 1);
}

#[tokio::test]
async fn forms_work_without_script_and_keep_the_days_looked_at() {
    let watch = Watch::of_a_losing_channel().await;
    let alert = watch.only().await;
    let id = alert["id"].as_str().unwrap();
    let mut operator = watch.program.browser(&watch.program.people.operator).await;
    let fields = [("form", "snooze"), ("alert", id), ("version", "1"), ("days", "7")];
    let answer = operator.post("/portal/command-center?period=30d", &fields).await;
    assert_eq!(
        (answer.status().as_u16(), location(&answer)),
        (303, "/portal/command-center?period=30d&done=alert-snoozed")
    );
    let answer = operator.post("/portal/alerts", &fields).await;
    assert_eq!(answer.status(), 409);
    let text = answer.text().await.unwrap();
    assert!(text.contains("This alert changed meanwhile and is snoozed now"), "{text}");
}

#[tokio::test]
async fn who_looks_at_once_opens_one_alert() {
    let watch = Watch::begin().await;
    watch.spend().await;
    let looks = futures::future::join_all((0..4).map(|_| watch.look(0))).await;
    assert_eq!(looks.iter().map(|looked| looked.opened).sum::<usize>(), 1, "{looks:?}");
    watch.only().await;
}
