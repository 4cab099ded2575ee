//! Follow-ups: every message is shown before it goes out, goes out once, and can be called off for a minute.

use connectors::fakes::Fault;
use domain::connection::Tool;
use domain::ids::TouchId;
use domain::lead::TouchKind;
use reqwest::Method;
use serde_json::{Value, json};
use store::lead_touches::Touch;
use uuid::Uuid;

use crate::support::now;
use crate::support::outreach::Outreach;

/// A program that has read its tool, and the leads it then has.
async fn read(tool: Tool) -> (Outreach, Vec<String>) {
    let desk = Outreach::of(tool).await;
    let ours = desk.program.ledger.ours.id;
    desk.program.jobs().connections.sync_one(ours, tool, "a test").await.unwrap();
    let tables = desk.program.tables().await;
    let mut leads: Vec<(String, String)> = tables
        .rows("leads")
        .iter()
        .map(|lead| (lead["name"].as_str().unwrap().to_owned(), lead["id"].as_str().unwrap().to_owned()))
        .collect();
    leads.sort();
    (desk, leads.into_iter().map(|(_, id)| id).collect())
}

async fn write(desk: &Outreach, ids: &[String], text: &str, key: &str) -> (u16, Value) {
    let body = json!({ "kind": "send_follow_up", "target": { "lead_ids": ids }, "text": text });
    desk.ask(Method::POST, "/api/actions", Some(key), Some(body)).await
}

async fn preview(desk: &Outreach, ids: &[String], text: &str) -> Value {
    let body =
        json!({ "kind": "send_follow_up", "target": { "lead_ids": ids }, "text": text, "dry_run": true });
    let (status, shown) = desk.ask(Method::POST, "/api/actions", None, Some(body)).await;
    assert_eq!(status, 200, "{shown}");
    shown
}

async fn perform(desk: &Outreach, action: &Value) {
    let id = action["id"].as_str().unwrap();
    desk.program.jobs().actions.perform(desk.program.ledger.ours.id, id, false).await.unwrap();
}

#[tokio::test]
async fn every_message_is_shown_first_and_goes_out_once_at_each_tool() {
    for tool in [Tool::HeyReach, Tool::PlusVibe, Tool::Instantly] {
        let (desk, ids) = read(tool).await;
        let text = "Hi {first_name}, still of interest to {company|you}?";
        let shown = preview(&desk, &ids, text).await;
        let touched = shown["leads"].as_array().unwrap();
        assert!(!touched.is_empty(), "{tool:?} {shown}");
        let message = |lead: &Value| {
            let number: String =
                lead["name"].as_str().unwrap().chars().rev().take_while(char::is_ascii_digit).collect();
            format!("Hi First{number}, still of interest to Company {number}?")
        };
        assert!(touched.iter().all(|lead| lead["message"] == message(lead)), "{tool:?} {shown}");
        let written = touched.len();
        assert!(
            written >= 1 && written + shown["left_out"].as_array().unwrap().len() == ids.len(),
            "{shown}"
        );
        assert_eq!(desk.fake.with(|account| account.sent.len()), 0);
        let (status, taken) = write(&desk, &ids, text, "once").await;
        assert_eq!((status, &taken["state"]), (202, &json!("queued")), "{taken}");
        assert_eq!(write(&desk, &ids, text, "once").await.1["id"], taken["id"]);
        assert_eq!(desk.fake.with(|account| account.sent.len()), 0, "they wait for a minute");
        perform(&desk, &taken).await;
        perform(&desk, &taken).await;
        let done = desk.until(&taken["id"], "done").await;
        assert_eq!(done["answer"]["done"], json!(written), "{done}");
        let sent = desk.fake.with(|account| account.sent.clone());
        assert_eq!(sent.len(), written, "{tool:?} {sent:?}");
        assert!(touched.iter().zip(&sent).all(|(lead, sent)| sent.contains(&message(lead))), "{sent:?}");
        let again = preview(&desk, &ids, text).await;
        assert_eq!(again["leads"], json!([]), "they are left alone for three days");
    }
}

#[tokio::test]
async fn for_a_minute_a_follow_up_can_be_called_off_and_then_nothing_goes_out() {
    let (desk, ids) = read(Tool::PlusVibe).await;
    let (_, taken) = write(&desk, &ids, "Hi", "regretted").await;
    let path = format!("/api/actions/{}/undo", taken["id"].as_str().unwrap());
    let (status, off) = desk.ask(Method::POST, &path, None, None).await;
    assert_eq!((status, &off["state"]), (200, &json!("cancelled")), "{off}");
    perform(&desk, &taken).await;
    assert_eq!(desk.fake.with(|account| account.sent.len()), 0);
    let told = desk.action(&taken["id"]).await;
    assert!(told["leads"].as_array().unwrap().iter().all(|lead| lead["state"] == "cancelled"), "{told}");
    let (status, _) = write(&desk, &ids, "Hi", "once-more").await;
    assert_eq!(status, 202, "what was called off keeps nobody from being written to");
}

