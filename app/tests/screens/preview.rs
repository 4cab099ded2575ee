//! Every state of every page as a file, to be looked at in a browser:
//! `cargo test -p app --features ssr --test screens -- --ignored --nocapture looked_at`.

use std::path::Path;
use std::{fs, io};

use app::port::AskError;
use app::visit::Visit;
use domain::access::Role;
use domain::backfill::RunState;

use crate::desk::FixedDesk;
use crate::document::{World, asked, at};
use crate::office::FixedOffice;
use crate::visits::{
    astray, given, hostile, member, member_of_two, platform_admin, refused, stranger, without_workspace,
};

/// Where the files go.
const OUT: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/screens");

/// Where the stylesheets are.
const STYLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../style");

#[tokio::test]
#[ignore = "writes files to look at"]
async fn every_state_of_every_page_can_be_looked_at() -> io::Result<()> {
    fs::create_dir_all(OUT)?;
    fs::write(Path::new(OUT).join("preview.css"), stylesheet()?)?;
    let calm = FixedDesk::default();
    let states = [
        ("overview", "/portal/command-center?period=90d", calm.clone()),
        ("month", "/portal/command-center?period=qtd&granularity=month", calm.clone()),
        ("week", "/portal/command-center?period=7d&granularity=day", calm.clone()),
        ("custom", "/portal/command-center?from=2026-09-01&to=2026-10-15", calm.clone()),
        ("hostile", "/portal/command-center", FixedDesk { hostile: true, ..calm.clone() }),
        ("untouched", "/portal/command-center", FixedDesk { untouched: true, ..calm.clone() }),
        ("quiet", "/portal/command-center?period=7d", FixedDesk { quiet: true, ..calm.clone() }),
        ("invalid", "/portal/command-center?from=2026-09-02&to=2026-09-01", calm.clone()),
        ("ours", "/portal/command-center", FixedDesk { error: Some(failure()), ..calm.clone() }),
        ("revenue", "/portal/revenue?period=90d", calm.clone()),
        ("refunds", "/portal/revenue?kind=refund,refund_failed&channel=heyreach", calm.clone()),
        ("nothing", "/portal/revenue", FixedDesk { quiet: true, ..calm.clone() }),
        ("review", "/portal/revenue?review=presumed_tie", calm.clone()),
        ("channels", "/portal/channels", calm.clone()),
        ("snapshot", "/portal/command-center?funnel=snapshot&sort=roi", calm.clone()),
        ("explain-roi", "/portal/explain?figure=channel_roi&channel=meta_ads", calm.clone()),
        ("explain-best", "/portal/explain?figure=best_channel", calm.clone()),
        ("explain-mrr", "/portal/explain?figure=mrr", calm.clone()),
        ("explain-none", "/portal/explain?figure=luck", calm.clone()),
        ("customers", "/portal/customers", calm.clone()),
        ("customer", "/portal/customers/cus_RaB2cDeFgHiJkL", calm.clone()),
        ("leads", "/portal/leads?stage=enriched&stuck=yes", calm.clone()),
        ("leads-none", "/portal/leads", FixedDesk { untouched: true, ..calm.clone() }),
        ("leads-hostile", "/portal/leads", FixedDesk { hostile: true, ..calm.clone() }),
        ("lead", "/portal/leads/018f0000-0000-7000-8000-000000000001", calm.clone()),
        ("lead-unknown", "/portal/leads/nobody", calm.clone()),
        ("events", "/portal/events", calm.clone()),
        ("events-filtered", "/portal/events?state=dead&type=invoice.&id=in_1", calm.clone()),
        ("events-invalid", "/portal/events?state=lost", calm.clone()),
        ("events-none", "/portal/events", FixedDesk { untouched: true, ..calm.clone() }),
        ("event", "/portal/events?event=evt_1RaB2cDeFgHiJkLm", calm.clone()),
        ("event-dead", "/portal/events?event=evt_1DeadDeadDead", calm.clone()),
        ("alerts", "/portal/alerts", calm.clone()),
        ("alerts-resolved", "/portal/alerts?state=resolved", calm.clone()),
        ("alerts-none", "/portal/alerts", FixedDesk { untouched: true, ..calm.clone() }),
        ("failed", "/portal/failed-payments", calm.clone()),
        ("failed-none", "/portal/failed-payments", FixedDesk { untouched: true, ..calm.clone() }),
        ("recurring", "/portal/mrr", calm.clone()),
        ("restatements", "/portal/restatements", calm.clone()),
        ("restatements-none", "/portal/restatements", FixedDesk { untouched: true, ..calm.clone() }),
        ("metrics", "/portal/metrics", calm.clone()),
        ("missing", "/nowhere", calm),
    ];
    for (name, address, desk) in states {
        fs::write(Path::new(OUT).join(format!("{name}.html")), at(address, desk).await.html)?;
    }
    for (name, address, world) in alone().into_iter().chain(settings()).chain(refusals()) {
        fs::write(Path::new(OUT).join(format!("{name}.html")), asked(address, world).await.html)?;
    }
    println!("see {OUT}");
    Ok(())
}

type State = (&'static str, &'static str, World);

