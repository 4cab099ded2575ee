//! What HeyReach says, read.

use domain::campaign::CampaignState;
use domain::lead::{Stage, TouchKind};
use jiff::Timestamp;
use serde_json::Value;

use crate::deeds::Thread;
use crate::failure::Failure;
use crate::json;
use crate::model::{Campaign, Person, Progress, Rejected, Statistics, Touch};

/// Where the id of a lead of a campaign stands.
pub(super) const LEAD_ID: &[&str] =
    &["id", "linkedInUserProfileId", "linkedInUserProfile.profileUrl", "profileUrl"];

/// HeyReach's ids are numbers.
pub(super) fn number(id: &str) -> Result<i64, Failure> {
    id.parse().map_err(|_| Failure::impossible(format!("{id:?} is no id of HeyReach's")))
}

pub(super) fn state(word: Option<&str>) -> CampaignState {
    match word.unwrap_or_default().to_uppercase().as_str() {
        "DRAFT" | "SCHEDULED" => CampaignState::Draft,
        "IN_PROGRESS" | "STARTING" => CampaignState::Active,
        "PAUSED" => CampaignState::Paused,
        "FINISHED" | "CANCELED" | "FAILED" => CampaignState::Finished,
        _ => CampaignState::Unknown,
    }
}

pub(super) fn campaign(said: &Value) -> Result<Campaign, String> {
    let id = json::text(said, &["id"]).ok_or("it has no id")?;
    Ok(Campaign {
        name: json::text(said, &["name"]).unwrap_or_else(|| id.clone()),
        state: state(json::text(said, &["status"]).as_deref()),
        started_at: json::moment(said, &["startedAt", "creationTime"]),
        raw: said.clone(),
        id,
    })
}

/// A lead of a campaign; the profile stands inside it, or is it.
pub(super) fn person(said: &Value) -> Result<Person, String> {
    let profile = json::field(said, "linkedInUserProfile").unwrap_or(said);
    let mut person = somebody(profile)?;
    person.id = json::text(said, LEAD_ID);
    person.since = json::moment(said, &["creationTime"]);
    person.progress = progress(said);
    person.raw = said.clone();
    Ok(person)
}

/// Somebody by their profile, in any of the spellings that were seen.
pub(super) fn somebody(profile: &Value) -> Result<Person, String> {
    let url = json::text(profile, &["profileUrl", "profile_url", "linkedInUrl", "linkedin_url"]);
    let url = url.as_deref().and_then(json::profile);
    let email = json::email(profile, &["emailAddress", "email_address", "customEmailAddress", "email"]);
    let key = url.clone().or_else(|| email.clone()).ok_or("it has neither a profile nor an e-mail")?;
    Ok(Person {
        key,
        id: None,
        email,
        name: json::name(
            profile,
            &["fullName", "full_name"],
            &["firstName", "first_name"],
            &["lastName", "last_name"],
        ),
        company: json::text(profile, &["companyName", "company_name"]),
        profile_url: url.map(|url| format!("https://www.{url}")),
        since: None,
        progress: None,
        raw: profile.clone(),
    })
}

fn progress(said: &Value) -> Option<Progress> {
    let at = json::moment(said, &["lastActionTime"]);
    let says = |field: &str, words: &[&str]| {
        let told = json::text(said, &[field]).unwrap_or_default().to_lowercase();
        words.iter().any(|word| told.contains(word))
    };
    if says("leadMessageStatus", &["reply", "replied"]) {
        return Some(Progress { stage: Stage::Replied, at });
    }
    let is_contacted =
        says("leadMessageStatus", &["sent"]) || says("leadConnectionStatus", &["sent", "accepted"]);
    is_contacted.then_some(Progress { stage: Stage::Contacted, at })
}

pub(super) fn id_of(conversation: &Value) -> Option<String> {
    json::text(conversation, &["id", "conversation_id", "conversationId"])
}

