//! What PlusVibe sends: flat, with other fields from event to event.

use domain::lead::TouchKind;
use jiff::Timestamp;
use serde_json::Value;

use super::reading::{kind, somebody};
use crate::deeds::Thread;
use crate::json;
use crate::model::Touch;
use crate::webhooks::{Happening, Reader, TokenPlace, key_of};

/// Whoever saves a hook is sent a made-up event of this workspace.
const MADE_UP_WORKSPACE: &str = "John Doe Workspace";

/// Reads what PlusVibe sends.
pub(crate) struct PlusVibeWebhooks;

impl Reader for PlusVibeWebhooks {
    fn token_place(&self) -> TokenPlace {
        TokenPlace::Address
    }

    fn key(&self, body: &Value) -> String {
        let told = |names: &[&str]| json::text(body, names);
        let email = told(&["last_email_id", "email_id"]);
        let step = email.is_none().then(|| body.to_string());
        key_of(&[
            Some(event(body)),
            told(&["campaign_id"]),
            told(&["lead_id"]),
            told(&["email"]),
            email,
            step,
        ])
    }

    fn read(&self, body: &Value, received_at: Timestamp) -> Result<Vec<Happening>, String> {
        if json::text(body, &["workspace_name", "name"]).as_deref() == Some(MADE_UP_WORKSPACE) {
            return Ok(nothing("this is PlusVibe's made-up test event"));
        }
        match event(body).as_str() {
            "ALL_EMAIL_REPLIES" | "FIRST_EMAIL_REPLIES" | "ALL_POSITIVE_REPLIES" => reply(body, received_at),
            "BOUNCED_EMAIL" => once(body, TouchKind::Bounced, received_at),
            "LEAD_MARKED_AS_MEETING_BOOKED" => once(body, TouchKind::Meeting, received_at),
            "EMAIL_SENT" => Ok(nothing("it names no e-mail; the next sync brings it")),
            event if event.starts_with("LEAD_MARKED_AS_") => Ok(nothing("labels are not counted")),
            _ => Ok(nothing("this is no event that is counted")),
        }
    }
}

fn event(body: &Value) -> String {
    json::text(body, &["webhook_event", "event"]).unwrap_or_default().to_uppercase()
}

fn nothing(why: &'static str) -> Vec<Happening> {
    vec![Happening::Nothing { why }]
}

/// An answer, with the id the common inbox gives it.
fn reply(body: &Value, received_at: Timestamp) -> Result<Vec<Happening>, String> {
    let Some(id) = json::text(body, &["last_email_id"]) else {
        return Ok(nothing("it names no e-mail; the next sync brings it"));
    };
    let person = somebody(body, &["email", "lead_email"])?;
    let account = json::text(body, &["email_account_name"]);
    let thread = account.map(|account| Thread {
        id: id.clone(),
        account,
        to: person.email.clone(),
        subject: json::text(body, &["latest_subject", "subject"]),
    });
    Ok(vec![Happening::Touch(Box::new(Touch {
        id,
        person,
        campaign: json::text(body, &["campaign_id"]),
        kind: kind(body, true),
        occurred_at: json::moment(body, &["timestamp", "timestamp_created"]).unwrap_or(received_at),
        text: json::text(body, &["text_body", "latest_subject", "subject"]),
        thread,
        raw: body.clone(),
    }))])
}

/// What happens once between a campaign and somebody, and is in no list.
fn once(body: &Value, kind: TouchKind, received_at: Timestamp) -> Result<Vec<Happening>, String> {
    let person = somebody(body, &["email", "lead_email"])?;
    let campaign = json::text(body, &["campaign_id"]);
    Ok(vec![Happening::Touch(Box::new(Touch {
        id: format!("{}:{}:{}", kind.word(), campaign.as_deref().unwrap_or("-"), person.key),
        person,
        campaign,
        kind,
        occurred_at: json::moment(body, &["timestamp"]).unwrap_or(received_at),
        text: None,
        thread: None,
        raw: body.clone(),
    }))])
}
