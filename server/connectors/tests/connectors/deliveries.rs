//! What tools send of their own accord: read leniently, told apart, and the same as what the lists say.

use connectors::Touch;
use connectors::fakes::Account;
use connectors::webhooks::{self, Happening, TokenPlace};
use domain::connection::Tool;
use domain::lead::TouchKind;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{Open, open, walked};

fn now() -> Timestamp {
    "2026-03-01T10:00:00Z".parse().unwrap()
}

fn read(tool: Tool, body: &Value) -> Vec<Happening> {
    webhooks::of(tool).unwrap().read(body, now()).unwrap()
}

fn only_touch(tool: Tool, body: &Value) -> Touch {
    match read(tool, body).as_slice() {
        [Happening::Touch(touch)] => (**touch).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_tool_repeats_its_token_where_its_documents_say() {
    let place = |tool| webhooks::of(tool).map(|reader| reader.token_place());
    assert_eq!(place(Tool::HeyReach), Some(TokenPlace::Address));
    assert_eq!(place(Tool::PlusVibe), Some(TokenPlace::Address));
    assert_eq!(place(Tool::Instantly), Some(TokenPlace::Header));
    assert_eq!(place(Tool::Apollo), None);
}

#[tokio::test]
async fn a_reply_told_by_a_webhook_is_the_one_the_list_tells() {
    let filled = || Account::filled(1, 3);
    let reply = filled().messages.into_iter().find(|message| message.is_reply).unwrap();
    let deliveries = [
        (
            Tool::HeyReach,
            json!({
                "event_type": "MESSAGE_REPLY_RECEIVED", "conversation_id": "conversation 3", "campaignId": 1,
                "lead": { "profile_url": "https://www.linkedin.com/in/person-3", "first_name": "First3" },
                "sender": { "id": 7 },
                "recent_messages": [{ "message": reply.text, "creation_time": reply.at, "is_reply": true }],
            }),
        ),
        (
            Tool::PlusVibe,
            json!({
                "webhook_event": "ALL_EMAIL_REPLIES", "campaign_id": "000000000000000000000001", "lead_id": "lead-3",
                "email": "person3@example.com", "last_email_id": format!("mail-{}", reply.number),
                "text_body": reply.text, "email_account_name": "me@work.example",
            }),
        ),
        (
            Tool::Instantly,
            json!({
                "event_type": "reply_received", "timestamp": reply.at, "workspace": "w",
                "campaign_id": "00000000-0000-4000-8000-000000000001", "lead_email": "person3@example.com",
                "email_id": format!("00000000-0000-4000-8000-{:012x}", reply.number), "email_account": "me@work.example",
                "reply_text_snippet": reply.text,
            }),
        ),
    ];
    for (tool, body) in deliveries {
        let Open { fake: _fake, connector } = open(tool, filled()).await;
        let of = connector.tells_touches_by_campaign().then_some("1");
        let listed = walked(|after| connector.touches(of, after)).await.items;
        let listed = listed.into_iter().find(|touch| touch.kind == TouchKind::Replied).unwrap();
        let told = only_touch(tool, &body);
        assert_eq!(told.id, listed.id, "{tool:?}");
        assert_eq!(told.person.key, listed.person.key, "{tool:?}");
        assert_eq!(
            (told.campaign, told.kind, told.text),
            (listed.campaign, listed.kind, listed.text),
            "{tool:?}"
        );
        assert_eq!(told.thread.unwrap().id, listed.thread.unwrap().id, "{tool:?}");
    }
}

#[test]
fn heyreach_is_read_without_an_event_and_in_camel_case() {
    let body = json!({
        "conversation_id": "c", "campaign": { "id": 9, "name": "N" },
        "leadProfile": { "firstName": "Ada", "lastName": "L", "linkedInUrl": "https://linkedin.com/in/ada" },
        "recent_messages": [
            { "message": "Hi", "creation_time": "2026-02-01T10:00:00Z", "is_reply": false },
            { "message": "Yes", "creation_time": "2026-02-02T10:00:00Z", "is_reply": true },
        ],
    });
    let touches = read(Tool::HeyReach, &body);
    let kinds: Vec<TouchKind> = touches
        .iter()
        .map(|happening| match happening {
            Happening::Touch(touch) => touch.kind,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, [TouchKind::Sent, TouchKind::Replied]);
    let Happening::Touch(reply) = &touches[1] else { panic!() };
    assert_eq!(reply.person.name.as_deref(), Some("Ada L"));
    assert_eq!(reply.campaign.as_deref(), Some("9"));
}

#[test]
fn copies_have_one_key_and_different_deliveries_have_different_ones() {
    let bodies = [
        (
            Tool::HeyReach,
            json!({ "event_type": "MESSAGE_SENT", "conversation_id": "c", "recent_messages": [{ "creation_time": "2026-02-01T10:00:00Z" }] }),
        ),
        (
            Tool::HeyReach,
            json!({ "event_type": "MESSAGE_SENT", "conversation_id": "c", "recent_messages": [{ "creation_time": "2026-02-01T10:00:01Z" }] }),
        ),
        (
            Tool::PlusVibe,
            json!({ "webhook_event": "ALL_EMAIL_REPLIES", "last_email_id": "1", "email": "a@b.example" }),
        ),
        (
            Tool::PlusVibe,
            json!({ "webhook_event": "ALL_EMAIL_REPLIES", "last_email_id": "2", "email": "a@b.example" }),
        ),
        (Tool::PlusVibe, json!({ "webhook_event": "EMAIL_SENT", "step": 1, "email": "a@b.example" })),
        (Tool::PlusVibe, json!({ "webhook_event": "EMAIL_SENT", "step": 2, "email": "a@b.example" })),
        (
            Tool::Instantly,
            json!({ "event_type": "email_opened", "email_id": "1", "timestamp": "2026-02-01T10:00:00Z" }),
        ),
        (
            Tool::Instantly,
            json!({ "event_type": "email_opened", "email_id": "1", "timestamp": "2026-02-01T10:00:09Z" }),
        ),
        (
            Tool::Instantly,
            json!({ "event_type": "email_sent", "email_id": "1", "timestamp": "2026-02-01T10:00:00Z" }),
        ),
    ];
    let keys: std::collections::BTreeSet<String> =
        bodies.iter().map(|(tool, body)| webhooks::of(*tool).unwrap().key(body)).collect();
    assert_eq!(keys.len(), bodies.len());
    let (tool, body) = &bodies[0];
    let mut copy = body.clone();
    copy["delivered_again"] = true.into();
    assert_eq!(webhooks::of(*tool).unwrap().key(&copy), webhooks::of(*tool).unwrap().key(body));
}

#[test]
fn what_is_not_counted_is_said_to_be_nothing_and_why() {
    for (tool, body) in [
        (
            Tool::HeyReach,
            json!({ "event_type": "VIEWED_PROFILE", "lead": { "profile_url": "linkedin.com/in/a" } }),
        ),
        (Tool::PlusVibe, json!({ "webhook_event": "EMAIL_SENT", "email": "a@b.example" })),
        (
            Tool::PlusVibe,
            json!({ "webhook_event": "ALL_EMAIL_REPLIES", "workspace_name": "John Doe Workspace" }),
        ),
        (Tool::Instantly, json!({ "event_type": "account_error" })),
        (Tool::Instantly, json!({ "event_type": "Our own label" })),
        (Tool::PlusVibe, json!({})),
        (Tool::Instantly, json!({})),
    ] {
        assert!(matches!(read(tool, &body).as_slice(), [Happening::Nothing { .. }]), "{tool:?} {body}");
    }
    assert!(webhooks::of(Tool::HeyReach).unwrap().read(&json!({}), now()).is_err());
}
