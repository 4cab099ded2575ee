//! What settings pages have in common: the head, and what is shown in their place.

use leptos::prelude::*;

use super::asked::Asked;
use crate::components::{Layout, RowProblem};
use crate::pages::refusal::RefusalView;
use crate::port::AskError;

/// A settings page under its name.
#[component]
pub(super) fn SettingsFrame(
    asked: Asked,
    /// What the page is for.
    lead: AnyView,
    /// Forms the page has one of per row.
    #[prop(optional)]
    row_forms: &'static [&'static str],
    /// Whether it needs all the room there is.
    #[prop(optional)]
    is_wide: bool,
    children: Children,
) -> AnyView {
    let question = asked.question();
    view! {
        <Layout place=asked.place question notice=asked.notice>
            <div class="settings" data-wide=is_wide.then_some("true")>
                <header class="page-head">
                    <div class="page-title">
                        <h1>{asked.place.name()}</h1>
                        <p>{lead}</p>
                    </div>
                </header>
                <RowProblem visit=asked.visit forms=row_forms/>
                {children()}
            </div>
        </Layout>
    }
    .into_any()
}

/// A settings page that has no answer.
#[component]
pub(super) fn SettingsRefusal(error: AskError, asked: Asked) -> AnyView {
    let (place, page, question) = (asked.place, asked.address(), asked.question());
    view! { <RefusalView error place title=asked.place.name() page question/> }.into_any()
}
