//! The versions a subscription went through, by the rules of a definition.

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::order::in_order;
use super::pricing::Monthly;
use super::terms::Terms;
use super::{Occasion, Snapshot, Status, SubscriptionFact};
use crate::definition::{ChurnRecognition, Definition, PausePolicy};
use crate::ids::EventId;
use crate::ledger::Product;
use crate::money::Currency;

/// What a subscription was from a moment on, until its next version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Since when.
    pub from: Timestamp,
    /// The event that told.
    pub cause: EventId,
    /// What it was and counted.
    pub state: State,
}

/// What a subscription is and counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct State {
    /// Its status.
    pub status: Status,
    /// The currency it is charged in.
    pub currency: Currency,
    /// What it counts a month, in minor units.
    pub mrr: i64,
    /// What it will count when its trial ends.
    pub trial_mrr: i64,
    /// What it counts and an overdue invoice puts at risk.
    pub past_due_mrr: i64,
    /// How much of it cannot be counted: items and discounts nobody told the price of.
    pub untold_parts: usize,
    /// Whether its collection is paused.
    pub is_collection_paused: bool,
    /// Whether the definition counts it as gone though Stripe does not yet.
    pub is_given_up: bool,
    /// When the period it is paid for began.
    pub period_start: Option<Timestamp>,
    /// When that period ends.
    pub period_end: Option<Timestamp>,
    /// When it is to end.
    pub ends_at: Option<Timestamp>,
    /// Why it was cancelled, in Stripe's word.
    pub cancel_reason: Option<String>,
    /// What the customer said about it, in Stripe's word.
    pub cancel_feedback: Option<String>,
    /// What it is for.
    pub items: Vec<CountedItem>,
}

/// An item and what it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedItem {
    /// `price_…`
    pub price: Option<String>,
    /// What is sold.
    pub product: Option<Product>,
    /// How many.
    pub quantity: i64,
    /// What it comes to in a month, in minor units; `None` when it cannot be told.
    pub monthly: Option<i64>,
}

impl State {
    /// Whether the customer still has it, paying or not.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.status.is_live() && !self.is_given_up
    }
}

/// A moment from which a subscription stood in a certain way.
#[derive(Clone, Copy)]
struct Moment<'a> {
    from: Timestamp,
    fact: &'a SubscriptionFact,
    status: Status,
    is_grace_over: bool,
}

/// The versions that follow from a subscription's facts, in the order in which they held.
#[must_use]
pub fn history(facts: &[SubscriptionFact], definition: &Definition, terms: &Terms) -> Vec<Version> {
    let moments = with_derived(told_moments(&in_order(facts)), definition, terms);
    let mut versions: Vec<Version> = Vec::with_capacity(moments.len());
    for moment in moments {
        let state = moment.state(definition, terms);
        if versions.last().is_none_or(|last| last.state != state) {
            versions.push(Version { from: moment.from, cause: moment.fact.event.clone(), state });
        }
    }
    versions
}

/// The moments events tell of, after what must have gone before the first when nobody told of the beginning.
fn told_moments<'a>(facts: &[&'a SubscriptionFact]) -> Vec<Moment<'a>> {
    let mut moments = facts.first().map_or_else(Vec::new, |first| before(first));
    for fact in facts {
        let told = fact.since();
        let from = moments.last().map_or(told, |last: &Moment<'_>| told.max(last.from));
        moments.push(Moment { from, fact, status: fact.snapshot.status, is_grace_over: false });
    }
    moments
}

/// What must have gone before: a subscription that is first heard of later stood since it began.
fn before(first: &SubscriptionFact) -> Vec<Moment<'_>> {
    let Some(started) = first.snapshot.started_at.filter(|started| *started < first.since()) else {
        return Vec::new();
    };
    if first.occasion == Occasion::Begun {
        return Vec::new();
    }
    let moment = |from, status| Moment { from, fact: first, status, is_grace_over: false };
    let status = first.status_before();
    match first.snapshot.trial_ends_at.filter(|end| started < *end && status != Status::Incomplete) {
        Some(end) if end < first.since() => vec![
            moment(started, Status::Trialing),
            moment(end, if status == Status::Trialing { Status::Active } else { status }),
        ],
        Some(_) => vec![moment(started, Status::Trialing)],
        None => vec![moment(started, status)],
    }
}

impl SubscriptionFact {
    /// Since when it stands as told: an end is told when it is processed, and names when it was.
    fn since(&self) -> Timestamp {
        let ended = self.snapshot.ended_at.filter(|_| self.snapshot.status.is_final());
        ended.map_or(self.occurred_at, |ended| ended.min(self.occurred_at))
    }

