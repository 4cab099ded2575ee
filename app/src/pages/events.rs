//! `/portal/events`: what became of Stripe's events; with `?event=evt_…` one of them.

use domain::access::Permission;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{desk, events_question, field, notice, query};
use super::event::EventView;
use super::refusal::RefusalView;
use crate::address::{Address, CONNECTIONS, EVENTS};
use crate::components::{EventFilters, EventTable, Layout, Note, Notes, Place, PostForm, RowProblem};
use crate::form::Form;
use crate::format;
use crate::port::{self, AskError, EventsQuestion, PeriodQuestion};
use crate::shell::StatusPort;
use crate::visit::{LookingAt, Notice, Visit};

/// The heading of the page.
const TITLE: &str = "Events";

/// What it is for.
const LEAD: &str = "Everything Stripe sent, kept as it came, and what it did to the ledger.";

/// Who asks for events, after what.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) visit: Visit,
    pub(super) notice: Option<Notice>,
    pub(super) tenant_id: Option<String>,
}

impl Asked {
    /// The page without any filter.
    pub(super) fn everything(&self) -> Address {
        Address::new(EVENTS).with_any("tenant_id", self.tenant_id.as_ref())
    }

    pub(super) fn question(&self) -> PeriodQuestion {
        PeriodQuestion { tenant_id: self.tenant_id.clone(), ..PeriodQuestion::default() }
    }

    /// A form of the page. It says which tenant it changes, since another tab may have turned the browser to another
    /// one meanwhile.
    pub(super) fn form(&self, name: &'static str) -> Form {
        let page = match &self.visit.looking_at {
            LookingAt::Tenant { viewer, .. } => {
                self.everything().with("tenant_id", viewer.tenant.to_string())
            }
            _ => self.everything(),
        };
        Form::of(&self.visit, name, &page, &[])
    }
}

