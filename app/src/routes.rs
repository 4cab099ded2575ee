//! Which address shows which page.
//!
//! Every route waits for its data before the first byte, so that pages work without script.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::pages::{CommandCenterPage, NotFoundPage, RevenuePage};

/// All pages.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=CommandCenterPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/command-center") view=CommandCenterPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/revenue") view=RevenuePage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