    /// The status before this event: as it says, else the one that usually goes before.
    fn status_before(&self) -> Status {
        if let Some(word) = self.trail.before.get("status") {
            return Status::of(word);
        }
        match self.snapshot.status {
            Status::IncompleteExpired => Status::Incomplete,
            Status::Canceled | Status::Unpaid | Status::PastDue | Status::Other => Status::Active,
            status => status,
        }
    }
}

/// Adds the moments no event tells of: the ends of discounts, and of patience with who is past due.
fn with_derived<'a>(moments: Vec<Moment<'a>>, definition: &Definition, terms: &Terms) -> Vec<Moment<'a>> {
    let mut all = Vec::with_capacity(moments.len());
    let mut overdue_since = None;
    for (place, moment) in moments.iter().enumerate() {
        overdue_since = (moment.status == Status::PastDue).then(|| overdue_since.unwrap_or(moment.from));
        let until = moments.get(place + 1).map_or(Timestamp::MAX, |next| next.from);
        let patience = overdue_since.and_then(|since| patience_ends(definition, since));
        let is_over = |at: Timestamp| patience.is_some_and(|end| at >= end);
        let mut cuts: Vec<Timestamp> = moment
            .fact
            .snapshot
            .discount_ends(definition, terms)
            .chain(patience)
            .filter(|cut| *cut > moment.from && *cut < until)
            .collect();
        cuts.push(moment.from);
        cuts.sort_unstable();
        cuts.dedup();
        all.extend(cuts.into_iter().map(|from| Moment { from, is_grace_over: is_over(from), ..*moment }));
    }
    all
}

fn patience_ends(definition: &Definition, since: Timestamp) -> Option<Timestamp> {
    let days = i64::from(definition.past_due_grace_days?);
    since.checked_add((days * 24).hours()).ok()
}

impl Moment<'_> {
    fn state(&self, definition: &Definition, terms: &Terms) -> State {
        let snapshot = &self.fact.snapshot;
        let monthly = snapshot.monthly(definition, terms, self.from);
        let is_told_now = self.is_told_now();
        let is_given_up = self.is_given_up(definition);
        let mrr = if !is_given_up && self.is_counted(definition) { monthly.sum() } else { 0 };
        State {
            status: self.status,
            currency: snapshot.currency,
            mrr,
            trial_mrr: if self.status == Status::Trialing { monthly.sum() } else { 0 },
            past_due_mrr: if self.status == Status::PastDue { mrr } else { 0 },
            untold_parts: untold_parts(snapshot, terms, &monthly),
            is_collection_paused: is_told_now && snapshot.is_collection_paused,
            is_given_up,
            period_start: if is_told_now { snapshot.period_start } else { Some(self.from) },
            period_end: snapshot.period_end.filter(|_| is_told_now),
            ends_at: snapshot.ends_at.filter(|_| is_told_now && !self.status.is_final()),
            cancel_reason: snapshot.cancel_reason.clone().filter(|_| is_told_now),
            cancel_feedback: snapshot.cancel_feedback.clone().filter(|_| is_told_now),
            items: counted_items(snapshot, monthly),
        }
    }

    fn is_counted(&self, definition: &Definition) -> bool {
        let is_paused = self.is_told_now() && self.fact.snapshot.is_collection_paused;
        self.status.is_counted() && !(is_paused && definition.pauses == PausePolicy::Zero)
    }

    fn is_given_up(&self, definition: &Definition) -> bool {
        let is_to_end = self.is_told_now() && self.fact.snapshot.ends_at.is_some();
        self.is_grace_over || (is_to_end && definition.churn == ChurnRecognition::AtCancel)
    }

    /// Whether the event tells of this moment, rather than of one after it.
    fn is_told_now(&self) -> bool {
        self.from >= self.fact.since()
    }
}

fn untold_parts(snapshot: &Snapshot, terms: &Terms, monthly: &Monthly) -> usize {
    monthly.unknown() + snapshot.untold_discounts(terms) + usize::from(snapshot.has_more_items)
}

fn counted_items(snapshot: &Snapshot, monthly: Monthly) -> Vec<CountedItem> {
    snapshot
        .items
        .iter()
        .zip(monthly.items)
        .map(|(item, monthly)| CountedItem {
            price: item.price.clone(),
            product: item.product.clone(),
            quantity: item.quantity,
            monthly,
        })
        .collect()
}
