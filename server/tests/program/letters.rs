//! Links that come by mail: each is good once, for a while, and for nobody who guesses.

use crate::support::mail::{Link, PostOffice};
use crate::support::people::{PASSWORD, somebody};
use domain::access::Role;
use jiff::SignedDuration;
use serde_json::Value;

const NEW: &str = "a livelier sentence about tests";
const ADMIN: &str = "admin@ours.example";
const FRIEND: &str = "friend@mail.example";

#[tokio::test]
async fn a_new_password_is_set_once_by_the_link_in_a_letter() {
    let office = PostOffice::open().await;
    let program = &office.program;
    let link = office.ask_reset(ADMIN).await;
    assert_eq!(link.path, "/reset-password");
    assert_eq!(link.status(&program.stranger()).await, 200);

    assert_eq!(link.follow(&mut program.stranger(), "reset", "", NEW).await, 303);

    assert!(!program.admin.is_signed_in().await, "every browser is signed out");
    assert_eq!(program.stranger().sign_in(ADMIN, PASSWORD).await.status(), 422);
    assert_eq!(program.stranger().sign_in(ADMIN, NEW).await.status(), 303);
    assert_eq!(link.status(&program.stranger()).await, 404);
    assert_eq!(link.follow(&mut program.stranger(), "reset", "", "yet another calm sentence").await, 404);
    assert_eq!(program.stranger().sign_in(ADMIN, NEW).await.status(), 303);
}

#[tokio::test]
async fn a_weak_password_is_refused_and_leaves_the_link_as_it_was() {
    let office = PostOffice::open().await;
    let link = office.ask_reset(ADMIN).await;
    for weak in ["password123", "", "admin@ours.example"] {
        assert_eq!(link.follow(&mut office.program.stranger(), "reset", "", weak).await, 422, "{weak}");
    }
    assert_eq!(link.follow(&mut office.program.stranger(), "reset", "", NEW).await, 303);
}

#[tokio::test]
async fn a_link_to_set_a_password_works_for_an_hour() {
    let office = PostOffice::open().await;
    let link = office.ask_reset(ADMIN).await;
    let hour = SignedDuration::from_hours(1);
    let after = office.program.later(hour).await;
    let mut stranger = office.program.stranger().at(&after.address);
    assert_eq!(link.status(&stranger).await, 404);
    assert_eq!(link.follow(&mut stranger, "reset", "", NEW).await, 404);
    let before = office.program.later(hour - SignedDuration::from_secs(1)).await;
    assert_eq!(link.follow(&mut stranger.at(&before.address), "reset", "", NEW).await, 303);
}

