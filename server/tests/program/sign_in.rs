//! Signing in and out, and how long a browser stays signed in.

use std::time::Duration;

use crate::support::people::{Browser, PASSWORD, location};
use crate::support::{Program, config};
use jiff::SignedDuration;
use reqwest::Response;
use server::config::ServeConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a browser is told to keep: its name and value, and the attributes, sorted.
fn cookie(response: &Response) -> (String, Vec<String>) {
    let header = response.headers()["set-cookie"].to_str().unwrap();
    let mut parts = header.split(';').map(|part| part.trim().to_owned());
    let pair = parts.next().unwrap();
    let mut attributes: Vec<String> = parts.collect();
    attributes.sort();
    (pair, attributes)
}

async fn signed_in(program: &Program) -> Browser {
    let mut browser = program.stranger();
    let response = browser.sign_in(&program.people.admin.email, PASSWORD).await;
    assert_eq!(response.status(), 303);
    browser
}

#[tokio::test]
async fn the_form_signs_in_with_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let program = Program::start().await;
    let mut browser = program.stranger();

    let response = browser.sign_in(" Admin@Ours.EXAMPLE ", PASSWORD).await;

    assert_eq!((response.status().as_u16(), location(&response)), (303, "/portal/command-center"));
    let (pair, attributes) = cookie(&response);
    assert!(pair.starts_with("session=") && pair.len() == "session=".len() + 43, "{pair}");
    assert_eq!(attributes, ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax"]);
    assert_eq!(browser.get("/portal/command-center").await.status(), 200);
    assert_eq!(browser.get("/api/analytics/revenue").await.status(), 200);
}

