//! What every channel brought in, what went back, and its share of the whole.

use domain::period::DateRange;
use domain::revenue::{RevenueReport, Sums};
use leptos::prelude::*;

use super::ChannelMark;
use crate::address::{Address, DISPUTES, GROSS, PAYMENTS, REFUNDS};
use crate::charts::ChannelColor;
use crate::format::{self, Column};
use crate::roster::{Roster, color_class};
use crate::share::per_mille;

/// What the rows of the table have in common.
#[derive(Clone, Copy)]
struct Shape {
    column: Column,
    total: i64,
    shows_disputes: bool,
}

/// The channels of a report, each figure leading to its ledger rows.
#[component]
pub fn ChannelTable(report: RevenueReport, roster: Roster, rows: Address) -> AnyView {
    let shape = Shape {
        column: Column::holding(
            report.currency,
            report.by_channel.iter().flat_map(|channel| amounts(&channel.sums)),
        ),
        total: report.sums.total_revenue,
        shows_disputes: report.by_channel.iter().any(|channel| channel.sums.disputes != 0),
    };
    let body = report
        .by_channel
        .iter()
        .map(|channel| {
            let (color, name) = (roster.color(&channel.channel), roster.name(&channel.channel));
            view! {
                <tr>
                    <th scope="row"><ChannelMark color name/></th>
                    {cells(shape, channel.sums, Some(color), &rows.clone().in_channel(&channel.channel))}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-box">
            <table class="data channel-table">
                <caption class="vh">{caption(report.range)}</caption>
                <thead>{heads(shape)}</thead>
                <tbody>{body}</tbody>
                <tfoot>
                    <tr>
                        <th scope="row">"All channels"</th>
                        {cells(shape, report.sums, None, &rows)}
                    </tr>
                </tfoot>
            </table>
        </div>
    }
    .into_any()
}

fn caption(range: DateRange) -> String {
    format!("Payments and refunds by channel, {}", format::days(range))
}

fn heads(shape: Shape) -> AnyView {
    view! {
        <tr>
            <th scope="col">"Channel"</th>
            <th scope="col">"Payments"</th>
            <th scope="col">"Gross"</th>
            <th scope="col">"Refunds"</th>
            {shape.shows_disputes.then(|| view! { <th scope="col">"Disputes"</th> })}
            <th scope="col">"Revenue"</th>
            <th scope="col">"Share"</th>
        </tr>
    }
    .into_any()
}

fn cells(shape: Shape, sums: Sums, color: Option<ChannelColor>, rows: &Address) -> AnyView {
    let money = |minor, address: Address| figure(shape.column.money(minor), &address);
    view! {
        <td data-label="Payments">
            {figure(format::count(sums.payments), &rows.clone().of_kinds(PAYMENTS))}
        </td>
        <td data-label="Gross">{money(sums.gross_revenue, rows.clone().of_kinds(GROSS))}</td>
        <td data-label="Refunds">{money(-sums.refunds, rows.clone().of_kinds(REFUNDS))}</td>
        {shape.shows_disputes.then(|| {
            view! { <td data-label="Disputes">{money(-sums.disputes, rows.clone().of_kinds(DISPUTES))}</td> }
        })}
        <td class="main-figure">{money(sums.total_revenue, rows.clone())}</td>
        <td class="share">{share(per_mille(sums.total_revenue, shape.total), color)}</td>
    }
    .into_any()
}

fn figure(text: String, address: &Address) -> impl IntoView + use<> {
    view! { <a href=address.to_string()>{text}</a> }
}

fn share(share: Option<i64>, color: Option<ChannelColor>) -> AnyView {
    let Some(share) = share else {
        let why = "No share: there is no revenue to be part of";
        return view! { <abbr class="not-known" title=why>"—"</abbr> }.into_any();
    };
    let bar = color.map(|color| view! { <ShareBar per_mille=share color/> });
    view! { {bar} <span class="share-text">{format::percent(share)}</span> }.into_any()
}

#[component]
fn ShareBar(per_mille: i64, color: ChannelColor) -> impl IntoView {
    view! {
        <svg class="share-bar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class="share-track" width="1000" height="8"/>
            <rect class=color_class(color) width=per_mille.clamp(0, 1_000).to_string() height="8"/>
        </svg>
    }
}

fn amounts(sums: &Sums) -> [i64; 4] {
    [sums.gross_revenue, sums.refunds, sums.disputes, sums.total_revenue]
}
