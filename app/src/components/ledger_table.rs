//! The rows of the ledger, newest first.

use domain::attribution::Method;
use domain::ledger::StripeLinks;
use domain::money::Currency;
use leptos::prelude::*;

use super::ChannelMark;
use super::ledger_filters::kind_name;
use crate::format;
use crate::port::{Evidence, LedgerLine, LedgerPage, TenantView};
use crate::roster::Roster;

/// A page of ledger rows. On a narrow screen each row becomes a card of its own.
#[component]
pub fn LedgerTable(ledger: LedgerPage, roster: Roster) -> AnyView {
    let tenant = &ledger.frame.tenant;
    let base = tenant.currency.code().to_uppercase();
    let in_base = format!("In {base}");
    let rows = ledger.lines.iter().map(|line| row(line, tenant, &roster, &in_base)).collect_view();
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
    view! {
        <tr>
            <td class="when">
                <time datetime=line.occurred_at.to_string()>
                    {format::moment(line.occurred_at, &tenant.timezone)}
                </time>
            </td>
            <td data-label="Kind">{kind_name(line.kind)}</td>
            <td data-label="Customer">{text(line.customer_email.as_deref(), "Stripe gave no e-mail")}</td>
            <td data-label="Product">{text(line.product_name.as_deref(), "Not told by the payment")}</td>
            <td data-label="Channel">
                <ChannelMark color name/>
                <span class="evidence"><bdi>{evidence(line.evidence.as_ref())}</bdi></span>
            </td>
            <td class="number main-figure" data-label="Amount">
                {format::money(line.money.minor, line.money.currency)}
            </td>
            <td class="number" data-label=in_base.to_owned()>
                {base_amount(line.base_amount_minor, tenant.currency)}
            </td>
            <td data-label="Stripe">{stripe(&line.links)}</td>
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

fn evidence(evidence: Option<&Evidence>) -> String {
    let Some(Evidence { method, matched }) = evidence else {
        return "no lead or metadata matched".to_owned();
    };
    let how = match method {
        Method::Override => "set by",
        Method::LeadEmail | Method::CustomerEmail => "lead",
        Method::LinkedRecord => "linked record",
        Method::LeadReference => "lead named by",
        Method::Metadata => "metadata",
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

fn stripe(links: &StripeLinks) -> AnyView {
    let objects = [
        (&links.refund, None),
        (&links.invoice, Some("invoices")),
        (&links.charge, Some("payments")),
        (&links.payment_intent, Some("payments")),
        (&links.checkout_session, None),
    ];
    let mut known = objects.into_iter().filter_map(|(id, page)| Some((id.as_deref()?, page)));
    match known.next() {
        Some((id, None)) => {
            let linked = known.find(|(_, page)| page.is_some());
            view! { {object(id, None)} {linked.map(|(id, page)| object(id, page))} }.into_any()
        }
        Some((id, page)) => object(id, page).into_any(),
        None => view! { <abbr class="not-known" title="No Stripe object is known">"—"</abbr> }.into_any(),
    }
    .into_any()
}

fn object(id: &str, page: Option<&'static str>) -> AnyView {
    let is_plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let link = page.filter(|_| is_plain).map(|page| {
        let href = format!("https://dashboard.stripe.com/{page}/{id}");
        let label = format!("Open {id} in Stripe, in a new tab");
        view! {
            <a class="outward" href=href target="_blank" rel="noopener noreferrer" aria-label=label>
                "Open"
            </a>
        }
    });
    view! { <span class="object"><code class="copy">{format::name(id)}</code> {link}</span> }.into_any()
}
