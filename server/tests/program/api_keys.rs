//! Keys programs come with: shown once, bound to a tenant, a role and scopes, gone when revoked.

use crate::support::people::{Browser, location};
use crate::support::{Program, tables};
use domain::access::{Permission, Role};
use jiff::SignedDuration;
use reqwest::header::{AUTHORIZATION, ORIGIN};

const KEYS: &str = "/portal/settings/api-keys";
const REVENUE: &str = "/api/analytics/revenue";

/// The key on the page that shows it once.
fn key_on(page: &str) -> String {
    let at = page.find("cc_").unwrap();
    page[at..at + 46].to_owned()
}

async fn make_key(browser: &mut Browser, name: &str, role: &str, scopes: &[&str]) -> String {
    let mut fields = vec![("form", "create"), ("name", name), ("role", role)];
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    let answer = browser.post(KEYS, &fields).await;
    assert_eq!(answer.status(), 200, "{name}");
    key_on(&answer.text().await.unwrap())
}

async fn status(program: &Program, key: &str, path: &str) -> u16 {
    status_at(&program.address, key, path).await
}

async fn status_at(address: &str, key: &str, path: &str) -> u16 {
    let request = reqwest::Client::new().get(format!("{address}{path}")).bearer_auth(key);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_key_is_shown_once_and_opens_its_tenant() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();

    let key = make_key(&mut admin, "nightly report", "viewer", &["read_figures"]).await;

    assert_eq!(status(&program, &key, REVENUE).await, 200);
    let page = admin.text(KEYS).await;
    assert!(page.contains("nightly report") && page.contains(&key[3..11]), "its hint tells it from others");
    assert!(!page.contains(&key));
    assert_eq!(program.tables().await.holding(&key[11..]), [""; 0]);
    assert!(!admin.text("/portal/settings/audit-log").await.contains(&key[11..]));
}

#[tokio::test]
async fn a_key_has_its_scopes_and_no_others_of_its_role() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();
    for (scopes, revenue, log) in [
        (&["read_figures"][..], 200, 403),
        (&["read_audit_log"], 403, 200),
        (&["act", "manage_members"], 403, 403),
        (&["read_figures", "read_audit_log", "read_figures"], 200, 200),
    ] {
        let key = make_key(&mut admin, "scoped", "admin", scopes).await;
        let found =
            (status(&program, &key, REVENUE).await, status(&program, &key, "/api/audit-log.csv").await);
        assert_eq!(found, (revenue, log), "{scopes:?}");
    }
}

#[tokio::test]
async fn a_key_that_would_pretend_is_not_made() {
    let program = Program::start().await;
    let before = program.tables().await;
    for (name, role, scopes) in [
        ("no scope", "viewer", &[][..]),
        ("beyond its role", "viewer", &["act"]),
        ("beyond its role", "operator", &["read_figures", "manage_members"]),
        ("no such scope", "admin", &["everything"]),
        ("no such scope", "admin", &["read_figures", ""]),
        ("no such role", "root", &["act"]),
        ("beyond who makes it", "owner", &["act"]),
        ("", "viewer", &["read_figures"]),
        ("two\nlines", "viewer", &["read_figures"]),
    ] {
        let mut fields = vec![("form", "create"), ("name", name), ("role", role)];
        fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
        assert_eq!(program.admin.clone().post(KEYS, &fields).await.status(), 422, "{name} {role} {scopes:?}");
    }
    assert_eq!(program.tables().await.differing(&before), [""; 0]);
}

#[tokio::test]
async fn scopes_beyond_a_keys_role_do_not_count_however_they_came_there() {
    let program = Program::start().await;
    let key = program.key(program.ledger.ours.id, Role::Viewer, &[]).await;
    let widen = "update api_keys set scopes = '{read_figures,read_audit_log,act,rubbish}'";
    tables::run(&program.ledger.database.url, widen).await.unwrap();
    assert_eq!(status(&program, &key, REVENUE).await, 200);
    assert_eq!(status(&program, &key, "/api/audit-log.csv").await, 403);
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();
    let (key, other) = (
        make_key(&mut admin, "leaked", "viewer", &["read_figures"]).await,
        make_key(&mut admin, "fine", "viewer", &["read_figures"]).await,
    );
    let tables = program.tables().await;
    let row = tables.rows("api_keys").iter().find(|row| row["name"] == "leaked").unwrap().clone();
    let revoke = [("form", "revoke"), ("key", row["id"].as_str().unwrap())];

    assert_eq!(location(&admin.post(KEYS, &revoke).await), "/portal/settings/api-keys?done=key-revoked");

    assert_eq!(status(&program, &key, REVENUE).await, 401);
    assert_eq!(status(&program, &other, REVENUE).await, 200);
    assert_eq!(admin.post(KEYS, &revoke).await.status(), 404, "it is revoked already");
}

