//! Invented companies, a year in the life of one and three months of another, told as the Stripe events and leads it would have left behind.
//!
//! Nothing here reads a clock or ambient randomness: every buyer is cast from the fixed seed and the week they
//! sign up in, and lives the same life however often it is told. A later `until` only adds events; a later
//! `since` only leaves out the buyers who came before it. Revenue grows because subscriptions pile up from
//! `since` on, so the demo looks alike whichever year it is shown in. All of it is test mode (`livemode`
//! false), and every id says "Demo".
//!
//! The calendar says who signs up when, `people` who they are, `story` what happens to them, `stripe_events`
//! how Stripe would report it, `leads` where they came from, `pipeline` what stands around them, and `totals` what the ledger should say of it all.
//!
//! To add another happening, give `story::Happening` a variant, tell it in `story`, report it in
//! `stripe_events`, and count it in `totals` when money moves.

mod calendar;
mod catalog;
mod channels;
mod dice;
mod everything;
mod fill;
mod leads;
mod people;
mod pipeline;
mod staff;
mod story;
mod stripe_events;
#[cfg(test)]
mod tests;
mod totals;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use channels::demo_channels;
pub use everything::fill_all;
pub use fill::{Company, Filled, NORTHWIND, SOUTHWIND, fill};
pub use leads::{DemoLead, demo_leads};
pub use totals::{DemoTotals, expected};

use people::Buyer;

/// The stretch of time the demo tells: sign-ups from the day `since`, events up to the instant `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoPlan {
    /// The first day on which somebody may sign up.
    pub since: Date,
    /// The instant after which nothing has happened yet.
    pub until: Timestamp,
}

/// One Stripe event, as the webhook would have received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoEvent {
    /// The event's id, unique in the whole story.
    pub id: String,
    /// When the event was created, to the second.
    pub created: Timestamp,
    /// The complete JSON body.
    pub body: Vec<u8>,
}

/// Every Stripe event of the plan, ordered by the second it was created in.
pub fn demo_events(plan: &DemoPlan) -> Vec<DemoEvent> {
    let mut events: Vec<DemoEvent> = plan.buyers().iter().flat_map(|buyer| events_of(buyer, plan)).collect();
    // Stable on purpose: within a second, each buyer's events keep the order they were told in.
    events.sort_by_key(|event| event.created);
    events
}

fn events_of(buyer: &Buyer, plan: &DemoPlan) -> Vec<DemoEvent> {
    stripe_events::report(buyer, &story::life(buyer, plan.until))
}

impl DemoPlan {
    /// Everyone who signs up within the plan.
    fn buyers(&self) -> Vec<Buyer> {
        let mut buyers = people::buyers(self.since, self.last_day());
        buyers.retain(|buyer| buyer.signed_up <= self.until);
        buyers
    }

    fn last_day(&self) -> Date {
        self.until.to_zoned(TimeZone::UTC).date()
    }
}
