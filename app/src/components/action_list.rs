//! What was done, each with its receipt, its life and what came of it.

use domain::access::Permission;
use domain::action::leads::{LeadCounts, LeadState};
use domain::action::outcome::{DAYS, Outcome};
use domain::action::{ActionKind, State};
use domain::connection::Tool;
use jiff::tz::TimeZone;
use leptos::prelude::*;

use super::{Moment, PostForm};
use crate::actions::{ActionEventLine, ActionLeadLine, ActionLine};
use crate::address::Address;
use crate::form::Form;
use crate::format;
use crate::visit::Visit;

/// Actions with their forms, which are sent to `page`.
#[component]
pub fn ActionList(lines: Vec<ActionLine>, timezone: TimeZone, page: Address) -> AnyView {
    let visit = Visit::now();
    let items = lines.iter().map(|line| item(line, &timezone, &page, &visit)).collect_view();
    view! { <ul class="alerts">{items}</ul> }.into_any()
}

fn item(line: &ActionLine, timezone: &TimeZone, page: &Address, visit: &Visit) -> AnyView {
    let undo = line.is_undo.then_some(", to take back what was done");
    let tool = line.connector.as_deref().map_or_else(|| "several tools".to_owned(), tool_name);
    let problem =
        line.problem.as_ref().map(|problem| view! { <p class="need-why">{format::name(problem)}</p> });
    view! {
        <li class="need">
            <span class="tag" data-tone=tone(line.state)>{line.state.name()}</span>
            <div class="need-body">
                <h3>{line.kind.short_name()} " " <bdi>{format::name(&line.name)}</bdi></h3>
                {problem}
                <p class="need-since">
                    "Asked for by " <bdi>{format::name(&line.asked_by)}</bdi> {undo} " · "
                    <Moment at=line.asked_at timezone=timezone.clone()/> " · " <bdi>{tool}</bdi>
                </p>
                {came_of_it(line, timezone)}
                {with_leads(line, page)}
                <div class="need-actions">{forms(line, page, visit)}</div>
                {receipt(line, timezone)}
            </div>
        </li>
    }
    .into_any()
}

/// What a tool is called; what is none of ours is called as whoever told us of it did.
#[must_use]
pub fn tool_name(connector: &str) -> String {
    connector.parse::<Tool>().map_or_else(|_| format::name(connector), |tool| tool.name().to_owned())
}

const fn tone(state: State) -> Option<&'static str> {
    match state {
        State::Done => Some("good"),
        State::Unknown => Some("warn"),
        State::Failed => Some("bad"),
        State::Queued | State::Calling | State::Undone | State::Cancelled | State::Overtaken => None,
    }
}

fn came_of_it(line: &ActionLine, timezone: &TimeZone) -> AnyView {
    match (&line.outcome, line.outcome_at) {
        (Some(outcome), _) => {
            view! { <p class="need-since">{in_words(outcome)} " Other things changed, too." </p> }.into_any()
        }
        (None, Some(at)) => view! {
            <p class="need-since">"What came of it is shown from " <Moment at timezone=timezone.clone()/> " on."</p>
        }
        .into_any(),
        (None, None) => ().into_any(),
    }
}

/// How far it is with each lead: the counts at once, each of them on demand.
fn with_leads(line: &ActionLine, page: &Address) -> AnyView {
    if line.leads.is_empty() {
        return ().into_any();
    }
    let counts = LeadCounts::of(line.leads.iter().map(|lead| lead.state)).in_words();
    let tenant_id = page.fields().iter().find(|(field, _)| *field == "tenant_id").map(|(_, id)| id.clone());
    let leads = line.leads.iter().map(|lead| with_lead(lead, tenant_id.as_ref())).collect_view();
    view! {
        <details class="need-history">
            <summary>"Leads: " {counts}</summary>
            <ul class="lead-states">{leads}</ul>
        </details>
    }
    .into_any()
}

