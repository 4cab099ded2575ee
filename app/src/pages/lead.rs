//! `/portal/leads/{id}`: one lead with its whole history.

use domain::access::Permission;
use domain::action::ActionKind;
use domain::ids::LeadId;
use domain::money::Money;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::asking::{desk, period_question, query};
use super::refusal::RefusalView;
use crate::address::{Address, LEADS};
use crate::components::{ChannelMark, Layout, LeadTimeline, Moment, Place};
use crate::format;
use crate::port::{AskError, LeadStory, PeriodQuestion};
use crate::roster::Roster;
use crate::visit::Visit;

/// Asks for the lead the address names and shows it.
#[component]
pub fn LeadPage() -> impl IntoView {
    let (desk, question, viewer) = (desk(), period_question(&query()), Visit::now().viewer());
    let id = use_params_map().get_untracked().get("id").unwrap_or_default();
    let answer = Suspend::new(async move {
        let story = match viewer {
            Ok(viewer) => {
                desk.lead(&viewer, &id).await.and_then(|story| story.ok_or(AskError::UnknownTenant))
            }
            Err(error) => Err(error),
        };
        match story {
            Ok(story) => view! { <LeadView story question/> }.into_any(),
            Err(error) => {
                let page = Address::about(LEADS, &question);
                view! { <RefusalView error place=Place::Leads title="Lead" page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Lead · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

/// A lead and what happened with it.
#[component]
pub fn LeadView(story: LeadStory, question: PeriodQuestion) -> AnyView {
    let lead = &story.lead;
    let name = format::name(lead.name.as_ref().or(lead.email.as_ref()).unwrap_or(&story.external_id));
    let tenant_id = question.tenant_id.clone();
    let all = Address::new(LEADS).with_any("tenant_id", tenant_id.as_ref());
    let company = lead.company.as_deref().map(format::name);
    let deeds = deeds(lead.id, tenant_id.as_ref());
    view! {
        <Layout place=Place::Leads question>
            <header class="page-head">
                <div class="page-title">
                    <p class="crumb"><a href=all.to_string()>"Leads"</a></p>
                    <h1><bdi>{name}</bdi></h1>
                    <p><bdi>{company}</bdi></p>
                </div>
                {deeds}
            </header>
            {facts(&story)}
            <section class="card" aria-labelledby="history-title">
                <header class="card-head"><h2 id="history-title">"History"</h2></header>
                <LeadTimeline events=story.events.clone() tenant=story.tenant.clone() tenant_id/>
            </section>
        </Layout>
    }
    .into_any()
}

/// What can be done to the lead.
fn deeds(lead: LeadId, tenant_id: Option<&String>) -> Option<AnyView> {
    let links = ActionKind::OF_LEADS.map(|kind| {
        let page = Address::of_leads_action(kind, &[lead], tenant_id);
        let says = match kind {
            ActionKind::RetryEnrichment => "Enrich…",
            _ => "Follow up…",
        };
        view! { <a class="button" href=page.to_string()>{says}</a> }
    });
    Visit::now()
        .may(Permission::Act)
        .then(|| view! { <div class="controls">{links.into_iter().collect_view()}</div> }.into_any())
}

fn facts(story: &LeadStory) -> AnyView {
    let (lead, tenant) = (&story.lead, &story.tenant);
    let roster = Roster::of(tenant);
    let timezone = tenant.timezone.clone();
    let text = |text: &Option<String>| match text {
        Some(text) => view! { <bdi class="breakable">{format::name(text)}</bdi> }.into_any(),
        None => view! { <abbr class="not-known" title="Nobody said">"—"</abbr> }.into_any(),
    };
    let paid = match story.paid.as_slice() {
        [] => "Nothing yet".to_owned(),
        paid => {
            paid.iter().map(|(currency, sum)| format::money(*sum, *currency)).collect::<Vec<_>>().join(", ")
        }
    };
    let stuck = lead.stuck_days.map(|days| {
        let says = format!("Stuck for {}", format::counted(days, "day", "days"));
        view! { <span class="tag" data-tone="warn">{says}</span> }
    });
    view! {
        <section class="card" aria-label="What is known">
            <dl class="facts">
                <div><dt>"Stage"</dt><dd>{lead.stage.in_words()} " since " <Moment at=lead.stage_entered_at timezone=timezone.clone()/> " " {stuck}</dd></div>
                <div><dt>"Channel"</dt><dd><ChannelMark color=roster.color(&lead.channel) name=roster.name(&lead.channel)/></dd></div>
                <div><dt>"Source"</dt><dd><bdi>{format::name(&story.source)}</bdi></dd></div>
                <div><dt>"E-mail"</dt><dd>{text(&lead.email)}</dd></div>
                <div><dt>"Owner"</dt><dd>{text(&lead.owner)}</dd></div>
                <div><dt>"Worth"</dt><dd>{text(&lead.value.map(|Money { minor, currency }| format::money(minor, currency)))}</dd></div>
                <div><dt>"Lifetime revenue"</dt><dd>{paid}</dd></div>
                <div><dt>"Came"</dt><dd><Moment at=story.created_at timezone=timezone.clone()/></dd></div>
                <div><dt>"Last activity"</dt><dd><Moment at=lead.last_activity_at timezone/></dd></div>
                <div><dt>"External id"</dt><dd><code class="breakable">{format::name(&story.external_id)}</code></dd></div>
            </dl>
        </section>
    }
    .into_any()
}
