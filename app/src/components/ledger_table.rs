//! The rows of the ledger, newest first.

use domain::attribution::{Candidate, Method};
use domain::money::Currency;
use leptos::prelude::*;

use super::ledger_filters::kind_name;
use super::row_story::RowStory;
use super::{ChannelMark, StripeObject};
use crate::format;
use crate::port::{LedgerLine, LedgerPage, TenantView};
use crate::roster::Roster;

/// How many columns the table has.
const COLUMNS: &str = "8";

/// A page of ledger rows. On a narrow screen each row becomes a card of its own.
#[component]
pub fn LedgerTable(
    ledger: LedgerPage,
    roster: Roster,
    /// What links carry along.
    tenant_id: Option<String>,
) -> AnyView {
    let tenant = &ledger.frame.tenant;
    let base = tenant.currency.code().to_uppercase();
    let in_base = format!("In {base}");
    let rows = ledger
        .lines
        .iter()
        .map(|line| {
            let story = story(line, tenant, &roster, tenant_id.clone());
            view! { {row(line, tenant, &roster, &in_base)} {story} }
        })
        .collect_view();
    view! {
        <div class="table-box">
            <table class="data ledger-table">
                <caption class="vh">"Ledger rows, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"Customer"</th>
                        <th scope="col">"Product"</th>
                        <th scope="col">"Channel"</th>
                        <th scope="col" class="number">"Amount"</th>
                        <th scope="col" class="number">{in_base.clone()}</th>
                        <th scope="col">"Stripe"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(line: &LedgerLine, tenant: &TenantView, roster: &Roster, in_base: &str) -> AnyView {
    let (color, name) = (roster.color(&line.channel), roster.name(&line.channel));
    let presumed = line.is_tie_presumed.then(|| {
        view! { <span class="tag" data-tone="warn" title="Invoice and charge are presumed to be one">"Presumed tie"</span> }
    });
    let reason = line
        .reason
        .as_deref()
        .map(|reason| view! { <span class="evidence"><bdi>{format::stripes_word(reason)}</bdi></span> });
    let partial = line.is_product_partial.then(|| {
        view! { <span class="tag" data-tone="warn" title="Stripe sent only some of the invoice's lines">"Not all lines"</span> }
    });
    view! {
        <tr id=format!("row-{}", line.id)>
            <td class="when">
                <time datetime=line.occurred_at.to_string()>
                    {format::moment(line.occurred_at, &tenant.timezone)}
                </time>
            </td>
            <td data-label="Kind"><span class="kind">{kind_name(line.kind)} {presumed}</span> {reason}</td>
            <td data-label="Customer">{text(line.customer_email.as_deref(), "Stripe gave no e-mail")}</td>
            <td data-label="Product">{text(line.product_name.as_deref(), "Not told by the payment")} {partial}</td>
            <td data-label="Channel">
                <ChannelMark color name/>
                <span class="evidence"><bdi>{evidence(line.candidates.first().filter(|found| found.is_creditable()))}</bdi></span>
            </td>
            <td class="number main-figure" data-label="Amount">
                {format::money(line.money.minor, line.money.currency)}
            </td>
            <td class="number" data-label=in_base.to_owned()>
                {base_amount(line.base_amount_minor, tenant.currency)}
            </td>
            <td data-label="Stripe">{stripe(line)}</td>
        </tr>
    }
    .into_any()
}

fn story(line: &LedgerLine, tenant: &TenantView, roster: &Roster, tenant_id: Option<String>) -> AnyView {
    let (line, tenant, roster) = (line.clone(), tenant.clone(), roster.clone());
    view! {
        <tr class="row-story">
            <td colspan=COLUMNS>
                <details>
                    <summary>"How this row came to be"</summary>
                    <RowStory line tenant roster tenant_id/>
                </details>
            </td>
        </tr>
    }
    .into_any()
}

fn text(known: Option<&str>, why_not: &'static str) -> AnyView {
    match known {
        Some(text) => view! { <bdi class="breakable">{format::name(text)}</bdi> }.into_any(),
        None => view! { <abbr class="not-known" title=why_not>"—"</abbr> }.into_any(),
    }
    .into_any()
}

fn evidence(chosen: Option<&Candidate>) -> String {
    let Some(Candidate { method, matched, .. }) = chosen else {
        return "no lead or metadata matched".to_owned();
    };
    let how = match method {
        Method::Override => "set by",
        Method::LeadEmail | Method::CustomerEmail => "lead",
        Method::LinkedRecord => "linked record",
        Method::LeadReference => "lead named by",
        Method::Metadata => "metadata",
        Method::DomainRule => "e-mail domain",
        Method::CompanyDomain => "same company",
    };
    format!("{how} {}", format::name(matched))
}

fn base_amount(amount: Option<i64>, currency: Currency) -> AnyView {
    match amount {
        Some(minor) => format::money(minor, currency).into_any(),
        None => view! { <span class="not-known">"no rate"</span> }.into_any(),
    }
    .into_any()
}

/// The most telling object; the others stand in the row's story.
fn stripe(line: &LedgerLine) -> AnyView {
    let links = &line.links;
    let objects =
        [&links.refund, &links.invoice, &links.payment_intent, &links.charge, &links.checkout_session];
    match objects.into_iter().flatten().next() {
        Some(id) => view! { <StripeObject id=id.clone() livemode=line.livemode/> }.into_any(),
        None => view! { <abbr class="not-known" title="No Stripe object is known">"—"</abbr> }.into_any(),
    }
    .into_any()
}
