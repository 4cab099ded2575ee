//! What others chose, typed or sent is text on every page, and nothing else.

use crate::desk::FixedDesk;
use crate::document::{World, asked};
use crate::office::FixedOffice;
use crate::pages::refuse_markup_of_others;
use crate::visits::{HOSTILE, given, hostile, refused};

/// Every page with something on it that others chose.
const PAGES: [&str; 19] = [
    "/portal/command-center",
    "/portal/revenue",
    "/portal/events",
    "/portal/events?event=evt_1RaB2cDeFgHiJkLm",
    "/portal/failed-payments",
    "/portal/restatements",
    "/portal/metrics",
    "/portal/nowhere",
    "/portal/platform",
    "/portal/settings/account",
    "/portal/settings/tenant",
    "/portal/settings/members",
    "/portal/settings/api-keys",
    "/portal/settings/exchange-rates",
    "/portal/settings/connections",
    "/portal/settings/audit-log",
    "/login",
    "/logout",
    "/invitation?token=good",
];

/// Every form with the fields that are typed into it.
const FORMS: [(&str, &str, &[&str]); 13] = [
    ("/login", "sign_in", &["email", "next"]),
    ("/signup", "sign_up", &["company", "name", "email"]),
    ("/forgot-password", "forgot", &["email"]),
    ("/invitation?token=good", "join", &["name"]),
    ("/portal/settings/account", "name", &["name"]),
    ("/portal/settings/tenant", "settings", &["name", "currency", "timezone", "week_start", "version"]),
    ("/portal/settings/members", "invite", &["email", "role"]),
    ("/portal/settings/members", "change_role", &["user", "role"]),
    ("/portal/settings/api-keys", "create", &["name", "role", "scope"]),
    ("/portal/settings/connections", "store", &["kind"]),
    ("/portal/settings/connections", "backfill", &["source", "days"]),
    ("/portal/settings/exchange-rates", "import", &["sheet"]),
    ("/portal/settings/exchange-rates", "set", &["day", "base", "quote", "rate"]),
];

fn world() -> World {
    let desk = FixedDesk { hostile: true, ..FixedDesk::default() };
    let office = FixedOffice { hostile: true, ..FixedOffice::default() };
    World { desk, ..World::of(hostile()).with(office) }
}

#[tokio::test]
async fn names_of_others_are_inert_on_every_page() {
    for page in PAGES {
        let answer = asked(page, world()).await;
        refuse_markup_of_others(body(&answer.html));
        assert!(answer.says("&lt;/script&gt;&lt;svg onload"), "{page} shows no name at all");
    }
}

#[test]
#[should_panic(expected = "svg onload=alert(1)")]
fn what_would_do_harm_is_noticed() {
    refuse_markup_of_others(&HOSTILE.replace('\u{202e}', ""));
}

#[tokio::test]
async fn names_of_others_are_inert_where_somebody_may_not_see() {
    let nobody = app::visit::Visit { looking_at: app::visit::LookingAt::Nothing, ..hostile() };
    let answer = asked("/portal/command-center", World::of(nobody)).await;
    refuse_markup_of_others(body(&answer.html));
}

#[tokio::test]
async fn what_was_typed_is_inert() {
    for (page, form, fields) in FORMS {
        let typed: Vec<(&str, &str)> = fields.iter().map(|field| (*field, HOSTILE)).collect();
        for field in [None, fields.first().copied()] {
            let visit = refused(hostile(), form, field, HOSTILE, &typed);
            let answer = asked(page, World { visit, ..world() }).await;
            let without_typed = answer.html.replace('\u{202e}', "");
            refuse_markup_of_others(body(&without_typed));
        }
    }
}

#[tokio::test]
async fn what_is_shown_once_is_inert() {
    for (page, form) in [("/portal/settings/members", "invite"), ("/portal/settings/api-keys", "create")] {
        let visit = given(hostile(), form, "\"><script>alert(9)</script>");
        refuse_markup_of_others(body(&asked(page, World { visit, ..world() }).await.html));
    }
}

#[tokio::test]
async fn what_stands_in_an_address_is_inert() {
    let typed = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for address in [
        format!("/login?next={typed}&done={typed}"),
        format!("/reset-password?token={typed}"),
        format!("/invitation?token={typed}"),
        format!("/portal/settings/audit-log?deed={typed}&actor={typed}&from={typed}&tenant_id={typed}"),
        format!("/portal/settings/members?tenant_id={typed}&done={typed}"),
        format!("/portal/platform?tenant_id={typed}"),
        format!("/portal/events?state={typed}&type={typed}&id={typed}&tenant_id={typed}"),
        format!("/portal/events?event={typed}"),
        format!("/portal/failed-payments?state={typed}&tenant_id={typed}"),
        format!("/portal/restatements?channel={typed}&cause={typed}&since={typed}&tenant_id={typed}"),
        format!("/portal/revenue?stripe_id={typed}&review={typed}"),
    ] {
        refuse_markup_of_others(body(&asked(&address, world()).await.html));
    }
}

/// The document without its head, whose one script is ours, and without the marks of the islands.
fn body(html: &str) -> &str {
    html.split_once("<body>").unwrap().1
}