fn with_lead(lead: &ActionLeadLine, tenant_id: Option<&String>) -> AnyView {
    let address = Address::of_lead(lead.lead, tenant_id);
    let problem =
        lead.problem.as_ref().map(|why| view! { <span class="need-why">{format::sentence(why)}</span> });
    let message = lead.message.as_ref().map(|text| {
        view! { <span class="message"><bdi>{format::block(text)}</bdi></span> }
    });
    let found = (!lead.found.is_empty()).then(|| {
        let found: Vec<String> = lead.found.iter().map(|(_, value)| format::name(value)).collect();
        view! { <span class="need-since"><bdi class="breakable">{found.join(" · ")}</bdi></span> }
    });
    view! {
        <li>
            <a href=address.to_string()><bdi>{format::name(&lead.name)}</bdi></a> " "
            <span class="tag" data-tone=lead_tone(lead.state)>{lead.state.name()}</span>
            {found} {problem} {message}
        </li>
    }
    .into_any()
}

/// How an action with a lead is coloured.
pub(super) const fn lead_tone(state: LeadState) -> Option<&'static str> {
    match state {
        LeadState::Done => Some("good"),
        LeadState::Unknown => Some("warn"),
        LeadState::Failed => Some("bad"),
        LeadState::Queued | LeadState::Calling | LeadState::Waiting | LeadState::Cancelled => None,
    }
}

fn in_words(outcome: &Outcome) -> String {
    let Outcome { before, after, verdict } = outcome;
    format!(
        "In the {DAYS} days before, {} sent and {} answered; in the {DAYS} days after, {} and {}: {}.",
        format::count(before.sent),
        format::count(before.replied),
        format::count(after.sent),
        format::count(after.replied),
        verdict.in_words(),
    )
}

fn forms(line: &ActionLine, page: &Address, visit: &Visit) -> AnyView {
    if !visit.may(Permission::Act) {
        return ().into_any();
    }
    let button = |name: &'static str, says: String| {
        let form = Form::of(visit, name, page, &[]).about("action", line.id.to_string());
        let whom = format::name(&line.name);
        view! {
            <PostForm form class="row-form">
                <button type="submit" class="button small ghost">
                    {says} <span class="vh">" " {whom}</span>
                </button>
            </PostForm>
        }
    };
    let undo = line.can_undo.then(|| match line.state {
        State::Queued | State::Calling => button("undo", "Call off".to_owned()),
        _ => {
            let back = line.kind.undone_by().map_or("", ActionKind::short_name).to_lowercase();
            button("undo", format!("Undo: {back}"))
        }
    });
    let again = match line.kind {
        // No tool can be asked what became of that.
        ActionKind::RetryEnrichment => None,
        ActionKind::SendFollowUp => Some("Look for the message again"),
        _ => Some("Ask the tool again"),
    };
    let again = again.filter(|_| line.state == State::Unknown);
    let check = again.map(|says| button("check", says.to_owned()));
    view! { {undo} {check} }.into_any()
}

fn receipt(line: &ActionLine, timezone: &TimeZone) -> AnyView {
    let steps = line.history.iter().map(|event| step(event, timezone)).collect_view();
    let answer = line.answer.as_ref().map(|answer| {
        view! {
            <p class="need-since">"What the tool answered"</p>
            <pre class="payload" tabindex="0"><code>{format::name(answer)}</code></pre>
        }
    });
    view! {
        <details class="need-history">
            <summary>"Receipt"</summary>
            <ol>{steps}</ol>
            {answer}
        </details>
    }
    .into_any()
}

fn step(event: &ActionEventLine, timezone: &TimeZone) -> AnyView {
    let by = event.by.as_ref().map(|by| format!(" by {}", format::name(by)));
    let note = event.note.as_ref().map(|note| view! { <span class="need-why">{format::name(note)}</span> });
    view! {
        <li><Moment at=event.at timezone=timezone.clone()/> " · " {event.step.in_words()} {by} {note}</li>
    }
    .into_any()
}
