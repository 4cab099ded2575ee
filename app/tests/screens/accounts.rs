//! The pages of who comes in, goes out, and may not come in.

use domain::access::Role;

use crate::document::{World, asked};
use crate::office::FixedOffice;
use crate::pages::{lines, main_of};
use crate::visits::{astray, member, refused, stranger, without_workspace};

async fn by_stranger(address: &str) -> crate::document::Answer {
    asked(address, World::of(stranger())).await
}

#[tokio::test]
async fn the_sign_in_page_asks_and_shows_other_ways() {
    let answer = by_stranger("/login?done=signed-out&next=/portal/revenue?period=7d").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn a_refused_sign_in_keeps_the_email_and_never_the_password() {
    let typed = [("email", "ada@example.com"), ("password", "hunter2"), ("next", "/portal/revenue")];
    let visit = refused(stranger(), "sign_in", None, "e-mail and password do not fit", &typed);
    let answer = asked("/login", World::of(visit)).await;
    assert!(!answer.says("hunter2"));
    assert!(answer.says(r#"name="next" value="/portal/revenue""#));
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn signing_up_is_offered_only_where_it_is_open() {
    let answer = by_stranger("/signup").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
    let closed = app::visit::Visit { is_sign_up_open: false, ..stranger() };
    let answer = asked("/signup", World::of(closed.clone())).await;
    assert!(answer.says("Sign-up is closed") && !answer.says("<form"));
    let answer = asked("/login", World::of(closed)).await;
    assert!(!answer.says("/signup"));
}

#[tokio::test]
async fn a_wrong_field_says_what_is_wrong_beside_itself() {
    let typed =
        [("company", "Northwind"), ("name", "Ada"), ("email", "ada@example.com"), ("password", "short")];
    let visit = refused(stranger(), "sign_up", Some("password"), "use at least 8 characters", &typed);
    let answer = asked("/signup", World::of(visit)).await;
    for part in [
        r##"<p role="alert" class="alert">This was not done yet. <a href="#sign_up-password">"##,
        r#"aria-invalid="true" aria-describedby="sign_up-password-hint sign_up-password-error""#,
        r#"<p id="sign_up-password-error" class="wrong">Use at least 8 characters.</p>"#,
        r#"value="Northwind""#,
        r#"value="ada@example.com""#,
    ] {
        assert!(answer.says(part), "{part}");
    }
    assert!(!answer.says("short"));
    assert_eq!(answer.html.matches("aria-invalid").count(), 1);
    assert_eq!(answer.html.matches("autofocus").count(), 1);
}

#[tokio::test]
async fn leaving_is_asked_first() {
    let answer = asked("/logout", World::of(member(Role::Viewer))).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
    assert!(by_stranger("/logout").await.says("You are signed out"));
}

#[tokio::test]
async fn a_forgotten_password_is_answered_by_mail_or_by_hand() {
    let answer = by_stranger("/forgot-password").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
    let mute = app::visit::Visit { can_send_mail: false, ..stranger() };
    let answer = asked("/forgot-password", World::of(mute)).await;
    assert!(answer.says("command-center user reset-link ") && !answer.says("<form"));
}

#[tokio::test]
async fn a_new_password_is_asked_for_behind_a_good_link_only() {
    let answer = by_stranger("/reset-password?token=good").await;
    assert_eq!(answer.status, 200);
    insta::assert_snapshot!(lines(main_of(&answer.html)));
    for address in ["/reset-password?token=bad", "/reset-password"] {
        let answer = by_stranger(address).await;
        assert_eq!(answer.status, 404);
        assert!(answer.says("This link no longer works") && answer.says("Ask for a new link"));
    }
}

#[tokio::test]
async fn a_refused_new_password_can_be_typed_again_with_the_same_link() {
    let visit = refused(stranger(), "reset", Some("password"), "use at least 8 characters", &[]);
    let answer = asked("/reset-password?token=good", World::of(visit)).await;
    assert!(answer.says(r#"action="/reset-password?token=good""#));
    assert!(answer.says(r#"<input type="hidden" name="token" value="good">"#));
}

#[tokio::test]
async fn an_invitation_says_who_is_asked_to_join_what_as_what() {
    let answer = by_stranger("/invitation?token=good").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
    let known = FixedOffice { has_account: true, ..FixedOffice::default() };
    let answer = asked("/invitation?token=good", World::of(stranger()).with(known)).await;
    assert!(!answer.says(r#"name="name""#));
    assert!(answer.says("current-password") && answer.says("Forgot your password?"));
    let spent = by_stranger("/invitation?token=bad").await;
    assert_eq!(spent.status, 404);
    assert!(spent.says("Ask whoever sent it for a new one."));
}

#[tokio::test]
async fn pages_that_stand_alone_have_no_navigation() {
    for address in ["/login", "/signup", "/logout", "/forgot-password", "/invitation?token=good", "/nowhere"]
    {
        let answer = by_stranger(address).await;
        assert!(!answer.says("<nav") && answer.says("class=\"lone\""), "{address}");
    }
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_to_the_door() {
    for address in ["/portal/command-center", "/portal/revenue", "/portal/settings/account"] {
        let answer = by_stranger(address).await;
        assert_eq!(answer.status, 401, "{address}");
        let door = format!("/login?next={}", address.replace('/', "%2F"));
        assert!(answer.says(&format!("href=\"{door}\"")), "{address}");
    }
}

#[tokio::test]
async fn who_belongs_to_nothing_is_told_calmly() {
    let answer = asked("/portal/command-center", World::of(without_workspace(false))).await;
    assert_eq!(answer.status, 200);
    insta::assert_snapshot!(lines(main_of(&answer.html)));
    assert!(!answer.says("/portal/platform"));
    let admin = asked("/portal/command-center", World::of(without_workspace(true))).await;
    assert!(admin.says(r#"<a href="/portal/platform" class="button">"#));
}

#[tokio::test]
async fn a_workspace_of_others_does_not_exist_on_any_page() {
    for page in ["command-center", "revenue", "settings/tenant", "settings/members", "settings/audit-log"] {
        let answer = asked(&format!("/portal/{page}"), World::of(astray())).await;
        assert_eq!(answer.status, 404, "{page}");
        assert!(answer.says("There is nothing at this address"));
    }
}
