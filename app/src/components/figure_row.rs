//! Five figures of what came in, on the page of the channels.

use domain::channel::ChannelSlug;
use domain::metrics::Metric;
use domain::revenue::{ChannelRevenue, PeriodRevenue, trend};
use leptos::prelude::*;

use super::figure_card::{Chip, FigureCard, Rising};
use crate::address::{Address, PAYMENTS, REFUNDS};
use crate::answer::ranked;
use crate::charts::spark_line;
use crate::format;
use crate::port::Overview;
use crate::roster::Roster;
use crate::series::course;
use crate::share::per_mille;

/// The five figures; `rows` are the ledger rows of the same days.
#[component]
pub fn FigureRow(overview: Overview, roster: Roster, rows: Address) -> AnyView {
    view! {
        <section class="figures" aria-label="Key figures">
            {total_revenue(&overview, &rows)}
            {payments(&overview, &rows)}
            {refunds(&overview, &rows)}
            {best_channel(&overview, &roster, &rows)}
            {unknown(&overview, &rows)}
        </section>
    }
    .into_any()
}

fn total_revenue(overview: &Overview, rows: &Address) -> AnyView {
    let (now, before) = (overview.revenue.sums.total_revenue, overview.previous.total_revenue);
    view! {
        <FigureCard
            label="Total revenue"
            metric=Metric::with_key("total_revenue")
            value=whole(overview, now)
            chip=Chip::of_trend(trend(now, before), Rising::Good)
            note=format!("vs {} {}", whole(overview, before), previous_days(overview)).into_any()
            spark=spark(overview, |period| period.sums.total_revenue)
            href=rows.to_string()
        />
    }
    .into_any()
}

fn payments(overview: &Overview, rows: &Address) -> AnyView {
    let (now, before) = (overview.revenue.sums.payments, overview.previous.payments);
    let note = match overview.revenue.sums.gross_revenue.checked_div(now) {
        Some(average) => format!("{} on average", whole(overview, average)),
        None => format!("vs {} {}", format::count(before), previous_days(overview)),
    };
    view! {
        <FigureCard
            label="Payments"
            metric=Metric::with_key("payments")
            value=format::count(now)
            chip=Chip::of_trend(trend(now, before), Rising::Good)
            note=note.into_any()
            spark=spark(overview, |period| period.sums.payments)
            href=rows.clone().of_kinds(PAYMENTS).to_string()
        />
    }
    .into_any()
}

fn refunds(overview: &Overview, rows: &Address) -> AnyView {
    let (now, before) = (overview.revenue.sums.refunds, overview.previous.refunds);
    let note = match per_mille(now, overview.revenue.sums.gross_revenue) {
        Some(share) => format!("{} of what came in", format::percent(share)),
        None => format!("vs {} {}", whole(overview, before), previous_days(overview)),
    };
    view! {
        <FigureCard
            label="Refunds"
            metric=Metric::with_key("refunds")
            value=whole(overview, now)
            chip=Chip::of_trend(trend(now, before), Rising::Bad)
            note=note.into_any()
            spark=spark(overview, |period| period.sums.refunds)
            href=rows.clone().of_kinds(REFUNDS).to_string()
        />
    }
    .into_any()
}

fn best_channel(overview: &Overview, roster: &Roster, rows: &Address) -> AnyView {
    let (known, _) = ranked(&overview.revenue.by_channel);
    let Some(best) = known.first() else { return no_best_channel(rows).into_any() };
    view! {
        <FigureCard
            label="Best earning channel"
            value=roster.name(&best.channel)
            chip=Some(Chip::remark(amount_and_share(overview, best)))
            note=runner_up(overview, roster, known.get(1).copied())
            spark=spark(overview, |period| of_channel(period, &best.channel))
            href=rows.clone().in_channel(&best.channel).to_string()
        />
    }
    .into_any()
}

fn no_best_channel(rows: &Address) -> AnyView {
    view! {
        <FigureCard
            label="Best earning channel"
            value="—".to_owned()
            note="No channel earned anything in these days".into_any()
            href=rows.to_string()
        />
    }
    .into_any()
}

fn runner_up(overview: &Overview, roster: &Roster, next: Option<&ChannelRevenue>) -> AnyView {
    let Some(next) = next else { return "No other channel earned anything".into_any() };
    let amount = whole(overview, next.sums.total_revenue);
    view! { <bdi>{roster.name(&next.channel)}</bdi> " next, " {amount} }.into_any()
}

fn unknown(overview: &Overview, rows: &Address) -> AnyView {
    let slug = ChannelSlug::unknown();
    let (_, amount) = ranked(&overview.revenue.by_channel);
    let value = match per_mille(amount, overview.revenue.sums.total_revenue) {
        Some(share) => format::percent(share),
        None => whole(overview, amount),
    };
    let note = match (amount, overview.revenue.sums.payments) {
        (0, 0) => "No payments in these days",
        (0, _) => "Every payment has a channel",
        _ => "of revenue has no channel",
    };
    view! {
        <FigureCard
            label="Unknown"
            value
            chip=(amount != 0).then(|| Chip::remark(whole(overview, amount)))
            note=note.into_any()
            spark=spark(overview, |period| of_channel(period, &ChannelSlug::unknown()))
            href=rows.clone().in_channel(&slug).to_string()
        />
    }
    .into_any()
}

fn amount_and_share(overview: &Overview, channel: &ChannelRevenue) -> String {
    let amount = whole(overview, channel.sums.total_revenue);
    match per_mille(channel.sums.total_revenue, overview.revenue.sums.total_revenue) {
        Some(share) => format!("{amount} · {}", format::percent(share)),
        None => amount,
    }
}

fn of_channel(period: &PeriodRevenue, channel: &ChannelSlug) -> i64 {
    period.by_channel.get(channel).copied().unwrap_or_default()
}

fn spark(overview: &Overview, figure: impl Fn(&PeriodRevenue) -> i64) -> Option<String> {
    moving(&course(&overview.revenue.by_period, figure))
}

/// The drawing of a line; one that does not move says nothing.
pub(super) fn moving(line: &[i64]) -> Option<String> {
    let moves = line.windows(2).any(|pair| pair.first() != pair.last());
    moves.then(|| spark_line(line)).flatten()
}

/// The days figures are compared with, in words.
pub(super) fn previous_days(overview: &Overview) -> String {
    let days = i64::from(overview.previous_range.days());
    if days == 1 { "the day before".to_owned() } else { format!("previous {} days", format::count(days)) }
}

/// An amount of the overview, without its minor units.
pub(super) fn whole(overview: &Overview, amount: i64) -> String {
    format::whole_money(amount, overview.revenue.currency)
}