#[tokio::test]
async fn asking_again_leaves_the_link_before_and_a_changed_password_ends_both() {
    let office = PostOffice::open().await;
    let program = &office.program;
    let first = office.ask_reset(ADMIN).await;
    let second = office.ask_reset(ADMIN).await;
    assert_eq!(first.status(&program.stranger()).await, 200, "nobody keeps somebody out by asking for them");
    assert_eq!(second.status(&program.stranger()).await, 200);

    let change = [("form", "password"), ("current_password", PASSWORD), ("new_password", NEW)];
    assert_eq!(program.admin.clone().post("/portal/settings/account", &change).await.status(), 303);

    for link in [first, second] {
        assert_eq!(link.follow(&mut program.stranger(), "reset", "", "yet another calm sentence").await, 404);
    }
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_sets_the_password() {
    let office = PostOffice::open().await;
    let link = office.ask_reset(ADMIN).await;
    let (mut one, mut other) = (office.program.stranger(), office.program.stranger());
    let (first, second) = tokio::join!(
        link.follow(&mut one, "reset", "", NEW),
        link.follow(&mut other, "reset", "", "yet another calm sentence"),
    );
    let mut answers = [first, second];
    answers.sort_unstable();
    assert_eq!(answers, [303, 404]);
}

#[tokio::test]
async fn who_is_disabled_or_nobody_gets_no_letter_and_a_link_from_before_is_dead() {
    let office = PostOffice::open().await;
    let program = &office.program;
    let link = office.ask_reset(ADMIN).await;
    program.accounts().set_disabled(ADMIN, true).await.unwrap();
    assert_eq!(link.follow(&mut program.stranger(), "reset", "", NEW).await, 404);
    for address in [ADMIN, "nobody@mail.example"] {
        let fields = [("form", "forgot"), ("email", address)];
        assert_eq!(program.stranger().post("/forgot-password", &fields).await.status(), 303);
    }
    // Letters come one after another: the next one is for who asks last.
    office.ask_reset("viewer@ours.example").await;
    assert_eq!(office.postbox.letters().len(), 2);
}

#[tokio::test]
async fn a_link_leads_to_the_address_we_were_told_whatever_the_request_says_of_hosts() {
    let office = PostOffice::open().await;
    let fields = [("form", "forgot"), ("email", ADMIN)];
    let port = office.program.address.rsplit_once(':').unwrap().1;
    let request = office.program.stranger().form("/forgot-password", &fields);
    let request = request
        .header("host", format!("localhost:{port}"))
        .header("origin", format!("http://localhost:{port}"))
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example");
    assert_eq!(request.send().await.unwrap().status(), 303);
    assert_eq!(office.link_for(ADMIN).await.origin, "http://127.0.0.1:0");
}

#[tokio::test]
async fn signing_up_with_an_address_that_has_an_account_tells_its_owner_only() {
    let office = PostOffice::open().await;
    let fields =
        [("form", "sign_up"), ("company", "Mole"), ("name", "Mole"), ("email", ADMIN), ("password", NEW)];
    office.program.stranger().post("/signup", &fields).await;
    let letter = office.postbox.wait_for_letter().await;
    assert_eq!((&*letter.to, &*letter.subject), (ADMIN, "You have an account already"));
    assert!(!letter.text.contains("token=") && !letter.text.contains("Mole"), "{}", letter.text);
}

#[tokio::test]
async fn an_invitation_makes_a_member_once() {
    let office = PostOffice::open().await;
    let program = &office.program;
    let link = office.invite(FRIEND, "operator").await;
    assert_eq!(link.path, "/invitation");
    let mut friend = program.stranger();
    assert_eq!(link.status(&friend).await, 200);

    assert_eq!(link.follow(&mut friend, "join", "A Friend", NEW).await, 303);

    assert!(friend.is_signed_in().await);
    assert_eq!(friend.get("/portal/revenue").await.status(), 200);
    assert_eq!(friend.get("/portal/settings/members").await.status(), 403);
    assert!(program.admin.text("/portal/settings/members").await.contains("A Friend"));
    assert_eq!(link.status(&program.stranger()).await, 404);
    assert_eq!(link.follow(&mut program.stranger(), "join", "Another", NEW).await, 404);
    assert_eq!(program.stranger().sign_in(FRIEND, NEW).await.status(), 303);
}

#[tokio::test]
async fn an_invitation_that_is_revoked_expired_guessed_or_cut_opens_nothing() {
    let office = PostOffice::open().await;
    let program = &office.program;
    let revoked = office.invite(FRIEND, "viewer").await;
    let id = program.tables().await.rows("invitations")[0]["id"].as_str().unwrap().to_owned();
    let revoke = [("form", "revoke_invitation"), ("invitation", &*id)];
    assert_eq!(program.admin.clone().post("/portal/settings/members", &revoke).await.status(), 303);
    let open = office.invite("other@mail.example", "viewer").await;
    let named = |token: &str| Link { token: token.to_owned(), ..open.clone() };
    let reset = office.ask_reset(ADMIN).await;
    let before = program.tables().await.without(&["sign_in_attempts"]);

    let guesses =
        ["", "x", "%00", "' or 1=1 --", &open.token[..42], &"A".repeat(43), &reset.token, &id].map(named);
    for link in guesses.iter().chain([&revoked]) {
        assert_eq!(link.status(&program.stranger()).await, 404, "{}", link.token);
        assert_eq!(link.follow(&mut program.stranger(), "join", "Mole", NEW).await, 404, "{}", link.token);
    }
    let week = SignedDuration::from_hours(24 * 7);
    let after = program.later(week).await;
    assert_eq!(open.status(&program.stranger().at(&after.address)).await, 404);
    assert_eq!(open.follow(&mut program.stranger().at(&after.address), "join", "Mole", NEW).await, 404);

    let now = program.tables().await.without(&["sign_in_attempts"]);
    assert_eq!(now.differing(&before), [""; 0]);
    let in_time = program.later(week - SignedDuration::from_secs(1)).await;
    assert_eq!(open.follow(&mut program.stranger().at(&in_time.address), "join", "In Time", NEW).await, 303);
}

#[tokio::test]
async fn who_has_an_account_joins_with_its_password_and_with_nothing_else() {
    let office = PostOffice::open().await;
    let program = &office.program;
    let theirs = program.ledger.theirs.id;
    somebody(program.ledger.store(), FRIEND, &[(theirs, Role::Viewer)]).await;
    let link = office.invite(FRIEND, "admin").await;
    let before = program.tables().await.without(&["sign_in_attempts", "audit_log"]);

    for guess in ["", "a guess", NEW] {
        assert_eq!(link.follow(&mut program.stranger(), "join", "Thief", guess).await, 422, "{guess}");
    }
    let now = program.tables().await.without(&["sign_in_attempts", "audit_log"]);
    assert_eq!(now.differing(&before), [""; 0]);

    let mut friend = program.stranger();
    assert_eq!(link.follow(&mut friend, "join", "Renamed", PASSWORD).await, 303);
    assert!(friend.text("/portal/settings/members").await.contains(FRIEND), "they look at what they joined");
    let tables = program.tables().await;
    let users: Vec<&Value> = tables.rows("users").iter().filter(|row| row["email"] == FRIEND).collect();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0]["name"], "Test friend", "joining renames nobody");
    let roles: Vec<&Value> = tables
        .rows("memberships")
        .iter()
        .filter(|row| row["user_id"] == users[0]["id"])
        .map(|row| &row["role"])
        .collect();
    assert_eq!(roles.len(), 2);
    assert!(roles.contains(&&Value::from("viewer")) && roles.contains(&&Value::from("admin")), "{roles:?}");
}

