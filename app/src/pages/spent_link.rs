//! A link from a letter that no longer leads anywhere.

use leptos::prelude::*;

use crate::components::Lone;
use crate::shell::StatusPort;

/// Says so, and how to get another.
#[component]
pub(super) fn SpentLink(children: Children) -> AnyView {
    StatusPort::set(404);
    view! {
        <Lone title="This link no longer works">
            <p>"It was used already, is too old, or was taken back."</p>
            {children()}
        </Lone>
    }
    .into_any()
}
