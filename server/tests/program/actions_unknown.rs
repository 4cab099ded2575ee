//! Actions nobody knows the outcome of: overtaken by what is newer, looked at until the tool says so, settled by a sync.

use std::time::Duration;

use connectors::fakes::Fault;
use domain::access::Role;
use domain::action::State;
use domain::action::limits::most_a_day;
use domain::campaign::CampaignState;
use domain::connection::Tool;
use domain::ids::{ActionId, JobId};
use domain::job::{JobKind, JobState};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use server::chance::new_id;
use store::actions::StoredAction;
use store::jobs::StoredJob;

use crate::support::now;
use crate::support::outreach::Outreach;

/// The job that carries an action out.
fn job_of(id: &Value) -> JobId {
    let action: ActionId = id.as_str().unwrap().parse().unwrap();
    JobId(action.0)
}

/// Keeps anybody from looking at what became of an action.
async fn hold(desk: &Outreach, id: &Value) {
    let mut work = desk.program.ledger.store().within(desk.program.ledger.ours.id).await.unwrap();
    work.job_pause(job_of(id), "a test", now()).await.unwrap();
    work.commit().await.unwrap();
}

/// Has the tool asked now.
async fn let_go(desk: &Outreach, id: &Value) {
    let mut work = desk.program.ledger.store().within(desk.program.ledger.ours.id).await.unwrap();
    work.job_resume(job_of(id)).await.unwrap();
    work.job_queue(job_of(id), JobKind::PerformAction, SignedDuration::ZERO, now()).await.unwrap();
    work.commit().await.unwrap();
}

async fn job(desk: &Outreach, id: &Value) -> StoredJob {
    let mut work = desk.program.ledger.store().within(desk.program.ledger.ours.id).await.unwrap();
    work.job(job_of(id)).await.unwrap().unwrap()
}

/// Waits until the job of an action was tried once more than before.
async fn looked_at(desk: &Outreach, id: &Value) {
    for _ in 0..200 {
        let job = job(desk, id).await;
        if job.state == JobState::Done || (job.state == JobState::Waiting && job.attempts > 0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody looks at {id}");
}

/// A campaign that was paused, of which the answer was lost, and nobody looks.
async fn lost_pause(desk: &Outreach) -> Value {
    desk.fake.with(|account| account.fault("/campaign/Pause", 0, Fault::CutsOff));
    let (_, pause) = desk.act("pause_campaign", 1, "a-pause").await;
    desk.until(&pause["id"], "unknown").await;
    hold(desk, &pause["id"]).await;
    let (_, preview) = desk.preview("resume_campaign", 1).await;
    assert_eq!((&preview["target"]["state"], &preview["obstacle"]), (&json!("paused"), &Value::Null));
    pause["id"].clone()
}

#[tokio::test]
async fn what_nobody_knows_is_overtaken_by_what_a_colleague_did_after_it_and_never_put_back() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let pause = lost_pause(&desk).await;
    let (_, resume) = desk.act("resume_campaign", 1, "a-resume").await;
    desk.until(&resume["id"], "done").await;
    let overtaken = desk.action(&pause).await;
    assert_eq!(overtaken["state"], "overtaken", "{overtaken:#}");
    let newest = &overtaken["history"][0];
    assert_eq!(newest["step"], "overtake");
    assert_eq!(newest["note"], "resume campaign by API key a test was done after it");
    assert!(overtaken["ended_at"].is_string() && overtaken["outcome_at"].is_null(), "{overtaken:#}");
    let_go(&desk, &pause).await;
    looked_at(&desk, &pause).await;
    assert_eq!(desk.action(&pause).await["state"], "overtaken");
    assert_eq!((desk.asked("/campaign/Pause"), desk.stands(1)), (1, CampaignState::Active));
    let (_, listed) = desk.ask(Method::GET, "/api/actions?state=overtaken", None, None).await;
    assert_eq!(listed["actions"].as_array().unwrap().len(), 1);
    let page = desk.program.admin.text("/portal/actions").await;
    assert!(page.contains("Overtaken") && page.contains("something newer was done since"), "{page}");
}

#[tokio::test]
async fn while_something_newer_is_not_known_either_the_older_one_waits_for_it() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let pause = lost_pause(&desk).await;
    desk.fake.with(|account| account.fault("/campaign/Resume", 0, Fault::CutsOff));
    let (_, resume) = desk.act("resume_campaign", 1, "a-resume").await;
    desk.until(&resume["id"], "unknown").await;
    hold(&desk, &resume["id"]).await;
    let_go(&desk, &pause).await;
    looked_at(&desk, &pause).await;
    let waiting = desk.action(&pause).await;
    assert_eq!(waiting["state"], "unknown", "{waiting:#}");
    assert_eq!(waiting["problem"], "something newer was asked for, and is waited for");
    let_go(&desk, &resume["id"]).await;
    desk.until(&resume["id"], "done").await;
    assert_eq!(desk.action(&pause).await["state"], "overtaken");
    assert_eq!((desk.asked("/campaign/Pause"), desk.stands(1)), (1, CampaignState::Active));
}

/// Looks so many minutes from now at what became of an action; whether nothing has to be tried again soon.
async fn look(desk: &Outreach, id: &Value, minutes: i64, is_last: bool) -> bool {
    let actions = desk.program.jobs_at(minutes).actions;
    actions.perform(desk.program.ledger.ours.id, id.as_str().unwrap(), is_last).await.is_ok()
}

