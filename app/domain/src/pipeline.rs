//! What is yet to come of open deals, and how fast it comes.
//!
//! Pipeline value is the sum of what open deals are worth; weighted, each by how likely it is to be won. Pipeline
//! velocity is opportunities × win rate × average deal ÷ days a deal takes: what the pipeline yields a day.

use serde::Serialize;

use crate::ratio::{Quotient, Ratio};

/// Open deals of one likelihood, in the tenant's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenDeals {
    /// How likely they are to be won, in percent.
    pub probability_percent: i16,
    /// What they are worth together.
    pub value: i64,
    /// How many there are.
    pub deals: i64,
}

/// Deals that were decided within a range of days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecidedDeals {
    /// How many were won.
    pub won: i64,
    /// How many were lost.
    pub lost: i64,
    /// What those won were worth together.
    pub won_value: i64,
    /// How long those won took together, from opened to closed, in hours.
    pub won_hours: i64,
}

/// What open deals are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pipeline {
    /// All of it.
    pub value: i64,
    /// Each by its likelihood.
    pub weighted_value: i64,
    /// How many there are.
    pub open_deals: i64,
}

/// Adds up open deals.
#[must_use]
pub fn pipeline(open: &[OpenDeals]) -> Pipeline {
    let weighted = open
        .iter()
        .map(|deals| i128::from(deals.value) * i128::from(deals.probability_percent))
        .fold(0, i128::saturating_add);
    Pipeline {
        value: open.iter().map(|deals| deals.value).fold(0, i64::saturating_add),
        weighted_value: Ratio::of(weighted, 100).and_then(Ratio::rounded).unwrap_or(i64::MAX),
        open_deals: open.iter().map(|deals| deals.deals).sum(),
    }
}

/// What the pipeline yields a day, with every operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PipelineVelocity {
    /// Opportunities × win rate × average deal ÷ cycle days, in minor units.
    pub per_day: Option<i64>,
    /// Open deals.
    pub opportunities: i64,
    /// Won ÷ decided.
    pub win_rate: Option<Quotient>,
    /// What a won deal is worth, in minor units.
    pub average_deal: Option<i64>,
    /// Days from opened to won.
    pub cycle_days: Option<Quotient>,
    /// Why it is none.
    pub reason: Option<NoVelocity>,
}

/// Why a pipeline has no velocity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoVelocity {
    /// No deal was won or lost in these days.
    NothingDecided,
    /// None of those decided was won.
    NothingWon,
    /// Deals were won the moment they were opened.
    NoCycle,
    /// It is too large to be told.
    TooLarge,
}

/// How fast a pipeline yields.
#[must_use]
pub fn pipeline_velocity(opportunities: i64, decided: DecidedDeals) -> PipelineVelocity {
    let DecidedDeals { won, lost, won_value, won_hours } = decided;
    let win_rate = Ratio::of(won.into(), i128::from(won) + i128::from(lost));
    let average_deal = Ratio::of(won_value.into(), won.into());
    let cycle_days = Ratio::of(won_hours.into(), i128::from(won) * 24);
    let per_day = per_day(opportunities, win_rate, average_deal, cycle_days);
    PipelineVelocity {
        per_day: per_day.ok(),
        opportunities,
        win_rate: win_rate.map(Quotient),
        average_deal: average_deal.and_then(Ratio::rounded),
        cycle_days: cycle_days.map(Quotient),
        reason: per_day.err(),
    }
}

fn per_day(
    opportunities: i64,
    win_rate: Option<Ratio>,
    average_deal: Option<Ratio>,
    cycle_days: Option<Ratio>,
) -> Result<i64, NoVelocity> {
    let win_rate = win_rate.ok_or(NoVelocity::NothingDecided)?;
    let (average_deal, cycle_days) = average_deal.zip(cycle_days).ok_or(NoVelocity::NothingWon)?;
    if cycle_days.is_zero() {
        return Err(NoVelocity::NoCycle);
    }
    Ratio::whole(opportunities)
        .times(win_rate)
        .and_then(|wins| wins.times(average_deal))
        .and_then(|value| value.over(cycle_days))
        .and_then(Ratio::rounded)
        .ok_or(NoVelocity::TooLarge)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// G30: 50 opportunities × 25,000 × 20 % ÷ 60 days.
    #[test]
    fn a_pipeline_yields_what_the_formula_says() {
        let decided = DecidedDeals { won: 10, lost: 40, won_value: 25_000_000, won_hours: 60 * 24 * 10 };
        let velocity = pipeline_velocity(50, decided);
        assert_eq!(velocity.per_day, Some(416_667));
        assert_eq!(velocity.average_deal, Some(2_500_000));
        assert_eq!(velocity.win_rate, Ratio::of(1, 5).map(Quotient));
        assert_eq!(velocity.cycle_days, Some(Quotient(Ratio::whole(60))));
    }

    #[test]
    fn without_decisions_or_wins_there_is_no_velocity_but_a_reason() {
        let reason = |won, lost, won_hours| {
            let velocity = pipeline_velocity(3, DecidedDeals { won, lost, won_value: 100, won_hours });
            (velocity.per_day, velocity.reason)
        };
        assert_eq!(reason(0, 0, 0), (None, Some(NoVelocity::NothingDecided)));
        assert_eq!(reason(0, 4, 0), (None, Some(NoVelocity::NothingWon)));
        assert_eq!(reason(2, 4, 0), (None, Some(NoVelocity::NoCycle)));
    }

    #[test]
    fn a_deal_counts_by_its_likelihood_and_is_rounded_once() {
        let deals = |probability_percent, value| OpenDeals { probability_percent, value, deals: 1 };
        let found = pipeline(&[deals(50, 101), deals(50, 100), deals(0, 7), deals(100, 1)]);
        assert_eq!(found, Pipeline { value: 209, weighted_value: 102, open_deals: 4 });
        assert_eq!(pipeline(&[]), Pipeline::default());
    }

    proptest! {
        #[test]
        fn weighted_is_never_more_than_unweighted(open in proptest::collection::vec((0i16..=100, 0i64..1_000_000), 0..20)) {
            let open: Vec<OpenDeals> = open
                .into_iter()
                .map(|(probability_percent, value)| OpenDeals { probability_percent, value, deals: 1 })
                .collect();
            let found = pipeline(&open);
            prop_assert!((0..=found.value).contains(&found.weighted_value));
        }
    }
}
