//! What the pages say, and that every figure leads to what it is made of.

use app::pages::{ChannelsView, CommandCenterView, RevenueView};
use app::port::{LedgerQuestion, OverviewQuestion, PeriodQuestion};
use domain::access::Role;
use leptos::prelude::*;

use crate::desk::FixedDesk;
use crate::visits::member;

fn ninety_days() -> PeriodQuestion {
    PeriodQuestion { period: Some("90d".to_owned()), ..PeriodQuestion::default() }
}

fn command_center(desk: &FixedDesk, question: PeriodQuestion) -> String {
    let question = OverviewQuestion { period: question, ..OverviewQuestion::default() };
    let overview = desk.answer_overview(&question).unwrap();
    Owner::new().with(|| {
        provide_context(member(Role::Owner));
        view! { <CommandCenterView overview question/> }.to_html()
    })
}

fn channels(desk: &FixedDesk, question: PeriodQuestion) -> String {
    let question = OverviewQuestion { period: question, ..OverviewQuestion::default() };
    let overview = desk.answer_overview(&question).unwrap();
    Owner::new().with(|| {
        provide_context(member(Role::Owner));
        view! { <ChannelsView overview question/> }.to_html()
    })
}

fn revenue(desk: &FixedDesk, question: LedgerQuestion) -> String {
    let ledger = desk.answer_ledger(&question).unwrap();
    Owner::new().with(|| {
        provide_context(member(Role::Owner));
        view! { <RevenueView ledger question/> }.to_html()
    })
}

fn hostile() -> FixedDesk {
    FixedDesk { hostile: true, ..FixedDesk::default() }
}

/// One element on a line, so that a difference can be read.
pub(crate) fn lines(html: &str) -> String {
    html.replace("><", ">\n<")
}

/// What a document says beside its navigation.
pub(crate) fn main_of(html: &str) -> &str {
    between(html, "<main", "</main>")
}

/// The text between two marks, the first time they follow each other.
pub(crate) fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split_once(from).unwrap().1.split_once(to).unwrap().0
}

/// The amounts of a column of the channel table, in cents.
fn column(rows: &str, before: &str) -> Vec<i64> {
    rows.split("<tr>").skip(1).map(|row| cents(between(between(row, before, "</td>"), ">", "</a>"))).collect()
}

fn cents(amount: &str) -> i64 {
    let digits: String = amount.chars().filter(char::is_ascii_digit).collect();
    let size: i64 = digits.parse().unwrap();
    if amount.starts_with('−') { -size } else { size }
}

/// Fails on any element we do not use, any handler and any address that is not one.
pub(crate) fn refuse_markup_of_others(html: &str) {
    assert!(!html.contains('\u{202e}'), "a character that turns text round");
    for tag in tags(html) {
        let name = tag.split([' ', '/']).next().unwrap();
        assert!(!["script", "img", "style", "b", "iframe", "object"].contains(&name), "<{tag}>");
        let bare: String = tag.split('"').step_by(2).collect();
        assert!(!bare.split([' ', '\'', '/']).any(|name| name.starts_with("on")), "<{tag}>");
        for (attribute, value) in attributes(&tag) {
            assert!(!attribute.starts_with("on") && attribute != "style", "<{tag}>");
            assert!(!attribute.contains("href") || is_ours(value), "<{tag}>");
        }
    }
}

fn is_ours(address: &str) -> bool {
    [
        "/portal/",
        "/login",
        "/logout",
        "/signup",
        "/forgot-password",
        "/api/",
        "#",
        "https://dashboard.stripe.com/",
    ]
    .iter()
    .any(|start| address.starts_with(start))
}

/// The opening tags of a document, as a browser would find them.
fn tags(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if !after.starts_with(|first: char| first.is_ascii_alphabetic()) {
            continue;
        }
        let mut is_quoted = false;
        let end = after.find(|character| {
            is_quoted ^= character == '"';
            character == '>' && !is_quoted
        });
        found.push(after[..end.unwrap()].to_owned());
        rest = &after[end.unwrap()..];
    }
    found
}

