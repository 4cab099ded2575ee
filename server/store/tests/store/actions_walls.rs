//! Actions of a tenant are neither seen nor changed within another, and each is kept once.

use domain::action::leads::{LeadState, LeadsPreview};
use domain::action::{ActionKind, Preview, State};
use domain::alert::Lookups;
use domain::campaign::CampaignState;
use domain::channel::ChannelSlug;
use domain::ids::ActionId;
use serde_json::json;
use store::action_leads::ActionLead;
use store::actions::{ActionFilter, StoredAction};
use store::campaign_list::{CampaignFilter, CampaignListed};
use store::lead_list::LeadFilter;

use crate::support::actions::{action, asked, looked_up};
use crate::support::{World, later, now, pipeline};
use crate::walls::{hash_id, rows_of};

#[tokio::test]
async fn our_actions_are_neither_seen_nor_changed_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut work = store.within(theirs.id()).await.unwrap();
    assert_eq!(work.action(ours.action).await.unwrap(), None);
    assert_eq!(work.action_by_key(&action(ours).key).await.unwrap(), None);
    assert_eq!(work.action_by_key(&action(theirs).key).await.unwrap(), Some(action(theirs)));
    assert_eq!(work.actions(&ActionFilter::default(), None, 99).await.unwrap(), [action(theirs)]);
    assert_eq!(work.action_last_of(ours.campaign).await.unwrap(), None);
    assert_eq!(work.action_undoing(ours.action).await.unwrap(), None);
    assert_eq!(work.actions_after(&action(ours)).await.unwrap(), []);
    assert_eq!(work.actions_unknown(None, Some(ours.campaign)).await.unwrap(), []);
    assert_eq!(work.action_events(&[ours.action, theirs.action]).await.unwrap(), [asked(theirs)]);
    assert_eq!(work.actions_asked(&ours.email, Some(ours.campaign), later(-1)).await.unwrap(), (0, 0));
    work.action_set(&StoredAction { state: State::Calling, ..action(ours) }).await.unwrap();
    work.commit().await.unwrap();
    let mut work = store.within(theirs.id()).await.unwrap();
    assert!(work.action_event_insert(&asked(ours)).await.unwrap_err().is_refusal(), "a foreign key");
    drop(work);
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn our_campaigns_are_neither_seen_nor_switched_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut work = store.within(theirs.id()).await.unwrap();
    assert_eq!(work.campaign(ours.campaign).await.unwrap(), None);
    let known = work.campaign(theirs.campaign).await.unwrap().unwrap();
    assert_eq!((known.campaign, known.version), (pipeline::campaign(theirs), 1));
    let all = CampaignFilter::default();
    let listed = work.campaigns_page(&all, None, 99).await.unwrap();
    let is_theirs = |listed: &CampaignListed| listed.campaign.external_id.ends_with("of theirs");
    assert!(listed.len() == 2 && listed.iter().all(is_theirs));
    assert_eq!(work.campaigns_count(&all).await.unwrap(), 2);
    // One of another tenant is no place in the list.
    assert_eq!(work.campaigns_page(&all, Some(ours.campaign), 99).await.unwrap(), []);
    let behind = work.campaigns_page(&all, Some(listed[0].campaign.id), 99).await.unwrap();
    assert_eq!(behind, listed[1..]);
    let outreach = CampaignFilter { channel: Some(pipeline::campaign(theirs).channel), ..all.clone() };
    let listed = work.campaigns_page(&outreach, None, 99).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].campaign, pipeline::campaign(theirs));
    assert_eq!(work.campaigns_count(&outreach).await.unwrap(), 1);
    let other = CampaignFilter { channel: Some(ChannelSlug::stored("meta_ads".to_owned())), ..all };
    assert_eq!(work.campaigns_page(&other, None, 99).await.unwrap(), []);
    assert!(!work.campaign_set_state(ours.campaign, CampaignState::Paused, now()).await.unwrap());
    assert!(!work.campaign_set_state(theirs.campaign, CampaignState::Active, now()).await.unwrap());
    assert!(work.campaign_set_state(theirs.campaign, CampaignState::Paused, now()).await.unwrap());
    assert_eq!(work.campaign(theirs.campaign).await.unwrap().unwrap().version, 2);
    let activity = work.campaign_activity(ours.campaign, later(-60), later(60)).await.unwrap();
    assert_eq!((activity.sent, activity.replied), (0, 0));
    assert_eq!(work.campaign_in_flight(ours.campaign, later(-60)).await.unwrap(), 0);
    work.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn an_action_is_read_as_it_was_set_and_what_happened_to_it_cannot_be_rewritten() {
    let world = World::create().await;
    let after = StoredAction {
        state: State::Done,
        answer: Some(json!({ "status": 200 })),
        called_at: Some(later(1)),
        ended_at: Some(later(2)),
        version: 3,
        ..action(&world.ours)
    };
    let mut work = world.store().within(world.ours.id()).await.unwrap();
    work.action_set(&after).await.unwrap();
    assert_eq!(work.action(after.id).await.unwrap(), Some(after.clone()));
    let of = |state| ActionFilter {
        kind: Some(ActionKind::PauseCampaign),
        state: Some(state),
        channel: after.preview.campaign().map(|preview| preview.channel.clone()),
    };
    assert_eq!(work.actions(&of(State::Done), None, 9).await.unwrap(), std::slice::from_ref(&after));
    assert_eq!(work.actions(&of(State::Queued), None, 9).await.unwrap(), []);
    work.commit().await.unwrap();
    for statement in ["update action_events set note = 'another'", "delete from action_events"] {
        let refused = sqlx::query(statement).execute(&world.database.pool).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
}

#[tokio::test]
async fn a_key_stands_for_one_action_and_a_campaign_has_one_under_way() {
    let world = World::create().await;
    let ours = &world.ours;
    let again = StoredAction { id: ActionId(hash_id("again")), ..action(ours) };
    for refused in [again.clone(), StoredAction { key: "another".to_owned(), ..again.clone() }] {
        let mut work = world.store().within(ours.id()).await.unwrap();
        assert!(work.action_insert(&refused).await.unwrap_err().is_refusal(), "{refused:?}");
    }
    let mut work = world.store().within(ours.id()).await.unwrap();
    let over = StoredAction { state: State::Failed, ended_at: Some(now()), version: 2, ..action(ours) };
    work.action_set(&over).await.unwrap();
    work.action_insert(&StoredAction { key: "another".to_owned(), ..again }).await.unwrap();
    assert_eq!(work.actions(&ActionFilter::default(), None, 9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_done_to_our_leads_is_neither_seen_nor_changed_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let kind = ActionKind::RetryEnrichment;
    let mut work = store.within(theirs.id()).await.unwrap();
    let both = [ours.action, theirs.action];
    assert_eq!(work.action_leads(&both).await.unwrap(), [looked_up(theirs)]);
    assert_eq!(work.action_lead(ours.action, ours.lead).await.unwrap(), None);
    assert_eq!(work.actions_of_lead(ours.lead, 9).await.unwrap(), []);
    assert_eq!(work.actions_of_lead(theirs.lead, 9).await.unwrap(), [looked_up(theirs)]);
    assert_eq!(work.action_leads_asked(kind, later(-1)).await.unwrap(), 1);
    let known = work.leads_to_act_on(&[ours.lead, theirs.lead], kind, &[]).await.unwrap();
    assert_eq!(known.iter().map(|lead| lead.id).collect::<Vec<_>>(), [theirs.lead]);
    assert!(!work.is_told_as_sent(&looked_up(ours)).await.unwrap());
    assert_eq!(work.lookups_since(later(-1)).await.unwrap(), Lookups::default(), "neither has ended");
    let failing = LeadFilter { has_failed_lookup: true, ..LeadFilter::default() };
    assert_eq!(work.leads_counted(&failing, &[]).await.unwrap(), 0);
    let failed = ActionLead {
        state: LeadState::Failed,
        problem: Some("nothing was found".to_owned()),
        ended_at: Some(now()),
        ..looked_up(theirs)
    };
    work.action_lead_set(&failed).await.unwrap();
    let lookups = Lookups { leads: 1, failed: 1, problem: failed.problem };
    assert_eq!(work.lookups_since(later(-1)).await.unwrap(), lookups);
    assert_eq!(work.leads_counted(&failing, &[]).await.unwrap(), 1);
    let listed = work.leads_page(&failing, &[], None, 9).await.unwrap();
    assert_eq!(listed.iter().map(|lead| lead.id).collect::<Vec<_>>(), [theirs.lead]);
    assert_eq!(
        work.action_leads_end_queued(ours.action, None, LeadState::Failed, None, now()).await.unwrap(),
        0
    );
    let done = ActionLead { state: LeadState::Done, ended_at: Some(now()), ..looked_up(ours) };
    work.action_lead_set(&done).await.unwrap();
    work.commit().await.unwrap();
    let mut work = store.within(theirs.id()).await.unwrap();
    let mixed = ActionLead { lead: ours.lead, ..looked_up(theirs) };
    assert!(work.action_leads_insert(&[mixed]).await.unwrap_err().is_refusal(), "a foreign key");
    drop(work);
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn what_is_under_way_for_a_lead_is_not_begun_again() {
    let world = World::create().await;
    let ours = &world.ours;
    let nobody = LeadsPreview {
        kind: ActionKind::RetryEnrichment,
        leads: Vec::new(),
        left_out: Vec::new(),
        text: None,
        credits: Some(0),
    };
    let second = StoredAction {
        id: ActionId(hash_id("second")),
        kind: ActionKind::RetryEnrichment,
        preview: Preview::Leads(nobody),
        key: "second".to_owned(),
        ..action(ours)
    };
    let mut work = world.store().within(ours.id()).await.unwrap();
    work.action_insert(&second).await.unwrap();
    let again = ActionLead { action: second.id, ..looked_up(ours) };
    assert!(work.action_leads_insert(std::slice::from_ref(&again)).await.is_err(), "the first is queued");
    drop(work);
    let mut work = world.store().within(ours.id()).await.unwrap();
    let ended =
        work.action_leads_end_queued(ours.action, None, LeadState::Cancelled, None, now()).await.unwrap();
    assert_eq!(ended, 1);
    let ended = work.action_lead(ours.action, ours.lead).await.unwrap().unwrap();
    assert_eq!((ended.state, ended.ended_at), (LeadState::Cancelled, Some(now())));
}