/// The LinkedIn account of ours that a conversation is held with.
pub(super) fn account_of(conversation: &Value) -> Option<String> {
    json::text(
        conversation,
        &["linkedInAccountId", "linkedInAccount.id", "sender.linkedInAccount.id", "sender.id"],
    )
}

/// The messages of a conversation, each a touch.
pub(super) fn touches_of(conversation: &Value, campaign: Option<&str>) -> (Vec<Touch>, Vec<Rejected>) {
    let reject = |reason: &str, raw: &Value| Rejected {
        reference: id_of(conversation),
        reason: reason.to_owned(),
        raw: raw.clone(),
    };
    let Some(id) = id_of(conversation) else {
        return (Vec::new(), vec![reject("it has no id", conversation)]);
    };
    let with = json::field(conversation, "correspondentProfile").map(somebody);
    let Some(Ok(person)) = with else {
        return (Vec::new(), vec![reject("it does not say with whom", conversation)]);
    };
    let talk = Talk { id, person, campaign: campaign.map(str::to_owned), account: account_of(conversation) };
    let empty = Vec::new();
    let messages = conversation.get("messages").and_then(Value::as_array).unwrap_or(&empty);
    let (mut touches, mut rejected) = (Vec::new(), Vec::new());
    for message in messages {
        match talk.touch(message) {
            Some(touch) => touches.push(touch),
            None => rejected.push(reject("a message does not say when and from whom", message)),
        }
    }
    (touches, rejected)
}

/// A conversation with somebody.
pub(super) struct Talk {
    pub(super) id: String,
    pub(super) person: Person,
    pub(super) campaign: Option<String>,
    pub(super) account: Option<String>,
}

impl Talk {
    /// A message of it. Messages have no ids, so the conversation, the second and the direction are one.
    pub(super) fn touch(&self, message: &Value) -> Option<Touch> {
        let at = json::moment(message, &["createdAt", "creation_time", "creationTime", "created_at"])?;
        let is_reply = is_reply(message)?;
        let kind = if is_reply { TouchKind::Replied } else { TouchKind::Sent };
        Some(Touch {
            id: self.message_id(at, is_reply),
            person: self.person.clone(),
            campaign: self.campaign.clone(),
            kind,
            occurred_at: at,
            text: json::text(message, &["body", "message", "text"]),
            thread: self.account.as_ref().map(|account| Thread {
                id: self.id.clone(),
                account: account.clone(),
                to: self.person.profile_url.clone(),
                subject: json::text(message, &["subject"]),
            }),
            raw: message.clone(),
        })
    }

    fn message_id(&self, at: Timestamp, is_reply: bool) -> String {
        format!("{}:{}:{}", self.id, at.as_second(), if is_reply { "in" } else { "out" })
    }
}

/// Whether the other one wrote it.
fn is_reply(message: &Value) -> Option<bool> {
    if let Some(told) = json::field(message, "is_reply").or_else(|| json::field(message, "isReply")) {
        return told.as_bool();
    }
    match json::text(message, &["sender"])?.to_uppercase().as_str() {
        "ME" => Some(false),
        "CORRESPONDENT" => Some(true),
        _ => None,
    }
}

pub(super) fn statistics(said: Value) -> Statistics {
    let all = json::field(&said, "overallStats").unwrap_or(&said).clone();
    let sum = |names: [&str; 2]| {
        let counts: Vec<i64> = names.iter().filter_map(|name| json::whole(&all, &[name])).collect();
        (!counts.is_empty()).then(|| counts.iter().sum())
    };
    Statistics {
        contacted: json::whole(&all, &["connectionsSent"]),
        sent: sum(["messagesSent", "inmailMessagesSent"]),
        opened: None,
        replied: sum(["totalMessageReplies", "totalInmailReplies"]),
        bounced: None,
        invited: json::whole(&all, &["connectionsSent"]),
        accepted: json::whole(&all, &["connectionsAccepted"]),
        raw: said,
    }
}
