//! A database of its own for every test, copied from a migrated template.
//!
//! `TEST_DATABASE_URL` names the PostgreSQL to make them in; `make test` starts a throw-away one.

use std::str::FromStr;

use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

use domain::ids::TenantId;

use crate::database::MIGRATIONS;
use crate::{Entry, Store};

/// Held while the template is made, so that one test makes it and the others wait.
const TEMPLATE_LOCK: i64 = 7_264_019_533;

/// A migrated, empty database.
#[derive(Debug)]
pub struct TestDatabase {
    /// The way to it, as the program goes.
    pub store: Store,
    /// A pool of the owner's, for tests that look at tables.
    pub pool: PgPool,
    /// Its URL, for tests that start the program.
    pub url: String,
}

impl TestDatabase {
    /// Makes one.
    pub async fn create() -> Self {
        let server = server_url();
        let mut admin = PgConnection::connect(&server).await.expect("TEST_DATABASE_URL is reachable");
        let template = make_template(&mut admin, &server).await;
        let name = format!("cc_test_{}", unlike_any_other());
        run(&mut admin, format!("create database {name} template {template}")).await;
        let options = options(&server).database(&name);
        let url = with_database(&server, &name);
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .connect_with(options)
            .await
            .expect("the new database takes connections");
        let store = Store::connect(&url, Entry::SwitchRole).await.expect("the new database is reachable");
        Self { store, pool, url }
    }

    /// One that is there.
    pub async fn at(url: String, entry: Entry) -> Self {
        let pool = PgPool::connect(&url).await.expect("the database takes connections");
        let store = Store::connect(&url, entry).await.expect("the database is reachable");
        Self { store, pool, url }
    }
}

fn server_url() -> String {
    std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names a PostgreSQL for tests: use make test")
}

fn options(url: &str) -> PgConnectOptions {
    PgConnectOptions::from_str(url).expect("TEST_DATABASE_URL is a PostgreSQL URL")
}

/// The same server's URL for another of its databases.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let server = address.rsplit_once('/').map_or(address, |(server, _)| server);
    query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}"))
}

/// The template of the present migrations, made by whoever comes first.
async fn make_template(admin: &mut PgConnection, server: &str) -> String {
    let checksums: Vec<u8> = MIGRATIONS.iter().flat_map(|migration| migration.checksum.to_vec()).collect();
    let template = format!("cc_template_{}", Uuid::new_v5(&Uuid::NAMESPACE_OID, &checksums).simple());
    run(admin, format!("select pg_advisory_lock({TEMPLATE_LOCK})")).await;
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&template)
        .fetch_one(&mut *admin)
        .await
        .expect("the catalogue can be read");
    if !exists {
        let unfinished = format!("{template}_unfinished");
        run(admin, format!("drop database if exists {unfinished}")).await;
        run(admin, format!("create database {unfinished}")).await;
        let store = Store::connect(&with_database(server, &unfinished), Entry::SwitchRole).await;
        let store = store.expect("the template takes connections");
        store.migrate().await.expect("the migrations apply to an empty database");
        store.close().await;
        run(admin, format!("alter database {unfinished} rename to {template}")).await;
    }
    run(admin, format!("select pg_advisory_unlock({TEMPLATE_LOCK})")).await;
    template
}

async fn run(admin: &mut PgConnection, statement: String) {
    sqlx::query(AssertSqlSafe(statement)).execute(admin).await.expect("the server lets tests make databases");
}

#[expect(clippy::disallowed_methods, reason = "a database's name must only be unlike the others")]
fn unlike_any_other() -> impl std::fmt::Display {
    Uuid::now_v7().simple()
}

