//! Tools of a tenant, what was read from them and what they sent are neither seen nor changed within another.

use domain::alert::UnreadTool;
use domain::connection::{ConnectionState, SyncState, Tool};
use domain::ids::{SyncId, TouchId};
use domain::lead::TouchKind;
use serde_json::json;
use store::connections::StoredConnection;
use store::lead_touches::Touch;
use store::synced_objects::{SyncedKind, SyncedObject};
use store::syncs::{ListPlace, SyncCounts};
use store::webhook_deliveries::DeliveryOutcome;

use crate::support::connections::{TOOL, campaign, connection, counts, ended, objects, place, rejection};
use crate::support::{World, later, now};
use crate::walls::{hash_id, rows_of};

#[tokio::test]
async fn our_tools_and_syncs_are_neither_seen_nor_changed_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    assert_eq!(store.connections_everywhere().await.unwrap().len(), 2);
    let lock = store.sync_lock(ours.id(), TOOL).await.unwrap().unwrap();
    assert!(store.sync_lock(ours.id(), TOOL).await.unwrap().is_none(), "one at a time");
    let another = store.sync_lock(theirs.id(), TOOL).await.unwrap();
    another.expect("ours does not hold up theirs").release().await.unwrap();
    lock.release().await.unwrap();
    let mut work = store.within(theirs.id()).await.unwrap();
    assert_eq!(work.connections().await.unwrap(), [ended(theirs), connection(theirs)]);
    assert_eq!(work.connection_of(TOOL).await.unwrap(), Some(connection(theirs)));
    let refused = StoredConnection { state: ConnectionState::Refused, ..connection(theirs) };
    work.connection_put(&refused).await.unwrap();
    let ids: Vec<SyncId> = work.syncs(None, 99).await.unwrap().into_iter().map(|sync| sync.id).collect();
    assert_eq!(ids, [theirs.sync, theirs.old_sync]);
    assert_eq!(work.sync_rejections(ours.old_sync, 99).await.unwrap(), []);
    assert_eq!(work.sync_rejections(theirs.old_sync, 99).await.unwrap(), [rejection(theirs)]);
    assert!(!work.sync_add(ours.sync, counts(), &[rejection(theirs)], now()).await.unwrap());
    work.sync_end(ours.sync, Some("another's"), now()).await.unwrap();
    let unread =
        UnreadTool { tool: TOOL, readings: 0, problem: connection(theirs).problem, is_refused: true };
    assert_eq!(work.tools_unread().await.unwrap(), [unread], "theirs was just refused");
    assert_eq!(work.list_place(TOOL, "campaigns").await.unwrap(), Some(place(theirs)));
    let moved = ListPlace { place: None, ..place(theirs) };
    work.list_place_put(TOOL, &moved).await.unwrap();
    work.commit().await.unwrap();
    let mut work = store.within(theirs.id()).await.unwrap();
    work.sync_end(theirs.sync, None, now()).await.unwrap();
    let refused = work.sync_begin(ours.sync, Tool::Instantly, "somebody", now()).await.unwrap_err();
    assert!(refused.is_refusal(), "a tool that is not connected is not read: {refused}");
    drop(work);
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn what_our_tools_gave_and_sent_is_neither_seen_nor_changed_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut work = store.within(theirs.id()).await.unwrap();
    for ((kind, of_ours), (_, of_theirs)) in objects(ours).into_iter().zip(objects(theirs)) {
        let both = [of_ours.external_id.clone(), of_theirs.external_id.clone()];
        let known = work.synced_of(TOOL, kind, &both).await.unwrap();
        assert_eq!(known.into_values().collect::<Vec<_>>(), [of_theirs]);
    }
    let campaigns = work.synced_campaigns(TOOL).await.unwrap();
    assert_eq!(campaigns.len(), 1);
    assert_eq!(campaigns[0].external_id, campaign(theirs).external_id);
    assert_eq!(work.person_at(ours.lead, TOOL).await.unwrap(), None);
    assert!(work.person_at(theirs.lead, TOOL).await.unwrap().is_some());
    assert_eq!(work.newest_thread(ours.lead, TOOL).await.unwrap(), None);
    let emails = [ours.lead_email.clone(), theirs.lead_email.clone()];
    let known = work.leads_known(&[ours.lead], &emails, &emails).await.unwrap();
    assert_eq!(known.iter().map(|lead| lead.id).collect::<Vec<_>>(), [theirs.lead]);
    work.leads_advance(&[ours.lead], now()).await.unwrap();
    work.people_advance(TOOL, now()).await.unwrap();
    let pending = work.deliveries_pending(TOOL, 99).await.unwrap();
    assert_eq!(pending.iter().map(|delivery| delivery.key.as_str()).collect::<Vec<_>>(), ["theirs"]);
    work.delivery_read(TOOL, "ours", &DeliveryOutcome::Applied, now()).await.unwrap();
    assert!(work.delivery_keep(TOOL, "ours", &json!({}), now()).await.unwrap(), "a key is a tenant's own");
    work.commit().await.unwrap();
    let mut work = store.within(theirs.id()).await.unwrap();
    let stolen = SyncedObject { lead: Some(ours.lead), ..objects(theirs)[1].1.clone() };
    let refused = work.synced_put(TOOL, SyncedKind::Person, &[stolen], now()).await.unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("foreign key"), "{refused}");
    drop(work);
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn what_came_is_what_was_taken_and_what_was_not() {
    let world = World::create().await;
    let ours = &world.ours;
    let mut work = world.store().within(ours.id()).await.unwrap();
    for _ in 0..2 {
        assert!(work.sync_add(ours.sync, counts(), &[rejection(ours)], later(1)).await.unwrap());
    }
    work.sync_end(ours.sync, Some("the tool is gone"), later(2)).await.unwrap();
    assert!(
        !work.sync_add(ours.sync, counts(), &[], later(3)).await.unwrap(),
        "what has ended takes no more"
    );
    let newest = work.syncs(Some(TOOL), 1).await.unwrap().remove(0);
    assert_eq!((newest.state, newest.problem.as_deref()), (SyncState::Failed, Some("the tool is gone")));
    assert_eq!(newest.counts, SyncCounts { created: 6, changed: 4, same: 2, rejected: 2 });
    assert_eq!(newest.counts.came(), 14);
    assert_eq!(work.sync_rejections(ours.sync, 99).await.unwrap(), vec![rejection(ours); 2]);
    work.commit().await.unwrap();
    for statement in ["update syncs set came = came + 1", "update sync_rejections set reason = 'another'"] {
        assert!(sqlx::query(statement).execute(&world.database.pool).await.is_err(), "{statement}");
    }
}

#[tokio::test]
async fn an_answer_goes_to_the_newest_thing_a_lead_wrote() {
    let world = World::create().await;
    let ours = &world.ours;
    let mut work = world.store().within(ours.id()).await.unwrap();
    let (_, touch) = objects(ours)[2].clone();
    let named = |name: &str| SyncedObject {
        external_id: name.to_owned(),
        thread: Some(json!({ "id": name })),
        ..touch.clone()
    };
    work.synced_put(TOOL, SyncedKind::Touch, &[named("first"), named("second"), named("ours")], now())
        .await
        .unwrap();
    let happened = |name: &str, kind, minutes| Touch {
        id: TouchId(hash_id(name)),
        external_id: format!("heyreach:{name}"),
        lead: ours.lead,
        kind,
        channel: None,
        campaign: None,
        occurred_at: later(minutes),
        note: None,
    };
    let touches = [
        happened("first", TouchKind::Replied, -30),
        happened("second", TouchKind::Replied, -20),
        happened("ours", TouchKind::Sent, -10),
    ];
    work.touches_add(&touches, now()).await.unwrap();
    assert_eq!(work.newest_thread(ours.lead, TOOL).await.unwrap(), Some(json!({ "id": "second" })));
}
