//! The pipeline of a tenant and its costs are neither seen nor changed within another.

use domain::ids::{CampaignId, CostId, DealId, LeadId, TouchId};
use domain::importing::{FileState, ImportKind, ImportState};
use domain::money::Currency;
use jiff::civil::date;
use store::channel_costs::{Cost, CostFilter};
use store::imports::{Counts, NewImport};
use store::lead_foresight::LeadsForeseen;
use store::lead_touches::Touch;
use store::leads::{Bringing, LeadPut, LeadTold, Put};

use crate::support::{World, later, now, pipeline};
use crate::walls::{hash_id, rows_of};

#[tokio::test]
async fn our_leads_stays_and_touches_are_not_seen_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let mut work = store.within(theirs.id()).await.unwrap();
    for reference in [ours.lead_email.clone(), ours.lead.to_string()] {
        assert_eq!(work.lead(&reference).await.unwrap(), None);
    }
    assert_eq!(work.lead(&theirs.lead_email).await.unwrap().unwrap().id, theirs.lead);
    let both = [ours.lead_email.clone(), theirs.lead_email.clone()];
    assert_eq!(work.lead_ids(&both).await.unwrap().into_values().collect::<Vec<_>>(), [theirs.lead]);
    let stays = work.lead_stays(&[ours.lead, theirs.lead]).await.unwrap();
    assert_eq!(stays.iter().map(|(lead, _)| *lead).collect::<Vec<_>>(), [theirs.lead]);
    assert_eq!(work.touches_of(ours.lead, 99).await.unwrap(), []);
    let told = [LeadTold::of(LeadId(hash_id("a lead")), ours.lead_email.clone())];
    let put = work.leads_foresee(&told, &mut LeadsForeseen::default(), now()).await.unwrap();
    assert_eq!(put, [LeadPut::Taken(Put::New)]);
    assert_eq!(work.touches_of(theirs.lead, 99).await.unwrap(), [pipeline::touch(theirs)]);
}

#[tokio::test]
async fn our_campaigns_and_deals_are_neither_seen_nor_changed_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let (campaign, deal) = (pipeline::campaign(ours), pipeline::deal(ours));
    let mut work = store.within(theirs.id()).await.unwrap();
    let named = work.campaigns_of("manual", std::slice::from_ref(&campaign.external_id)).await.unwrap();
    assert!(named.is_empty());
    assert!(work.deals_of(std::slice::from_ref(&deal.external_id)).await.unwrap().is_empty());
    let campaign = store::campaigns::Campaign { id: CampaignId(hash_id("campaign")), ..campaign };
    let deal = store::deals::Deal { id: DealId(hash_id("deal")), lead: None, ..deal };
    let put = work.campaigns_put(&[campaign], Bringing::at(now())).await.unwrap();
    assert_eq!(put.into_values().collect::<Vec<_>>(), [Put::New]);
    let put = work.deals_put(&[deal], Bringing::at(now())).await.unwrap();
    assert_eq!(put.into_values().collect::<Vec<_>>(), [Put::New]);
    work.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn our_costs_are_neither_seen_nor_changed_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut work = store.within(theirs.id()).await.unwrap();
    assert_eq!(work.cost(ours.cost).await.unwrap(), None);
    work.cost_update(&Cost { notes: None, ..pipeline::cost(ours) }, later(1)).await.unwrap();
    work.cost_set_deleted(ours.cost, true, later(1)).await.unwrap();
    let page = work.costs_page(&CostFilter::default(), None, 99).await.unwrap();
    assert_eq!(page.iter().map(|cost| cost.cost.id).collect::<Vec<_>>(), [theirs.cost]);
    assert_eq!(work.costs_total(&CostFilter::default()).await.unwrap().rows, 1);
    let templates = work.cost_templates().await.unwrap();
    assert_eq!(templates, [pipeline::template(theirs)]);
    let month = date(2026, 12, 1);
    assert!(!work.cost_template_end(ours.cost_template, month, later(1)).await.unwrap());
    work.cost_template_insert(&pipeline::template(ours), now()).await.unwrap();
    let copy = Cost { id: CostId(hash_id("cost")), template: None, ..pipeline::cost(ours) };
    assert_eq!(work.costs_add(std::slice::from_ref(&copy), Bringing::at(now())).await.unwrap(), 1);
    let row = [(Cost { id: CostId(hash_id("a row")), ..copy }, [7; 32])];
    assert_eq!(
        work.costs_bring(&row, Bringing::at(now())).await.unwrap().len(),
        1,
        "a row is a tenant's own"
    );
    work.commit().await.unwrap();

    let mut batch = store.batch_begin(theirs.id()).await.unwrap();
    let days = (date(2026, 11, 1), date(2026, 11, 30));
    let costs = batch.costs_foreign(Currency::USD, days).await.unwrap();
    assert!(costs.len() == 3 && costs.iter().all(|cost| cost.id != ours.cost.0));
    let deals = batch.deals_foreign(Currency::USD, days).await.unwrap();
    assert_eq!(deals.iter().map(|deal| deal.id).collect::<Vec<_>>(), [theirs.deal.0]);
    let foreign = |id| store::channel_costs::Foreign { id, base_minor: Some(1), ..costs[0] };
    batch.costs_convert(&[foreign(ours.cost.0)]).await.unwrap();
    batch.deals_convert(&[foreign(ours.deal.0)]).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn our_files_are_neither_seen_nor_undone_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut work = store.within(theirs.id()).await.unwrap();
    assert_eq!(work.import(ours.import).await.unwrap(), None);
    let listed = work.imports(99).await.unwrap();
    assert_eq!(listed.iter().map(|import| import.id).collect::<Vec<_>>(), [theirs.import]);
    work.import_set(ours.import, &Counts::default(), ImportState::Failed, later(1)).await.unwrap();
    for kind in ImportKind::ALL {
        assert_eq!(work.import_undo(ours.import, kind, "them", later(1)).await.unwrap(), 0);
    }
    work.import_begin(&NewImport { made_by: "them".to_owned(), ..pipeline::import(ours) }, now())
        .await
        .unwrap();
    let told = pipeline::telling(ours);
    assert!(work.told_before("a lead's events", std::slice::from_ref(&told.key)).await.unwrap().is_empty());
    work.told_keep("a lead's events", &[told], later(1)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn what_happened_within_another_tenant_cannot_have_happened_with_our_leads_or_campaigns() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let fresh =
        |touch: Touch| Touch { id: TouchId(hash_id("touch")), external_id: "new".to_owned(), ..touch };
    for touch in [
        Touch { lead: ours.lead, ..pipeline::touch(theirs) },
        Touch { campaign: Some(ours.campaign), ..pipeline::touch(theirs) },
    ] {
        let mut work = store.within(theirs.id()).await.unwrap();
        let refused = work.touches_add(&[fresh(touch)], now()).await.unwrap_err();
        assert!(refused.is_refusal() && refused.to_string().contains("foreign key"), "{refused}");
    }
    let mut work = store.within(theirs.id()).await.unwrap();
    let of_ours = store::deals::Deal { lead: Some(LeadId(ours.lead.0)), ..pipeline::deal(theirs) };
    assert!(work.deals_put(&[of_ours], Bringing::at(now())).await.unwrap_err().is_refusal());
}

