//! Channel by channel: who came, what they brought, what that cost and whether it pays.

use std::cmp::Reverse;

use domain::channel::ChannelSlug;
use domain::economics::{ChannelCac, ChannelRoi, Reason, Verdict};
use domain::money::Currency;
use domain::ratio::Quotient;
use leptos::prelude::*;

use super::ChannelMark;
use crate::address::{Address, COSTS, LEADS};
use crate::format::{self, Column};
use crate::port::{ChannelLine, Overview};
use crate::roster::Roster;

/// The columns the table can be sorted by, as the address and the head name them.
const SORTS: [(&str, &str); 6] = [
    ("leads", "Leads"),
    ("qualified", "Qualified"),
    ("meetings", "Meetings"),
    ("revenue", "Revenue"),
    ("cac", "CAC"),
    ("roi", "ROI"),
];

/// A channel with everything the table says of it.
struct Line<'a> {
    came: &'a ChannelLine,
    cac: Option<&'a ChannelCac>,
    roi: Option<&'a ChannelRoi>,
}

/// The channels, sorted by a column; every figure leads to what it is made of.
#[component]
pub fn ChannelReturns(
    overview: Overview,
    roster: Roster,
    /// The page the table is on.
    page: Address,
    /// The ledger rows of the same days.
    rows: Address,
    /// The column it is sorted by.
    #[prop(optional_no_strip)]
    sort: Option<String>,
) -> AnyView {
    let sort =
        SORTS.iter().map(|(key, _)| *key).find(|key| Some(*key) == sort.as_deref()).unwrap_or("revenue");
    let mut lines: Vec<Line<'_>> = overview.channels.iter().map(|came| line(&overview, came)).collect();
    sort_by(&mut lines, sort);
    let column =
        Column::holding(overview.revenue.currency, overview.channels.iter().map(|channel| channel.revenue));
    let currency = overview.revenue.currency;
    let body = lines.iter().map(|line| row(line, column, currency, &roster, &rows)).collect_view();
    view! {
        <div class="table-box">
            <table class="data returns-table">
                <caption class="vh">{format!("Revenue by channel, {}", format::days(overview.frame.range))}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Channel"</th>
                        {heads(sort, &page)}
                    </tr>
                </thead>
                <tbody>{body}</tbody>
                <tfoot>{totals(&overview, column, &rows)}</tfoot>
            </table>
        </div>
    }
    .into_any()
}

fn line<'a>(overview: &'a Overview, came: &'a ChannelLine) -> Line<'a> {
    let economics = &overview.economics;
    Line {
        came,
        cac: economics.cac_per_channel.iter().find(|cac| cac.channel == came.channel),
        roi: economics.channel_roi.iter().find(|roi| roi.channel == came.channel),
    }
}

