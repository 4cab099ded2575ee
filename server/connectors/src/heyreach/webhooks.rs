//! What HeyReach sends: in snake case, and once said to be in camel case.

use domain::campaign::CampaignState;
use domain::lead::TouchKind;
use jiff::Timestamp;
use serde_json::Value;

use super::reading::{Talk, account_of, id_of, somebody};
use crate::json;
use crate::model::{Person, Touch};
use crate::webhooks::{Happening, Reader, TokenPlace, key_of, key_of_all};

/// Reads what HeyReach sends.
pub(crate) struct HeyReachWebhooks;

impl Reader for HeyReachWebhooks {
    fn token_place(&self) -> TokenPlace {
        TokenPlace::Address
    }

    fn key(&self, body: &Value) -> String {
        if let Some(id) = json::text(body, &["message.id", "correlation_id"]) {
            return key_of(&[Some(event(body)), Some(id)]);
        }
        let newest =
            messages(body).iter().filter_map(|message| json::moment(message, &["creation_time"])).max();
        match (id_of(body), newest) {
            (Some(conversation), Some(newest)) => {
                key_of(&[Some(event(body)), Some(conversation), Some(newest.to_string())])
            }
            _ => key_of_all(body),
        }
    }

    fn read(&self, body: &Value, received_at: Timestamp) -> Result<Vec<Happening>, String> {
        let campaign =
            json::text(body, &["campaign.id", "campaign_id", "campaignId", "campaign.campaign_id"]);
        let event = event(body);
        if event == "CAMPAIGN_COMPLETED" {
            let id = campaign.ok_or("it does not say which campaign is over")?;
            return Ok(vec![Happening::Campaign { id, state: CampaignState::Finished }]);
        }
        let person = || {
            let lead = json::field(body, "lead").or_else(|| json::field(body, "leadProfile"));
            somebody(lead.ok_or("it does not say with whom")?)
        };
        match event.as_str() {
            "CONNECTION_REQUEST_SENT" => {
                Ok(vec![once(body, &event, person()?, campaign, TouchKind::Sent, received_at)])
            }
            "CONNECTION_REQUEST_ACCEPTED" => {
                Ok(vec![once(body, &event, person()?, campaign, TouchKind::Note, received_at)])
            }
            "FOLLOW_SENT" | "LIKED_POST" | "VIEWED_PROFILE" => Ok(nothing("this is no message")),
            "LEAD_TAG_UPDATED" | "LEAD_AUTO_TAGGED_INTERESTED" | "LEAD_AUTO_TAGGED_NOT_INTERESTED" => {
                Ok(nothing("tags are not counted"))
            }
            _ => said(body, person()?, campaign),
        }
    }
}

/// The event's name; where it is missing, the messages say what it is.
fn event(body: &Value) -> String {
    json::text(body, &["event_type", "eventType"]).unwrap_or_default().to_uppercase()
}

fn messages(body: &Value) -> Vec<Value> {
    body.get("recent_messages").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn nothing(why: &'static str) -> Vec<Happening> {
    vec![Happening::Nothing { why }]
}

/// The messages of the conversation, with the ids the list of conversations gives them.
fn said(body: &Value, person: Person, campaign: Option<String>) -> Result<Vec<Happening>, String> {
    let messages = messages(body);
    let Some(id) = json::text(body, &["conversation_id", "conversationId"]) else {
        return Ok(nothing("it names no conversation; the next sync brings the message"));
    };
    if messages.is_empty() {
        return Ok(nothing("it holds no message; the next sync brings it"));
    }
    let talk = Talk { id, person, campaign, account: account_of(body) };
    let touches: Vec<Touch> = messages.iter().filter_map(|message| talk.touch(message)).collect();
    if touches.is_empty() {
        return Err("no message says when and from whom".to_owned());
    }
    Ok(touches.into_iter().map(|touch| Happening::Touch(Box::new(touch))).collect())
}

/// What happens once between a campaign and somebody, and is in no list.
fn once(
    body: &Value,
    event: &str,
    person: Person,
    campaign: Option<String>,
    kind: TouchKind,
    received_at: Timestamp,
) -> Happening {
    let text = match kind {
        TouchKind::Note => "accepted the invitation to connect",
        _ => "invited to connect",
    };
    Happening::Touch(Box::new(Touch {
        id: format!("{}:{}:{}", event.to_lowercase(), campaign.as_deref().unwrap_or("-"), person.key),
        campaign,
        kind,
        occurred_at: json::moment(body, &["timestamp"]).unwrap_or(received_at),
        text: Some(text.to_owned()),
        thread: None,
        raw: body.clone(),
        person,
    }))
}