#[tokio::test]
async fn what_growing_pauses_did_not_find_out_is_asked_for_every_hour_for_a_week_and_then_by_hand() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let pause = lost_pause(&desk).await;
    let in_an_hour = |minutes: i64| Some(now() + SignedDuration::from_mins(minutes + 60));
    desk.fake.with(|account| account.forbidden.push("/campaign/GetById"));
    for (minutes, is_last) in [(20, true), (80, false), (140, false), (6 * 24 * 60, false)] {
        assert!(look(&desk, &pause, minutes, is_last).await, "{minutes}");
        let job = job(&desk, &pause).await;
        assert_eq!((job.state, job.next_run_at), (JobState::Waiting, in_an_hour(minutes)), "{minutes}");
        assert_eq!(desk.action(&pause).await["state"], "unknown");
    }
    let week = 7 * 24 * 60;
    assert!(!look(&desk, &pause, week, true).await, "it is given up");
    assert_ne!(job(&desk, &pause).await.next_run_at, in_an_hour(week));
    desk.fake.with(|account| account.forbidden.clear());
    assert!(look(&desk, &pause, week + 1, false).await);
    assert_eq!(desk.action(&pause).await["state"], "done");
    assert_eq!(desk.asked("/campaign/Pause"), 1);
}

#[tokio::test]
async fn what_turns_out_not_to_be_done_after_an_hour_has_failed_and_is_not_asked_for_again() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let pause = lost_pause(&desk).await;
    desk.fake.with(|account| account.campaigns[0].state = CampaignState::Active);
    assert!(look(&desk, &pause, 61, false).await);
    let failed = desk.action(&pause).await;
    assert_eq!(
        (&failed["state"], &failed["problem"]),
        (&json!("failed"), &json!("the tool says that the campaign is active"))
    );
    assert_eq!((desk.asked("/campaign/Pause"), desk.stands(1)), (1, CampaignState::Active));
}

#[tokio::test]
async fn a_sync_that_reads_how_the_campaign_stands_settles_it() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let pause = lost_pause(&desk).await;
    desk.program.jobs().connections.sync_one(desk.program.ledger.ours.id, desk.tool, "a test").await.unwrap();
    let done = desk.action(&pause).await;
    assert_eq!((&done["state"], &done["history"][0]["step"]), (&json!("done"), &json!("confirm")));
    assert_eq!(done["history"][0]["note"], "found so when the tool's campaigns were read");
    assert_eq!(desk.asked("/campaign/Pause"), 1);
}

#[tokio::test]
async fn a_sync_that_finds_it_otherwise_has_the_tool_asked_at_once() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let pause = lost_pause(&desk).await;
    desk.fake.with(|account| account.campaigns[0].state = CampaignState::Active);
    desk.program.jobs().connections.sync_one(desk.program.ledger.ours.id, desk.tool, "a test").await.unwrap();
    assert_eq!(desk.action(&pause).await["state"], "unknown");
    let job = job(&desk, &pause).await;
    assert_eq!((job.state, job.attempts, job.next_run_at), (JobState::Waiting, 0, Some(now())));
}

#[tokio::test]
async fn the_last_action_a_campaign_or_somebody_may_have_in_a_day_can_be_taken_back() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let mut last = Value::Null;
    for number in 0..10 {
        let kind = if number % 2 == 0 { "pause_campaign" } else { "resume_campaign" };
        let (status, receipt) = desk.act(kind, 1, &format!("number-{number}")).await;
        assert_eq!(status, 202, "{receipt}");
        last = desk.until(&receipt["id"], "done").await;
    }
    let (status, refusal) = desk.act("pause_campaign", 1, "one-too-many").await;
    assert_eq!(status, 409);
    assert!(refusal["error"]["message"].as_str().unwrap().contains("10 times within a day"), "{refusal}");
    act_until_the_role_may_no_more(&desk).await;
    let path = format!("/api/actions/{}/undo", last["id"].as_str().unwrap());
    let (status, undoing) = desk.ask(Method::POST, &path, None, Some(json!({}))).await;
    assert_eq!((status, &undoing["kind"]), (202, &json!("pause_campaign")), "{undoing}");
    desk.until(&undoing["id"], "done").await;
    assert_eq!(
        (&desk.action(&last["id"]).await["state"], desk.stands(1)),
        (&json!("undone"), CampaignState::Paused)
    );
    let again = format!("/api/actions/{}/undo", undoing["id"].as_str().unwrap());
    let (status, refusal) = desk.ask(Method::POST, &again, None, Some(json!({}))).await;
    assert_eq!(status, 409, "taking an undo back is doing the same again: {refusal}");
}

/// Lets somebody have asked for as many actions, on another campaign, as an operator may in a day.
async fn act_until_the_role_may_no_more(desk: &Outreach) {
    let (_, receipt) = desk.act("pause_campaign", 2, "another").await;
    let done: ActionId = desk.until(&receipt["id"], "done").await["id"].as_str().unwrap().parse().unwrap();
    let mut work = desk.program.ledger.store().within(desk.program.ledger.ours.id).await.unwrap();
    let done = work.action(done).await.unwrap().unwrap();
    for number in 11..most_a_day(Role::Operator) {
        let id = ActionId(new_id());
        let another = StoredAction {
            id,
            key: format!("{number} of them"),
            state: State::Unknown,
            ended_at: None,
            ..done.clone()
        };
        work.action_insert(&another).await.unwrap();
        let failed = StoredAction { state: State::Failed, ended_at: Some(now()), ..another };
        work.action_set(&failed).await.unwrap();
    }
    work.commit().await.unwrap();
    let (status, refusal) = desk.act("resume_campaign", 2, "as-many-as-the-role-may").await;
    assert_eq!(status, 409);
    assert!(refusal["error"]["message"].as_str().unwrap().contains("as your role may"), "{refusal}");
}
