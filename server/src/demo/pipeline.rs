//! What stands around the leads: who looks after them, what happened with them, their deals, and what channels cost.
//!
//! Everything follows from the leads' histories and dice of their own, so that telling it twice says the same.

use domain::campaign::CampaignState;
use domain::channel::ChannelSlug;
use domain::cost::{CostType, months_due};
use domain::deal::DealState;
use domain::ids::{CampaignId, CostId, DealId, LeadId, TouchId};
use domain::lead::{Stage, Told, TouchKind};
use domain::money::{Currency, Money};
use domain::period::DateRange;
use domain::tenant::Tenant;
use jiff::{SignedDuration, Timestamp};
use store::campaigns::Campaign;
use store::channel_costs::Cost;
use store::deals::Deal;
use store::lead_touches::Touch;
use store::leads::Bringing;
use store::{Store, StoreError};
use uuid::Uuid;

use super::calendar::moment;
use super::dice::Dice;
use super::{DemoLead, DemoPlan};

/// How many things one transaction brings.
const AT_ONCE: usize = 5_000;

/// Who looks after leads.
const OWNERS: [&str; 4] = ["sales-one", "sales-two", "sales-three", "founder"];

/// The campaigns of three tools: tool, channel, name, state, and how many days after the beginning each began.
const CAMPAIGNS: [(&str, &str, &str, CampaignState, i64); 9] = [
    ("heyreach", "heyreach", "Founders of agencies", CampaignState::Active, 0),
    ("heyreach", "heyreach", "Heads of growth", CampaignState::Active, 45),
    ("heyreach", "linkedin", "Alumni of the bootcamp", CampaignState::Paused, 90),
    ("plusvibe", "plusvibe", "Cold e-mail, spring", CampaignState::Finished, 10),
    ("plusvibe", "plusvibe", "Cold e-mail, autumn", CampaignState::Active, 60),
    ("plusvibe", "plusvibe", "Warm restart", CampaignState::Draft, 85),
    ("meta", "meta_ads", "Lookalikes", CampaignState::Active, 5),
    ("meta", "meta_ads", "Retargeting", CampaignState::Active, 30),
    ("meta", "meta_ads", "Broad, video", CampaignState::Paused, 70),
];

/// What each channel costs a month: channel, type, cents, and how much that varies, in percent. Meta ads cost more
/// than they bring.
const MONTHLY: [(&str, CostType, i64, i64); 11] = [
    ("heyreach", CostType::Subscription, 79_900, 0),
    ("heyreach", CostType::Salary, 320_000, 0),
    ("plusvibe", CostType::Subscription, 39_700, 0),
    ("plusvibe", CostType::Usage, 62_000, 25),
    ("meta_ads", CostType::AdSpend, 1_850_000, 12),
    ("meta_ads", CostType::Agency, 220_000, 0),
    ("linkedin", CostType::Tool, 9_900, 0),
    ("linkedin", CostType::AdSpend, 85_000, 15),
    ("organic", CostType::Salary, 180_000, 0),
    ("organic", CostType::Tool, 12_900, 0),
    ("referral", CostType::Commission, 75_000, 30),
];

/// What is said of a lead besides its history.
pub(super) fn owner_and_value(lead: &DemoLead) -> (Told<String>, Told<Money>) {
    let mut dice = Dice::about(&format!("care/{}", lead.email));
    let has_owner = dice.chance(if lead.stage >= Stage::Contacted { 900 } else { 250 });
    let owner = has_owner.then(|| format!("{}@northwind.example.com", dice.pick(&OWNERS)));
    let value = (lead.stage >= Stage::Replied).then(|| usd(dice.pick(&[49_900, 149_000, 299_000, 990_000])));
    (owner.into(), value.into())
}

/// Brings in everything around the leads; what is there already stays as it is.
pub(super) async fn bring_in(
    store: &Store,
    tenant: &Tenant,
    plan: &DemoPlan,
    leads: &[DemoLead],
) -> Result<(), StoreError> {
    let bringing = Bringing::at(plan.until);
    let mut work = store.within(tenant.id).await?;
    work.campaigns_put(&campaigns(tenant, plan), bringing).await?;
    work.costs_add(&costs(tenant, plan), bringing).await?;
    work.commit().await?;
    let touches: Vec<Touch> = leads.iter().flat_map(|lead| touches_of(tenant, plan, lead)).collect();
    for chunk in touches.chunks(AT_ONCE) {
        let mut work = store.within(tenant.id).await?;
        work.touches_add(chunk, plan.until).await?;
        work.commit().await?;
    }
    let deals: Vec<Deal> = leads.iter().filter_map(|lead| deal_of(tenant, plan, lead)).collect();
    for chunk in deals.chunks(AT_ONCE) {
        let mut work = store.within(tenant.id).await?;
        work.deals_put(chunk, bringing).await?;
        work.commit().await?;
    }
    Ok(())
}

/// Our id of a lead of the demo.
pub(super) fn lead_id(tenant: &Tenant, lead: &DemoLead) -> LeadId {
    LeadId(Uuid::new_v5(&tenant.id.0, lead.external_id.as_bytes()))
}

fn id(tenant: &Tenant, of: &str) -> Uuid {
    Uuid::new_v5(&tenant.id.0, of.as_bytes())
}

fn slug(channel: &str) -> ChannelSlug {
    ChannelSlug::stored(channel.to_owned())
}

const fn usd(minor: i64) -> Money {
    Money { minor, currency: Currency::USD }
}

