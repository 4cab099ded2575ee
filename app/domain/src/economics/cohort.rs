//! Cohort payback: when customers had earned back what winning them cost, by what they have paid.
//!
//! Beside the predicted payback, which rests on what new customers pay a month, this one rests on cash: what went back
//! is taken off, and nothing is expected of the future.

use serde::Serialize;

use super::Reason;
use crate::ratio::Ratio;

/// What customers paid so many full months after their first payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarnedMonth {
    /// Full months since each one's first payment; below 0 for what was booked before it.
    pub months_since: i32,
    /// What they paid then, less what went back.
    pub net: i64,
}

/// When a cohort had earned back what winning it cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CohortPayback {
    /// The month, from each customer's first payment, in which it had; 1 is the first.
    pub months: Option<i32>,
    /// What it has earned so far: net revenue × gross margin, in minor units.
    pub earned: Option<i64>,
    /// What winning it cost.
    pub spend: i64,
    /// Its customers.
    pub customers: i64,
    /// Why there is no month.
    pub reason: Option<Reason>,
}

/// Finds the first month by whose end a cohort had earned what was spent on it.
#[must_use]
pub fn cohort_payback(months: &[EarnedMonth], customers: i64, spend: i64, margin: Ratio) -> CohortPayback {
    let mut by_month = months.to_vec();
    by_month.sort_by_key(|month| month.months_since);
    let earned_by = |net: i64| Ratio::whole(net).times(margin).and_then(Ratio::rounded);
    let net = by_month.iter().map(|month| month.net).fold(0, i64::saturating_add);
    let mut found = CohortPayback { months: None, earned: earned_by(net), spend, customers, reason: None };
    found.reason = match (spend, customers) {
        (..=0, _) => Some(Reason::NoSpend),
        (_, 0) => Some(Reason::UnproductiveSpend),
        _ => None,
    };
    if found.reason.is_some() {
        return found;
    }
    let mut so_far = 0_i64;
    found.months = by_month.iter().find_map(|month| {
        so_far = so_far.saturating_add(month.net);
        (earned_by(so_far)? >= spend).then_some(month.months_since.max(0).saturating_add(1))
    });
    found.reason = found.months.is_none().then_some(Reason::NotEarnedBack);
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn month(months_since: i32, net: i64) -> EarnedMonth {
        EarnedMonth { months_since, net }
    }

    fn half() -> Ratio {
        Ratio::of(1, 2).unwrap()
    }

    #[test]
    fn the_month_is_the_first_in_which_margin_reaches_spend() {
        let paid = [month(0, 1_000), month(1, 1_000), month(2, 1_000)];
        let found = cohort_payback(&paid, 3, 1_000, half());
        assert_eq!((found.months, found.earned, found.reason), (Some(2), Some(1_500), None));
        assert_eq!(cohort_payback(&paid, 3, 500, half()).months, Some(1));
    }

    #[test]
    fn what_is_not_earned_back_has_no_month_and_says_why() {
        let paid = [month(0, 1_000), month(1, -900)];
        for (customers, spend, reason) in
            [(2, 10_000, Reason::NotEarnedBack), (2, 0, Reason::NoSpend), (0, 10, Reason::UnproductiveSpend)]
        {
            let found = cohort_payback(&paid, customers, spend, half());
            assert_eq!((found.months, found.reason), (None, Some(reason)));
        }
        assert_eq!(cohort_payback(&paid, 2, 10_000, half()).earned, Some(50));
    }

    proptest! {
        #[test]
        fn the_order_in_which_months_are_told_changes_nothing_and_more_spend_is_never_earned_back_sooner(
            told in prop::collection::vec((0..24_i32, -5_000..50_000_i64), 0..30),
            spend in 1..500_000_i64,
        ) {
            let months: Vec<EarnedMonth> = told.iter().map(|(since, net)| month(*since, *net)).collect();
            let mut reversed = months.clone();
            reversed.reverse();
            reversed.sort_by_key(|month| std::cmp::Reverse(month.months_since));
            let found = cohort_payback(&months, 5, spend, half());
            let more = cohort_payback(&months, 5, spend * 2, half());
            prop_assert_eq!(found.earned, cohort_payback(&reversed, 5, spend, half()).earned);
            match (found.months, more.months) {
                (Some(month), Some(later)) => prop_assert!(month <= later),
                (None, Some(later)) => prop_assert!(false, "twice as much was earned back by {later}"),
                _ => {}
            }
        }
    }
}
