//! `/portal/revenue`: the ledger rows behind a figure.

use domain::ledger::EntryKind;
use domain::revenue::Class;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{desk, ledger_question, query};
use super::refusal::RefusalView;
use crate::address::{Address, RESTATEMENTS};
use crate::answer::Piece;
use crate::components::{Layout, LedgerFilters, LedgerTable, Note, Notes, PeriodPicker, Place, Sentence};
use crate::format;
use crate::port::{LedgerPage, LedgerQuestion};
use crate::roster::Roster;
use crate::visit::Visit;

/// The heading of the page.
const TITLE: &str = "Revenue";

/// Asks for the rows the address names and shows them.
#[component]
pub fn RevenuePage() -> impl IntoView {
    let (desk, question, viewer) = (desk(), ledger_question(&query()), Visit::now().viewer());
    let answer = Suspend::new(async move {
        let ledger = match viewer {
            Ok(viewer) => desk.ledger(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match ledger {
            Ok(ledger) => view! { <RevenueView ledger question/> }.into_any(),
            Err(error) => {
                let page = Address::of_rows(&question);
                let question = question.period;
                view! { <RefusalView error place=Place::Revenue title=TITLE page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Revenue · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

/// A page of ledger rows with the figure they add up to.
#[component]
pub fn RevenueView(ledger: LedgerPage, question: LedgerQuestion) -> AnyView {
    let roster = Roster::of(&ledger.frame.tenant);
    let page = Address::of_rows(&question);
    let range = ledger.frame.range;
    let tenant_id = question.period.tenant_id.clone();
    view! {
        <Layout place=Place::Revenue question=question.period>
            <header class="page-head">
                <div class="page-title">
                    <h1>{TITLE}</h1>
                    <p id="filter"><Sentence pieces=in_words(&ledger, &roster)/></p>
                </div>
                <div class="controls">
                    <PeriodPicker
                        page=page.clone()
                        chosen=Some(ledger.frame.choice)
                        typed=(range.from.to_string(), range.to.to_string())
                    />
                </div>
            </header>
            <Notes notes=notes(&ledger, &page)/>
            <section class="card ledger" aria-label="Ledger rows">
                <header class="card-head">
                    {sum(&ledger)}
                    <LedgerFilters ledger=ledger.clone() roster=roster.clone() page=page.clone()/>
                </header>
                {rows(&ledger, roster, tenant_id)}
                {foot(&ledger, &page)}
            </section>
        </Layout>
    }
    .into_any()
}

fn sum(ledger: &LedgerPage) -> AnyView {
    let amount = format::money(ledger.sum, ledger.frame.tenant.currency);
    let rows = format::counted(ledger.rows_in_all, "row", "rows");
    view! {
        <p class="ledger-sum">
            <strong>{amount}</strong>
            <span>" in " {rows}</span>
        </p>
    }
    .into_any()
}

fn rows(ledger: &LedgerPage, roster: Roster, tenant_id: Option<String>) -> AnyView {
    if ledger.lines.is_empty() {
        return view! { <p class="nothing">"No row of the ledger matches. Choose other days, or show every row."</p> }
            .into_any();
    }
    view! { <LedgerTable ledger=ledger.clone() roster tenant_id/> }.into_any()
}

fn foot(ledger: &LedgerPage, page: &Address) -> AnyView {
    if ledger.lines.is_empty() {
        return ().into_any();
    }
    let older = ledger.next.as_ref().map(|cursor| {
        let address = page.clone().with("cursor", cursor);
        view! { <a class="button" rel="next" href=address.to_string()>"Older rows"</a> }
    });
    let file = page.clone().as_file();
    let changed = page.on_with(RESTATEMENTS, &["channel"]);
    view! {
        <nav class="pages" aria-label="Rows">
            {older}
            <a class="button ghost" href=changed.to_string()>"What changed after these days ended"</a>
            <a class="button ghost" href=file.to_string() download>"Download all these rows as a file (CSV)"</a>
        </nav>
    }
    .into_any()
}

fn notes(ledger: &LedgerPage, page: &Address) -> Vec<Note> {
    as_known(ledger, page).into_iter().chain(without_rate(ledger)).collect()
}

/// That the rows are those of another time, and what changed since.
fn as_known(ledger: &LedgerPage, page: &Address) -> Option<Note> {
    let known_at = ledger.known_at?;
    let moment = format::moment(known_at, &ledger.frame.tenant.timezone);
    let changed = page.on_with(RESTATEMENTS, &["channel"]).with("since", known_at.to_string());
    let text = format!("These are the rows as they were known on {moment}.");
    Some(Note { text, link: Some((changed, "What changed since")) })
}

fn without_rate(ledger: &LedgerPage) -> Option<Note> {
    let text = match ledger.unconverted.iter().map(|sum| sum.rows).sum::<i64>() {
        ..=0 => return None,
        1 => "1 of these rows is not in the sum: no exchange rate is known.".to_owned(),
        rows => {
            format!("{} of these rows are not in the sum: no exchange rate is known.", format::count(rows))
        }
    };
    Some(Note { text, link: None })
}

/// What the page shows, in words.
fn in_words(ledger: &LedgerPage, roster: &Roster) -> Vec<Piece> {
    let mut pieces = vec![Piece::Words(kinds_in_words(&ledger.kinds))];
    if let Some(product) = &ledger.product {
        pieces.push(Piece::Words(" for ".to_owned()));
        pieces.push(Piece::Name(format::name(product)));
    }
    if let Some(category) = &ledger.category {
        pieces.push(Piece::Words(" in the category ".to_owned()));
        pieces.push(Piece::Name(format::name(category)));
    }
    if let Some(class) = ledger.class {
        pieces.push(Piece::Words(of_class(class).to_owned()));
    }
    if let Some(currency) = ledger.currency {
        pieces.push(Piece::Words(format!(" in {}", currency.to_string().to_uppercase())));
    }
    for (is_asked, words) in [
        (ledger.without.product, " that tell no product"),
        (ledger.without.category, " without a category"),
        (ledger.without.rate, " without an exchange rate"),
    ] {
        if is_asked {
            pieces.push(Piece::Words(words.to_owned()));
        }
    }
    if let Some(id) = &ledger.stripe_id {
        pieces.push(Piece::Words(" that belong to ".to_owned()));
        pieces.push(Piece::Name(format::name(id)));
    }
    if ledger.is_for_review {
        pieces.push(Piece::Words(" whose invoice and charge are presumed to be one".to_owned()));
    }
    match &ledger.channel {
        Some(channel) if channel.is_unknown() => {
            pieces.push(Piece::Words(" with no known channel".to_owned()));
        }
        Some(channel) => {
            pieces.push(Piece::Words(" credited to ".to_owned()));
            pieces.push(Piece::Name(roster.name(channel)));
        }
        None => {}
    }
    let timezone = ledger.frame.tenant.timezone.iana_name().unwrap_or("UTC");
    let days = format::days(ledger.frame.range);
    pieces.push(Piece::Words(format!(", {days}. Times are in {timezone}.")));
    pieces
}

fn kinds_in_words(kinds: &[EntryKind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|kind| plural(*kind)).collect();
    let text = match words.as_slice() {
        [] => "all rows of the ledger".to_owned(),
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        words => words.concat(),
    };
    let mut characters = text.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

const fn of_class(class: Class) -> &'static str {
    match class {
        Class::New => " of customers' first payments for a subscription",
        Class::Recurring => " of later payments for subscriptions",
        Class::OneTime => " of one-time payments",
    }
}

fn plural(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Payment => "payments",
        EntryKind::Refund => "refunds",
        EntryKind::RefundFailed => "failed refunds",
        EntryKind::Dispute => "disputes",
        EntryKind::DisputeReversal => "disputes won",
        EntryKind::Adjustment => "adjustments",
        EntryKind::SubscriptionCreated => "subscriptions begun",
        EntryKind::SubscriptionUpdated => "subscriptions changed",
        EntryKind::SubscriptionCancelled => "subscriptions ended",
    }
}
