//! What Instantly sends: flat, with the lead's own columns beside ours.

use domain::campaign::CampaignState;
use domain::lead::TouchKind;
use jiff::Timestamp;
use serde_json::Value;

use super::reading::somebody;
use crate::deeds::Thread;
use crate::json;
use crate::model::Touch;
use crate::webhooks::{Happening, Reader, TokenPlace, key_of};

/// Reads what Instantly sends.
pub(crate) struct InstantlyWebhooks;

impl Reader for InstantlyWebhooks {
    fn token_place(&self) -> TokenPlace {
        TokenPlace::Header
    }

    fn key(&self, body: &Value) -> String {
        let told = |names: &[&str]| json::text(body, names);
        let parts = [&["event_type"][..], &["email_id"], &["campaign_id"], &["lead_email"], &["timestamp"]];
        key_of(&parts.map(told))
    }

    fn read(&self, body: &Value, received_at: Timestamp) -> Result<Vec<Happening>, String> {
        let event = json::text(body, &["event_type"]).unwrap_or_default();
        let kind = match event.as_str() {
            "campaign_completed" => {
                let id =
                    json::text(body, &["campaign_id"]).ok_or("it does not say which campaign is over")?;
                return Ok(vec![Happening::Campaign { id, state: CampaignState::Finished }]);
            }
            "email_sent" => TouchKind::Sent,
            "email_opened" => TouchKind::Opened,
            "link_clicked" | "email_link_clicked" => TouchKind::Clicked,
            "reply_received" => TouchKind::Replied,
            "auto_reply_received" => TouchKind::Note,
            "email_bounced" => TouchKind::Bounced,
            "lead_meeting_booked" => TouchKind::Meeting,
            _ => return Ok(vec![Happening::Nothing { why: "this is no event that is counted" }]),
        };
        touch(body, kind, received_at)
    }
}

/// An e-mail that went or came has the id the list of e-mails gives it; the rest is told apart by when it was.
fn touch(body: &Value, kind: TouchKind, received_at: Timestamp) -> Result<Vec<Happening>, String> {
    let is_listed = matches!(kind, TouchKind::Sent | TouchKind::Replied | TouchKind::Note);
    let email = json::text(body, &["email_id"]);
    if is_listed && email.is_none() {
        return Ok(vec![Happening::Nothing { why: "it names no e-mail; the next sync brings it" }]);
    }
    let person = somebody(body, &["lead_email"])?;
    let campaign = json::text(body, &["campaign_id"]);
    let occurred_at = json::moment(body, &["timestamp"]).unwrap_or(received_at);
    let id = match (&email, is_listed) {
        (Some(email), true) => format!("email:{email}"),
        _ => {
            let of = email.as_deref().or(campaign.as_deref()).unwrap_or("-");
            format!("{}:{of}:{}:{}", kind.word(), person.key, occurred_at.as_second())
        }
    };
    let account = json::text(body, &["email_account"]);
    let answered = account.zip(email).filter(|_| kind == TouchKind::Replied);
    let thread = answered.map(|(account, id)| Thread {
        id,
        account,
        to: person.email.clone(),
        subject: json::text(body, &["reply_subject", "email_subject"]),
    });
    Ok(vec![Happening::Touch(Box::new(Touch {
        id,
        person,
        campaign,
        kind,
        occurred_at,
        text: json::text(body, &["reply_text_snippet", "reply_text", "email_subject"]),
        thread,
        raw: body.clone(),
    }))])
}