#[tokio::test]
async fn under_https_the_cookie_is_for_this_host_alone() {
    let public_url = Some("https://gtm.example.com".to_owned());
    let program = Program::start_as(ServeConfig { public_url, ..config() }).await;
    let mut browser = program.stranger();

    let response = browser.sign_in(&program.people.admin.email, PASSWORD).await;

    let (pair, attributes) = cookie(&response);
    assert!(pair.starts_with("__Host-session="), "{pair}");
    assert_eq!(attributes, ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax", "Secure"]);
    assert!(browser.is_signed_in().await);
    browser.cookie = Some(pair.replace("__Host-", ""));
    assert!(!browser.is_signed_in().await, "a cookie any neighbour could have set counts");
}

#[tokio::test]
async fn a_wrong_password_signs_nobody_in() {
    let program = Program::start().await;
    for (email, password) in [
        ("admin@ours.example", "a calm sentence about test"),
        ("admin@ours.example", "A calm sentence about tests"),
        ("admin@ours.example", ""),
        ("admin@ours.example' or '1'='1", PASSWORD),
        ("nobody@ours.example", PASSWORD),
    ] {
        let response = program.stranger().sign_in(email, password).await;
        assert_eq!(response.status(), 422, "{email} {password}");
        assert!(!response.headers().contains_key("set-cookie"), "{email} {password}");
    }
}

#[tokio::test]
async fn a_cookie_from_before_signing_in_is_not_kept() {
    let program = Program::start().await;
    let planted = format!("session={}", credentials::tokens::Token::draw().text());
    let mut browser = program.stranger();
    browser.cookie = Some(planted.clone());

    browser.sign_in(&program.people.admin.email, PASSWORD).await;

    assert_ne!(browser.cookie.as_ref(), Some(&planted));
    assert!(browser.is_signed_in().await);
    browser.cookie = Some(planted);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn every_sign_in_gets_a_session_of_its_own() {
    let program = Program::start().await;
    let (one, other) = (signed_in(&program).await, signed_in(&program).await);
    assert_ne!(one.cookie, other.cookie);
    assert!(one.is_signed_in().await && other.is_signed_in().await);
}

#[tokio::test]
async fn a_stolen_cookie_is_dead_once_its_owner_signs_out() {
    let program = Program::start().await;
    let mut browser = signed_in(&program).await;
    let (thief, elsewhere) = (browser.clone(), signed_in(&program).await);

    let response = browser.post("/logout", &[("form", "sign_out")]).await;

    assert_eq!(location(&response), "/login?done=signed-out");
    assert_eq!(browser.cookie, None, "the browser is told to forget it");
    assert!(!thief.is_signed_in().await);
    assert_eq!(thief.get("/api/analytics/revenue").await.status(), 401);
    assert!(elsewhere.is_signed_in().await, "only this browser is signed out");
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_keeps_this_one() {
    let program = Program::start().await;
    let mut here = signed_in(&program).await;
    let elsewhere = signed_in(&program).await;
    let new = "a livelier sentence about tests";
    let change = [("form", "password"), ("current_password", PASSWORD), ("new_password", new)];

    let response = here.post("/portal/settings/account", &change).await;

    assert_eq!(response.status(), 303);
    assert!(here.is_signed_in().await && !elsewhere.is_signed_in().await);
    let email = &program.people.admin.email;
    assert_eq!(program.stranger().sign_in(email, PASSWORD).await.status(), 422);
    assert_eq!(program.stranger().sign_in(email, new).await.status(), 303);
}

#[tokio::test]
async fn a_new_password_needs_the_present_one_and_must_be_hard_to_guess() {
    let program = Program::start().await;
    let mut browser = signed_in(&program).await;
    for (current, new, field) in [
        ("not it", "a livelier sentence about tests", "current_password"),
        (PASSWORD, "password123", "new_password"),
        (PASSWORD, "admin@ours.example", "new_password"),
        (PASSWORD, "short", "new_password"),
    ] {
        let change = [("form", "password"), ("current_password", current), ("new_password", new)];
        let response = browser.post("/portal/settings/account", &change).await;
        assert_eq!(response.status(), 422, "{new}");
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("password-{field}-error")), "{field}: {page}");
        for typed in [current, new] {
            assert!(!page.contains(&format!("value=\"{typed}\"")), "a password is shown again");
        }
    }
    assert_eq!(program.stranger().sign_in(&program.people.admin.email, PASSWORD).await.status(), 303);
}

#[tokio::test]
async fn somebody_who_is_disabled_is_out_at_once_and_stays_out() {
    let program = Program::start().await;
    let browser = signed_in(&program).await;
    let email = &program.people.admin.email;

    program.accounts().set_disabled(email, true).await.unwrap();

    assert!(!browser.is_signed_in().await);
    assert_eq!(browser.get("/api/analytics/revenue").await.status(), 401);
    assert_eq!(program.stranger().sign_in(email, PASSWORD).await.status(), 422);
    program.accounts().set_disabled(email, false).await.unwrap();
    assert!(!browser.is_signed_in().await, "what was ended does not come back");
    assert_eq!(program.stranger().sign_in(email, PASSWORD).await.status(), 303);
}

#[tokio::test]
async fn a_browser_nobody_used_for_two_weeks_is_signed_out() {
    let program = Program::start().await;
    let browser = signed_in(&program).await;
    let two_weeks = SignedDuration::from_hours(24 * 14);

    let after = program.later(two_weeks).await;
    assert!(!browser.at(&after.address).is_signed_in().await);

    let just_before = program.later(two_weeks - SignedDuration::from_secs(1)).await;
    assert!(browser.at(&just_before.address).is_signed_in().await);
    assert!(browser.at(&after.address).is_signed_in().await, "using it counts from the start");
}

#[tokio::test]
async fn however_much_it_is_used_a_browser_is_signed_out_after_thirty_days() {
    let program = Program::start().await;
    let browser = signed_in(&program).await;
    for (days, is_signed_in) in [(10, true), (20, true), (29, true), (30, false), (31, false)] {
        let then = program.later(SignedDuration::from_hours(24 * days)).await;
        assert_eq!(browser.at(&then.address).is_signed_in().await, is_signed_in, "after {days} days");
    }
}

#[tokio::test]
async fn a_session_is_ended_from_another_browser() {
    let program = Program::start().await;
    let (mut here, elsewhere) = (signed_in(&program).await, signed_in(&program).await);
    let ended = here.post("/portal/settings/account", &[("form", "end_others")]).await;
    assert_eq!(location(&ended), "/portal/settings/account?done=session-ended");
    assert!(here.is_signed_in().await && !elsewhere.is_signed_in().await);
}

#[tokio::test]
async fn signing_in_leads_to_addresses_of_ours_only() {
    let program = Program::start().await;
    for (next, expected) in [
        ("/portal/revenue?period=7d", "/portal/revenue?period=7d"),
        ("https://evil.example/", "/portal/command-center"),
        ("//evil.example/", "/portal/command-center"),
        ("/\\evil.example", "/portal/command-center"),
        ("\\/evil.example", "/portal/command-center"),
        ("/\t/evil.example", "/portal/command-center"),
        ("/\r\nSet-Cookie: a=b", "/portal/command-center"),
        ("javascript:alert(1)", "/portal/command-center"),
        ("portal/revenue", "/portal/command-center"),
    ] {
        let mut browser = program.stranger();
        let fields =
            [("form", "sign_in"), ("email", "admin@ours.example"), ("password", PASSWORD), ("next", next)];
        let response = browser.post("/login", &fields).await;
        assert_eq!((response.status().as_u16(), location(&response)), (303, expected), "{next:?}");

        let ours = program.ledger.ours.id.to_string();
        let switched = browser.post("/portal/switch", &[("tenant_id", &*ours), ("next", next)]).await;
        let without_query = expected.split('?').next().unwrap();
        assert_eq!(location(&switched), without_query, "{next:?}");
    }
}

#[tokio::test]
async fn who_is_not_signed_in_comes_back_to_the_page_they_wanted() {
    let program = Program::start().await;
    let mut browser = program.stranger();

    let next = "/portal/revenue?channel=heyreach&period=7d";

    let way = location(&browser.get(next).await).to_owned();

    let page = browser.text(&way).await;
    assert!(page.contains(&format!("name=\"next\" value=\"{}\"", next.replace('&', "&amp;"))), "{page}");
    let fields =
        [("form", "sign_in"), ("email", "admin@ours.example"), ("password", PASSWORD), ("next", next)];
    assert_eq!(location(&browser.post(&way, &fields).await), next);
}

#[tokio::test]
async fn a_role_taken_away_is_gone_at_the_next_request() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();
    assert_eq!(admin.get("/portal/settings/members").await.status(), 200);
    let mut owner = program.browser(&program.people.owner).await;
    let id = program.people.admin.id.to_string();

    let demoted = [("form", "change_role"), ("user", &*id), ("role", "viewer")];
    assert_eq!(owner.post("/portal/settings/members", &demoted).await.status(), 303);

    let before = program.tables().await;
    let invite = [("form", "invite"), ("email", "friend@mail.example"), ("role", "viewer")];
    assert_eq!(admin.post("/portal/settings/members", &invite).await.status(), 403);
    assert_eq!(admin.get("/portal/settings/members").await.status(), 403);
    assert_eq!(admin.get("/api/audit-log.csv").await.status(), 403);
    assert_eq!(admin.get("/portal/revenue").await.status(), 200);
    assert_eq!(program.tables().await.differing(&before), ["audit_log"]);
}

