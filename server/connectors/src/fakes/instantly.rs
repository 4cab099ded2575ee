//! Instantly, as its documents say.

use domain::campaign::CampaignState;
use domain::connection::Tool;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Account, Asked, FakeCampaign, FakeMessage, FakePerson, Said, refusal};

pub(super) fn answer(account: &mut Account, asked: &Asked) -> Said {
    match asked.path.as_str() {
        "/workspaces/current" => (200, Some(json!({ "id": "w", "name": "Work" }))),
        "/campaigns" => {
            let items = account.campaigns.iter().map(campaign).collect();
            page(asked.number("limit"), asked.query("starting_after"), items)
        }
        "/campaigns/analytics" => (200, Some(statistics(account, asked))),
        "/campaigns/analytics/overview" => (200, Some(json!({}))),
        "/leads/list" => leads(account, asked),
        "/leads/add" => add(account, asked),
        "/emails" => emails(account, asked),
        "/emails/reply" => {
            account.sent.push(asked.body["body"]["text"].as_str().unwrap_or_default().to_owned());
            (200, Some(json!({ "id": format!("sent-{}", account.sent.len()) })))
        }
        path => one(account, path.strip_prefix("/campaigns/").unwrap_or_default()),
    }
}

fn id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

fn number(id: &str) -> Option<u32> {
    u32::from_str_radix(id.strip_prefix("00000000-0000-4000-8000-")?, 16).ok()
}

/// A page; the place behind it is named even when it is the last.
fn page(limit: Option<usize>, after: Option<&str>, items: Vec<Value>) -> Said {
    let limit = limit.unwrap_or(10);
    if limit > 100 {
        return refusal(Tool::Instantly, 400, "limit must be at most 100");
    }
    let start = match after {
        None => 0,
        Some(after) => match items.iter().position(|item| item["id"] == after) {
            Some(place) => place + 1,
            None => return refusal(Tool::Instantly, 400, "starting_after is unknown"),
        },
    };
    let shown: Vec<Value> = items.into_iter().skip(start).take(limit).collect();
    let next = shown.last().map_or_else(|| json!(after), |last| last["id"].clone());
    (200, Some(json!({ "items": shown, "next_starting_after": next })))
}

fn campaign(campaign: &FakeCampaign) -> Value {
    let status = match campaign.state {
        CampaignState::Draft => 0,
        CampaignState::Active => 1,
        CampaignState::Paused => 2,
        CampaignState::Finished => 3,
        CampaignState::Unknown => 77,
    };
    json!({
        "id": id(campaign.number), "name": campaign.name, "status": status,
        "timestamp_created": campaign.made_at, "campaign_schedule": {},
    })
}

fn one(account: &mut Account, path: &str) -> Said {
    let (of, verb) = path.split_once('/').unwrap_or((path, ""));
    let number = number(of).unwrap_or(0);
    match verb {
        "pause" => account.set_state(number, CampaignState::Paused),
        "activate" => account.set_state(number, CampaignState::Active),
        _ => true,
    };
    match account.campaign(number) {
        Some(found) => (200, Some(campaign(found))),
        None => refusal(Tool::Instantly, 404, "not found"),
    }
}

fn leads(account: &Account, asked: &Asked) -> Said {
    let campaign = asked.body["campaign"].as_str().and_then(number);
    let of_it = account.people.iter().filter(|person| campaign.is_none_or(|of| person.campaign == of));
    let limit = asked.body["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok());
    page(limit, asked.body["starting_after"].as_str(), of_it.map(|person| lead(account, person)).collect())
}

fn lead(account: &Account, person: &FakePerson) -> Value {
    let messages = account.messages_of(person.number);
    let reply = messages.iter().find(|message| message.is_reply);
    json!({
        "id": id(person.number), "email": person.email, "first_name": person.first_name,
        "last_name": person.last_name, "company_name": person.company, "status": 1, "lt_interest_status": null,
        "timestamp_created": person.since, "email_reply_count": usize::from(reply.is_some()),
        "timestamp_last_reply": reply.map(|reply| reply.at),
        "timestamp_last_contact": messages.first().map(|first| first.at),
    })
}

fn add(account: &mut Account, asked: &Asked) -> Said {
    let campaign = asked.body["campaign_id"].as_str().and_then(number).unwrap_or(0);
    let leads = asked.body["leads"].as_array().cloned().unwrap_or_default();
    let mut added = 0;
    for lead in &leads {
        let first = lead["first_name"].as_str().unwrap_or_default().to_owned();
        added += usize::from(account.take_in(campaign, lead["email"].as_str().map(str::to_owned), first));
    }
    let body = json!({
        "status": "success", "total_sent": leads.len(), "leads_uploaded": added,
        "duplicated_leads": leads.len() - added, "skipped_count": 0, "invalid_email_count": 0,
    });
    (200, Some(body))
}

fn emails(account: &Account, asked: &Asked) -> Said {
    let since: Option<Timestamp> = asked.query("min_timestamp_created").and_then(|since| since.parse().ok());
    let of_it = account.messages.iter().filter(|message| since.is_none_or(|since| message.at >= since));
    let items = of_it.map(|message| email(account, message)).collect();
    page(asked.number("limit"), asked.query("starting_after"), items)
}

fn email(account: &Account, message: &FakeMessage) -> Value {
    let person = account.person(message.person);
    json!({
        "id": id(message.number), "ue_type": if message.is_reply { 2 } else { 1 }, "is_auto_reply": 0,
        "lead": person.and_then(|person| person.email.clone()),
        "campaign_id": person.map(|person| id(person.campaign)), "eaccount": "me@work.example",
        "subject": "Hello", "content_preview": message.text,
        "timestamp_email": message.at, "timestamp_created": message.at,
    })
}

fn statistics(account: &Account, asked: &Asked) -> Value {
    let campaign = asked.query("id").and_then(number);
    let of_it = |is_reply| {
        let is_of_it = |of: u32| account.person(of).is_some_and(|person| Some(person.campaign) == campaign);
        account
            .messages
            .iter()
            .filter(|message| message.is_reply == is_reply && is_of_it(message.person))
            .count()
    };
    json!([{ "campaign_id": asked.query("id"), "emails_sent_count": of_it(false), "reply_count": of_it(true) }])
}
