//! Stripe's events, newest first, with what became of each.

use domain::event_state::EventState;
use jiff::tz::TimeZone;
use leptos::prelude::*;

use super::Moment;
use super::event_filters::state_name;
use super::ledger_filters::kind_name;
use crate::address::Address;
use crate::format;
use crate::port::{EffectLine, EventLine, TenantView};

/// A page of events. On a narrow screen each becomes a card of its own.
#[component]
pub fn EventTable(
    lines: Vec<EventLine>,
    tenant: TenantView,
    /// What links carry along.
    tenant_id: Option<String>,
) -> AnyView {
    let rows = lines.iter().map(|line| row(line, &tenant, tenant_id.as_ref())).collect_view();
    view! {
        <div class="table-box">
            <table class="data ledger-table event-table">
                <caption class="vh">"Events from Stripe, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Received"</th>
                        <th scope="col">"Event"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Effect"</th>
                        <th scope="col" class="number">"Attempts"</th>
                        <th scope="col" class="number">"Took"</th>
                        <th scope="col">"API version"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(line: &EventLine, tenant: &TenantView, tenant_id: Option<&String>) -> AnyView {
    let address = Address::of_event(&line.id, tenant_id);
    let says = line.event_type.as_deref().map_or_else(|| "Not read yet".to_owned(), format::name);
    view! {
        <tr>
            <td class="when"><Moment at=line.received_at timezone=tenant.timezone.clone()/></td>
            <td data-label="Event">
                <a href=address.to_string()><bdi class="breakable">{says}</bdi></a>
                <code class="event-id">{line.id.to_string()}</code>
            </td>
            <td data-label="State">
                <StateTag state=line.state/>
                {line.reason.clone().map(|reason| view! { <span class="event-reason">{format::name(&reason)}</span> })}
            </td>
            <td data-label="Effect">
                <Effects line=line.clone() tenant=tenant.clone() tenant_id=tenant_id.cloned()/>
            </td>
            <td class="number" data-label="Attempts">{attempts(line.attempts)}</td>
            <td class="number" data-label="Took">{took(line.took_us)}</td>
            <td data-label="API version">{version(line)}</td>
        </tr>
    }
    .into_any()
}

/// The state of an event, in word and colour.
#[component]
pub fn StateTag(state: EventState) -> AnyView {
    let tone = match state {
        EventState::Applied => Some("good"),
        EventState::Dead => Some("bad"),
        EventState::Pending | EventState::Quarantined => Some("warn"),
        EventState::Ignored => None,
    };
    view! { <span class="tag" data-tone=tone>{state_name(state)}</span> }.into_any()
}

/// The rows of the ledger an event made, or else those it adds to.
#[component]
pub fn Effects(line: EventLine, tenant: TenantView, tenant_id: Option<String>) -> AnyView {
    let made: Vec<&EffectLine> = line.effects.iter().filter(|effect| effect.is_cause).collect();
    let (word, shown) =
        if made.is_empty() { ("Adds to ", line.effects.iter().collect()) } else { ("Made ", made) };
    if shown.is_empty() {
        return view! { <abbr class="not-known" title=no_effect(line.state)>"—"</abbr> }.into_any();
    }
    let links = shown
        .into_iter()
        .map(|effect| {
            let href = address_of(effect, &line, &tenant.timezone, tenant_id.as_ref());
            let amount = format::money(effect.money.minor, effect.money.currency);
            view! { <li>{word} <a href=href>{kind_name(effect.kind)} " " {amount}</a></li> }
        })
        .collect_view();
    view! { <ul class="effects">{links}</ul> }.into_any()
}

/// The row among those of its payment, on its day.
fn address_of(
    effect: &EffectLine,
    line: &EventLine,
    timezone: &TimeZone,
    tenant_id: Option<&String>,
) -> String {
    let page = Address::of_money(line.id.as_str(), effect.occurred_at, timezone, tenant_id);
    format!("{page}#row-{}", effect.row)
}

const fn no_effect(state: EventState) -> &'static str {
    match state {
        EventState::Pending => "It was not looked at yet",
        EventState::Applied => "No row of money tells of it",
        EventState::Ignored => "It says nothing of money that is booked",
        EventState::Quarantined => "It belongs to an account nobody connected",
        EventState::Dead => "It could not be understood",
    }
}

fn attempts(attempts: Option<i32>) -> AnyView {
    match attempts {
        Some(attempts) => format::count(attempts.into()).into_any(),
        None => {
            view! { <abbr class="not-known" title="It was not looked at since this is counted">"—"</abbr> }
                .into_any()
        }
    }
    .into_any()
}

fn took(took_us: Option<i64>) -> AnyView {
    match took_us {
        Some(took_us) => format::milliseconds(took_us).into_any(),
        None => {
            view! { <abbr class="not-known" title="It was not looked at since this is measured">"—"</abbr> }
                .into_any()
        }
    }
    .into_any()
}

fn version(line: &EventLine) -> AnyView {
    let test = (line.livemode == Some(false)).then(|| view! { " " <span class="tag">"Test"</span> });
    let version = match &line.api_version {
        Some(version) => view! { <span>{format::name(version)}</span> }.into_any(),
        None => view! { <abbr class="not-known" title="It does not say, or was not read yet">"—"</abbr> }
            .into_any(),
    };
    view! { {version} {test} }.into_any()
}
