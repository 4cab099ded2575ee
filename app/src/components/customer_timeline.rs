//! What happened with a customer, the newest first: money and changes of what recurs in one list.

use domain::mrr::MovementKind;
use leptos::prelude::*;

use super::Moment;
use super::funnel_steps::stage_name;
use crate::address::{Address, REVENUE};
use crate::format;
use crate::port::{CustomerEvent, CustomerEventKind, TenantView};

/// The list; empty where nothing is known.
#[component]
pub fn CustomerTimeline(
    events: Vec<CustomerEvent>,
    tenant: TenantView,
    /// What links carry along.
    tenant_id: Option<String>,
) -> AnyView {
    let entries = events
        .into_iter()
        .map(|CustomerEvent { at, what }| {
            let says = says(what, &tenant, tenant_id.as_ref());
            view! {
                <li>
                    <span class="timeline-at"><Moment at timezone=tenant.timezone.clone()/></span>
                    <span class="timeline-what">{says}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{entries}</ol> }.into_any()
}

fn says(what: CustomerEventKind, tenant: &TenantView, tenant_id: Option<&String>) -> AnyView {
    match what {
        CustomerEventKind::Movement { kind, detail, amount, mrr } => {
            let by = format::money(amount, tenant.currency);
            let detail = detail.map(|detail| format!(" ({})", stage_name(&detail).to_lowercase()));
            let mrr = format::money(mrr, tenant.currency);
            view! { <strong>{movement_name(kind)}</strong> {detail} " " {by} ", MRR " {mrr} }.into_any()
        }
        CustomerEventKind::Money { kind, money, stripe_id } => {
            let rows =
                Address::new(REVENUE).with_any("tenant_id", tenant_id).with("stripe_id", stripe_id.as_str());
            let amount = format::money(money.minor, money.currency);
            view! { {stage_name(&kind)} " of " <a href=rows.to_string()>{amount}</a> }.into_any()
        }
    }
}

const fn movement_name(kind: MovementKind) -> &'static str {
    match kind {
        MovementKind::New => "New",
        MovementKind::Reactivation => "Came back",
        MovementKind::Expansion => "Expansion",
        MovementKind::Contraction => "Contraction",
        MovementKind::Churn => "Churn",
        MovementKind::Fx => "Exchange rate",
    }
}