/// Asks for the events the address names.
#[component]
pub fn EventsPage() -> impl IntoView {
    let query = query();
    let asked = Asked { visit: Visit::now(), notice: notice(&query), tenant_id: field(&query, "tenant_id") };
    let (desk, question, one) = (desk(), events_question(&query), field(&query, "event"));
    let answer = Suspend::new(async move {
        let viewer = match asked.visit.viewer() {
            Ok(viewer) => viewer,
            Err(error) => return refused(error, asked),
        };
        if let Some(id) = one {
            return match desk.event(&viewer, &id).await {
                Ok(Some(event)) => view! { <EventView event asked/> }.into_any(),
                Ok(None) => refused(AskError::UnknownTenant, asked),
                Err(error) => refused(error, asked),
            };
        }
        match desk.events(&viewer, question.clone()).await {
            Ok(events) => view! { <EventsView events question asked/> }.into_any(),
            Err(AskError::Invalid { message, .. }) => {
                view! { <WrongQuestion message question asked/> }.into_any()
            }
            Err(error) => refused(error, asked),
        }
    });
    view! {
        <Title text="Events · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

fn refused(error: AskError, asked: Asked) -> AnyView {
    let (page, question) = (asked.everything(), asked.question());
    view! { <RefusalView error place=Place::Events title=TITLE page question/> }.into_any()
}

#[component]
fn EventsView(events: port::EventsPage, question: EventsQuestion, asked: Asked) -> AnyView {
    let page = of_question(asked.everything(), &question);
    let is_filtered = page != asked.everything();
    view! {
        <Layout place=Place::Events question=asked.question() notice=asked.notice>
            <Head/>
            <RowProblem visit=asked.visit.clone() forms=&["replay", "replay_dead"]/>
            <Notes notes=versions(&events)/>
            {dead_letters(&events, &asked)}
            <section class="card ledger" aria-label="Events">
                <header class="card-head">
                    <EventFilters question everything=asked.everything()/>
                </header>
                {table(&events, is_filtered, &asked)}
                {next(&events, &page)}
            </section>
        </Layout>
    }
    .into_any()
}

#[component]
fn Head() -> AnyView {
    view! {
        <header class="page-head">
            <div class="page-title">
                <h1>{TITLE}</h1>
                <p>{LEAD}</p>
            </div>
        </header>
    }
    .into_any()
}

/// The filter as it was typed, with what is wrong with it.
#[component]
fn WrongQuestion(message: String, question: EventsQuestion, asked: Asked) -> AnyView {
    StatusPort::set(400);
    view! {
        <Layout place=Place::Events question=asked.question()>
            <Head/>
            <p class="alert" role="alert">{format::sentence(&message)}</p>
            <section class="card ledger" aria-label="Events">
                <header class="card-head">
                    <EventFilters question everything=asked.everything()/>
                </header>
                <p class="nothing">"Change the filter to see events."</p>
            </section>
        </Layout>
    }
    .into_any()
}

fn of_question(page: Address, question: &EventsQuestion) -> Address {
    page.with_any("state", question.state.as_ref())
        .with_any("type", question.event_type.as_ref())
        .with_any("id", question.id.as_ref())
}

fn versions(events: &port::EventsPage) -> Vec<Note> {
    let note = |(version, remark): &(String, &'static str)| Note {
        text: format!(
            "Events come in Stripe's API version {}, which {remark}. They are kept; look at what became of them, and \
             set the version of the endpoint in Stripe.",
            format::name(version)
        ),
        link: None,
    };
    events.untried_versions.iter().map(note).collect()
}

fn dead_letters(events: &port::EventsPage, asked: &Asked) -> AnyView {
    if events.dead_letters == 0 {
        return ().into_any();
    }
    let waiting = format::counted(events.dead_letters, "event", "events");
    let dead = asked.everything().with("state", "dead");
    let form = asked.form("replay_dead");
    let replay = asked.visit.may(Permission::Act).then(|| {
        view! {
            <PostForm form class="row-form">
                <button type="submit" class="button">"Look at all of them again"</button>
            </PostForm>
        }
    });
    view! {
        <section class="card dead-letters" aria-label="Dead letters">
            <p>
                <strong>{waiting} " could not be understood"</strong>
                " and " {if events.dead_letters == 1 { "is" } else { "are" }} " in no figure. Nothing is lost: "
                <a href=dead.to_string()>"see why"</a> "."
            </p>
            {replay}
        </section>
    }
    .into_any()
}

fn table(events: &port::EventsPage, is_filtered: bool, asked: &Asked) -> AnyView {
    if !events.lines.is_empty() {
        let (lines, tenant) = (events.lines.clone(), events.tenant.clone());
        return view! { <EventTable lines tenant tenant_id=asked.tenant_id.clone()/> }.into_any();
    }
    if is_filtered {
        return view! { <p class="nothing">"No event matches. Show every event, or change the filter."</p> }
            .into_any();
    }
    nothing_yet(asked)
}

fn nothing_yet(asked: &Asked) -> AnyView {
    let connections = Address::new(CONNECTIONS).with_any("tenant_id", asked.tenant_id.as_ref());
    let how = if asked.visit.may(Permission::ManageConnections) {
        view! { <a href=connections.to_string()>"Connect Stripe"</a> " and it shows here within a second." }
            .into_any()
    } else {
        "Ask an admin of this workspace to connect Stripe.".into_any()
    };
    view! { <p class="nothing">"No event has arrived yet. " {how}</p> }.into_any()
}

fn next(events: &port::EventsPage, page: &Address) -> AnyView {
    let older = events.next.as_ref().map(|cursor| page.clone().with("cursor", cursor));
    older
        .map(|address| {
            view! {
                <nav class="pages" aria-label="Pages of events">
                    <a class="button" rel="next" href=address.to_string()>"Older events"</a>
                </nav>
            }
        })
        .into_any()
}
