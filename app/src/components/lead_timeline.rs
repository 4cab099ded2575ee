//! What happened with a lead, the newest first: stages, touches, deals and money in one list.

use leptos::prelude::*;

use super::Moment;
use super::funnel_steps::stage_name;
use crate::address::{Address, REVENUE};
use crate::format;
use crate::port::{LeadEvent, LeadEventKind, TenantView};

/// The list; empty where nothing is known.
#[component]
pub fn LeadTimeline(events: Vec<LeadEvent>, tenant: TenantView) -> AnyView {
    let entries = events
        .into_iter()
        .map(|event| {
            let LeadEvent { at, what } = event;
            let kind = kind(&what);
            view! {
                <li data-kind=kind>
                    <span class="timeline-at"><Moment at timezone=tenant.timezone.clone()/></span>
                    <span class="timeline-what">{says(what)}</span>
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
        LeadEventKind::Money { .. } => "money",
    }
}

fn says(what: LeadEventKind) -> AnyView {
    match what {
        LeadEventKind::Came => "Became a lead".into_any(),
        LeadEventKind::Stage(stage) => view! { "Entered " <strong>{stage_name(&stage)}</strong> }.into_any(),
        LeadEventKind::Touch { kind, campaign, note } => touch(&kind, campaign, note),
        LeadEventKind::Deal { name, state, value } => {
            let worth = format::money(value.minor, value.currency);
            view! { "Deal " <bdi>{format::name(&name)}</bdi> " " {deal_word(&state)} ", " {worth} }.into_any()
        }
        LeadEventKind::Money { kind, money, stripe_id } => {
            let rows = Address::new(REVENUE).with("stripe_id", stripe_id.as_str());
            let amount = format::money(money.minor, money.currency);
            view! { {stage_name(&kind)} " of " <a href=rows.to_string()>{amount}</a> }.into_any()
        }
    }
}

fn touch(kind: &str, campaign: Option<String>, note: Option<String>) -> AnyView {
    let campaign = campaign.map(|name| view! { " · " <bdi>{format::name(&name)}</bdi> });
    let note = note.map(|note| view! { <span class="timeline-note"><bdi>{format::name(&note)}</bdi></span> });
    view! { {touch_word(kind)} {campaign} {note} }.into_any()
}

fn touch_word(kind: &str) -> String {
    match kind {
        "sent" => "A message was sent".to_owned(),
        "opened" => "Opened a message".to_owned(),
        "clicked" => "Followed a link".to_owned(),
        "replied" => "Replied".to_owned(),
        "bounced" => "A message came back".to_owned(),
        "call" => "A call".to_owned(),
        "meeting" => "A meeting".to_owned(),
        "note" => "A note".to_owned(),
        other => stage_name(other),
    }
}

fn deal_word(state: &str) -> &'static str {
    match state {
        "won" => "was won",
        "lost" => "was lost",
        _ => "was opened",
    }
}
