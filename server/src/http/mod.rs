//! The routes, and the walls around all of them.
//!
//! To add a route: a handler in the file named after its resource, a line in [`router`].

mod analytics;
mod errors;
mod health;
mod live;
mod pages;
mod query;
mod request_id;
mod walls;
mod webhooks;

use std::sync::Arc;

use app::port::Desk;
use axum::Router;
use axum::extract::FromRef;
use axum::middleware;
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use store::Store;
use tokio::sync::watch;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

pub use request_id::new_reference;

use crate::applier::Applier;
use crate::assets;
use crate::desk::LedgerDesk;
use crate::intake::Intake;

/// What handlers work with.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// Where events come in; `None` when no signing secret is configured.
    pub intake: Option<Intake>,
    /// Who applies them.
    pub applier: Applier,
    /// Who answers questions.
    pub desk: Arc<LedgerDesk>,
    /// Turns true when the program is stopping, so that open streams end.
    pub stopping: watch::Receiver<bool>,
    /// The address people reach the program at.
    pub public_address: String,
    /// What Leptos wants to know.
    pub leptos: LeptosOptions,
}

impl Services {
    fn desk_for_screens(&self) -> Arc<dyn Desk> {
        self.desk.clone()
    }
}

impl FromRef<Services> for LeptosOptions {
    fn from_ref(services: &Services) -> Self {
        services.leptos.clone()
    }
}

/// Every route of the program.
pub fn router(services: Services) -> Router {
    let api = Router::new()
        .route("/api/analytics/revenue", get(analytics::show_revenue))
        .route("/api/events", get(live::stream_events))
        .route("/api/{*rest}", axum::routing::any(errors::unknown_route))
        .route("/api/webhooks/stripe", post(webhooks::receive_stripe_event))
        .method_not_allowed_fallback(errors::wrong_method);
    let health = Router::new()
        .route("/healthz", get(health::show_health))
        .route("/readyz", get(health::show_readiness));
    let pages = pages::router(&services);
    let hosts = walls::KnownHosts::new(&services.public_address);
    Router::new()
        .merge(api)
        .merge(health)
        .merge(assets::router())
        .merge(pages)
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn(request_id::name_request))
                .layer(middleware::from_fn(walls::add_headers))
                .layer(middleware::from_fn(errors::finish_errors))
                .layer(middleware::from_fn_with_state(hosts, walls::refuse_foreign_hosts))
                .layer(CatchPanicLayer::custom(errors::after_panic)),
        )
        .with_state(services)
}
