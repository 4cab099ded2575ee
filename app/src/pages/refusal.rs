//! A page whose question has no answer: what is wrong, and what still works.

use leptos::prelude::*;

use super::not_found::NotFoundView;
use crate::address::Address;
use crate::components::{Layout, PeriodPicker, Place};
use crate::port::{AskError, PeriodQuestion};
use crate::shell::StatusPort;

/// The page `title` without its figures, with the reason in their place.
#[component]
pub fn RefusalView(
    error: AskError,
    place: Place,
    title: &'static str,
    page: Address,
    question: PeriodQuestion,
) -> AnyView {
    match error {
        AskError::UnknownTenant => {
            StatusPort::set(404);
            view! { <NotFoundView/> }.into_any()
        }
        AskError::Invalid { field, message } => {
            StatusPort::set(400);
            let page = page.without(field);
            let tenant_id = question.tenant_id.clone().filter(|_| field != "tenant_id");
            let kept = PeriodQuestion { tenant_id, ..PeriodQuestion::default() };
            let typed = (question.from.unwrap_or_default(), question.to.unwrap_or_default());
            view! { <Invalid message place title page kept typed/> }.into_any()
        }
        AskError::Ours { reference } => {
            StatusPort::set(500);
            view! { <Ours reference place title page question/> }.into_any()
        }
    }
    .into_any()
}

#[component]
fn Invalid(
    message: String,
    place: Place,
    title: &'static str,
    page: Address,
    kept: PeriodQuestion,
    typed: (String, String),
) -> AnyView {
    view! {
        <Layout place question=kept>
            <header class="page-head">
                <div class="page-title">
                    <h1>{title}</h1>
                    <p class="alert" role="alert">{capitalised(&message)} "."</p>
                </div>
                <div class="controls">
                    <PeriodPicker page typed/>
                </div>
            </header>
            <p>"Choose another period to see figures."</p>
        </Layout>
    }
    .into_any()
}

#[component]
fn Ours(
    reference: String,
    place: Place,
    title: &'static str,
    page: Address,
    question: PeriodQuestion,
) -> AnyView {
    view! {
        <Layout place question>
            <header class="page-head">
                <div class="page-title">
                    <h1>{title}</h1>
                    <p class="alert" role="alert">
                        "These figures could not be read just now. The failure is on our side; the log has it under "
                        <code class="copy">{reference}</code> "."
                    </p>
                </div>
            </header>
            <p><a class="button" href=page.to_string()>"Try again"</a></p>
        </Layout>
    }
    .into_any()
}

fn capitalised(message: &str) -> String {
    let mut characters = message.trim_end_matches('.').chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
