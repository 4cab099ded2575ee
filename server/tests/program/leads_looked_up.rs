//! Leads that are looked up: shown first, asked about once each, and what is found is taken in.

use connectors::fakes::{Account, Fake, Fault, KEY};
use domain::action::leads::LeadState;
use domain::connection::Tool;
use domain::ids::{ActionId, LeadId};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use store::action_leads::ActionLead;

use crate::support::now;
use crate::support::outreach::{Outreach, bases, connect};

/// Brings leads in, by e-mail, and gives their ids.
async fn bring(desk: &Outreach, people: &[Value]) -> Vec<String> {
    let mut ids = Vec::new();
    for lead in people {
        let mut lead = lead.clone();
        let id = lead.as_object_mut().unwrap().remove("external_id").unwrap();
        let path = format!("/api/leads/{}", id.as_str().unwrap());
        let (status, stored) = desk.ask(Method::PUT, &path, None, Some(lead)).await;
        assert_eq!(status, 201, "{stored}");
        ids.push(stored["id"].as_str().unwrap().to_owned());
    }
    ids
}

fn by_email(number: u32) -> Value {
    json!({
        "external_id": format!("l-{number}"),
        "email": format!("person{number}@example.com"),
        "created_at": (now() - SignedDuration::from_hours(48)).to_string(),
    })
}

fn body(ids: &[String], dry_run: bool) -> Value {
    json!({ "kind": "retry_enrichment", "target": { "lead_ids": ids }, "dry_run": dry_run })
}

async fn preview(desk: &Outreach, ids: &[String]) -> Value {
    let (status, shown) = desk.ask(Method::POST, "/api/actions", None, Some(body(ids, true))).await;
    assert_eq!(status, 200, "{shown}");
    shown
}

async fn look_up(desk: &Outreach, ids: &[String], key: &str) -> (u16, Value) {
    desk.ask(Method::POST, "/api/actions", Some(key), Some(body(ids, false))).await
}

/// How a lead is, as the API tells who brings it in once more.
async fn lead(desk: &Outreach, number: u32) -> Value {
    let path = format!("/api/leads/l-{number}");
    let (status, lead) = desk.ask(Method::PUT, &path, None, Some(json!({}))).await;
    assert_eq!(status, 200, "{lead}");
    lead
}

async fn funnel(desk: &Outreach) -> Vec<(String, i64)> {
    let path = "/api/analytics/command-center?period=30d";
    let (_, screen) = desk.ask(Method::GET, path, None, None).await;
    let stages = screen["funnel"]["stages"].as_array().unwrap_or_else(|| panic!("{screen}"));
    let count = |stage: &Value| stage["count"].as_i64().unwrap();
    stages.iter().map(|stage| (stage["stage"].as_str().unwrap().to_owned(), count(stage))).collect()
}

