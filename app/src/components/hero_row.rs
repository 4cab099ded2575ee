//! The first row of the main screen: the five figures a day begins with.

use domain::economics::{BestChannel, Reason};
use domain::metrics::Metric;
use domain::mrr::report::Movements;
use domain::revenue::{PeriodRevenue, trend};
use leptos::prelude::*;

use super::figure_card::{Chip, FigureCard, Rising};
use super::figure_row::{moving, previous_days, whole};
use super::movement_strip::MovementStrip;
use crate::address::{Address, COSTS};
use crate::answer::ranked;
use crate::format;
use crate::port::Overview;
use crate::roster::Roster;
use crate::series::course;
use crate::share::per_mille;

/// The five figures; `page` is the page they are on.
#[component]
pub fn HeroRow(overview: Overview, roster: Roster, page: Address) -> AnyView {
    view! {
        <section class="figures" aria-label="Key figures">
            {total_revenue(&overview, &page)}
            {recurring(&overview, &page)}
            {cac(&overview, &page)}
            {best_channel(&overview, &roster, &page)}
            {pipeline(&overview, &page)}
        </section>
    }
    .into_any()
}

fn total_revenue(overview: &Overview, page: &Address) -> AnyView {
    let (now, before) = (overview.revenue.sums.total_revenue, overview.previous.total_revenue);
    let line = course(&overview.revenue.by_period, |period: &PeriodRevenue| period.sums.total_revenue);
    view! {
        <FigureCard
            label="Total revenue"
            metric=Metric::with_key("total_revenue")
            value=whole(overview, now)
            chip=Chip::of_trend(trend(now, before), Rising::Good)
            note=format!("vs {} {}", whole(overview, before), previous_days(overview)).into_any()
            spark=moving(&line)
            href=page.explaining("total_revenue").to_string()
        />
    }
    .into_any()
}

fn recurring(overview: &Overview, page: &Address) -> AnyView {
    let report = &overview.recurring.report;
    let line: Vec<i64> = report.by_period.iter().map(|period| period.end).collect();
    view! {
        <FigureCard
            label="MRR"
            metric=Metric::with_key("mrr")
            value=whole(overview, report.end)
            chip=Chip::of_trend(trend(report.end, report.start), Rising::Good)
            note=recurring_note(overview, report.movements)
            spark=moving(&line)
            href=page.explaining("mrr").to_string()
        />
    }
    .into_any()
}

fn recurring_note(overview: &Overview, movements: Movements) -> AnyView {
    let past_due = per_mille(overview.recurring.past_due_mrr, overview.recurring.report.end)
        .filter(|share| *share > 0)
        .map(|share| format!(" · {} past due", format::percent(share)));
    let (won, lost) = (whole(overview, movements.new), whole(overview, movements.churn));
    view! { <MovementStrip movements/> "+" {won} " new · −" {lost} " churn" {past_due} }.into_any()
}

fn cac(overview: &Overview, page: &Address) -> AnyView {
    let blended = overview.economics.blended_cac;
    let note = match blended.reason {
        None => {
            let customers = format::counted(blended.new_customers, "new customer", "new customers");
            format!("{customers}, {} spent", whole(overview, blended.spend))
        }
        Some(Reason::UnproductiveSpend) => {
            format!("{} spent, no new customer won", whole(overview, blended.spend))
        }
        Some(reason) => format::sentence(reason.words()),
    };
    let chip = blended
        .value
        .zip(overview.previous_cac)
        .and_then(|(now, before)| Chip::of_trend(trend(now, before), Rising::Bad));
    view! {
        <FigureCard
            label="Blended CAC"
            metric=Metric::with_key("blended_cac")
            value=blended.value.map_or_else(dash, |value| whole(overview, value))
            chip
            note=note.into_any()
            href=page.explaining("blended_cac").to_string()
        />
    }
    .into_any()
}

fn best_channel(overview: &Overview, roster: &Roster, page: &Address) -> AnyView {
    let Some(best) = &overview.economics.best_channel else { return best_earning(overview, roster, page) };
    let chip = format::gain(best.roi.0).map(|roi| Chip::remark(format!("{roi} ROI")));
    view! {
        <FigureCard
            label="Best channel"
            metric=Metric::with_key("best_channel_roi")
            value=roster.name(&best.channel)
            chip
            note=runner_up(best, roster)
            href=page.explaining("best_channel").to_string()
        />
    }
    .into_any()
}

fn runner_up(best: &BestChannel, roster: &Roster) -> AnyView {
    let confidence = format!("{} confidence", best.confidence.word());
    let Some(next) = &best.runner_up else {
        return format!("No other channel to compare · {confidence}").into_any();
    };
    let roi = best.runner_up_roi.and_then(|roi| format::gain(roi.0)).unwrap_or_default();
    view! { <bdi>{roster.name(next)}</bdi> " next, " {roi} " · " {confidence} }.into_any()
}

/// Where nothing says what channels cost, the one that brings in most, said to be just that.
fn best_earning(overview: &Overview, roster: &Roster, page: &Address) -> AnyView {
    let (known, _) = ranked(&overview.revenue.by_channel);
    let (href, why) = match overview.economics.best_channel_reason {
        Some(Reason::NoSpend) | None => (page.on(COSTS), "By revenue: enter costs to see its return"),
        Some(_) => (page.explaining("best_channel"), "By revenue: too little to judge returns by"),
    };
    let chip = known.first().map(|best| Chip::remark(whole(overview, best.sums.total_revenue)));
    view! {
        <FigureCard
            label="Best channel"
            value=known.first().map_or_else(dash, |best| roster.name(&best.channel))
            chip
            note=why.into_any()
            href=href.to_string()
        />
    }
    .into_any()
}

fn pipeline(overview: &Overview, page: &Address) -> AnyView {
    let (now, before) = (overview.pipeline, overview.previous_pipeline);
    let note = match now.open_deals {
        0 => "No deal is open".to_owned(),
        open => format!("{} weighted · {} open", whole(overview, now.weighted_value), format::count(open)),
    };
    view! {
        <FigureCard
            label="Pipeline value"
            metric=Metric::with_key("pipeline_value")
            value=whole(overview, now.value)
            chip=Chip::of_trend(trend(now.value, before.value), Rising::Good)
            note=note.into_any()
            href=page.explaining("pipeline_value").to_string()
        />
    }
    .into_any()
}

fn dash() -> String {
    "—".to_owned()
}
