//! The pages of the settings, the platform's page, and who may see them.

use app::port::AskError;
use domain::access::Role;
use domain::backfill::RunState;

use crate::document::{Answer, World, asked};
use crate::office::FixedOffice;
use crate::pages::{between, lines, main_of};
use crate::visits::{given, member, member_of_two, platform_admin, refused, without_workspace};

/// Every page of the settings that not everybody may see.
const GUARDED: [&str; 7] = [
    "/portal/jobs",
    "/portal/settings/channels",
    "/portal/settings/exchange-rates",
    "/portal/settings/tenant",
    "/portal/settings/members",
    "/portal/settings/api-keys",
    "/portal/settings/audit-log",
];

async fn by_owner(address: &str) -> Answer {
    asked(address, World::of(member(Role::Owner))).await
}

async fn bare(address: &str) -> Answer {
    let office = FixedOffice { bare: true, can_seal: false, ..FixedOffice::default() };
    asked(address, World::of(member(Role::Owner)).with(office)).await
}

async fn after_refusal(
    address: &str,
    form: &str,
    field: Option<&'static str>,
    message: &str,
    typed: &[(&str, &str)],
) -> Answer {
    asked(address, World::of(refused(member(Role::Owner), form, field, message, typed))).await
}

#[tokio::test]
async fn the_account_page_shows_name_password_and_browsers() {
    let answer = by_owner("/portal/settings/account?done=name-saved").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn the_rates_page_shows_what_waits_and_what_is_known() {
    let answer = by_owner("/portal/settings/exchange-rates?done=rates-saved").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
    let answer = bare("/portal/settings/exchange-rates").await;
    assert!(!answer.says("Not in any figure yet") && answer.says("Take these rates"));
}

#[tokio::test]
async fn a_refused_sheet_stays_as_it_was_pasted() {
    let typed = [("sheet", "Date,USD\n2026-11-20,</textarea><script>x")];
    let message = "line 2, usd: \"x\" is no rate";
    let page = "/portal/settings/exchange-rates";
    let answer = after_refusal(page, "import", Some("sheet"), message, &typed).await;
    assert!(answer.says(r#"id="import-sheet-error""#) && answer.says("2026-11-20,"));
    assert!(!answer.says("</textarea><script>x"));
}

#[tokio::test]
async fn one_browser_alone_has_nothing_to_sign_out_elsewhere() {
    let answer = bare("/portal/settings/account").await;
    assert!(!answer.says("end_others") && !answer.says("end_session"));
}

#[tokio::test]
async fn a_refused_password_change_shows_no_password() {
    let typed = [("current_password", "hunter2"), ("new_password", "hunter3")];
    let message = "this is not your password";
    let answer =
        after_refusal("/portal/settings/account", "password", Some("current_password"), message, &typed)
            .await;
    assert!(!answer.says("hunter") && answer.says("This is not your password."));
    assert!(answer.says(r#"id="password-current_password-error""#));
}

#[tokio::test]
async fn the_workspace_page_shows_every_setting_as_it_is_typed() {
    let answer = by_owner("/portal/settings/tenant").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn refused_settings_keep_what_was_typed() {
    let typed =
        [("version", "3"), ("gross_margin", "eighty"), ("week_start", "sunday"), ("name", "New name")];
    let message = "this is no plain number, like 12.5";
    let answer =
        after_refusal("/portal/settings/tenant", "settings", Some("gross_margin"), message, &typed).await;
    for part in [
        r#"value="eighty""#,
        r#"value="New name""#,
        r#"<option value="sunday" selected>"#,
        r##"<a href="#settings-gross_margin">"##,
        "This is no plain number, like 12.5.",
    ] {
        assert!(answer.says(part), "{part}");
    }
    assert!(!answer.says("Show the settings as they are now"));
}

#[tokio::test]
async fn settings_somebody_else_saved_meanwhile_are_not_overwritten_unseen() {
    let message = "somebody changed the settings meanwhile: reload the page to see them";
    let answer =
        after_refusal("/portal/settings/tenant", "settings", None, message, &[("version", "2")]).await;
    assert!(answer.says(r#"<input type="hidden" name="version" value="2">"#));
    assert!(answer.says("Show the settings as they are now"));
}

#[tokio::test]
async fn the_members_page_shows_who_belongs_and_who_is_asked() {
    let answer = by_owner("/portal/settings/members").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
    assert!(!bare("/portal/settings/members").await.says("Invited, not joined yet"));
}

#[tokio::test]
async fn nobody_is_offered_to_hand_on_more_than_they_have() {
    let answer = asked("/portal/settings/members", World::of(member(Role::Admin))).await;
    assert!(answer.says(r#"<option value="admin""#) && !answer.says(r#"<option value="owner""#));
}

#[tokio::test]
async fn a_refused_change_is_said_at_the_head_and_kept_in_its_row() {
    let grace = "00000000-0000-0000-0000-000000000048";
    let typed = [("user", grace), ("role", "admin")];
    let message = "a workspace needs an owner";
    let answer = after_refusal("/portal/settings/members", "change_role", None, message, &typed).await;
    assert!(answer.says(r#"<p role="alert" class="alert">A workspace needs an owner.</p>"#));
    let row = between(&answer.html, &format!("change_role-role-{grace}\""), "</form>");
    assert!(row.contains(r#"<option value="admin" selected>"#));
    assert_eq!(answer.html.matches(r#"<option value="admin" selected>"#).count(), 2, "and who is one");
}

#[tokio::test]
async fn a_refused_confirmation_stays_open() {
    let typed = [("user", "00000000-0000-0000-0000-000000000048")];
    let answer = after_refusal("/portal/settings/members", "remove", None, "not now", &typed).await;
    assert_eq!(answer.html.matches(r#"name="hanging" open"#).count(), 1);
}

#[tokio::test]
async fn the_link_of_an_invitation_is_shown_once() {
    let link = "https://cc.example.com/invitation?token=9fK2xQ7b";
    let visit = given(member(Role::Owner), "invite", link);
    let answer = asked("/portal/settings/members", World::of(visit)).await;
    let shown = between(&answer.html, "class=\"card shown-once\"", "</section>");
    insta::assert_snapshot!(lines(shown));
    assert!(!by_owner("/portal/settings/members").await.says("shown-once"));
}

#[tokio::test]
async fn the_keys_page_shows_keys_and_what_they_may_do() {
    let answer = by_owner("/portal/settings/api-keys").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn without_a_key_the_page_says_what_one_is_for() {
    let answer = bare("/portal/settings/api-keys").await;
    assert!(answer.says("No key yet") && answer.says("without anybody's password"));
    assert_eq!(answer.html.matches(" checked").count(), 1, "reading figures is marked");
}

#[tokio::test]
async fn a_refused_key_keeps_what_was_marked() {
    let typed = [("name", "Report"), ("role", "operator"), ("scope", "act manage_members")];
    let message = "an operator has no permission to manage members";
    let answer = after_refusal("/portal/settings/api-keys", "create", Some("scope"), message, &typed).await;
    for word in ["act", "manage_members"] {
        assert!(answer.says(&format!(r#"name="scope" value="{word}" checked"#)), "{word}");
    }
    assert_eq!(answer.html.matches(" checked").count(), 2);
    assert!(answer.says(r#"id="create-scope" aria-describedby="create-scope-error""#));
    assert!(answer.says(r#"<option value="operator" selected>"#));
}

#[tokio::test]
async fn a_key_is_shown_once_with_its_use() {
    let visit = given(member(Role::Owner), "create", "cc_9fK2xQ7b");
    let answer = asked("/portal/settings/api-keys", World::of(visit)).await;
    assert!(answer.says(r#"readonly autocomplete="off" value="cc_9fK2xQ7b""#));
    assert!(answer.says("Authorization: Bearer"));
}

#[tokio::test]
async fn the_connections_page_shows_what_is_stored_and_never_the_value() {
    let answer = by_owner("/portal/settings/connections").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn a_viewer_sees_how_tools_stand_and_nothing_to_press() {
    let answer = asked("/portal/settings/connections", World::of(member(Role::Viewer))).await;
    for part in ["HeyReach", "Its key may ", "1,204 new", "it has no e-mail", "Key refused", "Not connected"]
    {
        assert!(answer.says(part), "{part}");
    }
    for part in
        ["Credentials", "Past payments", r#"value="sync""#, r#"value="connect""#, r#"value="webhook""#]
    {
        assert!(!answer.says(part), "{part}");
    }
    let answer = asked("/portal/settings/connections", World::of(member(Role::Operator))).await;
    assert!(answer.says(r#"value="sync""#) && !answer.says(r#"value="disconnect""#));
}

async fn connections_while(past: RunState) -> Answer {
    let office = FixedOffice { past, ..FixedOffice::default() };
    asked("/portal/settings/connections", World::of(member(Role::Owner)).with(office)).await
}

#[tokio::test]
async fn the_past_is_offered_to_be_read_once_there_is_a_key() {
    let answer = bare("/portal/settings/connections").await;
    assert!(answer.says("Store a restricted key of Stripe below") && !answer.says(r#"value="backfill""#));
    let answer = connections_while(RunState::Done).await;
    assert!(answer.says(r#"value="backfill""#) && answer.says("Read again"));
    assert!(answer.says("acct_1Northwind") && answer.says("live"));
    assert!(!answer.says(r#"value="pause_backfill""#) && !answer.says("data-live"));
}

#[tokio::test]
async fn a_past_that_is_being_read_shows_how_far_it_has_come_and_can_be_stopped() {
    let answer = connections_while(RunState::Running).await;
    for part in
        [r#"value="pause_backfill""#, "Being read", "Customers 1,204 · Charges 4,900 so far", "data-live"]
    {
        assert!(answer.says(part), "{part}");
    }
    assert!(!answer.says(r#"value="backfill""#), "one at a time");
}

#[tokio::test]
async fn a_past_that_could_not_be_read_says_why_and_can_be_gone_on_with() {
    let answer = connections_while(RunState::Failed).await;
    for part in [
        "Failed",
        "Stripe did not answer for /v1/charges.",
        "Stripe does not accept the key.",
        "Go on reading",
    ] {
        assert!(answer.says(part), "{part}");
    }
}

#[tokio::test]
async fn without_a_key_to_seal_with_nothing_can_be_stored() {
    let answer = bare("/portal/settings/connections").await;
    assert!(answer.says("SECRETS_KEY") && answer.says("openssl rand -base64 32"));
    assert!(!answer.says(r#"value="store""#));
}

#[tokio::test]
async fn a_refused_credential_is_not_shown_and_its_field_is_open() {
    let typed = [("kind", "stripe_webhook"), ("value", "sk_live_1")];
    let address = "/portal/settings/connections";
    let answer = after_refusal(address, "store", Some("value"), "this begins with whsec_", &typed).await;
    assert!(!answer.says("sk_live_1"));
    assert_eq!(answer.html.matches(r#"name="hanging" open"#).count(), 1);
    assert!(answer.says(r#"aria-describedby="store-value-stripe_webhook-error""#));
}

#[tokio::test]
async fn the_audit_log_shows_lines_and_the_way_to_older_ones() {
    let answer = by_owner("/portal/settings/audit-log").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
    assert!(bare("/portal/settings/audit-log").await.says("Nothing was done here yet."));
}

#[tokio::test]
async fn the_filter_of_the_audit_log_is_kept_by_every_link() {
    let query = "deed=exported&actor=ada&from=2026-11-01";
    let answer = by_owner(&format!("/portal/settings/audit-log?{query}")).await;
    assert!(answer.says(&format!("href=\"/api/audit-log.csv?{}\"", query.replace('&', "&amp;"))));
    for part in [
        "No line of the log matches.",
        r#"<option value="exported" selected>"#,
        r#"name="actor" value="ada""#,
        r#"name="from" value="2026-11-01""#,
        "Show every line",
    ] {
        assert!(answer.says(part), "{part}");
    }
}

#[tokio::test]
async fn a_wrong_filter_is_400_and_stays() {
    let answer = by_owner("/portal/settings/audit-log?from=yesterday&actor=ada").await;
    assert_eq!(answer.status, 400);
    assert!(answer.says("Days are written like 2026-01-31.") && answer.says(r#"value="ada""#));
}

#[tokio::test]
async fn every_form_and_link_keeps_the_tenant_that_was_asked_for() {
    let tenant = "tenant_id=00000000-0000-0000-0000-000000000007";
    for page in GUARDED.into_iter().chain(["/portal/settings/account", "/portal/settings/connections"]) {
        let answer = by_owner(&format!("{page}?{tenant}&done=joined")).await;
        let forms = answer.html.matches("<form").count();
        let own = answer.html.matches(&format!("method=\"post\" action=\"{page}?{tenant}\"")).count();
        let get = answer.html.matches("method=\"get\"").count();
        // The way out is the same everywhere.
        assert_eq!(forms, own + get + 1, "{page}");
        let links = answer.html.matches("href=\"/portal/").count();
        let kept = answer.html.split("href=\"/portal/").skip(1).filter(|link| {
            let address = link.split('"').next().unwrap();
            address.split_once('?').is_some_and(|(_, query)| query.split("&amp;").next() == Some(tenant))
        });
        assert_eq!(links, kept.count(), "{page}");
    }
}

#[tokio::test]
async fn who_may_not_is_told_what_is_missing_and_whom_to_ask() {
    for page in GUARDED {
        let answer = asked(page, World::of(member(Role::Operator))).await;
        assert_eq!(answer.status, 403, "{page}");
        assert!(answer.says("You may not see this page") && answer.says("Ask an admin or owner"), "{page}");
    }
    let answer = asked("/portal/settings/tenant", World::of(member(Role::Viewer))).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn the_navigation_shows_what_somebody_may_see() {
    let owner = by_owner("/portal/settings/members").await;
    insta::assert_snapshot!(lines(between(&owner.html, "<header class=\"side\">", "</header>")));
    let viewer = asked("/portal/revenue", World::of(member(Role::Viewer))).await;
    assert!(viewer.says("/portal/settings/account"));
    for page in GUARDED {
        assert!(owner.says(&format!("href=\"{page}\"")) && !viewer.says(page), "{page}");
    }
}

#[tokio::test]
async fn other_workspaces_hang_from_the_name_of_this_one() {
    let answer = asked("/portal/revenue?period=7d&tenant_id=7", World::of(member_of_two())).await;
    let menu = between(&answer.html, "<details class=\"switcher\">", "</details>");
    insta::assert_snapshot!(lines(menu));
    assert!(!by_owner("/portal/revenue").await.says("class=\"switcher\""));
}

#[tokio::test]
async fn the_platforms_page_is_for_who_runs_the_platform() {
    let answer = asked("/portal/platform", World::of(platform_admin())).await;
    assert_eq!(answer.status, 200);
    insta::assert_snapshot!(lines(main_of(&answer.html)));
    let hidden = by_owner("/portal/platform").await;
    assert_eq!(hidden.status, 404);
    assert!(hidden.says("There is nothing at this address"));
    let office = FixedOffice { bare: true, ..FixedOffice::default() };
    let empty = asked("/portal/platform", World::of(without_workspace(true)).with(office)).await;
    assert!(empty.says("There is no workspace yet."));
}

#[tokio::test]
async fn a_failure_of_ours_is_500_on_every_page() {
    let office = FixedOffice {
        error: Some(AskError::Ours { reference: "7f3a9c".to_owned() }),
        ..FixedOffice::default()
    };
    let pages = [
        "/portal/settings/account",
        "/portal/settings/connections",
        "/portal/platform",
        "/reset-password?token=x",
        "/invitation?token=x",
    ];
    for page in GUARDED.into_iter().chain(pages) {
        let answer = asked(page, World::of(platform_admin()).with(office.clone())).await;
        assert_eq!(answer.status, 500, "{page}");
        assert!(answer.says("7f3a9c"), "{page}");
    }
}
