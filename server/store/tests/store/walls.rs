//! Whatever is asked within another tenant, ours is neither seen nor changed.

use std::collections::BTreeMap;

use domain::access::Role;
use domain::attribution::{Clue, Order};
use domain::audit::Deed;
use domain::backfill::{RunState, Subject};
use domain::connection::SecretKind;
use domain::customer::CustomerFact;
use domain::event_state::EventState;
use domain::exchange::QuotedRate;
use domain::ids::{AuditId, BackfillId, LeadId, LedgerRowId, MrrMovementId};
use domain::ledger::Lacking;
use domain::money::Currency;
use domain::mrr::report::Cohort;
use domain::payment::Sighting;
use domain::period::{Bucket, DateRange};
use domain::restatement::Trigger;
use domain::tenant::Tenant;
use sqlx::PgPool;
use store::applying::{Batch, Supersession};
use store::audit_log::AuditFilter;
use store::backfills::{Cursor, NewBackfill, NewLookup, StripeAccount};
use store::dunning::FailedFilter;
use store::event_log::EventFilter;
use store::exchange_rates::{NewRateChange, RateSource};
use store::leads::{Bringing, LeadPut, LeadTold, Put};
use store::ledger::RowFilter;
use store::links::LinkPut;
use store::restated::RestatedFilter;
use store::stripe_events::Kept;
use store::subscriptions::RecountReason;
use store::tenant_secrets::SealedSecret;
use store::{Snapshot, StoreError};
use uuid::Uuid;

use crate::support::books::{self, fact, failed, rate, rates, row, seen, setback};
use crate::support::past;
use crate::support::people::{self, line_by};
use crate::support::subscriptions;
use crate::support::{Side, World, channel, hash, later, now};

/// Methods that are not tried below, and why they need not be.
const LISTED: &[(&str, &str)] = &[
    ("store.connect", "no tenant"),
    ("store.migrate", "no tenant"),
    ("store.is_ready", "no tenant"),
    ("store.close", "no tenant"),
    ("store.work_jobs", "tried by what is put into the queue"),
    ("store.snapshot", "tried by what it reads"),
    ("store.platform", "tried by what it does"),
    ("store.tenant_insert", "the same as platform.tenant_insert"),
    ("store.tenants_all", "the platform knows every tenant"),
    ("store.tenant_by_id", "the platform knows every tenant"),
    ("store.tenant_by_slug", "the platform knows every tenant"),
    ("store.tenant_default", "the platform knows every tenant"),
    ("store.tenant_ids", "the platform knows every tenant"),
    ("store.tenant_exists", "the platform knows every tenant"),
    ("store.tenant_id_by_slug", "the platform knows every tenant"),
    ("store.tenant_id_default", "the platform knows every tenant"),
    ("store.tenant_id_by_stripe_account", "says which tenant, nothing of it"),
    ("store.tenants_with_pending_events", "says which tenants, never what"),
    ("store.tenants_with_unsettled_rates", "says which tenants, never what"),
    ("store.tenants_with_recounts", "says which tenants, never what"),
    ("store.tenants_with_attribution_changes", "says which tenants, never what"),
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
    assert_eq!(store.leads_put(theirs.id(), &[], Bringing::at(now())).await.unwrap(), []);
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
    let filter = rows_of_days(range);
    let mut snapshot = view_of(&world, theirs).await;
    let sums = snapshot.daily_sums(range).await.unwrap();
    assert_eq!(sums.iter().map(|sum| sum.moved.rows).collect::<Vec<_>>(), [1]);
    assert_eq!(snapshot.revenue_total(range).await.unwrap().rows, 1);
    let day = Bucket { period_start: range.from, period_end: range.to, partial: false };
    assert_eq!(snapshot.revenue_parts(&[day]).await.unwrap().by_product.len(), 1);
    assert_eq!(snapshot.new_customers(range).await.unwrap().into_values().sum::<i64>(), 1);
    assert_eq!(snapshot.cohort_months(range).await.unwrap().len(), 1);
    assert_eq!(snapshot.channels().await.unwrap().iter().count(), 1);
    assert_eq!(snapshot.row_totals(&filter).await.unwrap().rows, 1);
    assert_eq!(snapshot.rows_by_day(&filter).await.unwrap().len(), 1);
    let page = snapshot.rows_page(&filter, None, 9).await.unwrap();
    assert_eq!(page.iter().map(|row| row.id).collect::<Vec<_>>(), [theirs.row]);
    assert!(page.iter().all(|row| row.cause != ours.event));
    assert_eq!(snapshot.unconverted_sums(range).await.unwrap().len(), 0);
    let mut snapshot = snapshot.turned_to(empty.id()).await.unwrap();
    assert_eq!(snapshot.tenant().id, empty.id());
    assert_eq!(snapshot.row_totals(&filter).await.unwrap().rows, 0);
    assert_eq!(snapshot.daily_sums(range).await.unwrap().len(), 0);
}

