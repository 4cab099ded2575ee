//! Fields of forms: what is asked, what was typed, and what is wrong with it.

use leptos::prelude::*;

use crate::form::Form;

/// A line of text. A password is never filled in.
#[component]
pub fn TextField(
    form: Form,
    name: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    /// What stands in it before anything was typed.
    #[prop(into, optional)]
    value: String,
    /// What helps to fill it in.
    #[prop(into, optional)]
    hint: String,
    /// What the number in it counts.
    #[prop(into, optional)]
    unit: String,
    #[prop(optional_no_strip)] autocomplete: Option<&'static str>,
    #[prop(optional_no_strip)] inputmode: Option<&'static str>,
    #[prop(optional_no_strip)] list: Option<&'static str>,
    #[prop(default = true)] is_required: bool,
    /// Whether it is shown only, and sent as it is.
    #[prop(optional)]
    is_readonly: bool,
    #[prop(default = 200)] maxlength: u16,
) -> AnyView {
    let id = form.id(name);
    let error = form.error_of(name);
    let shown = (kind != "password").then(|| form.value(name, &value));
    let is_plain_word = matches!(kind, "email" | "password").then_some("none");
    let input = view! {
        <input
            id=id.clone()
            name=name
            type=kind
            value=shown
            autocomplete=autocomplete
            autocapitalize=is_plain_word
            inputmode=inputmode
            list=list
            required=is_required
            readonly=is_readonly
            maxlength=maxlength.to_string()
            autofocus=error.is_some()
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(&id, &hint, error.as_ref())
        />
    };
    let taken = if unit.is_empty() {
        input.into_any()
    } else {
        view! { <span class="with-unit">{input} <span class="unit">{unit}</span></span> }.into_any()
    };
    view! { <Field id label hint error taken/> }.into_any()
}

/// Several lines of text.
#[component]
pub fn TextArea(
    form: Form,
    name: &'static str,
    label: &'static str,
    placeholder: &'static str,
    rows: u8,
) -> AnyView {
    let id = form.id(name);
    let error = form.error_of(name);
    let area = view! {
        <textarea
            id=id.clone()
            name=name
            rows=rows.to_string()
            placeholder=placeholder
            required=true
            spellcheck="false"
            autocomplete="off"
            autofocus=error.is_some()
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(&id, "", error.as_ref())
        >
            {as_character_data(&form.value(name, ""))}
        </textarea>
    };
    view! { <Field id label hint=String::new() error taken=area.into_any()/> }.into_any()
}

/// One of several: pairs of the word that is sent and what is read.
#[component]
pub fn SelectField(
    form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    options: Vec<(String, String)>,
    /// What is chosen before anything was.
    #[prop(into, optional)]
    value: String,
    #[prop(into, optional)] hint: String,
    /// Whether its label is only for those who listen.
    #[prop(optional)]
    is_bare: bool,
) -> AnyView {
    let id = form.id(name);
    let error = form.error_of(name);
    let chosen = form.value(name, &value);
    let select = view! {
        <select
            id=id.clone()
            name=name
            autofocus=error.is_some()
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(&id, &hint, error.as_ref())
        >
            <Options options chosen/>
        </select>
    };
    if is_bare {
        return view! { <label class="vh" for=id>{label}</label> {select} }.into_any();
    }
    view! { <Field id label hint error taken=select.into_any()/> }.into_any()
}

/// What can be chosen.
#[component]
pub(super) fn Options(options: Vec<(String, String)>, chosen: String) -> impl IntoView {
    options
        .into_iter()
        .map(|(word, says)| {
            let is_chosen = word == chosen;
            view! { <option value=word selected=is_chosen>{says}</option> }
        })
        .collect_view()
}

/// Leptos writes the text of a `textarea` as it is, so what was typed is escaped here.
pub(crate) fn as_character_data(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[component]
fn Field(
    id: String,
    #[prop(into)] label: String,
    hint: String,
    error: Option<String>,
    taken: AnyView,
) -> AnyView {
    view! {
        <div class="field">
            <div class="field-says">
                <label for=id.clone()>{label}</label>
                {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id(&id)>{hint}</p> })}
            </div>
            <div class="field-takes">
                {taken}
                {error.map(|error| view! { <p class="wrong" id=error_id(&id)>{error}</p> })}
            </div>
        </div>
    }
    .into_any()
}

pub(super) fn hint_id(id: &str) -> String {
    format!("{id}-hint")
}

pub(super) fn error_id(id: &str) -> String {
    format!("{id}-error")
}

fn described_by(id: &str, hint: &str, error: Option<&String>) -> Option<String> {
    let hint = (!hint.is_empty()).then(|| hint_id(id));
    let error = error.map(|_| error_id(id));
    let ids: Vec<String> = hint.into_iter().chain(error).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