#[tokio::test]
async fn an_admin_does_not_revoke_a_key_that_is_more_than_they_are() {
    let program = Program::start().await;
    let key = program.key(program.ledger.ours.id, Role::Owner, &[]).await;
    let id = program.tables().await.rows("api_keys")[0]["id"].as_str().unwrap().to_owned();
    let revoke = [("form", "revoke"), ("key", &*id)];
    assert_eq!(program.admin.clone().post(KEYS, &revoke).await.status(), 422);
    assert_eq!(status(&program, &key, REVENUE).await, 200);
    assert_eq!(program.browser(&program.people.owner).await.post(KEYS, &revoke).await.status(), 303);
    assert_eq!(status(&program, &key, REVENUE).await, 401);
}

#[tokio::test]
async fn when_a_key_was_last_used_is_kept_to_the_minute() {
    let program = Program::start().await;
    let key = program.key(program.ledger.ours.id, Role::Viewer, &[Permission::ReadFigures]).await;
    let last_used =
        async || program.tables().await.rows("api_keys")[0]["last_used_at"].as_str().map(str::to_owned);
    assert_eq!(last_used().await, None);
    for (seconds, expected) in [
        (0, "2026-11-20T14:02:00+00:00"),
        (59, "2026-11-20T14:02:00+00:00"),
        (60, "2026-11-20T14:03:00+00:00"),
    ] {
        let then = program.later(SignedDuration::from_secs(seconds)).await;
        assert_eq!(status_at(&then.address, &key, REVENUE).await, 200);
        assert_eq!(last_used().await.as_deref(), Some(expected), "{seconds} seconds later");
    }
}

#[tokio::test]
async fn a_key_counts_in_its_header_only_and_opens_no_page() {
    let program = Program::start().await;
    let key = program.key(program.ledger.ours.id, Role::Owner, &[]).await;
    let client = &program.client;
    let address = |path: &str| format!("{}{path}", program.address);
    for request in [
        client.get(address(&format!("{REVENUE}?api_key={key}"))),
        client.get(address(&format!("{REVENUE}?access_token={key}"))),
        client.get(address(REVENUE)).header("x-api-key", &key),
        client.get(address(REVENUE)).header("cookie", format!("session={key}")),
        client.get(address(REVENUE)).header("cookie", format!("session={}", &key[3..])),
        client.get(address(REVENUE)).header(AUTHORIZATION, &key),
        client.get(address(REVENUE)).header(AUTHORIZATION, format!("Bearer {key} {key}")),
    ] {
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    let lower_case = client.get(address(REVENUE)).header(AUTHORIZATION, format!("bearer  {key}"));
    assert_eq!(lower_case.send().await.unwrap().status(), 200);

    let before = program.tables().await.without(&["api_keys"]);
    let form = program
        .stranger()
        .form(KEYS, &[("form", "create"), ("name", "mole"), ("role", "viewer"), ("scope", "act")]);
    let answer = form.header(ORIGIN, &program.address).bearer_auth(&key).send().await.unwrap();
    assert_eq!(location(&answer), "/login?next=%2Fportal%2Fsettings%2Fapi-keys");
    assert_eq!(program.tables().await.without(&["api_keys"]).differing(&before), [""; 0]);
}

#[tokio::test]
async fn a_wrong_key_is_not_made_good_by_a_cookie_nor_a_good_one_stopped_by_a_wrong_cookie() {
    let program = Program::start().await;
    let key = program.key(program.ledger.ours.id, Role::Viewer, &[]).await;
    let get = |browser: &Browser| browser.request(reqwest::Method::GET, REVENUE);
    assert_eq!(get(&program.admin).bearer_auth("cc_wrong").send().await.unwrap().status(), 401);
    let mut spent = program.admin.clone();
    spent.cookie = Some("session=spent".to_owned());
    assert_eq!(get(&spent).bearer_auth(&key).send().await.unwrap().status(), 200);
}
