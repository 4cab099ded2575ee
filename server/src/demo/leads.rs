//! The lead list: the buyers before they bought, and the many who never will.

use domain::lead::Stage;
use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};

use super::DemoPlan;
use super::calendar::{is_weekend, moment, season_permille};
use super::channels::{Channel, channel_of_bystander};
use super::dice::{Dice, token};
use super::people::{self, Buyer, Company, Evidence};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Nobody becomes a lead earlier than this before buying.
const LONGEST_COURTSHIP_DAYS: i64 = 44;

/// How many new names a working day brings, besides the buyers.
const BYSTANDERS_A_DAY: i64 = 36;
const BYSTANDERS_A_WEEKEND_DAY: i64 = 16;

/// One row of the lead list, as it stands at the plan's `until`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoLead {
    /// The address, lower case, unique in the list.
    pub email: String,
    /// The id in the outreach tool the lead came from.
    pub external_id: String,
    /// The slug of the channel that brought the lead.
    pub source: &'static str,
    /// When the lead was added, always before a first payment.
    pub created_at: Timestamp,
    /// The invented company.
    pub company: String,
    /// The stage reached by `until`.
    pub stage: Stage,
    /// Each stage with the moment it was reached, oldest first; the last one is `stage`.
    pub history: Vec<(Stage, Timestamp)>,
}

/// Every lead added by `until`, oldest first: who bought, who will, and who will not.
pub fn demo_leads(plan: &DemoPlan) -> Vec<DemoLead> {
    let mut leads: Vec<DemoLead> = buyer_leads(plan)
        .into_iter()
        .chain(bystander_leads(plan))
        .filter_map(|lead| lead.by(plan.until))
        .collect();
    leads.sort_by(|a, b| (a.created_at, &a.email).cmp(&(b.created_at, &b.email)));
    leads
}

/// A lead with everything that will ever happen to it.
struct Prospect {
    email: String,
    channel: Channel,
    company: Company,
    path: Vec<(Stage, Timestamp)>,
}

impl Prospect {
    /// The lead as it stands at an instant; none before it was added.
    fn by(self, until: Timestamp) -> Option<DemoLead> {
        let history: Vec<_> = self.path.into_iter().filter(|(_, at)| *at <= until).collect();
        let (_, created_at) = *history.first()?;
        let (stage, _) = *history.last()?;
        let external_id = format!("lead_Demo{}", token(&format!("lead/{}", self.email)));
        let company = self.company.name;
        let source = self.channel.slug();
        Some(DemoLead { email: self.email, external_id, source, created_at, company, stage, history })
    }
}

/// The buyers who are on the list, those included who only buy after `until`.
fn buyer_leads(plan: &DemoPlan) -> Vec<Prospect> {
    let last = plan.last_day() + Span::new().days(LONGEST_COURTSHIP_DAYS + 1);
    let buyers = people::buyers(plan.since, last).into_iter();
    buyers.filter(|buyer| buyer.evidence == Evidence::Lead).map(buyer_lead).collect()
}

fn buyer_lead(buyer: Buyer) -> Prospect {
    let path = courtship(&mut buyer.dice("lead"), buyer.signed_up);
    Prospect { email: buyer.email, channel: buyer.channel, company: buyer.company, path }
}

/// The stages of someone who buys, in shares of the time it took them.
fn courtship(dice: &mut Dice, bought: Timestamp) -> Vec<(Stage, Timestamp)> {
    let length = dice.between(6 * DAY, LONGEST_COURTSHIP_DAYS * DAY);
    let shares =
        [0, dice.between(1, 5), dice.between(10, 22), dice.between(30, 48), dice.between(52, 70), 100];
    let left = |share: i64| SignedDuration::from_secs(length * (100 - share) / 100);
    Stage::ALL.into_iter().zip(shares).map(|(stage, share)| (stage, bought - left(share))).collect()
}

fn bystander_leads(plan: &DemoPlan) -> Vec<Prospect> {
    plan.since
        .series(Span::new().days(1))
        .take_while(|day| *day <= plan.last_day())
        .flat_map(bystanders_of)
        .collect()
}

fn bystanders_of(day: Date) -> Vec<Prospect> {
    let usual = if is_weekend(day) { BYSTANDERS_A_WEEKEND_DAY } else { BYSTANDERS_A_DAY };
    let noise = Dice::about(&format!("crowd/{day}")).between(-3, 3);
    let crowd = (usual + noise) * season_permille(day) / 1000;
    (0..crowd).map(|nth| bystander(day, nth)).collect()
}

fn bystander(day: Date, nth: i64) -> Prospect {
    let mut dice = Dice::about(&format!("bystander/{day}/{nth}"));
    let company = Company::cast(&mut dice);
    let email = people::email(&mut dice, &company, day, &format!("n{nth:02}"));
    let channel = channel_of_bystander(&mut dice);
    let added = moment(day, dice.between(6 * HOUR, 21 * HOUR));
    let last_stage = dice.weighted(&reach_of_bystanders(channel));
    Prospect { path: wandering(&mut dice, added, last_stage), email, channel, company }
}

/// How far the leads of a channel come that never buy.
fn reach_of_bystanders(channel: Channel) -> [(Stage, i64); 5] {
    let [pool, enriched, contacted, replied, meeting] = match channel {
        Channel::HeyReach => [24, 23, 32, 13, 8],
        Channel::MetaAds => [38, 28, 25, 6, 3],
        Channel::Referral => [8, 12, 30, 25, 25],
        Channel::Organic => [22, 20, 28, 17, 13],
        Channel::PlusVibe | Channel::LinkedIn => [27, 24, 32, 11, 6],
    };
    [
        (Stage::Pool, pool),
        (Stage::Enriched, enriched),
        (Stage::Contacted, contacted),
        (Stage::Replied, replied),
        (Stage::Meeting, meeting),
    ]
}

/// The stages of someone who does not buy, up to the one they get stuck in.
fn wandering(dice: &mut Dice, added: Timestamp, last: Stage) -> Vec<(Stage, Timestamp)> {
    let reached = Stage::ALL.into_iter().take_while(|stage| *stage <= last);
    let waits = reached.map(|stage| (stage, wait_before(dice, stage)));
    let walk = waits.scan(added, |at, (stage, wait)| {
        *at += SignedDuration::from_secs(wait);
        Some((stage, *at))
    });
    walk.collect()
}

fn wait_before(dice: &mut Dice, stage: Stage) -> i64 {
    match stage {
        Stage::Pool => 0,
        Stage::Enriched => dice.between(2 * HOUR, 30 * HOUR),
        Stage::Contacted => dice.between(DAY, 9 * DAY),
        Stage::Replied => dice.between(DAY, 12 * DAY),
        Stage::Meeting => dice.between(DAY, 9 * DAY),
        Stage::Closed => dice.between(4 * DAY, 30 * DAY),
    }
}
