//! The roles the program works as: what they are, and the list of everything they may.

use domain::ids::TenantId;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};
use store::testing::TestDatabase;
use store::{Entry, Store};
use uuid::Uuid;

/// Everything either role was granted. Review a change of it as you would a change of the program.
const GRANTS: &str = "
command_center_platform: delete on password_resets
command_center_platform: delete on sign_in_attempts
command_center_platform: insert on audit_log
command_center_platform: insert on channels
command_center_platform: insert on memberships
command_center_platform: insert on password_resets
command_center_platform: insert on sessions
command_center_platform: insert on sign_in_attempts
command_center_platform: insert on tenants
command_center_platform: insert on users
command_center_platform: select (account_id, tenant_id) on stripe_accounts
command_center_platform: select (actor_id, at, deed, tenant_id) on audit_log
command_center_platform: select (counted_at, tenant_id) on mrr_recounts
command_center_platform: select (settled_at, tenant_id) on exchange_rate_changes
command_center_platform: select (state, tenant_id) on backfills
command_center_platform: select (state, tenant_id) on stripe_events
command_center_platform: select (state, tenant_id, tool) on connections
command_center_platform: select (tenant_id) on attribution_changes
command_center_platform: select on _sqlx_migrations
command_center_platform: select on api_keys
command_center_platform: select on invitations
command_center_platform: select on memberships
command_center_platform: select on password_resets
command_center_platform: select on sessions
command_center_platform: select on sign_in_attempts
command_center_platform: select on tenants
command_center_platform: select on users
command_center_platform: update (accepted_at) on invitations
command_center_platform: update (attempts, window_start) on sign_in_attempts
command_center_platform: update (disabled_at, is_platform_admin, name, password_hash) on users
command_center_platform: update (ended_at, last_seen_at, tenant_id) on sessions
command_center_platform: update (last_used_at) on api_keys
command_center_platform: update (role) on memberships
command_center_platform: update (used_at) on password_resets
command_center_platform: usage on schema public
command_center_tenant: delete on attribution_changes
command_center_tenant: delete on attribution_clues
command_center_tenant: delete on campaigns
command_center_tenant: delete on channel_days
command_center_tenant: delete on channel_rules
command_center_tenant: delete on channels
command_center_tenant: delete on deals
command_center_tenant: delete on dunning
command_center_tenant: delete on dunning_facts
command_center_tenant: delete on first_payments
command_center_tenant: delete on import_file_pieces
command_center_tenant: delete on import_file_problems
command_center_tenant: delete on import_files
command_center_tenant: delete on jobs
command_center_tenant: delete on lead_stage_facts
command_center_tenant: delete on lead_stays
command_center_tenant: delete on leads
command_center_tenant: delete on linked_records
command_center_tenant: delete on memberships
command_center_tenant: delete on mrr_days
command_center_tenant: delete on new_customers_days
command_center_tenant: delete on payment_facts
command_center_tenant: delete on payment_names
command_center_tenant: delete on pricing_terms
command_center_tenant: delete on product_days
command_center_tenant: delete on revenue_days
command_center_tenant: delete on stripe_customers
command_center_tenant: delete on subscriber_days
command_center_tenant: delete on subscription_facts
command_center_tenant: delete on subscription_versions
command_center_tenant: delete on tenant_secrets
command_center_tenant: delete on unconverted_days
command_center_tenant: insert on action_events
command_center_tenant: insert on action_leads
command_center_tenant: insert on actions
command_center_tenant: insert on alert_comments
command_center_tenant: insert on alert_events
command_center_tenant: insert on alerts
command_center_tenant: insert on api_keys
command_center_tenant: insert on attribution_changes
command_center_tenant: insert on attribution_clues
command_center_tenant: insert on attribution_evidence
command_center_tenant: insert on attribution_overrides
command_center_tenant: insert on audit_log
command_center_tenant: insert on backfill_cursors
command_center_tenant: insert on backfills
command_center_tenant: insert on campaigns
command_center_tenant: insert on channel_costs
command_center_tenant: insert on channel_days
command_center_tenant: insert on channel_rules
command_center_tenant: insert on channels
command_center_tenant: insert on connections
command_center_tenant: insert on cost_templates
command_center_tenant: insert on deals
command_center_tenant: insert on dunning
command_center_tenant: insert on dunning_facts
command_center_tenant: insert on exchange_rate_changes
command_center_tenant: insert on exchange_rates
command_center_tenant: insert on first_payments
command_center_tenant: insert on import_file_pieces
command_center_tenant: insert on import_file_problems
command_center_tenant: insert on import_files
command_center_tenant: insert on imports
command_center_tenant: insert on invitations
command_center_tenant: insert on jobs
command_center_tenant: insert on lead_stage_facts
command_center_tenant: insert on lead_stays
command_center_tenant: insert on lead_touches
command_center_tenant: insert on leads
command_center_tenant: insert on ledger_seals
command_center_tenant: insert on linked_records
command_center_tenant: insert on mrr_days
command_center_tenant: insert on mrr_movements
command_center_tenant: insert on mrr_recounts
command_center_tenant: insert on new_customers_days
command_center_tenant: insert on payment_facts
command_center_tenant: insert on payment_names
command_center_tenant: insert on pricing_terms
command_center_tenant: insert on product_days
command_center_tenant: insert on restatements
command_center_tenant: insert on revenue_days
command_center_tenant: insert on revenue_event_supersessions
command_center_tenant: insert on revenue_events
command_center_tenant: insert on rollups
command_center_tenant: insert on stripe_accounts
command_center_tenant: insert on stripe_customers
command_center_tenant: insert on stripe_events
command_center_tenant: insert on stripe_lookups
command_center_tenant: insert on subscriber_days
command_center_tenant: insert on subscription_facts
command_center_tenant: insert on subscription_versions
command_center_tenant: insert on sync_cursors
command_center_tenant: insert on sync_rejections
command_center_tenant: insert on synced_objects
command_center_tenant: insert on syncs
command_center_tenant: insert on tenant_secrets
command_center_tenant: insert on told_before
command_center_tenant: insert on unconverted_days
command_center_tenant: insert on webhook_deliveries
command_center_tenant: select (accepted_at, created_at, email, expires_at, id, invited_by, revoked_at, role, tenant_id) on invitations
command_center_tenant: select (created_at, created_by, hint, id, last_used_at, name, revoked_at, role, scopes, tenant_id) on api_keys
command_center_tenant: select (disabled_at, email, id, name) on users
command_center_tenant: select on action_events
command_center_tenant: select on action_leads
command_center_tenant: select on actions
command_center_tenant: select on alert_comments
command_center_tenant: select on alert_events
command_center_tenant: select on alerts
command_center_tenant: select on attribution_changes
command_center_tenant: select on attribution_clues
command_center_tenant: select on attribution_evidence
command_center_tenant: select on attribution_overrides
command_center_tenant: select on audit_log
command_center_tenant: select on backfill_cursors
command_center_tenant: select on backfills
command_center_tenant: select on campaigns
command_center_tenant: select on channel_costs
command_center_tenant: select on channel_days
command_center_tenant: select on channel_rules
command_center_tenant: select on channels
command_center_tenant: select on connections
command_center_tenant: select on cost_templates
command_center_tenant: select on deals
command_center_tenant: select on dunning
command_center_tenant: select on dunning_facts
command_center_tenant: select on exchange_rate_changes
command_center_tenant: select on exchange_rates
command_center_tenant: select on failed_payments
command_center_tenant: select on first_payments
command_center_tenant: select on import_file_pieces
command_center_tenant: select on import_file_problems
command_center_tenant: select on import_files
command_center_tenant: select on imports
command_center_tenant: select on jobs
command_center_tenant: select on lead_stage_facts
command_center_tenant: select on lead_stays
command_center_tenant: select on lead_touches
command_center_tenant: select on leads
command_center_tenant: select on ledger_seals
command_center_tenant: select on linked_records
command_center_tenant: select on memberships
command_center_tenant: select on mrr_days
command_center_tenant: select on mrr_movements
command_center_tenant: select on mrr_movements_current
command_center_tenant: select on mrr_recounts
command_center_tenant: select on new_customers_days
command_center_tenant: select on payment_facts
command_center_tenant: select on payment_names
command_center_tenant: select on pipeline_changes
command_center_tenant: select on pipeline_revisions
command_center_tenant: select on pricing_terms
command_center_tenant: select on product_days
command_center_tenant: select on restatements
command_center_tenant: select on revenue_days
command_center_tenant: select on revenue_event_supersessions
command_center_tenant: select on revenue_events
command_center_tenant: select on revenue_events_current
command_center_tenant: select on rollups
command_center_tenant: select on stripe_accounts
command_center_tenant: select on stripe_customers
command_center_tenant: select on stripe_events
command_center_tenant: select on stripe_lookups
command_center_tenant: select on subscriber_days
command_center_tenant: select on subscription_facts
command_center_tenant: select on subscription_versions
command_center_tenant: select on sync_cursors
command_center_tenant: select on sync_rejections
command_center_tenant: select on synced_objects
command_center_tenant: select on syncs
command_center_tenant: select on tenant_secrets
command_center_tenant: select on tenants
command_center_tenant: select on told_before
command_center_tenant: select on unconverted_days
command_center_tenant: select on webhook_deliveries
command_center_tenant: update (about, assignee, cleared_at, last_seen_at, operands, resolved_at, set_aside_about, set_aside_at, severity, snoozed_until, state, title, version, why) on alerts
command_center_tenant: update (amount_minor, base_amount_minor, channel, cost_type, currency, deleted_at, notes, period_end, period_start, row_hash, updated_at, version) on channel_costs
command_center_tenant: update (answer, called_at, credits, ended_at, next_at, problem, reference, state) on action_leads
command_center_tenant: update (answer, called_at, ended_at, problem, state, version) on actions
command_center_tenant: update (api_base, capabilities, connected_at, connected_by, probed_at, problem, state, webhook_token_hash) on connections
command_center_tenant: update (api_version, applied_at, attempts, event_type, livemode, reason, state, stripe_created_at, took_us) on stripe_events
command_center_tenant: update (attempts, ended_at, last_error, next_run_at, paused_at, paused_by, started_at, state) on jobs
command_center_tenant: update (attribution_order, channel_rules_version, currency, gross_margin_permille, livemode, maximum_payback_months, minimum_customers, minimum_spend_minor, mrr_definition, name, stuck_after_days, target_roas_percent, timezone, version, week_start) on tenants
command_center_tenant: update (base_value_minor, closed_at, currency, lead_id, name, opened_at, probability_percent, stage, state, updated_at, value_minor, version) on deals
command_center_tenant: update (before_at, found, pages, problem, restarts, seen_down_to, starting_after, state, stored) on backfill_cursors
command_center_tenant: update (came, changed, created, ended_at, heard_at, problem, rejected, same, state) on syncs
command_center_tenant: update (changed, created, finished_at, problems, refused, removed, rows, state, undone_at, undone_by) on imports
command_center_tenant: update (changed, created, import_id, problem, refused, rows, said, size_bytes, state, told_at) on import_files
command_center_tenant: update (changed_at, lead_id, raw, stage, stage_at, thread) on synced_objects
command_center_tenant: update (channel, company, created_at, currency, email, last_activity_at, name, owner, source, stage, stage_entered_at, updated_at, value_minor, version) on leads
command_center_tenant: update (channel, field, key, kind, place, text) on channel_rules
command_center_tenant: update (channel, name, started_at, state, updated_at, version) on campaigns
command_center_tenant: update (checked_at, problem, revoked_at) on stripe_accounts
command_center_tenant: update (color, is_hidden, name, place, version) on channels
command_center_tenant: update (comparison, ended_at, heard_at, problem, state) on backfills
command_center_tenant: update (content_hash, looked_up_at, states) on stripe_lookups
command_center_tenant: update (counted_at, counted_up_to) on mrr_recounts
command_center_tenant: update (deleted_at, email, hints, told_at, told_by, told_first) on stripe_customers
command_center_tenant: update (ended_at, ended_by) on attribution_overrides
command_center_tenant: update (key_id, sealed, updated_at, updated_by) on tenant_secrets
command_center_tenant: update (last_month, updated_at, version) on cost_templates
command_center_tenant: update (payment_id) on payment_facts
command_center_tenant: update (payment_id) on payment_names
command_center_tenant: update (place, since, walked_at, walked_by) on sync_cursors
command_center_tenant: update (rate, source) on exchange_rates
command_center_tenant: update (read_at, reason, state) on webhook_deliveries
command_center_tenant: update (revoked_at) on api_keys
command_center_tenant: update (revoked_at) on invitations
command_center_tenant: update (role) on memberships
command_center_tenant: update (settled_at, settled_up_to) on exchange_rate_changes
command_center_tenant: update (settled_up_to) on attribution_changes
command_center_tenant: update (superseded_at) on mrr_movements
command_center_tenant: update on channel_days
command_center_tenant: update on first_payments
command_center_tenant: update on mrr_days
command_center_tenant: update on new_customers_days
command_center_tenant: update on product_days
command_center_tenant: update on revenue_days
command_center_tenant: update on rollups
command_center_tenant: update on subscriber_days
command_center_tenant: update on unconverted_days
command_center_tenant: usage on schema public
public: usage on schema public
";

