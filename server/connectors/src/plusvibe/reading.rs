//! What PlusVibe says, read.

use domain::campaign::CampaignState;
use domain::lead::{Stage, TouchKind};
use serde_json::Value;

use crate::deeds::Thread;
use crate::json;
use crate::model::{Campaign, Person, Progress, Statistics, Touch};

pub(super) fn state(word: Option<&str>) -> CampaignState {
    match word.unwrap_or_default().to_uppercase().as_str() {
        "DRAFT" | "INACTIVE" => CampaignState::Draft,
        "ACTIVE" => CampaignState::Active,
        "PAUSED" => CampaignState::Paused,
        "COMPLETED" | "ARCHIVED" => CampaignState::Finished,
        _ => CampaignState::Unknown,
    }
}

pub(super) fn campaign(said: &Value) -> Result<Campaign, String> {
    let id = json::text(said, &["id", "_id"]).ok_or("it has no id")?;
    Ok(Campaign {
        name: json::text(said, &["camp_name", "name"]).unwrap_or_else(|| id.clone()),
        state: state(json::text(said, &["status"]).as_deref()),
        started_at: json::moment(said, &["camp_st_date", "created_at"]),
        raw: said.clone(),
        id,
    })
}

pub(super) fn lead_id(said: &Value) -> Option<String> {
    json::text(said, &["_id", "id", "lead_id", "email"])
}

pub(super) fn person(said: &Value) -> Result<Person, String> {
    let mut person = somebody(said, &["email"])?;
    person.id = lead_id(said);
    person.since = json::moment(said, &["created_at"]);
    person.progress = progress(said);
    Ok(person)
}

/// Somebody by their e-mail, which stands in one of these fields.
pub(super) fn somebody(said: &Value, emails: &[&str]) -> Result<Person, String> {
    let email = json::email(said, emails).ok_or("it has no e-mail")?;
    let url = json::text(said, &["linkedin_person_url", "linkedin_url"]).as_deref().and_then(json::profile);
    Ok(Person {
        key: email.clone(),
        id: json::text(said, &["lead_id"]),
        email: Some(email),
        name: json::name(said, &["full_name"], &["first_name"], &["last_name"]),
        company: json::text(said, &["company_name"]),
        profile_url: url.map(|url| format!("https://www.{url}")),
        since: None,
        progress: None,
        raw: said.clone(),
    })
}

fn progress(said: &Value) -> Option<Progress> {
    let changed = json::moment(said, &["modified_at"]);
    let status = json::text(said, &["status"]).unwrap_or_default().to_uppercase();
    let label = json::text(said, &["label"]).unwrap_or_default().to_uppercase();
    let counts = |name: &str| json::whole(said, &[name]).is_some_and(|count| count > 0);
    if label.starts_with("MEETING") {
        return Some(Progress { stage: Stage::Meeting, at: changed });
    }
    if status == "REPLIED" || counts("replied_count") {
        return Some(Progress { stage: Stage::Replied, at: changed });
    }
    let sent = json::moment(said, &["last_sent_at"]);
    let is_contacted = ["CONTACTED", "COMPLETED", "RESCHEDULED", "BOUNCED", "UNSUBSCRIBED"]
        .contains(&status.as_str())
        || sent.is_some()
        || counts("sent_step");
    is_contacted.then_some(Progress { stage: Stage::Contacted, at: sent.or(changed) })
}

/// An e-mail of the common inbox. An automatic answer is no answer.
pub(super) fn touch(said: &Value) -> Result<Touch, String> {
    let id = json::text(said, &["id", "_id"]).ok_or("it has no id")?;
    let is_in = match json::text(said, &["direction"]).unwrap_or_default().to_uppercase().as_str() {
        "IN" => true,
        "OUT" => false,
        _ => return Err("it does not say whether it came or went".to_owned()),
    };
    let other: &[&str] =
        if is_in { &["from_address_email"] } else { &["to_address_email_list", "to_address_json.0.address"] };
    let person = somebody(said, &["lead", "lead.email", "lead_email"])
        .or_else(|_| somebody(said, other))
        .or_else(|wrong| recipient(said).filter(|_| !is_in).ok_or(wrong))?;
    let occurred_at = json::moment(said, &["timestamp_created", "source_modified_at"]);
    let account = json::text(said, &["eaccount"]);
    let thread = account.filter(|_| is_in).map(|account| Thread {
        id: id.clone(),
        account,
        to: person.email.clone(),
        subject: json::text(said, &["subject"]),
    });
    Ok(Touch {
        id,
        person,
        campaign: json::text(said, &["campaign_id"]),
        kind: kind(said, is_in),
        occurred_at: occurred_at.ok_or("it does not say when it was")?,
        text: json::text(said, &["content_preview", "text_body", "subject"]),
        thread,
        raw: said.clone(),
    })
}

/// An e-mail that went to somebody who stands in a list of addresses.
fn recipient(said: &Value) -> Option<Person> {
    let first = json::field(said, "to_address_json")?.get(0)?;
    somebody(first, &["address", "email"]).ok()
}

/// What kind of touch an e-mail is.
pub(super) fn kind(said: &Value, is_in: bool) -> TouchKind {
    let label = json::text(said, &["label"]).unwrap_or_default().to_uppercase();
    match (is_in, label.as_str()) {
        (false, _) => TouchKind::Sent,
        (true, "AUTOMATIC_REPLY" | "OUT_OF_OFFICE") => TouchKind::Note,
        (true, _) => TouchKind::Replied,
    }
}

pub(super) fn statistics(said: Value) -> Statistics {
    let of = json::field(&said, "data").unwrap_or(&said);
    let of = of.get(0).unwrap_or(of);
    let count = |names: &[&str]| json::whole(of, names);
    Statistics {
        contacted: count(&["contacted", "lead_contacted_count", "new_lead_contacted_count"]),
        sent: count(&["total_sent_emails", "sent_count", "sent"]),
        opened: count(&["leads_who_read", "unique_opened_count", "opened_count"]),
        replied: count(&["leads_who_replied", "replied_count"]),
        bounced: count(&["bounced", "bounced_count"]),
        invited: None,
        accepted: None,
        raw: said.clone(),
    }
}
