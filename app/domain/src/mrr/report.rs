//! What recurring revenue did over a range of days: the roll-forward, customers, and the rates that follow.
//!
//! `start + new + reactivation + expansion − contraction − churn + fx = end`, for the range and for each of its
//! periods. Rates are those of the range: customer churn leaves out who joined and left, or left and came back,
//! within it; NRR and GRR look at the customers who were there at its start.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::money::Currency;
use crate::period::{Bucket, DateRange, Granularity, InvalidPeriod, buckets};
use crate::ratio::{Quotient, Ratio};
use crate::tenant::Tenant;

/// What moved on a day, in the tenant's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyMovement {
    /// The day, in the tenant's timezone.
    pub day: Date,
    /// How much, by kind.
    pub moved: Moved,
    /// How often customers came and went.
    pub comings: Comings,
    /// How many more customers pay something after it.
    pub payers: i64,
}

/// What stood when a range began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// What recurred a month.
    pub mrr: i64,
    /// Customers who had come and not left.
    pub customers: i64,
    /// Customers who paid something.
    pub payers: i64,
}

/// What the customers who were there when a range began did over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cohort {
    /// How many of them are not there any more.
    pub gone: i64,
    /// What they pay less, signed: contraction and churn.
    pub lost: i64,
    /// What they pay more: expansion and reactivation.
    pub won: i64,
}

/// Amounts by kind of movement, signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// First-time customers.
    pub new: i64,
    /// Customers who came back.
    pub reactivation: i64,
    /// Customers who pay more.
    pub expansion: i64,
    /// Customers who pay less.
    pub contraction: i64,
    /// Customers who left.
    pub churn: i64,
    /// Exchange rates.
    pub fx: i64,
}

impl Moved {
    /// Adds what moved elsewhere.
    pub const fn add(&mut self, other: &Self) {
        self.new += other.new;
        self.reactivation += other.reactivation;
        self.expansion += other.expansion;
        self.contraction += other.contraction;
        self.churn += other.churn;
        self.fx += other.fx;
    }

    /// All of it together.
    #[must_use]
    pub const fn net(&self) -> i64 {
        self.new + self.reactivation + self.expansion + self.contraction + self.churn + self.fx
    }
}

/// How often customers came and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comings {
    /// For the first time.
    pub new: i64,
    /// Again.
    pub reactivated: i64,
    /// Away.
    pub churned: i64,
}

/// Movements as the contract writes them: what is lost is positive too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Movements {
    /// First-time customers.
    pub new: i64,
    /// Customers who came back.
    pub reactivation: i64,
    /// Customers who pay more.
    pub expansion: i64,
    /// Customers who pay less, as a positive number.
    pub contraction: i64,
    /// Customers who left, as a positive number.
    pub churn: i64,
    /// Exchange rates, signed.
    pub fx: i64,
}

impl From<Moved> for Movements {
    fn from(moved: Moved) -> Self {
        Self {
            new: moved.new,
            reactivation: moved.reactivation,
            expansion: moved.expansion,
            contraction: -moved.contraction,
            churn: -moved.churn,
            fx: moved.fx,
        }
    }
}

/// How many customers there are, and how that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Customers {
    /// When the range began.
    pub start: i64,
    /// Came for the first time.
    pub new: i64,
    /// Came back.
    pub reactivated: i64,
    /// Left.
    pub churned: i64,
    /// When it ended: `start + new + reactivated − churned`.
    pub end: i64,
    /// Who of them pays something then; others are free for now, or pay in a currency no rate is known for.
    pub paying: i64,
}

/// One period's roll-forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PeriodMovements {
    /// The days it covers.
    #[serde(flatten)]
    pub bucket: Bucket,
    /// What recurred a month before it.
    pub start: i64,
    /// What moved.
    #[serde(flatten)]
    pub movements: Movements,
    /// What recurs a month after it.
    pub end: i64,
}

/// Rates over the range; what cannot be told is none, with its reason in [`MrrReport::absent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rates {
    /// Customers who were there and no longer are ÷ customers at start.
    pub customer_churn: Option<Quotient>,
    /// (churn + contraction) ÷ start.
    pub gross_mrr_churn: Option<Quotient>,
    /// (churn + contraction − expansion − reactivation) ÷ start.
    pub net_mrr_churn: Option<Quotient>,
    /// Net revenue retention: what the customers at start pay at the end, without `fx` ÷ start.
    pub nrr: Option<Quotient>,
    /// Gross revenue retention: the same without what they pay more.
    pub grr: Option<Quotient>,
    /// (new + expansion + reactivation) ÷ (contraction + churn).
    pub quick_ratio: Option<Quotient>,
    /// MRR ÷ paying customers at the end, in minor units.
    pub arpa: Option<i64>,
}

/// What recurring revenue did over a range of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MrrReport {
    /// The first and the last day.
    #[serde(flatten)]
    pub range: DateRange,
    /// The width of `by_period`'s buckets.
    pub granularity: Granularity,
    /// The timezone days begin in.
    pub timezone: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// When it was read.
    pub as_of: Timestamp,
    /// What recurred a month before the range.
    pub start: i64,
    /// What recurs a month after it.
    pub end: i64,
    /// What moved.
    pub movements: Movements,
    /// How many customers that is.
    pub customers: Customers,
    /// Period by period, without gaps.
    pub by_period: Vec<PeriodMovements>,
    /// The rates that follow.
    pub rates: Rates,
    /// Why a rate is none.
    pub absent: BTreeMap<&'static str, &'static str>,
}

