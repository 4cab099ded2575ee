//! Alerts of a tenant are neither seen nor changed within another, one stands under a key, and their history stays.

use domain::alert::{Handling, State};
use domain::ids::{AlertCommentId, AlertId};
use store::StoreError;
use store::alert_comments::AlertComment;
use store::alerts::StoredAlert;

use crate::support::alerts::{alert, comment, opening};
use crate::support::{World, later, now};
use crate::walls::{hash_id, rows_of};

#[tokio::test]
async fn our_alerts_are_neither_seen_nor_changed_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut work = store.within(theirs.id()).await.unwrap();
    work.alerts_lock().await.unwrap();
    assert_eq!(work.alert(ours.alert).await.unwrap(), None);
    assert_eq!(work.alerts_standing().await.unwrap(), [alert(theirs)]);
    assert_eq!(work.alerts_in(&State::ALL, 99).await.unwrap(), [alert(theirs)]);
    assert_eq!(work.alerts_open().await.unwrap(), 1);
    let events = work.alert_events(&[ours.alert, theirs.alert]).await.unwrap();
    assert_eq!(events, [opening(theirs)]);
    let comments = work.alert_comments(&[ours.alert, theirs.alert]).await.unwrap();
    assert_eq!(comments, [comment(theirs)]);
    assert_eq!(work.events_came(99).await.unwrap().events, 2);
    let (standing, _) = alert(ours).standing.handled(Handling::Resolve, now()).unwrap();
    work.alert_set(&StoredAlert { standing, ..alert(ours) }).await.unwrap();
    work.commit().await.unwrap();
    let mut work = store.within(theirs.id()).await.unwrap();
    let refused = work.alert_event_insert(&opening(ours)).await.unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("foreign key"), "{refused}");
    drop(work);
    let mut work = store.within(theirs.id()).await.unwrap();
    let said = AlertComment { id: AlertCommentId(hash_id("theirs about ours")), ..comment(ours) };
    let refused = work.alert_comment_insert(&said).await.unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("foreign key"), "{refused}");
    drop(work);
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn an_alert_is_read_as_it_was_set() {
    let world = World::create().await;
    let mut work = world.store().within(world.ours.id()).await.unwrap();
    let before = alert(&world.ours);
    let (standing, _) = before.standing.handled(Handling::Snooze(later(60)), now()).unwrap();
    let after = StoredAlert {
        standing,
        set_aside_about: Some(before.finding.about.clone()),
        assignee: Some("ada@example.com".to_owned()),
        version: 2,
        ..before
    };
    work.alert_set(&after).await.unwrap();
    assert_eq!(work.alert(world.ours.alert).await.unwrap(), Some(after.clone()));
    assert_eq!(work.alerts_in(&[State::Snoozed], 99).await.unwrap(), std::slice::from_ref(&after));
    let (standing, _) = after.standing.cleared(later(1));
    work.alert_set(&StoredAlert { standing, ..after }).await.unwrap();
    assert_eq!(work.alerts_standing().await.unwrap(), []);
    assert_eq!(work.alerts_open().await.unwrap(), 0);
}

#[tokio::test]
async fn one_alert_stands_under_a_key_until_its_condition_is_gone() {
    let world = World::create().await;
    let ours = &world.ours;
    let again = StoredAlert { id: AlertId(hash_id("again")), ..alert(ours) };
    let mut work = world.store().within(ours.id()).await.unwrap();
    let refused = work.alert_insert(&again).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Database(_)) && refused.is_refusal(), "{refused}");
    drop(work);
    let mut work = world.store().within(ours.id()).await.unwrap();
    let (standing, _) = alert(ours).standing.cleared(now());
    work.alert_set(&StoredAlert { standing, ..alert(ours) }).await.unwrap();
    work.alert_insert(&again).await.unwrap();
    assert_eq!(work.alerts_standing().await.unwrap(), [again]);
}

#[tokio::test]
async fn what_happened_to_an_alert_and_what_was_said_cannot_be_rewritten() {
    let world = World::create().await;
    for statement in [
        "update alert_events set why = 'another'",
        "delete from alert_events",
        "update alert_comments set body = 'another'",
        "delete from alert_comments",
    ] {
        let refused = sqlx::query(statement).execute(&world.database.pool).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
}
