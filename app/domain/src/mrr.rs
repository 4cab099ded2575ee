//! Monthly recurring revenue: what a customer's subscriptions count together, and every movement of it.
//!
//! For each customer the versions of all subscriptions make a step function, in each currency and in the tenant's
//! own. Where it changes there is a [`MrrMovement`]: new, reactivation, expansion, contraction, churn, and `fx` where
//! nothing but the exchange rate differs. So `start + new + reactivation + expansion − contraction − churn + fx = end`
//! for every span of time, because the movements are the differences of the same steps.
//!
//! Source of the identity: Stripe's and ChartMogul's published roll-forward.

pub mod comparison;
pub mod parts;
pub mod report;
pub mod scheduled;
pub mod together;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::definition::Definition;
use crate::exchange::RateBook;
use crate::ids::EventId;
use crate::money::{Currency, Money};
use crate::ratio::Ratio;
use crate::subscription::history::State;
use crate::subscription::{Status, Version};

/// What kind of movement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// A customer pays for the first time.
    New,
    /// A customer who had left pays again.
    Reactivation,
    /// A customer pays more.
    Expansion,
    /// A customer pays less.
    Contraction,
    /// A customer left.
    Churn,
    /// Only the exchange rate differs.
    Fx,
}

impl MovementKind {
    /// Every kind there is.
    pub const ALL: [Self; 6] =
        [Self::New, Self::Reactivation, Self::Expansion, Self::Contraction, Self::Churn, Self::Fx];

    /// The word stored and shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reactivation => "reactivation",
            Self::Expansion => "expansion",
            Self::Contraction => "contraction",
            Self::Churn => "churn",
            Self::Fx => "fx",
        }
    }
}

impl fmt::Display for MovementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that names no kind of movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of movement")]
pub struct UnknownMovementKind;

impl FromStr for MovementKind {
    type Err = UnknownMovementKind;

    fn from_str(text: &str) -> Result<Self, UnknownMovementKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or(UnknownMovementKind)
    }
}

/// What lies behind a movement, where the kind alone does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementDetail {
    /// A trial became paid.
    TrialConverted,
    /// A subscription was paused.
    Paused,
    /// A paused subscription goes on.
    Resumed,
    /// What was paid for became free.
    ToFree,
    /// A discount ended.
    DiscountEnded,
    /// The customer cancelled.
    Voluntary,
    /// Payment failed for good.
    Involuntary,
}

impl MovementDetail {
    /// Every detail there is.
    pub const ALL: [Self; 7] = [
        Self::TrialConverted,
        Self::Paused,
        Self::Resumed,
        Self::ToFree,
        Self::DiscountEnded,
        Self::Voluntary,
        Self::Involuntary,
    ];

    /// The word stored and shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::TrialConverted => "trial_converted",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::ToFree => "to_free",
            Self::DiscountEnded => "discount_ended",
            Self::Voluntary => "voluntary",
            Self::Involuntary => "involuntary",
        }
    }
}

/// A change of what a customer pays a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MrrMovement {
    /// What kind.
    pub kind: MovementKind,
    /// What lies behind it.
    pub detail: Option<MovementDetail>,
    /// When.
    pub at: Timestamp,
    /// By how much, signed, in the currency of the subscriptions; nothing for `fx`.
    pub money: Money,
    /// By how much, signed, in the tenant's currency.
    pub base_minor: i64,
    /// Whether no rate was known for one side of it, which counts nothing in the tenant's currency.
    pub is_unconverted: bool,
    /// The events that caused it.
    pub causes: Vec<EventId>,
    /// What the customer said when leaving, in Stripe's word.
    pub feedback: Option<String>,
}

/// One subscription of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// `sub_…`
    pub id: String,
    /// What it was, from when on.
    pub versions: Vec<Version>,
}

/// How movements are counted.
#[derive(Clone, Copy, Debug)]
pub struct Counting<'a> {
    /// By which rules.
    pub definition: &'a Definition,
    /// Where the tenant's days begin.
    pub timezone: &'a TimeZone,
    /// The currency reports add up in.
    pub base: Currency,
    /// What other currencies are worth.
    pub rates: &'a RateBook,
}

/// Every movement of a customer, in order of time.
#[must_use]
pub fn movements(subscriptions: &[Subscription], counting: Counting<'_>) -> Vec<MrrMovement> {
    let mut customer = Customer::default();
    let mut movements = Vec::new();
    for changes in counting.netted(changes_of(subscriptions)) {
        movements.extend(customer.after(&changes, counting));
    }
    movements
}

/// A version of one of the customer's subscriptions that begins.
#[derive(Clone, Copy)]
struct Change<'a> {
    subscription: &'a str,
    version: &'a Version,
}

/// All versions of all subscriptions, in order of time.
fn changes_of(subscriptions: &[Subscription]) -> Vec<Change<'_>> {
    let mut changes: Vec<Change<'_>> = subscriptions
        .iter()
        .flat_map(|Subscription { id, versions }| {
            versions.iter().map(move |version| Change { subscription: id, version })
        })
        .collect();
    changes.sort_by(|a, b| (a.version.from, a.subscription).cmp(&(b.version.from, b.subscription)));
    changes
}

