//! Events that come together share a commit, and nothing else: neither a refusal nor anybody's patience.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::ids::{EventId, TenantId};
use futures::FutureExt as _;
use futures::future::join_all;
use futures::stream::{FuturesUnordered, StreamExt as _};
use sqlx::PgPool;
use store::stripe_events::Kept;
use store::{Entry, Store, StoreError};

use crate::support::proxy::Proxy;
use crate::support::{World, now};

fn event(number: usize) -> EventId {
    format!("evt_n{number}").parse().unwrap()
}

async fn keep(store: &Store, tenant: TenantId, event: &EventId) -> Result<Kept, StoreError> {
    store.stripe_event_keep(tenant, event, event.as_str().as_bytes(), now()).await
}

/// The ids of the kept events, each with its own body.
async fn kept(pool: &PgPool, tenant: TenantId) -> BTreeSet<String> {
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
        "select stripe_event_id, body from stripe_events where tenant_id = $1 and stripe_event_id like 'evt\\_n%'",
    )
    .bind(tenant.0)
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(rows.iter().all(|(id, body)| id.as_bytes() == body.as_slice()));
    rows.into_iter().map(|(id, _)| id).collect()
}

#[tokio::test]
async fn what_comes_together_is_committed_together_and_each_is_told_what_became_of_it() {
    let world = World::create().await;
    let (store, ours) = (world.store(), world.ours.id());
    // Every third is a copy of an earlier one.
    let events: Vec<EventId> = (0..300).map(|n| event(if n % 3 == 2 { n - 2 } else { n })).collect();
    let outcomes = join_all(events.iter().map(|event| keep(store, ours, event))).await;
    let outcomes: Vec<Kept> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Kept::New).count(), 200);
    assert_eq!(kept(&world.database.pool, ours).await.len(), 200);
    let commits: i64 =
        sqlx::query_scalar("select count(distinct xmin::text) from stripe_events where tenant_id = $1")
            .bind(ours.0)
            .fetch_one(&world.database.pool)
            .await
            .unwrap();
    assert!(commits < 20, "{commits} commits");
    for event in &events {
        assert_eq!(keep(store, ours, event).await.unwrap(), Kept::Duplicate);
    }
}

#[tokio::test]
async fn of_fifty_copies_at_once_one_is_new() {
    let world = World::create().await;
    let (store, copy) = (world.store(), event(1));
    let copies = (0..50).map(|_| keep(store, world.ours.id(), &copy));
    let outcomes = join_all(copies).await;
    assert_eq!(outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(Kept::New))).count(), 1);
    assert_eq!(
        keep(store, world.theirs.id(), &copy).await.unwrap(),
        Kept::New,
        "another tenant's is another"
    );
}

#[tokio::test]
async fn an_event_the_database_refuses_fails_alone() {
    let world = World::create().await;
    let (store, ours) = (world.store(), world.ours.id());
    for (code, is_refusal) in [("check_violation", true), ("deadlock_detected", false)] {
        let trigger = format!(
            "create or replace function refuse() returns trigger language plpgsql as $$
            begin
                if new.stripe_event_id like '%bad' then raise exception using errcode = '{code}'; end if;
                return new;
            end $$;
            create or replace trigger refuse before insert on stripe_events for each row execute function refuse()"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(trigger)).execute(&world.database.pool).await.unwrap();
        let mut events: Vec<EventId> = (0..40).map(|n| format!("evt_n{code}{n}").parse().unwrap()).collect();
        events[20] = format!("evt_n{code}bad").parse().unwrap();

        let outcomes = join_all(events.iter().map(|event| keep(store, ours, event))).await;

        for (event, outcome) in events.iter().zip(outcomes) {
            match outcome {
                Ok(kept) => assert_eq!(kept, Kept::New, "{event}"),
                Err(error) => {
                    assert!(event.as_str().ends_with("bad"), "{event}: {error}");
                    assert_eq!(error.is_refusal(), is_refusal);
                }
            }
        }
        let there = kept(&world.database.pool, ours).await;
        assert_eq!(there.iter().filter(|id| id.contains(code)).count(), 39);
    }
}

#[tokio::test]
async fn events_whose_senders_went_away_are_kept_and_hold_up_nobody() {
    let world = World::create().await;
    let (store, ours) = (world.store(), world.ours.id());
    let events: Vec<EventId> = (0..100).map(event).collect();
    let mut staying = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let mut keeping = Box::pin(keep(store, ours, event));
        assert!(keeping.as_mut().now_or_never().is_none(), "it is handed in, and not durable yet");
        if number % 2 == 0 {
            staying.push(keeping);
        }
    }
    for outcome in join_all(staying).await {
        assert_eq!(outcome.unwrap(), Kept::New);
    }
    assert_eq!(keep(store, ours, &event(1_000)).await.unwrap(), Kept::New);
    assert_eq!(kept(&world.database.pool, ours).await.len(), 101);
}