#[tokio::test]
async fn what_another_tenant_says_otherwise_is_none_of_ours() {
    let world = World::create().await;
    let (ours, theirs) = (&world.ours, &world.theirs);
    for side in [ours, theirs] {
        let mut batch = world.store().batch_begin(side.id()).await.unwrap();
        let late = LedgerRowId(hash_id(&format!("late of {}", side.id())));
        batch.rows_insert(&[row(side, late, 3)], later(2 * 24 * 60)).await.unwrap();
        batch.commit().await.unwrap();
    }
    let mut snapshot = view_of(&world, theirs).await;
    let range = DateRange::last_days(30, theirs.tenant.date_of(now()));
    let filter = RestatedFilter { range, channel: None, cause: None, since: None };
    let lines = snapshot.restated_page(&filter, None, 99).await.unwrap();
    let events: Vec<_> = lines.iter().filter_map(|line| Some(&line.after.as_ref()?.event)).collect();
    assert_eq!(events, [&theirs.event]);
    let sums = snapshot.restated_sums(&filter).await.unwrap();
    assert_eq!(sums.iter().map(|sum| sum.lines).collect::<Vec<_>>(), [1]);
}

async fn view_of(world: &World, side: &Side) -> Snapshot {
    world.store().snapshot(side.id(), now()).await.unwrap().expect("the tenant is there")
}

fn rows_of_days(range: DateRange) -> RowFilter {
    RowFilter {
        range,
        channel: None,
        kinds: Vec::new(),
        product: None,
        category: None,
        class: None,
        currency: None,
        without: Lacking::default(),
        stripe_id: None,
        is_tie_presumed: false,
        known_at: None,
    }
}

#[tokio::test]
async fn nothing_is_told_of_our_rows_within_another_tenant() {
    let world = World::create().await;
    let (ours, theirs) = (&world.ours, &world.theirs);
    let mut snapshot = view_of(&world, theirs).await;
    let range = DateRange::last_days(30, theirs.tenant.date_of(now()));
    for name in [ours.payment_name.clone(), ours.event.to_string()] {
        let filter = RowFilter { stripe_id: Some(name), ..rows_of_days(range) };
        assert_eq!(snapshot.row_totals(&filter).await.unwrap().rows, 0);
    }
    let both = [ours.row, theirs.row];
    let evidence = snapshot.row_evidence(&both).await.unwrap();
    assert_eq!(evidence.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [theirs.row]);
    let sources = snapshot.row_sources(&both).await.unwrap();
    assert_eq!(sources.iter().map(|source| &source.event).collect::<Vec<_>>(), [&theirs.event]);
    let before = snapshot.rows_before(&both).await.unwrap();
    assert_eq!(before.iter().map(|row| row.id).collect::<Vec<_>>(), [theirs.old_row]);
}

