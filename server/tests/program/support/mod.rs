//! The program as a test starts it: on a port of its own, a database of its own, a fixed clock, two tenants.

#![expect(unreachable_pub, reason = "the tests of this program use it")]

pub mod binary;
pub mod fake_stripe;
pub mod mail;
pub mod markers;
pub mod outreach;
pub mod past;
pub mod people;
pub mod tables;
pub mod tools;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use domain::access::Role;
use domain::ids::{EventId, LeadId, TenantId};
use domain::lead::{Stage, Told};
use domain::tenant::Tenant;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Response};
use serde_json::Value;
use server::actions::Actions;
use server::alerts::Alerts;
use server::application::Application;
use server::applier::{Applier, RebuildError};
use server::clock::Clock;
use server::config::ServeConfig;
use server::connections::Connections;
use server::database::{common_channels, ensure_default_tenant, tenant};
use server::intake::Intake;
use server::jobs::Jobs;
use server::pipeline::Pipeline;
use server::stripe::envelope::Envelope;
use server::stripe::signature::{SigningSecrets, sign};
use store::leads::{Bringing, LeadTold};
use store::mrr::Standing;
use store::testing::TestDatabase;
use store::{Store, StoreError};
use tokio::task::JoinHandle;
use uuid::Uuid;

use people::{Browser, Somebody, platform_admin, somebody};
use tables::Tables;

pub const SECRET: &str = "whsec_test";

/// The moment every test takes place at.
pub fn now() -> Timestamp {
    "2026-11-20T14:02:00Z".parse().unwrap()
}

/// A ledger with two tenants, and the way events take into it.
pub struct Ledger {
    pub database: TestDatabase,
    pub ours: Tenant,
    pub theirs: Tenant,
    pub intake: Intake,
    pub applier: Applier,
    /// What was acknowledged, and how the ledger stood when it was last looked at.
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    acknowledged: BTreeSet<(TenantId, String)>,
    ledgers: BTreeMap<TenantId, (i64, i64, Option<String>)>,
}

/// Up to how many events everything is made again after each look.
const REBUILT_UP_TO: usize = 40;

impl Ledger {
    pub async fn create() -> Self {
        let database = TestDatabase::create().await;
        let store = database.store.clone();
        let ours = ensure_default_tenant(&store, now()).await.unwrap();
        let theirs = tenant("theirs", "Theirs");
        assert!(store.tenant_insert(&theirs, &common_channels(), now()).await.unwrap());
        let clock = Clock::Fixed(now());
        let secrets = SigningSecrets::exactly(vec![SECRET.to_owned()]);
        let intake = Intake { store: store.clone(), clock, secrets };
        Self { applier: Applier::new(store, clock), database, ours, theirs, intake, seen: Mutex::default() }
    }

    pub fn store(&self) -> &Store {
        &self.database.store
    }

    /// Sends a signed body to our tenant.
    pub async fn send(&self, body: &[u8]) {
        let signature = sign(body, SECRET, now());
        let receipt = self.intake.receive(Some(&signature), body).await.unwrap();
        let named = Envelope::read(body).unwrap();
        if named.tenant.is_none() && named.account.is_none() {
            self.acknowledged(&self.ours, receipt.event);
        }
    }

    fn acknowledged(&self, tenant: &Tenant, event: EventId) {
        self.seen.lock().unwrap().acknowledged.insert((tenant.id, event.to_string()));
    }

    /// Sends a signed body to the other tenant.
    pub async fn send_to_them(&self, body: &[u8]) {
        let signature = sign(body, SECRET, now());
        let receipt = self.intake.receive_for(&self.theirs, Some(&signature), body).await.unwrap();
        self.acknowledged(&self.theirs, receipt.event);
    }

    /// Sends a signed body to a tenant of the test's own.
    pub async fn intake_for(&self, tenant: &Tenant, body: &[u8]) {
        let signature = sign(body, SECRET, now());
        self.intake.receive_for(tenant, Some(&signature), body).await.unwrap();
    }

    /// Applies what waits; after that the invariants hold, whatever came.
    pub async fn apply(&self) {
        self.applier.apply_all().await.unwrap();
        for tenant in [&self.ours, &self.theirs] {
            let broken = self.database.broken_invariants(tenant.id).await;
            assert!(broken.is_empty(), "{broken:?}");
            self.assert_nothing_is_lost(tenant).await;
            self.assert_rows_stay(tenant).await;
        }
        assert_eq!(self.database.rows_seen_by(self.theirs.id, self.ours.id).await, 0, "their role sees ours");
        assert_eq!(self.database.rows_seen_by(self.ours.id, self.theirs.id).await, 0, "our role sees theirs");
    }