#[tokio::test]
async fn the_password_of_an_invited_account_is_not_guessed_by_its_invitation() {
    let office = PostOffice::open().await;
    let program = &office.program;
    somebody(program.ledger.store(), FRIEND, &[]).await;
    let link = office.invite(FRIEND, "viewer").await;
    for _ in 0..5 {
        assert_eq!(link.follow(&mut program.stranger(), "join", "", "a guess").await, 422);
    }
    assert_eq!(link.follow(&mut program.stranger(), "join", "", PASSWORD).await, 429);
    assert_eq!(program.stranger().sign_in(FRIEND, PASSWORD).await.status(), 429, "both count together");
}

#[tokio::test]
async fn somebody_who_is_disabled_does_not_come_back_by_an_invitation() {
    let office = PostOffice::open().await;
    let program = &office.program;
    somebody(program.ledger.store(), FRIEND, &[]).await;
    program.accounts().set_disabled(FRIEND, true).await.unwrap();
    let link = office.invite(FRIEND, "viewer").await;
    assert_eq!(link.follow(&mut program.stranger(), "join", "Friend", PASSWORD).await, 422);
    assert_eq!(link.follow(&mut program.stranger(), "join", "Friend", NEW).await, 422);
}

#[tokio::test]
async fn of_two_who_use_an_invitation_at_once_one_joins() {
    for has_account in [false, true] {
        let office = PostOffice::open().await;
        let program = &office.program;
        if has_account {
            somebody(program.ledger.store(), FRIEND, &[]).await;
        }
        let members = program.tables().await.rows("memberships").len();
        let link = office.invite(FRIEND, "viewer").await;
        let (mut one, mut other) = (program.stranger(), program.stranger());
        let (first, second) = tokio::join!(
            link.follow(&mut one, "join", "One", PASSWORD),
            link.follow(&mut other, "join", "Other", PASSWORD),
        );
        let mut answers = [first, second];
        answers.sort_unstable();
        assert!(matches!(answers, [303, 404 | 409]), "{answers:?}");
        assert_eq!(program.tables().await.rows("memberships").len(), members + 1);
    }
}

#[tokio::test]
async fn an_invitation_does_not_make_a_member_more_or_less_than_they_are() {
    let office = PostOffice::open().await;
    let program = &office.program;
    let role_of = async || {
        let tables = program.tables().await;
        let user = tables.rows("users").iter().find(|row| row["email"] == FRIEND).unwrap()["id"].clone();
        tables.rows("memberships").iter().find(|row| row["user_id"] == user).unwrap()["role"].clone()
    };
    let (first, second) = (office.invite(FRIEND, "viewer").await, office.invite(FRIEND, "admin").await);
    assert_eq!(first.follow(&mut program.stranger(), "join", "Friend", NEW).await, 303);
    assert_eq!(second.follow(&mut program.stranger(), "join", "Friend", NEW).await, 303);
    assert_eq!(role_of().await, "viewer");
    let again = [("form", "invite"), ("email", FRIEND), ("role", "admin")];
    assert_eq!(program.admin.clone().post("/portal/settings/members", &again).await.status(), 422);
}

#[tokio::test]
async fn no_token_is_kept_in_clear() {
    let office = PostOffice::open().await;
    let program = &office.program;
    let (invitation, reset) = (office.invite(FRIEND, "viewer").await, office.ask_reset(ADMIN).await);
    let mut browser = program.stranger();
    browser.sign_in("viewer@ours.example", PASSWORD).await;
    let cookie = browser.cookie.unwrap().replace("session=", "");
    let key = program.key(program.ledger.ours.id, Role::Viewer, &[]).await;
    let tables = program.tables().await;
    for (what, token, kept_in) in [
        ("invitation", &*invitation.token, "invitations"),
        ("reset", &reset.token, "password_resets"),
        ("cookie", &cookie, "sessions"),
        ("key", key.strip_prefix("cc_").unwrap(), "api_keys"),
    ] {
        assert_eq!(tables.holding(token), [""; 0], "{what}");
        assert_eq!(tables.holding(&token[8..]), [""; 0], "{what}");
        let hash = hex::encode(credentials::tokens::Token::read(token).unwrap().hash().as_bytes());
        assert_eq!(tables.holding(&hash), [kept_in], "{what}: only its hash is");
    }
    assert_eq!(tables.holding(PASSWORD), [""; 0]);
}