#[tokio::test]
async fn our_events_are_neither_shown_nor_replayed_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let mut batch = store.batch_begin(ours.id()).await.unwrap();
    let dead = [seen(&ours.event, EventState::Dead)];
    batch.events_seen(&dead, jiff::SignedDuration::ZERO, now()).await.unwrap();
    batch.commit().await.unwrap();
    let before = rows_of(&world.database.pool, ours).await;
    let events = store.events_page(theirs.id(), &EventFilter::default(), None, 99).await.unwrap();
    assert_eq!(events.iter().map(|event| &event.id).collect::<Vec<_>>(), [&theirs.waiting, &theirs.event]);
    for id in [ours.payment_name.clone(), ours.event.to_string()] {
        let filter = EventFilter { id: Some(id), ..EventFilter::default() };
        assert_eq!(store.events_page(theirs.id(), &filter, None, 99).await.unwrap(), []);
    }
    assert_eq!(store.event_logged(theirs.id(), &ours.event).await.unwrap(), None);
    let known = [ours.event.to_string(), theirs.event.to_string()];
    let effects = store.event_effects(theirs.id(), &known).await.unwrap();
    assert_eq!(effects.iter().map(|effect| effect.row).collect::<Vec<_>>(), [theirs.row]);
    assert_eq!(store.api_versions(theirs.id()).await.unwrap().len(), 1);
    let mut work = store.within(theirs.id()).await.unwrap();
    assert_eq!(work.event_replay(&ours.event).await.unwrap(), None);
    assert_eq!(work.event_replay(&theirs.waiting).await.unwrap(), Some(false), "it waits anyway");
    assert_eq!(work.event_replay(&theirs.event).await.unwrap(), Some(true));
    assert_eq!(work.dead_letters_replay().await.unwrap(), 0);
    work.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn our_failed_payments_are_neither_shown_nor_settled_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    for side in [ours, theirs] {
        let mut batch = store.batch_begin(side.id()).await.unwrap();
        let open = domain::dunning::FailedPayment { closed: None, ..failed(side) };
        batch.dunning_replace(std::slice::from_ref(&side.payment_name), &[open]).await.unwrap();
        batch.commit().await.unwrap();
    }
    let before = rows_of(&world.database.pool, ours).await;
    let listed = store.failed_payments(theirs.id(), &FailedFilter::default(), None, 99).await.unwrap();
    assert_eq!(listed.iter().map(|failed| &failed.name).collect::<Vec<_>>(), [&theirs.payment_name]);
    assert_eq!(store.failed_totals(theirs.id()).await.unwrap()[0].payments, 1);
    assert_eq!(store.failing(theirs.id()).await.unwrap(), [theirs.payment_name.clone()].into());
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    let subscriptions = [ours.subscription()];
    assert!(batch.payments_failing_of(&subscriptions).await.unwrap().is_empty());
    assert!(batch.subscription_ends(&subscriptions).await.unwrap().is_empty());
    assert!(batch.setbacks_of(&[ours.payment]).await.unwrap().is_empty());
    batch.dunning_replace(std::slice::from_ref(&ours.payment_name), &[]).await.unwrap();
    batch.checkpoint().await.unwrap();
    let refused = batch.setbacks_insert(&[setback(ours)]).await;
    is_refused(&mut batch, refused, "our event").await;
    let refused = batch.dunning_replace(&[], &[failed(ours)]).await;
    is_refused(&mut batch, refused, "our event").await;
    batch.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
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
    work.stripe_account_takes(&past::account(theirs)).await.unwrap();
    assert_eq!(work.livemode().await.unwrap(), Some(past::account(theirs).livemode));
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
    assert_eq!(batch.belonging().await.unwrap().account, Some(past::account(theirs).id));
    batch.livemode_decide(true).await.unwrap();
    batch.livemode_set(false).await.unwrap();
    batch.stripe_account_revoke(later(1), "theirs").await.unwrap();
    let pending = batch.pending_events(99, i64::MAX).await.unwrap();
    assert_eq!(pending.iter().map(|event| &event.id).collect::<Vec<_>>(), [&theirs.waiting]);
    let names = [ours.payment_name.clone()];
    assert!(batch.payments_named(&names).await.unwrap().is_empty());
    assert!(batch.facts_of(&[ours.payment]).await.unwrap().is_empty());
    let sighting: Sighting = fact(ours).sighting().unwrap();
    assert!(batch.payments_near(&[sighting]).await.unwrap().is_empty());
    assert!(batch.current_rows(&names).await.unwrap().is_empty());
    let key = format!("payment:{}", ours.payment_name);
    assert!(batch.newest_versions(&[key]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_batch_of_another_tenant_finds_none_of_our_leads_links_customers_and_overrides() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let mut work = store.within(ours.id()).await.unwrap();
    let metadata_first = Tenant { attribution_order: Order::MetadataFirst, ..ours.tenant.clone() };
    assert!(work.tenant_update(&metadata_first, 1).await.unwrap());
    work.commit().await.unwrap();
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    assert_eq!(batch.attribution_order().await.unwrap(), Order::LeadFirst);
    let emails = [ours.lead_email.clone()];
    let references = [ours.lead_email.clone(), ours.lead.to_string()];
    assert_eq!(batch.leads_known(&emails, &references).await.unwrap(), []);
    let colleagues = batch.leads_of_companies(&["example.com".to_owned()]).await.unwrap();
    assert_eq!(colleagues.iter().map(|lead| lead.lead).collect::<Vec<_>>(), [theirs.lead]);
    let customers = [ours.customer()];
    assert!(batch.customers_known(&customers).await.unwrap().is_empty());
    assert_eq!(batch.links_of(&customers).await.unwrap(), []);
    let names = [ours.payment_name.clone()];
    assert_eq!(batch.overrides_of(&names, &customers).await.unwrap(), []);
    assert!(batch.sessions_of(&["sub_ours".to_owned()]).await.unwrap().is_empty());
    let clues = [
        Clue::Email(ours.lead_email.clone()),
        Clue::Customer(ours.customer()),
        Clue::Lead(ours.lead_email.clone()),
        Clue::Payment(ours.payment_name.clone()),
    ];
    assert_eq!(batch.clues_behind(&clues).await.unwrap(), []);
    assert_eq!(batch.payments_with_clues(&clues, Uuid::nil(), 99).await.unwrap(), Vec::<Uuid>::new());
    assert_eq!(batch.payments_after(Uuid::nil(), 99).await.unwrap(), [theirs.payment]);
    assert!(batch.evidence_of(&[ours.row]).await.unwrap().is_empty());
    let waiting = batch.changes_waiting(99).await.unwrap();
    assert!(!waiting.is_empty() && waiting.iter().all(|change| !change.trigger.reference().contains("ours")));
}

#[tokio::test]
async fn what_another_tenant_says_of_our_leads_links_customers_and_overrides_is_theirs() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut mine = store.batch_begin(ours.id()).await.unwrap();
    let waiting: Vec<Uuid> = mine.changes_waiting(99).await.unwrap().iter().map(|change| change.id).collect();
    drop(mine);
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    let told_to_them = CustomerFact { event: theirs.event.clone(), ..books::customer(ours) };
    batch.customers_put(&[told_to_them]).await.unwrap();
    let clue = Clue::Email(ours.lead_email.clone());
    batch.clues_insert(&[(clue.clone(), theirs.event.clone())]).await.unwrap();
    batch.changes_insert(&[(clue, Trigger::Lead("theirs".to_owned()))]).await.unwrap();
    batch.changes_settled_up_to(&waiting, theirs.payment).await.unwrap();
    batch.changes_settled(&waiting).await.unwrap();
    batch.checkpoint().await.unwrap();
    let refused = batch.restatements_insert(&[books::restatement(ours)], now()).await;
    is_refused(&mut batch, refused, "our rows").await;
    batch.commit().await.unwrap();

    let mut work = store.within(theirs.id()).await.unwrap();
    let lead = LeadTold { id: LeadId(hash_id("their copy")), ..books::lead(ours) };
    let put = work.leads_put(&[lead], Bringing::at(now())).await.unwrap();
    assert_eq!(put, [LeadPut::Taken(Put::New)]);
    assert_eq!(work.link(&books::link(ours).kind, &books::link(ours).record).await.unwrap(), None);
    assert_eq!(work.link_put(&books::link(ours), "them", Bringing::at(now())).await.unwrap(), LinkPut::New);
    assert_eq!(work.override_of(&books::said(ours).target).await.unwrap(), None);
    assert_eq!(work.override_end(ours.said, "them", now()).await.unwrap(), None);
    assert!(work.override_insert(&books::said(ours)).await.unwrap());
    assert_eq!(work.payment_of_row(ours.row).await.unwrap(), None);
    assert!(!work.is_customer_known("cus_nobody").await.unwrap());
    work.attribution_look_again(Trigger::Order).await.unwrap();
    let log = work.restatements_page(None, 99).await.unwrap();
    assert_eq!(log.iter().map(|line| line.said.new_row).collect::<Vec<_>>(), [theirs.row]);
    work.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn a_batch_of_another_tenant_changes_nothing_of_our_payments() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let ours_is_busy = store.batch_begin(ours.id()).await.unwrap();
    let mut batch = store.batch_begin_unless_busy(theirs.id()).await.unwrap().unwrap();
    assert!(store.batch_begin_unless_busy(ours.id()).await.unwrap().is_none());
    drop(ours_is_busy);
    batch.payments_merge(&[(ours.payment, theirs.payment)]).await.unwrap();
    batch.payment_names_insert(&[(ours.payment_name.clone(), theirs.payment)]).await.unwrap();
    let seen = seen(&ours.waiting, EventState::Dead);
    batch.events_seen(&[seen], jiff::SignedDuration::ZERO, now()).await.unwrap();
    batch.commit_durably().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn a_batch_of_another_tenant_sees_nothing_of_our_subscriptions() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let customers = [ours.customer()];
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    assert!(batch.subscription_facts_of(&customers).await.unwrap().is_empty());
    assert!(batch.versions_of(&customers).await.unwrap().is_empty());
    assert!(batch.movements_of(&customers).await.unwrap().is_empty());
    let price = [ours.price.clone()];
    assert!(batch.terms_named(&price).await.unwrap().is_empty());
    assert!(batch.customers_with_open_terms(&price).await.unwrap().is_empty());
    assert_eq!(batch.subscribers_after("", 99).await.unwrap(), [theirs.customer()]);
    assert!(batch.subscribers_among(&customers).await.unwrap().is_empty());
    assert!(batch.emails_paid_with(&customers).await.unwrap().is_empty());
    let clues = [Clue::Customer(ours.customer()), Clue::Email(ours.lead_email.clone())];
    assert!(batch.subscribers_with_clues(&clues).await.unwrap().is_empty());
    let key = subscriptions::movement(ours).key;
    assert!(batch.movement_versions(&[key]).await.unwrap().is_empty());
    assert_eq!(batch.recount_waiting().await.unwrap().unwrap().ids, [theirs.recount]);
    batch.movements_supersede(&[MrrMovementId(ours.movement)], now()).await.unwrap();
    batch.versions_drop(&[(ours.subscription(), 1)]).await.unwrap();
    batch.recounted_up_to(&[ours.recount], "z").await.unwrap();
    batch.recounted(&[ours.recount], now()).await.unwrap();
    batch.recount_ask(ours.recount, RecountReason::Rates, now()).await.unwrap();
    batch.commit().await.unwrap();
    let mut work = store.within(theirs.id()).await.unwrap();
    work.recount_ask(hash_id("another recount"), RecountReason::Timezone, now()).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);

    let mut snapshot = view_of(&world, theirs).await;
    let today = theirs.tenant.date_of(now());
    let standing = snapshot.mrr_standing(today).await.unwrap();
    assert_eq!((standing.mrr, standing.customers), (2_000, 1), "theirs alone");
    let moved = snapshot.daily_movements(DateRange::last_days(30, today)).await.unwrap();
    assert_eq!(moved.iter().map(|day| day.moved.new).collect::<Vec<_>>(), [2_000], "theirs alone");
    let opening =
        snapshot.mrr_opening(later(60 * 24).to_zoned(jiff::tz::TimeZone::UTC).date()).await.unwrap();
    assert_eq!((opening.mrr, opening.customers, opening.payers), (2_000, 1, 1), "theirs alone");
    assert_eq!(snapshot.mrr_cohort(DateRange::last_days(30, today)).await.unwrap(), Cohort::default());
    let channels = snapshot.mrr_by_channel(DateRange::last_days(30, today)).await.unwrap();
    assert_eq!(channels.iter().map(|part| part.moved.new).collect::<Vec<_>>(), [2_000], "theirs alone");
    let reasons = snapshot.movement_reasons(DateRange::last_days(30, today)).await.unwrap();
    assert_eq!(reasons.iter().map(|reason| reason.amount).collect::<Vec<_>>(), [2_000], "theirs alone");
    let churn = snapshot.scheduled_churn(today, None).await.unwrap();
    assert_eq!(
        churn.ends.iter().map(|end| &end.subscription_id).collect::<Vec<_>>(),
        [&theirs.subscription()]
    );
    let days = snapshot.mrr_of_days().await.unwrap();
    assert_eq!((days.moved, days.standing), (2_000, 2_000), "theirs alone");
    let rows = snapshot.mrr_of_rows().await.unwrap();
    assert_eq!((rows.moved, rows.standing, rows.currencies.len()), (2_000, 2_000, 1), "theirs alone");
}

