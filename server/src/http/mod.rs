//! The routes, and the walls around all of them.
//!
//! To add a route: a handler in the file named after its resource, a line in [`api`], and one in the reviewed
//! table of who may what (`tests/access.rs`).

mod actions;
mod alerts;
mod analytics;
mod attribution;
mod audit_log;
mod bodies;
mod call;
mod callers;
mod channel_costs;
mod command_center;
mod cookies;
mod deliveries;
mod dunning;
mod errors;
mod forms;
mod health;
mod jobs;
mod ledger;
mod limits;
mod links;
mod listing_file;
mod live;
mod metrics;
mod openapi;
mod pages;
mod pipeline;
mod query;
mod request_id;
mod restatements;
mod same_origin;
mod senders;
mod strays;
mod stripe_events;
mod table;
mod turnstile;
mod uploads;
mod visits;
mod walls;
mod webhooks;

use std::ops::Deref;
use std::sync::Arc;

use app::port::Desk;
use axum::Router;
use axum::extract::FromRef;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware;
use leptos::config::LeptosOptions;
use store::Store;
use tokio::sync::watch;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate, SizeAbove};
use tower_http::set_header::SetResponseHeaderLayer;

pub use openapi::described_routes;
pub use request_id::new_reference;
pub use table::Route;

pub(crate) use cookies::SessionCookie;
pub(crate) use limits::CallLimits;
pub(crate) use senders::TrustedProxies;
pub(crate) use turnstile::{Turnstile, Widths};

use self::table::Table;
use crate::accounts::{Accounts, Doorman};
use crate::actions::Actions;
use crate::alerts::Alerts;
use crate::applier::Applier;
use crate::assets;
use crate::backfill::Backfills;
use crate::channels::Channels;
use crate::connections::Connections;
use crate::desk::LedgerDesk;
use crate::intake::Intake;
use crate::jobs::Jobs;
use crate::office::AccountsOffice;
use crate::pipeline::Pipeline;

/// What handlers work with; every layer and handler is handed a clone.
#[derive(Clone)]
pub struct Services(Arc<Parts>);

