//! The pages, rendered to HTML on the server before the first byte is sent.

use std::sync::Arc;

use app::{App, Assets, StatusPort, shell};
use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::routing::get;
use leptos::IntoView;
use leptos::context::{provide_context, use_context};
use leptos::nonce::use_nonce;
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list, render_app_async_with_context};
use tower_http::set_header::SetResponseHeaderLayer;

use super::{Services, walls};
use crate::assets;

/// Every page, and the page for addresses that are none.
pub(super) fn router(services: &Services) -> Router<Services> {
    let lend = lend_to_pages(services);
    let not_found = render_app_async_with_context(lend.clone(), document);
    Router::new()
        .leptos_routes_with_context(services, generate_route_list(App), lend, document)
        .fallback(get(move |request: Request| not_found(request)))
        .layer(SetResponseHeaderLayer::overriding(
            CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ))
}

/// What pages find in their context: who answers questions, and a way to say the answer's status.
fn lend_to_pages(services: &Services) -> impl Fn() + Clone + Send + Sync + 'static {
    let desk = services.desk_for_screens();
    move || {
        provide_context(desk.clone());
        provide_context(StatusPort(Arc::new(say_status)));
    }
}

fn say_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// The document, under the policy that lets its own script run and no other.
fn document() -> impl IntoView {
    let policy = use_nonce().map(|nonce| walls::page_policy(&nonce));
    if let (Some(response), Some(Ok(policy))) =
        (use_context::<ResponseOptions>(), policy.map(|policy| HeaderValue::from_str(&policy)))
    {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
    shell(files())
}

fn files() -> Assets {
    let served = |name: &str| assets::href(name).map(str::to_owned);
    Assets {
        stylesheet: served("command-center.css").unwrap_or_default(),
        script: served("command-center.js").unwrap_or_default(),
        wasm: served("command-center.wasm").unwrap_or_default(),
        favicon: served("favicon.svg"),
        font: served("inter-latin.woff2"),
    }
}
