//! What tools send of their own accord: verified, kept once, and the same as what is read.

use std::time::Duration;

use connectors::fakes::{Account, FakeMessage};
use domain::connection::Tool;
use serde_json::{Value, json};

use crate::alerts::heard_soon;
use crate::support::tools::Tools;
use crate::support::{Program, now};

const PAGE: &str = "/portal/settings/connections";

/// A program whose tenant is connected to every tool.
struct Heard {
    program: Program,
    tools: Tools,
}

impl Heard {
    async fn open(account: impl Fn() -> Account) -> Self {
        let tools = Tools::open(account).await;
        let program = Program::start_as(tools.config()).await;
        for tool in tools.fakes.keys() {
            let fields = [("form", "connect"), ("tool", tool.word()), ("value", connectors::fakes::KEY)];
            assert_eq!(program.admin.clone().post(PAGE, &fields).await.status(), 303, "{tool:?}");
        }
        Self { program, tools }
    }

    /// Makes an address for a tool; its address and the header that goes with it.
    async fn address_of(&self, tool: Tool) -> (String, Option<(String, String)>) {
        let mut admin = self.program.admin.clone();
        let shown =
            admin.post(PAGE, &[("form", "webhook"), ("tool", tool.word())]).await.text().await.unwrap();
        let value = shown.split("id=\"webhook-shown-once\"").nth(1).unwrap();
        let value = value.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
        // It is made of the address people reach the program at, which knows no port that the system chose.
        let value = &value.replace("http://127.0.0.1:0", &self.program.address);
        match value.split_once(" with the header ") {
            None => (value.to_owned(), None),
            Some((url, header)) => {
                let (name, value) = header.split_once(": ").unwrap();
                (url.to_owned(), Some((name.to_owned(), value.to_owned())))
            }
        }
    }