#[tokio::test]
async fn subscriptions_of_another_tenant_cannot_point_at_our_events() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    batch.checkpoint().await.unwrap();
    let refused = batch.subscription_facts_insert(&[subscriptions::fact(ours)]).await;
    is_refused(&mut batch, refused, "our event").await;
    let refused = batch.terms_insert(&[subscriptions::terms(ours)]).await;
    is_refused(&mut batch, refused, "our event").await;
    let refused = batch.versions_insert(&[subscriptions::version(ours)]).await;
    is_refused(&mut batch, refused, "our event").await;
    // A movement names events without being tied to them; under our id it becomes theirs.
    let mut movement = subscriptions::movement(ours);
    movement.version = 2;
    batch.movements_insert(&[movement], now()).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn what_is_made_again_within_another_tenant_is_theirs() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    batch.plans_forget().await.unwrap();
    assert!(batch.is_behind().await.unwrap());
    let looked_at = batch.events_looked_at(0, 99).await.unwrap();
    assert_eq!(looked_at.iter().map(|kept| &kept.event.id).collect::<Vec<_>>(), [&theirs.event]);
    batch.projections_remember().await.unwrap();
    assert_eq!(batch.projections_compare(99).await.unwrap(), (0, Vec::new()));
    assert!(batch.orphans().await.unwrap().is_empty() && batch.stray_movements().await.unwrap().is_empty());
    batch.projections_drop().await.unwrap();
    batch.changes_forget_own().await.unwrap();
    let (count, listed) = batch.projections_compare(99).await.unwrap();
    assert!(count > 0 && listed.iter().all(|found| !found.key.contains("ours")));
    assert_eq!(batch.orphans().await.unwrap().len(), 1, "their row leads nowhere now");
    assert_eq!(batch.stray_movements().await.unwrap().len(), 1);
    batch.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn rollups_kept_within_another_tenant_are_theirs() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let (our_rollups, their_rollups) = (ours.id(), theirs.id());
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    batch.rollups_follow_rows(&[ours.row], &[ours.old_row]).await.unwrap();
    batch.rollups_follow_customers(&[ours.customer()]).await.unwrap();
    assert!(!batch.rollups_are_of_another_timezone(&theirs.tenant).await.unwrap());
    batch.commit().await.unwrap();
    assert!(world.database.rollups_that_differ(their_rollups).await.is_empty());
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    batch.rollups_make(&theirs.tenant).await.unwrap();
    batch.commit().await.unwrap();
    for tenant in [our_rollups, their_rollups] {
        assert!(world.database.rollups_that_differ(tenant).await.is_empty());
    }
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn days_sealed_within_another_tenant_are_theirs() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    assert_eq!(batch.seal_days(later(60 * 48)).await.unwrap(), 0, "theirs are sealed already");
    batch.commit().await.unwrap();
    let mut work = store.within(theirs.id()).await.unwrap();
    let check = work.seals_check().await.unwrap();
    assert_eq!((check.sealed, check.broken), (1, None));
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
    let refused = batch.facts_insert(&[(theirs.payment, fact(ours))]).await.map(drop);
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

pub(crate) async fn is_refused(batch: &mut Batch, outcome: Result<(), StoreError>, what: &str) {
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
    let tests = [
        include_str!("walls.rs"),
        include_str!("actions_walls.rs"),
        include_str!("alerts_walls.rs"),
        include_str!("jobs_walls.rs"),
        include_str!("connections_walls.rs"),
        include_str!("channels_walls.rs"),
        include_str!("pipeline_walls.rs"),
        include_str!("pipeline_figures_walls.rs"),
    ]
    .concat();
    let tests: String = tests.split_whitespace().collect();
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
        ("Snapshot", "snapshot"),
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
pub(crate) async fn rows_of(pool: &PgPool, side: &Side) -> BTreeMap<String, Vec<String>> {
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

pub(crate) fn hash_id(text: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes())
}