fn campaigns(tenant: &Tenant, plan: &DemoPlan) -> Vec<Campaign> {
    let begun = |days: i64| moment(plan.since, 9 * 3_600 + days * 86_400);
    let campaign =
        |(number, (tool, channel, name, state, days)): (usize, &(&str, &str, &str, CampaignState, i64))| {
            let external_id = format!("camp_Demo{number}");
            let has_begun = *state != CampaignState::Draft && begun(*days) <= plan.until;
            Campaign {
                id: CampaignId(id(tenant, &external_id)),
                connector: (*tool).to_owned(),
                external_id,
                name: (*name).to_owned(),
                channel: slug(channel),
                state: *state,
                started_at: has_begun.then(|| begun(*days)),
            }
        };
    CAMPAIGNS.iter().enumerate().map(campaign).collect()
}

fn costs(tenant: &Tenant, plan: &DemoPlan) -> Vec<Cost> {
    let months = months_due(plan.since, None, plan.last_day());
    let of_month = |month: &DateRange| {
        let month = *month;
        MONTHLY.map(|(channel, cost_type, cents, percent)| {
            let topic = format!("cost/{channel}/{cost_type}/{}", month.from);
            let varied = cents + cents * Dice::about(&topic).between(-percent, percent) / 100;
            cost(tenant, &topic, channel, cost_type, varied, month)
        })
    };
    let credit = months.get(1).map(|month| {
        let refund = cost(tenant, "cost/credit", "meta_ads", CostType::AdSpend, -45_000, *month);
        Cost { notes: Some("Credit for clicks that were none".to_owned()), ..refund }
    });
    months.iter().flat_map(of_month).chain(credit).collect()
}

fn cost(
    tenant: &Tenant,
    topic: &str,
    channel: &str,
    cost_type: CostType,
    cents: i64,
    period: DateRange,
) -> Cost {
    Cost {
        id: CostId(id(tenant, topic)),
        channel: slug(channel),
        cost_type,
        money: usd(cents),
        base_minor: Some(cents),
        period,
        notes: None,
        template: None,
    }
}

/// What happened with a lead, as its stages tell it.
fn touches_of(tenant: &Tenant, plan: &DemoPlan, lead: &DemoLead) -> Vec<Touch> {
    let campaign = campaign_of(tenant, plan, lead);
    let touch = |(stage, at): &(Stage, Timestamp)| {
        let kind = match stage {
            Stage::Contacted => TouchKind::Sent,
            Stage::Replied => TouchKind::Replied,
            Stage::Meeting => TouchKind::Meeting,
            Stage::Pool | Stage::Enriched | Stage::Closed => return None,
        };
        let external_id = format!("touch/{}/{}", lead.external_id, kind.word());
        Some(Touch {
            id: TouchId(id(tenant, &external_id)),
            external_id,
            lead: lead_id(tenant, lead),
            kind,
            channel: Some(lead.source.to_owned()),
            campaign: campaign.filter(|_| kind != TouchKind::Meeting),
            occurred_at: *at,
            note: None,
        })
    };
    lead.history.iter().filter_map(touch).collect()
}

/// A campaign of the lead's channel, when it has one that has begun.
fn campaign_of(tenant: &Tenant, plan: &DemoPlan, lead: &DemoLead) -> Option<CampaignId> {
    let begun = campaigns(tenant, plan).into_iter();
    let of_channel: Vec<CampaignId> = begun
        .filter(|campaign| campaign.channel.as_str() == lead.source && campaign.started_at.is_some())
        .map(|campaign| campaign.id)
        .collect();
    let last = i64::try_from(of_channel.len()).ok()?.checked_sub(1).filter(|last| *last >= 0)?;
    let drawn = Dice::about(&format!("campaign/{}", lead.email)).between(0, last);
    of_channel.get(usize::try_from(drawn).ok()?).copied()
}

/// A deal is opened at the meeting, won by who buys, and lost by some of the others.
fn deal_of(tenant: &Tenant, plan: &DemoPlan, lead: &DemoLead) -> Option<Deal> {
    let reached = |wanted: Stage| lead.history.iter().find(|(stage, _)| *stage == wanted).map(|(_, at)| *at);
    let opened_at = reached(Stage::Meeting)?;
    let mut dice = Dice::about(&format!("deal/{}", lead.email));
    let value = usd(dice.pick(&[49_900, 149_000, 299_000, 990_000, 1_490_000]));
    let given_up = opened_at + SignedDuration::from_hours(24 * dice.between(14, 60));
    let is_given_up = dice.chance(650) && given_up <= plan.until;
    let (state, closed_at) = match reached(Stage::Closed) {
        Some(won_at) => (DealState::Won, Some(won_at)),
        None if is_given_up => (DealState::Lost, Some(given_up)),
        None => (DealState::Open, None),
    };
    let (stage, open_percent) = dice.pick(&[("proposal", 35), ("negotiation", 60), ("contract", 85)]);
    let external_id = format!("deal_Demo{}", lead.external_id.trim_start_matches("lead_Demo"));
    Some(Deal {
        id: DealId(id(tenant, &external_id)),
        external_id,
        lead: Some(lead_id(tenant, lead)),
        name: format!("Bootcamp for {}", lead.company),
        state,
        stage: if state == DealState::Open { stage } else { state.word() }.to_owned(),
        probability_percent: if state == DealState::Open {
            open_percent
        } else {
            state.usual_probability_percent()
        },
        value,
        base_value_minor: Some(value.minor),
        opened_at,
        closed_at,
    })
}
