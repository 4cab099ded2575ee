//! HeyReach, as its documents say.

use domain::campaign::CampaignState;
use serde_json::{Value, json};

use super::{Account, Asked, FakeCampaign, FakePerson, Said, refusal};
use domain::connection::Tool;

const MOST: u64 = 100;

pub(super) fn answer(account: &mut Account, asked: &Asked) -> Said {
    match asked.path.as_str() {
        "/auth/CheckApiKey" => (200, None),
        "/campaign/GetAll" => page(asked, account.campaigns.iter().map(campaign).collect()),
        "/campaign/GetById" => match of(account, asked.query("campaignId")) {
            Some(found) => (200, Some(campaign(found))),
            None => no("there is no such campaign"),
        },
        "/campaign/Pause" => switch(account, asked, CampaignState::Paused),
        "/campaign/Resume" => resume(account, asked, false),
        "/campaign/StartCampaign" => resume(account, asked, true),
        "/campaign/GetLeadsFromCampaign" => leads(account, asked),
        "/campaign/AddLeadsToCampaignV2" => add(account, asked),
        "/campaign/StopLeadInCampaign" => (200, None),
        "/inbox/GetConversationsV2" => conversations(account, asked),
        "/inbox/SendMessage" => {
            account.sent.push(asked.body["message"].as_str().unwrap_or_default().to_owned());
            (200, None)
        }
        "/stats/GetOverallStats" => (200, Some(statistics(account, asked))),
        path => match path.strip_prefix("/inbox/GetChatroom/7/conversation%20") {
            Some(person) => chatroom(account, person),
            None => (404, None),
        },
    }
}

fn no(words: &str) -> Said {
    refusal(Tool::HeyReach, 400, words)
}

fn page(asked: &Asked, items: Vec<Value>) -> Said {
    let (offset, limit) =
        (asked.body["offset"].as_u64().unwrap_or(0), asked.body["limit"].as_u64().unwrap_or(10));
    if limit > MOST {
        let errors = json!({ "title": "Bad Request", "errors": { "limit": ["at most 100"] } });
        return (400, Some(errors));
    }
    let total = items.len();
    let shown: Vec<Value> = items
        .into_iter()
        .skip(usize::try_from(offset).unwrap_or(usize::MAX))
        .take(usize::try_from(limit).unwrap_or(0))
        .collect();
    (200, Some(json!({ "totalCount": total, "items": shown })))
}

fn of<'a>(account: &'a Account, id: Option<&str>) -> Option<&'a FakeCampaign> {
    account.campaign(id?.parse().ok()?)
}

fn campaign(campaign: &FakeCampaign) -> Value {
    let status = match campaign.state {
        CampaignState::Draft => "DRAFT",
        CampaignState::Active => "IN_PROGRESS",
        CampaignState::Paused => "PAUSED",
        CampaignState::Finished => "FINISHED",
        CampaignState::Unknown => "MELTING",
    };
    json!({ "id": campaign.number, "name": campaign.name, "status": status, "creationTime": campaign.made_at })
}

fn switch(account: &mut Account, asked: &Asked, state: CampaignState) -> Said {
    let number = asked.query("campaignId").and_then(|id| id.parse().ok()).unwrap_or(0);
    if account.set_state(number, state) { (200, None) } else { no("there is no such campaign") }
}

/// A campaign without people goes back to rest without saying so.
fn resume(account: &mut Account, asked: &Asked, is_start: bool) -> Said {
    let Some(found) = of(account, asked.query("campaignId")) else { return no("there is no such campaign") };
    if (found.state == CampaignState::Draft) != is_start {
        return no("the campaign cannot be resumed from its status");
    }
    let number = found.number;
    let is_empty = !account.people.iter().any(|person| person.campaign == number);
    switch(account, asked, if is_empty { CampaignState::Paused } else { CampaignState::Active })
}

fn profile(person: &FakePerson) -> Value {
    json!({
        "profileUrl": format!("https://www.linkedin.com/in/Person-{}/", person.number),
        "firstName": person.first_name, "lastName": person.last_name, "companyName": person.company,
        "emailAddress": person.email,
    })
}

