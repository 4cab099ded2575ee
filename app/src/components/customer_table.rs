//! Customers, the newest first.

use leptos::prelude::*;

use super::{ChannelMark, Moment};
use crate::address::Address;
use crate::format::{self, Column};
use crate::port::{CustomerLine, TenantView};
use crate::roster::Roster;

/// A page of customers. On a narrow screen each becomes a card of its own.
#[component]
pub fn CustomerTable(
    lines: Vec<CustomerLine>,
    tenant: TenantView,
    roster: Roster,
    /// What links carry along.
    tenant_id: Option<String>,
) -> AnyView {
    let amounts = lines.iter().flat_map(|line| [line.mrr, line.lifetime_revenue]);
    let column = Column::holding(tenant.currency, amounts);
    let rows =
        lines.iter().map(|line| row(line, column, &tenant, &roster, tenant_id.as_ref())).collect_view();
    view! {
        <div class="table-box">
            <table class="data ledger-table customer-table">
                <caption class="vh">"Customers, the newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Customer"</th>
                        <th scope="col">"Won by"</th>
                        <th scope="col">"First payment"</th>
                        <th scope="col" class="number">"MRR"</th>
                        <th scope="col" class="number">"Lifetime revenue"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(
    line: &CustomerLine,
    column: Column,
    tenant: &TenantView,
    roster: &Roster,
    tenant_id: Option<&String>,
) -> AnyView {
    let address = Address::of_customer(&line.customer, tenant_id);
    let name = format::name(line.email.as_ref().unwrap_or(&line.customer));
    view! {
        <tr>
            <td class="when"><a href=address.to_string()><bdi class="breakable">{name}</bdi></a></td>
            <td data-label="Won by">
                <ChannelMark color=roster.color(&line.channel) name=roster.name(&line.channel)/>
            </td>
            <td data-label="First payment"><Moment at=line.first_paid_at timezone=tenant.timezone.clone()/></td>
            <td class="number" data-label="MRR">{column.money(line.mrr)}</td>
            <td class="number main-figure" data-label="Lifetime revenue">{column.money(line.lifetime_revenue)}</td>
        </tr>
    }
    .into_any()
}
