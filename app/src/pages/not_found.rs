//! What is shown where nothing is.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::address::COMMAND_CENTER;
use crate::components::{Layout, Place};
use crate::port::PeriodQuestion;
use crate::shell::StatusPort;

/// The page of every address that leads nowhere.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    StatusPort::set(404);
    view! {
        <Title text="Not found · Command Center"/>
        <NotFoundView/>
    }
}

#[component]
pub(super) fn NotFoundView() -> AnyView {
    view! {
        <Layout place=Place::Elsewhere question=PeriodQuestion::default()>
            <header class="page-head">
                <div class="page-title">
                    <h1>"There is nothing at this address"</h1>
                    <p>"It may have been moved, or belong to somebody else."</p>
                </div>
            </header>
            <p><a class="button" href=COMMAND_CENTER>"Go to the overview"</a></p>
        </Layout>
    }
    .into_any()
}
