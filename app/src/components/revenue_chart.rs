//! Revenue by channel over time: legend, drawing, and the choice of how wide a column is.

use domain::period::{Bucket, DateRange, Granularity};
use domain::revenue::RevenueReport;
use leptos::prelude::*;

use super::ChannelMark;
use crate::address::Address;
use crate::charts::{self, revenue_by_channel};
use crate::format;
use crate::series::{PeriodNames, Series};

/// Up to how many days a column of one day each is offered.
const MOST_DAILY: i32 = 31;

/// The chart with its legend; `page` is the page it is on, `rows` the ledger rows behind it.
#[component]
pub fn RevenueChart(
    report: RevenueReport,
    series: Vec<Series>,
    names: PeriodNames,
    page: Address,
    rows: Address,
) -> AnyView {
    let drawing = revenue_by_channel(&drawn(&report, &series, names, &rows));
    view! {
        <header class="card-head">
            <h2>"Revenue by channel"</h2>
            <Legend series unfinished=unfinished(&report, names)/>
            <Widths chosen=report.granularity range=report.range page/>
        </header>
        {drawing.map(|svg| view! { <div class="plot" inner_html=svg></div> })}
    }
    .into_any()
}

#[component]
fn Legend(series: Vec<Series>, #[prop(optional_no_strip)] unfinished: Option<String>) -> AnyView {
    let entries = series
        .into_iter()
        .map(|series| view! { <li><ChannelMark color=series.color name=series.name/></li> })
        .collect_view();
    view! { <ul class="legend" aria-label="Channels">{entries} {unfinished.map(|says| view! { <li class="unfinished">{says}</li> })}</ul> }.into_any()
}

/// How wide periods are, as links.
#[component]
pub(super) fn Widths(chosen: Granularity, range: DateRange, page: Address) -> AnyView {
    let offered = |granularity: &Granularity| match granularity {
        Granularity::Week | Granularity::Month => true,
        Granularity::Day => range.days() <= MOST_DAILY || chosen == Granularity::Day,
        Granularity::Quarter => chosen == Granularity::Quarter,
    };
    let links = [Granularity::Day, Granularity::Week, Granularity::Month, Granularity::Quarter]
        .into_iter()
        .filter(offered)
        .map(|granularity| {
            let address = page.clone().with("granularity", granularity.word());
            let current = (granularity == chosen).then_some("true");
            view! { <a href=address.to_string() aria-current=current>{adverb(granularity)}</a> }
        })
        .collect_view();
    view! { <div class="segments" role="group" aria-label="One column is">{links}</div> }.into_any()
}

fn drawn(
    report: &RevenueReport,
    series: &[Series],
    names: PeriodNames,
    rows: &Address,
) -> charts::RevenueByChannel {
    let currency = report.currency;
    let periods = report.by_period.iter().enumerate();
    charts::RevenueByChannel {
        title: format!("Revenue by channel, {}", adverb(report.granularity).to_lowercase()),
        description: format!(
            "Stacked columns of revenue, {}. The same numbers are in the table below.",
            format::days(report.range)
        ),
        currency_ticks: Box::new(move |minor| format::money_tick(minor, currency)),
        periods: periods
            .map(|(place, period)| charts::Period {
                label: names.short(&period.bucket),
                name: names.long(&period.bucket),
                partial: period.bucket.partial,
                summary: summary(report, series, place),
                href: Some(rows.clone().between(days_of(&period.bucket)).to_string()),
            })
            .collect(),
        series: series
            .iter()
            .map(|series| charts::Series {
                name: series.name.clone(),
                color: series.color,
                amounts: series.amounts.clone(),
            })
            .collect(),
    }
}

/// What one column is made of, a line for each channel that moved.
fn summary(report: &RevenueReport, series: &[Series], place: usize) -> String {
    let total = report.by_period.get(place).map_or(0, |period| period.sums.total_revenue);
    let moved = series.iter().filter_map(|series| {
        let amount = series.amounts.get(place).copied().filter(|amount| *amount != 0)?;
        Some(format!("{}: {}", series.name, format::whole_money(amount, report.currency)))
    });
    let all = format!("All channels: {}", format::whole_money(total, report.currency));
    moved.chain([all]).collect::<Vec<_>>().join("\n")
}

/// Why some columns are lighter.
fn unfinished(report: &RevenueReport, names: PeriodNames) -> Option<String> {
    let lighter = report.by_period.iter().map(|period| period.bucket).filter(|bucket| bucket.partial);
    let (running, cut): (Vec<Bucket>, Vec<Bucket>) = lighter.partition(|bucket| names.is_running(bucket));
    let part = format!("part of a {}", report.granularity.word());
    match (cut.is_empty(), running.is_empty()) {
        (true, true) => None,
        (true, false) => Some("Lighter: so far".to_owned()),
        (false, true) => Some(format!("Lighter: {part}")),
        (false, false) => Some(format!("Lighter: {part}, or so far")),
    }
}

fn days_of(bucket: &Bucket) -> DateRange {
    DateRange { from: bucket.period_start, to: bucket.period_end }
}

fn adverb(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Day => "Daily",
        Granularity::Week => "Weekly",
        Granularity::Month => "Monthly",
        Granularity::Quarter => "Quarterly",
    }
}
