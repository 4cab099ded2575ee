//! The program, killed while a tool does what it was asked: it is done once, and not lost.

use std::time::Duration;

use connectors::fakes::{Account, Fake, Fault, KEY};
use domain::campaign::CampaignState;
use domain::connection::Tool;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::Ledger;
use crate::support::binary::{Served, run_with};
use crate::support::outreach::{asked, campaign, campaign_id, know};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_between_the_call_and_its_receipt_does_it_once_and_loses_nothing() {
    let ledger = Ledger::create().await;
    let fake = Fake::open(Tool::HeyReach, Account::filled(1, 3)).await.unwrap();
    fake.with(|account| account.fault("/campaign/Pause", 0, Fault::DoesAndHangs));
    know(ledger.store(), ledger.ours.id, &[campaign(Tool::HeyReach, 1, CampaignState::Active)]).await;
    let url = ledger.database.url.clone();
    let store = ["tenant", "secret", "--tenant", ledger.ours.slug.as_str(), "--kind", "heyreach"];
    assert_eq!(run_with(&url, &store, KEY, &[]).await.code, Some(0));
    let create = [
        "api-key",
        "create",
        "--tenant",
        &ledger.ours.slug,
        "--role",
        "operator",
        "--scopes",
        "act,read_figures",
        "--json",
    ];
    let made = run_with(&url, &create, "", &[]).await;
    let made: Value = serde_json::from_str(&made.said).unwrap();
    let key = made["key"].as_str().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let variables = [("HEYREACH_API_BASE", fake.address.as_str())];

    let program = Served::start(&url, &folder.path().join("first"), &variables).await;
    let request = reqwest::Client::new()
        .post(format!("{}/api/actions", program.address))
        .bearer_auth(&key)
        .header("idempotency-key", "a-pause")
        .json(&json!({ "kind": "pause_campaign",
            "target": { "campaign_id": campaign_id(Tool::HeyReach, 1) } }));
    let receipt: Value = request.send().await.unwrap().json().await.unwrap();
    while asked(&fake, "/campaign/Pause") == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    program.kill().await;

    let program = Served::start(&url, &folder.path().join("second"), &variables).await;
    let path = format!("{}/api/actions/{}", program.address, receipt["id"].as_str().unwrap());
    let begun = Instant::now();
    let action = loop {
        let request = reqwest::Client::new().get(&path).bearer_auth(&key);
        let action: Value = request.send().await.unwrap().json().await.unwrap();
        if action["state"] == "done" {
            break action;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{action:#}");
        assert_eq!(action["state"], "calling");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let steps: Vec<&Value> =
        action["history"].as_array().unwrap().iter().map(|event| &event["step"]).collect();
    assert_eq!(steps, ["confirm", "call", "request"]);
    assert_eq!(asked(&fake, "/campaign/Pause"), 1, "it was asked for once");
    program.kill().await;
}
