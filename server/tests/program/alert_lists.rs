//! Alerts and actions as they are listed: filtered as the address says, page after page, nothing twice or left out.

use domain::channel::ChannelSlug;
use domain::connection::Tool;
use domain::cost::CostType;
use domain::ids::CostId;
use domain::money::{Currency, Money};
use domain::period::DateRange;
use jiff::civil::date;
use reqwest::Method;
use serde_json::{Value, json};
use store::channel_costs::Cost;
use store::leads::Bringing;
use uuid::Uuid;

use crate::alerts::Watch;
use crate::support::now;
use crate::support::outreach::Outreach;
use crate::support::people::location;

const CHANNELS: [&str; 3] = ["heyreach", "linkedin", "meta_ads"];

/// One on channels that cost and bring nothing, and with a payment that failed.
async fn of_several() -> Watch {
    let watch = Watch::begin().await;
    let ours = watch.program.ledger.ours.id;
    let costs = CHANNELS.map(|channel| Cost {
        id: CostId(Uuid::new_v5(&ours.0, channel.as_bytes())),
        channel: ChannelSlug::stored(channel.to_owned()),
        cost_type: CostType::AdSpend,
        money: Money { minor: 60_000, currency: Currency::USD },
        base_minor: Some(60_000),
        period: DateRange { from: date(2026, 11, 1), to: date(2026, 11, 20) },
        notes: None,
        template: None,
    });
    let mut work = watch.program.ledger.store().within(ours).await.unwrap();
    work.costs_add(&costs, Bringing::at(now())).await.unwrap();
    work.commit().await.unwrap();
    watch.hear("invoice.payment_failed", 0, &unpaid()).await;
    watch.program.ledger.apply().await;
    watch.look(0).await;
    watch
}

fn unpaid() -> Value {
    json!({ "id": "in_1", "object": "invoice", "status": "open", "currency": "usd", "amount_due": 4_900,
        "amount_remaining": 4_900, "total": 4_900, "amount_paid": 0, "attempt_count": 1, "customer": "cus_1",
        "created": 1_763_000_000 })
}

fn keys(alerts: &[Value]) -> Vec<&str> {
    alerts.iter().map(|alert| alert["key"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn alerts_are_listed_by_kind_severity_and_channel() {
    let watch = of_several().await;
    assert_eq!(watch.alerts("").await.len(), 4);
    for (query, found) in [
        ("?kind=failed_payments", vec!["failed_payments:all"]),
        ("?severity=warning", vec!["failed_payments:all"]),
        ("?channel=linkedin", vec!["channel_losing:linkedin"]),
        (
            "?channel=linkedin&severity=critical&kind=channel_losing&state=open",
            vec!["channel_losing:linkedin"],
        ),
        ("?channel=linkedin&kind=failed_payments", vec![]),
        ("?channel=nothing", vec![]),
        ("?severity=critical&state=snoozed", vec![]),
    ] {
        assert_eq!(keys(&watch.alerts(query).await), found, "{query}");
    }
    for query in ["?kind=noise", "?severity=high", "?cursor=1", "?cursor=-.critical.1", "?limit=0"] {
        assert_eq!(watch.ask(Method::GET, &format!("/api/alerts{query}"), None).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn page_after_page_of_alerts_lists_each_once_the_worst_first() {
    let watch = of_several().await;
    for is_resolved in [false, true] {
        let state = if is_resolved { "&state=resolved" } else { "" };
        let (mut listed, mut cursor) = (Vec::new(), String::new());
        for page in 1..=4 {
            let path = format!("/api/alerts?limit=1{state}{cursor}");
            let (status, answer) = watch.ask(Method::GET, &path, None).await;
            assert_eq!(status, 200, "{answer}");
            listed.extend(answer["alerts"].as_array().unwrap().clone());
            assert_eq!(answer["next_cursor"].is_string(), page < 4, "{answer}");
            cursor = format!("&cursor={}", answer["next_cursor"].as_str().unwrap_or_default());
        }
        let mut found = keys(&listed);
        assert_eq!(found.last(), Some(&"failed_payments:all"), "a warning comes after what is critical");
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 4);
        for alert in &listed {
            watch.act(alert, "resolve", json!({})).await;
        }
    }
}

#[tokio::test]
async fn the_page_keeps_its_filters_in_its_links_and_after_its_forms() {
    let watch = of_several().await;
    let mut admin = watch.program.admin.clone();
    let at = "/portal/alerts?state=open&severity=critical&channel=linkedin";
    let page = admin.text(at).await;
    assert!(
        page.contains("LinkedIn is losing money") && !page.contains("Meta ads is losing money"),
        "{page}"
    );
    assert!(
        page.contains("/portal/alerts?severity=critical&amp;channel=linkedin&amp;state=snoozed"),
        "{page}"
    );
    let id = watch.alerts("?channel=linkedin").await[0]["id"].as_str().unwrap().to_owned();
    let answer = admin.post(at, &[("form", "acknowledge"), ("alert", &*id), ("version", "1")]).await;
    assert_eq!(location(&answer), format!("{at}&done=alert-acknowledged"));
    assert!(admin.text(at).await.contains("No alert is like that."));
}

#[tokio::test]
async fn actions_are_listed_by_channel_and_page_after_page() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let (_, receipt) = desk.act("pause_campaign", 1, "a-pause").await;
    let done = desk.until(&receipt["id"], "done").await;
    let copies = "insert into actions select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), \
        'idempotency_key', 'copy ' || n, 'asked_at', a.asked_at - n / 2 * interval '1 minute'))).* \
        from actions a, generate_series(1, 120) n";
    desk.program.ledger.database.as_owner_past_triggers(copies).await;
    let channel = done["target"]["channel"].as_str().unwrap();
    let first = format!("/api/actions?channel={channel}&state=done");
    let (_, page) = desk.ask(Method::GET, &first, None, None).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let (_, rest) = desk.ask(Method::GET, &format!("{first}&cursor={cursor}"), None, None).await;
    assert_eq!(rest["next_cursor"], Value::Null);
    let all = page["actions"].as_array().unwrap().iter().chain(rest["actions"].as_array().unwrap());
    let mut ids: Vec<&str> = all.map(|action| action["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), rest["actions"].as_array().unwrap().len()), (121, 21));
    let (_, none) = desk.ask(Method::GET, "/api/actions?channel=nothing", None, None).await;
    assert_eq!(none["actions"], json!([]));
    let (status, refused) = desk.ask(Method::GET, "/api/actions?cursor=mine", None, None).await;
    assert_eq!((status, &refused["error"]["field"]), (422, &json!("cursor")));
    let shown = desk.program.admin.text(&format!("/portal/actions?state=done&channel={channel}")).await;
    assert!(
        shown.contains("Older actions") && shown.contains(&format!("channel={channel}&amp;cursor=")),
        "{shown}"
    );
}
