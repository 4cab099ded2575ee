//! The few things asked of the browser.

use js_sys::Promise;
use leptos::prelude::{document, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, DomParser, Event, EventTarget, RequestCache, RequestInit, Response, SupportedType,
    VisibilityState,
};

/// Calls `handler` on every event of that name; the browser lets go of it together with the target.
pub(super) fn listen(target: &EventTarget, event: &str, handler: impl Fn(Event) + 'static) {
    let handler = Closure::<dyn Fn(Event)>::new(handler).into_js_value();
    target.add_event_listener_with_callback(event, handler.unchecked_ref()).ok();
}

/// Whether nobody sees the page.
pub(super) fn is_hidden() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}

/// The page at the current address as the server renders it now; `None` when it cannot be had. A browser that
/// was signed out meanwhile goes where it can sign in, and from there comes back.
pub(super) async fn page_again() -> Option<Document> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    let address = window().location().href().ok()?;
    let response: Response =
        settled(window().fetch_with_str_and_init(&address, &init)).await?.dyn_into().ok()?;
    if response.redirected() {
        window().location().replace(&response.url()).ok();
        return std::future::pending().await;
    }
    if !response.ok() {
        return None;
    }
    let html = settled(response.text().ok()?).await?.as_string()?;
    DomParser::new().ok()?.parse_from_string(&html, SupportedType::TextHtml).ok()
}

async fn settled(promise: Promise) -> Option<JsValue> {
    JsFuture::from(promise).await.ok()
}