fn leads(account: &Account, asked: &Asked) -> Said {
    let number = asked.body["campaignId"].as_u64().unwrap_or(0);
    let of_it = account.people.iter().filter(|person| u64::from(person.campaign) == number);
    page(asked, of_it.map(|person| lead(account, person)).collect())
}

fn lead(account: &Account, person: &FakePerson) -> Value {
    let messages = account.messages_of(person.number);
    let status = match (messages.iter().any(|message| message.is_reply), messages.is_empty()) {
        (true, _) => "MessageReply",
        (false, false) => "MessageSent",
        (false, true) => "None",
    };
    json!({
        "id": person.number, "linkedInUserProfile": profile(person), "creationTime": person.since,
        "leadCampaignStatus": "InSequence", "leadConnectionStatus": "None", "leadMessageStatus": status,
        "lastActionTime": messages.last().map(|message| message.at),
    })
}

fn add(account: &mut Account, asked: &Asked) -> Said {
    let number = asked.body["campaignId"].as_u64().and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
    let Some(found) = account.campaign(number) else { return no("there is no such campaign") };
    if found.state == CampaignState::Draft {
        return no("the campaign is not active");
    }
    let pairs = asked.body["accountLeadPairs"].as_array().cloned().unwrap_or_default();
    if pairs.len() > 100 {
        return no("at most 100 leads");
    }
    let mut added = 0;
    for pair in &pairs {
        let first = pair["lead"]["firstName"].as_str().unwrap_or_default().to_owned();
        let email = pair["lead"]["emailAddress"].as_str().map(str::to_owned);
        added += usize::from(account.take_in(number, email, first));
    }
    let body = json!({
        "addedLeadsCount": added, "updatedLeadsCount": pairs.len() - added, "failedLeadsCount": 0,
    });
    (200, Some(body))
}

/// A list shows the newest message of a conversation; the rest is in its room.
fn conversations(account: &Account, asked: &Asked) -> Said {
    let wanted = asked.body["filters"]["campaignIds"].as_array().cloned().unwrap_or_default();
    let mut of_them: Vec<&FakePerson> = account
        .people
        .iter()
        .filter(|person| wanted.is_empty() || wanted.iter().any(|id| *id == json!(person.campaign)))
        .filter(|person| !account.messages_of(person.number).is_empty())
        .collect();
    of_them.sort_by_key(|person| {
        std::cmp::Reverse(
            account.messages_of(person.number).last().map(|message| (message.at, message.number)),
        )
    });
    page(asked, of_them.into_iter().map(|person| conversation(account, person)).collect())
}

fn conversation(account: &Account, person: &FakePerson) -> Value {
    let messages = messages(account, person.number);
    let newest = messages.last().cloned();
    json!({
        "id": format!("conversation {}", person.number), "linkedInAccountId": 7,
        "correspondentProfile": profile(person), "totalMessages": messages.len(),
        "lastMessageAt": newest.as_ref().map(|newest| newest["createdAt"].clone()),
        "messages": newest.into_iter().collect::<Vec<_>>(),
    })
}

fn messages(account: &Account, person: u32) -> Vec<Value> {
    let shown = account.messages_of(person).into_iter().map(|message| {
        let sender = if message.is_reply { "CORRESPONDENT" } else { "ME" };
        json!({ "createdAt": message.at, "body": message.text, "subject": null, "sender": sender })
    });
    shown.collect()
}

fn chatroom(account: &Account, person: &str) -> Said {
    let person = person.parse().unwrap_or(0);
    (200, Some(json!({ "id": format!("conversation {person}"), "messages": messages(account, person) })))
}

fn statistics(account: &Account, asked: &Asked) -> Value {
    let number = asked.body["campaignIds"][0].as_u64().unwrap_or(0);
    let of_it = |is_reply| {
        let is_of_it = |number_of: u32| {
            account.person(number_of).is_some_and(|person| u64::from(person.campaign) == number)
        };
        account
            .messages
            .iter()
            .filter(|message| message.is_reply == is_reply && is_of_it(message.person))
            .count()
    };
    let all = json!({
        "messagesSent": of_it(false), "totalMessageReplies": of_it(true), "inmailMessagesSent": 0,
        "totalInmailReplies": 0, "connectionsSent": of_it(false), "connectionsAccepted": of_it(true),
    });
    json!({ "byDayStats": {}, "overallStats": all })
}