/// The largest first, but the cheapest customer; what is not known last, and what no channel is known for after all.
fn sort_by(lines: &mut [Line<'_>], sort: &str) {
    let cac = |line: &Line<'_>| line.cac.and_then(|cac| cac.cac);
    let roi = |line: &Line<'_>| line.roi.and_then(|roi| roi.roi).map(|roi| roi.0);
    match sort {
        "leads" => lines.sort_by_key(|line| Reverse(line.came.leads)),
        "qualified" => lines.sort_by_key(|line| Reverse(line.came.qualified)),
        "meetings" => lines.sort_by_key(|line| Reverse(line.came.meetings)),
        "cac" => lines.sort_by_key(|line| (cac(line).is_none(), cac(line))),
        "roi" => lines.sort_by_key(|line| Reverse(roi(line))),
        _ => lines.sort_by_key(|line| Reverse(line.came.revenue)),
    }
    lines.sort_by_key(|line| line.came.channel.is_unknown());
}

fn heads(sort: &'static str, page: &Address) -> AnyView {
    SORTS
        .map(|(key, name)| {
            let address = page.clone().with("sort", key);
            let is_sorted = key == sort;
            let order = is_sorted.then_some(if key == "cac" { "ascending" } else { "descending" });
            view! {
                <th scope="col" aria-sort=order>
                    <a class="sort" href=address.to_string() data-on=is_sorted.then_some("")>{name}</a>
                </th>
            }
        })
        .into_iter()
        .collect_view()
        .into_any()
}

fn row(line: &Line<'_>, column: Column, currency: Currency, roster: &Roster, rows: &Address) -> AnyView {
    let channel = &line.came.channel;
    let (color, name) = (roster.color(channel), roster.name(channel));
    view! {
        <tr>
            <th scope="row"><ChannelMark color name/></th>
            {leads_cells(line.came, &rows.on(LEADS).in_channel(channel))}
            <td class="main-figure" data-label="Revenue">
                <a href=rows.clone().in_channel(channel).to_string()>{column.money(line.came.revenue)}</a>
            </td>
            <td data-label="CAC">{cac(line.cac, currency, rows)}</td>
            <td data-label="ROI">{roi(line.roi, rows)}</td>
        </tr>
    }
    .into_any()
}

fn leads_cells(came: &ChannelLine, leads: &Address) -> AnyView {
    let counted = [
        ("Leads", came.leads, "pool"),
        ("Qualified", came.qualified, "replied"),
        ("Meetings", came.meetings, "meeting"),
    ];
    counted
        .map(|(label, count, stage)| {
            let address = leads.clone().with("reached", stage);
            let figure = match count {
                0 => view! { <span class="none">"0"</span> }.into_any(),
                count => view! { <a href=address.to_string()>{format::count(count)}</a> }.into_any(),
            };
            view! { <td data-label=label>{figure}</td> }
        })
        .into_iter()
        .collect_view()
        .into_any()
}

fn cac(cac: Option<&ChannelCac>, currency: Currency, rows: &Address) -> AnyView {
    let Some(cac) = cac else { return unknown(Reason::NoSpend) };
    match (cac.cac, cac.reason) {
        (Some(value), _) => {
            let address = rows.on(COSTS).in_channel(&cac.channel);
            view! { <a href=address.to_string()>{format::whole_money(value, currency)}</a> }.into_any()
        }
        (None, reason) => unknown(reason.unwrap_or(Reason::NoSpend)),
    }
}

fn roi(roi: Option<&ChannelRoi>, rows: &Address) -> AnyView {
    let Some(roi) = roi.filter(|roi| roi.verdict != Verdict::NoSpend) else {
        return view! { <span class="none">"no spend"</span> }.into_any();
    };
    let href = explained(rows, &roi.channel);
    let why = roi.reason.map(Reason::words);
    view! {
        <a class="tag verdict" data-tone=tone(roi.verdict) href=href.to_string() title=why>
            {roi.roi.and_then(|Quotient(roi)| format::gain(roi))} " " {roi.verdict.word()}
        </a>
    }
    .into_any()
}

fn explained(rows: &Address, channel: &ChannelSlug) -> Address {
    rows.explaining("channel_roi").in_channel(channel)
}

/// The colour of a verdict; the word beside it says the same.
#[must_use]
pub const fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Profitable => "good",
        Verdict::Watch => "warn",
        Verdict::Losing => "bad",
        Verdict::NoSpend => "flat",
    }
}

fn unknown(reason: Reason) -> AnyView {
    view! { <abbr class="not-known" title=format::sentence(reason.words())>"—"</abbr> }.into_any()
}

fn totals(overview: &Overview, column: Column, rows: &Address) -> AnyView {
    let sum = |of: fn(&ChannelLine) -> i64| -> i64 { overview.channels.iter().map(of).sum() };
    let (blended, currency) = (overview.economics.blended_cac, overview.revenue.currency);
    let cac = match (blended.value, blended.reason) {
        (Some(value), _) => format::whole_money(value, currency).into_any(),
        (None, reason) => unknown(reason.unwrap_or(Reason::NoSpend)),
    };
    let roi = overview.economics.blended_roi.and_then(|Quotient(roi)| format::gain(roi));
    view! {
        <tr>
            <th scope="row">"All channels"</th>
            <td data-label="Leads">{format::count(sum(|channel| channel.leads))}</td>
            <td data-label="Qualified">{format::count(sum(|channel| channel.qualified))}</td>
            <td data-label="Meetings">{format::count(sum(|channel| channel.meetings))}</td>
            <td class="main-figure" data-label="Revenue">
                <a href=rows.to_string()>{column.money(overview.revenue.sums.total_revenue)}</a>
            </td>
            <td data-label="CAC">{cac}</td>
            <td data-label="ROI">{roi.map_or_else(|| unknown(Reason::NoSpend), IntoAny::into_any)}</td>
        </tr>
    }
    .into_any()
}
