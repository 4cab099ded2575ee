//! How long leads stay in each stage, who is stuck, and what the pipeline yields a day.

use domain::pipeline::{NoVelocity, PipelineVelocity};
use domain::ratio::Quotient;
use domain::velocity::{StageVelocity, Unknown};
use leptos::prelude::*;

use crate::address::{Address, LEADS};
use crate::format;
use crate::port::Overview;
use crate::share::per_mille;

/// The stages with their days; `page` is the page it is on.
#[component]
pub fn StageVelocities(overview: Overview, page: Address) -> AnyView {
    let slowest =
        overview.velocity.iter().filter_map(|stage| hundredths(stage.p75_days)).max().unwrap_or_default();
    let rows = overview.velocity.iter().map(|stage| row(stage, slowest, &page)).collect_view();
    view! {
        <section class="card velocity" aria-labelledby="velocity-title">
            <header class="card-head">
                <h2 id="velocity-title">"Pipeline velocity"</h2>
                <p class="card-note">"Days in a stage; those still in it count as long as they are"</p>
            </header>
            <div class="table-box">
                <table class="data velocity-table">
                    <caption class="vh">"Days in each stage"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Stage"</th>
                            <th scope="col">"Median"</th>
                            <th scope="col">"75 %"</th>
                            <th scope="col">"Mean"</th>
                            <th scope="col">"In it"</th>
                            <th scope="col">"Stuck"</th>
                            <th scope="col" class="velocity-course"><span class="vh">"How long"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {yields(&overview)}
        </section>
    }
    .into_any()
}

fn row(stage: &StageVelocity, slowest: i64, page: &Address) -> AnyView {
    let in_stage = page.on(LEADS).without_period().with("stage", stage.stage.word());
    let stuck = match stage.stuck {
        0 => view! { <span class="none">"0"</span> }.into_any(),
        stuck => {
            let address = in_stage.clone().with("stuck", "yes");
            view! { <a class="stuck" href=address.to_string()>{format::count(stuck)}</a> }.into_any()
        }
    };
    let width = hundredths(stage.p75_days).and_then(|days| per_mille(days, slowest)).unwrap_or_default();
    view! {
        <tr>
            <th scope="row">{stage.stage.in_words()}</th>
            <td data-label="Median">{days(stage.median_days, stage)}</td>
            <td data-label="75 %">{days(stage.p75_days, stage)}</td>
            <td data-label="Mean">{days(stage.mean_days, stage)}</td>
            <td data-label="In it"><a href=in_stage.to_string()>{format::count(stage.open)}</a></td>
            <td data-label="Stuck">{stuck}</td>
            <td class="velocity-course">
                <svg class="velocity-bar" viewBox="0 0 1000 6" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="share-track" width="1000" height="6"/>
                    <rect class="velocity-fill" width=width.to_string() height="6"/>
                </svg>
            </td>
        </tr>
    }
    .into_any()
}

fn hundredths(days: Option<Quotient>) -> Option<i64> {
    days?.0.times(domain::ratio::Ratio::whole(100))?.rounded()
}

fn days(days: Option<Quotient>, stage: &StageVelocity) -> AnyView {
    if let Some(text) = days.and_then(|days| format::tenth(days.0)) {
        return format!("{text} d").into_any();
    }
    let why = match stage.reason {
        Some(Unknown::NobodyMovedOn) => "Nobody has left this stage yet",
        Some(Unknown::MostAreStillThere) | None => "Too many are still there to tell",
    };
    view! { <abbr class="not-known" title=why>"—"</abbr> }.into_any()
}

/// The formula with its operands.
fn yields(overview: &Overview) -> AnyView {
    let PipelineVelocity { per_day, opportunities, win_rate, average_deal, cycle_days, reason } =
        overview.pipeline_velocity;
    let money = |minor: i64| format::whole_money(minor, overview.revenue.currency);
    let told = per_day.zip(win_rate).zip(average_deal.zip(cycle_days));
    let Some(((per_day, win_rate), (average_deal, cycle_days))) = told else {
        return view! { <p class="velocity-yield">"Pipeline velocity: " {why_none(reason)}</p> }.into_any();
    };
    let operands = format!(
        "{} × {} win rate × {} average deal ÷ {} days",
        format::counted(opportunities, "opportunity", "opportunities"),
        format::share(win_rate.0).unwrap_or_default(),
        money(average_deal),
        format::tenth(cycle_days.0).unwrap_or_default(),
    );
    view! { <p class="velocity-yield"><strong>{money(per_day)} " a day"</strong> " = " {operands}</p> }
        .into_any()
}

const fn why_none(reason: Option<NoVelocity>) -> &'static str {
    match reason {
        Some(NoVelocity::NothingDecided) | None => "no deal was won or lost in these days.",
        Some(NoVelocity::NothingWon) => "no deal was won in these days.",
        Some(NoVelocity::NoCycle) => "deals were won the moment they were opened.",
        Some(NoVelocity::TooLarge) => "the figure is too large to be told.",
    }
}