#[tokio::test]
async fn many_events_of_one_tenant_do_not_hold_up_anothers() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), world.ours.id(), world.theirs.id());
    let mut flood: FuturesUnordered<_> =
        (0..5_000).map(|number| async move { keep(store, ours, &event(number)).await }).collect();
    assert_eq!(flood.next().await.unwrap().unwrap(), Kept::New);

    let mut others = Box::pin(async {
        for number in 0..3 {
            assert_eq!(keep(store, theirs, &event(number)).await.unwrap(), Kept::New);
        }
    });
    let waiting = loop {
        tokio::select! {
            () = &mut others => break flood.len(),
            kept = flood.next() => assert_eq!(kept.expect("others come before the last").unwrap(), Kept::New),
        }
    };

    assert!(waiting > 1_000, "{waiting} of ours waited still");
    while let Some(kept) = flood.next().await {
        assert_eq!(kept.unwrap(), Kept::New);
    }
    assert_eq!(kept(&world.database.pool, ours).await.len(), 5_000);
}

#[tokio::test]
async fn while_the_database_is_away_everybody_is_told_so_and_afterwards_events_are_kept() {
    let world = World::create().await;
    let ours = world.ours.id();
    let proxy = Proxy::open(&world.database.url, Duration::ZERO).await;
    let store = Store::connect(&proxy.url, Entry::SwitchRole).await.unwrap();
    assert_eq!(keep(&store, ours, &event(0)).await.unwrap(), Kept::New);
    proxy.cut();

    let events: Vec<EventId> = (1..60).map(event).collect();
    let away = join_all(events.iter().map(|event| keep(&store, ours, event)));
    let outcomes = tokio::time::timeout(Duration::from_secs(30), away).await.expect("nobody waits for ever");

    assert!(outcomes.iter().all(|outcome| outcome.as_ref().is_err_and(|error| !error.is_refusal())));
    proxy.mend();
    let outcomes = join_all(events.iter().map(|event| keep(&store, ours, event))).await;
    assert!(outcomes.into_iter().all(|outcome| outcome.unwrap() == Kept::New));
    assert_eq!(kept(&world.database.pool, ours).await.len(), 60);
}

#[tokio::test]
async fn what_waits_is_bounded_and_who_finds_no_room_is_told_so() {
    let world = World::create().await;
    let (store, ours) = (world.store(), world.ours.id());
    let mut held = world.database.pool.begin().await.unwrap();
    sqlx::query("lock table stripe_events in share mode").execute(&mut *held).await.unwrap();
    let body = vec![b'x'; 4 << 20];
    let mut keeping: FuturesUnordered<_> = (0..12)
        .map(|number| {
            let (event, body) = (event(number), &body);
            async move { store.stripe_event_keep(ours, &event, body, now()).await }
        })
        .collect();

    // Seven of them fill the room of 32 MiB, and nothing gets done while the table is held.
    for _ in 0..5 {
        assert!(keeping.next().await.unwrap().is_err());
    }
    held.rollback().await.unwrap();

    while let Some(outcome) = keeping.next().await {
        assert_eq!(outcome.unwrap(), Kept::New);
    }
}