/// A ledger nobody can read meanwhile.
#[derive(Debug)]
pub struct HeldLedger(Transaction<'static, Postgres>);

impl HeldLedger {
    /// Lets everybody read it again.
    pub async fn release(self) {
        self.0.rollback().await.expect("the lock is given back");
    }
}

/// What tests look at.
impl TestDatabase {
    /// What money counts now for a tenant: currency, kind and amount of each row.
    pub async fn current_amounts(&self, tenant: TenantId) -> Vec<(String, String, i64)> {
        sqlx::query_as(
            "select currency, event_type, amount_minor from revenue_events_current
            where tenant_id = $1 and event_type not like 'subscription_%'",
        )
        .bind(tenant.0)
        .fetch_all(&self.pool)
        .await
        .expect("the ledger can be read")
    }

    /// Everything that counts for a tenant as text, the same for equal ledgers: neither versions nor our own times.
    pub async fn ledger_text(&self, tenant: TenantId) -> Vec<String> {
        sqlx::query_scalar(
            "select (to_jsonb(r) - '{id,seq,version,created_at}'::text[])::text from revenue_events_current r
            where tenant_id = $1 order by money_key",
        )
        .bind(tenant.0)
        .fetch_all(&self.pool)
        .await
        .expect("the ledger can be read")
    }

    /// What the rows that count for a tenant were credited from, as text, the same for equal evidence.
    pub async fn evidence_text(&self, tenant: TenantId) -> Vec<String> {
        sqlx::query_scalar(
            "select r.money_key || ' ' || (to_jsonb(e) - '{tenant_id,revenue_event_id}'::text[])::text
            from attribution_evidence e
            join revenue_events_current r on r.tenant_id = e.tenant_id and r.id = e.revenue_event_id
            where e.tenant_id = $1 order by r.money_key, e.rank",
        )
        .bind(tenant.0)
        .fetch_all(&self.pool)
        .await
        .expect("the evidence can be read")
    }

    /// How many changes wait to be looked at again for a tenant.
    pub async fn waiting_changes(&self, tenant: TenantId) -> i64 {
        sqlx::query_scalar("select count(*) from attribution_changes where tenant_id = $1")
            .bind(tenant.0)
            .fetch_one(&self.pool)
            .await
            .expect("the changes can be read")
    }

    /// Every row ever written for a tenant, oldest first, as text.
    pub async fn ledger_history(&self, tenant: TenantId) -> Vec<String> {
        sqlx::query_scalar("select to_jsonb(r)::text from revenue_events r where tenant_id = $1 order by seq")
            .bind(tenant.0)
            .fetch_all(&self.pool)
            .await
            .expect("the ledger can be read")
    }

    /// The movements of recurring revenue that count now, in order of time, without what tells when we wrote them.
    pub async fn movements_text(&self, tenant: TenantId) -> Vec<String> {
        sqlx::query_scalar(
            "select (to_jsonb(m) - 'id' - 'seq' - 'version' - 'created_at' - 'superseded_at')::text
            from mrr_movements_current m where tenant_id = $1 order by effective_at, movement_key",
        )
        .bind(tenant.0)
        .fetch_all(&self.pool)
        .await
        .expect("movements can be read")
    }

    /// Every version of every subscription, as text.
    pub async fn versions_text(&self, tenant: TenantId) -> Vec<String> {
        sqlx::query_scalar(
            "select (to_jsonb(v) - 'digest')::text from subscription_versions v
            where tenant_id = $1 order by subscription_id, ordinal",
        )
        .bind(tenant.0)
        .fetch_all(&self.pool)
        .await
        .expect("versions can be read")
    }

    /// What recurs a month at a moment, by currency, counted three ways: by movements, by the ledger's rows, and by
    /// the subscriptions that stood then.
    pub async fn mrr_three_ways(&self, tenant: TenantId, at: Timestamp) -> [Vec<(String, i64)>; 3] {
        let by_movements = "select currency, sum(amount_minor)::bigint from mrr_movements_current
            where tenant_id = $1 and effective_at < $2::text::timestamptz
            group by 1 having sum(amount_minor) <> 0 order by 1";
        let by_rows = "select currency, sum(mrr_impact_minor)::bigint from revenue_events_current
            where tenant_id = $1 and stripe_created_at < $2::text::timestamptz
            group by 1 having sum(mrr_impact_minor) <> 0 order by 1";
        let by_subscriptions = "select currency, sum(mrr_minor)::bigint from (
                select distinct on (subscription_id) * from subscription_versions
                where tenant_id = $1 and effective_from < $2::text::timestamptz order by subscription_id, ordinal desc) v
            group by 1 having sum(mrr_minor) <> 0 order by 1";
        let mut ways = [Vec::new(), Vec::new(), Vec::new()];
        for (way, query) in ways.iter_mut().zip([by_movements, by_rows, by_subscriptions]) {
            *way = sqlx::query_as(query)
                .bind(tenant.0)
                .bind(at.to_string())
                .fetch_all(&self.pool)
                .await
                .expect("recurring revenue can be read");
        }
        ways
    }

    /// What of the ledger's invariants does not hold for a tenant: that each charge has one payment, that no more
    /// went back than came in, that recurring revenue is one figure however it is counted, that every rollup is the
    /// grouping of rows it says it is.
    pub async fn broken_invariants(&self, tenant: TenantId) -> Vec<String> {
        let mut broken: Vec<String> = sqlx::query_scalar(
            "select 'paid more than once: ' || stripe_charge_id from revenue_events_current
            where tenant_id = $1 and event_type = 'payment' and stripe_charge_id is not null
            group by stripe_charge_id having count(*) > 1
            union all
            select 'more went back than came in: ' || stripe_charge_id from revenue_events_current
            where tenant_id = $1 and stripe_charge_id is not null and event_type in ('payment', 'refund', 'refund_failed')
            group by stripe_charge_id
            having bool_or(event_type = 'payment') and sum(amount_minor) < 0
            union all
            select 'money without a row: ' || string_agg(f.stripe_event_id, ', ') from payment_facts f
            where f.tenant_id = $1 and f.amount_minor > 0
              and exists (select from payment_names n where n.tenant_id = $1 and n.payment_id = f.payment_id)
              and not exists (select from payment_names n
                join revenue_events_current r on r.tenant_id = $1 and r.event_type = 'payment' and n.name in
                    (r.payment_name, r.stripe_invoice_id, r.stripe_payment_intent_id, r.stripe_charge_id)
                where n.tenant_id = $1 and n.payment_id = f.payment_id)
            having count(*) > 0
            union all
            select 'more is told by ' || way || ' than by rows: ' || (told - counted)::text from (
                select coalesce(sum(base_amount_minor), 0) as counted from revenue_events_current
                where tenant_id = $1 and event_type not like 'subscription_%') l,
                lateral (values
                    ('period and product', (select coalesce(sum(payment_minor + adjustment_minor + refund_minor
                        + dispute_minor), 0) from revenue_days where tenant_id = $1)),
                    ('channel', (select coalesce(sum(payment_minor + adjustment_minor + refund_minor + dispute_minor), 0)
                        from channel_days where tenant_id = $1)),
                    ('product', (select coalesce(sum(payment_minor + adjustment_minor + refund_minor + dispute_minor), 0)
                        from product_days where tenant_id = $1))) as told (way, told)
            where told <> counted
            union all
            select 'counts twice: ' || money_key from revenue_events_current
            where tenant_id = $1 group by money_key having count(*) > 1",
        )
        .bind(tenant.0)
        .fetch_all(&self.pool)
        .await
        .expect("the ledger can be read");
        for moment in ["2026-03-01T00:00:00Z", "2026-11-20T14:02:00Z", "2100-01-01T00:00:00Z"] {
            let at: Timestamp = moment.parse().expect("a moment");
            let [by_movements, by_rows, by_subscriptions] = self.mrr_three_ways(tenant, at).await;
            if by_movements != by_rows || by_movements != by_subscriptions {
                broken.push(format!(
                    "MRR at {moment}: {by_movements:?} moved, {by_rows:?} in rows, {by_subscriptions:?} in subscriptions"
                ));
            }
        }
        broken.extend(self.rollups_that_differ(tenant).await);
        broken
    }

    /// Lines of the rollups that differ from what rows come to.
    pub async fn rollups_that_differ(&self, tenant: TenantId) -> Vec<String> {
        let days = |what: &str, counted: &str, holds: &str| {
            format!(
                "(select '{what} has ' || d::text as line from (
                    select * from {what} where tenant_id = $1 and {holds} except all select * from {counted}) d)
                union all
                (select '{what} lacks ' || d::text from (
                    select * from {counted} except all select * from {what} where tenant_id = $1) d)"
            )
        };
        let zone = "(select timezone from rollups where tenant_id = $1)";
        let all = [
            days("first_payments", "counted_first_payments($1)", "true"),
            days("new_customers_days", &format!("counted_new_customers_days($1, {zone})"), "customers <> 0"),
            days("revenue_days", &format!("counted_revenue_days($1, {zone})"), "row_count <> 0"),
            days("channel_days", "counted_channel_days($1)", "row_count <> 0"),
            days("product_days", "counted_product_days($1)", "row_count <> 0"),
            days("unconverted_days", &format!("counted_unconverted_days($1, {zone})"), "row_count <> 0"),
            days("subscriber_days", &format!("counted_subscriber_days($1, null, {zone})"), "true"),
            days(
                "mrr_days",
                "counted_mrr_days($1)",
                "day in (select day from subscriber_days where tenant_id = $1)",
            ),
        ]
        .join(" union all ");
        sqlx::query_scalar(AssertSqlSafe(format!("select line from ({all}) as lines")))
            .bind(tenant.0)
            .fetch_all(&self.pool)
            .await
            .expect("the rollups can be read")
    }

    /// Does what nobody should: runs a statement as the owner, with the triggers that protect history off.
    pub async fn as_owner_past_triggers(&self, statement: &str) {
        let statement = format!("begin; set local session_replication_role = replica; {statement}; commit");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&self.pool).await.expect("the owner may");
    }

    /// Has every row that is written to the ledger fail, as when two transactions are in each other's way.
    pub async fn fail_writing_rows(&self) {
        let failing = "create function fail_writing() returns trigger language plpgsql as
            $$ begin raise exception 'out of luck' using errcode = 'serialization_failure'; end $$;
            create trigger fail_writing before insert on revenue_events for each row execute function fail_writing()";
        sqlx::raw_sql(failing).execute(&self.pool).await.expect("the owner may");
    }

    /// Ends that.
    pub async fn write_rows_again(&self) {
        let healed = "drop trigger fail_writing on revenue_events";
        sqlx::raw_sql(healed).execute(&self.pool).await.expect("the owner may");
    }

    /// What tells whether rows that were written stay as they were: how many there are up to a place in the order of
    /// writing, and what they come to.
    pub async fn ledger_prefix(&self, tenant: TenantId, up_to: Option<i64>) -> (i64, i64, Option<String>) {
        sqlx::query_as(
            "select coalesce(max(seq), 0), count(*), md5(string_agg(r::text, '' order by seq)) from revenue_events r
            where tenant_id = $1 and ($2::bigint is null or seq <= $2)",
        )
        .bind(tenant.0)
        .bind(up_to)
        .fetch_one(&self.pool)
        .await
        .expect("the ledger can be read")
    }

    /// How many of one tenant's rows another tenant's role sees.
    pub async fn rows_seen_by(&self, other: TenantId, tenant: TenantId) -> i64 {
        let mut transaction = self.pool.begin().await.expect("a transaction begins");
        sqlx::query("select set_config('role', 'command_center_tenant', true), set_config('command_center.tenant', $1, true)")
            .bind(other.to_string())
            .execute(&mut *transaction)
            .await
            .expect("the role can be put on");
        sqlx::query_scalar(
            "select (select count(*) from revenue_events where tenant_id = $1)
                + (select count(*) from stripe_events where tenant_id = $1)
                + (select count(*) from payment_facts where tenant_id = $1)
                + (select count(*) from revenue_days where tenant_id = $1)
                + (select count(*) from mrr_movements where tenant_id = $1)",
        )
        .bind(tenant.0)
        .fetch_one(&mut *transaction)
        .await
        .expect("the role may look")
    }

    /// The ids of the events that are durable for a tenant.
    pub async fn event_ids(&self, tenant: TenantId) -> Vec<String> {
        sqlx::query_scalar("select stripe_event_id from stripe_events where tenant_id = $1 order by seq")
            .bind(tenant.0)
            .fetch_all(&self.pool)
            .await
            .expect("the events can be read")
    }

    /// The bodies of the events whose ids begin like this.
    pub async fn event_bodies(&self, tenant: TenantId, beginning: &str) -> Vec<Vec<u8>> {
        sqlx::query_scalar(
            "select body from stripe_events where tenant_id = $1 and starts_with(stripe_event_id, $2) order by seq",
        )
        .bind(tenant.0)
        .bind(beginning)
        .fetch_all(&self.pool)
        .await
        .expect("the events can be read")
    }

    /// The state and reason of an event.
    pub async fn event_state(&self, tenant: TenantId, event: &str) -> Option<(String, Option<String>)> {
        sqlx::query_as(
            "select state, reason from stripe_events where tenant_id = $1 and stripe_event_id = $2",
        )
        .bind(tenant.0)
        .bind(event)
        .fetch_optional(&self.pool)
        .await
        .expect("the events can be read")
    }

    /// Keeps everybody from reading the ledger until it is dropped: every question about figures takes that long.
    pub async fn hold_ledger(&self) -> HeldLedger {
        let mut transaction = self.pool.begin().await.expect("a transaction begins");
        sqlx::query("lock table rollups, revenue_events in access exclusive mode")
            .execute(&mut *transaction)
            .await
            .expect("the ledger can be locked");
        HeldLedger(transaction)
    }

    /// Gives a tenant a timezone there is none of.
    pub async fn break_timezone(&self, tenant: TenantId) {
        sqlx::query("update tenants set timezone = 'Mars/Phobos' where id = $1")
            .bind(tenant.0)
            .execute(&self.pool)
            .await
            .expect("the tenant can be changed");
    }

    /// The net revenue of a channel.
    pub async fn net_of_channel(&self, tenant: TenantId, channel: &str) -> i64 {
        sqlx::query_scalar(
            "select coalesce(sum(amount_minor), 0)::bigint from revenue_events_current
            where tenant_id = $1 and attribution_channel = $2",
        )
        .bind(tenant.0)
        .bind(channel)
        .fetch_one(&self.pool)
        .await
        .expect("the ledger can be read")
    }
}