impl Counting<'_> {
    /// Changes that are one movement together: of one calendar day, each soon enough after the one before.
    fn netted<'a>(self, changes: Vec<Change<'a>>) -> Vec<Vec<Change<'a>>> {
        let mut groups: Vec<Vec<Change<'_>>> = Vec::new();
        for change in changes {
            match groups.last_mut() {
                Some(group) if group.last().is_some_and(|last| self.belong_together(last, &change)) => {
                    group.push(change);
                }
                _ => groups.push(vec![change]),
            }
        }
        groups
    }

    fn belong_together(self, earlier: &Change<'_>, later: &Change<'_>) -> bool {
        let (earlier, later) = (earlier.version.from, later.version.from);
        let apart = later.duration_since(earlier);
        let window = jiff::SignedDuration::from_hours(i64::from(self.definition.reclassify_within_hours));
        earlier == later || (apart <= window && self.day(earlier) == self.day(later))
    }

    fn day(self, moment: Timestamp) -> Date {
        moment.to_zoned(self.timezone.clone()).date()
    }

    /// What a subscription counts in the tenant's currency: by the rate of the day its paid period began.
    fn in_base(self, state: &State, from: Timestamp) -> Option<i64> {
        let day = state.period_start.unwrap_or(from).to_zoned(TimeZone::UTC).date();
        self.rates.convert(Money { minor: state.mrr, currency: state.currency }, self.base, day)
    }
}

/// What one of the customer's subscriptions counts now.
#[derive(Clone)]
struct Standing<'a> {
    state: &'a State,
    base: Option<i64>,
}

/// A customer on the way through time.
#[derive(Clone, Default)]
struct Customer<'a> {
    standings: BTreeMap<&'a str, Standing<'a>>,
    has_paid: bool,
    has_left: bool,
}

/// What a customer's subscriptions count in one currency.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    minor: i64,
    base: i64,
    is_unconverted: bool,
}

impl<'a> Customer<'a> {
    /// Applies changes; returns the movements they are together.
    fn after(&mut self, changes: &[Change<'a>], counting: Counting<'_>) -> Vec<MrrMovement> {
        let before = self.clone();
        for Change { subscription, version } in changes {
            let base = counting.in_base(&version.state, version.from);
            self.standings.insert(subscription, Standing { state: &version.state, base });
        }
        let currencies: BTreeSet<Currency> =
            before.currencies().chain(self.currencies()).collect::<BTreeSet<_>>();
        let mut movements: Vec<MrrMovement> = currencies
            .into_iter()
            .flat_map(|currency| {
                Step { before: &before, after: self, changes, currency, definition: counting.definition }
                    .movements()
            })
            .collect();
        // One moment for all of them, so that a customer of two currencies comes and goes once.
        if let Some(at) = movements.iter().map(|movement| movement.at).max() {
            movements.iter_mut().for_each(|movement| movement.at = at);
        }
        self.has_left = if self.pays() { false } else { self.has_left || (self.has_paid && !self.is_live()) };
        self.has_paid |= self.pays();
        movements
    }

    fn currencies(&self) -> impl Iterator<Item = Currency> + '_ {
        self.standings.values().map(|standing| standing.state.currency)
    }

    fn pays(&self) -> bool {
        self.standings.values().any(|standing| standing.state.mrr != 0)
    }

    fn is_live(&self) -> bool {
        self.standings.values().any(|standing| standing.state.is_live())
    }

    fn sum(&self, currency: Currency) -> Sum {
        let of_currency = self.standings.values().filter(|standing| standing.state.currency == currency);
        of_currency.fold(Sum::default(), |sum, Standing { state, base }| Sum {
            minor: sum.minor.saturating_add(state.mrr),
            base: sum.base.saturating_add(base.unwrap_or(0)),
            is_unconverted: sum.is_unconverted || (state.mrr != 0 && base.is_none()),
        })
    }
}

/// From one standing of a customer to the next, in one currency.
#[derive(Clone, Copy)]
struct Step<'a, 'b> {
    before: &'b Customer<'a>,
    after: &'b Customer<'a>,
    changes: &'b [Change<'a>],
    currency: Currency,
    definition: &'b Definition,
}

impl Step<'_, '_> {
    fn movements(self) -> Vec<MrrMovement> {
        let (before, after) = (self.before.sum(self.currency), self.after.sum(self.currency));
        let delta = after.minor - before.minor;
        let real = if delta == 0 { 0 } else { real_base(before, after) };
        let fx = after.base - before.base - real;
        let mut movements = Vec::new();
        if delta != 0 {
            let kind = self.kind(delta);
            movements.push(MrrMovement {
                detail: self.detail(kind),
                feedback: self.feedback(kind),
                ..self.movement(kind, delta, real, before.is_unconverted || after.is_unconverted)
            });
        }
        if fx != 0 {
            movements.push(self.movement(MovementKind::Fx, 0, fx, false));
        }
        movements
    }

