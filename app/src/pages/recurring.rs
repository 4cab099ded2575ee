//! `/portal/mrr`: recurring revenue, how it moved, and why.

use domain::revenue::comparison::Compare;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{desk, query, recurring_question};
use super::refusal::RefusalView;
use crate::address::{Address, MRR};
use crate::components::{
    Layout, MovementReasons, Note, Notes, PeriodPicker, Place, RecurringChannels, RecurringFigures,
    RollForward, ScheduledEnds,
};
use crate::format;
use crate::recurring::{RecurringPage as Recurring, RecurringQuestion};
use crate::roster::Roster;
use crate::visit::Visit;

/// The heading of the page.
const TITLE: &str = "Recurring revenue";

/// Asks for the days the address names.
#[component]
pub fn RecurringPage() -> impl IntoView {
    let (desk, question, viewer) = (desk(), recurring_question(&query()), Visit::now().viewer());
    let answer = Suspend::new(async move {
        let found = match viewer {
            Ok(viewer) => desk.recurring(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(found) => view! { <RecurringView found question/> }.into_any(),
            Err(error) => {
                let (page, question) = (asked(&question), question.period);
                view! { <RefusalView error place=Place::Recurring title=TITLE page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Recurring revenue · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

fn asked(question: &RecurringQuestion) -> Address {
    Address::about(MRR, &question.period).with_any("compare", question.compare.as_ref())
}

#[component]
fn RecurringView(found: Recurring, question: RecurringQuestion) -> AnyView {
    let roster = Roster::of(&found.frame.tenant);
    let tenant_id = question.period.tenant_id.clone();
    let (page, range) = (asked(&question), found.frame.range);
    view! {
        <Layout place=Place::Recurring question=question.period>
            <header class="page-head">
                <div class="page-title">
                    <h1>{TITLE}</h1>
                    <p>{format::days(range)} ", compared with " {format::days(found.comparison.days)} "."</p>
                </div>
                <div class="controls">
                    {comparisons(&found, &page)}
                    <PeriodPicker
                        page=page.clone()
                        chosen=Some(found.frame.choice)
                        typed=(range.from.to_string(), range.to.to_string())
                    />
                </div>
            </header>
            <Notes notes=without_rate(&found)/>
            <RecurringFigures found=found.clone() page=page.clone()/>
            {parts(found, roster, page, tenant_id)}
        </Layout>
    }
    .into_any()
}

fn parts(found: Recurring, roster: Roster, page: Address, tenant_id: Option<String>) -> AnyView {
    if found.report.start == 0 && found.report.customers.end == 0 && found.reasons.is_empty() {
        return view! {
            <section class="card" aria-label="Movements">
                <p class="nothing">
                    "Nothing recurs in these days. Subscriptions count from their first event on; choose other days, or read the past from Stripe in the settings."
                </p>
            </section>
        }
        .into_any();
    }
    view! {
        <RollForward found=found.clone() page=page.clone()/>
        <RecurringChannels found=found.clone() roster page=page.clone()/>
        <MovementReasons found=found.clone() page=page.clone()/>
        <ScheduledEnds found page tenant_id/>
    }
    .into_any()
}

/// What to compare with, as links.
fn comparisons(found: &Recurring, page: &Address) -> AnyView {
    let links = [(Compare::Previous, "Days before"), (Compare::LastYear, "Last year")]
        .into_iter()
        .map(|(compare, label)| {
            let current = (found.comparison.compare == compare.word()).then_some("true");
            let address = page.clone().with("compare", compare.word());
            view! { <a href=address.to_string() aria-current=current>{label}</a> }
        })
        .collect_view();
    view! { <div class="segments" role="group" aria-label="Compare with">{links}</div> }.into_any()
}

fn without_rate(found: &Recurring) -> Vec<Note> {
    let amounts: Vec<String> = found
        .standing
        .unconverted
        .iter()
        .map(|(currency, amount)| format::money(*amount, *currency))
        .collect();
    if amounts.is_empty() {
        return Vec::new();
    }
    let text = format!("{} a month counts nowhere: no exchange rate is known.", amounts.join(" and "));
    vec![Note { text, link: None }]
}