#[tokio::test]
async fn who_is_found_leaves_the_pool_and_who_is_not_can_be_tried_again() {
    let desk = Outreach::of(Tool::Apollo).await;
    let stranger = json!({ "external_id": "l-9", "email": "nobody@example.net", "name": "Known Already", "created_at": "2026-11-10T00:00:00Z" });
    let ids = bring(&desk, &[by_email(1), by_email(2), stranger]).await;
    let shown = preview(&desk, &ids).await;
    assert_eq!((&shown["credits_at_most"], &shown["left_out"]), (&json!(3), &json!([])), "{shown}");
    assert_eq!(desk.asked("/people/match"), 0, "a preview asks for nothing");
    let (status, taken) = look_up(&desk, &ids, "first").await;
    assert_eq!(status, 202, "{taken}");
    let done = desk.until(&taken["id"], "done").await;
    let states: Vec<&Value> = done["leads"].as_array().unwrap().iter().map(|lead| &lead["state"]).collect();
    assert_eq!(states, ["done", "done", "failed"], "{done}");
    assert_eq!(done["leads"][2]["problem"], "nothing was found");
    assert_eq!((&done["answer"]["done"], &done["answer"]["failed"]), (&json!(2), &json!(1)));
    assert_eq!(desk.asked("/people/match"), 3);
    let found = lead(&desk, 1).await;
    assert_eq!(
        (&found["stage"], &found["name"], &found["company"]),
        (&json!("enriched"), &json!("First1 Last1"), &json!("Company 1"))
    );
    assert_eq!(lead(&desk, 9).await["stage"], "pool");
    let funnel = funnel(&desk).await;
    assert_eq!(
        funnel[..2],
        [("pool".to_owned(), 3), ("enriched".to_owned(), 2)],
        "the funnel shows it at once"
    );
    // Only who was not found is asked about again, and the last answer is shown.
    let shown = preview(&desk, &ids).await;
    assert_eq!(shown["leads"].as_array().unwrap().len(), 1);
    assert_eq!(shown["leads"][0]["last_problem"], "nothing was found");
    assert_eq!(shown["left_out"][0]["why"], "they were found already");
    desk.fake.with(|account| account.people[5].email = Some("nobody@example.net".to_owned()));
    let (_, taken) = look_up(&desk, &ids, "second").await;
    desk.until(&taken["id"], "done").await;
    let found = lead(&desk, 9).await;
    assert_eq!((&found["stage"], &found["name"]), (&json!("enriched"), &json!("Known Already")));
    assert_eq!(desk.asked("/people/match"), 4);
    let (status, refused) = look_up(&desk, &ids, "third").await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("conflict")), "{refused}");
    let log = desk.program.audit_log().await;
    assert_eq!(log.iter().filter(|line| line["deed"] == "action_requested").count(), 2);
}

#[tokio::test]
async fn twenty_at_once_ask_about_each_lead_once() {
    let desk = Outreach::of(Tool::Apollo).await;
    let ids = bring(&desk, &[by_email(1), by_email(2)]).await;
    let same = futures::future::join_all((0..20).map(|_| look_up(&desk, &ids, "the-same"))).await;
    assert!(same.iter().all(|(status, answer)| *status == 202 && answer["id"] == same[0].1["id"]));
    desk.until(&same[0].1["id"], "done").await;
    assert_eq!(desk.asked("/people/match"), 2);
    let others = bring(&desk, &[by_email(3), by_email(4)]).await;
    let keys: Vec<String> = (0..20).map(|number| format!("key-{number}")).collect();
    let each = futures::future::join_all(keys.iter().map(|key| look_up(&desk, &others, key))).await;
    let taken: Vec<&Value> =
        each.iter().filter(|(status, _)| *status == 202).map(|(_, answer)| &answer["id"]).collect();
    assert_eq!(taken.len(), 1, "{each:?}");
    desk.until(taken[0], "done").await;
    assert_eq!(desk.asked("/people/match"), 4);
}

#[tokio::test]
async fn what_takes_a_tool_longer_is_asked_for_again_and_not_begun_again() {
    let desk = Outreach::of(Tool::FullEnrich).await;
    desk.fake.with(|account| account.not_yet = 1);
    let named = json!({ "external_id": "l-1", "name": "First1 Last1", "company": "Company 1" });
    let ids = bring(&desk, &[named, by_email(2)]).await;
    let shown = preview(&desk, &ids).await;
    assert_eq!(shown["leads"].as_array().unwrap().len(), 1);
    let why = shown["left_out"][0]["why"].as_str().unwrap();
    assert!(why.contains("needs a profile"), "{why}");
    let (_, taken) = look_up(&desk, &ids, "slowly").await;
    let action = desk.until(&taken["id"], "calling").await;
    let ours = desk.program.ledger.ours.id;
    let perform = |minutes| {
        let jobs = desk.program.jobs_at(minutes);
        let id = taken["id"].as_str().unwrap().to_owned();
        async move { jobs.actions.perform(ours, &id, false).await.unwrap() }
    };
    waited_for(&desk, &action["id"]).await;
    perform(4).await;
    assert_eq!(
        desk.asked("/contact/enrich/bulk/12345678-aaaa-4bbb-8ccc-000000000001"),
        0,
        "it is not time yet"
    );
    perform(6).await;
    perform(12).await;
    let done = desk.until(&taken["id"], "done").await;
    assert_eq!(
        (&done["leads"][0]["state"], &done["leads"][0]["credits"]),
        (&json!("done"), &json!(1)),
        "{done}"
    );
    assert_eq!(desk.asked("/contact/enrich/bulk"), 1, "it was begun once");
    assert_eq!(lead(&desk, 1).await["email"], "person1@example.com");
}

