//! Recurring revenue rolled forward, period by period.

use domain::metrics::Metric;
use domain::mrr::report::{Movements, PeriodMovements};
use domain::period::DateRange;
use leptos::prelude::*;

use super::revenue_chart::Widths;
use crate::address::{Address, MRR_FILE};
use crate::format::Column;
use crate::recurring::RecurringPage;
use crate::series::PeriodNames;

/// The columns between what was and what is, with the metric each is.
const KINDS: [(&str, &str); 6] = [
    ("New", "mrr_new"),
    ("Reactivation", "mrr_reactivation"),
    ("Expansion", "mrr_expansion"),
    ("Contraction", "mrr_contraction"),
    ("Churn", "mrr_churn"),
    ("Rates", "mrr_fx"),
];

/// A line for each period: what recurred before it, what moved, what recurs after it.
#[component]
pub fn RollForward(found: RecurringPage, page: Address) -> AnyView {
    let report = &found.report;
    let names = PeriodNames { granularity: report.granularity, today: found.frame.today };
    let told = report.by_period.iter().flat_map(|period| {
        let Movements { new, reactivation, expansion, contraction, churn, fx } = period.movements;
        [period.start, new, reactivation, expansion, contraction, churn, fx, period.end]
    });
    let column = Column::holding(report.currency, told);
    let scale = Scale::of(&report.by_period);
    let begun = report.by_period.iter().filter(|period| period.bucket.period_start <= found.frame.today);
    let rows = begun.map(|period| row(period, names, column, scale, &page)).collect_view();
    let heads = KINDS
        .map(|(label, metric)| view! { <th scope="col" class="number" title=tooltip(metric)>{label}</th> })
        .into_iter()
        .collect_view();
    let total = amounts(report.start, report.movements, report.end, column);
    view! {
        <section class="card" aria-labelledby="roll-forward-title">
            <header class="card-head">
                <h2 id="roll-forward-title">"How it moved"</h2>
                <Widths chosen=report.granularity range=found.frame.range page=page.clone()/>
            </header>
            <div class="table-box">
                <table class="data movements-table">
                    <caption class="vh">"Recurring revenue before and after each period, and what moved in it"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Period"</th>
                            <th scope="col" class="number">"Before"</th>
                            {heads}
                            <th scope="col" class="number">"After"</th>
                            <th scope="col" class="movement-bar"><span class="vh">"Drawn"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                    <tfoot>
                        <tr>
                            <th scope="row">"All of it"</th>
                            {total}
                            <td class="movement-bar"></td>
                        </tr>
                    </tfoot>
                </table>
            </div>
            <div class="table-foot">
                <a class="button ghost" href=file(&page, "by_period") download>"Download these periods (CSV)"</a>
            </div>
        </section>
    }
    .into_any()
}

/// A table of the page's days as a file.
pub(super) fn file(page: &Address, table: &'static str) -> String {
    page.on_with(MRR_FILE, &["granularity"]).with("format", "csv").with("table", table).to_string()
}

fn tooltip(metric: &str) -> Option<String> {
    Metric::with_key(metric).map(Metric::tooltip)
}

fn row(
    period: &PeriodMovements,
    names: PeriodNames,
    column: Column,
    scale: Scale,
    page: &Address,
) -> AnyView {
    let bucket = period.bucket;
    let these = page.clone().between(DateRange { from: bucket.period_start, to: bucket.period_end });
    view! {
        <tr data-partial=period.bucket.partial.then_some("true")>
            <th scope="row"><a href=these.to_string()>{names.long(&bucket)}</a></th>
            {amounts(period.start, period.movements, period.end, column)}
            <td class="movement-bar">{scale.drawn(&period.movements)}</td>
        </tr>
    }
    .into_any()
}

/// What was, what came and went, what is; losses with their sign, so that a line adds up as it reads.
pub(super) fn amounts(start: i64, movements: Movements, end: i64, column: Column) -> AnyView {
    let Movements { new, reactivation, expansion, contraction, churn, fx } = movements;
    let moved = [new, reactivation, expansion, -contraction, -churn, fx]
        .into_iter()
        .zip(KINDS)
        .map(|(amount, (label, _))| {
            let quiet = (amount == 0).then_some("true");
            view! { <td class="number" data-label=label data-quiet=quiet>{column.money(amount)}</td> }
        })
        .collect_view();
    view! {
        <td class="number" data-label="Before">{column.money(start)}</td>
        {moved}
        <td class="number main-figure" data-label="After">{column.money(end)}</td>
    }
    .into_any()
}

/// How much of a bar's width what was won and lost takes, the same for every period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scale {
    lost: i64,
    won: i64,
}

/// How wide a bar is drawn.
const WIDTH: i64 = 1_000;

impl Scale {
    fn of(periods: &[PeriodMovements]) -> Self {
        let most = |of: fn(&Movements) -> i64| {
            periods.iter().map(|period| of(&period.movements)).max().unwrap_or_default().max(0)
        };
        Self {
            lost: most(|moved| moved.contraction + moved.churn),
            won: most(|moved| moved.new + moved.reactivation + moved.expansion),
        }
    }

    /// Losses to the left of a line, gains to the right of it.
    fn drawn(self, moved: &Movements) -> AnyView {
        let all = self.lost + self.won;
        if all == 0 {
            return ().into_any();
        }
        let place = |amount: i64| {
            i64::try_from(i128::from(amount) * i128::from(WIDTH) / i128::from(all)).unwrap_or(WIDTH)
        };
        let gains = [("new", moved.new + moved.reactivation), ("expansion", moved.expansion)];
        let losses = [("churn", moved.churn), ("contraction", moved.contraction)];
        let mut bars = Vec::new();
        let mut at = self.lost;
        for (kind, amount) in gains {
            bars.push((kind, place(at), place(at + amount)));
            at += amount;
        }
        let mut at = self.lost;
        for (kind, amount) in losses {
            bars.push((kind, place(at - amount), place(at)));
            at -= amount;
        }
        let bars = bars
            .into_iter()
            .filter(|(_, from, to)| to > from)
            .map(|(kind, from, to)| {
                view! { <rect class=format!("moved-{kind}") x=from.to_string() y="3" width=(to - from).to_string() height="10"/> }
            })
            .collect_view();
        let zero = place(self.lost).to_string();
        view! {
            <svg viewBox=format!("0 0 {WIDTH} 16") preserveAspectRatio="none" aria-hidden="true">
                {bars}
                <line class="movement-zero" x1=zero.clone() x2=zero y1="0" y2="16" vector-effect="non-scaling-stroke"/>
            </svg>
        }
        .into_any()
    }
}
