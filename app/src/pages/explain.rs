//! `/portal/explain`: what a figure is and what it was computed from.

use domain::channel::ChannelSlug;
use domain::metrics::Metric;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{desk, field, period_question, query};
use super::refusal::RefusalView;
use crate::address::{Address, EXPLAIN};
use crate::components::{Layout, PeriodPicker, Place};
use crate::explanation::{Explanation, Figure, Operand, explain};
use crate::format;
use crate::port::{AskError, Overview, OverviewQuestion, PeriodQuestion};
use crate::visit::Visit;

/// Asks for the figures of the period in the address and explains the one it names.
#[component]
pub fn ExplainPage() -> impl IntoView {
    let (desk, query, viewer) = (desk(), query(), Visit::now().viewer());
    let (figure, channel) = (field(&query, "figure"), field(&query, "channel"));
    let question = period_question(&query);
    let answer = Suspend::new(async move {
        let page = address(&question, figure.as_deref(), channel.as_deref());
        let figure = figure.as_deref().map_or(Some(Figure::TotalRevenue), Figure::named);
        let overview = match (figure, viewer) {
            (Some(figure), Ok(viewer)) => {
                let asked = OverviewQuestion { period: question.clone(), ..OverviewQuestion::default() };
                desk.overview(&viewer, asked).await.map(|overview| (figure, overview))
            }
            (None, _) => Err(no_such_figure()),
            (_, Err(error)) => Err(error),
        };
        match overview {
            Ok((figure, overview)) => {
                let channel = channel.map(ChannelSlug::stored);
                view! { <ExplainView overview figure channel page question/> }.into_any()
            }
            Err(error) => {
                view! { <RefusalView error place=Place::Elsewhere title="Explanation" page question/> }
                    .into_any()
            }
        }
    });
    view! {
        <Title text="Explanation · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

fn no_such_figure() -> AskError {
    let known = Figure::ALL.map(Figure::word).join(", ");
    AskError::Invalid { field: "figure", message: format!("a figure is one of {known}") }
}

fn address(question: &PeriodQuestion, figure: Option<&str>, channel: Option<&str>) -> Address {
    Address::about(EXPLAIN, question)
        .without("granularity")
        .with_any("figure", figure.map(str::to_owned).as_ref())
        .with_any("channel", channel.map(str::to_owned).as_ref())
}

/// A figure with its definition, its formula and its operands.
#[component]
pub fn ExplainView(
    overview: Overview,
    figure: Figure,
    #[prop(optional_no_strip)] channel: Option<ChannelSlug>,
    page: Address,
    question: PeriodQuestion,
) -> AnyView {
    let explained = explain(figure, &overview, &page, channel.as_ref());
    let range = overview.frame.range;
    let as_of = format::moment(overview.revenue.as_of, &overview.frame.tenant.timezone);
    view! {
        <Layout place=Place::Elsewhere question>
            <header class="page-head">
                <div class="page-title">
                    <h1>{figure.name()}</h1>
                    <p>{format::days(range)} " · as of " {as_of}</p>
                </div>
                <div class="controls">
                    <PeriodPicker
                        page=page.clone()
                        chosen=Some(overview.frame.choice)
                        typed=(range.from.to_string(), range.to.to_string())
                    />
                </div>
            </header>
            {explanation(explained)}
            {others(figure, &page)}
        </Layout>
    }
    .into_any()
}

fn explanation(explained: Explanation) -> AnyView {
    let Explanation { figure, value, reason, operands } = explained;
    let Metric { definition, formula, .. } = *figure.metric();
    let operands = operands.into_iter().map(operand).collect_view();
    view! {
        <section class="card explanation" aria-label=figure.name()>
            <p class="explained-value"><strong><bdi>{value}</bdi></strong></p>
            {reason.map(|reason| view! { <p class="explained-reason">{reason}</p> })}
            <p>{definition}</p>
            <p class="formula"><code>{formula}</code></p>
            <table class="data operands">
                <caption class="vh">"What it was computed from"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Operand"</th>
                        <th scope="col">"This time"</th>
                    </tr>
                </thead>
                <tbody>{operands}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn operand(operand: Operand) -> AnyView {
    let Operand { name, value, rows } = operand;
    let value = match rows {
        Some(rows) => view! { <a href=rows.to_string()>{value}</a> }.into_any(),
        None => value.into_any(),
    };
    view! {
        <tr>
            <th scope="row"><bdi>{name}</bdi></th>
            <td>{value}</td>
        </tr>
    }
    .into_any()
}

fn others(figure: Figure, page: &Address) -> AnyView {
    let links = Figure::ALL
        .into_iter()
        .filter(|other| *other != figure)
        .map(|other| {
            let address = page.explaining(other.word());
            view! { <li><a href=address.to_string()>{other.name()}</a></li> }
        })
        .collect_view();
    view! {
        <nav class="other-figures" aria-label="Other figures">
            <p>"Other figures of these days:"</p>
            <ul>{links}</ul>
        </nav>
    }
    .into_any()
}
