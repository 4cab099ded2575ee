//! The numbers of the chart, for those who would rather read them.

use domain::period::DateRange;
use domain::revenue::{PeriodRevenue, RevenueReport};
use leptos::prelude::*;

use super::ChannelMark;
use crate::address::Address;
use crate::format::Column;
use crate::series::{PeriodNames, Series};

/// Periods by channels, behind a disclosure.
#[component]
pub fn PeriodsTable(
    report: RevenueReport,
    series: Vec<Series>,
    names: PeriodNames,
    rows: Address,
) -> AnyView {
    let all = series.iter().flat_map(|series| series.amounts.iter().copied());
    let column = Column::holding(report.currency, all);
    let heads = series
        .iter()
        .map(|series| view! { <th scope="col"><ChannelMark color=series.color name=series.name.clone()/></th> })
        .collect_view();
    let body = report
        .by_period
        .iter()
        .enumerate()
        .map(|(place, period)| row(period, place, &series, names, column, &rows))
        .collect_view();
    view! {
        <details class="periods" id="periods">
            <summary>"Show as table"</summary>
            <div class="table-box">
                <table class="data periods-table">
                    <caption class="vh">"Revenue by period and channel"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Period"</th>
                            {heads}
                            <th scope="col">"All channels"</th>
                        </tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

fn row(
    period: &PeriodRevenue,
    place: usize,
    series: &[Series],
    names: PeriodNames,
    column: Column,
    rows: &Address,
) -> AnyView {
    let bucket = period.bucket;
    let rows = rows.clone().between(DateRange { from: bucket.period_start, to: bucket.period_end });
    let cells = series
        .iter()
        .map(|series| {
            let amount = column.money(series.amounts.get(place).copied().unwrap_or_default());
            match &series.channel {
                Some(channel) => {
                    let address = rows.clone().in_channel(channel);
                    view! { <td><a href=address.to_string()>{amount}</a></td> }.into_any()
                }
                None => view! { <td>{amount}</td> }.into_any(),
            }
        })
        .collect_view();
    view! {
        <tr data-partial=bucket.partial.then_some("true")>
            <th scope="row">{names.long(&bucket)}</th>
            {cells}
            <td class="main-figure">
                <a href=rows.to_string()>{column.money(period.sums.total_revenue)}</a>
            </td>
        </tr>
    }
    .into_any()
}
