//! What somebody has done at a tool: shown first, done once, said with a receipt, taken back.

use connectors::fakes::Fault;
use domain::access::{Permission, Role};
use domain::campaign::CampaignState;
use domain::connection::Tool;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::outreach::{Outreach, campaign, campaign_id, know};
use crate::support::people::location;

fn steps(action: &Value) -> Vec<&str> {
    action["history"].as_array().unwrap().iter().filter_map(|event| event["step"].as_str()).collect()
}

#[tokio::test]
async fn a_preview_says_what_would_be_touched_and_asks_the_tool_for_nothing_but_how_it_stands() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let (status, preview) = desk.preview("pause_campaign", 1).await;
    assert_eq!(status, 200, "{preview}");
    assert_eq!(
        (&preview["target"]["name"], &preview["target"]["state"], &preview["state_from_tool"]),
        (&json!("Campaign 1"), &json!("active"), &json!(true))
    );
    assert_eq!((&preview["obstacle"], &preview["undone_by"]), (&Value::Null, &json!("resume_campaign")));
    assert_eq!(desk.asked("/campaign/Pause"), 0);
    desk.fake.with(|account| account.campaigns[0].state = CampaignState::Paused);
    let (_, preview) = desk.preview("pause_campaign", 1).await;
    assert_eq!(preview["obstacle"], "this campaign is paused now", "somebody paused it at the tool");
    assert_eq!(desk.known(1).await, CampaignState::Paused);
    let (_, listed) = desk.ask(Method::GET, "/api/actions", None, None).await;
    assert_eq!(listed["actions"], json!([]));
}

#[tokio::test]
async fn a_pause_is_done_at_each_tool_and_read_back_with_its_receipt() {
    for (tool, path) in [(Tool::HeyReach, "/campaign/Pause"), (Tool::PlusVibe, "/campaign/pause")] {
        let desk = Outreach::of(tool).await;
        let (status, receipt) = desk.act("pause_campaign", 1, "a-pause").await;
        assert_eq!((status, &receipt["state"]), (202, &json!("queued")), "{receipt}");
        let done = desk.until(&receipt["id"], "done").await;
        assert_eq!(steps(&done), ["confirm", "call", "request"]);
        assert_eq!((&done["answer"]["status"], &done["answer"]["state"]), (&json!(200), &json!("paused")));
        assert_eq!((&done["asked_by"], &done["problem"]), (&json!("API key a test"), &Value::Null));
        assert_eq!((desk.asked(path), desk.stands(1)), (1, CampaignState::Paused));
        assert_eq!(
            (desk.known(1).await, desk.known(2).await),
            (CampaignState::Paused, CampaignState::Active)
        );
        let log = desk.program.audit_log().await;
        let line = log.iter().find(|line| line["deed"] == "action_requested").unwrap();
        assert_eq!((&line["target"], &line["details"]["id"]), (&json!("Campaign 1"), &receipt["id"]));
    }
}

#[tokio::test]
async fn twenty_posts_at_once_and_a_replay_have_one_effect() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let posts = (0..20).map(|_| desk.act("pause_campaign", 1, "the-same"));
    let answers = futures::future::join_all(posts).await;
    assert!(answers.iter().all(|(status, _)| *status == 202), "{answers:?}");
    let id = answers[0].1["id"].clone();
    assert!(answers.iter().all(|(_, answer)| answer["id"] == id), "{answers:?}");
    desk.until(&id, "done").await;
    let (status, replayed) = desk.act("pause_campaign", 1, "the-same").await;
    assert_eq!((status, &replayed["id"], &replayed["state"]), (202, &id, &json!("done")));
    assert_eq!(desk.asked("/campaign/Pause"), 1);
    let (_, listed) = desk.ask(Method::GET, "/api/actions", None, None).await;
    assert_eq!(listed["actions"].as_array().unwrap().len(), 1);
    let log = desk.program.audit_log().await;
    assert_eq!(log.iter().filter(|line| line["deed"] == "action_requested").count(), 1);
}

