//! Which leads are shown, as a form that works without script.

use domain::lead::Stage;
use leptos::prelude::*;

use super::SearchField;
use super::channel_options::channel_options;
use crate::address::{Address, LEADS};
use crate::port::{LeadsPage, LeadsQuestion};

/// The choice of stage, channel, stuck ones and words.
#[component]
pub fn LeadFilters(leads: LeadsPage, question: LeadsQuestion) -> AnyView {
    let all = Address::new(LEADS).with_any("tenant_id", question.period.tenant_id.as_ref());
    let kept = [
        ("tenant_id", question.period.tenant_id.clone()),
        ("period", question.period.period.clone()),
        ("from", question.period.from.clone()),
        ("to", question.period.to.clone()),
        ("reached", question.reached.clone()),
        ("at", question.at.clone()),
    ];
    let hidden = kept
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| view! { <input type="hidden" name=name value=value/> }))
        .collect_view();
    let is_filtered = Address::of_leads(&question).to_string() != all.to_string();
    view! {
        <form class="filters" method="get" action=LEADS>
            {hidden}
            <label>"Stage" <select name="stage">{stages(question.stage.as_deref())}</select></label>
            <label>"Channel" <select name="channel">{channel_options(&leads.tenant, leads.channel.as_ref())}</select></label>
            <label class="check">
                <input type="checkbox" name="stuck" value="yes" checked=question.stuck.is_some()/>
                " Stuck"
            </label>
            <label class="check">
                <input type="checkbox" name="lookup" value="failed" checked=question.lookup.is_some()/>
                " Enrichment failed"
            </label>
            <SearchField label="Find" name="q" value=question.search placeholder="Name, e-mail, company"/>
            <button type="submit" class="button">"Show"</button>
            {is_filtered.then(|| view! { <a class="button ghost" href=all.to_string()>"Show every lead"</a> })}
        </form>
    }
    .into_any()
}

fn stages(chosen: Option<&str>) -> AnyView {
    let options = Stage::ALL
        .map(|stage| {
            let selected = chosen == Some(stage.word());
            view! { <option value=stage.word() selected=selected>{stage.in_words()}</option> }
        })
        .into_iter()
        .collect_view();
    view! { <option value="" selected=chosen.is_none()>"All stages"</option> {options} }.into_any()
}
