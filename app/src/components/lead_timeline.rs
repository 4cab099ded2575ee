//! What happened with a lead, the newest first: stages, touches, deals and money in one list.

use domain::action::ActionKind;
use domain::action::leads::LeadState;
use domain::connection::Tool;
use domain::deal::DealState;
use domain::lead::TouchKind;
use jiff::tz::TimeZone;
use leptos::prelude::*;

use super::action_list::lead_tone;
use super::{Moment, MoneyMoved};
use crate::address::Address;
use crate::format;
use crate::port::{LeadEvent, LeadEventKind, TenantView};

/// The list; empty where nothing is known.
#[component]
pub fn LeadTimeline(
    events: Vec<LeadEvent>,
    tenant: TenantView,
    /// What links carry along.
    tenant_id: Option<String>,
) -> AnyView {
    let entries = events
        .into_iter()
        .map(|event| {
            let (at, kind) = (event.at, kind(&event.what));
            let says = says(event, &tenant.timezone, tenant_id.as_ref());
            view! {
                <li data-kind=kind>
                    <span class="timeline-at"><Moment at timezone=tenant.timezone.clone()/></span>
                    <span class="timeline-what">{says}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{entries}</ol> }.into_any()
}

const fn kind(what: &LeadEventKind) -> &'static str {
    match what {
        LeadEventKind::Came => "came",
        LeadEventKind::Stage(_) => "stage",
        LeadEventKind::Touch { .. } => "touch",
        LeadEventKind::Deal { .. } => "deal",
        LeadEventKind::Action { .. } => "action",
        LeadEventKind::Money { .. } => "money",
    }
}

fn says(event: LeadEvent, timezone: &TimeZone, tenant_id: Option<&String>) -> AnyView {
    match event.what {
        LeadEventKind::Came => "Became a lead".into_any(),
        LeadEventKind::Stage(stage) => view! { "Entered " <strong>{stage.in_words()}</strong> }.into_any(),
        LeadEventKind::Touch { kind, campaign, note } => touch(kind, campaign, note),
        LeadEventKind::Deal { name, state, value } => {
            let worth = format::money(value.minor, value.currency);
            view! { "Deal " <bdi>{format::name(&name)}</bdi> " " {deal_word(state)} ", " {worth} }.into_any()
        }
        LeadEventKind::Action { kind, tool, state, problem, note } => {
            action(kind, tool, state, problem, note)
        }
        LeadEventKind::Money { kind, money, stripe_id } => {
            let rows = Address::of_money(&stripe_id, event.at, timezone, tenant_id);
            view! { <MoneyMoved kind money rows/> }.into_any()
        }
    }
}

fn action(
    kind: ActionKind,
    tool: Tool,
    state: LeadState,
    problem: Option<String>,
    note: Option<String>,
) -> AnyView {
    let says = match kind {
        ActionKind::SendFollowUp => "A follow-up",
        _ => "Looked up",
    };
    let problem = problem.map(|why| view! { <span class="need-why">{format::sentence(&why)}</span> });
    let note =
        note.map(|note| view! { <span class="timeline-note"><bdi>{format::block(&note)}</bdi></span> });
    view! {
        {says} " · " {tool.name()} " " <span class="tag" data-tone=lead_tone(state)>{state.name()}</span>
        {problem} {note}
    }
    .into_any()
}

fn touch(kind: TouchKind, campaign: Option<String>, note: Option<String>) -> AnyView {
    let campaign = campaign.map(|name| view! { " · " <bdi>{format::name(&name)}</bdi> });
    let note = note.map(|note| view! { <span class="timeline-note"><bdi>{format::name(&note)}</bdi></span> });
    view! { {touch_word(kind)} {campaign} {note} }.into_any()
}

const fn touch_word(kind: TouchKind) -> &'static str {
    match kind {
        TouchKind::Sent => "A message was sent",
        TouchKind::Opened => "Opened a message",
        TouchKind::Clicked => "Followed a link",
        TouchKind::Replied => "Replied",
        TouchKind::Bounced => "A message came back",
        TouchKind::Call => "A call",
        TouchKind::Meeting => "A meeting",
        TouchKind::Note => "A note",
    }
}

const fn deal_word(state: DealState) -> &'static str {
    match state {
        DealState::Won => "was won",
        DealState::Lost => "was lost",
        DealState::Open => "was opened",
    }
}