#[tokio::test]
async fn a_key_stands_for_one_thing_and_without_one_nothing_is_done() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let (_, receipt) = desk.act("pause_campaign", 1, "one").await;
    assert_eq!(desk.act("pause_campaign", 2, "one").await.0, 409);
    assert_eq!(desk.act("resume_campaign", 1, "one").await.0, 409);
    let body = json!({ "kind": "pause_campaign", "target": { "campaign_id": campaign_id(desk.tool, 2) } });
    let (status, refusal) = desk.ask(Method::POST, "/api/actions", None, Some(body)).await;
    assert_eq!((status, &refusal["error"]["field"]), (422, &json!("idempotency_key")));
    assert_eq!(desk.act("pause_campaign", 2, "a key with spaces").await.0, 422);
    assert_eq!(desk.act("make_coffee", 2, "two").await.0, 422);
    desk.until(&receipt["id"], "done").await;
    assert_eq!(desk.stands(2), CampaignState::Active);
}

#[tokio::test]
async fn of_two_who_pause_and_resume_at_once_one_wins_and_the_other_is_told_how_it_stands() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let unknown = campaign(desk.tool, 1, CampaignState::Unknown);
    know(desk.program.ledger.store(), desk.program.ledger.ours.id, &[unknown]).await;
    let (pause, resume) =
        futures::join!(desk.act("pause_campaign", 1, "hers"), desk.act("resume_campaign", 1, "his"));
    let (won, lost) = if pause.0 == 202 { (pause, resume) } else { (resume, pause) };
    assert_eq!((won.0, lost.0), (202, 409), "{won:?} {lost:?}");
    let present = &lost.1["error"]["present"];
    assert_eq!(present["last_action"]["kind"], won.1["kind"], "{lost:?}");
    assert!(present["obstacle"].as_str().unwrap().contains("under way"), "{lost:?}");
    desk.until(&won.1["id"], "done").await;
    assert_eq!(desk.asked("/campaign/Pause") + desk.asked("/campaign/Resume"), 1);
}

#[tokio::test]
async fn who_saw_an_older_version_is_told_how_it_stands_now() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let (_, preview) = desk.preview("pause_campaign", 1).await;
    let renamed = store::campaigns::Campaign {
        name: "Another name".to_owned(),
        ..campaign(desk.tool, 1, CampaignState::Active)
    };
    know(desk.program.ledger.store(), desk.program.ledger.ours.id, &[renamed]).await;
    let body = json!({ "kind": "pause_campaign", "version": preview["version"],
        "target": { "campaign_id": campaign_id(desk.tool, 1) } });
    let (status, refusal) = desk.ask(Method::POST, "/api/actions", Some("late"), Some(body)).await;
    assert_eq!((status, &refusal["error"]["present"]["target"]["name"]), (409, &json!("Another name")));
    assert_eq!(desk.asked("/campaign/Pause"), 0);
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_it_unknown_until_the_tool_says_how_it_stands_and_it_is_done_once() {
    let desk = Outreach::of(Tool::PlusVibe).await;
    desk.fake.with(|account| account.fault("/campaign/pause", 0, Fault::CutsOff));
    let (_, receipt) = desk.act("pause_campaign", 1, "lost").await;
    let unknown = desk.until(&receipt["id"], "unknown").await;
    assert!(unknown["problem"].as_str().is_some() && unknown["ended_at"].is_null(), "{unknown}");
    let done = desk.until(&receipt["id"], "done").await;
    assert_eq!(steps(&done), ["confirm", "silence", "call", "request"]);
    assert_eq!((desk.asked("/campaign/pause"), desk.stands(1)), (1, CampaignState::Paused));
}

#[tokio::test]
async fn what_a_tool_broke_over_is_asked_for_again_only_after_it_said_that_it_was_not_done() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let broken = || Fault::Says(500, Vec::new(), String::new());
    desk.fake.with(|account| account.fault("/campaign/Pause", 0, broken()));
    let (_, receipt) = desk.act("pause_campaign", 1, "broken").await;
    let done = desk.until(&receipt["id"], "done").await;
    assert_eq!(steps(&done), ["confirm", "call", "put_back", "silence", "call", "request"]);
    assert_eq!((desk.asked("/campaign/Pause"), desk.stands(1)), (2, CampaignState::Paused));
}

