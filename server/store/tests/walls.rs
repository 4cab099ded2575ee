//! Whatever is asked within another tenant, ours is neither seen nor changed.

#![cfg(test)]

mod support;

use std::collections::BTreeMap;

use domain::access::Role;
use domain::audit::Deed;
use domain::backfill::{RunState, Subject};
use domain::connection::SecretKind;
use domain::exchange::QuotedRate;
use domain::ids::{AuditId, BackfillId, LedgerRowId};
use domain::money::Currency;
use domain::payment::Sighting;
use domain::period::DateRange;
use domain::tenant::Tenant;
use sqlx::PgPool;
use store::StoreError;
use store::applying::{Batch, EventState, SeenEvent, Supersession};
use store::audit_log::AuditFilter;
use store::backfills::{Cursor, NewBackfill, NewLookup, StripeAccount};
use store::exchange_rates::{NewRateChange, RateSource};
use store::ledger::RowFilter;
use store::stripe_events::Kept;
use store::tenant_secrets::SealedSecret;
use uuid::Uuid;

use support::books::{fact, rate, rates, row};
use support::past;
use support::people::{self, line_by};
use support::{Side, World, channel, hash, later, now};

/// Methods that are not tried below, and why they need not be.
const LISTED: [(&str, &str); 35] = [
    ("store.connect", "no tenant"),
    ("store.migrate", "no tenant"),
    ("store.is_ready", "no tenant"),
    ("store.close", "no tenant"),
    ("store.platform", "tried by what it does"),
    ("store.tenant_insert", "the same as platform.tenant_insert"),
    ("store.tenants_all", "the platform knows every tenant"),
    ("store.tenant_by_id", "the platform knows every tenant"),
    ("store.tenant_by_slug", "the platform knows every tenant"),
    ("store.tenant_default", "the platform knows every tenant"),
    ("store.tenants_with_pending_events", "says which tenants, never what"),
    ("store.tenants_with_unsettled_rates", "says which tenants, never what"),
    ("store.tenants_with_running_backfill", "says which tenants, never what"),
    ("store.user_by_email", "people belong to no tenant"),
    ("store.user_by_id", "people belong to no tenant"),
    ("store.any_user", "people belong to no tenant"),
    ("store.session_by_hash", "whoever has the token is the person"),
    ("store.session_touch", "sessions belong to people"),
    ("store.sessions_of", "sessions belong to people"),
    ("store.memberships_of", "asked by the person"),
    ("store.api_key_by_hash", "whoever has the key is its holder"),
    ("store.invitation_by_hash", "whoever has the token is invited"),
    ("store.reset_user", "whoever has the token is the person"),
    ("store.attempt", "no tenant"),
    ("store.attempts_clear", "no tenant"),
    ("store.attempts_forget", "no tenant"),
    ("platform.user_lock", "people belong to no tenant"),
    ("platform.user_set_password", "people belong to no tenant"),
    ("platform.user_set_name", "people belong to no tenant"),
    ("platform.user_set_disabled", "people belong to no tenant"),
    ("platform.user_set_platform_admin", "people belong to no tenant"),
    ("platform.reset_insert", "people belong to no tenant"),
    ("platform.reset_take", "whoever has the token is the person"),
    ("platform.resets_forget", "people belong to no tenant"),
    ("platform.invitation_take", "whoever has the token is invited"),
];

