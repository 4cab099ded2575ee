//! Which restatements are shown, as a form that works without script.

use domain::restated::Cause;
use leptos::prelude::*;

use super::channel_options::channel_options;
use super::period_picker::HiddenFields;
use super::restatement_table::cause_name;
use crate::address::Address;
use crate::port::RestatedPage;

/// The choice of channel, cause and when it became known; `page` is the page as it is now.
#[component]
pub fn RestatementFilters(restated: RestatedPage, page: Address) -> AnyView {
    let carried = ["channel", "cause", "since"].into_iter().fold(page.clone(), Address::without);
    let is_filtered = carried != page;
    let tenant = restated.frame.tenant;
    let since = restated.since.map(|since| since.to_zoned(tenant.timezone.clone()).date().to_string());
    view! {
        <form class="filters" method="get" action=carried.path()>
            <HiddenFields page=carried.clone()/>
            <label>
                "Channel" <select name="channel">{channel_options(&tenant, restated.channel.as_ref())}</select>
            </label>
            <label>
                "Why" <select name="cause">{causes(restated.cause)}</select>
            </label>
            <label>
                "Known after" <input type="date" name="since" value=since/>
            </label>
            <button type="submit" class="button">"Show"</button>
            {is_filtered
                .then(|| view! { <a class="button ghost" href=carried.to_string()>"Show all of them"</a> })}
        </form>
    }
    .into_any()
}

fn causes(chosen: Option<Cause>) -> AnyView {
    let options = Cause::ALL
        .map(|cause| {
            let is_chosen = chosen == Some(cause);
            view! { <option value=cause.word() selected=is_chosen>{cause_name(cause)}</option> }
        })
        .collect_view();
    view! { <option value="" selected=chosen.is_none()>"Every cause"</option> {options} }.into_any()
}