fn attributes(tag: &str) -> Vec<(&str, &str)> {
    let mut parts = tag.split('"');
    let mut found = Vec::new();
    while let (Some(before), Some(value)) = (parts.next(), parts.next()) {
        let name = before.trim_end_matches('=').rsplit(' ').next().unwrap();
        found.push((name, value));
    }
    found
}

#[test]
fn the_main_screen_shows_ninety_days() {
    insta::assert_snapshot!(lines(&command_center(&FixedDesk::default(), ninety_days())));
}

#[test]
fn the_revenue_page_shows_its_rows() {
    let question = LedgerQuestion { period: ninety_days(), ..LedgerQuestion::default() };
    insta::assert_snapshot!(lines(&revenue(&FixedDesk::default(), question)));
}

#[test]
fn before_the_first_event_the_main_screen_says_what_to_do() {
    let desk = FixedDesk { untouched: true, ..FixedDesk::default() };
    insta::assert_snapshot!(lines(&command_center(&desk, PeriodQuestion::default())));
}

#[test]
fn days_without_money_lead_to_more_days() {
    let desk = FixedDesk { quiet: true, ..FixedDesk::default() };
    let week = PeriodQuestion { period: Some("7d".to_owned()), ..PeriodQuestion::default() };
    let html = command_center(&desk, week);
    assert!(html.contains("No money moved in these days"));
    assert!(html.contains(r#"<a href="/portal/command-center?period=30d" class="button">"#));
    let quarter = command_center(&desk, ninety_days());
    assert!(quarter.contains("from=2025-11-21&amp;to=2026-11-20"));
}

#[test]
fn the_columns_of_the_channel_table_add_up_to_their_totals() {
    let html = channels(&FixedDesk::default(), ninety_days());
    let table = between(&html, "data channel-table", "</table>");
    let (body, foot) = table.split_once("<tfoot>").unwrap();
    let body = body.split_once("<tbody>").unwrap().1;
    for mark in ["\"Payments\"", "\"Gross\"", "\"Refunds\"", "\"Disputes\"", "\"main-figure\""] {
        let mark = format!("{mark}>");
        assert_eq!(column(body, &mark).iter().sum::<i64>(), column(foot, &mark)[0], "{mark}");
    }
    let of_row = |mark: &str| column(foot, mark)[0];
    assert_eq!(
        of_row("\"Gross\">") + of_row("\"Refunds\">") + of_row("\"Disputes\">"),
        of_row("\"main-figure\">")
    );
}

#[test]
fn every_figure_leads_to_the_rows_it_is_the_sum_of() {
    let html = command_center(&FixedDesk::default(), ninety_days())
        + &channels(&FixedDesk::default(), ninety_days());
    for address in [
        "period=90d",
        "period=90d&amp;kind=payment",
        "period=90d&amp;kind=payment,adjustment",
        "period=90d&amp;kind=refund,refund_failed",
        "period=90d&amp;kind=dispute,dispute_reversal",
        "period=90d&amp;channel=unknown",
        "period=90d&amp;channel=heyreach&amp;kind=payment,adjustment",
        "period=90d&amp;channel=heyreach&amp;kind=refund,refund_failed",
        "period=90d&amp;product=Outbound%20bootcamp&amp;category=bootcamp",
        "from=2026-11-16&amp;to=2026-11-20",
        "from=2026-11-16&amp;to=2026-11-20&amp;channel=heyreach",
    ] {
        let link = format!("href=\"/portal/revenue?{address}\"");
        assert!(html.contains(&link), "{link}");
    }
}

#[test]
fn every_key_figure_leads_to_its_explanation() {
    let html = command_center(&FixedDesk::default(), ninety_days());
    for figure in ["total_revenue", "mrr", "blended_cac", "best_channel", "pipeline_value"] {
        let link = format!("href=\"/portal/explain?period=90d&amp;figure={figure}\"");
        assert!(html.contains(&link), "{link}");
    }
    assert!(html.contains("/portal/explain?period=90d&amp;figure=channel_roi&amp;channel=meta_ads"));
}

#[test]
fn every_step_of_the_funnel_leads_to_its_leads() {
    let html = command_center(&FixedDesk::default(), ninety_days());
    assert!(html.contains("href=\"/portal/leads?period=90d&amp;reached=replied\">1,124</a>"));
    assert!(html.contains("href=\"/portal/leads?stage=enriched&amp;stuck=yes\" class=\"stuck\">312</a>"));
    assert!(html.contains("href=\"/portal/leads?period=90d&amp;channel=heyreach&amp;reached=pool\">"));
}

#[test]
fn links_keep_the_tenant_that_was_asked_for() {
    let tenant = "00000000-0000-0000-0000-000000000007";
    let question = PeriodQuestion { tenant_id: Some(tenant.to_owned()), ..ninety_days() };
    let html = command_center(&FixedDesk::default(), question);
    let own = html.matches("href=\"/portal/").count();
    assert!(own > 50);
    assert_eq!(html.matches(&format!("?tenant_id={tenant}")).count() - 1, own, "all links and the stream");
}

#[test]
fn the_running_week_is_called_unfinished() {
    let html = command_center(&FixedDesk::default(), ninety_days());
    assert!(html.contains("Week of Nov 16, 2026, so far"));
    assert!(html.contains("Aug 23, 2026 (part of a week)"));
    assert!(html.contains("Lighter: part of a week, or so far"));
    let past = PeriodQuestion {
        from: Some("2026-09-07".to_owned()),
        to: Some("2026-10-04".to_owned()),
        ..PeriodQuestion::default()
    };
    assert!(!command_center(&FixedDesk::default(), past).contains("Lighter"));
}

#[test]
fn what_is_in_no_figure_is_said() {
    let html = command_center(&FixedDesk::default(), ninety_days());
    assert!(html.contains("¥4,900 in 1 row is in none of these figures: no exchange rate is known."));
    assert!(html.contains("3 events from Stripe could not be understood."));
}

#[test]
fn names_of_others_are_text_and_nothing_else() {
    refuse_markup_of_others(&command_center(&hostile(), ninety_days()));
    let question = LedgerQuestion {
        product: Some("</p><script>alert(8)</script>".to_owned()),
        ..LedgerQuestion::default()
    };
    refuse_markup_of_others(&revenue(&hostile(), question));
}

#[test]
fn the_filter_is_told_in_words_and_kept_by_every_link() {
    let question = LedgerQuestion {
        period: ninety_days(),
        kind: Some("refund,refund_failed".to_owned()),
        channel: Some("heyreach".to_owned()),
        ..LedgerQuestion::default()
    };
    let html = revenue(&FixedDesk::default(), question);
    let words = between(&html, "<p id=\"filter\">", "</p>").replace("<!>", "");
    assert_eq!(
        words,
        "Refunds and failed refunds credited to <bdi>HeyReach</bdi>, Aug 23 – Nov 20, 2026. Times are in UTC."
    );
    assert!(html.contains("<strong>−$499.50</strong>"));
    assert!(html.contains("1 row"));
    assert!(html.contains("/portal/revenue?channel=heyreach&amp;kind=refund,refund_failed&amp;period=7d"));
    assert!(html.contains(r#"<option value="refund,refund_failed" selected>"#));
}

#[test]
fn a_page_of_rows_leads_to_the_next() {
    let html = revenue(&FixedDesk::default(), LedgerQuestion::default());
    assert!(html.contains(r#"href="/portal/revenue?cursor=older%20than%20this""#));
}
