//! Everything put together, as `serve` runs it and tests start it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use credentials::passwords::Hasher;
use leptos::config::LeptosOptions;
use store::{Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::accounts::{Accounts, Doorman, Endpoints};
use crate::actions::Actions;
use crate::alerts::Alerts;
use crate::applier::Applier;
use crate::backfill::Backfills;
use crate::channels::Channels;
use crate::clock::Clock;
use crate::config::{ServeConfig, SignUpPolicy};
use crate::connections::Connections;
use crate::database::ensure_default_tenant;
use crate::desk::{Kept, LedgerDesk};
use crate::http::{self, CallLimits, Parts, Services, SessionCookie, TrustedProxies, Turnstile, Widths};
use crate::intake::Intake;
use crate::jobs::{Jobs, SPREAD};
use crate::office::AccountsOffice;
use crate::pipeline::Pipeline;
use crate::serving::serve;

/// How long requests in flight are waited for when the program stops.
const FAREWELL: Duration = Duration::from_secs(25);

/// How long jobs that run are waited for after that.
const LAST_JOBS: Duration = Duration::from_secs(12);

/// Each call of the API takes up to two connections to the database, each page up to four, and two cores are soon
/// busy: what is beyond that waits without holding anything.
const CALLS_AT_ONCE: Widths = Widths { at_once: 4, of_one: 2, waiting: 64 };
const PAGES_AT_ONCE: Widths = Widths { at_once: 4, of_one: 3, waiting: 64 };

/// The program, listening but not yet answering.
#[derive(Debug)]
pub struct Application {
    listener: TcpListener,
    router: axum::Router,
    applier: Applier,
    backfills: Backfills,
    alerts: Alerts,
    jobs: Jobs,
    stop: watch::Sender<bool>,
}

/// Why the program did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The worker that applies events is gone.
    #[error("events are no longer applied: {0}")]
    Applier(tokio::task::JoinError),
}

impl Application {
    /// Brings the schema up to date, makes sure of a tenant, and binds the address.
    pub async fn build(config: &ServeConfig, store: Store, clock: Clock) -> Result<Self, ApplicationError> {
        store.migrate().await?;
        ensure_default_tenant(&store, clock.now()).await?;
        let address = config.bind_addr;
        let listener =
            TcpListener::bind(address).await.map_err(|error| ApplicationError::Listen { address, error })?;
        let applier = Applier::new(store.clone(), clock);
        let (stop, stopping) = watch::channel(false);
        let accounts = accounts(config, store.clone(), clock);
        let backfills = Backfills::new(accounts.clone(), applier.clone(), config.stripe_access());
        let secrets = config.stripe_webhook_secret.clone();
        let alerts = Alerts { store: store.clone(), clock };
        let pipeline = Pipeline { store: store.clone(), clock };
        let connections = Connections {
            accounts: accounts.clone(),
            pipeline: pipeline.clone(),
            access: config.tools.access(),
        };
        let channels = Channels { store: store.clone(), clock, applier: applier.clone() };
        let actions = Actions { store: store.clone(), clock, connections: connections.clone() };
        let jobs = Jobs {
            store: store.clone(),
            clock,
            alerts: alerts.clone(),
            applier: applier.clone(),
            connections: connections.clone(),
            actions: actions.clone(),
            spread: SPREAD,
        };
        let desk = Arc::new(LedgerDesk {
            store: store.clone(),
            clock,
            webhook_url: config.webhook_url(),
            webhook_secret_set: secrets.is_some(),
            accounts: accounts.clone(),
            kept: Kept::default(),
        });
        let services = Services::of(Parts {
            intake: secrets.map(|secrets| Intake { store: store.clone(), clock, secrets }),
            applier: applier.clone(),
            alerts: alerts.clone(),
            channels: channels.clone(),
            pipeline: pipeline.clone(),
            actions: actions.clone(),
            jobs: jobs.clone(),
            office: Arc::new(AccountsOffice {
                pipeline,
                channels,
                actions,
                jobs: jobs.clone(),
                accounts: accounts.clone(),
                desk: desk.clone(),
                backfills: backfills.clone(),
                connections: connections.clone(),
            }),
            connections,
            backfills: backfills.clone(),
            desk,
            doorman: Doorman { store: store.clone(), clock },
            accounts,
            proxies: TrustedProxies::of(&config.trusted_proxies),
            call_limits: CallLimits::new(clock),
            calls: Turnstile::new(CALLS_AT_ONCE),
            pages: Turnstile::new(PAGES_AT_ONCE),
            cookie: SessionCookie::of(&config.public_address()),
            store,
            stopping,
            public_address: config.public_address(),
            leptos: LeptosOptions::builder().output_name("command-center").site_addr(address).build(),
        });
        Ok(Self { listener, router: http::router(services), applier, backfills, alerts, jobs, stop })
    }

    /// The address it listens on, with the port the system chose when none was given.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until told to stop; then lets requests in flight finish.
    pub async fn run_until(
        self,
        stopped: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ApplicationError> {
        let Self { listener, router, applier, backfills, alerts, jobs, stop } = self;
        let watching = tokio::spawn(alerts.watch(applier.clone()));
        let mut working = tokio::spawn(applier.run());
        let reading = tokio::spawn(backfills.work());
        let mut jobs_done = tokio::spawn(jobs.work(stop.subscribe()));
        let mut stopping = stop.subscribe();
        let shutdown = async move {
            stopped.await;
            stop.send_replace(true);
        };
        let outcome = tokio::select! {
            () = serve(listener, router, shutdown) => Ok(()),
            // Acknowledging events that nobody applies would look healthy and be wrong.
            Err(error) = &mut working => Err(ApplicationError::Applier(error)),
            () = async {
                let _ = stopping.wait_for(|stopping| *stopping).await;
                tokio::time::sleep(FAREWELL).await;
            } => Ok(()),
        };
        // Jobs that run are let finish; who is cut off all the same leaves a job that is taken up again.
        if tokio::time::timeout(LAST_JOBS, &mut jobs_done).await.is_err() {
            jobs_done.abort();
        }
        working.abort();
        reading.abort();
        watching.abort();
        outcome
    }
}

/// How many passwords are hashed at once; each takes 19 MiB.
const HASHES_AT_ONCE: usize = 4;

/// What people's accounts are managed with, as configured.
#[must_use]
pub fn accounts(config: &ServeConfig, store: Store, clock: Clock) -> Accounts {
    Accounts {
        store,
        clock,
        hasher: Hasher::new(HASHES_AT_ONCE),
        mailer: config.mailer.clone(),
        secrets_keys: config.secrets_keys.clone(),
        endpoints: Endpoints::default(),
        public_address: config.public_address(),
        is_sign_up_open: config.sign_up == SignUpPolicy::Open,
    }
}
