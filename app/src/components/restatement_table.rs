//! What days that had ended say otherwise, what became known last first.

use domain::money::Money;
use domain::restated::{Cause, RestatedLine, RowThen};
use domain::restatement::Trigger;
use leptos::prelude::*;

use super::ledger_filters::kind_name;
use super::{ChannelMark, Moment};
use crate::address::Address;
use crate::format;
use crate::port::TenantView;
use crate::roster::Roster;

/// A page of restatements. On a narrow screen each becomes a card of its own.
#[component]
pub fn RestatementTable(
    lines: Vec<RestatedLine>,
    tenant: TenantView,
    /// What links carry along.
    tenant_id: Option<String>,
) -> AnyView {
    let roster = Roster::of(&tenant);
    let rows = lines.iter().map(|line| row(line, &tenant, &roster, tenant_id.as_ref())).collect_view();
    view! {
        <div class="table-box">
            <table class="data ledger-table restatement-table">
                <caption class="vh">"Restatements, what became known last first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Known since"</th>
                        <th scope="col">"Why"</th>
                        <th scope="col">"What happened"</th>
                        <th scope="col">"Said before"</th>
                        <th scope="col">"Says since"</th>
                        <th scope="col" class="number">"Moved"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(line: &RestatedLine, tenant: &TenantView, roster: &Roster, tenant_id: Option<&String>) -> AnyView {
    view! {
        <tr>
            <td class="when"><Moment at=line.known_at timezone=tenant.timezone.clone()/></td>
            <td data-label="Why"><div>{why(line, tenant, tenant_id)}</div></td>
            <td data-label="What"><div>{line.row().map(|row| what(row, tenant, tenant_id))}</div></td>
            <td data-label="Before"><div>{side(line.before.as_ref(), "Nothing was known of it", roster)}</div></td>
            <td data-label="Since"><div>{side(line.after.as_ref(), "It counts no longer", roster)}</div></td>
            <td class="number main-figure" data-label="Moved"><div>{moved(line)}</div></td>
        </tr>
    }
    .into_any()
}

/// What a cause is called.
#[must_use]
pub const fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Late => "Told late",
        Cause::Backfill => "Found by reading the past",
        Cause::History => "From before the workspace",
        Cause::Attribution => "Another channel",
        Cause::Rate => "Another exchange rate",
        Cause::Correction => "Corrected",
        Cause::TakenBack => "Taken back",
    }
}

/// Its cause as a word and as a sentence.
fn why(line: &RestatedLine, tenant: &TenantView, tenant_id: Option<&String>) -> AnyView {
    let says = format::name(&line.says(&tenant.timezone));
    view! {
        <span class="tag">{cause_name(line.cause)}</span>
        <span class="restated-why"><bdi>{says}</bdi></span>
        {trigger(line, tenant_id)}
    }
    .into_any()
}

/// The event that brought another channel about, where it was one.
fn trigger(line: &RestatedLine, tenant_id: Option<&String>) -> AnyView {
    match &line.credited {
        Some((_, Trigger::Event(event))) => {
            let address = Address::of_event(event, tenant_id);
            view! { <a href=address.to_string()>"The event behind it"</a> }.into_any()
        }
        _ => ().into_any(),
    }
    .into_any()
}

/// What the row is about, leading to the ledger and to Stripe's event.
fn what(row: &RowThen, tenant: &TenantView, tenant_id: Option<&String>) -> AnyView {
    let event = row.event.as_str();
    let rows = Address::of_money(event, row.occurred_at, &tenant.timezone, tenant_id).of_kinds(&[row.kind]);
    let about = [row.product_name.as_deref(), row.customer_email.as_deref()];
    let about = about.into_iter().flatten().map(format::name).collect::<Vec<_>>().join(", ");
    let told = Address::of_event(&row.event, tenant_id);
    view! {
        <a href=rows.to_string()>{kind_name(row.kind)}</a>
        " on " <Moment at=row.occurred_at timezone=tenant.timezone.clone()/>
        <span class="evidence"><bdi>{about}</bdi></span>
        <span class="evidence"><a href=told.to_string()>"Stripe's event"</a></span>
    }
    .into_any()
}

fn side(row: Option<&RowThen>, why_not: &'static str, roster: &Roster) -> AnyView {
    let Some(row) = row else {
        return view! { <abbr class="not-known" title=why_not>"—"</abbr> }.into_any();
    };
    let (color, name) = (roster.color(&row.channel), roster.name(&row.channel));
    view! {
        <span class="restated-amount">{format::money(row.money.minor, row.money.currency)}</span>
        <ChannelMark color name/>
    }
    .into_any()
}

fn moved(line: &RestatedLine) -> AnyView {
    let moved = line.moved().into_iter().map(signed).collect::<Vec<_>>().join(", ");
    let recurring = line.mrr_moved().into_iter().map(signed).collect::<Vec<_>>().join(", ");
    let recurring =
        (!recurring.is_empty()).then(|| view! { <span class="evidence">{recurring} " MRR"</span> });
    view! { <span>{moved}</span> {recurring} }.into_any()
}

/// An amount that moved, with its sign.
#[must_use]
pub fn signed(money: Money) -> String {
    let amount = format::money(money.minor, money.currency);
    if money.minor > 0 { format!("+{amount}") } else { amount }
}
