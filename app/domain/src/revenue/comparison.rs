//! What a figure is compared with: other days, as many of them as have elapsed.

use jiff::ToSpan;
use serde::Serialize;

use super::{NewVsRecurring, Sums};
use crate::period::{DateRange, InvalidPeriod, parse_date};
use crate::ratio::{Quotient, Ratio};

/// Which days a range is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compare {
    /// With none.
    #[default]
    None,
    /// With as many days right before.
    Previous,
    /// With the same days of the year before.
    LastYear,
    /// With days of the asker's own.
    Custom(DateRange),
}

impl Compare {
    /// Reads what is asked for; nothing is no comparison.
    pub fn parse(word: Option<&str>, from: Option<&str>, to: Option<&str>) -> Result<Self, InvalidPeriod> {
        let invalid = |field, message| Err(InvalidPeriod { field, message });
        match (word, from, to) {
            (Some("custom"), Some(from), Some(to)) => {
                let (from, to) = (parse_date("compare_from", from)?, parse_date("compare_to", to)?);
                if from > to {
                    return invalid("compare_from", "compare_from must not be after compare_to");
                }
                Ok(Self::Custom(DateRange { from, to }))
            }
            (Some("custom"), None, _) => {
                invalid("compare_from", "compare=custom needs compare_from and compare_to")
            }
            (Some("custom"), _, None) => {
                invalid("compare_to", "compare=custom needs compare_from and compare_to")
            }
            (_, Some(_), _) => invalid("compare_from", "compare_from goes with compare=custom"),
            (_, _, Some(_)) => invalid("compare_to", "compare_to goes with compare=custom"),
            (None | Some("none"), ..) => Ok(Self::None),
            (Some("previous"), ..) => Ok(Self::Previous),
            (Some("last_year"), ..) => Ok(Self::LastYear),
            _ => invalid("compare", "compare is previous, last_year, custom or none"),
        }
    }

    /// The word used in addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Previous => "previous",
            Self::LastYear => "last_year",
            Self::Custom(_) => "custom",
        }
    }

    /// The days to compare a range with; of a range that is not over, only as many as have elapsed.
    #[must_use]
    pub fn days(self, range: DateRange, today: jiff::civil::Date) -> Option<DateRange> {
        let elapsed = range.elapsed(today);
        match self {
            Self::None => None,
            Self::Previous => Some(range.previous(today)),
            Self::LastYear => Some(DateRange {
                from: elapsed.from.saturating_sub(1.year()),
                to: elapsed.to.saturating_sub(1.year()),
            }),
            Self::Custom(days) if elapsed == range => Some(days),
            Self::Custom(days) => {
                let as_far = days.from.saturating_add((elapsed.days() - 1).days());
                Some(DateRange { to: days.to.min(as_far), ..days })
            }
        }
    }
}

/// A figure beside what it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it was.
    pub before: i64,
    /// By how much it differs.
    pub change: i64,
    /// The change ÷ what it was; `None` where that was not positive.
    pub relative: Option<Quotient>,
    /// Why `relative` is none.
    pub reason: Option<&'static str>,
}

impl Difference {
    /// Compares a figure with what it was.
    #[must_use]
    pub fn between(before: i64, now: i64) -> Self {
        let change = now.saturating_sub(before);
        let ratio = if before > 0 { Ratio::of(change.into(), before.into()) } else { None };
        let reason = if before > 0 { None } else { Some("what it was is not above zero") };
        Self { before, change, relative: ratio.map(Quotient), reason }
    }
}

/// Revenue beside that of other days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// `previous`, `last_year` or `custom`.
    pub compare: &'static str,
    /// The days compared with.
    #[serde(flatten)]
    pub days: DateRange,
    /// What came in less what went back.
    pub total_revenue: Difference,
    /// What came in.
    pub gross_revenue: Difference,
    /// What was refunded.
    pub refunds: Difference,
    /// What was withdrawn by disputes.
    pub disputes: Difference,
    /// How many payments came in.
    pub payments: Difference,
    /// Customers' first payments for subscriptions.
    pub new: Difference,
    /// Later payments for subscriptions.
    pub recurring: Difference,
    /// The rest.
    pub one_time: Difference,
    /// What recurs at the end.
    pub mrr: Difference,
}

/// What is compared of a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Its revenue.
    pub sums: Sums,
    /// The same by the kind of payment.
    pub by_class: NewVsRecurring,
    /// What recurs at its end.
    pub mrr: i64,
}