#[tokio::test]
async fn the_roles_can_do_nothing_beyond_their_grants() {
    let database = TestDatabase::create().await;
    let powers: Vec<(String, bool)> = sqlx::query_as(
        "select rolname::text, rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication
            or exists (select from pg_auth_members where member = r.oid)
            or exists (select from pg_shdepend where refobjid = r.oid and refclassid = 'pg_authid'::regclass and deptype = 'o')
        from pg_roles r where rolname in ('command_center_tenant', 'command_center_platform') order by rolname",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    let expected = ["command_center_platform", "command_center_tenant"].map(|role| (role.to_owned(), false));
    assert_eq!(powers, expected);
}

#[tokio::test]
async fn the_role_of_jobs_has_the_queue_and_sees_no_table_of_ours() {
    let database = TestDatabase::create().await;
    let powers: Vec<(bool, bool)> = sqlx::query_as(
        "select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication,
            exists (select from pg_auth_members where member = r.oid)
        from pg_roles r where rolname = 'command_center_jobs'",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(powers, [(false, false)]);
    let seen: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class c
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
          and has_any_column_privilege('command_center_jobs', c.oid, 'select, insert, update, references')",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(seen, [""; 0]);
    let elsewhere: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class
        where relowner = 'command_center_jobs'::regrole and relnamespace <> 'job_queue'::regnamespace
          and relkind <> 't' and relkind <> 'i'",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(elsewhere, [""; 0]);
}

#[tokio::test]
async fn of_the_queue_a_tenant_may_put_and_take_its_own_jobs_and_nothing_else() {
    let database = TestDatabase::create().await;
    let reached: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class c
        where relnamespace = 'job_queue'::regnamespace and relkind in ('r', 'v')
          and (has_any_column_privilege('command_center_tenant', c.oid, 'select, insert, update, references')
            or has_any_column_privilege('command_center_platform', c.oid, 'select, insert, update, references'))",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(reached, [""; 0]);
    let as_another: Vec<String> = sqlx::query_scalar(
        "select proname::text from pg_proc p where pronamespace = 'job_queue'::regnamespace and prosecdef
          and has_function_privilege('command_center_tenant', p.oid, 'execute') order by 1",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(as_another, ["put_job", "take_job"]);
}

#[tokio::test]
async fn the_grants_are_the_reviewed_ones() {
    let database = TestDatabase::create().await;
    let found = grants(&database.pool).await.join("\n");
    assert!(found == GRANTS.trim(), "the grants are now:\n{found}");
}

/// Whatever was granted to the roles or to everybody, beyond what PostgreSQL itself grants.
async fn grants(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "with granted as (
            select g.grantee, lower(g.privilege_type) as what, c.relname::text as target, null as column
            from pg_class c, aclexplode(c.relacl) g
            where c.relnamespace = 'public'::regnamespace and g.grantee <> c.relowner
            union all
            select g.grantee, lower(g.privilege_type), c.relname::text, a.attname::text
            from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) g
            where c.relnamespace = 'public'::regnamespace and g.grantee <> c.relowner
            union all
            select g.grantee, lower(g.privilege_type), 'schema ' || n.nspname, null
            from pg_namespace n, aclexplode(n.nspacl) g where n.nspname = 'public' and g.grantee <> n.nspowner
            union all
            select g.grantee, lower(g.privilege_type), 'function ' || p.proname, null
            from pg_proc p, aclexplode(p.proacl) g
            where p.pronamespace = 'public'::regnamespace and g.grantee <> p.proowner
            union all
            select g.grantee, lower(g.privilege_type), 'default of ' || d.defaclobjtype::text, null
            from pg_default_acl d, aclexplode(d.defaclacl) g where g.grantee <> d.defaclrole
        )
        select concat_ws(' ', case grantee when 0 then 'public' else grantee::regrole::text end || ':', what,
            '(' || string_agg(granted.column, ', ' order by granted.column) || ')', 'on', target)
        from granted group by grantee, what, target order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// Taking a right from a role takes it from the program, so it is the role that works.
#[tokio::test]
async fn nothing_works_as_the_owner_however_the_program_comes_in() {
    for entry in [Entry::SwitchRole, Entry::Login] {
        let database = TestDatabase::create().await;
        let store = Store::connect(&database.url, entry).await.unwrap();
        // Roles belong to the server: from here on they may sign in, to whom it trusts.
        store.migrate().await.unwrap();
        store.migrate().await.unwrap();
        assert!(store.is_ready().await);
        let ours = TenantId(Uuid::nil());
        assert_eq!(store.channels_of(ours).await.unwrap().iter().count(), 0);
        assert_eq!(store.tenants_all().await.unwrap(), []);
        run(&database.url, "revoke select on channels from command_center_tenant").await;
        run(&database.url, "revoke select on tenants from command_center_platform").await;
        let refused = [
            store.channels_of(ours).await.unwrap_err().to_string(),
            store.tenants_all().await.unwrap_err().to_string(),
        ];
        assert!(refused.iter().all(|why| why.contains("permission denied")), "{entry:?}: {refused:?}");
        store.close().await;
    }
}

/// Without this a program whose user may not switch would only say that its pool gave up.
#[tokio::test]
async fn who_may_not_become_the_roles_hears_of_it_when_migrating() {
    let database = TestDatabase::create().await;
    let names = Names::new();
    let owner = &names.owner;
    let granted =
        format!("grant select on _sqlx_migrations to {owner}; grant create on schema public to {owner}");
    run(&database.url, &format!("create role {owner} login; {granted}")).await;
    let who = database.url.trim_start_matches("postgres://").split_once('@').unwrap().0;
    let url = database.url.replacen(&format!("{who}@"), &format!("{owner}@"), 1);
    let refused = Store::connect(&url, Entry::SwitchRole).await.unwrap().migrate().await.unwrap_err();
    assert!(refused.to_string().contains("permission denied to set role"), "{refused}");
    run(&database.url, &format!("drop owned by {owner}")).await;
    names.forget(&database.url).await;
}

#[tokio::test]
async fn whoever_cannot_be_reached_is_said_at_once_and_nothing_of_the_url() {
    let error =
        Store::connect("postgres://somebody:hunter2@127.0.0.1:1/none", Entry::SwitchRole).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[tokio::test]
async fn the_store_shows_no_password() {
    let database = TestDatabase::create().await;
    let url = database.url.replacen('@', ":hunter2@", 1);
    let shown = format!("{:?}", Store::connect(&url, Entry::SwitchRole).await.unwrap());
    assert!(url.contains("hunter2") && !shown.contains("hunter2"), "{shown}");
}

#[tokio::test]
async fn an_owner_who_is_no_superuser_makes_the_roles_and_becomes_them() {
    let database = TestDatabase::create().await;
    let names = Names::new();
    let owner = &names.owner;
    run(&database.url, &format!("create role {owner} createrole")).await;
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    connection.execute(AssertSqlSafe(format!("set session authorization {owner}"))).await.unwrap();
    for _ in 0..2 {
        connection.execute(AssertSqlSafe(names.making())).await.unwrap();
    }
    for role in [&names.tenant, &names.platform] {
        connection.execute(AssertSqlSafe(format!("set role {role}"))).await.unwrap();
        connection.execute("reset role").await.unwrap();
    }
    connection.close().await.unwrap();
    names.forget(&database.url).await;
}

#[tokio::test]
async fn migrations_that_make_the_roles_at_once_make_them_once() {
    let (first, second) = tokio::join!(TestDatabase::create(), TestDatabase::create());
    for _ in 0..5 {
        let names = Names::new();
        let making = names.making();
        let all = (0..12).map(|turn| {
            let url = if turn % 2 == 0 { first.url.clone() } else { second.url.clone() };
            let making = making.clone();
            tokio::spawn(async move { run(&url, &making).await })
        });
        for made in all.collect::<Vec<_>>() {
            made.await.unwrap();
        }
        names.forget(&first.url).await;
    }
}

/// Roles of a test's own, since those of the program belong to every database there is.
struct Names {
    tenant: String,
    platform: String,
    owner: String,
}

impl Names {
    #[expect(clippy::disallowed_methods, reason = "a role's name must only be unlike the others")]
    fn new() -> Self {
        let unlike_any_other = Uuid::now_v7().simple();
        Self {
            tenant: format!("cc_test_{unlike_any_other}_tenant"),
            platform: format!("cc_test_{unlike_any_other}_platform"),
            owner: format!("cc_test_{unlike_any_other}_owner"),
        }
    }

    /// How the migration makes the roles, with these names.
    fn making(&self) -> String {
        let migration = include_str!("../../../../migrations/0005_row_security.sql");
        let (from, end) = (migration.find("do $$").unwrap(), migration.find("end $$;").unwrap());
        format!("{}end $$;", &migration[from..end])
            .replace("command_center_tenant", &self.tenant)
            .replace("command_center_platform", &self.platform)
    }

    async fn forget(&self, url: &str) {
        run(url, &format!("drop role if exists {}, {}, {}", self.tenant, self.platform, self.owner)).await;
    }
}

async fn run(url: &str, statement: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
