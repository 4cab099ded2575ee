//! What is shown where nothing is.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::address::{COMMAND_CENTER, SIGN_IN};
use crate::components::{Layout, Lone, Place};
use crate::port::PeriodQuestion;
use crate::shell::StatusPort;
use crate::visit::Visit;

const TITLE: &str = "There is nothing at this address";

/// The page of every address that leads nowhere.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="Not found · Command Center"/>
        <NotFoundView/>
    }
}

#[component]
pub(super) fn NotFoundView() -> AnyView {
    StatusPort::set(404);
    if Visit::now().person.is_none() {
        return to_a_stranger();
    }
    view! {
        <Layout place=Place::Elsewhere question=PeriodQuestion::default()>
            <header class="page-head">
                <div class="page-title">
                    <h1>{TITLE}</h1>
                    <p>"It may have been moved, or belong to somebody else."</p>
                </div>
            </header>
            <p><a class="button" href=COMMAND_CENTER>"Go to the overview"</a></p>
        </Layout>
    }
    .into_any()
}

fn to_a_stranger() -> AnyView {
    view! {
        <Lone title=TITLE>
            <p>"It may have been moved, or be there only for people who are signed in."</p>
            <p><a class="button" href=SIGN_IN>"Go to sign in"</a></p>
        </Lone>
    }
    .into_any()
}
