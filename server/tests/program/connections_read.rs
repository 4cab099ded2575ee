//! Tools are read into the pipeline: nothing lost, nothing doubled, whatever happens on the way.

use std::process::Stdio;
use std::time::Duration;

use connectors::fakes::{Account, FakeMessage, Fault, KEY};
use domain::connection::{SyncState, Tool};
use serde_json::{Value, json};
use server::connections::SyncError;
use store::syncs::SyncCounts;
use tokio::process::Command;

use crate::support::binary::{SECRETS_KEY, run_with};
use crate::support::tables::Tables;
use crate::support::tools::{Outreach, READ, told};

/// What is compared of two runs.
const COMPARED: [&str; 4] = ["leads", "lead_touches", "lead_stays", "synced_objects"];

fn of_ours(outreach: &Outreach, tables: &Tables, table: &str) -> Vec<Value> {
    let ours = outreach.ledger.ours.id.to_string();
    tables.rows(table).iter().filter(|row| row["tenant_id"] == ours.as_str()).cloned().collect()
}

/// How many leads stand in each stage.
fn stages(tables: &Tables) -> Vec<(&str, usize)> {
    ["pool", "contacted", "replied", "meeting"]
        .into_iter()
        .map(|stage| (stage, tables.rows("leads").iter().filter(|lead| lead["stage"] == stage).count()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tool_is_read_whole_and_reading_it_again_changes_nothing() {
    for tool in READ {
        let outreach = Outreach::create(|| Account::filled(2, 120)).await;
        let ours = outreach.ledger.ours.id;
        let sync = outreach.connections.sync_one(ours, tool, "a test").await.unwrap();
        // 240 people, of whom 180 were written to and 60 answered.
        assert_eq!(sync.state, SyncState::Done);
        assert_eq!(sync.counts, SyncCounts { created: 2 + 240 + 240, ..SyncCounts::default() }, "{tool:?}");
        let tables = outreach.tables().await;
        assert_eq!(tables.rows("campaigns").len(), 2);
        assert_eq!(stages(&tables), [("pool", 60), ("contacted", 120), ("replied", 60), ("meeting", 0)]);
        assert_eq!(tables.rows("lead_touches").len(), 240);
        assert!(tables.rows("lead_touches").iter().all(|touch| !touch["campaign_id"].is_null()), "{tool:?}");
        let channel = tables.rows("leads")[0]["channel"].clone();
        assert_eq!(channel == "unknown", tool == Tool::Instantly, "{channel}: there is no channel instantly");
        assert!(tables.rows("leads").iter().all(|lead| lead["tenant_id"] == ours.to_string()));

        let again = outreach.connections.sync_one(ours, tool, "a test").await.unwrap();
        assert_eq!(
            (again.counts.created, again.counts.changed, again.counts.rejected),
            (0, 0, 0),
            "{tool:?}"
        );
        assert!(again.counts.same >= 2 + 240, "{tool:?}: {:?}", again.counts);
        let after = outreach.tables().await;
        for table in COMPARED.into_iter().chain(["campaigns", "lead_stage_facts"]) {
            assert_eq!(tables.rows(table), after.rows(table), "{tool:?}: {table}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_new_at_a_tool_is_taken_and_the_rest_stays() {
    for tool in READ {
        let outreach = Outreach::create(|| Account::filled(1, 8)).await;
        let ours = outreach.ledger.ours.id;
        outreach.connections.sync_one(ours, tool, "a test").await.unwrap();
        outreach.tools.with(tool, |account| {
            let last = account.messages.last().unwrap().clone();
            let reply =
                FakeMessage { number: 9_001, person: 1, is_reply: true, text: "Gladly".to_owned(), ..last };
            account.messages.push(reply);
            account.campaigns[0].state = domain::campaign::CampaignState::Paused;
        });
        let sync = outreach.connections.sync_one(ours, tool, "a test").await.unwrap();
        assert_eq!(sync.counts.created, 1, "{tool:?}");
        let tables = outreach.tables().await;
        assert_eq!(tables.rows("campaigns")[0]["state"], "paused", "{tool:?}");
        let lead = tables.rows("leads").iter().find(|lead| lead["email"] == "person1@example.com").unwrap();
        assert_eq!(lead["stage"], "replied", "{tool:?}");
        let notes = tables.rows("lead_touches").iter().filter(|touch| touch["note"] == "Gladly").count();
        assert_eq!(notes, 1, "{tool:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_outages_and_lists_that_change_lose_nothing() {
    for tool in READ {
        let unbroken = Outreach::create(|| Account::filled(1, 150)).await;
        unbroken.connections.sync_one(unbroken.ledger.ours.id, tool, "a test").await.unwrap();
        let expected = unbroken.tables().await;
        let outreach = Outreach::create(|| Account::filled(1, 150)).await;
        outreach.tools.with(tool, |account| {
            account.fault("/", 3, Fault::Says(429, vec![], String::new()));
            account.fault("/", 5, Fault::Says(500, vec![], "<html>".to_owned()));
            account.fault("/", 7, Fault::CutsOff);
            account.fault("/", 9, Fault::After(Box::new(|account| account.people.rotate_left(20))));
        });
        outreach.connections.sync_one(outreach.ledger.ours.id, tool, "a test").await.unwrap();
        // What the list hid while it changed is there the next time at the latest.
        outreach.connections.sync_one(outreach.ledger.ours.id, tool, "a test").await.unwrap();
        let tables = outreach.tables().await;
        for table in COMPARED {
            assert_eq!(told(&tables, table), told(&expected, table), "{tool:?}: {table}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_taken_is_kept_with_the_reason_and_counted() {
    let outreach = Outreach::create(|| {
        let mut account = Account::filled(1, 6);
        account.people[1].email = None;
        account.messages.last_mut().unwrap().at = "2031-01-01T00:00:00Z".parse().unwrap();
        account
    })
    .await;
    let sync =
        outreach.connections.sync_one(outreach.ledger.ours.id, Tool::PlusVibe, "a test").await.unwrap();
    let tables = outreach.tables().await;
    let mut reasons: Vec<(&str, &str)> = tables
        .rows("sync_rejections")
        .iter()
        .map(|row| (row["object"].as_str().unwrap(), row["reason"].as_str().unwrap()))
        .collect();
    reasons.sort_unstable();
    let expected =
        [("person", "it has no e-mail"), ("touch", "it has no e-mail"), ("touch", "this has not come yet")];
    assert_eq!(reasons, expected);
    assert_eq!(sync.counts, SyncCounts { created: 1 + 5 + 5, rejected: 3, ..SyncCounts::default() });
    assert_eq!(tables.rows("leads").len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_known_stays_the_same_lead_and_is_not_taken_back() {
    let outreach = Outreach::create(|| Account::filled(1, 3)).await;
    let ours = outreach.ledger.ours.clone();
    outreach.ledger.lead(&ours, "person3@example.com", "referral").await;
    for tool in READ {
        outreach.connections.sync_one(ours.id, tool, "a test").await.unwrap();
    }
    let tables = outreach.tables().await;
    assert_eq!(tables.rows("leads").len(), 3, "three tools know the same three people");
    let lead = tables.rows("leads").iter().find(|lead| lead["email"] == "person3@example.com").unwrap();
    assert_eq!((&lead["source"], &lead["stage"]), (&json!("referral"), &json!("closed")));
    assert_eq!(lead["name"], "First3 Last3", "what nobody had said is filled in");
    assert_eq!(tables.rows("lead_touches").len(), 3 * 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_with_the_same_tool_keep_to_themselves() {
    let outreach = Outreach::create(|| Account::filled(1, 4)).await;
    let (ours, theirs) = (outreach.ledger.ours.id, outreach.ledger.theirs.clone());
    outreach.connections.sync_one(ours, Tool::PlusVibe, "a test").await.unwrap();
    let before = outreach.tables().await;
    let none = outreach.connections.sync_one(theirs.id, Tool::PlusVibe, "a test").await.unwrap_err();
    assert!(matches!(none, SyncError::NoKey(Tool::PlusVibe)), "{none}");
    assert_eq!(outreach.tables().await.differing(&before), [""; 0]);
    outreach.store_key(&theirs, Tool::PlusVibe).await;
    let sync = outreach.connections.sync_one(theirs.id, Tool::PlusVibe, "a test").await.unwrap();
    assert_eq!(sync.counts.created, 1 + 4 + 4);
    let after = outreach.tables().await;
    for table in ["leads", "campaigns", "lead_touches", "syncs", "synced_objects"] {
        let ours = |tables: &Tables| of_ours(&outreach, tables, table);
        assert_eq!(ours(&before), ours(&after), "{table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_at_a_time() {
    let outreach = Outreach::create(|| Account::filled(1, 4)).await;
    let ours = outreach.ledger.ours.id;
    let store = outreach.ledger.store();
    let lock = store.sync_lock(ours, Tool::HeyReach).await.unwrap().unwrap();
    let busy = outreach.connections.sync_one(ours, Tool::HeyReach, "a test").await.unwrap_err();
    assert!(matches!(busy, SyncError::Busy), "{busy}");
    outreach.connections.sync_one(ours, Tool::PlusVibe, "a test").await.unwrap();
    lock.release().await.unwrap();
    outreach.connections.sync_one(ours, Tool::HeyReach, "a test").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_taken_no_more_is_said_and_a_list_that_is_refused_does_not_end_the_rest() {
    let outreach = Outreach::create(|| Account::filled(2, 4)).await;
    let ours = outreach.ledger.ours.id;
    outreach.tools.with(Tool::PlusVibe, |account| {
        account.fault(
            "/lead/workspace-leads",
            0,
            Fault::Says(404, vec![], r#"{"message":"gone"}"#.to_owned()),
        );
    });
    let sync = outreach.connections.sync_one(ours, Tool::PlusVibe, "a test").await.unwrap();
    assert_eq!((sync.state, sync.counts.rejected), (SyncState::Done, 1));
    let rejected = outreach.tables().await.rows("sync_rejections")[0].clone();
    assert_eq!(
        (&rejected["object"], &rejected["reason"]),
        (&json!("list"), &json!("it refused (404): gone"))
    );

    outreach.tools.with(Tool::PlusVibe, |account| account.key = "another".to_owned());
    let refused = outreach.connections.sync_one(ours, Tool::PlusVibe, "a test").await.unwrap_err();
    assert_eq!(refused.to_string(), "it refused (401): Unauthorized");
    let tables = outreach.tables().await;
    let connection = &tables.rows("connections")[0];
    assert_eq!(
        (&connection["state"], &connection["problem"]),
        (&json!("refused"), &json!("it refused (401): Unauthorized"))
    );
    let failed = tables.rows("syncs").iter().filter(|sync| sync["state"] == "failed").count();
    assert_eq!(failed, 1);
    outreach.tools.with(Tool::PlusVibe, |account| account.key = KEY.to_owned());
    outreach.connections.sync_one(ours, Tool::PlusVibe, "a test").await.unwrap();
    assert_eq!(outreach.tables().await.rows("connections")[0]["state"], "connected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_killed_again_and_again_ends_with_what_an_unbroken_run_has() {
    let unbroken = Outreach::create(|| Account::filled(2, 250)).await;
    let line = ["sync", "--tenant", "default", "--tool", "heyreach"];
    let whole = run_with(&unbroken.ledger.database.url, &line, "", &unbroken.tools.variables()).await;
    assert_eq!(whole.code, Some(0), "{whole:?}");
    assert_eq!(whole.said, "HeyReach: 1002 came, 1002 new, 0 changed, 0 as before, 0 not taken\n");
    let expected = unbroken.tables().await;

    let outreach = Outreach::create(|| Account::filled(2, 250)).await;
    let url = &outreach.ledger.database.url;
    for kill in 0..10 {
        outreach.tools.with(Tool::HeyReach, |account| account.asked.clear());
        let mut command = Command::new(env!("CARGO_BIN_EXE_command-center"));
        command.env_clear().env("DATABASE_URL", url).env("SECRETS_KEY", SECRETS_KEY).args(line);
        command
            .envs(outreach.tools.variables())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        for _ in 0..2_000 {
            if outreach.tools.with(Tool::HeyReach, |account| account.asked.len()) > 1 + kill % 5 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        child.kill().await.unwrap();
    }
    let last = run_with(url, &line, "", &outreach.tools.variables()).await;
    assert_eq!(last.code, Some(0), "{last:?}");
    let tables = outreach.tables().await;
    for table in COMPARED {
        assert_eq!(told(&tables, table), told(&expected, table), "{table}");
    }
    let running = tables.rows("syncs").iter().filter(|sync| sync["state"] == "running").count();
    assert_eq!((running, tables.rows("lead_touches").len()), (0, 500));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_reads_every_tool_also_when_one_of_them_refuses() {
    let outreach = Outreach::create(|| Account::filled(1, 4)).await;
    outreach.tools.with(Tool::HeyReach, |account| account.key = "another".to_owned());
    let url = &outreach.ledger.database.url;
    let outcome =
        run_with(url, &["sync", "--tenant", "default", "--json"], "", &outreach.tools.variables()).await;
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.complained.contains("HeyReach: it refused (401): Unauthorized"),
        "{}",
        outcome.complained
    );
    let tools: Vec<Value> = outcome.said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected =
        json!({ "tool": "plusvibe", "came": 9, "created": 9, "changed": 0, "same": 0, "rejected": 0 });
    assert_eq!((tools.len(), &tools[0]), (2, &expected));
    let none = run_with(url, &["sync", "--tenant", "theirs"], "", &outreach.tools.variables()).await;
    assert_eq!(none.code, Some(1));
    assert!(none.complained.contains("no tool is connected"), "{}", none.complained);
}
