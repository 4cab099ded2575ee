//! What was done just before the page was asked for.

use leptos::prelude::*;

use crate::visit::Notice;

/// A sentence about what was done.
#[component]
pub fn NoticeLine(notice: Notice) -> impl IntoView {
    view! { <p class="notice" role="status">{notice.sentence()}</p> }
}