#[tokio::test]
async fn a_message_nobody_knows_of_is_looked_for_and_never_sent_again() {
    let (desk, ids) = read(Tool::PlusVibe).await;
    // Only who has answered has a conversation at this tool.
    let one = &ids[2..3];
    desk.fake.with(|account| account.fault("/unibox/emails/reply", 0, Fault::CutsOff));
    let (_, taken) = write(&desk, one, "Hi {name}", "lost").await;
    perform(&desk, &taken).await;
    let unknown = desk.until(&taken["id"], "unknown").await;
    assert_eq!(unknown["leads"][0]["state"], "unknown", "{unknown}");
    perform(&desk, &taken).await;
    assert_eq!(
        desk.fake.with(|account| account.sent.len()),
        1,
        "it had gone out, and goes out no second time"
    );
    let left = preview(&desk, one, "Hi").await;
    assert!(left["left_out"][0]["why"].as_str().unwrap().contains("nobody knows"), "{left}");
    // The tool tells of the message when it is read again.
    let ours = desk.program.ledger.ours.id;
    let mut work = desk.program.ledger.store().within(ours).await.unwrap();
    work.touches_add(
        &[Touch {
            id: TouchId(Uuid::from_u128(77)),
            external_id: "plusvibe:told-later".to_owned(),
            lead: one[0].parse().unwrap(),
            kind: TouchKind::Sent,
            channel: None,
            campaign: None,
            occurred_at: now(),
            note: None,
        }],
        now(),
    )
    .await
    .unwrap();
    work.commit().await.unwrap();
    perform(&desk, &taken).await;
    let done = desk.until(&taken["id"], "done").await;
    assert_eq!(done["leads"][0]["state"], "done", "{done}");
}

#[tokio::test]
async fn a_text_that_is_none_keeps_what_was_typed_and_sends_nothing() {
    let (desk, ids) = read(Tool::PlusVibe).await;
    let operator = desk.program.browser(&desk.program.people.operator).await;
    let address = format!("/portal/actions/leads?kind=send_follow_up&lead={}", ids[2]);
    let page = operator.text(&address).await;
    assert!(page.contains("Send 1 message") && page.contains("Hi First3,"), "{page}");
    let wrong = operator.text(&format!("{address}&text=Hi%20%7Bnick%7D%20there")).await;
    assert!(wrong.contains("Hi {nick} there") && wrong.contains("There is no {nick}"), "{wrong}");
    assert!(!wrong.contains(r#"name="key""#));
}

#[tokio::test]
async fn what_is_sent_is_what_was_shown_and_nobody_who_bought_or_bounced_since_is_written_to() {
    let (desk, ids) = read(Tool::PlusVibe).await;
    let one = &ids[2..3];
    let shown = preview(&desk, one, "Hi {name}").await;
    let asked = |key: &'static str| {
        let (desk, seen) = (&desk, shown["seen"].clone());
        async move {
            let body = json!({
                "kind": "send_follow_up", "target": { "lead_ids": one }, "text": "Hi {name}", "seen": seen,
            });
            desk.ask(Method::POST, "/api/actions", Some(key), Some(body)).await
        }
    };
    let tables = desk.program.tables().await;
    let lead = tables.rows("leads").iter().find(|lead| lead["id"] == one[0].as_str()).unwrap().clone();
    let path = format!("/api/leads/{}", lead["external_id"].as_str().unwrap());
    let renamed = async |name: &Value| {
        let (status, told) = desk.ask(Method::PUT, &path, None, Some(json!({ "name": name }))).await;
        assert_eq!(status, 200, "{told}");
    };
    renamed(&json!("Somebody Else")).await;
    let (status, told) = asked("other").await;
    assert_eq!((status, &told["error"]["code"]), (409, &json!("conflict")), "{told}");
    renamed(&lead["name"]).await;
    let (status, taken) = asked("same").await;
    assert_eq!(status, 202, "{taken}");
    let bought = json!({ "stage": "closed", "stage_at": now().to_string() });
    assert_eq!(desk.ask(Method::PUT, &path, None, Some(bought)).await.0, 200);
    perform(&desk, &taken).await;
    let failed = desk.until(&taken["id"], "failed").await;
    assert_eq!(failed["leads"][0]["problem"], "they have bought since", "{failed}");
    assert_eq!(desk.fake.with(|account| account.sent.len()), 0);
}
