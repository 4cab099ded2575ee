//! How a row of the ledger came to be: why its channel, from which events, and what stood there before.

use domain::access::Permission;
use domain::attribution::{Candidate, Method};
use domain::revision::Change;
use leptos::prelude::*;

use super::{Moment, StripeObject};
use crate::address::Address;
use crate::format;
use crate::port::{EarlierVersion, LedgerLine, SourceLine, TenantView};
use crate::roster::Roster;
use crate::visit::Visit;

/// Everything that is known of a row beside what it says.
#[component]
pub(super) fn RowStory(
    line: LedgerLine,
    tenant: TenantView,
    roster: Roster,
    tenant_id: Option<String>,
) -> AnyView {
    view! {
        <div class="story">
            {because(&line, &roster, tenant_id.as_ref())}
            {objects(&line)}
            {events(&line, &tenant, tenant_id.as_ref())}
            {before(&line, &tenant, tenant_id.as_ref())}
        </div>
    }
    .into_any()
}

fn because(line: &LedgerLine, roster: &Roster, tenant_id: Option<&String>) -> AnyView {
    let tie = line.is_tie_presumed.then(|| {
        view! {
            <p>
                "Its invoice and its charge are presumed to be one payment: same customer, same amount, within the hour. "
                "Have Stripe send " <code>"invoice_payment.paid"</code> " and it is stated instead."
            </p>
        }
    });
    view! {
        <section>
            <h2>"Why this channel"</h2>
            {chosen(line, roster)}
            {others(line).map(|other| passed_over(other, roster)).collect_view()}
            {tie}
            {by_hand(line, tenant_id)}
        </section>
    }
    .into_any()
}

/// The way to say otherwise, for who may.
fn by_hand(line: &LedgerLine, tenant_id: Option<&String>) -> Option<AnyView> {
    let address = Address::of_credit(line.id, tenant_id);
    let link = || view! { <p><a href=address.to_string()>"Credit it by hand, or link its customer"</a></p> };
    Visit::now().may(Permission::Act).then(|| link().into_any())
}

/// What the row is credited from, when anything could be.
fn credited(line: &LedgerLine) -> Option<&Candidate> {
    line.candidates.first().filter(|candidate| candidate.is_creditable())
}

/// What else was found: other channels, and what is only shown.
fn others(line: &LedgerLine) -> impl Iterator<Item = &Candidate> {
    line.candidates.iter().skip(usize::from(credited(line).is_some()))
}

fn chosen(line: &LedgerLine, roster: &Roster) -> AnyView {
    let channel = roster.name(&line.channel);
    match credited(line) {
        Some(candidate) => view! {
            <p>"Credited to " <bdi>{channel}</bdi> " because " {reason(candidate)} "."</p>
        }
        .into_any(),
        None => view! {
            <p>"Nothing found names a channel: no lead with the payer's e-mail, no linked record, no metadata."</p>
        }
        .into_any(),
    }
    .into_any()
}

fn passed_over(candidate: &Candidate, roster: &Roster) -> AnyView {
    if candidate.channel.is_unknown() {
        return view! { <p>"No channel stands for what was found: " {reason(candidate)} "."</p> }.into_any();
    }
    let channel = roster.name(&candidate.channel);
    view! { <p>"Not to " <bdi>{channel}</bdi> ", although " {reason(candidate)} "."</p> }.into_any()
}

fn reason(candidate: &Candidate) -> AnyView {
    let matched = format::name(&candidate.matched);
    let (before, after) = match candidate.method {
        Method::Override => ("it was set by ", None),
        Method::LeadEmail => ("the e-mail ", Some(" is that of a lead from there")),
        Method::CustomerEmail => ("the customer's e-mail ", Some(" is that of a lead from there")),
        Method::LinkedRecord => ("the customer is linked to ", None),
        Method::LeadReference => ("Stripe's metadata ", Some(" names a lead from there")),
        Method::Metadata => ("Stripe's metadata says ", None),
        Method::DomainRule => ("a rule names the e-mail domain ", None),
        Method::CompanyDomain => ("a lead of the same company, ", Some(", came from there")),
    };
    view! { {before} <bdi>{matched}</bdi> {after} {lead_time(candidate)} }.into_any()
}

/// Whether the lead was there before the payment.
fn lead_time(candidate: &Candidate) -> Option<&'static str> {
    let is_before = candidate.lead_time?.is_before?;
    Some(if is_before { ", known before the payment" } else { ", known only after the payment" })
}