#[tokio::test]
async fn what_a_tool_refuses_has_failed_with_its_words() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let words = r#"{"errorMessage":"not on Sundays"}"#.to_owned();
    desk.fake.with(|account| account.fault("/campaign/Pause", 0, Fault::Says(400, Vec::new(), words)));
    let (_, receipt) = desk.act("pause_campaign", 1, "refused").await;
    let failed = desk.until(&receipt["id"], "failed").await;
    assert!(failed["problem"].as_str().unwrap().contains("not on Sundays"), "{failed}");
    assert_eq!((desk.known(1).await, desk.asked("/campaign/Pause")), (CampaignState::Active, 1));
    let (status, again) = desk.act("pause_campaign", 1, "once-more").await;
    assert_eq!(status, 202, "{again}");
    desk.until(&again["id"], "done").await;
}

#[tokio::test]
async fn a_resume_that_a_tool_takes_and_does_not_do_is_never_said_to_be_done() {
    let desk = Outreach::of(Tool::HeyReach).await;
    desk.fake.with(|account| {
        account.people.clear();
        account.campaigns[0].state = CampaignState::Paused;
    });
    let paused = campaign(desk.tool, 1, CampaignState::Paused);
    know(desk.program.ledger.store(), desk.program.ledger.ours.id, &[paused]).await;
    let (_, receipt) = desk.act("resume_campaign", 1, "empty").await;
    let unknown = desk.until(&receipt["id"], "unknown").await;
    assert_eq!(unknown["problem"], "the tool says that the campaign is paused");
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    assert_eq!(desk.action(&receipt["id"]).await["state"], "unknown");
    assert_eq!(desk.asked("/campaign/Resume"), 1, "what was taken once is not asked for again");
    assert_eq!(desk.known(1).await, CampaignState::Paused);
}

#[tokio::test]
async fn what_was_done_is_taken_back_once_by_what_undoes_it() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let (_, paused) = desk.act("pause_campaign", 1, "a-pause").await;
    desk.until(&paused["id"], "done").await;
    let path = format!("/api/actions/{}/undo", paused["id"].as_str().unwrap());
    let undos = (0..5).map(|_| desk.ask(Method::POST, &path, None, Some(json!({}))));
    let answers = futures::future::join_all(undos).await;
    let resume = answers[0].1["id"].clone();
    assert!(answers.iter().all(|(status, answer)| *status == 202 && answer["id"] == resume), "{answers:?}");
    let resumed = desk.until(&resume, "done").await;
    assert_eq!((&resumed["kind"], &resumed["undo_of"]), (&json!("resume_campaign"), &paused["id"]));
    let undone = desk.action(&paused["id"]).await;
    assert_eq!((&undone["state"], steps(&undone)[0]), (&json!("undone"), "undo"));
    assert_eq!((desk.asked("/campaign/Resume"), desk.stands(1)), (1, CampaignState::Active));
    assert_eq!(desk.known(1).await, CampaignState::Active);
}

#[tokio::test]
async fn what_waits_is_called_off_before_the_tool_is_asked() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let limited = || Fault::Says(429, vec![("retry-after", "1")], String::new());
    desk.fake.with(|account| account.fault("/campaign/Pause", 0, limited()));
    let (_, receipt) = desk.act("pause_campaign", 1, "later").await;
    for _ in 0..100 {
        if steps(&desk.action(&receipt["id"]).await).contains(&"put_back") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let path = format!("/api/actions/{}/undo", receipt["id"].as_str().unwrap());
    let (status, cancelled) = desk.ask(Method::POST, &path, None, Some(json!({}))).await;
    assert_eq!((status, &cancelled["state"]), (200, &json!("cancelled")), "{cancelled}");
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    assert_eq!((desk.asked("/campaign/Pause"), desk.stands(1)), (1, CampaignState::Active));
    assert_eq!(desk.act("pause_campaign", 1, "after-all").await.0, 202);
}

#[tokio::test]
async fn campaigns_that_no_tool_can_be_asked_about_say_so_and_without_a_key_nothing_is_sent() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let ours = desk.program.ledger.ours.id;
    let by_hand = store::campaigns::Campaign {
        connector: "manual".to_owned(),
        ..campaign(Tool::HeyReach, 9, CampaignState::Active)
    };
    let unconnected = campaign(Tool::Instantly, 1, CampaignState::Active);
    know(desk.program.ledger.store(), ours, &[by_hand, unconnected]).await;
    let (status, refusal) = desk.act("pause_campaign", 9, "by-hand").await;
    assert_eq!(status, 409);
    assert!(refusal["error"]["message"].as_str().unwrap().contains("no connected tool"), "{refusal}");
    let target = json!({ "campaign_id": campaign_id(Tool::Instantly, 1) });
    let body = json!({ "kind": "pause_campaign", "target": target });
    let (_, receipt) = desk.ask(Method::POST, "/api/actions", Some("no-key"), Some(body)).await;
    let failed = desk.until(&receipt["id"], "failed").await;
    assert!(failed["problem"].as_str().unwrap().contains("no key of Instantly"), "{failed}");
}

