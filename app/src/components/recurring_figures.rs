//! The figures of recurring revenue: what stands, and how well it holds.

use domain::metrics::Metric;
use domain::mrr::report::Rates;
use domain::ratio::Quotient;
use domain::revenue::comparison::Difference;
use domain::revenue::trend;
use leptos::prelude::*;

use super::figure_card::{Chip, FigureCard, Rising};
use crate::address::{Address, METRICS};
use crate::format;
use crate::recurring::RecurringPage;

/// What stands at the end of the days, and the rates over them.
#[component]
pub fn RecurringFigures(found: RecurringPage, page: Address) -> AnyView {
    view! {
        <section class="figures" aria-label="What recurs">{standing(&found, &page)}</section>
        <section class="figures" aria-label="How well it holds">{rates(&found)}</section>
    }
    .into_any()
}

fn standing(found: &RecurringPage, page: &Address) -> AnyView {
    let (report, standing, then) = (&found.report, &found.standing, &found.comparison);
    let money = |minor: i64| format::whole_money(minor, report.currency);
    let customers = format::counted(report.customers.paying, "paying customer", "paying customers");
    let subscriptions = format::counted(standing.subscriptions, "subscription", "subscriptions");
    view! {
        <FigureCard
            label="MRR"
            metric=Metric::with_key("mrr_end")
            value=money(report.end)
            chip=chip(&then.end, Rising::Good)
            note=format!("was {}", money(then.end.before)).into_any()
            href=page.explaining("mrr").to_string()
        />
        <FigureCard
            label="ARR"
            metric=Metric::with_key("arr")
            value=money(report.end.saturating_mul(12))
            note=format!("{customers} · {subscriptions}").into_any()
            href=meaning("arr")
        />
        <FigureCard
            label="Committed MRR"
            metric=Metric::with_key("committed_mrr")
            value=money(standing.committed_mrr)
            note=format!("{} is to end", money(report.end - standing.committed_mrr)).into_any()
            href=meaning("committed_mrr")
        />
        <FigureCard
            label="Trial MRR"
            metric=Metric::with_key("trial_mrr")
            value=money(standing.trial_mrr)
            note="when every trial converts".into_any()
            href=meaning("trial_mrr")
        />
        <FigureCard
            label="Past due MRR"
            metric=Metric::with_key("past_due_mrr")
            value=money(standing.past_due_mrr)
            note=format!("{} more is paused", money(standing.paused_mrr)).into_any()
            href=meaning("past_due_mrr")
        />
    }
    .into_any()
}

fn rates(found: &RecurringPage) -> AnyView {
    let (now, then) = (found.report.rates, found.comparison.rates);
    let absent = |name: &str| found.report.absent.get(name).copied().unwrap_or_default();
    let currency = found.report.currency;
    let part = |label: &'static str, name: &'static str, of: fn(&Rates) -> Option<Quotient>| {
        let shown = |rates: &Rates| of(rates).and_then(|rate| format::share(rate.0));
        let note = match (of(&now), shown(&then)) {
            (None, _) => absent(name).to_owned(),
            (Some(_), Some(then)) => format!("was {then}"),
            (Some(_), None) => "nothing to compare it with".to_owned(),
        };
        view! {
            <FigureCard
                label
                metric=Metric::with_key(name)
                value=shown(&now).unwrap_or_else(|| "—".to_owned())
                note=note.into_any()
                href=meaning(name)
            />
        }
    };
    let arpa_note = match (now.arpa, then.arpa) {
        (None, _) => absent("arpa").to_owned(),
        (Some(_), Some(then)) => format!("was {}", format::whole_money(then, currency)),
        (Some(_), None) => "nothing to compare it with".to_owned(),
    };
    let quick = |rates: &Rates| rates.quick_ratio.and_then(|ratio| format::tenth(ratio.0));
    let quick_note = match (now.quick_ratio, quick(&then)) {
        (None, _) => absent("quick_ratio").to_owned(),
        (Some(_), Some(then)) => format!("was {then}"),
        (Some(_), None) => "nothing to compare it with".to_owned(),
    };
    view! {
        {part("Net revenue retention", "nrr", |rates| rates.nrr)}
        {part("Gross revenue retention", "grr", |rates| rates.grr)}
        {part("Customer churn", "customer_churn", |rates| rates.customer_churn)}
        <FigureCard
            label="Quick ratio"
            metric=Metric::with_key("quick_ratio")
            value=quick(&now).unwrap_or_else(|| "—".to_owned())
            note=quick_note.into_any()
            href=meaning("quick_ratio")
        />
        <FigureCard
            label="ARPA"
            metric=Metric::with_key("arpa")
            value=now.arpa.map_or_else(|| "—".to_owned(), |arpa| format::whole_money(arpa, currency))
            chip=now.arpa.zip(then.arpa).and_then(|(now, then)| Chip::of_trend(trend(now, then), Rising::Good))
            note=arpa_note.into_any()
            href=meaning("arpa")
        />
    }
    .into_any()
}

fn chip(difference: &Difference, rising: Rising) -> Option<Chip> {
    Chip::of_trend(trend(difference.before + difference.change, difference.before), rising)
}

/// Where a figure is defined.
fn meaning(metric: &str) -> String {
    format!("{METRICS}#{metric}")
}
