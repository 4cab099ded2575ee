//! `/portal/metrics`: what every figure means, from the registry.

use domain::metrics::{self, CHANGES, Endpoint, Explain, Metric, VERSION};
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{period_question, query};
use super::refusal::RefusalView;
use crate::address::{Address, COSTS, LEADS, METRICS as PAGE, REVENUE};
use crate::components::{Layout, Place};
use crate::port::PeriodQuestion;
use crate::visit::Visit;

/// The heading of the page.
const TITLE: &str = "Metrics";

/// Shows the registry to whoever may see figures.
#[component]
pub fn MetricsPage() -> impl IntoView {
    let question =
        PeriodQuestion { tenant_id: period_question(&query()).tenant_id, ..PeriodQuestion::default() };
    let answer = match Visit::now().viewer() {
        Ok(_) => view! { <MetricsView question/> }.into_any(),
        Err(error) => {
            let page = Address::about(PAGE, &question);
            view! { <RefusalView error place=Place::Metrics title=TITLE page question/> }.into_any()
        }
    };
    view! {
        <Title text="Metrics · Command Center"/>
        {answer}
    }
}

#[component]
fn MetricsView(question: PeriodQuestion) -> AnyView {
    let rows = Address::about(REVENUE, &question);
    let groups = Endpoint::ALL.map(|endpoint| group(endpoint, &rows)).collect_view();
    let changes = CHANGES
        .map(|change| view! { <li><strong>{change.version}</strong> " " {change.says}</li> })
        .collect_view();
    view! {
        <Layout place=Place::Metrics question>
            <header class="page-head">
                <div class="page-title">
                    <h1>{TITLE}</h1>
                    <p>"What every figure means. Pages, API and files are made of the same entries, " {VERSION} "."</p>
                </div>
            </header>
            {groups}
            <section class="card" aria-labelledby="metrics-changes">
                <header class="card-head"><h2 id="metrics-changes">"What changed"</h2></header>
                <ul>{changes}</ul>
            </section>
        </Layout>
    }
    .into_any()
}

fn group(endpoint: Endpoint, rows: &Address) -> AnyView {
    let metrics = metrics::all().filter(|metric| metric.endpoint == endpoint);
    let lines = metrics.map(|metric| line(metric, rows)).collect_view();
    view! {
        <section class="card" aria-label=endpoint.title()>
            <header class="card-head">
                <h2>{endpoint.title()}</h2>
                <code class="metrics-endpoint">"GET " {endpoint.path()}</code>
            </header>
            <div class="table-box">
                <table class="data metrics-table">
                    <thead>
                        <tr>
                            <th scope="col">"Metric"</th>
                            <th scope="col">"Formula"</th>
                            <th scope="col">"Unit"</th>
                            <th scope="col">"Field"</th>
                            <th scope="col">"Behind it"</th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn line(metric: &'static Metric, rows: &Address) -> AnyView {
    view! {
        <tr id=metric.key>
            <th scope="row">
                {metric.name}
                <span class="metrics-note">{metric.definition}</span>
            </th>
            <td>{metric.formula} <span class="metrics-note">"From " {metric.source} "."</span></td>
            <td>{metric.unit.words()} <span class="metrics-note">{metric.good.words()}</span></td>
            <td><code>{metric.field}</code></td>
            <td>{behind(metric, rows)}</td>
        </tr>
    }
    .into_any()
}

/// What a figure is explained by, and the way to it where there is one.
fn behind(metric: &Metric, rows: &Address) -> AnyView {
    let leading = |to: Address, words: &'static str| view! { <a href=to.to_string()>{words}</a> }.into_any();
    match metric.explain {
        Explain::Ledger { kinds: [] } => leading(rows.clone(), "Rows of the ledger"),
        Explain::Ledger { kinds } => leading(rows.clone().of_kinds(kinds), "Rows of the ledger"),
        Explain::Costs => leading(rows.on(COSTS), "Costs of channels"),
        Explain::Leads => leading(rows.on(LEADS), "Leads"),
        Explain::Movements => "movements of recurring revenue".into_any(),
        Explain::Subscriptions => "versions of subscriptions".into_any(),
        Explain::Deals => "deals".into_any(),
        Explain::Figures => "other figures".into_any(),
    }
}
