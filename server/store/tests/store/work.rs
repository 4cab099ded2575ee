//! How work begins, and what is left of it when nobody waits for it any more.

use std::time::Duration;

use domain::audit::Deed;
use domain::ids::AuditId;
use store::audit_log::AuditFilter;
use store::testing::TestDatabase;
use store::{Entry, Store};
use uuid::Uuid;

use crate::support::people::line_by;
use crate::support::proxy::Proxy;
use crate::support::{Side, World, now};

#[tokio::test]
async fn work_begins_and_names_its_tenant_in_one_message() {
    let world = World::create().await;
    let proxy = Proxy::open(&world.database.url, Duration::ZERO).await;
    let store = Store::connect(&proxy.url, Entry::SwitchRole).await.unwrap();
    let mut said = String::from("\0");
    while said.starts_with('\0') {
        until_all_is_quiet(&world.database).await;
        proxy.forget();
        let mut work = store.within(world.ours.id()).await.unwrap();
        said = proxy.messages();
        assert_eq!(work.tenant().await.unwrap().id, world.ours.id());
    }
    // A connection that was in use a moment ago is not asked whether it is alive.
    assert_eq!(said, "Q");
}

/// sqlx returns a connection whose `begin` was given up to the pool, still in its transaction
/// (<https://github.com/launchbadge/sqlx/issues/4393>): its next borrower would work within the wrong tenant.
#[tokio::test]
async fn work_that_is_given_up_while_it_begins_leaves_no_transaction_behind() {
    let world = World::create().await;
    let delay = Duration::from_millis(20);
    let proxy = Proxy::open(&world.database.url, delay).await;
    let store = Store::connect(&proxy.url, Entry::SwitchRole).await.unwrap();
    // A round trip to begin: these give up in it.
    for patience in (5..40).step_by(5).map(Duration::from_millis) {
        drop(store.within(world.ours.id()).await.unwrap());
        drop(store.platform().await.unwrap());
        tokio::time::sleep(delay * 4).await;
        assert!(tokio::time::timeout(patience, store.within(world.ours.id())).await.is_err());
        assert!(tokio::time::timeout(patience, store.platform()).await.is_err());
        until_all_is_quiet(&world.database).await;
    }
    let mut theirs = store.within(world.theirs.id()).await.unwrap();
    assert_eq!(theirs.tenant().await.unwrap().id, world.theirs.id());
}

#[tokio::test]
async fn many_given_up_at_any_moment_leave_no_transaction_behind() {
    let world = World::create().await;
    let store = world.store();
    for round in 0u64..20 {
        let given_up = (0u64..18).map(|turn| {
            let (store, tenant) = (store.clone(), world.ours.id());
            let patience = Duration::from_micros((round * 18 + turn) * 7919 % 3000);
            tokio::spawn(async move {
                let work = async {
                    let mut work = store.within(tenant).await.unwrap();
                    work.members().await.unwrap();
                    work.commit().await.unwrap();
                };
                let _ = tokio::time::timeout(patience, work).await;
            })
        });
        for gone in given_up.collect::<Vec<_>>() {
            gone.await.unwrap();
        }
        until_all_is_quiet(&world.database).await;
    }
}

#[tokio::test]
async fn what_is_not_committed_did_not_happen() {
    let world = World::create().await;
    let (store, ours) = (world.store(), &world.ours);
    let id = AuditId(Uuid::new_v5(&Uuid::NAMESPACE_OID, b"line"));
    let mut dropped = store.within(ours.id()).await.unwrap();
    dropped.audit(&line_by(ours, id, Deed::Exported), now()).await.unwrap();
    drop(dropped);
    let mut dropped = store.platform().await.unwrap();
    assert!(dropped.tenant_insert(&Side::named("new").tenant, &[], now()).await.unwrap());
    drop(dropped);
    let lines =
        store.within(ours.id()).await.unwrap().audit_page(&AuditFilter::default(), None, 9).await.unwrap();
    assert!(lines.iter().all(|line| line.deed != Deed::Exported));
    assert_eq!(store.tenant_by_slug("new").await.unwrap(), None);
}

/// A tenant named for one transaction is none for the next one on that connection.
#[tokio::test]
async fn work_after_work_on_one_connection_sees_its_own_tenant() {
    let world = World::create().await;
    for _ in 0..20 {
        for side in [&world.ours, &world.theirs] {
            let mut work = world.store().within(side.id()).await.unwrap();
            assert_eq!(work.tenant().await.unwrap().id, side.id());
            work.commit().await.unwrap();
        }
    }
}

/// Waits until no connection of the program's is in a transaction, and fails when one stays in it.
async fn until_all_is_quiet(database: &TestDatabase) {
    let mut left = Vec::new();
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(40)).await;
        left = sqlx::query_scalar::<_, String>(
            "select state || ': ' || query from pg_stat_activity
            where datname = current_database() and application_name = 'command-center' and state <> 'idle'",
        )
        .fetch_all(&database.pool)
        .await
        .unwrap();
        if left.is_empty() {
            return;
        }
    }
    panic!("still in a transaction: {left:?}");
}
