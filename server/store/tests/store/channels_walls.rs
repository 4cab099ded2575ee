//! The channels of a tenant and their rules are neither seen nor changed within another, and are read as they were kept.

use domain::channel::rules::Rules;
use domain::channel::{Channel, ChannelSlug};
use store::channel_rules::LeadSource;

use crate::support::channels::rules;
use crate::support::{World, channel, now};
use crate::walls::rows_of;

fn slug(text: &str) -> ChannelSlug {
    ChannelSlug::stored(text.to_owned())
}

#[tokio::test]
async fn our_channels_and_rules_are_neither_seen_nor_changed_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut work = store.within(theirs.id()).await.unwrap();
    work.applying_hold().await.unwrap();
    work.leads_hold().await.unwrap();
    let list = work.channels().await.unwrap();
    assert_eq!((list.iter().count(), list.rules()), (1, &rules(theirs)));
    assert_eq!(work.channel_uses().await.unwrap().len(), 1);
    assert!(work.channel_insert(&channel("theirs_alone"), now()).await.unwrap());
    let renamed = Channel { name: "Theirs".to_owned(), ..channel("outreach") };
    assert!(work.channel_update(&renamed).await.unwrap());
    work.channels_order(&[slug("theirs_alone"), slug("outreach")]).await.unwrap();
    assert_eq!(work.rules_version().await.unwrap(), 1);
    assert!(work.rules_claim(1).await.unwrap() && !work.rules_claim(1).await.unwrap());
    work.rules_replace(&Rules::default(), "them", now()).await.unwrap();
    let sources = work.lead_sources().await.unwrap();
    assert_eq!(sources.iter().map(|known| known.leads).sum::<i64>(), 1);
    let everywhere: Vec<_> = sources.into_iter().map(|known| (known.source, slug("theirs_alone"))).collect();
    work.lead_sources_stand_for(&everywhere).await.unwrap();
    assert!(work.channel_delete(&slug("outreach"), 2).await.unwrap());
    work.commit().await.unwrap();
    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    let list = batch.channels().await.unwrap();
    assert_eq!(list.iter().map(|channel| channel.slug.as_str()).collect::<Vec<_>>(), ["theirs_alone"]);
    assert_eq!(list.rules(), &Rules::default());
    drop(batch);
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn a_rule_stands_for_a_channel_that_is_there_and_its_channel_stays() {
    let world = World::create().await;
    let mut work = world.store().within(world.ours.id()).await.unwrap();
    let refused = work.channel_delete(&slug("outreach"), 1).await.unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("foreign key"), "{refused}");
}

#[tokio::test]
async fn channels_are_read_in_the_order_and_version_they_were_kept_and_say_what_there_is_of_them() {
    let world = World::create().await;
    let mut work = world.store().within(world.ours.id()).await.unwrap();
    assert!(work.channel_insert(&channel("b"), now()).await.unwrap());
    assert!(work.channel_insert(&channel("a"), now()).await.unwrap());
    assert!(!work.channel_insert(&channel("a"), now()).await.unwrap(), "its short name is taken");
    work.channels_order(&[slug("b"), slug("outreach"), slug("a")]).await.unwrap();
    let hidden = Channel { is_hidden: true, color: 0, ..channel("a") };
    assert!(work.channel_update(&hidden).await.unwrap());
    assert!(!work.channel_update(&hidden).await.unwrap(), "it is another version now");
    let kept: Vec<Channel> = work.channels().await.unwrap().iter().cloned().collect();
    assert_eq!(
        kept.iter().map(|channel| (channel.slug.as_str(), channel.place)).collect::<Vec<_>>(),
        [("b", 1), ("outreach", 2), ("a", 3)]
    );
    assert_eq!(kept[2], Channel { place: 3, version: 2, ..hidden });
    let sources = work.lead_sources().await.unwrap();
    let [LeadSource { source, .. }] = &sources[..] else { panic!("{sources:?}") };
    work.lead_sources_stand_for(&[(source.clone(), slug("b"))]).await.unwrap();
    let uses = work.channel_uses().await.unwrap();
    let told: Vec<_> = uses.iter().map(|used| (used.channel.as_str(), used.leads, used.is_named)).collect();
    assert_eq!(told, [("b", 1, false), ("outreach", 0, true), ("a", 0, false)]);
    assert!(
        !work.channel_delete(&slug("a"), 1).await.unwrap()
            && work.channel_delete(&slug("a"), 2).await.unwrap()
    );
}

#[tokio::test]
async fn what_is_unknown_said_or_linked_of_ours_is_neither_seen_nor_changed_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut work = store.within(theirs.id()).await.unwrap();
    assert_eq!(work.override_said(ours.said).await.unwrap(), None);
    assert!(work.override_said(theirs.said).await.unwrap().is_some());
    let customer = ours.customer();
    let about = work.overrides_about(Some(&ours.payment_name), Some(&customer)).await.unwrap();
    assert_eq!(about, []);
    let about = work.overrides_about(Some(&theirs.payment_name), None).await.unwrap();
    assert_eq!(about.iter().map(|said| said.id).collect::<Vec<_>>(), [theirs.said]);
    assert_eq!(work.credited(Some(ours.row), Some(&customer)).await.unwrap(), None);
    assert_eq!(work.credited(Some(theirs.row), None).await.unwrap().unwrap().row, theirs.row);
    assert_eq!(work.links_about(&customer).await.unwrap(), []);
    let linked = work.links_about(&theirs.customer()).await.unwrap();
    let [link] = &linked[..] else { panic!("{linked:?}") };
    assert_eq!(work.link_delete(&link.kind, &link.record).await.unwrap().as_ref(), Some(link));
    assert_eq!(work.link_delete(&link.kind, &link.record).await.unwrap(), None);
    let sources = work.sources_of_leads(&[ours.lead, theirs.lead]).await.unwrap();
    assert_eq!(sources.into_keys().collect::<Vec<_>>(), [theirs.lead]);
    let unknown = work.unknown_page(None, 99).await.unwrap();
    assert!(unknown.iter().all(|found| found.row != ours.row));
    assert_eq!(work.unknown_total().await.unwrap().payers, i64::try_from(unknown.len()).unwrap());
    work.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}