    fn movement(self, kind: MovementKind, minor: i64, base_minor: i64, is_unconverted: bool) -> MrrMovement {
        let causes: Vec<&Change<'_>> = self.telling_changes();
        MrrMovement {
            kind,
            detail: None,
            at: causes.last().map_or(Timestamp::MIN, |change| change.version.from),
            money: Money { minor, currency: self.currency },
            base_minor,
            is_unconverted,
            causes: causes
                .into_iter()
                .map(|change| change.version.cause.clone())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            feedback: None,
        }
    }

    /// The changes that changed what is counted in this currency; all of its changes when none did alone.
    fn telling_changes(&self) -> Vec<&Change<'_>> {
        let told = |state: &State| (state.mrr, state.period_start, state.currency);
        let mut standings: BTreeMap<&str, (i64, Option<Timestamp>, Currency)> =
            self.before.standings.iter().map(|(id, standing)| (*id, told(standing.state))).collect();
        let of_currency = self.changes.iter().filter(|change| {
            let was = self.before.standings.get(change.subscription).map(|was| was.state.currency);
            [Some(change.version.state.currency), was].contains(&Some(self.currency))
        });
        let telling: Vec<&Change<'_>> = of_currency
            .filter(|Change { subscription, version }| {
                let now = told(&version.state);
                let was = standings.insert(subscription, now);
                was.map_or(now.0 != 0, |was| was.0 != now.0 || (now.0 != 0 && was != now))
            })
            .collect();
        if telling.is_empty() { self.changes.iter().collect() } else { telling }
    }

    fn kind(&self, delta: i64) -> MovementKind {
        match (self.before.pays(), self.after.pays()) {
            (false, true) if !self.before.has_paid => MovementKind::New,
            (false, true) if self.before.has_left || !self.before.is_live() => MovementKind::Reactivation,
            (true, false) if self.definition.free_is_churn || !self.after.is_live() => MovementKind::Churn,
            _ if delta > 0 => MovementKind::Expansion,
            _ => MovementKind::Contraction,
        }
    }

    fn detail(&self, kind: MovementKind) -> Option<MovementDetail> {
        let any = |is: fn(&State, &State) -> bool| {
            self.changes.iter().any(|change| {
                let was = self.before.standings.get(change.subscription);
                was.is_some_and(|was| is(was.state, &change.version.state))
            })
        };
        match kind {
            MovementKind::Churn => {
                Some(if self.changes.iter().any(|change| is_involuntary(&change.version.state)) {
                    MovementDetail::Involuntary
                } else {
                    MovementDetail::Voluntary
                })
            }
            MovementKind::New | MovementKind::Reactivation => {
                any(|was, _| was.status == Status::Trialing).then_some(MovementDetail::TrialConverted)
            }
            MovementKind::Contraction if any(|was, now| !is_paused(was) && is_paused(now)) => {
                Some(MovementDetail::Paused)
            }
            MovementKind::Contraction if !self.after.pays() => Some(MovementDetail::ToFree),
            MovementKind::Expansion if any(|was, now| is_paused(was) && !is_paused(now)) => {
                Some(MovementDetail::Resumed)
            }
            MovementKind::Expansion if any(is_same_but_for_discounts) => Some(MovementDetail::DiscountEnded),
            _ => None,
        }
    }

    fn feedback(&self, kind: MovementKind) -> Option<String> {
        let told = self.changes.iter().rev().find_map(|change| change.version.state.cancel_feedback.clone());
        told.filter(|_| kind == MovementKind::Churn)
    }
}

fn is_paused(state: &State) -> bool {
    state.status == Status::Paused || state.is_collection_paused
}

fn is_involuntary(state: &State) -> bool {
    let reason = state.cancel_reason.as_deref();
    state.status == Status::Unpaid
        || (state.status == Status::PastDue && state.is_given_up)
        || matches!(reason, Some("payment_failed" | "payment_disputed"))
}

/// Whether prices and quantities are as they were, so that only a discount can differ.
fn is_same_but_for_discounts(was: &State, now: &State) -> bool {
    let sold = |state: &State| -> Vec<(Option<String>, i64)> {
        state.items.iter().map(|item| (item.price.clone(), item.quantity)).collect()
    };
    was.mrr != 0 && was.status == now.status && was.mrr < now.mrr && sold(was) == sold(now)
}

/// The part of a change of the converted sum that is not the exchange rate's: the difference at the rates that hold
/// after it, or for who leaves those before.
fn real_base(before: Sum, after: Sum) -> i64 {
    if after.minor == 0 {
        return -before.base;
    }
    let at_new_rate = Ratio::of(i128::from(after.base) * i128::from(before.minor), i128::from(after.minor));
    after.base - at_new_rate.and_then(Ratio::rounded).unwrap_or(before.base)
}

#[cfg(test)]
mod tests;