impl Comparison {
    /// Compares a range with other days.
    #[must_use]
    pub fn between(compare: Compare, days: DateRange, before: &Compared, now: &Compared) -> Self {
        let between = |of: fn(&Compared) -> i64| Difference::between(of(before), of(now));
        Self {
            compare: compare.word(),
            days,
            total_revenue: between(|of| of.sums.total_revenue),
            gross_revenue: between(|of| of.sums.gross_revenue),
            refunds: between(|of| of.sums.refunds),
            disputes: between(|of| of.sums.disputes),
            payments: between(|of| of.sums.payments),
            new: between(|of| of.by_class.new),
            recurring: between(|of| of.by_class.recurring),
            one_time: between(|of| of.by_class.one_time),
            mrr: between(|of| of.mrr),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn days(from: (i16, i8, i8), to: (i16, i8, i8)) -> DateRange {
        DateRange { from: date(from.0, from.1, from.2), to: date(to.0, to.1, to.2) }
    }

    #[test]
    fn a_running_month_is_compared_with_as_many_days() {
        let (november, today) = (days((2026, 11, 1), (2026, 11, 30)), date(2026, 11, 20));
        let compared = |compare: Compare| compare.days(november, today).unwrap();
        assert_eq!(compared(Compare::Previous), days((2026, 10, 12), (2026, 10, 31)));
        assert_eq!(compared(Compare::LastYear), days((2025, 11, 1), (2025, 11, 20)));
        let october = Compare::Custom(days((2026, 10, 1), (2026, 10, 31)));
        assert_eq!(compared(october), days((2026, 10, 1), (2026, 10, 20)));
        assert_eq!(Compare::None.days(november, today), None);
    }

    #[test]
    fn a_month_that_is_over_is_compared_with_whole_days_of_any_number() {
        let (february, today) = (days((2024, 2, 1), (2024, 2, 29)), date(2026, 11, 20));
        assert_eq!(Compare::LastYear.days(february, today).unwrap(), days((2023, 2, 1), (2023, 2, 28)));
        let year = days((2025, 1, 1), (2025, 12, 31));
        assert_eq!(Compare::Custom(year).days(february, today), Some(year));
    }

    #[test]
    fn what_is_asked_wrongly_is_told_by_field() {
        let field = |word, from, to| Compare::parse(word, from, to).unwrap_err().field;
        assert_eq!(field(Some("yesterday"), None, None), "compare");
        assert_eq!(field(Some("custom"), None, Some("2026-01-01")), "compare_from");
        assert_eq!(field(Some("custom"), Some("2026-01-01"), None), "compare_to");
        assert_eq!(field(Some("custom"), Some("2026-02-30"), Some("2026-03-01")), "compare_from");
        assert_eq!(field(Some("custom"), Some("2026-02-02"), Some("2026-02-01")), "compare_from");
        assert_eq!(field(Some("previous"), Some("2026-02-02"), None), "compare_from");
        assert_eq!(field(None, None, Some("2026-02-02")), "compare_to");
        assert_eq!(Compare::parse(None, None, None), Ok(Compare::None));
    }

    #[test]
    fn a_difference_from_nothing_has_no_ratio_and_says_why() {
        let told = serde_json::to_value(Difference::between(0, 100)).unwrap();
        assert_eq!(told["relative"], serde_json::Value::Null);
        assert!(told["reason"].is_string());
        let told = serde_json::to_value(Difference::between(16_000, 18_000)).unwrap();
        assert_eq!((&told["change"], &told["relative"]), (&2_000.into(), &0.125.into()));
    }

    proptest! {
        #[test]
        fn what_was_and_the_change_are_what_is(before in -1_000_000_i64..1_000_000, now in -1_000_000_i64..1_000_000) {
            let difference = Difference::between(before, now);
            prop_assert_eq!(difference.before + difference.change, now);
            prop_assert_eq!(difference.relative.is_some(), difference.reason.is_none());
        }

        #[test]
        fn as_many_days_before_as_have_elapsed(start in 0_i32..2_000, length in 1_i32..400, gone in -400_i32..800) {
            let from = date(2024, 1, 1).saturating_add(start.days());
            let range = DateRange { from, to: from.saturating_add((length - 1).days()) };
            let today = from.saturating_add(gone.days());
            let previous = Compare::Previous.days(range, today).unwrap();
            prop_assert_eq!(previous.days(), range.elapsed(today).days());
            prop_assert_eq!(previous.to.saturating_add(1.day()), range.from);
        }
    }
}
