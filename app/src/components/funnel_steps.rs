//! How far leads come, as a funnel: every step leads to exactly its leads.

use domain::funnel::{Mode, Step};
use leptos::prelude::*;

use crate::address::{Address, LEADS};
use crate::format;
use crate::port::Overview;
use crate::share::per_mille;

/// The funnel; `page` is the page it is on, `rows` the ledger rows of the same days.
#[component]
pub fn FunnelSteps(overview: Overview, page: Address, rows: Address) -> AnyView {
    let (mode, widest) = (overview.funnel.mode, widest(&overview));
    let steps =
        overview.funnel.stages.iter().map(|step| row(step, mode, widest, &overview, &page)).collect_view();
    let body = match widest {
        0 => view! { <p class="nothing">{no_leads(mode)}</p> }.into_any(),
        _ => view! {
            <div class="table-box">
                <table class="data funnel-table">
                    <caption class="vh">{what_is_counted(mode)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Stage"</th>
                            <th scope="col" class="funnel-course"><span class="vh">"How wide"</span></th>
                            <th scope="col">"Leads"</th>
                            <th scope="col">"Worth"</th>
                            <th scope="col">"Of the step before"</th>
                            <th scope="col">"Of all"</th>
                        </tr>
                    </thead>
                    <tbody>{steps} {revenue(&overview, &rows)}</tbody>
                </table>
            </div>
        }
        .into_any(),
    };
    view! {
        <section class="card funnel" aria-labelledby="funnel-title">
            <header class="card-head">
                <h2 id="funnel-title">"Full funnel"</h2>
                <p class="card-note">{what_is_counted(mode)}</p>
                {modes(mode, &page)}
            </header>
            {body}
        </section>
    }
    .into_any()
}

fn widest(overview: &Overview) -> i64 {
    overview.funnel.stages.iter().map(|step| step.count).max().unwrap_or_default()
}

const fn what_is_counted(mode: Mode) -> &'static str {
    match mode {
        Mode::Cohort => "Leads that came in these days, by how far they have come",
        Mode::Snapshot => "All leads, by where they stand at the end of these days",
    }
}

const fn no_leads(mode: Mode) -> &'static str {
    match mode {
        Mode::Cohort => "No lead came in these days. Bring leads in by import or API, or choose other days.",
        Mode::Snapshot => "There are no leads yet. Bring them in by import or API.",
    }
}

fn modes(chosen: Mode, page: &Address) -> AnyView {
    let links = [(Mode::Cohort, "Cohort"), (Mode::Snapshot, "Snapshot")]
        .map(|(mode, name)| {
            let address = page.clone().with("funnel", mode.word());
            let current = (mode == chosen).then_some("true");
            view! { <a href=address.to_string() aria-current=current>{name}</a> }
        })
        .into_iter()
        .collect_view();
    view! { <div class="segments" role="group" aria-label="The funnel counts">{links}</div> }.into_any()
}

fn row(step: &Step, mode: Mode, widest: i64, overview: &Overview, page: &Address) -> AnyView {
    let width = per_mille(step.count, widest).unwrap_or_default();
    let leads = leads_of(step, mode, overview, page);
    let count = match step.count {
        0 => view! { <span class="none">"0"</span> }.into_any(),
        count => view! { <a href=leads.to_string()>{format::count(count)}</a> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{step.stage.in_words()}</th>
            <td class="funnel-course"><FunnelBar width/></td>
            <td class="main-figure" data-label="Leads">{count}</td>
            <td data-label="Worth">{format::whole_money(step.value, overview.revenue.currency)}</td>
            <td data-label="Step">{conversion(step.step_conversion)}</td>
            <td data-label="Overall">{conversion(step.overall_conversion)}</td>
        </tr>
    }
    .into_any()
}

/// Exactly the leads a step counts.
fn leads_of(step: &Step, mode: Mode, overview: &Overview, page: &Address) -> Address {
    match mode {
        Mode::Cohort => page.on(LEADS).with("reached", step.stage.word()),
        Mode::Snapshot => page
            .on(LEADS)
            .without_period()
            .with("at", overview.frame.range.to.to_string())
            .with("stage", step.stage.word()),
    }
}

fn conversion(share: Option<domain::ratio::Quotient>) -> AnyView {
    match share.and_then(|share| format::share(share.0)) {
        Some(text) => text.into_any(),
        None => {
            view! { <abbr class="not-known" title="There is nothing to be part of">"—"</abbr> }.into_any()
        }
    }
}

/// The end of the funnel: what came in, and what that is for each lead that closed.
fn revenue(overview: &Overview, rows: &Address) -> AnyView {
    let currency = overview.revenue.currency;
    let total = overview.revenue.sums.total_revenue;
    let closed = overview.funnel.stages.last().map_or(0, |step| step.reached);
    let each = total
        .checked_div(closed)
        .map(|each| format!("{} a closed lead", format::whole_money(each, currency)));
    view! {
        <tr class="funnel-revenue">
            <th scope="row">"Revenue"</th>
            <td class="funnel-course"><FunnelBar width=1_000/></td>
            <td class="main-figure" data-label="Leads">
                <a href=rows.to_string()>{format::whole_money(total, currency)}</a>
            </td>
            <td class="funnel-each" colspan="3">{each}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn FunnelBar(width: i64) -> impl IntoView {
    view! {
        <svg class="funnel-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
            <rect width=width.clamp(0, 1_000).to_string() height="10"/>
        </svg>
    }
}
