//! What something is to be credited to, said by a person with their reason.

use domain::channel::{Channel, ChannelSlug};
use leptos::prelude::*;

use super::{PostForm, SelectField, TextField};
use crate::form::Form;
use crate::port::TenantView;
use crate::roster::Roster;

/// The form; what it is about stands in the form itself.
#[component]
pub fn AssignForm(form: Form, tenant: TenantView, #[prop(default = "form")] class: &'static str) -> AnyView {
    view! {
        <PostForm form=form.clone() class=class>
            <SelectField form=form.clone() name="channel" label="Channel" options=assignable(&tenant)/>
            <TextField form name="reason" label="Why" hint="Stays beside it, and in the audit log" maxlength=500/>
            <div class="form-end">
                <button type="submit" class="button primary">"Credit it"</button>
            </div>
        </PostForm>
    }
    .into_any()
}

/// The channels something can be credited to; hidden ones are not offered.
fn assignable(tenant: &TenantView) -> Vec<(String, String)> {
    let roster = Roster::of(tenant);
    let offered = tenant.channels.iter().filter(|channel: &&Channel| !channel.is_hidden);
    let slugs = offered.map(|channel| channel.slug.clone()).chain([ChannelSlug::unknown()]);
    slugs.map(|slug| (slug.to_string(), roster.name(&slug))).collect()
}
