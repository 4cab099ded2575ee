//! Who belongs to a tenant: nobody hands on more than they have, and somebody always owns it.

use crate::support::Program;
use crate::support::people::{Browser, Somebody, location, somebody};
use domain::access::Role;
use reqwest::Response;

const MEMBERS: &str = "/portal/settings/members";

async fn change_role(browser: &mut Browser, who: &Somebody, role: &str) -> Response {
    let id = who.id.to_string();
    browser.post(MEMBERS, &[("form", "change_role"), ("user", &*id), ("role", role)]).await
}

async fn remove(browser: &mut Browser, who: &Somebody) -> Response {
    let id = who.id.to_string();
    browser.post(MEMBERS, &[("form", "remove"), ("user", &*id)]).await
}

async fn role_of(program: &Program, who: &Somebody) -> Option<String> {
    let tables = program.tables().await;
    let id = who.id.to_string();
    let found = tables.rows("memberships").iter().find(|row| row["user_id"] == id.as_str());
    found.map(|row| row["role"].as_str().unwrap().to_owned())
}

async fn second_owner(program: &Program) -> Somebody {
    somebody(program.ledger.store(), "second-owner@ours.example", &[(program.ledger.ours.id, Role::Owner)])
        .await
}

#[tokio::test]
async fn the_last_owner_stays_whoever_asks_for_it() {
    let program = Program::start().await;
    let owner = &program.people.owner;
    let ours = program.ledger.ours.id;
    let platform =
        Browser::of(&program.address, program.ledger.store(), &program.people.platform, Some(ours)).await;
    for mut browser in [program.browser(owner).await, platform] {
        for role in ["admin", "operator", "viewer"] {
            assert_eq!(change_role(&mut browser, owner, role).await.status(), 409, "{role}");
        }
        assert_eq!(remove(&mut browser, owner).await.status(), 409);
    }
    assert_eq!(role_of(&program, owner).await.as_deref(), Some("owner"));
}

#[tokio::test]
async fn an_owner_goes_once_there_is_another_who_can_sign_in() {
    let program = Program::start().await;
    let mut owner = program.browser(&program.people.owner).await;
    let second = second_owner(&program).await;
    program.accounts().set_disabled(&second.email, true).await.unwrap();
    assert_eq!(remove(&mut owner, &program.people.owner).await.status(), 409, "the other cannot sign in");

    program.accounts().set_disabled(&second.email, false).await.unwrap();

    assert_eq!(remove(&mut owner, &program.people.owner).await.status(), 303);
    assert_eq!(role_of(&program, &program.people.owner).await, None);
    assert_eq!(remove(&mut program.browser(&second).await, &second).await.status(), 409);
}

#[tokio::test]
async fn two_owners_who_remove_each_other_at_once_leave_one() {
    let program = Program::start().await;
    let (first, second) = (program.people.owner.clone(), second_owner(&program).await);
    let (mut one, mut other) = (program.browser(&first).await, program.browser(&second).await);
    let (a, b) = tokio::join!(remove(&mut one, &second), remove(&mut other, &first));
    let answers = [a.status().as_u16(), b.status().as_u16()];
    let left = [role_of(&program, &first).await, role_of(&program, &second).await];
    assert_eq!(left.iter().flatten().count(), 1, "{answers:?}");
}

#[tokio::test]
async fn two_owners_who_step_down_at_once_leave_one() {
    let program = Program::start().await;
    let (first, second) = (program.people.owner.clone(), second_owner(&program).await);
    let (mut one, mut other) = (program.browser(&first).await, program.browser(&second).await);
    let (a, b) =
        tokio::join!(change_role(&mut one, &first, "viewer"), change_role(&mut other, &second, "viewer"));
    let mut answers = [a.status().as_u16(), b.status().as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [303, 409]);
}