#[tokio::test]
async fn nothing_asked_through_the_store_within_another_tenant_reaches_ours() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    assert_eq!(store.leads_insert(theirs.id(), &[]).await.unwrap(), 0);
    let known = vec![ours.event.to_string(), ours.waiting.to_string()];
    assert_eq!(store.stripe_events_known(theirs.id(), &known).await.unwrap(), Vec::<String>::new());
    assert_eq!(store.stripe_event_keep(theirs.id(), &ours.event, b"[]", now()).await.unwrap(), Kept::New);
    assert_eq!(store.intake_state(theirs.id()).await.unwrap().dead_letters, 0);
    let states: i64 =
        store.stripe_events_by_state(theirs.id()).await.unwrap().iter().map(|(_, count)| count).sum();
    assert_eq!(states, 3, "their two and the one just kept");
    assert_eq!(store.channels_of(theirs.id()).await.unwrap().iter().count(), 1);
    assert_eq!(store.membership_role(theirs.id(), ours.user).await.unwrap(), None);
    store.api_key_touch(theirs.id(), ours.key, later(1)).await.unwrap();
    let visit = line_by(theirs, AuditId(hash_id("visit")), Deed::PlatformVisited);
    store.audit_platform_visits(&[theirs.id()], &visit, later(90), later(80)).await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn the_ledger_of_another_tenant_holds_none_of_our_rows() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let empty = Side::named("empty");
    assert!(store.tenant_insert(&empty.tenant, &[], now()).await.unwrap());
    let range = DateRange::last_days(30, theirs.tenant.date_of(now()));
    let filter = RowFilter { range, channel: None, kinds: Vec::new(), product: None };
    let sums = store.daily_sums(&theirs.tenant, range).await.unwrap();
    assert_eq!(sums.iter().map(|sum| sum.rows).collect::<Vec<_>>(), [1]);
    assert_eq!(store.row_totals(&theirs.tenant, &filter).await.unwrap().rows, 1);
    let page = store.rows_page(&theirs.tenant, &filter, None, 9).await.unwrap();
    assert_eq!(page.iter().map(|row| row.id).collect::<Vec<_>>(), [theirs.row]);
    assert!(page.iter().all(|row| row.cause != ours.event));
    assert_eq!(store.unconverted_sums(&theirs.tenant, range).await.unwrap().len(), 0);
    assert_eq!(store.row_totals(&empty.tenant, &filter).await.unwrap().rows, 0);
}