/// Pages without navigation.
fn alone() -> Vec<State> {
    let calm = || World::of(stranger());
    let wrong = refused(
        stranger(),
        "sign_in",
        None,
        "e-mail and password do not fit",
        &[("email", "ada@example.com")],
    );
    let short = refused(
        stranger(),
        "sign_up",
        Some("password"),
        "use at least 8 characters",
        &[("company", "Northwind"), ("name", "Ada"), ("email", "ada@example.com")],
    );
    let mute = Visit { can_send_mail: false, is_sign_up_open: false, ..stranger() };
    vec![
        ("login", "/login?done=signed-out", calm()),
        ("login-refused", "/login", World::of(wrong)),
        ("signup", "/signup", calm()),
        ("signup-refused", "/signup", World::of(short)),
        ("signup-closed", "/signup", World::of(mute.clone())),
        ("logout", "/logout", World::of(member(Role::Viewer))),
        ("forgot", "/forgot-password", calm()),
        ("forgot-mute", "/forgot-password", World::of(mute)),
        ("reset", "/reset-password?token=good", calm()),
        ("reset-spent", "/reset-password?token=bad", calm()),
        ("invitation", "/invitation?token=good", calm()),
        (
            "invitation-known",
            "/invitation?token=good",
            calm().with(FixedOffice { has_account: true, ..FixedOffice::default() }),
        ),
        ("invitation-spent", "/invitation", calm()),
        ("missing-stranger", "/nowhere", calm()),
        ("stranger", "/portal/revenue", calm()),
    ]
}

/// The settings, calm, bare, refused, and with what is shown once.
fn settings() -> Vec<State> {
    let calm = || World::of(member(Role::Owner));
    let past = |past| calm().with(FixedOffice { past, ..FixedOffice::default() });
    let bare = || calm().with(FixedOffice { bare: true, can_seal: false, ..FixedOffice::default() });
    let saying = |form, field, message, typed: &[(&str, &str)]| {
        World::of(refused(member(Role::Owner), form, field, message, typed))
    };
    let once = |form, text| World::of(given(member(Role::Owner), form, text));
    let number = "this is no plain number, like 12.5";
    let stale = "somebody changed the settings meanwhile: reload the page to see them";
    let grace = "00000000-0000-0000-0000-000000000048";
    let link = "https://cc.example.com/invitation?token=9fK2xQ7bV3mN8pR4sT6wY1zA5cD0eF2gH7jK9lM3nP4";
    vec![
        ("account", "/portal/settings/account?done=name-saved", World::of(member_of_two())),
        (
            "account-refused",
            "/portal/settings/account",
            saying("password", Some("current_password"), "this is not your password", &[]),
        ),
        ("tenant", "/portal/settings/tenant", calm()),
        (
            "tenant-refused",
            "/portal/settings/tenant",
            saying("settings", Some("gross_margin"), number, &[("gross_margin", "eighty"), ("version", "3")]),
        ),
        ("tenant-stale", "/portal/settings/tenant", saying("settings", None, stale, &[("version", "2")])),
        ("members", "/portal/settings/members", World::of(member_of_two())),
        ("members-bare", "/portal/settings/members", bare()),
        ("members-once", "/portal/settings/members", once("invite", link)),
        (
            "members-refused",
            "/portal/settings/members",
            saying("change_role", None, "a workspace needs an owner", &[("user", grace), ("role", "admin")]),
        ),
        ("keys", "/portal/settings/api-keys", calm()),
        ("keys-bare", "/portal/settings/api-keys", bare()),
        (
            "keys-once",
            "/portal/settings/api-keys",
            once("create", "cc_9fK2xQ7bV3mN8pR4sT6wY1zA5cD0eF2gH7jK9lM3nP4"),
        ),
        (
            "keys-refused",
            "/portal/settings/api-keys",
            saying("create", Some("scope"), "choose at least one", &[("name", "Report"), ("role", "viewer")]),
        ),
        ("exchange-rates", "/portal/settings/exchange-rates", calm()),
        ("connections", "/portal/settings/connections", calm()),
        ("connections-reading", "/portal/settings/connections", past(RunState::Running)),
        ("connections-failed", "/portal/settings/connections", past(RunState::Failed)),
        ("connections-bare", "/portal/settings/connections", bare()),
        (
            "connections-refused",
            "/portal/settings/connections",
            saying("store", Some("value"), "this begins with whsec_", &[("kind", "stripe_webhook")]),
        ),
        ("audit", "/portal/settings/audit-log", calm()),
        ("audit-bare", "/portal/settings/audit-log", bare()),
        ("audit-filtered", "/portal/settings/audit-log?deed=exported&actor=ada", calm()),
        ("audit-invalid", "/portal/settings/audit-log?from=yesterday", calm()),
        ("platform", "/portal/platform", World::of(platform_admin())),
        ("platform-bare", "/portal/platform", World { visit: without_workspace(true), ..bare() }),
    ]
}

/// Who may not, and what others chose.
fn refusals() -> Vec<State> {
    let hostile = || World::of(hostile()).with(FixedOffice { hostile: true, ..FixedOffice::default() });
    vec![
        ("members-hostile", "/portal/settings/members", hostile()),
        ("audit-hostile", "/portal/settings/audit-log", hostile()),
        ("forbidden", "/portal/settings/tenant", World::of(member(Role::Viewer))),
        ("no-workspace", "/portal/command-center", World::of(without_workspace(true))),
        ("astray", "/portal/revenue?tenant_id=9", World::of(astray())),
        ("platform-hidden", "/portal/platform", World::of(member(Role::Owner))),
    ]
}

fn failure() -> AskError {
    AskError::Ours { reference: "7f3a9c".to_owned() }
}

/// The stylesheets in the order the bundle joins them.
fn stylesheet() -> io::Result<String> {
    let mut files: Vec<_> = fs::read_dir(STYLE)?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(|file| {
        let name = file.file_name();
        (name != "tokens.css", name != "base.css", name)
    });
    let sheets = files.iter().map(fs::DirEntry::path).filter(|path| path.extension() == Some("css".as_ref()));
    let text = sheets.map(fs::read_to_string).collect::<Result<Vec<_>, _>>()?.join("\n");
    Ok(text.replace("fonts/", &format!("{STYLE}/fonts/")))
}