#[tokio::test]
async fn an_admin_touches_no_owner_and_makes_none() {
    let program = Program::start().await;
    let mut owner = program.browser(&program.people.owner).await;
    let invite = [("form", "invite"), ("email", "boss@mail.example"), ("role", "owner")];
    assert_eq!(owner.post(MEMBERS, &invite).await.status(), 200);
    let before = program.tables().await;
    let invitation = before.rows("invitations")[0]["id"].as_str().unwrap().to_owned();
    second_owner(&program).await;
    let before = before.without(&["users", "memberships"]);
    let (mut admin, people) = (program.admin.clone(), &program.people);

    for role in ["viewer", "operator", "admin", "owner"] {
        assert_eq!(change_role(&mut admin, &people.owner, role).await.status(), 422, "{role}");
    }
    assert_eq!(remove(&mut admin, &people.owner).await.status(), 422);
    for who in [&people.admin, &people.viewer] {
        assert_eq!(change_role(&mut admin, who, "owner").await.status(), 422, "{}", who.email);
    }
    assert_eq!(admin.post(MEMBERS, &invite).await.status(), 422);
    let revoke = [("form", "revoke_invitation"), ("invitation", &*invitation)];
    assert_eq!(admin.post(MEMBERS, &revoke).await.status(), 422);
    let key = [("form", "create"), ("name", "boss"), ("role", "owner"), ("scope", "act")];
    assert_eq!(admin.post("/portal/settings/api-keys", &key).await.status(), 422);

    assert_eq!(role_of(&program, &people.owner).await.as_deref(), Some("owner"));
    assert_eq!(role_of(&program, &people.admin).await.as_deref(), Some("admin"));
    let after = program.tables().await.without(&["users", "memberships"]);
    assert_eq!(after.differing(&before), [""; 0]);
    let page = admin.text(MEMBERS).await;
    assert!(!page.contains("value=\"owner\""), "what cannot be given is not offered");
}

#[tokio::test]
async fn an_admin_may_hand_on_what_they_are() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();
    for role in ["operator", "admin", "viewer"] {
        let answer = change_role(&mut admin, &program.people.viewer, role).await;
        assert_eq!(location(&answer), "/portal/settings/members?done=role-changed", "{role}");
        assert_eq!(role_of(&program, &program.people.viewer).await.as_deref(), Some(role));
    }
}

#[tokio::test]
async fn a_role_there_is_none_of_is_refused() {
    let program = Program::start().await;
    for role in ["", "root", "Admin", "owner ", "viewer,owner", "platform_admin"] {
        let answer = change_role(&mut program.admin.clone(), &program.people.viewer, role).await;
        assert_eq!(answer.status(), 422, "{role:?}");
        let invite = [("form", "invite"), ("email", "friend@mail.example"), ("role", role)];
        assert_eq!(program.admin.clone().post(MEMBERS, &invite).await.status(), 422, "{role:?}");
    }
    assert_eq!(role_of(&program, &program.people.viewer).await.as_deref(), Some("viewer"));
}

#[tokio::test]
async fn a_removed_member_is_out_at_the_next_request() {
    let program = Program::start().await;
    let viewer = program.browser(&program.people.viewer).await;
    let ours = program.ledger.ours.id;
    let looking =
        Browser::of(&program.address, program.ledger.store(), &program.people.viewer, Some(ours)).await;
    assert_eq!(looking.get("/api/analytics/revenue").await.status(), 200);

    assert_eq!(remove(&mut program.admin.clone(), &program.people.viewer).await.status(), 303);

    for browser in [&viewer, &looking] {
        assert!(browser.is_signed_in().await, "the account is theirs and stays");
        for path in ["/api/analytics/revenue", "/api/events"] {
            assert_eq!(browser.get(path).await.status(), 404, "{path}");
            assert_eq!(browser.get(&format!("{path}?tenant_id={ours}")).await.status(), 404, "{path}");
        }
        let page = browser.text("/portal/revenue").await;
        assert!(page.contains("You belong to no workspace yet") && !page.contains("My company"), "{page}");
        assert_eq!(browser.get(&format!("/portal/revenue?tenant_id={ours}")).await.status(), 404);
        let switch = [("form", "switch"), ("tenant_id", &*ours.to_string())];
        assert_eq!(browser.clone().post("/portal/switch", &switch).await.status(), 404);
    }
}

#[tokio::test]
async fn members_and_operators_change_nobody() {
    let program = Program::start().await;
    let before = program.tables().await.without(&["audit_log", "sessions"]);
    for who in [&program.people.viewer, &program.people.operator] {
        let mut browser = program.browser(who).await;
        assert_eq!(change_role(&mut browser, who, "admin").await.status(), 403);
        assert_eq!(remove(&mut browser, &program.people.admin).await.status(), 403);
        let invite = [("form", "invite"), ("email", "friend@mail.example"), ("role", "viewer")];
        assert_eq!(browser.post(MEMBERS, &invite).await.status(), 403);
        let key = [("form", "create"), ("name", "mole"), ("role", "viewer"), ("scope", "read_figures")];
        assert_eq!(browser.post("/portal/settings/api-keys", &key).await.status(), 403);
    }
    assert_eq!(program.tables().await.without(&["audit_log", "sessions"]).differing(&before), [""; 0]);
}