#[tokio::test]
async fn work_within_another_tenant_neither_sees_nor_changes_ours() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut work = store.within(theirs.id()).await.unwrap();
    assert_eq!(work.tenant().await.unwrap().id, theirs.id());
    let renamed = Tenant { name: "Renamed".to_owned(), ..ours.tenant.clone() };
    assert!(work.tenant_update(&renamed, 1).await.unwrap(), "theirs, whatever tenant is handed in");
    let members = work.members().await.unwrap();
    assert_eq!(members.iter().map(|member| member.user).collect::<Vec<_>>(), [theirs.user]);
    assert_eq!(work.member_role(ours.user).await.unwrap(), None);
    assert_eq!(work.owners_beside(ours.user).await.unwrap(), 1);
    work.member_set_role(ours.user, Role::Viewer).await.unwrap();
    assert!(!work.member_remove(ours.user).await.unwrap());
    assert_eq!(work.invitations_revoke_by(&ours.email, &Role::ALL, now()).await.unwrap(), 0);
    let open = work.invitations_open(now()).await.unwrap();
    assert_eq!(open.iter().map(|invitation| invitation.id).collect::<Vec<_>>(), [theirs.invitation]);
    assert_eq!(work.invitation_revoke(ours.invitation, now()).await.unwrap(), None);
    let keys = work.api_keys().await.unwrap();
    assert_eq!(keys.iter().map(|key| key.id).collect::<Vec<_>>(), [theirs.key]);
    assert_eq!(work.api_key(ours.key).await.unwrap(), None);
    assert_eq!(work.api_key_revoke(ours.key, now()).await.unwrap(), None);
    let lines = work.audit_page(&AuditFilter::default(), None, 99).await.unwrap();
    assert!(lines.len() == 2 && lines.iter().all(|line| line.actor_name == theirs.email));
    work.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn what_is_written_within_another_tenant_under_our_ids_becomes_theirs() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut work = store.within(theirs.id()).await.unwrap();
    let (mut invitation, mut key) = (people::invitation(ours), people::api_key(ours));
    (invitation.token_hash, key.key_hash) = (hash("another link"), hash("another key"));
    work.invitation_insert(&invitation, now()).await.unwrap();
    work.api_key_insert(&key, now()).await.unwrap();
    let sealed = SealedSecret { key_id: "ffffffff".to_owned(), bytes: vec![9] };
    work.secret_put(SecretKind::StripeKey, &sealed, "them", now()).await.unwrap();
    assert_eq!(work.secret(SecretKind::StripeKey).await.unwrap(), Some(sealed));
    assert_eq!(work.secrets().await.unwrap().len(), 1);
    assert!(work.secret_remove(SecretKind::StripeKey).await.unwrap());
    work.audit(&line_by(ours, ours.audit, Deed::Exported), now()).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn rates_within_another_tenant_are_theirs_alone() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let (today, dollars) = (jiff::civil::date(2026, 11, 20), [Currency::USD]);
    let mut work = store.within(theirs.id()).await.unwrap();
    let typed = [QuotedRate { is_typed: true, ..rate("1.25") }];
    let change = NewRateChange { source: RateSource::Manual, ..rates(ours, &typed) };
    work.rates_put(&change, now()).await.unwrap();
    assert_eq!(work.rates_between(&dollars, today, today).await.unwrap(), typed);
    assert_eq!(work.rates_newest().await.unwrap().len(), 1);
    assert_eq!(work.rate_changes(99).await.unwrap().len(), 3);
    assert!(work.rows_without_rate().await.unwrap().is_empty());
    work.commit().await.unwrap();

    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    assert_eq!(batch.rates_between(&dollars, today, today).await.unwrap(), typed);
    let unsettled = batch.unsettled_rates().await.unwrap().unwrap();
    assert_eq!(unsettled.ids.len(), 2);
    let euros = Currency::EUR;
    let foreign = batch.foreign_payments(euros, (today, today), "", 99).await.unwrap();
    assert!(!foreign.contains(&ours.payment_name));
    batch.rates_settled_up_to(&[ours.rate_change, ours.rates_waiting], "z").await.unwrap();
    batch.rates_settled(&[ours.rate_change, theirs.rate_change], now()).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn the_past_of_another_tenant_is_read_apart_from_ours() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let our_turn = store.backfill_lock(ours.id()).await.unwrap().unwrap();
    assert!(store.backfill_lock(ours.id()).await.unwrap().is_none());
    let their_turn = store.backfill_lock(theirs.id()).await.unwrap().unwrap();
    our_turn.release().await.unwrap();
    their_turn.release().await.unwrap();

    let mut work = store.within(theirs.id()).await.unwrap();
    assert_eq!(work.stripe_account().await.unwrap(), Some(past::account(theirs)));
    let broken = StripeAccount { problem: Some("theirs".to_owned()), ..past::account(ours) };
    work.stripe_account_put(&broken).await.unwrap();
    let runs = work.backfills(99).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.id).collect::<Vec<_>>(), [theirs.backfill, theirs.old_backfill]);
    assert!(work.cursors(ours.backfill).await.unwrap().is_empty());
    let cursor = Cursor { found: 99, ..Cursor::at_the_beginning(Subject::Charges) };
    assert!(!work.cursor_put(ours.backfill, &cursor, later(1)).await.unwrap());
    work.backfill_set_state(ours.backfill, RunState::Failed, Some("theirs"), later(1)).await.unwrap();
    work.backfill_set_state(theirs.backfill, RunState::Done, None, later(1)).await.unwrap();
    work.backfill_compared(ours.backfill, "theirs").await.unwrap();
    let another = NewBackfill { id: BackfillId(hash_id("another")), ..past::backfill(ours) };
    work.backfill_insert(&another, now()).await.unwrap();
    let object = past::lookup(ours);
    assert!(work.lookups(std::slice::from_ref(&object.object)).await.unwrap().is_empty());
    work.lookups_keep(&[NewLookup { states: 9, ..object }], later(1)).await.unwrap();
    assert_eq!(work.lookups_dead(later(-60)).await.unwrap(), 0);
    let rows = work.compared_rows(later(-60), later(60), "", 99).await.unwrap();
    assert_eq!(
        rows.iter().map(|row| &row.key).collect::<Vec<_>>(),
        [&format!("payment:{}", theirs.payment_name)]
    );
    work.commit().await.unwrap();

    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    batch.events_pretend(std::slice::from_ref(&ours.event), now()).await.unwrap();
    drop(batch);
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn a_batch_of_another_tenant_sees_nothing_of_our_payments() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    let pending = batch.pending_events(99).await.unwrap();
    assert_eq!(pending.iter().map(|event| &event.id).collect::<Vec<_>>(), [&theirs.waiting]);
    let names = [ours.payment_name.clone()];
    assert!(batch.payments_named(&names).await.unwrap().is_empty());
    assert!(batch.facts_of(&[ours.payment]).await.unwrap().is_empty());
    let sighting: Sighting = fact(ours).sighting().unwrap();
    assert!(batch.payments_near(&[sighting]).await.unwrap().is_empty());
    assert!(batch.leads_with_email(std::slice::from_ref(&ours.lead_email)).await.unwrap().is_empty());
    assert!(batch.current_rows(&names).await.unwrap().is_empty());
    let key = format!("payment:{}", ours.payment_name);
    assert!(batch.newest_versions(&[key]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_batch_of_another_tenant_changes_nothing_of_our_payments() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    batch.payments_merge(theirs.payment, &[ours.payment]).await.unwrap();
    batch.payment_names_insert(&[(ours.payment_name.clone(), theirs.payment)]).await.unwrap();
    let seen = SeenEvent {
        id: ours.waiting.clone(),
        state: EventState::Dead,
        event_type: None,
        reason: Some("theirs".to_owned()),
    };
    batch.events_seen(&[seen], now()).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

/// The database itself ties rows to leads, events and rows of their own tenant.
#[tokio::test]
async fn rows_of_another_tenant_cannot_point_at_ours() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();

    batch.checkpoint().await.unwrap();
    let refused = batch.facts_insert(&[(theirs.payment, fact(ours))]).await;
    is_refused(&mut batch, refused, "our event").await;

    let mut with_our_lead = row(theirs, LedgerRowId(hash_id("their row")), 3);
    with_our_lead.content.lead = Some(ours.lead);
    let refused = batch.rows_insert(&[with_our_lead], now()).await;
    is_refused(&mut batch, refused, "our lead").await;

    let mut with_our_event = row(theirs, LedgerRowId(hash_id("their row")), 3);
    with_our_event.content.movement.cause = ours.event.clone();
    let refused = batch.rows_insert(&[with_our_event], now()).await;
    is_refused(&mut batch, refused, "our event").await;

    let mut with_our_candidate = row(theirs, LedgerRowId(hash_id("their row")), 3);
    with_our_candidate.candidates[0].lead = Some(ours.lead);
    let refused = batch.rows_insert(&[with_our_candidate], now()).await;
    is_refused(&mut batch, refused, "our lead as a candidate").await;

    for (superseded, successor) in [(ours.row, None), (theirs.row, Some(ours.row))] {
        let refused = batch.supersessions_insert(&[Supersession { superseded, successor }], now()).await;
        is_refused(&mut batch, refused, "our row").await;
    }
    batch.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

async fn is_refused(batch: &mut Batch, outcome: Result<(), StoreError>, what: &str) {
    let refused = outcome.unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("foreign key"), "{what}: {refused}");
    batch.back_to_checkpoint().await.unwrap();
}

#[tokio::test]
async fn the_platform_changes_the_tenant_it_is_told_and_no_other() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut platform = store.platform().await.unwrap();
    let impostor = Tenant { id: theirs.id(), currency: Currency::USD, ..ours.tenant.clone() };
    assert!(!platform.tenant_insert(&impostor, &[channel("new")], now()).await.unwrap());
    assert!(!platform.user_insert(&people::new_user(theirs.user, &ours.email), now()).await.unwrap());
    assert_eq!(platform.tenant_unclaimed().await.unwrap(), None, "ours is the default, and has a member");
    platform.membership_put(theirs.id(), theirs.user, Role::Viewer, now()).await.unwrap();
    platform.membership_add(theirs.id(), theirs.user, Role::Owner, now()).await.unwrap();
    platform.session_look_at(theirs.session, theirs.id()).await.unwrap();
    assert!(!platform.session_end(theirs.user, ours.session, now()).await.unwrap());
    assert_eq!(platform.sessions_end_all(theirs.user, None, now()).await.unwrap(), 1);
    let mut session = people::session(theirs);
    (session.id.0, session.token_hash) = (hash_id("new session"), hash("new session"));
    platform.session_insert(&session, now()).await.unwrap();
    platform.audit(theirs.id(), &line_by(ours, ours.audit, Deed::SignedIn), now()).await.unwrap();
    let line = line_by(theirs, AuditId(hash_id("line")), Deed::SignedIn);
    platform.audit_everywhere(theirs.user, &line, now()).await.unwrap();
    platform.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[test]
fn every_method_is_tried_or_listed() {
    let tests: String = include_str!("walls.rs").split_whitespace().collect();
    let methods = methods();
    let untried: Vec<&String> = methods
        .iter()
        .filter(|method| !tests.contains(&format!("{method}(")))
        .filter(|method| !LISTED.iter().any(|(listed, _)| listed == method))
        .collect();
    assert!(untried.is_empty(), "try these within another tenant, or list them with a reason: {untried:?}");
    let gone: Vec<&str> = LISTED
        .iter()
        .map(|(listed, _)| *listed)
        .filter(|listed| !methods.contains(&(*listed).to_owned()))
        .collect();
    assert!(gone.is_empty(), "listed, but no more: {gone:?}");
    assert!(methods.len() > 80, "the scan finds the methods: {methods:?}");
}

/// Every public method of the types that work on tenants' data, as the tests above call them.
fn methods() -> Vec<String> {
    let callers = BTreeMap::from([
        ("Store", "store"),
        ("TenantWork", "work"),
        ("PlatformWork", "platform"),
        ("Batch", "batch"),
    ]);
    let mut methods = Vec::new();
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let mut caller = None;
        for line in source.lines() {
            if line.starts_with("impl ") {
                let of = line.trim_start_matches("impl ").trim_end_matches(" {");
                caller = callers.get(of);
            }
            let Some((_, rest)) = line.split_once("pub async fn ") else { continue };
            let name = rest.split(['(', '<']).next().unwrap();
            methods.extend(caller.map(|caller| format!("{caller}.{name}")));
        }
    }
    methods
}

/// Everything there is of a tenant, table by table.
async fn rows_of(pool: &PgPool, side: &Side) -> BTreeMap<String, Vec<String>> {
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select c.relname::text, a.attname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
          and (a.attname in ('tenant_id', 'user_id') or (c.relname in ('tenants', 'users') and a.attname = 'id'))",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut rows = BTreeMap::new();
    for (table, column) in tables {
        let query = format!("select t::text from {table} t where {column} = any($1) order by 1");
        let found: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind([side.id().0, side.user.0])
            .fetch_all(pool)
            .await
            .unwrap();
        assert!(!found.is_empty(), "the world has no row of {table}, whose {column} says whose it is");
        rows.insert(format!("{table}.{column}"), found);
    }
    assert!(rows.len() >= 23, "{:?}", rows.keys());
    rows
}

fn hash_id(text: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes())
}
