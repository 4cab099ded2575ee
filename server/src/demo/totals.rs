//! What the ledger should say, taken from what the story meant rather than from what its events say.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::DemoPlan;
use super::calendar::monday_of;
use super::people::Buyer;
use super::story::{self, Happening, Scene};

/// The story's money up to `until`, in US cents; the story knows no other currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DemoTotals {
    /// Every payment, before refunds.
    pub gross: i64,
    /// Everything that went back, as a positive number.
    pub refunds: i64,
    /// Gross less refunds.
    pub net: i64,
    /// Net by the slug of the channel it should be attributed to, "unknown" included.
    pub net_by_channel: BTreeMap<&'static str, i64>,
    /// Net by the Monday its week begins with, in UTC.
    pub net_by_week: BTreeMap<Date, i64>,
    /// How many payments there were.
    pub payments: usize,
}

/// Money that moved: in is positive, out is negative.
#[derive(Debug, Clone, Copy)]
struct Movement {
    at: Timestamp,
    cents: i64,
    channel: &'static str,
}

/// What a ledger fed with every event of the plan, and every lead, should come to.
pub fn expected(plan: &DemoPlan) -> DemoTotals {
    movements(plan).into_iter().fold(DemoTotals::default(), DemoTotals::with)
}

fn movements(plan: &DemoPlan) -> Vec<Movement> {
    plan.buyers().iter().flat_map(|buyer| movements_of(buyer, plan.until)).collect()
}

impl DemoTotals {
    fn with(mut self, movement: Movement) -> Self {
        match movement.cents {
            paid @ 0.. => {
                self.gross += paid;
                self.payments += 1;
            }
            refunded => self.refunds -= refunded,
        }
        self.net += movement.cents;
        *self.net_by_channel.entry(movement.channel).or_default() += movement.cents;
        *self.net_by_week.entry(monday_of(movement.at)).or_default() += movement.cents;
        self
    }
}

fn movements_of(buyer: &Buyer, until: Timestamp) -> Vec<Movement> {
    let channel = buyer.attributed_to();
    let told = story::life(buyer, until).into_iter();
    told.filter_map(|told| movement(told.scene, channel)).collect()
}

fn movement(scene: Scene, channel: &'static str) -> Option<Movement> {
    let cents = match &scene.what {
        Happening::Refunded(refund) => -refund.cents,
        what => what.payment(scene.at)?.cents,
    };
    Some(Movement { at: scene.at, cents, channel })
}
