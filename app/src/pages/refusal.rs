//! A page whose question has no answer: what is wrong, and what still works.

use leptos::prelude::*;

use super::no_access::{ForbiddenView, NoWorkspaceView};
use super::not_found::NotFoundView;
use crate::address::Address;
use crate::components::{Layout, Lone, PeriodPicker, Place};
use crate::format;
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
        AskError::UnknownTenant => view! { <NotFoundView/> }.into_any(),
        AskError::NoTenant => view! { <NoWorkspaceView place question/> }.into_any(),
        AskError::Forbidden(forbidden) => {
            view! { <ForbiddenView permission=forbidden.0 place title question/> }.into_any()
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
                    <p class="alert" role="alert">{format::sentence(&message)}</p>
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
                        "This could not be read just now. The failure is on our side; the log has it under "
                        <code class="copy">{reference}</code> "."
                    </p>
                </div>
            </header>
            <p><a class="button" href=page.to_string()>"Try again"</a></p>
        </Layout>
    }
    .into_any()
}

/// A page that stands alone and could not be made.
#[component]
pub(super) fn LoneFailure(error: AskError) -> AnyView {
    let AskError::Ours { reference } = error else {
        return view! { <NotFoundView/> }.into_any();
    };
    StatusPort::set(500);
    view! {
        <Lone title="This did not work just now">
            <p class="alert" role="alert">
                "The failure is on our side; the log has it under " <code class="copy">{reference}</code> "."
            </p>
            <p>"Open the link again in a moment."</p>
        </Lone>
    }
    .into_any()
}