/// Puts a range's movements together into a report.
pub fn report(
    tenant: &Tenant,
    range: DateRange,
    granularity: Granularity,
    as_of: Timestamp,
    opening: Opening,
    daily: &[DailyMovement],
    cohort: Cohort,
) -> Result<MrrReport, InvalidPeriod> {
    let start = opening.mrr;
    let mut moved = Moved::default();
    daily.iter().for_each(|day| moved.add(&day.moved));
    let payers = opening.payers + daily.iter().map(|day| day.payers).sum::<i64>();
    let rates = rates(opening, moved, payers, cohort);
    Ok(MrrReport {
        range,
        granularity,
        timezone: tenant.timezone_name().to_owned(),
        currency: tenant.currency,
        as_of,
        start,
        end: start + moved.net(),
        movements: moved.into(),
        customers: customers(opening, daily, payers),
        by_period: by_period(
            start,
            buckets(range, granularity, tenant.week_start, tenant.date_of(as_of))?,
            daily,
        ),
        absent: absent(&rates),
        rates,
    })
}

fn by_period(start: i64, buckets: Vec<Bucket>, daily: &[DailyMovement]) -> Vec<PeriodMovements> {
    let mut before = start;
    buckets
        .into_iter()
        .map(|bucket| {
            let mut moved = Moved::default();
            let inside = |day: Date| bucket.period_start <= day && day <= bucket.period_end;
            for movement in daily.iter().filter(|movement| inside(movement.day)) {
                moved.add(&movement.moved);
            }
            let start = before;
            before += moved.net();
            PeriodMovements { bucket, start, movements: moved.into(), end: before }
        })
        .collect()
}

fn customers(opening: Opening, daily: &[DailyMovement], paying: i64) -> Customers {
    let sum = |of: fn(&Comings) -> i64| -> i64 { daily.iter().map(|day| of(&day.comings)).sum() };
    let (start, new) = (opening.customers, sum(|comings| comings.new));
    let (reactivated, churned) = (sum(|comings| comings.reactivated), sum(|comings| comings.churned));
    Customers { start, new, reactivated, churned, end: start + new + reactivated - churned, paying }
}

fn rates(opening: Opening, moved: Moved, payers: i64, cohort: Cohort) -> Rates {
    let start = opening.mrr;
    let lost = -(moved.churn + moved.contraction);
    let won = moved.expansion + moved.reactivation;
    let kept = start + cohort.lost;
    Rates {
        customer_churn: quotient(cohort.gone, opening.customers),
        gross_mrr_churn: quotient(lost, start),
        net_mrr_churn: quotient(lost - won, start),
        nrr: quotient(kept + cohort.won, start),
        grr: quotient(kept, start),
        quick_ratio: quotient(moved.new + won, lost),
        arpa: Ratio::of((start + moved.net()).into(), payers.into()).and_then(Ratio::rounded),
    }
}

fn quotient(above: i64, below: i64) -> Option<Quotient> {
    if below <= 0 { None } else { Ratio::of(above.into(), below.into()).map(Quotient) }
}

fn absent(rates: &Rates) -> BTreeMap<&'static str, &'static str> {
    let no_start = "nothing recurred when the range began";
    [
        ("customer_churn", rates.customer_churn.is_none(), "there was no customer when the range began"),
        ("gross_mrr_churn", rates.gross_mrr_churn.is_none(), no_start),
        ("net_mrr_churn", rates.net_mrr_churn.is_none(), no_start),
        ("nrr", rates.nrr.is_none(), no_start),
        ("grr", rates.grr.is_none(), no_start),
        ("quick_ratio", rates.quick_ratio.is_none(), "nothing was lost"),
        ("arpa", rates.arpa.is_none(), "nobody pays"),
    ]
    .into_iter()
    .filter(|(_, is_absent, _)| *is_absent)
    .map(|(name, _, why)| (name, why))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rate: Option<Quotient>) -> String {
        serde_json::to_string(&rate).unwrap()
    }

    #[test]
    fn customers_add_up_and_who_came_back_is_no_churn() {
        let opening = Opening { mrr: 10_000, customers: 100, payers: 100 };
        let day = DailyMovement {
            day: jiff::civil::date(2026, 1, 1),
            moved: Moved::default(),
            comings: Comings { new: 1, reactivated: 1, churned: 12 },
            payers: -10,
        };
        let cohort = Cohort { gone: 10, ..Cohort::default() };
        assert_eq!(told(rates(opening, Moved::default(), 90, cohort).customer_churn), "0.1");
        let Customers { start, new, reactivated, churned, end, paying } = customers(opening, &[day], 88);
        assert_eq!((start, new, reactivated, churned, end, paying), (100, 1, 1, 12, 90, 88));
    }

    #[test]
    fn churn_rates_are_those_of_the_published_example() {
        let moved = Moved { churn: -10, contraction: -10, expansion: 10, ..Moved::default() };
        let opening = Opening { mrr: 100, customers: 1, payers: 1 };
        let rates = rates(opening, moved, 1, Cohort { gone: 0, lost: -20, won: 10 });
        assert_eq!(told(rates.gross_mrr_churn), "0.2");
        assert_eq!(told(rates.net_mrr_churn), "0.1");
        assert_eq!((told(rates.nrr), told(rates.grr)), ("0.9".to_owned(), "0.8".to_owned()));
        assert_eq!(told(rates.quick_ratio), "0.5");
        assert_eq!(rates.arpa, Some(90));
    }

    #[test]
    fn what_cannot_be_told_is_none_with_its_reason() {
        let rates = rates(Opening::default(), Moved::default(), 0, Cohort::default());
        assert_eq!(absent(&rates).len(), 7);
        assert_eq!(told(rates.customer_churn), "null");
    }
}
