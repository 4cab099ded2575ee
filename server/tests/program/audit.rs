//! Who did what: every deed leaves its line, nobody takes one back, and none holds a secret.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::support::mail::PostOffice;
use crate::support::people::{Browser, PASSWORD};
use crate::support::{Program, config, tables};
use domain::access::Role;
use domain::audit::Deed;
use mail::{Mailer, Postbox};
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use server::config::ServeConfig;

const NEW_PASSWORD: &str = "a livelier sentence about tests";
const SECRET: &str = "whsec_never_written_down";
const ADMIN: &str = "admin@ours.example";
const FRIEND: &str = "friend@mail.example";

async fn office() -> PostOffice {
    let postbox = Postbox::open().await;
    let mailer = Mailer::parse(&postbox.url(), None).unwrap();
    let keys = credentials::sealing::SecretsKeys::draw();
    let config = ServeConfig { mailer: Some(mailer), secrets_keys: Some(keys.into()), ..config() };
    PostOffice { program: Program::start_as(config).await, postbox }
}

/// The last line of our log: who did what to whom, and the details.
async fn last(program: &Program) -> (String, String, Value, Value) {
    let line = program.audit_log().await.pop().unwrap();
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    (text("deed"), text("actor_name"), line["target"].clone(), line["details"].clone())
}

fn line(deed: Deed, actor: &str, target: Value, details: Value) -> (String, String, Value, Value) {
    (deed.word().to_owned(), actor.to_owned(), target, details)
}