    /// I2 and I8: what was acknowledged is there, and makes again what stands.
    async fn assert_nothing_is_lost(&self, tenant: &Tenant) {
        let stored: BTreeSet<String> = self.database.event_ids(tenant.id).await.into_iter().collect();
        let acknowledged = self.seen.lock().unwrap().acknowledged.clone();
        let lost = acknowledged.iter().find(|(whose, id)| *whose == tenant.id && !stored.contains(id));
        assert_eq!(lost, None, "acknowledged and not stored");
        if stored.is_empty() || stored.len() > REBUILT_UP_TO {
            return;
        }
        match self.applier.rebuild(tenant.id, false).await {
            Ok(rebuilt) => assert!(rebuilt.is_same(), "made again it is another: {rebuilt:?}"),
            // An event that waits to be tried again, or settings a test broke.
            Err(RebuildError::Behind | RebuildError::Store(StoreError::Unreadable { .. })) => {}
            Err(RebuildError::Store(error)) => panic!("{error}"),
        }
    }

    /// I6: rows that were written never change nor vanish.
    async fn assert_rows_stay(&self, tenant: &Tenant) {
        let before = self.seen.lock().unwrap().ledgers.get(&tenant.id).cloned();
        if let Some(before) = before {
            let still = self.database.ledger_prefix(tenant.id, Some(before.0)).await;
            assert_eq!(still, before, "a row that was written has changed");
        }
        let now = self.database.ledger_prefix(tenant.id, None).await;
        self.seen.lock().unwrap().ledgers.insert(tenant.id, now);
    }

    /// What counts now, per currency: gross, refunds (positive) and net.
    pub async fn sums(&self, tenant: &Tenant) -> BTreeMap<String, Sums> {
        let rows = self.database.current_amounts(tenant.id).await;
        let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
        for (currency, kind, amount) in rows {
            let sum = sums.entry(currency).or_default();
            sum.net += amount;
            match kind.as_str() {
                "payment" => sum.gross += amount,
                _ => sum.refunds -= amount,
            }
        }
        sums
    }

    /// What recurs for our tenant at the end of the day of a moment.
    pub async fn standing(&self, at: Timestamp) -> Standing {
        let mut snapshot = self.store().snapshot(self.ours.id, now()).await.unwrap().unwrap();
        let day = snapshot.tenant().date_of(at);
        snapshot.mrr_standing(day).await.unwrap()
    }

