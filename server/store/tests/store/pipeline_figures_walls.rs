//! Figures and lists of another tenant's pipeline hold nothing of ours.

use domain::lead::Stage;
use domain::money::Currency;
use domain::period::DateRange;
use domain::velocity::StuckRule;
use jiff::Timestamp;
use jiff::civil::date;
use store::customer_list::CustomerFilter;
use store::lead_list::LeadFilter;

use crate::support::{World, later, now};

/// All the time there is.
fn ever() -> (Timestamp, Timestamp) {
    (now() - jiff::SignedDuration::from_hours(24 * 400), later(60 * 24))
}

fn stuck() -> Vec<(Stage, StuckRule)> {
    Stage::ALL.map(|stage| (stage, StuckRule { entered_before: later(1), quiet_since: later(1) })).to_vec()
}

#[tokio::test]
async fn figures_of_another_tenant_s_pipeline_count_nothing_of_ours() {
    let world = World::create().await;
    let mut work = world.store().within(world.theirs.id()).await.unwrap();
    let reached = work.cohort_reached(Currency::USD, ever()).await.unwrap();
    assert_eq!(reached.iter().map(|reached| reached.leads).sum::<i64>(), 1);
    let standing = work.standing_at(Currency::USD, later(60)).await.unwrap();
    assert_eq!(standing.iter().map(|of| of.leads).sum::<i64>(), 1);
    let stays = work.stays_begun(ever(), later(60)).await.unwrap();
    assert_eq!(stays.iter().map(|of| of.stays.open + of.stays.ended).sum::<i64>(), 1);
    let now_standing = work.standing_now(&stuck()).await.unwrap();
    assert_eq!(now_standing.iter().map(|of| (of.leads, of.stuck)).collect::<Vec<_>>(), [(1, 1)]);
    let open = work.deals_open_at(later(1)).await.unwrap();
    assert_eq!(open.iter().map(|deals| deals.deals).sum::<i64>(), 1);
    assert_eq!(work.deals_decided(ever()).await.unwrap().won, 0);
    let november = DateRange { from: date(2026, 11, 1), to: date(2026, 11, 30) };
    assert_eq!(work.costs_within(november).await.unwrap().len(), 1);
}

#[tokio::test]
async fn lists_of_another_tenant_s_leads_hold_none_of_ours() {
    let world = World::create().await;
    let (ours, theirs) = (&world.ours, &world.theirs);
    let mut work = world.store().within(theirs.id()).await.unwrap();
    let every = LeadFilter::default();
    let page = work.leads_page(&every, &stuck(), None, 99).await.unwrap();
    assert_eq!(page.iter().map(|lead| lead.id).collect::<Vec<_>>(), [theirs.lead]);
    assert_eq!(work.leads_counted(&every, &stuck()).await.unwrap(), 1);
    assert_eq!(work.lead_listed(ours.lead, &stuck()).await.unwrap(), None);
    assert!(work.campaigns_of_lead(ours.lead).await.unwrap().is_empty());
    assert!(work.deals_with(ours.lead).await.unwrap().is_empty());
    assert!(work.money_of_lead(ours.lead, 99).await.unwrap().is_empty());
    assert!(work.lifetime_revenue(ours.lead).await.unwrap().is_empty());
    assert_eq!(work.campaigns_of_lead(theirs.lead).await.unwrap().len(), 1);
    assert_eq!(work.deals_with(theirs.lead).await.unwrap().len(), 1);
    assert!(!work.money_of_lead(theirs.lead, 99).await.unwrap().is_empty());
}

#[tokio::test]
async fn lists_of_another_tenant_s_customers_hold_none_of_ours() {
    let world = World::create().await;
    let mut work = world.store().within(world.ours.id()).await.unwrap();
    let every = CustomerFilter::default();
    let of_ours = work.customers_page(&every, None, 99).await.unwrap();
    assert!(!of_ours.is_empty());
    let mut work = world.store().within(world.theirs.id()).await.unwrap();
    let of_theirs = work.customers_page(&every, None, 99).await.unwrap();
    let counted = work.customers_counted(&every).await.unwrap();
    assert_eq!(i64::try_from(of_theirs.len()).unwrap(), counted);
    for customer in of_ours {
        assert!(of_theirs.iter().all(|theirs| theirs.customer != customer.customer));
        assert!(work.movements_of_customer(&customer.customer).await.unwrap().is_empty());
        assert!(work.money_of_customer(&customer.customer, 99).await.unwrap().is_empty());
    }
}