/// Waits until the tool works at the first lead of an action.
async fn waited_for(desk: &Outreach, id: &Value) -> ActionLead {
    let id: ActionId = id.as_str().unwrap().parse().unwrap();
    for _ in 0..600 {
        let mut work = desk.program.ledger.store().within(desk.program.ledger.ours.id).await.unwrap();
        let lead = work.action_leads(&[id]).await.unwrap().remove(0);
        if lead.state == LeadState::Waiting {
            return lead;
        }
        drop(work);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the tool was not asked within thirty seconds")
}

#[tokio::test]
async fn what_nobody_answered_is_not_known_and_not_asked_for_again() {
    let desk = Outreach::of(Tool::Apollo).await;
    let ids = bring(&desk, &[by_email(1), by_email(2)]).await;
    desk.fake.with(|account| account.fault("/people/match", 0, Fault::CutsOff));
    let (_, taken) = look_up(&desk, &ids, "cut").await;
    let done = desk.until(&taken["id"], "done").await;
    assert_eq!((&done["leads"][0]["state"], &done["leads"][1]["state"]), (&json!("unknown"), &json!("done")));
    assert!(done["leads"][0]["problem"].as_str().unwrap().contains("may be done twice"));
    assert_eq!(desk.asked("/people/match"), 2);
    // Somebody may decide to pay for it again.
    let shown = preview(&desk, &ids).await;
    assert_eq!(shown["leads"][0]["lead_id"], ids[0].as_str());
}

#[tokio::test]
async fn who_was_asked_about_when_the_program_ended_is_not_asked_about_again() {
    let desk = Outreach::of(Tool::Apollo).await;
    let ids = bring(&desk, &[by_email(1), by_email(2)]).await;
    // The tool is away, so the action stays where it is.
    desk.fake.with(|account| {
        account.fault("/people/match", 0, Fault::Says(429, vec![("retry-after", "3600")], "{}".to_owned()));
    });
    let (_, taken) = look_up(&desk, &ids, "killed").await;
    let id: ActionId = taken["id"].as_str().unwrap().parse().unwrap();
    let first: LeadId = ids[0].parse().unwrap();
    let ours = desk.program.ledger.ours.id;
    for _ in 0..600 {
        let mut work = desk.program.ledger.store().within(ours).await.unwrap();
        let lead = work.action_lead(id, first).await.unwrap().unwrap();
        if lead.problem.is_some() && lead.state == LeadState::Queued {
            work.action_lead_set(&ActionLead { state: LeadState::Calling, ..lead }).await.unwrap();
            work.commit().await.unwrap();
            break;
        }
        drop(work);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let before = desk.asked("/people/match");
    desk.program.jobs().actions.perform(ours, &id.to_string(), false).await.unwrap();
    let done = desk.until(&taken["id"], "done").await;
    assert_eq!(
        (&done["leads"][0]["state"], &done["leads"][1]["state"]),
        (&json!("unknown"), &json!("done")),
        "{done}"
    );
    assert_eq!(desk.asked("/people/match") - before, 1, "only the other one was asked about");
}

#[tokio::test]
async fn without_credits_or_with_a_refused_key_nobody_else_is_asked_about() {
    let desk = Outreach::of(Tool::Apollo).await;
    let ids = bring(&desk, &[by_email(1), by_email(2), by_email(3)]).await;
    desk.fake.with(|account| {
        let words = r#"{"error":"out of credits"}"#.to_owned();
        account.fault("/people/match", 0, Fault::Says(402, Vec::new(), words));
    });
    let (_, taken) = look_up(&desk, &ids, "poor").await;
    let failed = desk.until(&taken["id"], "failed").await;
    assert!(failed["leads"].as_array().unwrap().iter().all(|lead| lead["state"] == "failed"), "{failed}");
    assert!(failed["leads"][2]["problem"].as_str().unwrap().contains("out of credits"));
    assert_eq!(desk.asked("/people/match"), 1);
}

#[tokio::test]
async fn nonsense_and_leads_of_others_are_refused_and_viewers_may_not() {
    let desk = Outreach::of(Tool::Apollo).await;
    let ids = bring(&desk, &[by_email(1)]).await;
    let refused = |body: Value, expected: u16| {
        let desk = &desk;
        async move {
            let (status, told) = desk.ask(Method::POST, "/api/actions", Some("k"), Some(body)).await;
            assert_eq!(status, expected, "{told}");
        }
    };
    let of = |target: Value| json!({ "kind": "retry_enrichment", "target": target });
    refused(of(json!({ "lead_ids": [] })), 422).await;
    refused(of(json!({ "lead_ids": ["no id"] })), 422).await;
    refused(of(json!({ "lead_ids": ids, "campaign_id": ids[0] })), 422).await;
    refused(of(json!({ "campaign_id": ids[0] })), 422).await;
    refused(json!({ "kind": "pause_campaign", "target": { "lead_ids": ids } }), 422).await;
    refused(json!({ "kind": "send_follow_up", "target": { "lead_ids": ids } }), 422).await;
    let unknown_name =
        json!({ "kind": "send_follow_up", "target": { "lead_ids": ids }, "text": "Hi {nick}" });
    refused(unknown_name, 422).await;
    let many: Vec<String> = (0..101).map(|n| format!("00000000-0000-0000-0000-{n:012}")).collect();
    refused(of(json!({ "lead_ids": many })), 422).await;
    let store = desk.program.ledger.store();
    desk.program.ledger.lead(&desk.program.ledger.theirs, "person1@example.com", "heyreach").await;
    let mut work = store.within(desk.program.ledger.theirs.id).await.unwrap();
    let theirs = work.leads_known(&[], &[], &["person1@example.com".to_owned()]).await.unwrap().remove(0).id;
    drop(work);
    refused(of(json!({ "lead_ids": [theirs] })), 404).await;
    let viewer = desk.program.browser(&desk.program.people.viewer).await;
    let page = format!("/portal/actions/leads?kind=retry_enrichment&lead={}", ids[0]);
    assert_eq!(viewer.get(&page).await.status(), 403);
    assert!(!viewer.text("/portal/leads").await.contains(r#"name="lead""#));
    assert_eq!(desk.asked("/people/match"), 0);
}

#[tokio::test]
async fn leads_are_chosen_shown_and_looked_up_without_script() {
    let desk = Outreach::of(Tool::Apollo).await;
    let ids = bring(&desk, &[by_email(1), by_email(2)]).await;
    let mut operator = desk.program.browser(&desk.program.people.operator).await;
    let list = operator.text("/portal/leads").await;
    assert!(list.contains(&format!(r#"name="lead" value="{}""#, ids[0])), "{list}");
    let everyone = operator.text("/portal/leads?stage=pool&kind=retry_enrichment").await;
    assert!(everyone.contains("All 2"));
    let page = operator.text("/portal/actions/leads?stage=pool&everyone=yes&kind=retry_enrichment").await;
    assert!(page.contains("Enrich 2 leads?") && page.contains("2 credits"), "{page}");
    let address = format!("/portal/actions/leads?kind=retry_enrichment&lead={}&lead={}", ids[0], ids[1]);
    let leads = ids.join(" ");
    let fields = [
        ("form", "confirm_leads"),
        ("kind", "retry_enrichment"),
        ("leads", leads.as_str()),
        ("text", ""),
        ("tool", ""),
        ("key", "made-up"),
    ];
    let posted = operator.post(&address, &fields).await;
    assert_eq!(posted.status(), 303);
    let (_, listed) = desk.ask(Method::GET, "/api/actions?kind=retry_enrichment", None, None).await;
    desk.until(&listed["actions"][0]["id"], "done").await;
    let log = operator.text("/portal/actions").await;
    assert!(log.contains("2 done") && log.contains("person1@example.com"), "{log}");
    let story = operator.text(&format!("/portal/leads/{}", ids[0])).await;
    assert!(
        story.contains("Looked up") && story.contains("Apollo") && story.contains("First1 Last1"),
        "{story}"
    );
}

#[tokio::test]
async fn a_tool_that_does_not_say_how_far_it_is_is_asked_again_and_what_it_found_is_not_lost() {
    let desk = Outreach::of(Tool::FullEnrich).await;
    let named = json!({ "external_id": "l-1", "name": "First1 Last1", "company": "Company 1" });
    let ids = bring(&desk, &[named]).await;
    let (_, taken) = look_up(&desk, &ids, "patiently").await;
    waited_for(&desk, &taken["id"]).await;
    let ours = desk.program.ledger.ours.id;
    let id = taken["id"].as_str().unwrap();
    // Somebody changes the key at the tool, and back.
    desk.fake.with(|account| account.key = "another".to_owned());
    desk.program.jobs_at(6).actions.perform(ours, id, false).await.unwrap();
    let lead = waited_for(&desk, &taken["id"]).await;
    assert!(lead.problem.unwrap().contains("401"));
    desk.fake.with(|account| account.key = KEY.to_owned());
    desk.program.jobs_at(8).actions.perform(ours, id, false).await.unwrap();
    let done = desk.until(&taken["id"], "done").await;
    assert_eq!((&done["leads"][0]["state"], &done["leads"][0]["problem"]), (&json!("done"), &Value::Null));
}

#[tokio::test]
async fn one_tool_that_is_away_holds_up_its_own_leads_only() {
    let apollo = Fake::open(Tool::Apollo, Account::filled(2, 3)).await.unwrap();
    let fullenrich = Fake::open(Tool::FullEnrich, Account::filled(2, 3)).await.unwrap();
    let bases = bases(&[(Tool::Apollo, &apollo), (Tool::FullEnrich, &fullenrich)]);
    let desk = Outreach::at(Tool::Apollo, apollo, bases).await;
    connect(&mut desk.program.admin.clone(), Tool::FullEnrich).await;
    // The one is only known by e-mail, the other was not found by Apollo before.
    let stranger = json!({ "external_id": "l-2", "name": "First2 Last2", "company": "Elsewhere" });
    desk.fake.with(|account| account.people.retain(|person| person.number != 2));
    let ids = bring(&desk, &[by_email(1), stranger]).await;
    let (_, taken) = look_up(&desk, &ids[1..], "first").await;
    desk.until(&taken["id"], "failed").await;
    desk.fake.with(|account| {
        let words = r#"{"error":"this key is not taken"}"#.to_owned();
        account.fault("/people/match", 0, Fault::Says(401, Vec::new(), words));
    });
    let (_, taken) = look_up(&desk, &ids, "second").await;
    let lead = {
        let id: ActionId = taken["id"].as_str().unwrap().parse().unwrap();
        let mut found = None;
        for _ in 0..600 {
            let mut work = desk.program.ledger.store().within(desk.program.ledger.ours.id).await.unwrap();
            let leads = work.action_leads(&[id]).await.unwrap();
            drop(work);
            if leads.iter().all(|lead| lead.called_at.is_some()) && leads[1].state == LeadState::Waiting {
                found = Some(leads);
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        found.expect("the other tool works at its lead")
    };
    assert_eq!((lead[0].tool, lead[0].state), (Tool::Apollo, LeadState::Failed));
    assert_eq!((lead[1].tool, lead[1].state), (Tool::FullEnrich, LeadState::Waiting));
}