    async fn deliver(&self, to: &(String, Option<(String, String)>), body: &Value) -> (u16, Value) {
        let mut request = self.program.client.post(&to.0).json(body);
        if let Some((name, value)) = &to.1 {
            request = request.header(name, value);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Waits until something was made of everything that was sent.
    async fn digested(&self) -> Vec<Value> {
        for _ in 0..200 {
            let rows = self.program.tables().await.rows("webhook_deliveries").to_vec();
            if rows.iter().all(|row| row["state"] != "pending") {
                return rows;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("what was sent waits");
    }

    async fn synced(&self, tool: Tool) {
        let mut admin = self.program.admin.clone();
        let before = self.program.tables().await.rows("syncs").len();
        assert_eq!(admin.post(PAGE, &[("form", "sync"), ("tool", tool.word())]).await.status(), 303);
        for _ in 0..300 {
            let syncs = self.program.tables().await.rows("syncs").to_vec();
            if syncs.len() > before && syncs.iter().all(|sync| sync["state"] == "done") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it is not read");
    }
}

/// What each tool sends of the reply number 777 of the third person.
fn reply(tool: Tool) -> Value {
    let at = now().to_string();
    match tool {
        Tool::HeyReach => json!({
            "event_type": "MESSAGE_REPLY_RECEIVED", "conversation_id": "conversation 1", "campaignId": 1,
            "lead": { "profile_url": "https://www.linkedin.com/in/person-1", "email_address": "person1@example.com" },
            "sender": { "id": 7 },
            "recent_messages": [{ "message": "Yes please", "creation_time": at, "is_reply": true }],
        }),
        Tool::PlusVibe => json!({
            "webhook_event": "ALL_EMAIL_REPLIES", "campaign_id": "000000000000000000000001", "lead_id": "lead-1",
            "email": "person1@example.com", "last_email_id": "mail-777", "text_body": "Yes please",
        }),
        _ => json!({
            "event_type": "reply_received", "timestamp": at, "email_id": "00000000-0000-4000-8000-000000000309",
            "campaign_id": "00000000-0000-4000-8000-000000000001", "lead_email": "person1@example.com",
            "reply_text_snippet": "Yes please",
        }),
    }
}

fn say_yes(account: &mut Account) {
    account.messages.push(FakeMessage {
        number: 777,
        person: 1,
        at: now(),
        is_reply: true,
        text: "Yes please".to_owned(),
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_is_told_again_and_read_later_is_one_reply() {
    let heard = Heard::open(|| Account::filled(1, 4)).await;
    for tool in [Tool::HeyReach, Tool::PlusVibe, Tool::Instantly] {
        heard.synced(tool).await;
        let address = heard.address_of(tool).await;
        let first = heard.deliver(&address, &reply(tool)).await;
        assert_eq!(first, (200, json!({ "received": true, "duplicate": false })), "{tool:?}");
        let again = heard.deliver(&address, &reply(tool)).await;
        assert_eq!(again, (200, json!({ "received": true, "duplicate": true })), "{tool:?}");
        let delivered = heard.digested().await;
        let of_tool = delivered.iter().find(|row| row["tool"] == tool.word()).unwrap();
        assert_eq!(of_tool["state"], "applied", "{tool:?}: {of_tool}");
        heard.tools.with(tool, say_yes);
        heard.synced(tool).await;
        let tables = heard.program.tables().await;
        let of_tool = |row: &&Value| row["external_id"].as_str().unwrap().starts_with(tool.word());
        let said =
            tables.rows("lead_touches").iter().filter(of_tool).filter(|row| row["note"] == "Yes please");
        assert_eq!(said.count(), 1, "{tool:?}");
    }
    let tables = heard.program.tables().await;
    assert_eq!(tables.rows("leads").len(), 4);
    let lead = tables.rows("leads").iter().find(|lead| lead["email"] == "person1@example.com").unwrap();
    assert_eq!(lead["stage"], "replied");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_taken_without_the_token_and_nobody_is_told_what_there_is() {
    let heard = Heard::open(|| Account::filled(1, 4)).await;
    let (tool, address) = (Tool::HeyReach, &heard.program.address);
    let ours = format!("{address}/api/webhooks/heyreach/default");
    assert_eq!(heard.deliver(&(ours.clone(), None), &reply(tool)).await.0, 404, "there is no address yet");
    let made = heard.address_of(tool).await;
    let token = made.0.split_once("token=").unwrap().1.to_owned();
    assert!(made.0.starts_with(&ours), "{}", made.0);
    for wrong in [
        ours.clone(),
        format!("{ours}?token="),
        format!("{ours}?token={}", "A".repeat(43)),
        format!("{address}/api/webhooks/heyreach/theirs?token={token}"),
        format!("{address}/api/webhooks/plusvibe/default?token={token}"),
        format!("{address}/api/webhooks/apollo/default?token={token}"),
        format!("{address}/api/webhooks/nothing/default?token={token}"),
    ] {
        assert_eq!(heard.deliver(&(wrong.clone(), None), &reply(tool)).await.0, 404, "{wrong}");
    }
    let in_header = (ours.clone(), Some(("x-command-center-token".to_owned(), token.clone())));
    assert_eq!(heard.deliver(&in_header, &reply(tool)).await.0, 404, "HeyReach repeats it in the address");
    let text = heard.program.client.post(&made.0).body("no JSON").send().await.unwrap();
    assert_eq!(text.status(), 400);
    assert_eq!(heard.program.tables().await.rows("webhook_deliveries").len(), 0);
    assert!(heard.program.tables().await.holding(&token).is_empty(), "only its hash is kept");
    let newer = heard.address_of(tool).await;
    assert_eq!(heard.deliver(&made, &reply(tool)).await.0, 404, "the one there was works no more");
    assert_eq!(heard.deliver(&newer, &reply(tool)).await.0, 200);
    let fields = [("form", "disconnect"), ("tool", "heyreach")];
    assert_eq!(heard.program.admin.clone().post(PAGE, &fields).await.status(), 303);
    assert_eq!(heard.deliver(&newer, &reply(tool)).await.0, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_tells_of_an_unknown_campaign_waits_until_campaigns_were_read() {
    let heard = Heard::open(|| Account::filled(1, 4)).await;
    let address = heard.address_of(Tool::PlusVibe).await;
    let mut strange = reply(Tool::PlusVibe);
    strange["campaign_id"] = json!("0000000000000000000000ff");
    strange["last_email_id"] = json!("mail-888");
    let made_up = json!({ "webhook_event": "ALL_EMAIL_REPLIES", "workspace_name": "John Doe Workspace" });
    for body in [&reply(Tool::PlusVibe), &strange, &made_up] {
        assert_eq!(heard.deliver(&address, body).await.0, 200);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(heard.program.tables().await.rows("lead_touches").len(), 0);
    heard.synced(Tool::PlusVibe).await;
    let mut states: Vec<(String, Value)> = heard
        .digested()
        .await
        .into_iter()
        .map(|row| (row["state"].as_str().unwrap().to_owned(), row["reason"].clone()))
        .collect();
    states.sort_by_key(|(state, _)| state.clone());
    let expected = [
        ("applied".to_owned(), Value::Null),
        ("nothing".to_owned(), json!("this is PlusVibe's made-up test event")),
        ("rejected".to_owned(), json!("its campaign is not known")),
    ];
    assert_eq!(states, expected);
}

/// What Instantly sends of the first mail to somebody, or of their answer.
fn mail(person: u32, event: &str, at: &str) -> Value {
    json!({
        "event_type": event, "timestamp": at, "email_id": format!("00000000-0000-4000-8000-0000000007{person:02}"),
        "campaign_id": "00000000-0000-4000-8000-000000000001", "lead_email": format!("person{person}@example.com"),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_tool_tells_of_opens_and_closes_alerts_heard_soon() {
    let heard = Heard::open(|| Account::filled(1, 7)).await;
    heard.synced(Tool::Instantly).await;
    heard_soon(&heard.program, &[]).await;
    let address = heard.address_of(Tool::Instantly).await;
    let written_to = mail(4, "email_sent", "2025-03-01T09:00:00Z");
    assert_eq!(heard.deliver(&address, &written_to).await.0, 200);
    heard_soon(&heard.program, &["5 leads stuck in Contacted"]).await;
    assert_eq!(heard.deliver(&address, &mail(1, "reply_received", &now().to_string())).await.0, 200);
    heard_soon(&heard.program, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_that_somebody_has_read_opens_alerts_heard_soon() {
    let heard = Heard::open(|| Account::filled(1, 12)).await;
    heard.synced(Tool::Instantly).await;
    heard_soon(&heard.program, &["6 leads stuck in Contacted"]).await;
}
