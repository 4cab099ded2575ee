//! What is shown now and never again.

use leptos::prelude::*;

use crate::form::Form;

/// A text to take away, when the form was answered with one.
#[component]
pub fn ShownOnce(form: Form, title: &'static str, label: &'static str, children: Children) -> AnyView {
    let Some(text) = form.shown_once() else { return ().into_any() };
    let id = form.id("shown-once");
    view! {
        <section class="card shown-once" role="status" aria-label=title>
            <h2>{title}</h2>
            <label for=id.clone()>{label}</label>
            <input id=id class="copy" type="text" readonly=true autocomplete="off" value=text/>
            <div class="hint">{children()}</div>
        </section>
    }
    .into_any()
}
