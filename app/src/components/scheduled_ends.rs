//! What is cancelled to end: by month, and subscription by subscription.

use domain::mrr::scheduled::{ScheduledChurn, ScheduledEnd, ScheduledMonth};
use leptos::prelude::*;

use super::Moment;
use super::roll_forward::file;
use crate::address::Address;
use crate::format;
use crate::port::TenantView;
use crate::recurring::RecurringPage;

/// What will go, when, and why; committed recurring revenue is what stays.
#[component]
pub fn ScheduledEnds(
    found: RecurringPage,
    page: Address,
    /// What links carry along.
    tenant_id: Option<String>,
) -> AnyView {
    let scheduled = &found.scheduled_churn;
    view! {
        <section class="card ledger" aria-labelledby="scheduled-title">
            <header class="card-head">
                <h2 id="scheduled-title">"Cancelled to end"</h2>
                <p class="card-note">{in_words(&found)}</p>
            </header>
            {lists(&found, tenant_id.as_ref())}
            {(scheduled.subscriptions > 0)
                .then(|| view! {
                    <div class="table-foot">
                        <a class="button ghost" href=file(&page, "scheduled_churn") download>
                            "Download all of these subscriptions (CSV)"
                        </a>
                    </div>
                })}
        </section>
    }
    .into_any()
}

/// The sum, and what it leaves.
fn in_words(found: &RecurringPage) -> String {
    let money = |minor: i64| format::whole_money(minor, found.report.currency);
    let ScheduledChurn { total, subscriptions, .. } = &found.scheduled_churn;
    if *subscriptions == 0 {
        return "Nothing is cancelled to end, so all of MRR is committed.".to_owned();
    }
    let subscriptions = format::counted(*subscriptions, "subscription ends", "subscriptions end");
    let (mrr, committed) = (money(found.report.end), money(found.standing.committed_mrr));
    format!("{subscriptions}. MRR of {mrr} less {} leaves {committed} committed.", money(*total))
}

fn lists(found: &RecurringPage, tenant_id: Option<&String>) -> AnyView {
    let scheduled = &found.scheduled_churn;
    if scheduled.ends.is_empty() {
        return view! {
            <p class="nothing">"When a customer cancels, the subscription is listed here until it ends, with what goes and why."</p>
        }
        .into_any();
    }
    let tenant = &found.frame.tenant;
    let rows = scheduled.ends.iter().map(|end| row(end, tenant, tenant_id)).collect_view();
    let listed = i64::try_from(scheduled.ends.len()).unwrap_or(i64::MAX);
    let rest = scheduled.subscriptions - listed;
    let rest = (rest > 0).then(|| {
        let rest = format::counted(rest, "more subscription is", "more subscriptions are");
        view! { <p class="card-note scheduled-rest">{rest} " in the file."</p> }
    });
    view! {
        {months(scheduled, tenant)}
        <div class="table-box">
            <table class="data ledger-table scheduled-table">
                <caption class="vh">"Subscriptions that are cancelled to end, those that end first first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Ends"</th>
                        <th scope="col">"Customer"</th>
                        <th scope="col" class="number">"MRR that goes"</th>
                        <th scope="col">"Known since"</th>
                        <th scope="col">"Why"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {rest}
    }
    .into_any()
}

fn months(scheduled: &ScheduledChurn, tenant: &TenantView) -> AnyView {
    let lines = scheduled
        .by_month
        .iter()
        .map(|ScheduledMonth { month, mrr, subscriptions }| {
            let subscriptions = format::counted(*subscriptions, "subscription", "subscriptions");
            view! {
                <li>
                    <span>{format::month(*month)}</span>
                    <strong>{format::whole_money(*mrr, tenant.currency)}</strong>
                    <span>{subscriptions}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="scheduled-months" aria-label="By the month it ends in">{lines}</ul> }.into_any()
}

fn row(end: &ScheduledEnd, tenant: &TenantView, tenant_id: Option<&String>) -> AnyView {
    let customer = Address::of_customer(&end.customer_id, tenant_id);
    let who = format::name(end.customer_email.as_ref().unwrap_or(&end.customer_id));
    view! {
        <tr>
            <td class="when"><Moment at=end.ends_at timezone=tenant.timezone.clone()/></td>
            <td data-label="Customer"><a href=customer.to_string()><bdi class="breakable">{who}</bdi></a></td>
            <td class="number main-figure" data-label="MRR">{goes(end, tenant)}</td>
            <td data-label="Known since"><Moment at=end.known_since timezone=tenant.timezone.clone()/></td>
            <td data-label="Why">{why(end)}</td>
        </tr>
    }
    .into_any()
}

/// What goes in the workspace's currency, and in the one it is charged in where that is another.
fn goes(end: &ScheduledEnd, tenant: &TenantView) -> AnyView {
    let charged = format::money(end.charged, end.charged_currency);
    match end.mrr {
        None => view! { {charged} <span class="evidence">"no rate"</span> }.into_any(),
        Some(_) if end.charged_currency == tenant.currency => charged.into_any(),
        Some(mrr) => {
            view! { {format::money(mrr, tenant.currency)} <span class="evidence">{charged}</span> }.into_any()
        }
    }
    .into_any()
}

/// What the customer said, else what Stripe says.
fn why(end: &ScheduledEnd) -> AnyView {
    let Some(words) = end.feedback.as_deref().or(end.reason.as_deref()) else {
        return view! { <abbr class="not-known" title="Stripe told no reason">"—"</abbr> }.into_any();
    };
    view! { <bdi>{format::stripes_word(words)}</bdi> }.into_any()
}
