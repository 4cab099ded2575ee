//! `/portal/command-center`: which channel makes money.

use domain::ids::TenantId;
use domain::period::{DateRange, PeriodChoice};
use domain::revenue::{RevenueReport, Sums};
use leptos::prelude::*;
use leptos_meta::{Link, Title};

use super::alerts::ALERT_FORMS;
use super::asking::{desk, notice, overview_question, query};
use super::refusal::RefusalView;
use crate::address::{Address, COMMAND_CENTER, RESTATEMENTS, REVENUE};
use crate::answer::answer;
use crate::components::{
    AlertList, ChannelReturns, CostCards, FunnelSteps, HeroRow, Layout, Notes, PeriodPicker, PeriodsTable,
    Place, ProductTable, RevenueChart, RowProblem, Sentence, StageVelocities, Welcome, overview_notes,
};
use crate::format;
use crate::islands::LiveRefresh;
use crate::port::{Overview, OverviewQuestion};
use crate::roster::Roster;
use crate::series::{self, PeriodNames};
use crate::visit::{Notice, Visit};

/// The question the page answers.
const QUESTION: &str = "Which channel actually makes money?";

/// Asks for the figures of the period in the address and shows them.
#[component]
pub fn CommandCenterPage() -> impl IntoView {
    let (desk, query, viewer) = (desk(), query(), Visit::now().viewer());
    let (question, notice) = (overview_question(&query), notice(&query));
    let answer = Suspend::new(async move {
        let overview = match viewer {
            Ok(viewer) => desk.overview(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match overview {
            Ok(overview) => view! { <CommandCenterView overview question notice/> }.into_any(),
            Err(error) => {
                let page = Address::of_overview(&question);
                let question = question.period;
                view! { <RefusalView error place=Place::Overview title=QUESTION page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Overview · Command Center"/>
        <Link rel="canonical" href=COMMAND_CENTER/>
        <Suspense>{answer}</Suspense>
    }
}

/// The main screen with its figures.
#[component]
pub fn CommandCenterView(
    overview: Overview,
    question: OverviewQuestion,
    #[prop(optional_no_strip)] notice: Option<Notice>,
) -> AnyView {
    let roster = Roster::of(&overview.frame.tenant);
    let page = Address::of_overview(&question);
    let as_of = format::clock(overview.revenue.as_of, &overview.frame.tenant.timezone);
    let sentence = answer(&overview, &roster);
    let range = overview.frame.range;
    let sort = question.sort;
    view! {
        <Layout place=Place::Overview question=question.period notice>
            <header class="page-head">
                <div class="page-title">
                    <h1>{QUESTION}</h1>
                    <p id="answer"><Sentence pieces=sentence/></p>
                </div>
                <div class="controls">
                    <PeriodPicker
                        page=page.clone()
                        chosen=Some(overview.frame.choice)
                        typed=(range.from.to_string(), range.to.to_string())
                    />
                    <LiveRefresh stream=stream(overview.frame.tenant.id) as_of=as_of.clone()/>
                </div>
            </header>
            <RowProblem visit=Visit::now() forms=ALERT_FORMS/>
            <div id="figures" data-as-of=as_of>
                {figures(overview, roster, page, sort)}
            </div>
        </Layout>
    }
    .into_any()
}

fn stream(tenant: TenantId) -> String {
    Address::new("/api/events").with("tenant_id", tenant.to_string()).to_string()
}

fn figures(overview: Overview, roster: Roster, page: Address, sort: Option<String>) -> AnyView {
    let rows = page.on(REVENUE);
    let notes = overview_notes(&overview, &rows);
    if !overview.intake.has_events {
        return view! {
            <Notes notes/>
            <Welcome intake=overview.intake/>
        }
        .into_any();
    }
    let report = overview.revenue.clone();
    let changed = page.on(RESTATEMENTS).to_string();
    let products =
        (!report.by_product.is_empty()).then(|| view! { <ProductTable report rows=rows.clone()/> });
    view! {
        <Notes notes/>
        <HeroRow overview=overview.clone() roster=roster.clone() page=page.clone()/>
        {revenue_and_returns(&overview, &roster, &page, &rows, sort)}
        <FunnelSteps overview=overview.clone() page=page.clone() rows/>
        <div class="beside">
            <StageVelocities overview=overview.clone() page=page.clone()/>
            <AlertList overview=overview.clone() page=page.clone()/>
        </div>
        <CostCards overview roster page/>
        {products}
        <p><a href=changed>"What changed after these days ended"</a></p>
    }
    .into_any()
}

fn revenue_and_returns(
    overview: &Overview,
    roster: &Roster,
    page: &Address,
    rows: &Address,
    sort: Option<String>,
) -> AnyView {
    let report = overview.revenue.clone();
    let is_empty = report.sums == Sums::default() && report.by_channel.is_empty();
    let returns = view! {
        <ChannelReturns overview=overview.clone() roster=roster.clone() page=page.clone() rows=rows.clone() sort/>
    };
    if is_empty {
        return view! {
            {nothing_moved(overview, page)}
            <section class="card revenue" aria-label="Channels">{returns}</section>
        }
        .into_any();
    }
    view! {
        <section class="card revenue" aria-label="Revenue by channel">
            {chart(overview, &report, roster, page, rows)}
            {returns}
            {periods(overview, report, roster, rows)}
        </section>
    }
    .into_any()
}

fn chart(
    overview: &Overview,
    report: &RevenueReport,
    roster: &Roster,
    page: &Address,
    rows: &Address,
) -> AnyView {
    let series = series::of_report(report, roster);
    let names = PeriodNames { granularity: report.granularity, today: overview.frame.today };
    view! { <RevenueChart report=report.clone() series names page=page.clone() rows=rows.clone()/> }
        .into_any()
}

fn periods(overview: &Overview, report: RevenueReport, roster: &Roster, rows: &Address) -> AnyView {
    let series = series::of_report(&report, roster);
    let names = PeriodNames { granularity: report.granularity, today: overview.frame.today };
    view! { <PeriodsTable report series names rows=rows.clone()/> }.into_any()
}

fn nothing_moved(overview: &Overview, page: &Address) -> AnyView {
    let last = overview.intake.last_event_at.map(|at| {
        let moment = format::moment(at, &overview.frame.tenant.timezone);
        view! { <p>"The newest event from Stripe came on " {moment} "."</p> }
    });
    let wider = wider(overview, page).map(|(address, says)| {
        view! { <p><a class="button" href=address.to_string()>{says}</a></p> }
    });
    view! {
        <section class="card quiet" aria-labelledby="quiet-title">
            <h2 id="quiet-title">"No money moved in these days"</h2>
            {last}
            {wider}
        </section>
    }
    .into_any()
}

/// A longer period than the one that holds nothing.
fn wider(overview: &Overview, page: &Address) -> Option<(Address, &'static str)> {
    let days = overview.frame.range.days();
    let year = DateRange::last_days(365, overview.frame.today);
    let offers = [
        (30, page.clone().over(PeriodChoice::Last30.word()), "Look at the last 30 days"),
        (90, page.clone().over(PeriodChoice::Last90.word()), "Look at the last 90 days"),
        (365, page.clone().between(year), "Look at the last 12 months"),
    ];
    offers.into_iter().find(|(length, ..)| *length > days).map(|(_, address, says)| (address, says))
}
