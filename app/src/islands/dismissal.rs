//! Closes what hangs over the page.

use leptos::prelude::*;

/// Closes what hangs over the page with Escape, or with a press elsewhere.
#[island]
pub fn Dismissal() -> impl IntoView {
    wake();
}

#[cfg(feature = "hydrate")]
fn wake() {
    Effect::new(|_| browser::close_when_dismissed());
}

#[cfg(not(feature = "hydrate"))]
fn wake() {}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::document;
    use wasm_bindgen::JsCast;
    use web_sys::{Event, HtmlDetailsElement, HtmlElement, KeyboardEvent, Node};

    use crate::islands::browser::listen;

    /// What hangs over the page while it is open.
    const HANGING: &str = ".custom-period[open], .switcher[open], .hanging[open]";

    pub(super) fn close_when_dismissed() {
        listen(&document(), "keydown", |event| {
            let is_escape = event.dyn_ref::<KeyboardEvent>().is_some_and(|pressed| pressed.key() == "Escape");
            if let Some(hanging) = hanging().filter(|_| is_escape) {
                hanging.set_open(false);
                focus_summary(&hanging);
            }
        });
        listen(&document(), "pointerdown", |event| {
            if let Some(hanging) = hanging().filter(|hanging| !is_within(&event, hanging)) {
                hanging.set_open(false);
            }
        });
    }

    fn hanging() -> Option<HtmlDetailsElement> {
        document().query_selector(HANGING).ok()??.dyn_into().ok()
    }

    fn is_within(event: &Event, hanging: &HtmlDetailsElement) -> bool {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        hanging.contains(target.as_ref())
    }

    fn focus_summary(hanging: &HtmlDetailsElement) {
        if let Ok(Some(summary)) = hanging.query_selector("summary") {
            summary.unchecked_ref::<HtmlElement>().focus().ok();
        }
    }
}
