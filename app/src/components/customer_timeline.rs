//! What happened with a customer, the newest first: money and changes of what recurs in one list.

use domain::mrr::MovementKind;
use leptos::prelude::*;

use super::{Moment, MoneyMoved};
use crate::address::Address;
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
        .map(|event| {
            let at = event.at;
            let says = says(event, &tenant, tenant_id.as_ref());
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

fn says(event: CustomerEvent, tenant: &TenantView, tenant_id: Option<&String>) -> AnyView {
    match event.what {
        CustomerEventKind::Movement { kind, detail, amount, mrr } => {
            let by = format::money(amount, tenant.currency);
            let detail = detail.map(|detail| format!(" ({})", detail.word().replace('_', " ")));
            let mrr = format::money(mrr, tenant.currency);
            view! { <strong>{movement_name(kind)}</strong> {detail} " " {by} ", MRR " {mrr} }.into_any()
        }
        CustomerEventKind::Money { kind, money, stripe_id } => {
            let rows = Address::of_money(&stripe_id, event.at, &tenant.timezone, tenant_id);
            view! { <MoneyMoved kind money rows/> }.into_any()
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
