//! PlusVibe, as its documents say.

use domain::campaign::CampaignState;
use domain::connection::Tool;
use serde_json::{Map, Value, json};

use super::{Account, Asked, FakeCampaign, FakeMessage, FakePerson, Said, refusal};

const WORKSPACE: &str = "workspace-1";

/// How many e-mails the common inbox gives at once.
const INBOX_PAGE: usize = 50;

pub(super) fn answer(account: &mut Account, asked: &Asked) -> Said {
    if asked.path == "/authenticate" {
        let workspaces = json!([{ "_id": WORKSPACE, "name": "Work" }]);
        return (200, Some(json!({ "status": "success", "account": "a", "workspaces": workspaces })));
    }
    let told = asked.query("workspace_id").or_else(|| asked.body["workspace_id"].as_str());
    if told != Some(WORKSPACE) {
        return refusal(Tool::PlusVibe, 400, "workspace_id is required");
    }
    match asked.path.as_str() {
        "/campaign/list-all" => (200, Some(campaigns(account, asked))),
        "/campaign/get/status" => match of(account, asked.query("campaign_id")) {
            Some(found) => {
                (200, Some(json!({ "campaign_id": id(found.number), "status": status(found.state) })))
            }
            None => refusal(Tool::PlusVibe, 404, "campaign not found"),
        },
        "/campaign/pause" => switch(account, asked, CampaignState::Paused),
        "/campaign/launch" => switch(account, asked, CampaignState::Active),
        "/lead/workspace-leads" => (200, Some(leads(account, asked))),
        "/lead/add" => add(account, asked),
        "/lead/update/status" => (200, Some(json!({ "status": "success" }))),
        "/unibox/emails" => (200, Some(inbox(account, asked))),
        "/unibox/emails/reply" => {
            account.sent.push(asked.body["body"].as_str().unwrap_or_default().to_owned());
            (200, Some(json!({ "status": "success", "id": format!("sent-{}", account.sent.len()) })))
        }
        "/analytics/campaign/stats" => (200, Some(statistics(account, asked))),
        _ => (404, None),
    }
}

fn id(number: u32) -> String {
    format!("{number:024x}")
}

fn number(id: Option<&str>) -> Option<u32> {
    u32::from_str_radix(id?, 16).ok()
}

fn of<'a>(account: &'a Account, id: Option<&str>) -> Option<&'a FakeCampaign> {
    account.campaign(number(id)?)
}

const fn status(state: CampaignState) -> &'static str {
    match state {
        CampaignState::Draft => "DRAFT",
        CampaignState::Active => "ACTIVE",
        CampaignState::Paused => "PAUSED",
        CampaignState::Finished => "COMPLETED",
        CampaignState::Unknown => "MELTING",
    }
}

/// A list that is an object keyed by index, as some of its lists are.
fn campaigns(account: &Account, asked: &Asked) -> Value {
    let (skip, limit) = (asked.number("skip").unwrap_or(0), asked.number("limit").unwrap_or(10));
    let shown = account.campaigns.iter().skip(skip).take(limit).map(|campaign| {
        json!({
            "id": id(campaign.number), "camp_name": campaign.name, "status": status(campaign.state),
            "campaign_type": "parent", "created_at": campaign.made_at,
        })
    });
    Value::Object(shown.enumerate().map(|(index, item)| (index.to_string(), item)).collect::<Map<_, _>>())
}

fn switch(account: &mut Account, asked: &Asked, state: CampaignState) -> Said {
    let number = number(asked.body["campaign_id"].as_str()).unwrap_or(0);
    if account.set_state(number, state) {
        (200, Some(json!({ "status": "success" })))
    } else {
        refusal(Tool::PlusVibe, 200, "campaign not found")
    }
}

fn leads(account: &Account, asked: &Asked) -> Value {
    let (page, limit) = (asked.number("page").unwrap_or(1), asked.number("limit").unwrap_or(10));
    let campaign = number(asked.query("campaign_id")).unwrap_or(0);
    let of_it = account.people.iter().filter(|person| person.campaign == campaign);
    let shown = of_it.skip(page.saturating_sub(1) * limit).take(limit);
    Value::Array(shown.map(|person| lead(account, person)).collect())
}

fn lead(account: &Account, person: &FakePerson) -> Value {
    let messages = account.messages_of(person.number);
    let replies = messages.iter().filter(|message| message.is_reply).count();
    let sent = messages.iter().rev().find(|message| !message.is_reply);
    let status = match (replies, messages.is_empty()) {
        (0, true) => "NOT_CONTACTED",
        (0, false) => "CONTACTED",
        _ => "REPLIED",
    };
    json!({
        "_id": format!("lead-{}", person.number), "campaign_id": id(person.campaign), "email": person.email,
        "first_name": person.first_name, "last_name": person.last_name, "company_name": person.company,
        "status": status, "created_at": person.since, "replied_count": replies,
        "last_sent_at": sent.map(|message| message.at), "modified_at": messages.last().map(|message| message.at),
    })
}

fn add(account: &mut Account, asked: &Asked) -> Said {
    let campaign = number(asked.body["campaign_id"].as_str()).unwrap_or(0);
    let leads = asked.body["leads"].as_array().cloned().unwrap_or_default();
    let mut added = 0;
    for lead in &leads {
        let first = lead["first_name"].as_str().unwrap_or_default().to_owned();
        added += usize::from(account.take_in(campaign, lead["email"].as_str().map(str::to_owned), first));
    }
    let body = json!({
        "status": "success", "total_sent": leads.len(), "leads_uploaded": added,
        "duplicate_email_count": leads.len() - added, "invalid_email_count": 0,
    });
    (200, Some(body))
}

/// The newest first; the trail names the last e-mail that was shown.
fn inbox(account: &Account, asked: &Asked) -> Value {
    let all: Vec<&FakeMessage> = account.messages.iter().rev().collect();
    let trail = asked.query("page_trail").and_then(|trail| trail.strip_prefix("after-")?.parse().ok());
    let start = trail.and_then(|last: u32| all.iter().position(|message| message.number == last));
    let shown: Vec<&FakeMessage> =
        all.into_iter().skip(start.map_or(0, |place| place + 1)).take(INBOX_PAGE).collect();
    let trail = shown.last().map(|last| format!("after-{}", last.number));
    json!({ "page_trail": trail, "data": shown.into_iter().map(|message| email(account, message)).collect::<Vec<_>>() })
}

fn email(account: &Account, message: &FakeMessage) -> Value {
    let person = account.person(message.person);
    let lead = person.and_then(|person| person.email.clone());
    json!({
        "id": format!("mail-{}", message.number), "direction": if message.is_reply { "IN" } else { "OUT" },
        "lead": lead, "lead_id": format!("lead-{}", message.person),
        "campaign_id": person.map(|person| id(person.campaign)), "eaccount": "me@work.example",
        "subject": "Hello", "content_preview": message.text, "timestamp_created": message.at,
    })
}

fn statistics(account: &Account, asked: &Asked) -> Value {
    let campaign = number(asked.query("campaign_id"));
    let of_it = |is_reply| {
        let is_of_it = |of: u32| account.person(of).is_some_and(|person| Some(person.campaign) == campaign);
        account
            .messages
            .iter()
            .filter(|message| message.is_reply == is_reply && is_of_it(message.person))
            .count()
    };
    json!({ "total_sent_emails": of_it(false), "leads_who_replied": of_it(true), "bounced": 0 })
}
