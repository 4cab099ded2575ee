//! A change that asks first: what it means, behind a press, then the button that makes it.

use leptos::prelude::*;

use super::PostForm;
use crate::form::Form;

/// A button that opens the question; the form in it is the answer.
#[component]
pub fn Confirmation(
    form: Form,
    /// What the button that opens it says.
    opens: &'static str,
    /// To what it happens, for those who cannot see the row.
    whom: String,
    /// What it means.
    means: AnyView,
    /// What the button that does it says.
    does: &'static str,
) -> AnyView {
    let is_open = form.is_refused();
    view! {
        <details class="hanging" name="hanging" open=is_open>
            <summary class="button small">
                {opens}
                <span class="vh">" " {whom}</span>
            </summary>
            <PostForm form class="form hanging-form">
                <p>{means}</p>
                <button type="submit" class="button danger">{does}</button>
            </PostForm>
        </details>
    }
    .into_any()
}
