//! `/portal/actions`: what can be done at the tools, and what was.

use domain::access::Permission;
use domain::action::{ActionKind, State};
use domain::campaign::CampaignState;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{actions_question, office, query};
use super::refusal::RefusalView;
use super::settings::Asked;
use crate::actions::{ActionsPage as Actions, ActionsQuestion, CampaignLine};
use crate::address::{ACTIONS, Address};
use crate::components::{ActionList, HiddenFields, Layout, Place, RowProblem, tool_name};
use crate::format;

/// The forms the page has one of per row.
const ROW_FORMS: &[&str] = &["undo", "check"];

/// Asks for the actions the address names.
#[component]
pub fn ActionsPage() -> impl IntoView {
    let (asked, office, question) = (Asked::now(Place::Actions), office(), actions_question(&query()));
    let answer = Suspend::new(async move {
        let actions = match asked.visit.viewer() {
            Ok(viewer) => office.actions(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match actions {
            Ok(actions) => view! { <ActionsView actions question asked/> }.into_any(),
            Err(error) => {
                let (page, question) = (asked.address(), asked.question());
                view! { <RefusalView error place=Place::Actions title="Actions" page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Actions · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn ActionsView(actions: Actions, question: ActionsQuestion, asked: Asked) -> AnyView {
    let page = filtered(&question);
    let timezone = actions.tenant.timezone.clone();
    let says = format!("Times are in {}.", timezone.iana_name().unwrap_or("UTC"));
    view! {
        <Layout place=Place::Actions question=asked.question() notice=asked.notice>
            <header class="page-head">
                <div class="page-title">
                    <h1>"Actions"</h1>
                    <p>"What can be done at your tools, and what was. " {says}</p>
                </div>
                <div class="controls">{filters(&question)}</div>
            </header>
            <RowProblem visit=asked.visit.clone() forms=ROW_FORMS/>
            {campaigns(&actions, &question, &asked)}
            <section class="card needs" aria-labelledby="log-title">
                <header class="card-head"><h2 id="log-title">"What was done"</h2></header>
                {log(&actions, &page, &asked)}
            </section>
        </Layout>
    }
    .into_any()
}

/// The page with its filter.
fn filtered(question: &ActionsQuestion) -> Address {
    Address::new(ACTIONS)
        .with_any("tenant_id", question.tenant_id.as_ref())
        .with_any("kind", question.kind.as_ref())
        .with_any("state", question.state.as_ref())
        .with_any("channel", question.channel.as_ref())
}

fn filters(question: &ActionsQuestion) -> AnyView {
    let everything = Address::new(ACTIONS).with_any("tenant_id", question.tenant_id.as_ref());
    let is_filtered = filtered(question) != everything;
    let option = |word: &'static str, says: &'static str, chosen: Option<&String>| {
        let is_chosen = chosen.is_some_and(|chosen| chosen == word);
        view! { <option value=word selected=is_chosen>{says}</option> }
    };
    let kinds = ActionKind::ALL.map(|kind| option(kind.word(), kind.name(), question.kind.as_ref()));
    let states = State::ALL.map(|state| option(state.word(), state.name(), question.state.as_ref()));
    view! {
        <form class="filters" method="get" action=ACTIONS>
            <HiddenFields page=everything.clone()/>
            <label>
                "Action" <select name="kind"><option value="">"Every action"</option> {kinds.collect_view()}</select>
            </label>
            <label>
                "State" <select name="state"><option value="">"Every state"</option> {states.collect_view()}</select>
            </label>
            <button type="submit" class="button">"Show"</button>
            {is_filtered.then(|| view! { <a class="button ghost" href=everything.to_string()>"Show all"</a> })}
        </form>
    }
    .into_any()
}

fn campaigns(actions: &Actions, question: &ActionsQuestion, asked: &Asked) -> AnyView {
    let of_channel = question.channel.as_ref().map(|_| {
        let all = filtered(question).without("channel").to_string();
        view! { <p class="card-note"><a href=all>"Campaigns of all channels"</a></p> }
    });
    let list = if actions.campaigns.is_empty() {
        let says = match &question.channel {
            Some(_) => "No campaign works for this channel.",
            None => "No campaign is known yet. They come with a connected tool, by the API or from a file.",
        };
        view! { <p class="nothing">{says}</p> }.into_any()
    } else {
        let lines = actions.campaigns.iter().map(|line| campaign(line, actions, asked)).collect_view();
        view! { <ul class="rows">{lines}</ul> }.into_any()
    };
    view! {
        <section class="card section" aria-labelledby="campaigns-title">
            <header class="card-head"><h2 id="campaigns-title">"Campaigns"</h2> {of_channel}</header>
            {list}
        </section>
    }
    .into_any()
}

fn campaign(line: &CampaignLine, actions: &Actions, asked: &Asked) -> AnyView {
    let channel = format::name(actions.channels.name_of(&line.channel));
    let may_act = asked.visit.may(Permission::Act);
    let buttons = line
        .possible
        .iter()
        .filter(|_| may_act)
        .map(|kind| {
            let tenant_id = asked.address().fields().first().map(|(_, id)| id.clone());
            let address = Address::of_action(*kind, line.id, tenant_id.as_ref());
            view! {
                <a class="button small" href=address.to_string()>
                    {kind.short_name()} <span class="vh">" " {format::name(&line.name)}</span>
                </a>
            }
        })
        .collect_view();
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title"><bdi>{format::name(&line.name)}</bdi></p>
                <p class="row-note">
                    <span class="tag" data-tone=tone(line.state)>{state_name(line.state)}</span>
                    " " {channel} " · " <bdi>{tool_name(&line.connector)}</bdi>
                </p>
            </div>
            <div class="row-buttons">{buttons}</div>
        </li>
    }
    .into_any()
}

const fn tone(state: CampaignState) -> Option<&'static str> {
    match state {
        CampaignState::Active => Some("good"),
        CampaignState::Paused => Some("warn"),
        CampaignState::Draft | CampaignState::Finished | CampaignState::Unknown => None,
    }
}

/// How a campaign stands, for people.
pub(super) const fn state_name(state: CampaignState) -> &'static str {
    match state {
        CampaignState::Draft => "Draft",
        CampaignState::Active => "Active",
        CampaignState::Paused => "Paused",
        CampaignState::Finished => "Finished",
        CampaignState::Unknown => "Not known",
    }
}

fn log(actions: &Actions, page: &Address, asked: &Asked) -> AnyView {
    if actions.lines.is_empty() {
        let says = if *page == asked.address() {
            "Nothing was done yet. Whatever is done here is listed with what the tool answered, and can be taken back."
        } else {
            "No action is like that."
        };
        return view! { <p class="nothing">{says}</p> }.into_any();
    }
    let page = asked.of_this_tenant(page.clone());
    view! { <ActionList lines=actions.lines.clone() timezone=actions.tenant.timezone.clone() page/> }
        .into_any()
}
