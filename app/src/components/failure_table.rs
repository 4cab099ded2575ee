//! Payments that could not be collected, the newest failure first.

use domain::dunning::{Closing, Standing};
use leptos::prelude::*;

use super::{Moment, StripeObject};
use crate::address::Address;
use crate::format;
use crate::port::{FailedLine, TenantView};

/// A page of failed payments. On a narrow screen each becomes a card of its own.
#[component]
pub fn FailureTable(
    lines: Vec<FailedLine>,
    tenant: TenantView,
    /// What links carry along.
    tenant_id: Option<String>,
) -> AnyView {
    let rows = lines.iter().map(|line| row(line, &tenant, tenant_id.as_ref())).collect_view();
    view! {
        <div class="table-box">
            <table class="data ledger-table failure-table">
                <caption class="vh">"Failed payments, the newest failure first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Last failed"</th>
                        <th scope="col">"Customer"</th>
                        <th scope="col" class="number">"Amount"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col" class="number">"Attempts"</th>
                        <th scope="col">"Next attempt"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(line: &FailedLine, tenant: &TenantView, tenant_id: Option<&String>) -> AnyView {
    let event = Address::of_event(&line.last_event, tenant_id);
    view! {
        <tr>
            <td class="when">
                <a href=event.to_string()><Moment at=line.last_failed_at timezone=tenant.timezone.clone()/></a>
            </td>
            <td data-label="Customer">
                {customer(line)} <StripeObject id=line.name.clone() livemode=line.livemode/>
            </td>
            <td class="number main-figure" data-label="Amount">
                {format::money(line.amount.minor, line.amount.currency)}
            </td>
            <td data-label="State">{standing(line, tenant, tenant_id)}</td>
            <td data-label="Reason">{reason(line)}</td>
            <td class="number" data-label="Attempts">{format::count(line.attempts)}</td>
            <td data-label="Next attempt">{next_attempt(line, tenant)}</td>
        </tr>
    }
    .into_any()
}

fn customer(line: &FailedLine) -> AnyView {
    match line.customer_email.as_ref().or(line.customer.as_ref()) {
        Some(known) => view! { <bdi class="breakable">{format::name(known)}</bdi> }.into_any(),
        None => view! { <abbr class="not-known" title="Stripe named no customer">"—"</abbr> }.into_any(),
    }
    .into_any()
}

fn standing(line: &FailedLine, tenant: &TenantView, tenant_id: Option<&String>) -> AnyView {
    let (word, tone) = standing_name(line.standing);
    let end = line.closed.as_ref().map(|(how, at, event)| {
        let address = Address::of_event(event, tenant_id);
        view! {
            <span class="event-reason">
                <a href=address.to_string()>{closing_name(*how)}</a> " " <Moment at=*at timezone=tenant.timezone.clone()/>
            </span>
        }
    });
    view! { <span class="tag" data-tone=tone>{word}</span> {end} }.into_any()
}

/// What it is called where a failed payment stands, and how that is judged.
#[must_use]
pub fn standing_name(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Open => ("At risk", "warn"),
        Standing::Recovered => ("Recovered", "good"),
        Standing::Lost => ("Lost", "bad"),
    }
}

const fn closing_name(closing: Closing) -> &'static str {
    match closing {
        Closing::Paid => "paid",
        Closing::Voided => "voided",
        Closing::Uncollectible => "written off",
        Closing::Canceled => "cancelled",
        Closing::SubscriptionEnded => "subscription ended",
    }
}

fn reason(line: &FailedLine) -> AnyView {
    let action =
        line.needs_action.then(|| view! { <span class="tag" data-tone="warn">"Payer must act"</span> });
    let code = line.code.as_deref().map(|code| {
        view! { <span class="event-reason"><code>{format::name(code)}</code></span> }
    });
    let message = match &line.message {
        Some(message) => view! { <bdi class="breakable">{format::name(message)}</bdi> }.into_any(),
        None if line.code.is_some() || line.needs_action => ().into_any(),
        None => {
            view! { <abbr class="not-known" title="Only payment_intent.payment_failed and charge.failed say why">"—"</abbr> }.into_any()
        }
    };
    view! { {message} {code} {action} }.into_any()
}

fn next_attempt(line: &FailedLine, tenant: &TenantView) -> AnyView {
    match line.next_attempt_at {
        Some(at) => view! { <Moment at timezone=tenant.timezone.clone()/> }.into_any(),
        None if line.standing == Standing::Open => {
            view! { <span class="not-known">"none planned"</span> }.into_any()
        }
        None => view! { <abbr class="not-known" title="It is over">"—"</abbr> }.into_any(),
    }
    .into_any()
}
