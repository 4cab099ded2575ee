//! What Instantly says, read.

use domain::campaign::CampaignState;
use domain::lead::{Stage, TouchKind};
use serde_json::Value;

use crate::deeds::Thread;
use crate::json;
use crate::model::{Campaign, Person, Progress, Statistics, Touch};

/// A campaign that Instantly holds back (below zero) reaches nobody.
pub(super) const fn state(number: Option<i64>) -> CampaignState {
    match number {
        Some(0) => CampaignState::Draft,
        Some(1 | 4) => CampaignState::Active,
        Some(2 | -1 | -2 | -99) => CampaignState::Paused,
        Some(3) => CampaignState::Finished,
        _ => CampaignState::Unknown,
    }
}

pub(super) fn campaign(said: &Value) -> Result<Campaign, String> {
    let id = json::text(said, &["id"]).ok_or("it has no id")?;
    Ok(Campaign {
        name: json::text(said, &["name"]).unwrap_or_else(|| id.clone()),
        state: state(json::whole(said, &["status"])),
        started_at: json::moment(said, &["timestamp_created"]),
        raw: said.clone(),
        id,
    })
}

pub(super) fn person(said: &Value) -> Result<Person, String> {
    let mut person = somebody(said, &["email"])?;
    person.id = json::text(said, &["id"]);
    person.since = json::moment(said, &["timestamp_created"]);
    person.progress = progress(said);
    Ok(person)
}

/// Somebody by their e-mail, which stands in one of these fields.
pub(super) fn somebody(said: &Value, emails: &[&str]) -> Result<Person, String> {
    let email = json::email(said, emails).ok_or("it has no e-mail")?;
    Ok(Person {
        key: email.clone(),
        id: json::text(said, &["lead_id"]),
        email: Some(email),
        name: json::name(said, &["full_name"], &["first_name", "firstName"], &["last_name", "lastName"]),
        company: json::text(said, &["company_name", "companyName"]),
        profile_url: None,
        since: None,
        progress: None,
        raw: said.clone(),
    })
}

fn progress(said: &Value) -> Option<Progress> {
    let counts = |name: &str| json::whole(said, &[name]).is_some_and(|count| count > 0);
    let changed = json::moment(said, &["timestamp_updated"]);
    if matches!(json::whole(said, &["lt_interest_status"]), Some(2..=4)) {
        return Some(Progress { stage: Stage::Meeting, at: changed });
    }
    if counts("email_reply_count") {
        let at = json::moment(said, &["timestamp_last_reply"]).or(changed);
        return Some(Progress { stage: Stage::Replied, at });
    }
    let contacted = json::moment(said, &["timestamp_last_contact"]);
    let is_contacted = contacted.is_some() || matches!(json::whole(said, &["status"]), Some(3 | -1 | -2));
    is_contacted.then_some(Progress { stage: Stage::Contacted, at: contacted.or(changed) })
}

/// An e-mail that has not gone out yet.
pub(super) fn is_scheduled(said: &Value) -> bool {
    json::whole(said, &["ue_type"]) == Some(4)
}

pub(super) fn touch(said: &Value) -> Result<Touch, String> {
    let id = json::text(said, &["id"]).ok_or("it has no id")?;
    let is_automatic = json::whole(said, &["is_auto_reply"]) == Some(1);
    let kind = match json::whole(said, &["ue_type"]) {
        Some(1 | 3) => TouchKind::Sent,
        Some(2) if is_automatic => TouchKind::Note,
        Some(2) => TouchKind::Replied,
        _ => return Err("it does not say whether it came or went".to_owned()),
    };
    let person = somebody(said, &["lead", "lead_email"])?;
    let account = json::text(said, &["eaccount"]).filter(|_| kind != TouchKind::Sent);
    let thread = account.map(|account| Thread {
        id: id.clone(),
        account,
        to: person.email.clone(),
        subject: json::text(said, &["subject"]),
    });
    Ok(Touch {
        id: format!("email:{id}"),
        campaign: json::text(said, &["campaign_id"]),
        kind,
        occurred_at: json::moment(said, &["timestamp_email", "timestamp_created"])
            .ok_or("it does not say when it was")?,
        text: json::text(said, &["content_preview", "body.text", "subject"]),
        thread,
        raw: said.clone(),
        person,
    })
}

pub(super) fn statistics(said: Value) -> Statistics {
    let of = said.get(0).unwrap_or(&said);
    let count = |names: &[&str]| json::whole(of, names);
    Statistics {
        contacted: count(&["contacted_count"]),
        sent: count(&["emails_sent_count"]),
        opened: count(&["open_count_unique", "open_count"]),
        replied: count(&["reply_count_unique", "reply_count"]),
        bounced: count(&["bounced_count"]),
        invited: None,
        accepted: None,
        raw: said.clone(),
    }
}