#[tokio::test]
async fn files_we_sent_are_neither_seen_nor_read_nor_forgotten_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let before = rows_of(&world.database.pool, ours).await;
    let mut work = store.within(theirs.id()).await.unwrap();
    let (file, counts) = (ours.import_file, Counts { rows: 9, ..Counts::default() });
    assert_eq!(work.import_file(file).await.unwrap(), None);
    assert_eq!(work.import_file_piece(file, 0).await.unwrap(), None);
    assert_eq!(work.import_file_problems(file, 0, 99).await.unwrap(), []);
    let begin = (&FileState::ALL[..], FileState::Checking);
    assert!(!work.import_file_begin(file, begin, &[], (later(9), later(9))).await.unwrap());
    work.import_file_arrived(file, 9, later(1)).await.unwrap();
    work.import_file_tell(file, &counts, &[], later(1)).await.unwrap();
    work.import_file_end(file, FileState::Done, (None, None), later(1)).await.unwrap();
    work.import_files_forget(later(9), 0).await.unwrap();
    assert_eq!(work.import_file(theirs.import_file).await.unwrap(), None, "theirs is forgotten");
    work.import_file_add(&pipeline::import_file(ours)).await.unwrap();
    work.import_file_piece_add(file, 0, b"theirs").await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
}

#[tokio::test]
async fn a_file_that_was_sent_is_read_as_it_was_kept_and_by_one_at_a_time() {
    let world = World::create().await;
    let (ours, file) = (&world.ours, world.ours.import_file);
    let mut work = world.store().within(ours.id()).await.unwrap();
    assert_eq!(work.import_file_piece(file, 0).await.unwrap().as_deref(), Some(&b"ours"[..]));
    assert_eq!(work.import_file_problems(file, 0, 9).await.unwrap(), [pipeline::row_problem(ours)]);
    assert_eq!(work.import_file_problems(file, 2, 9).await.unwrap(), []);
    let said = [("E-mail".to_owned(), "email".to_owned())];
    let check = (&[FileState::Waiting][..], FileState::Checking);
    assert!(work.import_file_begin(file, check, &said, (now(), now())).await.unwrap());
    assert!(!work.import_file_begin(file, check, &said, (now(), now())).await.unwrap(), "it is being read");
    let kept = work.import_file(file).await.unwrap().unwrap();
    assert_eq!((kept.state, kept.said.as_slice()), (FileState::Checking, &said[..]));
    assert_eq!(work.import_file_problems(file, 0, 9).await.unwrap(), [], "what was told before is forgotten");
    assert!(
        work.import_file_begin(file, check, &said, (later(9), later(9))).await.unwrap(),
        "who read it is gone"
    );
    work.import_file_end(file, FileState::Done, (None, Some(ours.import)), later(9)).await.unwrap();
    assert_eq!(work.import_file(file).await.unwrap().unwrap().import, Some(ours.import));
    assert_eq!(work.import_file_piece(file, 0).await.unwrap(), None, "it is kept no longer");
}
