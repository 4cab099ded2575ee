//! A field of a filter that looks for words.

use leptos::prelude::*;

/// The field, with what was looked for.
#[component]
pub fn SearchField(
    label: &'static str,
    name: &'static str,
    value: Option<String>,
    placeholder: &'static str,
    #[prop(default = "200")] maxlength: &'static str,
) -> AnyView {
    view! {
        <label>
            {label}
            <input
                type="search"
                name=name
                value=value
                placeholder=placeholder
                maxlength=maxlength
                autocomplete="off"
            />
        </label>
    }
    .into_any()
}