fn objects(line: &LedgerLine) -> AnyView {
    let links = &line.links;
    let known = [
        ("Customer", &links.customer),
        ("Subscription", &links.subscription),
        ("Invoice", &links.invoice),
        ("Payment", &links.payment_intent),
        ("Charge", &links.charge),
        ("Refund", &links.refund),
        ("Checkout", &links.checkout_session),
    ];
    let rows = known
        .into_iter()
        .filter_map(|(kind, id)| Some((kind, id.clone()?)))
        .map(|(kind, id)| {
            view! {
                <li class="story-object">
                    <span class="story-word">{kind}</span>
                    <StripeObject id livemode=line.livemode/>
                </li>
            }
        })
        .collect::<Vec<_>>();
    let rows = if rows.is_empty() {
        view! { <p>"No object is known."</p> }.into_any()
    } else {
        view! { <ul>{rows}</ul> }.into_any()
    };
    view! {
        <section>
            <h2>"In Stripe" {(line.livemode == Some(false)).then(|| view! { " " <span class="tag">"Test"</span> })}</h2>
            {rows}
        </section>
    }
    .into_any()
}

fn events(line: &LedgerLine, tenant: &TenantView, tenant_id: Option<&String>) -> AnyView {
    let rows = line
        .sources
        .iter()
        .map(|source| source_row(source, source.event == line.cause, tenant, tenant_id))
        .collect_view();
    view! {
        <section>
            <h2>"Events that tell of it"</h2>
            <ul>{rows}</ul>
        </section>
    }
    .into_any()
}

fn source_row(
    source: &SourceLine,
    is_cause: bool,
    tenant: &TenantView,
    tenant_id: Option<&String>,
) -> AnyView {
    let says = source.event_type.as_deref().map_or_else(|| "event".to_owned(), format::name);
    let address = Address::of_event(&source.event, tenant_id);
    view! {
        <li>
            <a href=address.to_string()>{says}</a>
            " "
            <span class="story-word"><Moment at=source.received_at timezone=tenant.timezone.clone()/></span>
            {is_cause.then(|| view! { " " <span class="tag">"Decided the row"</span> })}
        </li>
    }
    .into_any()
}

fn before(line: &LedgerLine, tenant: &TenantView, tenant_id: Option<&String>) -> AnyView {
    let versions = line.before.iter().map(|earlier| earlier_row(earlier, tenant, tenant_id)).collect_view();
    let told = if line.before.is_empty() {
        view! { <p>"This is the first version of the row."</p> }.into_any()
    } else {
        view! { <ul>{versions}</ul> }.into_any()
    };
    view! {
        <section>
            <h2>"Earlier versions"</h2>
            {told}
        </section>
    }
    .into_any()
}

fn earlier_row(earlier: &EarlierVersion, tenant: &TenantView, tenant_id: Option<&String>) -> AnyView {
    let amount = format::money(earlier.money.minor, earlier.money.currency);
    let address = Address::of_event(&earlier.cause, tenant_id);
    let until = earlier.superseded_at.map(|at| {
        view! { ", until " <Moment at timezone=tenant.timezone.clone()/> }
    });
    view! {
        <li>
            {amount} " from " <Moment at=earlier.written_at timezone=tenant.timezone.clone()/> {until} ", told by "
            <a href=address.to_string()><code>{earlier.cause.to_string()}</code></a> ". " {why(&earlier.changes)}
        </li>
    }
    .into_any()
}

/// Why a version was superseded, in a sentence.
fn why(changes: &[Change]) -> String {
    let words: Vec<&str> = changes.iter().map(|change| in_words(*change)).collect();
    match words.as_slice() {
        [] => "Written again with nothing changed.".to_owned(),
        [rest @ .., last] if !rest.is_empty() => {
            format!("{} and {last}.", format::sentence(&rest.join(", ")).trim_end_matches('.'))
        }
        words => format::sentence(&words.concat()),
    }
}

const fn in_words(change: Change) -> &'static str {
    match change {
        Change::Key => "its money turned out to be part of this row",
        Change::Amount => "the amount changed",
        Change::Rate => "another exchange rate became known",
        Change::Time => "the time changed",
        Change::Product => "the product became known",
        Change::Payer => "the payer became known",
        Change::Channel => "another channel was found",
        Change::Tie => "the tie of invoice and charge changed",
        Change::Objects => "more of Stripe's objects became known",
        Change::Recurrence => "it turned out whether it is for a subscription",
        Change::Reason => "it became known why the money went back",
        Change::Event => "a more telling event came",
    }
}
