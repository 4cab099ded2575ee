//! A tenant's channels to choose one of.

use domain::channel::ChannelSlug;
use leptos::prelude::*;

use crate::port::TenantView;
use crate::roster::Roster;

/// Every channel, all of them first and the unknown one last.
pub(super) fn channel_options(tenant: &TenantView, chosen: Option<&ChannelSlug>) -> AnyView {
    let roster = Roster::of(tenant);
    let known = tenant.channels.iter().map(|channel| channel.slug.clone());
    let options = known
        .chain([ChannelSlug::unknown()])
        .map(|slug| {
            let is_chosen = chosen == Some(&slug);
            view! { <option value=slug.to_string() selected=is_chosen>{roster.name(&slug)}</option> }
        })
        .collect_view();
    view! { <option value="" selected=chosen.is_none()>"All channels"</option> {options} }.into_any()
}
