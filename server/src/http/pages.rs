//! The pages, rendered to HTML on the server before the first byte is sent.

use std::sync::Arc;

use app::office::Office;
use app::visit::Visit;
use app::{App, Assets, StatusPort, shell};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware;
use axum::routing::{get, post};
use leptos::IntoView;
use leptos::context::{provide_context, use_context};
use leptos::nonce::use_nonce;
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list, render_app_async_with_context};
use tower_http::set_header::SetResponseHeaderLayer;

use super::forms::{self, Render};
use super::table::Route;
use super::{Services, uploads, visits, walls};
use crate::assets;

/// Every page with its forms, and the page for addresses that are none.
pub(super) fn router(services: &Services) -> Router<Services> {
    let lend = lend_to_pages(services);
    let render: Render = {
        let page = render_app_async_with_context(lend.clone(), document);
        Arc::new(move |request| Box::pin(page(request)))
    };
    let not_found = render.clone();
    let pages = Router::new()
        .leptos_routes_with_context(services, generate_route_list(App), lend, document)
        .merge(posted(&render))
        .route(uploads::UPLOAD, post(uploads::take_file))
        .fallback(get(move |request: Request| not_found(request)));
    pages.layer(middleware::from_fn_with_state(services.clone(), visits::greet)).layer(
        SetResponseHeaderLayer::overriding(CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    )
}

/// The addresses forms are posted to.
fn posted(render: &Render) -> Router<Services> {
    let paths = forms::PAGES.into_iter().chain([forms::SWITCH]);
    paths.fold(Router::new(), |router, path| {
        let render = render.clone();
        let answer = move |State(services): State<Services>, request: Request| {
            forms::answer(services, render.clone(), request)
        };
        router.route(path, post(answer))
    })
}

/// The routes of pages and forms, for the table.
pub(super) fn routes() -> Vec<Route> {
    let page = |path: &str| Route { method: "GET", path: path.to_owned() };
    let form = |path: &str| Route { method: "POST", path: path.to_owned() };
    let pages = generate_route_list(App);
    let pages = pages.iter().map(|listing| page(listing.path()));
    pages.chain(forms::PAGES.into_iter().chain([forms::SWITCH, uploads::UPLOAD]).map(form)).collect()
}

/// What pages find in their context: who looks, who answers, and a way to say the answer's status.
fn lend_to_pages(services: &Services) -> impl Fn() + Clone + Send + Sync + 'static {
    let desk = services.desk_for_screens();
    let office: Arc<dyn Office> = services.office.clone();
    move || {
        let visit = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Visit>().cloned());
        provide_context(visit.unwrap_or_default());
        provide_context(desk.clone());
        provide_context(office.clone());
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
