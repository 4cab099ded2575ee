//! `/portal/customers/{id}`: one customer with what recurs, what it has paid and how that came.

use domain::access::Permission;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::asking::{desk, period_question, query};
use super::refusal::RefusalView;
use crate::address::{Address, CREDIT, CUSTOMERS};
use crate::charts::spark_line;
use crate::components::{ChannelMark, CustomerTimeline, Layout, Moment, Place};
use crate::format;
use crate::port::{AskError, CustomerStory, PeriodQuestion};
use crate::roster::Roster;
use crate::visit::Visit;

/// Asks for the customer the address names and shows it.
#[component]
pub fn CustomerPage() -> impl IntoView {
    let (desk, question, viewer) = (desk(), period_question(&query()), Visit::now().viewer());
    let id = use_params_map().get_untracked().get("id").unwrap_or_default();
    let answer = Suspend::new(async move {
        let story = match viewer {
            Ok(viewer) => {
                desk.customer(&viewer, &id).await.and_then(|story| story.ok_or(AskError::UnknownTenant))
            }
            Err(error) => Err(error),
        };
        match story {
            Ok(story) => view! { <CustomerView story question/> }.into_any(),
            Err(error) => {
                let page = Address::about(CUSTOMERS, &question);
                view! { <RefusalView error place=Place::Customers title="Customer" page question/> }
                    .into_any()
            }
        }
    });
    view! {
        <Title text="Customer · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

/// A customer and what happened with it.
#[component]
pub fn CustomerView(story: CustomerStory, question: PeriodQuestion) -> AnyView {
    let name = format::name(story.line.email.as_ref().unwrap_or(&story.line.customer));
    let tenant_id = question.tenant_id.clone();
    let all = Address::new(CUSTOMERS).with_any("tenant_id", tenant_id.as_ref());
    view! {
        <Layout place=Place::Customers question>
            <header class="page-head">
                <div class="page-title">
                    <p class="crumb"><a href=all.to_string()>"Customers"</a></p>
                    <h1><bdi class="breakable">{name}</bdi></h1>
                </div>
            </header>
            {facts(&story, tenant_id.as_ref())}
            <section class="card" aria-labelledby="history-title">
                <header class="card-head"><h2 id="history-title">"History"</h2></header>
                <CustomerTimeline events=story.events.clone() tenant=story.tenant.clone() tenant_id/>
            </section>
        </Layout>
    }
    .into_any()
}

fn facts(story: &CustomerStory, tenant_id: Option<&String>) -> AnyView {
    let (line, tenant) = (&story.line, &story.tenant);
    let roster = Roster::of(tenant);
    let lead = story.lead.map(|lead| {
        let address = Address::of_lead(lead, tenant_id);
        view! { <div><dt>"Lead"</dt><dd><a href=address.to_string()>"See how it came"</a></dd></div> }
    });
    let credit =
        Address::new(CREDIT).with_any("tenant_id", tenant_id).with("customer", line.customer.clone());
    let by_hand = Visit::now()
        .may(Permission::Act)
        .then(|| view! { " " <a href=credit.to_string()>"Credit by hand, or link it"</a> });
    let course = spark_line(&story.mrr_course).filter(|_| story.mrr_course.len() > 1).map(|svg| {
        view! { <span class="figure-spark" inner_html=svg></span> }
    });
    view! {
        <section class="card" aria-label="What is known">
            <dl class="facts">
                <div><dt>"MRR"</dt><dd>{format::money(line.mrr, tenant.currency)} {course}</dd></div>
                <div><dt>"Lifetime revenue"</dt><dd>{format::money(line.lifetime_revenue, tenant.currency)}</dd></div>
                <div><dt>"Won by"</dt><dd><ChannelMark color=roster.color(&line.channel) name=roster.name(&line.channel)/> {by_hand}</dd></div>
                <div><dt>"First payment"</dt><dd><Moment at=line.first_paid_at timezone=tenant.timezone.clone()/></dd></div>
                <div><dt>"Id"</dt><dd><code class="breakable">{format::name(&line.customer)}</code></dd></div>
                {lead}
            </dl>
        </section>
    }
    .into_any()
}
