//! Jobs: on schedule for every tenant, steered by who may, and none held up by another's slow tool.

use std::time::Duration;

use connectors::fakes::{Account, Fake, Fault};
use domain::access::{Permission, Role};
use domain::campaign::CampaignState;
use domain::connection::Tool;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::Program;
use crate::support::outreach::{Outreach, bases, campaign, campaign_id, connect, know};
use crate::support::people::location;
use crate::support::tables::run;

async fn ask(program: &Program, key: &str, method: Method, path: &str) -> (u16, Value) {
    let request = program.client.request(method, format!("{}{path}", program.address)).bearer_auth(key);
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

async fn jobs(program: &Program, key: &str, query: &str) -> Vec<Value> {
    let (status, answer) = ask(program, key, Method::GET, &format!("/api/jobs{query}")).await;
    assert_eq!(status, 200, "{answer}");
    answer["jobs"].as_array().unwrap().clone()
}

/// Waits until the only job is in a state.
async fn until(program: &Program, key: &str, state: &str) -> Value {
    for _ in 0..1_000 {
        let found = jobs(program, key, &format!("?state={state}")).await;
        if let [job] = found.as_slice() {
            return job.clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no job is {state}: {:#?}", jobs(program, key, "").await)
}

#[tokio::test]
async fn what_is_on_schedule_is_put_there_once_for_each_tenant_and_again_when_its_time_has_come() {
    let program = Program::start().await;
    let planner = program.jobs();
    planner.plan().await.unwrap();
    planner.plan().await.unwrap();
    let (ours, theirs) = (program.ledger.ours.id, program.ledger.theirs.id);
    for tenant in [ours, theirs] {
        let key = program.key(tenant, Role::Admin, &[Permission::EditSettings]).await;
        let waiting = jobs(&program, &key, "").await;
        assert_eq!(waiting.len(), 1, "{waiting:#?}");
        assert_eq!(
            (&waiting[0]["kind"], &waiting[0]["subject"]),
            (&json!("evaluate_alerts"), &json!("figures"))
        );
    }
    let key = program.key(ours, Role::Admin, &[Permission::EditSettings]).await;
    let id = jobs(&program, &key, "").await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ask(&program, &key, Method::POST, &format!("/api/jobs/{id}/retry")).await.0, 200);
    let done = until(&program, &key, "done").await;
    assert_eq!((&done["id"], &done["next_run_at"]), (&json!(id), &json!("2026-11-20T14:12:00Z")));
    planner.plan().await.unwrap();
    assert_eq!(jobs(&program, &key, "?state=done").await.len(), 1, "its time has not come");
    program.jobs_at(11).plan().await.unwrap();
    assert_eq!(jobs(&program, &key, "?state=waiting").await.len(), 1);
}

#[tokio::test]
async fn who_may_pauses_a_job_lets_it_go_on_and_has_it_tried_and_it_is_written_down() {
    let program = Program::start().await;
    program.jobs().plan().await.unwrap();
    let ours = program.ledger.ours.id;
    let key = program.key(ours, Role::Admin, &[Permission::EditSettings]).await;
    let id = jobs(&program, &key, "").await[0]["id"].as_str().unwrap().to_owned();
    let steer = async |verb: &str| ask(&program, &key, Method::POST, &format!("/api/jobs/{id}/{verb}")).await;
    let (status, paused) = steer("pause").await;
    assert_eq!((status, &paused["paused_by"]), (200, &json!("API key a test")));
    assert_eq!(steer("retry").await.0, 409, "it is paused");
    program.jobs_at(60).plan().await.unwrap();
    assert_eq!(jobs(&program, &key, "").await[0]["started_at"], Value::Null);
    let (status, resumed) = steer("resume").await;
    assert_eq!((status, &resumed["paused_by"]), (200, &Value::Null));
    until(&program, &key, "done").await;
    let log = program.audit_log().await;
    let deeds: Vec<&Value> = log
        .iter()
        .map(|line| &line["deed"])
        .filter(|deed| deed.as_str().is_some_and(|deed| deed.starts_with("job_")))
        .collect();
    assert_eq!(deeds, ["job_paused", "job_resumed"]);
    let theirs = program.key(program.ledger.theirs.id, Role::Owner, &[Permission::EditSettings]).await;
    for verb in ["retry", "pause", "resume"] {
        assert_eq!(ask(&program, &theirs, Method::POST, &format!("/api/jobs/{id}/{verb}")).await.0, 404);
    }
}

#[tokio::test]
async fn the_page_lists_jobs_and_its_forms_work_without_script() {
    let program = Program::start().await;
    let empty = program.admin.text("/portal/jobs").await;
    assert!(empty.contains("Nothing has been done yet"), "{empty}");
    program.jobs().plan().await.unwrap();
    let key = program.key(program.ledger.ours.id, Role::Admin, &[Permission::EditSettings]).await;
    let id = jobs(&program, &key, "").await[0]["id"].as_str().unwrap().to_owned();
    let mut admin = program.admin.clone();
    let answer = admin.post("/portal/jobs", &[("form", "pause"), ("job", &id)]).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, "/portal/jobs?done=job-paused"));
    let page = admin.text("/portal/jobs").await;
    assert!(page.contains("Look for what needs somebody") && page.contains("Paused"), "{page}");
    let answer = admin.post("/portal/jobs", &[("form", "resume"), ("job", &id)]).await;
    assert_eq!(location(&answer), "/portal/jobs?done=job-resumed");
    let mut operator = program.browser(&program.people.operator).await;
    assert_eq!(operator.get("/portal/jobs").await.status(), 403);
    assert_eq!(operator.post("/portal/jobs", &[("form", "pause"), ("job", &id)]).await.status(), 403);
}

#[tokio::test]
async fn a_slow_tool_holds_up_neither_another_tool_nor_another_tenant() {
    let fake = Fake::open(Tool::HeyReach, Account::filled(2, 3)).await.unwrap();
    let quick = Fake::open(Tool::PlusVibe, Account::filled(1, 3)).await.unwrap();
    let bases = bases(&[(Tool::HeyReach, &fake), (Tool::PlusVibe, &quick)]);
    let slow = Outreach::at(Tool::HeyReach, fake, bases).await;
    slow.fake.with(|account| account.fault("/campaign/Pause", 0, Fault::Hangs));
    let ours = slow.program.ledger.ours.id;
    connect(&mut slow.program.admin.clone(), Tool::PlusVibe).await;
    know(slow.program.ledger.store(), ours, &[campaign(Tool::PlusVibe, 1, CampaignState::Active)]).await;
    let (status, _) = slow.act("pause_campaign", 1, "slow").await;
    assert_eq!(status, 202);
    while slow.asked("/campaign/Pause") == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let begun = Instant::now();
    let target = json!({ "campaign_id": campaign_id(Tool::PlusVibe, 1) });
    let body = json!({ "kind": "pause_campaign", "target": target });
    let (_, receipt) = slow.ask(Method::POST, "/api/actions", Some("quick"), Some(body)).await;
    slow.until(&receipt["id"], "done").await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let (_, waiting) = slow.ask(Method::GET, "/api/actions?state=calling", None, None).await;
    assert_eq!(waiting["actions"].as_array().unwrap().len(), 1, "the slow one is still at it");
}

#[tokio::test]
async fn a_tool_that_wants_to_be_left_alone_is_asked_again_then_and_not_sooner() {
    let until = [("date", "Fri, 20 Nov 2026 14:00:00 GMT"), ("retry-after", "Fri, 20 Nov 2026 16:30:00 GMT")];
    for headers in [vec![("retry-after", "9000")], until.to_vec()] {
        let outreach = Outreach::of(Tool::HeyReach).await;
        let (program, ours) = (&outreach.program, outreach.program.ledger.ours.id);
        let scopes = [Permission::EditSettings];
        let key = program.key(ours, Role::Admin, &scopes).await;
        program.jobs().plan().await.unwrap();
        let of_it = async || {
            let found = jobs(program, &key, "?kind=sync_connection").await;
            found.into_iter().next().unwrap()
        };
        let id = of_it().await["id"].as_str().unwrap().to_owned();
        let now_please = async || ask(program, &key, Method::POST, &format!("/api/jobs/{id}/retry")).await.0;
        let limit =
            |account: &mut Account| account.fault("/", 0, Fault::Says(429, headers.clone(), String::new()));
        outreach.fake.with(limit);
        outreach.fake.with(|account| account.asked.clear());
        assert_eq!(now_please().await, 200);
        let mut job = of_it().await;
        while job["last_error"].is_null() {
            tokio::time::sleep(Duration::from_millis(200)).await;
            job = of_it().await;
        }
        assert_eq!(
            (&job["state"], &job["next_run_at"], &job["last_error"]),
            (
                &json!("waiting"),
                &json!("2026-11-20T16:32:00Z"),
                &json!("it asks to be left alone for 9000 seconds")
            )
        );
        assert_eq!(outreach.fake.with(|account| account.asked.len()), 1);
        let queued = format!(
            "select run_at - now() between interval '8900 seconds' and interval '9000 seconds' from job_queue.jobs \
            where key like '%{id}'"
        );
        assert_eq!(run(&program.ledger.database.url, &queued).await.unwrap().trim(), "t");
        program.jobs_at(149).plan().await.unwrap();
        assert_eq!(
            of_it().await["next_run_at"],
            "2026-11-20T16:32:00Z",
            "its schedule does not have it sooner"
        );
        assert_eq!(now_please().await, 200, "somebody may");
        until_done(program, &key, &id).await;
    }
}

async fn until_done(program: &Program, key: &str, id: &str) {
    for _ in 0..200 {
        let done = jobs(program, key, "?state=done").await;
        if done.iter().any(|job| job["id"] == id && job["last_error"].is_null()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{:#?}", jobs(program, key, "").await)
}