/// Begins to send a form, and holds its last byte back until the rest is done.
async fn slow_form(program: &Program, path: &str, body: &str, meanwhile: impl AsyncFnOnce()) -> String {
    let host = program.address.strip_prefix("http://").unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nCookie: {}\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n",
        program.address,
        program.admin.cookie.as_deref().unwrap(),
        body.len()
    );
    let (most, last) = body.split_at(body.len() - 1);
    let mut connection = TcpStream::connect(host).await.unwrap();
    connection.write_all(format!("{head}{most}").as_bytes()).await.unwrap();
    // Long enough to have been let in.
    tokio::time::sleep(Duration::from_millis(200)).await;
    meanwhile().await;
    connection.write_all(last.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_form_counts_as_of_who_its_sender_is_when_its_last_byte_is_there() {
    let program = Program::start().await;
    let invite = "form=invite&email=mole%40mail.example&role=admin";
    let admin = program.people.admin.id.to_string();
    let demoted = [("form", "change_role"), ("user", &*admin), ("role", "viewer")];
    let mut owner = program.browser(&program.people.owner).await;
    let demote = async || assert_eq!(owner.post("/portal/settings/members", &demoted).await.status(), 303);
    let answer = slow_form(&program, "/portal/settings/members", invite, demote).await;
    assert!(answer.contains(" 403 "), "{answer}");

    let mut same = program.admin.clone();
    let sign_out = async || assert_eq!(same.post("/logout", &[("form", "sign_out")]).await.status(), 303);
    let answer = slow_form(&program, "/portal/settings/account", "form=name&name=Mole", sign_out).await;

    assert!(answer.contains(" 303 ") || answer.contains(" 404 "), "{answer}");
    let tables = program.tables().await;
    assert!(tables.rows("invitations").is_empty() && tables.holding("Mole").is_empty());
}
