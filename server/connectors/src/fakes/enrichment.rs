//! Apollo and FullEnrich, as their documents say. Whoever is in the account is found.

use serde_json::{Value, json};

use super::{Account, Asked, FakePerson, Said};

/// What FullEnrich calls its questions, before their numbers.
const QUESTION: &str = "12345678-aaaa-4bbb-8ccc-";

pub(super) fn apollo(account: &mut Account, asked: &Asked) -> Said {
    match asked.path.as_str() {
        "/usage_stats/api_usage_stats" => (200, Some(json!({}))),
        "/people/match" => {
            let person = named(account, asked.query("email"), asked.query("first_name"));
            (200, Some(json!({ "request_id": 77, "person": person.map(apollo_person) })))
        }
        path if path.starts_with("/webhook_result/") => {
            if take_not_yet(account) {
                let body =
                    json!({ "error": "wait", "error_code": "result_pending", "retry_after_seconds": 30 });
                return (404, Some(body));
            }
            let person = account.people.first();
            (200, Some(json!({ "request_id": 77, "people": [person.map(apollo_person)] })))
        }
        _ => (404, None),
    }
}

fn take_not_yet(account: &mut Account) -> bool {
    let is_not_yet = account.not_yet > 0;
    account.not_yet = account.not_yet.saturating_sub(1);
    is_not_yet
}

fn named<'a>(account: &'a Account, email: Option<&str>, first: Option<&str>) -> Option<&'a FakePerson> {
    account.people.iter().find(|person| match email {
        Some(email) => person.email.as_deref() == Some(email),
        None => Some(person.first_name.as_str()) == first,
    })
}

fn apollo_person(person: &FakePerson) -> Value {
    json!({
        "id": format!("person-{}", person.number), "first_name": person.first_name, "last_name": person.last_name,
        "email": person.email, "email_status": "verified", "title": "Buyer",
        "organization": { "name": person.company, "primary_domain": "example.com" },
    })
}

pub(super) fn fullenrich(account: &mut Account, asked: &Asked) -> Said {
    match asked.path.as_str() {
        "/account/keys/verify" => (200, Some(json!({ "workspace_id": "w" }))),
        "/account/credits" => (200, Some(json!({ "balance": 10 }))),
        "/contact/enrich/bulk" => {
            account.sent.push(asked.body["data"][0]["first_name"].as_str().unwrap_or_default().to_owned());
            (200, Some(json!({ "enrichment_id": format!("{QUESTION}{:012}", account.sent.len()) })))
        }
        path => {
            let number = path.strip_prefix("/contact/enrich/bulk/").and_then(|id| id.strip_prefix(QUESTION));
            let number = number.and_then(|number| number.parse::<usize>().ok());
            let Some(first) = number.and_then(|number| account.sent.get(number.checked_sub(1)?)).cloned()
            else {
                return (404, Some(json!({ "code": "error.not_found", "message": "unknown" })));
            };
            if take_not_yet(account) {
                return (400, Some(json!({ "code": "error.not_ready", "message": "in progress" })));
            }
            (200, Some(result(account, path, &first)))
        }
    }
}

fn result(account: &Account, path: &str, first: &str) -> Value {
    let person = named(account, None, Some(first));
    let info = person.map(
        |person| json!({ "most_probable_work_email": { "email": person.email, "status": "DELIVERABLE" } }),
    );
    json!({
        "id": path.rsplit('/').next(), "status": "FINISHED", "cost": { "credits": 1 },
        "data": [{ "contact_info": info, "profile": { "full_name": person.map(|person| person.first_name.clone()) } }],
    })
}
