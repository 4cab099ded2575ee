//! `/portal/channels`: what every channel brought in and what that is made of.

use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{desk, overview_question, query};
use super::refusal::RefusalView;
use crate::address::{Address, CHANNELS, REVENUE};
use crate::components::{
    ChannelReturns, ChannelTable, FigureRow, Layout, Notes, PeriodPicker, Place, ProductTable, overview_notes,
};
use crate::format;
use crate::port::{Overview, OverviewQuestion};
use crate::roster::Roster;
use crate::visit::Visit;

/// The heading of the page.
const TITLE: &str = "Channels";

/// Asks for the figures of the period in the address and shows them channel by channel.
#[component]
pub fn ChannelsPage() -> impl IntoView {
    let (desk, question, viewer) = (desk(), overview_question(&query()), Visit::now().viewer());
    let answer = Suspend::new(async move {
        let overview = match viewer {
            Ok(viewer) => desk.overview(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match overview {
            Ok(overview) => view! { <ChannelsView overview question/> }.into_any(),
            Err(error) => {
                let page = Address::about(CHANNELS, &question.period);
                let question = question.period;
                view! { <RefusalView error place=Place::Channels title=TITLE page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Channels · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

/// The channels of some days.
#[component]
pub fn ChannelsView(overview: Overview, question: OverviewQuestion) -> AnyView {
    let roster = Roster::of(&overview.frame.tenant);
    let page = Address::about(CHANNELS, &question.period).with_any("sort", question.sort.as_ref());
    let rows = page.on(REVENUE);
    let (range, report) = (overview.frame.range, overview.revenue.clone());
    view! {
        <Layout place=Place::Channels question=question.period>
            <header class="page-head">
                <div class="page-title">
                    <h1>{TITLE}</h1>
                    <p>{format::days(range)}</p>
                </div>
                <div class="controls">
                    <PeriodPicker
                        page=page.clone()
                        chosen=Some(overview.frame.choice)
                        typed=(range.from.to_string(), range.to.to_string())
                    />
                </div>
            </header>
            <Notes notes=overview_notes(&overview, &rows)/>
            <FigureRow overview=overview.clone() roster=roster.clone() rows=rows.clone()/>
            <section class="card revenue" aria-label="Return by channel">
                <ChannelReturns overview roster=roster.clone() page rows=rows.clone() sort=question.sort/>
            </section>
            <section class="card revenue" aria-labelledby="parts-title">
                <header class="card-head">
                    <h2 id="parts-title">"What came in and what went back"</h2>
                </header>
                <ChannelTable report=report.clone() roster rows=rows.clone()/>
            </section>
            <ProductTable report rows/>
        </Layout>
    }
    .into_any()
}
