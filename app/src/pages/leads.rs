//! `/portal/leads`: who may buy, how far they have come and who is stuck.

use domain::access::Permission;
use domain::action::ActionKind;
use domain::action::leads::MOST_AT_ONCE;
use domain::lead::Stage;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{desk, leads_question, query};
use super::refusal::RefusalView;
use crate::address::{Address, CONFIRM_LEADS, LEADS};
use crate::components::{HiddenFields, Layout, LeadFilters, LeadTable, Place};
use crate::format;
use crate::port::{LeadsPage as Leads, LeadsQuestion};
use crate::roster::Roster;
use crate::visit::Visit;

/// The heading of the page.
const TITLE: &str = "Leads";

/// Asks for the leads the address names and shows them.
#[component]
pub fn LeadsPage() -> impl IntoView {
    let (desk, question, viewer) = (desk(), leads_question(&query()), Visit::now().viewer());
    let answer = Suspend::new(async move {
        let leads = match viewer {
            Ok(viewer) => desk.leads(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match leads {
            Ok(leads) => view! { <LeadsView leads question/> }.into_any(),
            Err(error) => {
                let page = Address::of_leads(&question);
                let question = question.period;
                view! { <RefusalView error place=Place::Leads title=TITLE page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Leads · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

/// A page of leads.
#[component]
pub fn LeadsView(leads: Leads, question: LeadsQuestion) -> AnyView {
    let roster = Roster::of(&leads.tenant);
    let page = Address::of_leads(&question);
    let tenant_id = question.period.tenant_id.clone();
    let in_all = format::counted(leads.leads_in_all, "lead", "leads");
    view! {
        <Layout place=Place::Leads question=question.period.clone()>
            <header class="page-head">
                <div class="page-title">
                    <h1>{TITLE}</h1>
                    <p id="filter">{in_words(&leads, &question, &roster)}</p>
                </div>
            </header>
            <section class="card ledger" aria-label="Leads">
                <header class="card-head">
                    <p class="ledger-sum"><strong>{in_all}</strong></p>
                    <LeadFilters leads=leads.clone() question/>
                </header>
                {rows(&leads, &page, roster, tenant_id)}
                {older(&leads, &page)}
            </section>
        </Layout>
    }
    .into_any()
}

fn rows(leads: &Leads, page: &Address, roster: Roster, tenant_id: Option<String>) -> AnyView {
    if leads.lines.is_empty() {
        let all = Address::new(LEADS).with_any("tenant_id", tenant_id.as_ref());
        return view! {
            <p class="nothing">
                "No lead matches. " <a href=all.to_string()>"Show every lead"</a> ", or bring leads in by import or API."
            </p>
        }
        .into_any();
    }
    let can_choose = Visit::now().may(Permission::Act);
    let (lines, tenant, as_of) = (leads.lines.clone(), leads.tenant.clone(), leads.as_of);
    let table = view! { <LeadTable lines tenant roster as_of tenant_id can_choose/> };
    if !can_choose {
        return table.into_any();
    }
    // The filter travels along for who means everybody it finds.
    view! {
        <form class="choosing" method="get" action=CONFIRM_LEADS>
            <HiddenFields page=page.clone()/>
            {table}
            {deeds(leads)}
        </form>
    }
    .into_any()
}

/// What can be done to the leads that are chosen.
fn deeds(leads: &Leads) -> AnyView {
    let most = i64::try_from(MOST_AT_ONCE).unwrap_or(i64::MAX);
    let everyone = match leads.leads_in_all {
        1 => "The one lead".to_owned(),
        found if found > most => format!("The newest {most} of all {}", format::count(found)),
        found => format!("All {}", format::count(found)),
    };
    let buttons = ActionKind::OF_LEADS
        .map(|kind| {
            view! { <button type="submit" class="button" name="kind" value=kind.word()>{kind.name()} "…"</button> }
        })
        .into_iter()
        .collect_view();
    view! {
        <div class="form-end choosing-end" role="group" aria-label="What to do with the chosen leads">
            <label class="check"><input type="checkbox" name="everyone" value="yes"/> " " {everyone}</label>
            {buttons}
        </div>
    }
    .into_any()
}

fn older(leads: &Leads, page: &Address) -> Option<AnyView> {
    let address = page.clone().with("cursor", leads.next.as_ref()?);
    Some(
        view! {
            <nav class="pages" aria-label="Leads">
                <a class="button" rel="next" href=address.to_string()>"Older leads"</a>
            </nav>
        }
        .into_any(),
    )
}

/// Which leads these are, as a sentence.
fn in_words(leads: &Leads, question: &LeadsQuestion, roster: &Roster) -> AnyView {
    let stuck = if question.stuck.is_some() { "Stuck leads" } else { "Leads" };
    let stage = |word: &Option<String>| word.as_ref()?.parse::<Stage>().ok().map(Stage::in_words);
    let stage = match (stage(&question.stage), stage(&question.reached)) {
        (Some(stage), _) => format!(" standing in {stage}"),
        (None, Some(stage)) => format!(" that reached {stage}"),
        (None, None) => String::new(),
    };
    let at = leads.at.map(|day| format!(" at the end of {}", format::day_and_year(day)));
    let came = leads.range.map(|range| format!(", came {}", format::days(range)));
    let channel = leads.channel.as_ref().map(|channel| {
        view! { " by " <bdi>{roster.name(channel)}</bdi> }
    });
    let lookup = question.lookup.as_ref().map(|_| ", looked up in vain");
    view! { {stuck} {channel} {stage} {at} {came} {lookup} }.into_any()
}
