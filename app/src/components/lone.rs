//! A page that stands alone: for who is not signed in, or is about to be somewhere else.

use leptos::prelude::*;

use super::NoticeLine;
use crate::visit::Notice;

/// One card in the middle, without navigation.
#[component]
pub fn Lone(
    title: &'static str,
    #[prop(optional_no_strip)] notice: Option<Notice>,
    children: Children,
) -> AnyView {
    view! {
        <main class="lone" id="main">
            <p class="brand">
                <i class="brand-mark" aria-hidden="true"></i>
                <span class="brand-name">"Command Center"</span>
            </p>
            {notice.map(|notice| view! { <NoticeLine notice/> })}
            <section class="card lone-card" aria-labelledby="lone-title">
                <h1 id="lone-title">{title}</h1>
                {children()}
            </section>
        </main>
    }
    .into_any()
}