    /// A lead of our tenant.
    pub async fn lead(&self, tenant: &Tenant, email: &str, source: &str) {
        let lead = LeadTold {
            email: Told::Is(email.to_owned()),
            source: Some(source.to_owned()),
            stage: Some(Stage::Closed),
            ..LeadTold::of(LeadId(Uuid::new_v5(&tenant.id.0, email.as_bytes())), email.to_owned())
        };
        self.store().leads_put(tenant.id, &[lead], Bringing::at(now())).await.unwrap();
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub gross: i64,
    pub refunds: i64,
    pub net: i64,
}

/// What a program is told that takes events and nothing else.
pub fn config() -> ServeConfig {
    let plain = ServeConfig::plain("127.0.0.1:0".parse().unwrap());
    ServeConfig { stripe_webhook_secret: SigningSecrets::parse(SECRET).ok(), ..plain }
}

/// The program, answering on a port of its own, with an admin of our tenant at a browser.
pub struct Program {
    pub ledger: Ledger,
    pub address: String,
    pub client: Client,
    pub people: People,
    pub admin: Browser,
    config: ServeConfig,
    _running: Running,
}

/// A program that answers until it is dropped.
pub struct Running {
    pub address: String,
    task: JoinHandle<()>,
}

impl Running {
    pub async fn start(config: &ServeConfig, store: &Store, moment: Timestamp) -> Self {
        let application = Application::build(config, store.clone(), Clock::Fixed(moment)).await.unwrap();
        let address = format!("http://{}", application.address().unwrap());
        let task = tokio::spawn(async move {
            application.run_until(std::future::pending()).await.unwrap();
        });
        Self { address, task }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Somebody in every role.
pub struct People {
    pub viewer: Somebody,
    pub operator: Somebody,
    pub admin: Somebody,
    pub owner: Somebody,
    pub their_admin: Somebody,
    pub platform: Somebody,
}

impl People {
    async fn of(ledger: &Ledger) -> Self {
        let (store, ours, theirs) = (ledger.store(), ledger.ours.id, ledger.theirs.id);
        Self {
            viewer: somebody(store, "viewer@ours.example", &[(ours, Role::Viewer)]).await,
            operator: somebody(store, "operator@ours.example", &[(ours, Role::Operator)]).await,
            admin: somebody(store, "admin@ours.example", &[(ours, Role::Admin)]).await,
            owner: somebody(store, "owner@ours.example", &[(ours, Role::Owner)]).await,
            their_admin: somebody(store, "admin@theirs.example", &[(theirs, Role::Admin)]).await,
            platform: platform_admin(store, "platform@example.org").await,
        }
    }
}

impl Program {
    pub async fn start() -> Self {
        Self::start_with(Some(SECRET)).await
    }

    pub async fn start_with(secret: Option<&str>) -> Self {
        let secrets = secret.map(|secret| SigningSecrets::parse(secret).unwrap());
        Self::start_as(ServeConfig { stripe_webhook_secret: secrets, ..config() }).await
    }

    /// Starts with a configuration of the test's own.
    pub async fn start_as(config: ServeConfig) -> Self {
        Self::on(Ledger::create().await, config).await
    }

    /// Starts on what was told already.
    pub async fn on(ledger: Ledger, config: ServeConfig) -> Self {
        let running = Running::start(&config, ledger.store(), now()).await;
        let address = running.address.clone();
        let people = People::of(&ledger).await;
        let admin = Browser::of(&address, ledger.store(), &people.admin, Some(ledger.ours.id)).await;
        Self { ledger, address, client: Client::new(), people, admin, config, _running: running }
    }

    /// The same program on the same data, some time later.
    pub async fn later(&self, passed: SignedDuration) -> Running {
        Running::start(&self.config, self.ledger.store(), now() + passed).await
    }

    /// Who does jobs, at the moment every test takes place at.
    pub fn jobs(&self) -> Jobs {
        self.jobs_at(0)
    }

    /// Who does jobs, so many minutes later.
    pub fn jobs_at(&self, minutes: i64) -> Jobs {
        let clock = Clock::Fixed(now() + SignedDuration::from_mins(minutes));
        let store = self.ledger.store().clone();
        let connections = Connections {
            accounts: self.accounts(),
            pipeline: Pipeline { store: store.clone(), clock },
            access: self.config.tools.access(),
        };
        Jobs {
            alerts: Alerts { store: store.clone(), clock },
            applier: self.ledger.applier.clone(),
            actions: Actions { store: store.clone(), clock, connections: connections.clone() },
            connections,
            store,
            clock,
            // Late enough for a test to do something about a job before it is begun.
            spread: Duration::from_secs(3_600)..Duration::from_secs(3_600),
        }
    }

    /// Every row there is.
    pub async fn tables(&self) -> Tables {
        Tables::of(&self.ledger.database.url).await
    }

    /// What was written down in our tenant, oldest first.
    pub async fn audit_log(&self) -> Vec<Value> {
        let ours = self.ledger.ours.id.to_string();
        let mut lines = self.tables().await.rows("audit_log").to_vec();
        lines.retain(|line| line["tenant_id"] == ours.as_str());
        lines.sort_by_key(|line| line["seq"].as_i64());
        lines
    }

    /// A browser of somebody's, looking at the tenant they belong to.
    pub async fn browser(&self, who: &Somebody) -> Browser {
        Browser::of(&self.address, self.ledger.store(), who, None).await
    }

    /// A browser nobody is signed in with.
    pub fn stranger(&self) -> Browser {
        Browser::new(&self.address)
    }

    /// Asks as an admin of our tenant.
    pub async fn get(&self, path: &str) -> Response {
        self.admin.get(path).await
    }

    /// The same, by who takes answers so coded.
    pub async fn get_taking(&self, path: &str, coding: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.address)).header("accept-encoding", coding);
        request.header("cookie", self.admin.cookie.clone().unwrap()).send().await.unwrap()
    }

    pub async fn get_json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// Posts a body with a good signature.
    pub async fn post_event(&self, body: &[u8]) -> Response {
        self.post_with(body, Some(&sign(body, SECRET, now()))).await
    }

    pub async fn post_with(&self, body: &[u8], signature: Option<&str>) -> Response {
        let mut request = self
            .client
            .post(format!("{}/api/webhooks/stripe", self.address))
            .header("content-type", "application/json; charset=utf-8")
            .body(body.to_vec());
        if let Some(signature) = signature {
            request = request.header("stripe-signature", signature);
        }
        request.send().await.unwrap()
    }
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The bodies of a folder of fixtures, in the order of their names.
pub fn bodies_in(folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = std::fs::read_dir(fixtures().join(folder))
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap() != "EXPECTED.json")
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{folder} holds no fixtures");
    found
}

pub fn json_fixture(path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixtures().join(path)).unwrap()).unwrap()
}
