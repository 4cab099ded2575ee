//! One of several things a list can be narrowed to.

use leptos::prelude::*;

/// The choice of a word, chosen when the address says so.
pub(crate) fn filter_option(
    word: impl Into<String>,
    says: impl Into<String>,
    chosen: Option<&String>,
) -> AnyView {
    let (word, says) = (word.into(), says.into());
    let is_chosen = chosen == Some(&word);
    view! { <option value=word selected=is_chosen>{says}</option> }.into_any()
}