async fn wait_for(program: &Program, deed: Deed) {
    for _ in 0..100 {
        if program.audit_log().await.last().is_some_and(|line| line["deed"] == deed.word()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{deed} was not written down within two seconds");
}

async fn post(browser: &mut Browser, page: &str, fields: &[(&str, &str)]) {
    let status = browser.post(page, fields).await.status().as_u16();
    assert!([200, 303].contains(&status), "{page} {fields:?}: {status}");
}

#[tokio::test]
async fn every_deed_leaves_its_line_and_no_line_holds_a_secret() {
    let office = office().await;
    let program = &office.program;
    let (mut admin, null) = (program.admin.clone(), Value::Null);
    let settings = |page: &str| format!("/portal/settings/{page}");
    let account = settings("account");

    // Coming and going.
    let mut browser = program.stranger();
    browser.sign_in(ADMIN, PASSWORD).await;
    assert_eq!(last(program).await, line(Deed::SignedIn, ADMIN, null.clone(), json!({})));
    post(&mut browser, "/logout", &[("form", "sign_out")]).await;
    assert_eq!(last(program).await, line(Deed::SessionEnded, ADMIN, null.clone(), json!({})));
    program.stranger().sign_in(ADMIN, "a wrong guess").await;
    wait_for(program, Deed::SignInRefused).await;
    assert_eq!(last(program).await, line(Deed::SignInRefused, ADMIN, null.clone(), json!({})));
    let change = [("form", "password"), ("current_password", PASSWORD), ("new_password", NEW_PASSWORD)];
    post(&mut admin, &account, &change).await;
    assert_eq!(last(program).await, line(Deed::PasswordChanged, ADMIN, null.clone(), json!({})));
    let reset = office.ask_reset("viewer@ours.example").await;
    assert_eq!(reset.follow(&mut program.stranger(), "reset", "", NEW_PASSWORD).await, 303);
    assert_eq!(
        last(program).await,
        line(Deed::PasswordChanged, "viewer@ours.example", null.clone(), json!({}))
    );

    // Members.
    let revoked = office.invite("other@mail.example", "viewer").await;
    let invited = line(Deed::MemberInvited, ADMIN, json!("other@mail.example"), json!({ "role": "viewer" }));
    assert_eq!(last(program).await, invited);
    let id_in = |tables: &tables::Tables, table: &str, place: usize| {
        tables.rows(table)[place]["id"].as_str().unwrap().to_owned()
    };
    let id = id_in(&program.tables().await, "invitations", 0);
    post(&mut admin, &settings("members"), &[("form", "revoke_invitation"), ("invitation", &id)]).await;
    let taken_back = line(Deed::InvitationRevoked, ADMIN, json!("other@mail.example"), json!({}));
    assert_eq!(last(program).await, taken_back);
    let invitation = office.invite(FRIEND, "viewer").await;
    assert_eq!(invitation.follow(&mut program.stranger(), "join", "Friend", NEW_PASSWORD).await, 303);
    assert_eq!(
        last(program).await,
        line(Deed::MemberJoined, FRIEND, null.clone(), json!({ "role": "viewer" }))
    );
    let users = program.tables().await;
    let friend = users.rows("users").iter().find(|row| row["email"] == FRIEND).unwrap();
    let friend = friend["id"].as_str().unwrap();
    post(&mut admin, &settings("members"), &[("form", "change_role"), ("user", friend), ("role", "admin")])
        .await;
    let changed =
        line(Deed::MemberRoleChanged, ADMIN, json!(FRIEND), json!({ "from": "viewer", "to": "admin" }));
    assert_eq!(last(program).await, changed);
    post(&mut admin, &settings("members"), &[("form", "remove"), ("user", friend)]).await;
    assert_eq!(
        last(program).await,
        line(Deed::MemberRemoved, ADMIN, json!(FRIEND), json!({ "role": "admin" }))
    );

    // Keys and credentials.
    let key = [
        ("form", "create"),
        ("name", "nightly"),
        ("role", "admin"),
        ("scope", "read_audit_log"),
        ("scope", "act"),
    ];
    let page = admin.post(&settings("api-keys"), &key).await.text().await.unwrap();
    let at = page.find("cc_").unwrap();
    let key = page[at..at + 46].to_owned();
    let details = json!({ "role": "admin", "scopes": "read_audit_log act" });
    assert_eq!(last(program).await, line(Deed::ApiKeyCreated, ADMIN, json!("nightly"), details));
    let export = program.client.get(format!("{}/api/audit-log.csv", program.address));
    export.header(AUTHORIZATION, format!("Bearer {key}")).send().await.unwrap();
    assert_eq!(last(program).await, line(Deed::Exported, "nightly", json!("audit log"), json!({})));
    let id = id_in(&program.tables().await, "api_keys", 0);
    post(&mut admin, &settings("api-keys"), &[("form", "revoke"), ("key", &id)]).await;
    assert_eq!(last(program).await, line(Deed::ApiKeyRevoked, ADMIN, json!("nightly"), json!({})));
    let store = [("form", "store"), ("kind", "stripe_webhook"), ("value", SECRET)];
    post(&mut admin, &settings("connections"), &store).await;
    let what = json!("Stripe webhook signing secret");
    assert_eq!(last(program).await, line(Deed::SecretStored, ADMIN, what.clone(), json!({})));
    post(&mut admin, &settings("connections"), &[("form", "remove"), ("kind", "stripe_webhook")]).await;
    assert_eq!(last(program).await, line(Deed::SecretRemoved, ADMIN, what, json!({})));

    // Exchange rates.
    let rate = [("form", "set"), ("day", "2026-11-19"), ("base", "eur"), ("quote", "usd"), ("rate", "1.1")];
    post(&mut admin, &settings("exchange-rates"), &rate).await;
    let details = json!({ "rates": "1 eur = 1.1 usd on 2026-11-19" });
    assert_eq!(last(program).await, line(Deed::RatesChanged, ADMIN, null.clone(), details));

    // Events.
    program.ledger.send(br#"{"id":"evt_again"}"#).await;
    program.ledger.apply().await;
    post(&mut admin, "/portal/events", &[("form", "replay"), ("event", "evt_again")]).await;
    assert_eq!(last(program).await, line(Deed::EventsReplayed, ADMIN, json!("evt_again"), json!({})));

    // What somebody should not, and the platform.
    let viewer = program.browser(&program.people.viewer).await;
    assert_eq!(viewer.get("/api/audit-log.csv").await.status(), 403);
    let refused = line(Deed::AccessRefused, "viewer@ours.example", json!("read_audit_log"), json!({}));
    assert_eq!(last(program).await, refused);
    let platform = program.browser(&program.people.platform).await;
    let ours = program.ledger.ours.id;
    for _ in 0..2 {
        assert_eq!(platform.get(&format!("/portal/revenue?tenant_id={ours}")).await.status(), 200);
    }
    assert_eq!(
        last(program).await,
        line(Deed::PlatformVisited, "platform@example.org", null.clone(), json!({}))
    );
    let log = program.audit_log().await;
    assert_eq!(
        log.iter().filter(|line| line["deed"] == "platform_visited").count(),
        1,
        "one visit, one line"
    );

    // With settings (settings.rs), signing up (below), the past (backfill_page.rs), attribution
    // (attribution_api.rs, unknown_queue.rs), channels (channel_rules.rs), costs (channel_costs.rs) and files (imports.rs) that is all there is.
    let seen: BTreeSet<&str> = log.iter().map(|line| line["deed"].as_str().unwrap()).collect();
    let elsewhere = [
        Deed::ActionRequested,
        Deed::ActionCancelled,
        Deed::JobRetried,
        Deed::JobPaused,
        Deed::JobResumed,
        Deed::AlertAcknowledged,
        Deed::AlertSnoozed,
        Deed::AlertResolved,
        Deed::AlertAssigned,
        Deed::AlertCommented,
        Deed::SettingsChanged,
        Deed::SignedUp,
        Deed::ToolConnected,
        Deed::ToolDisconnected,
        Deed::WebhookAddressMade,
        Deed::SyncStarted,
        Deed::BackfillStarted,
        Deed::BackfillPaused,
        Deed::AttributionOverridden,
        Deed::OverrideTakenBack,
        Deed::RecordLinked,
        Deed::RecordUnlinked,
        Deed::ChannelAdded,
        Deed::ChannelChanged,
        Deed::ChannelDeleted,
        Deed::ChannelRuleSaved,
        Deed::ChannelRuleDeleted,
        Deed::CostAdded,
        Deed::CostChanged,
        Deed::CostDeleted,
        Deed::CostRestored,
        Deed::MonthlyCostAdded,
        Deed::MonthlyCostEnded,
        Deed::FileImported,
        Deed::ImportUndone,
    ];
    let all = Deed::ALL.into_iter().filter(|deed| !elsewhere.contains(deed)).map(Deed::word).collect();
    assert_eq!(seen, all);
    for entry in &log {
        let is_of_a_command = entry["actor_kind"] == "command_line";
        assert_eq!(
            entry["address"],
            if is_of_a_command { null.clone() } else { json!("127.0.0.1") },
            "{entry}"
        );
    }
    let written = Value::Array(log).to_string();
    let cookie = program.admin.cookie.clone().unwrap().replace("session=", "");
    for secret in [
        PASSWORD,
        NEW_PASSWORD,
        "a wrong guess",
        SECRET,
        &key[11..],
        &cookie,
        &revoked.token,
        &invitation.token,
        &reset.token,
    ] {
        assert!(!written.contains(secret), "{secret} was written down");
    }
}

#[tokio::test]
async fn signing_up_is_written_down_in_the_new_tenant() {
    let program = Program::start().await;
    let fields = [
        ("form", "sign_up"),
        ("company", "Otters"),
        ("name", "Otter"),
        ("email", "otter@mail.example"),
        ("password", NEW_PASSWORD),
    ];
    post(&mut program.stranger(), "/signup", &fields).await;
    let tables = program.tables().await;
    let tenant = tables.rows("tenants").iter().find(|row| row["name"] == "Otters").unwrap();
    let [line] = tables.rows("audit_log") else { panic!("{:?}", tables.rows("audit_log")) };
    assert_eq!(line["tenant_id"], tenant["id"]);
    assert_eq!((&line["deed"], &line["actor_name"]), (&json!("signed_up"), &json!("otter@mail.example")));
}

#[tokio::test]
async fn a_command_is_written_down_as_one() {
    let program = Program::start().await;
    program.key(program.ledger.ours.id, Role::Viewer, &[]).await;
    let expected = line(Deed::ApiKeyCreated, "command line", json!("a test"), json!({ "role": "viewer" }));
    assert_eq!(last(&program).await, expected);
}

#[tokio::test]
async fn looking_at_the_aggregate_leaves_a_line_in_every_tenant() {
    let program = Program::start().await;
    let platform = program.browser(&program.people.platform).await;
    for _ in 0..2 {
        assert_eq!(platform.get("/api/analytics/revenue?tenant_id=all").await.status(), 200);
    }
    let tables = program.tables().await;
    let visits: BTreeSet<&str> =
        tables.rows("audit_log").iter().map(|line| line["tenant_id"].as_str().unwrap()).collect();
    assert_eq!((visits.len(), tables.rows("audit_log").len()), (2, 2));
}

#[tokio::test]
async fn the_log_is_filtered_by_deed_by_name_and_by_day() {
    let program = Program::start().await;
    program.stranger().sign_in(ADMIN, PASSWORD).await;
    program.stranger().sign_in("owner@ours.example", PASSWORD).await;
    let key = [("form", "create"), ("name", "a_b%c"), ("role", "viewer"), ("scope", "read_figures")];
    post(&mut program.admin.clone(), "/portal/settings/api-keys", &key).await;
    let csv = async |query: &str| {
        let text = program.admin.text(&format!("/api/audit-log.csv?{query}")).await;
        let rows = text.lines().skip(1).filter(|row| !row.contains("exported"));
        rows.map(|row| row.split(',').skip(1).take(2).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let signed_in = "admin@ours.example signed_in";
    let (other, made) = ("owner@ours.example signed_in", "admin@ours.example api_key_created");
    for (query, expected) in [
        ("", vec![made, other, signed_in]),
        ("deed=signed_in", vec![other, signed_in]),
        ("actor=OWNER", vec![other]),
        ("actor=%25", vec![]),
        ("actor=_wner", vec![]),
        ("deed=signed_in&actor=admin", vec![signed_in]),
        ("from=2026-11-20&to=2026-11-20", vec![made, other, signed_in]),
        ("to=2026-11-19", vec![]),
        ("from=2026-11-21", vec![]),
        ("deed=&actor=&from=&to=", vec![made, other, signed_in]),
    ] {
        assert_eq!(csv(query).await, expected, "{query}");
        let page = program.admin.text(&format!("/portal/settings/audit-log?{query}")).await;
        assert_eq!(page.contains("owner@ours.example"), expected.contains(&other), "{query}");
    }
    for query in ["deed=nothing", "from=2026-13-01", "to=yesterday", "from=9999-12-31", "cursor=x"] {
        assert_eq!(
            program.get(&format!("/portal/settings/audit-log?{query}")).await.status(),
            400,
            "{query}"
        );
    }
    for query in ["deed=nothing", "from=2026-13-01", "actor=%00", "deed=signed_in&deed=signed_in"] {
        assert_eq!(program.get(&format!("/api/audit-log.csv?{query}")).await.status(), 400, "{query}");
    }
}

#[tokio::test]
async fn the_file_opens_in_a_spreadsheet_without_doing_anything_and_leaves_its_line() {
    let program = Program::start().await;
    for name in ["=HYPERLINK(\"http://evil.example\")", "+1+1", "-2+3", "@SUM(A1)"] {
        let key = [("form", "create"), ("name", name), ("role", "viewer"), ("scope", "read_figures")];
        post(&mut program.admin.clone(), "/portal/settings/api-keys", &key).await;
    }

    let response = program.get("/api/audit-log.csv").await;

    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"audit-log.csv\"");
    let text = response.text().await.unwrap();
    for guarded in ["\"'=HYPERLINK(\"\"http://evil.example\"\")\"", "\"'+1+1\"", "\"'-2+3\"", "\"'@SUM(A1)\""]
    {
        assert!(text.contains(guarded), "{guarded}: {text}");
    }
    assert_eq!(last(&program).await, line(Deed::Exported, ADMIN, json!("audit log"), json!({})));
}

#[tokio::test]
async fn a_long_log_is_read_page_by_page_and_whole_as_a_file() {
    let program = Program::start().await;
    let many = format!(
        "insert into audit_log (tenant_id, id, at, actor_kind, actor_name, deed, target)
        select '{}', gen_random_uuid(), '2026-11-20T14:00:00Z', 'command_line', 'command line', 'secret_stored', 'line ' || n
        from generate_series(1, 250) n",
        program.ledger.ours.id
    );
    tables::run(&program.ledger.database.url, &many).await.unwrap();
    let (mut address, mut lines) = ("/portal/settings/audit-log".to_owned(), Vec::new());
    for _ in 0..3 {
        let page = program.admin.text(&address).await;
        let on_page = page
            .match_indices("line ")
            .map(|(at, _)| page[at + 5..].chars().take_while(char::is_ascii_digit));
        lines.extend(on_page.map(String::from_iter).filter(|number: &String| !number.is_empty()));
        let next = page.split("cursor=").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        address = format!("/portal/settings/audit-log?cursor={}", next.unwrap_or_default());
    }
    let expected: Vec<String> = (1..=250).rev().map(|number| number.to_string()).collect();
    assert_eq!(lines, expected);
    assert_eq!(program.admin.text("/api/audit-log.csv").await.lines().count(), 251);
}

#[tokio::test]
async fn nobody_takes_a_line_back_not_even_the_owner_of_the_tables() {
    let program = Program::start().await;
    program.stranger().sign_in(ADMIN, PASSWORD).await;
    let before = program.tables().await;
    for statement in [
        "update audit_log set actor_name = 'nobody'",
        "update audit_log set details = '{}' where deed = 'signed_in'",
        "delete from audit_log",
        "delete from audit_log where deed = 'signed_in'",
        "set role command_center_tenant; delete from audit_log",
        "set role command_center_platform; update audit_log set deed = 'signed_up'",
    ] {
        assert!(tables::run(&program.ledger.database.url, statement).await.is_err(), "{statement}");
    }
    assert_eq!(program.tables().await.differing(&before), [""; 0]);
}
