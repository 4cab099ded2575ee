//! What channels cost: amounts over some days, spread evenly, and costs that come every month.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::period::DateRange;

/// What a channel's money was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostType {
    /// A tool paid by the month or year.
    Subscription,
    /// What is paid by use: credits, messages, look-ups.
    Usage,
    /// Money spent on advertisements.
    AdSpend,
    /// Pay of people.
    Salary,
    /// An agency's fee.
    Agency,
    /// A tool shared with others.
    Tool,
    /// A share of what was sold.
    Commission,
}

impl CostType {
    /// Every type.
    pub const ALL: [Self; 7] = [
        Self::Subscription,
        Self::Usage,
        Self::AdSpend,
        Self::Salary,
        Self::Agency,
        Self::Tool,
        Self::Commission,
    ];

    /// The word stored, sent and typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Usage => "usage",
            Self::AdSpend => "ad_spend",
            Self::Salary => "salary",
            Self::Agency => "agency",
            Self::Tool => "tool",
            Self::Commission => "commission",
        }
    }

    /// The type's name as people see it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Subscription => "Subscription",
            Self::Usage => "Usage",
            Self::AdSpend => "Ad spend",
            Self::Salary => "Salary",
            Self::Agency => "Agency",
            Self::Tool => "Tool",
            Self::Commission => "Commission",
        }
    }
}

/// A text that names no type of cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cost is subscription, usage, ad_spend, salary, agency, tool or commission")]
pub struct InvalidCostType;

impl FromStr for CostType {
    type Err = InvalidCostType;

    fn from_str(text: &str) -> Result<Self, InvalidCostType> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or(InvalidCostType)
    }
}

impl fmt::Display for CostType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The most days one cost may be spread over: ten years.
pub const MAX_COST_DAYS: i32 = 3_660;

/// What an amount comes to within a window, when it is spread evenly over the days of its period. Exact to the minor
/// unit: whatever windows the period is cut into, their amounts add up to the whole.
#[must_use]
pub fn spread(amount_minor: i64, period: DateRange, window: DateRange) -> i64 {
    let (from, to) = (period.from.max(window.from), period.to.min(window.to));
    if from > to {
        return 0;
    }
    let days_before = (from - period.from).get_days();
    let days_through = (to - period.from).get_days() + 1;
    up_to(amount_minor, days_through, period.days()) - up_to(amount_minor, days_before, period.days())
}

/// What the first days of a period come to, half a unit rounded away from zero.
fn up_to(amount_minor: i64, days: i32, of: i32) -> i64 {
    let (days, of) = (i128::from(days), i128::from(of));
    let twice = i128::from(amount_minor) * days * 2;
    let rounded = (twice + twice.signum() * of) / (of * 2);
    i64::try_from(rounded).expect("a part is no larger than the whole")
}

/// The calendar months a monthly cost has come due in by a day, from its first to its last.
#[must_use]
pub fn months_due(first_month: Date, last_month: Option<Date>, today: Date) -> Vec<DateRange> {
    let last = last_month.unwrap_or(today).min(today);
    first_month
        .first_of_month()
        .series(1.month())
        .take_while(|month| *month <= last)
        .map(|month| DateRange { from: month, to: month.last_of_month() })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn days(from: Date, to: Date) -> DateRange {
        DateRange { from, to }
    }

    #[test]
    fn a_month_is_spread_over_its_days() {
        let january = days(date(2026, 1, 1), date(2026, 1, 31));
        assert_eq!(spread(31_000, january, days(date(2026, 1, 1), date(2026, 1, 10))), 10_000);
        assert_eq!(spread(-31_000, january, days(date(2026, 1, 1), date(2026, 1, 10))), -10_000);
        assert_eq!(spread(31_000, january, days(date(2025, 1, 1), date(2027, 1, 1))), 31_000);
        assert_eq!(spread(31_000, january, days(date(2026, 2, 1), date(2026, 2, 28))), 0);
        assert_eq!(spread(31_000, january, days(date(2026, 1, 31), date(2026, 2, 28))), 1_000);
    }

    #[test]
    fn a_month_is_as_long_as_it_is() {
        let february = |year| days(date(year, 2, 1), date(year, 2, 1).last_of_month());
        let first_week = |year| days(date(year, 2, 1), date(year, 2, 7));
        assert_eq!(spread(28_000, february(2026), first_week(2026)), 7_000);
        assert_eq!(spread(29_000, february(2028), first_week(2028)), 7_000);
    }

    proptest! {
        #[test]
        fn whatever_windows_a_period_is_cut_into_they_add_up_to_the_whole(
            amount in -999_999_999_999i64..=999_999_999_999,
            length in 1i32..MAX_COST_DAYS,
            cuts in prop::collection::btree_set(1i32..MAX_COST_DAYS, 0..12),
        ) {
            let first = date(2023, 12, 25);
            let period = days(first, first + (length - 1).days());
            let starts: Vec<i32> = [0].into_iter().chain(cuts.into_iter().filter(|cut| *cut < length)).collect();
            let ends = starts.iter().skip(1).copied().chain([length]);
            let windows = starts.iter().zip(ends).map(|(start, end)| days(first + start.days(), first + (end - 1).days()));
            let sum: i64 = windows.map(|window| spread(amount, period, window)).sum();
            prop_assert_eq!(sum, amount);
        }

        #[test]
        fn no_two_days_differ_by_more_than_a_minor_unit_and_a_credit_mirrors_a_cost(
            amount in 0i64..1_000_000,
            length in 1i32..400,
        ) {
            let first = date(2026, 1, 1);
            let period = days(first, first + (length - 1).days());
            let parts: Vec<i64> = (0..length)
                .map(|day| spread(amount, period, days(first + day.days(), first + day.days())))
                .collect();
            prop_assert!(parts.iter().max().unwrap() - parts.iter().min().unwrap() <= 1);
            for (day, part) in (0..length).zip(parts) {
                let one = days(first + day.days(), first + day.days());
                prop_assert_eq!(spread(-amount, period, one), -part);
            }
        }
    }

    #[test]
    fn a_monthly_cost_comes_due_on_each_first_and_takes_the_months_as_they_are() {
        let due = months_due(date(2027, 12, 1), None, date(2028, 3, 1));
        let expected = [
            days(date(2027, 12, 1), date(2027, 12, 31)),
            days(date(2028, 1, 1), date(2028, 1, 31)),
            days(date(2028, 2, 1), date(2028, 2, 29)),
            days(date(2028, 3, 1), date(2028, 3, 31)),
        ];
        assert_eq!(due, expected);
        assert_eq!(months_due(date(2027, 12, 1), Some(date(2028, 1, 1)), date(2028, 3, 1)), expected[..2]);
        assert_eq!(months_due(date(2028, 4, 1), None, date(2028, 3, 31)), []);
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(CostType::ALL.into_iter().all(|kind| kind.word().parse() == Ok(kind)));
        assert_eq!("gifts".parse::<CostType>(), Err(InvalidCostType));
    }
}
