//! `/portal/actions`: what was done at the tools.

use domain::action::{ActionKind, State};
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{actions_question, office, query};
use super::refusal::RefusalView;
use super::settings::Asked;
use crate::actions::{ActionsPage as Actions, ActionsQuestion};
use crate::address::{ACTIONS, Address};
use crate::components::{ActionList, HiddenFields, Layout, Place, RowProblem, filter_option};
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
    let filtered = filtered(&question);
    let page = filtered.clone().with_any("cursor", question.cursor.as_ref());
    let more = actions.next.as_ref().map(|next| {
        let address = filtered.with("cursor", next);
        view! {
            <nav class="pages" aria-label="Pages of actions">
                <a class="button" rel="next" href=address.to_string()>"Older actions"</a>
            </nav>
        }
    });
    let timezone = actions.tenant.timezone.clone();
    let says = format!("Times are in {}.", timezone.iana_name().unwrap_or("UTC"));
    view! {
        <Layout place=Place::Actions question=asked.question() notice=asked.notice>
            <header class="page-head">
                <div class="page-title">
                    <h1>"Actions"</h1>
                    <p>"What was done at your tools, with what each answered. " {says}</p>
                </div>
                <div class="controls">{filters(&actions, &question)}</div>
            </header>
            <RowProblem visit=asked.visit.clone() forms=ROW_FORMS/>
            <section class="card needs" aria-labelledby="log-title">
                <header class="card-head"><h2 id="log-title">"What was done"</h2></header>
                {log(&actions, &page, &asked)} {more}
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

fn filters(actions: &Actions, question: &ActionsQuestion) -> AnyView {
    let everything = Address::new(ACTIONS).with_any("tenant_id", question.tenant_id.as_ref());
    let is_filtered = filtered(question) != everything;
    let kinds = ActionKind::ALL.map(|kind| filter_option(kind.word(), kind.name(), question.kind.as_ref()));
    let states = State::ALL.map(|state| filter_option(state.word(), state.name(), question.state.as_ref()));
    let channels = actions.channels.iter().map(|channel| {
        filter_option(channel.slug.to_string(), format::name(&channel.name), question.channel.as_ref())
    });
    view! {
        <form class="filters" method="get" action=ACTIONS>
            <HiddenFields page=everything.clone()/>
            <label>
                "Action" <select name="kind"><option value="">"Every action"</option> {kinds.collect_view()}</select>
            </label>
            <label>
                "State" <select name="state"><option value="">"Every state"</option> {states.collect_view()}</select>
            </label>
            <label>
                "Channel"
                <select name="channel"><option value="">"All channels"</option> {channels.collect_view()}</select>
            </label>
            <button type="submit" class="button">"Show"</button>
            {is_filtered.then(|| view! { <a class="button ghost" href=everything.to_string()>"Show all"</a> })}
        </form>
    }
    .into_any()
}

fn log(actions: &Actions, page: &Address, asked: &Asked) -> AnyView {
    if actions.lines.is_empty() {
        let says = if *page == asked.address() {
            "Nothing was done yet. What is done about a campaign is listed here with what the tool answered, and can be taken back."
        } else {
            "No action is like that."
        };
        return view! { <p class="nothing">{says}</p> }.into_any();
    }
    let page = asked.of_this_tenant(page.clone());
    view! { <ActionList lines=actions.lines.clone() timezone=actions.tenant.timezone.clone() page/> }
        .into_any()
}
