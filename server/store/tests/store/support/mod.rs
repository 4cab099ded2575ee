//! Two tenants with rows in every table, and the ids to ask for them by.

#![expect(unreachable_pub, reason = "test files use it")]

pub mod actions;
pub mod alerts;
pub mod books;
pub mod channels;
pub mod connections;
pub mod jobs;
pub mod past;
pub mod people;
pub mod pipeline;
pub mod proxy;
pub mod subscriptions;

use domain::attribution::Order;
use domain::channel::{Channel, ChannelSlug};
use domain::ids::{
    ActionId, AlertId, ApiKeyId, AuditId, BackfillId, CampaignId, CostId, CostTemplateId, DealId, EventId,
    ImportFileId, ImportId, InvitationId, JobId, LeadId, LedgerRowId, RuleId, SessionId, SyncId, TenantId,
    TouchId, UserId,
};
use domain::money::Currency;
use domain::period::WeekStart;
use domain::tenant::{Economics, Tenant};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::Store;
use store::testing::TestDatabase;
use uuid::Uuid;

/// The moment every test takes place at.
pub fn now() -> Timestamp {
    "2026-11-20T14:02:00Z".parse().unwrap()
}

/// So many minutes later.
pub fn later(minutes: i64) -> Timestamp {
    now() + jiff::SignedDuration::from_mins(minutes)
}

/// A tenant and one of everything it has.
#[derive(Clone, Debug)]
pub struct Side {
    pub tenant: Tenant,
    pub user: UserId,
    pub email: String,
    pub session: SessionId,
    pub session_hash: [u8; 32],
    pub reset_hash: [u8; 32],
    pub invitation: InvitationId,
    pub invitation_hash: [u8; 32],
    pub key: ApiKeyId,
    pub key_hash: [u8; 32],
    pub audit: AuditId,
    pub lead: LeadId,
    pub lead_email: String,
    /// An event that is applied, and one that waits.
    pub event: EventId,
    pub waiting: EventId,
    pub payment: Uuid,
    /// A name of the payment, which is also that of its rows.
    pub payment_name: String,
    /// A row that counts, and the one it superseded.
    pub row: LedgerRowId,
    pub old_row: LedgerRowId,
    /// Rates the ledger is converted with, and some it waits to be.
    pub rate_change: Uuid,
    pub rates_waiting: Uuid,
    /// The price of the subscription, the movement it caused, and recounts asked for.
    pub price: String,
    pub movement: Uuid,
    pub recount: Uuid,
    pub old_recount: Uuid,
    /// An override of the payment's channel.
    pub said: Uuid,
    /// The past that is being read, and one that was.
    pub backfill: BackfillId,
    pub old_backfill: BackfillId,
    pub touch: TouchId,
    pub campaign: CampaignId,
    pub deal: DealId,
    pub cost: CostId,
    pub cost_template: CostTemplateId,
    pub import: ImportId,
    pub alert: AlertId,
    pub job: JobId,
    pub action: ActionId,
    /// A tool that was read, and is being read.
    pub old_sync: SyncId,
    pub sync: SyncId,
    pub rule: RuleId,
    pub import_file: ImportFileId,
}

impl Side {
    /// The ids of a tenant's, which follow from its short name.
    pub fn named(slug: &str) -> Self {
        let id = |what: &str| Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{slug} {what}").as_bytes());
        Self {
            tenant: tenant(slug),
            user: UserId(id("user")),
            email: format!("{slug}@example.com"),
            session: SessionId(id("session")),
            session_hash: hash(&format!("{slug} session")),
            reset_hash: hash(&format!("{slug} reset")),
            invitation: InvitationId(id("invitation")),
            invitation_hash: hash(&format!("{slug} invitation")),
            key: ApiKeyId(id("key")),
            key_hash: hash(&format!("{slug} key")),
            audit: AuditId(id("audit")),
            lead: LeadId(id("lead")),
            lead_email: format!("lead-of-{slug}@example.com"),
            event: format!("evt_{slug}applied").parse().unwrap(),
            waiting: format!("evt_{slug}waiting").parse().unwrap(),
            payment: id("payment"),
            payment_name: format!("in_{slug}"),
            row: LedgerRowId(id("row")),
            old_row: LedgerRowId(id("old row")),
            rate_change: id("rate change"),
            rates_waiting: id("rates waiting"),
            price: format!("price_{slug}"),
            movement: id("movement"),
            recount: id("recount"),
            old_recount: id("old recount"),
            said: id("override"),
            backfill: BackfillId(id("backfill")),
            old_backfill: BackfillId(id("old backfill")),
            touch: TouchId(id("touch")),
            campaign: CampaignId(id("campaign")),
            deal: DealId(id("deal")),
            cost: CostId(id("cost")),
            cost_template: CostTemplateId(id("cost template")),
            import: ImportId(id("import")),
            alert: AlertId(id("alert")),
            job: JobId(id("job")),
            action: ActionId(id("action")),
            old_sync: SyncId(id("old sync")),
            sync: SyncId(id("sync")),
            rule: RuleId(id("rule")),
            import_file: ImportFileId(id("import file")),
        }
    }

    /// The Stripe customer who pays.
    pub fn customer(&self) -> String {
        format!("cus_{}", self.tenant.slug)
    }

    pub fn id(&self) -> TenantId {
        self.tenant.id
    }

    /// The subscription that is paid for.
    pub fn subscription(&self) -> String {
        format!("sub_{}", self.tenant.slug)
    }
}

/// A database in which both tenants have rows in every table.
#[derive(Debug)]
pub struct World {
    pub database: TestDatabase,
    pub ours: Side,
    pub theirs: Side,
}

impl World {
    pub async fn create() -> Self {
        let database = TestDatabase::create().await;
        let world = Self { ours: Side::named("ours"), theirs: Side::named("theirs"), database };
        for side in [&world.ours, &world.theirs] {
            people::fill(world.store(), side).await;
            books::fill(world.store(), side).await;
            subscriptions::fill(world.store(), side).await;
            past::fill(world.store(), side).await;
            pipeline::fill(world.store(), side).await;
            alerts::fill(world.store(), side).await;
            jobs::fill(world.store(), side).await;
            actions::fill(world.store(), side).await;
            connections::fill(world.store(), side).await;
            channels::fill(world.store(), side).await;
        }
        world
    }

    pub fn store(&self) -> &Store {
        &self.database.store
    }
}

pub fn tenant(slug: &str) -> Tenant {
    Tenant {
        id: TenantId(Uuid::new_v5(&Uuid::NAMESPACE_OID, slug.as_bytes())),
        slug: slug.to_owned(),
        name: format!("Company {slug}"),
        currency: Currency::USD,
        timezone: TimeZone::UTC,
        week_start: WeekStart::Monday,
        economics: Economics::default(),
        definition: &domain::definition::Definition::STRIPE,
        attribution_order: Order::default(),
        version: 1,
    }
}

pub fn channel(slug: &str) -> Channel {
    Channel::new(ChannelSlug::stored(slug.to_owned()), slug, 1)
}

/// Something that looks like a hash, and is another for every text.
pub fn hash(text: &str) -> [u8; 32] {
    let first = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes());
    let second = Uuid::new_v5(&first, text.as_bytes());
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(first.as_bytes());
    hash[16..].copy_from_slice(second.as_bytes());
    hash
}
