//! Which events are shown, as a form that works without script.

use domain::event_state::EventState;
use leptos::prelude::*;

use super::{HiddenFields, SearchField};
use crate::address::Address;
use crate::port::EventsQuestion;

/// The choice of state, type and id; `everything` is the page without any.
#[component]
pub fn EventFilters(question: EventsQuestion, everything: Address) -> AnyView {
    let is_filtered = question.state.is_some() || question.event_type.is_some() || question.id.is_some();
    view! {
        <form class="filters" method="get" action=everything.path()>
            <HiddenFields page=everything.clone()/>
            <label>
                "State" <select name="state">{states(question.state.as_deref().unwrap_or_default())}</select>
            </label>
            <SearchField label="Type" name="type" value=question.event_type placeholder="invoice." maxlength="100"/>
            <SearchField label="Id" name="id" value=question.id placeholder="evt_…, in_…"/>
            <button type="submit" class="button">"Show"</button>
            {is_filtered
                .then(|| view! { <a class="button ghost" href=everything.to_string()>"Show every event"</a> })}
        </form>
    }
    .into_any()
}

fn states(chosen: &str) -> AnyView {
    let options = EventState::ALL
        .map(|state| {
            view! {
                <option value=state.word() selected=state.word() == chosen>
                    {state_name(state)}
                </option>
            }
        })
        .collect_view();
    view! {
        <option value="" selected=chosen.is_empty()>"All states"</option>
        {options}
    }
    .into_any()
}

/// What a state is called.
pub(super) const fn state_name(state: EventState) -> &'static str {
    match state {
        EventState::Pending => "Waiting",
        EventState::Applied => "Applied",
        EventState::Ignored => "Ignored",
        EventState::Quarantined => "Quarantined",
        EventState::Dead => "Dead letter",
    }
}
