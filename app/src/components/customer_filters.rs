//! Which customers are shown, as a form that works without script.

use leptos::prelude::*;

use super::SearchField;
use super::channel_options::channel_options;
use crate::address::{Address, CUSTOMERS};
use crate::port::{CustomersPage, CustomersQuestion};

/// The choice of channel and words.
#[component]
pub fn CustomerFilters(customers: CustomersPage, question: CustomersQuestion) -> AnyView {
    let all = Address::new(CUSTOMERS).with_any("tenant_id", question.tenant_id.as_ref());
    let is_filtered = Address::of_customers(&question).to_string() != all.to_string();
    let hidden =
        question.tenant_id.clone().map(|id| view! { <input type="hidden" name="tenant_id" value=id/> });
    view! {
        <form class="filters" method="get" action=CUSTOMERS>
            {hidden}
            <label>
                "Channel"
                <select name="channel">{channel_options(&customers.tenant, customers.channel.as_ref())}</select>
            </label>
            <SearchField label="Find" name="q" value=question.search placeholder="E-mail, cus_…"/>
            <button type="submit" class="button">"Show"</button>
            {is_filtered.then(|| view! { <a class="button ghost" href=all.to_string()>"Show every customer"</a> })}
        </form>
    }
    .into_any()
}