impl Services {
    /// These parts together.
    #[must_use]
    pub fn of(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Services {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The parts of [`Services`].
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Where events come in; `None` when no signing secret is configured.
    pub intake: Option<Intake>,
    /// Who applies them.
    pub applier: Applier,
    /// Who reads the past from Stripe.
    pub backfills: Backfills,
    /// What leads, campaigns, deals and costs are brought in with.
    pub pipeline: Pipeline,
    /// The tools people are reached with.
    pub connections: Connections,
    /// What channels and their rules are kept with.
    pub channels: Channels,
    /// What looks for what needs somebody.
    pub alerts: Alerts,
    /// What has things done at tools.
    pub actions: Actions,
    /// Who does jobs.
    pub jobs: Jobs,
    /// Who answers questions about figures.
    pub desk: Arc<LedgerDesk>,
    /// Who answers questions about accounts and settings.
    pub office: Arc<AccountsOffice>,
    /// Who says who comes in.
    pub doorman: Doorman,
    /// What people's accounts are managed with.
    pub accounts: Accounts,
    /// The proxies that may say whom they speak for.
    pub proxies: TrustedProxies,
    /// How often each caller has called the API.
    pub call_limits: CallLimits,
    /// Where calls wait for their turn to be computed.
    pub calls: Turnstile,
    /// Where pages wait for theirs.
    pub pages: Turnstile,
    /// What tells one browser from another.
    pub cookie: SessionCookie,
    /// Turns true when the program is stopping, so that open streams end.
    pub stopping: watch::Receiver<bool>,
    /// The address people reach the program at.
    pub public_address: String,
    /// What Leptos wants to know.
    pub leptos: LeptosOptions,
}

impl Services {
    /// The origin our pages have for who comes by the public address.
    fn public_origin(&self) -> String {
        origin_of(&self.public_address)
    }

    fn desk_for_screens(&self) -> Arc<dyn Desk> {
        self.desk.clone()
    }
}

/// Scheme, host and port of an address; browsers leave out the port that goes without saying.
fn origin_of(address: &str) -> String {
    let origin = address.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let usual = if origin.starts_with("https:") { ":443" } else { ":80" };
    origin.strip_suffix(usual).map_or_else(|| origin.clone(), str::to_owned)
}

impl FromRef<Services> for LeptosOptions {
    fn from_ref(services: &Services) -> Self {
        services.leptos.clone()
    }
}

/// What stands for every address of the API at which there is nothing.
const NO_ROUTE: &str = "/api/{*rest}";

/// What programs, browsers' scripts and machines ask for.
fn api() -> Table {
    Table::default()
        .get("/api/actions", actions::show_actions)
        .post("/api/actions", actions::ask_for_action)
        .get("/api/actions/{id}", actions::show_action)
        .post("/api/actions/{id}/undo", actions::undo_action)
        .post("/api/actions/{id}/check", actions::check_action)
        .get("/api/alerts", alerts::show_alerts)
        .post("/api/alerts/{id}/acknowledge", alerts::acknowledge_alert)
        .post("/api/alerts/{id}/snooze", alerts::snooze_alert)
        .post("/api/alerts/{id}/resolve", alerts::resolve_alert)
        .post("/api/alerts/{id}/assign", alerts::assign_alert)
        .post("/api/alerts/{id}/comments", alerts::comment_on_alert)
        .get("/api/analytics/revenue", analytics::show_revenue)
        .get("/api/analytics/mrr", analytics::show_mrr)
        .get("/api/analytics/unit-economics", command_center::show_unit_economics)
        .get("/api/analytics/command-center", command_center::show_command_center)
        .get("/api/dashboard/kpis", command_center::show_kpis)
        .post("/api/attribution/overrides", attribution::override_attribution)
        .delete("/api/attribution/overrides/{id}", attribution::take_back_override)
        .get("/api/audit-log.csv", audit_log::export_audit_log)
        .get("/api/channel-costs", channel_costs::show_costs)
        .post("/api/channel-costs", channel_costs::add_cost)
        .get("/api/channel-costs/{id}", channel_costs::show_cost)
        .patch("/api/channel-costs/{id}", channel_costs::change_cost)
        .delete("/api/channel-costs/{id}", channel_costs::delete_cost)
        .post("/api/channel-costs/{id}/restore", channel_costs::restore_cost)
        .get("/api/monthly-costs", channel_costs::show_monthly_costs)
        .post("/api/monthly-costs", channel_costs::add_monthly_cost)
        .delete("/api/monthly-costs/{id}", channel_costs::end_monthly_cost)
        .put("/api/campaigns/{external_id}", pipeline::put_campaign)
        .put("/api/deals/{external_id}", pipeline::put_deal)
        .put("/api/leads/{external_id}", pipeline::put_lead)
        .post("/api/leads/batch", pipeline::put_leads)
        .post("/api/leads/{external_id}/events", pipeline::put_events)
        .get("/api/docs", openapi::show_page)
        .get("/api/dunning", dunning::show_failed_payments)
        .get("/api/events", live::stream_events)
        .get("/api/imports/{id}/problems", uploads::export_problems)
        .get("/api/jobs", jobs::show_jobs)
        .post("/api/jobs/{id}/retry", jobs::retry_job)
        .post("/api/jobs/{id}/pause", jobs::pause_job)
        .post("/api/jobs/{id}/resume", jobs::resume_job)
        .get("/api/ledger", ledger::show_ledger)
        .get("/api/metrics", metrics::show_metrics)
        .get("/api/openapi.json", openapi::show_description)
        .get("/api/restatements", restatements::show_restatements)
        .get("/api/stripe-events", stripe_events::show_events)
        .post("/api/links", attribution::link_record)
        .post("/api/webhooks/stripe", webhooks::receive_stripe_event)
        .post("/api/webhooks/stripe/{tenant}", webhooks::receive_tenants_stripe_event)
        .post("/api/webhooks/{tool}/{tenant}", deliveries::receive_delivery)
}

fn health() -> Table {
    Table::default().get("/healthz", health::show_health).get("/readyz", health::show_readiness)
}

/// Every route there is but embedded files: pages, their forms, the API.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = pages::routes();
    routes.extend(api().into_routes());
    routes.extend(health().into_routes());
    routes.sort();
    routes
}

/// The router of the program, with the walls around all of it.
pub fn router(services: Services) -> Router {
    let api = api()
        .into_router()
        .route(NO_ROUTE, axum::routing::any(errors::unknown_route))
        .method_not_allowed_fallback(errors::wrong_method)
        .layer(middleware::from_fn_with_state(services.clone(), strays::note_strays))
        .layer(middleware::from_fn_with_state(services.clone(), limits::limit_calls))
        .layer(SetResponseHeaderLayer::overriding(
            CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ));
    let pages = pages::router(&services);
    let hosts = walls::KnownHosts::new(&services.public_address);
    let headers = walls::Headers::of(&services.public_address);
    Router::new()
        .merge(api)
        .merge(health().into_router())
        .merge(assets::router())
        .merge(pages)
        .layer(
            ServiceBuilder::new()
                .layer(compression())
                .layer(middleware::from_fn(request_id::name_request))
                .layer(middleware::from_fn_with_state(headers, walls::add_headers))
                .layer(middleware::from_fn(errors::finish_errors))
                .layer(middleware::from_fn_with_state(hosts, walls::refuse_foreign_hosts))
                .layer(middleware::from_fn_with_state(services.clone(), same_origin::refuse_foreign_origins))
                .layer(CatchPanicLayer::custom(errors::after_panic)),
        )
        .with_state(services)
}

/// From how many bytes of a body on it is worth making smaller.
const COMPRESSED_ABOVE: u16 = 1_024;

/// Makes pages and tables smaller on their way; files are compressed already, and what is live must not wait.
fn compression() -> CompressionLayer<impl Predicate> {
    // A font is compressed as it is.
    let worth_it = DefaultPredicate::new().and(SizeAbove::new(COMPRESSED_ABOVE));
    CompressionLayer::new().compress_when(worth_it.and(NotForContentType::const_new("font/")))
}

#[cfg(test)]
mod tests {
    use super::origin_of;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (address, origin) in [
            ("https://gtm.example.com:443/", "https://gtm.example.com"),
            ("https://gtm.example.com:8443/app", "https://gtm.example.com:8443"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://gtm.example.com:80", "http://gtm.example.com"),
        ] {
            assert_eq!(origin_of(address), origin);
        }
    }
}