#[tokio::test]
async fn another_tenants_campaigns_and_actions_are_not_there() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let (_, receipt) = desk.act("pause_campaign", 1, "ours").await;
    let done = desk.until(&receipt["id"], "done").await;
    let theirs = desk
        .program
        .key(desk.program.ledger.theirs.id, Role::Owner, &[Permission::Act, Permission::ReadFigures])
        .await;
    let them = Outreach { key: theirs, ..desk };
    assert_eq!(them.preview("resume_campaign", 1).await.0, 404);
    assert_eq!(them.act("resume_campaign", 1, "theirs").await.0, 404);
    let id = done["id"].as_str().unwrap();
    for (method, path) in [
        (Method::GET, String::new()),
        (Method::POST, "/undo".to_owned()),
        (Method::POST, "/check".to_owned()),
    ] {
        let body = (method == Method::POST).then(|| json!({}));
        assert_eq!(them.ask(method, &format!("/api/actions/{id}{path}"), None, body).await.0, 404, "{path}");
    }
    assert_eq!(them.act("resume_campaign", 1, "a-pause").await.0, 404);
    let (_, listed) = them.ask(Method::GET, "/api/actions", None, None).await;
    assert_eq!(listed["actions"], json!([]));
    assert_eq!(them.asked("/campaign/Resume"), 0);
}

#[tokio::test]
async fn a_form_sent_twice_is_done_once_and_who_may_only_look_sees_no_button() {
    let desk = Outreach::of(Tool::HeyReach).await;
    let page = format!("/portal/actions/confirm?kind=pause_campaign&campaign={}", campaign_id(desk.tool, 1));
    let mut operator = desk.program.browser(&desk.program.people.operator).await;
    let viewer = desk.program.browser(&desk.program.people.viewer).await;
    assert!(operator.text("/portal/campaigns").await.contains("/portal/actions/confirm?kind=pause_campaign"));
    assert!(!viewer.text("/portal/campaigns").await.contains("/portal/actions/confirm"));
    assert_eq!(viewer.get(&page).await.status(), 403);
    let shown = operator.text(&page).await;
    assert!(shown.contains("Pause Campaign 1?") && shown.contains("its tool says"), "{shown}");
    let campaign = campaign_id(desk.tool, 1).to_string();
    let fields = [
        ("form", "confirm"),
        ("kind", "pause_campaign"),
        ("campaign", campaign.as_str()),
        ("version", hidden(&shown, "version")),
        ("key", hidden(&shown, "key")),
    ];
    for _ in 0..2 {
        let answer = operator.post(&page, &fields).await;
        assert_eq!(
            (answer.status().as_u16(), location(&answer)),
            (303, "/portal/actions?done=action-taken-on")
        );
    }
    let mut looking = viewer;
    assert_eq!(looking.post(&page, &fields).await.status(), 403);
    let (_, listed) = desk.ask(Method::GET, "/api/actions", None, None).await;
    let listed = listed["actions"].as_array().unwrap();
    assert_eq!(listed.len(), 1);
    let done = desk.until(&listed[0]["id"], "done").await;
    let log = operator.text("/portal/actions").await;
    assert!(log.contains("What the tool answered") && log.contains("Undo: resume"), "{log}");
    let id = done["id"].as_str().unwrap();
    let answer = operator.post("/portal/actions", &[("form", "undo"), ("action", id)]).await;
    assert_eq!(location(&answer), "/portal/actions?done=action-taken-on");
    assert_eq!(desk.asked("/campaign/Pause"), 1);
}

/// The value of a hidden field.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let tag = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&tag).unwrap_or_else(|| panic!("{name} is in {page}"));
    rest.split_once('"').unwrap().0
}
