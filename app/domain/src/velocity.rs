//! How long leads stay in each stage, and which are stuck.
//!
//! A stay that is not over is not ignored: it counts as one that lasts at least so long. Medians and quartiles are
//! those of the Kaplan–Meier estimate (Kaplan and Meier, 1958), the mean is its restricted mean: the area under the
//! curve up to the longest stay seen. Stays are counted in whole hours.
//!
//! A lead is stuck when it has been in its stage for longer than three quarters of stays last, and longer than the
//! tenant's floor, and nothing happened with it within the floor.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::lead::Stage;
use crate::ratio::{Quotient, Ratio};

/// How many stays in a stage had lasted so long when they ended, or when they were looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaysOf {
    /// Whole hours.
    pub hours: i64,
    /// How many ended after so long.
    pub ended: i64,
    /// How many are not over.
    pub open: i64,
}

/// How long stays in a stage last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// The time by which half have ended, in hours; `None` while not half of them have.
    pub median_hours: Option<i64>,
    /// The time by which three quarters have.
    pub p75_hours: Option<i64>,
    /// The mean, as far as stays were seen.
    pub mean_hours: Option<Ratio>,
    /// How many have ended.
    pub ended: i64,
    /// How many have not.
    pub open: i64,
}

/// Shares are kept in parts of this.
const WHOLE: i128 = 1_000_000_000_000_000;

/// Estimates how long stays last.
#[must_use]
pub fn durations(stays: &[StaysOf]) -> Durations {
    let mut by_length = stays.to_vec();
    by_length.retain(|stays| stays.ended + stays.open > 0);
    by_length.sort_by_key(|stays| stays.hours);
    let (ended, open) = (sum(&by_length, |stays| stays.ended), sum(&by_length, |stays| stays.open));
    let mut found = Durations { ended, open, ..Durations::default() };
    if ended == 0 {
        return found;
    }
    let (mut at_risk, mut lasting, mut area, mut since) = (i128::from(ended + open), WHOLE, 0i128, 0i64);
    for lengths in by_length.chunk_by(|one, other| one.hours == other.hours) {
        let Some(hours) = lengths.first().map(|stays| stays.hours) else { continue };
        area = area.saturating_add(lasting.saturating_mul((hours - since).into()));
        since = hours;
        let ending = i128::from(sum(lengths, |stays| stays.ended));
        lasting = lasting * (at_risk - ending) / at_risk;
        at_risk -= ending + i128::from(sum(lengths, |stays| stays.open));
        if lasting * 2 <= WHOLE {
            found.median_hours.get_or_insert(hours);
        }
        if lasting * 4 <= WHOLE {
            found.p75_hours.get_or_insert(hours);
        }
    }
    found.mean_hours = Ratio::of(area, WHOLE);
    found
}

fn sum(stays: &[StaysOf], count: impl Fn(&StaysOf) -> i64) -> i64 {
    stays.iter().map(count).sum()
}

/// How leads move through a stage, as the contract writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StageVelocity {
    /// The stage.
    pub stage: Stage,
    /// Days after which half have moved on.
    pub median_days: Option<Quotient>,
    /// Days after which three quarters have.
    pub p75_days: Option<Quotient>,
    /// Mean days.
    pub mean_days: Option<Quotient>,
    /// How many moved on: what the figures rest on.
    pub ended: i64,
    /// How many are in it now.
    pub open: i64,
    /// How many of those are stuck.
    pub stuck: i64,
    /// Why days are none.
    pub reason: Option<Unknown>,
}

/// Why a stage has no days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// Nobody has left the stage yet.
    NobodyMovedOn,
    /// Fewer than half of them have.
    MostAreStillThere,
}

impl StageVelocity {
    /// A stage's figures: how long stays lasted, how many are in it now, and how many of them are stuck.
    #[must_use]
    pub fn of(stage: Stage, durations: Durations, open: i64, stuck: i64) -> Self {
        let days = |hours: i64| Ratio::of(hours.into(), 24).map(Quotient);
        let reason = match durations {
            Durations { ended: 0, .. } => Some(Unknown::NobodyMovedOn),
            Durations { median_hours: None, .. } => Some(Unknown::MostAreStillThere),
            _ => None,
        };
        Self {
            stage,
            median_days: durations.median_hours.and_then(days),
            p75_days: durations.p75_hours.and_then(days),
            mean_days: durations.mean_hours.and_then(|mean| mean.over(Ratio::whole(24))).map(Quotient),
            ended: durations.ended,
            open,
            stuck,
            reason,
        }
    }
}

/// What makes a lead of a stage stuck: in it since before, and nothing happened since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StuckRule {
    /// It entered its stage before this.
    pub entered_before: Timestamp,
    /// Nothing happened with it after this.
    pub quiet_since: Timestamp,
}

/// The rule of a stage whose stays last so long.
#[must_use]
pub fn stuck_rule(durations: Durations, floor_days: i32, now: Timestamp) -> StuckRule {
    let floor = i64::from(floor_days) * 24;
    let hours = durations.p75_hours.map_or(floor, |p75| p75.max(floor));
    let ago = |hours: i64| now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN);
    StuckRule { entered_before: ago(hours), quiet_since: ago(floor) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ended(hours: i64) -> StaysOf {
        StaysOf { hours, ended: 1, open: 0 }
    }

    fn open(hours: i64) -> StaysOf {
        StaysOf { hours, ended: 0, open: 1 }
    }

    #[test]
    fn stays_that_are_over_have_their_plain_median_and_mean() {
        let found = durations(&[ended(24), ended(48), ended(72), ended(96)]);
        assert_eq!((found.median_hours, found.p75_hours), (Some(48), Some(72)));
        assert_eq!(found.mean_hours, Some(Ratio::whole(60)));
    }

    /// Worked by hand: S(6)=6/7, S(10)=6/7·4/5, S(15)=… of the usual example of a survival curve.
    #[test]
    fn a_stay_that_is_not_over_makes_the_others_count_more() {
        let found = durations(&[ended(6), open(8), ended(10), ended(10), open(12), ended(15), open(20)]);
        // 6/7, then 3/5 of it at 10, then half of that at 15.
        assert_eq!((found.median_hours, found.p75_hours), (Some(15), None));
        assert_eq!((found.ended, found.open), (4, 3));
        let only_ended = durations(&[ended(6), ended(10), ended(10), ended(15)]);
        assert_eq!(
            only_ended.median_hours,
            Some(10),
            "who ignores what is not over finds leads faster than they are"
        );
    }

    #[test]
    fn where_nobody_moved_on_nothing_is_claimed() {
        let velocity = StageVelocity::of(Stage::Pool, durations(&[open(500), open(3)]), 2, 1);
        assert_eq!((velocity.median_days, velocity.mean_days), (None, None));
        assert_eq!(velocity.reason, Some(Unknown::NobodyMovedOn));
        assert_eq!(durations(&[]), Durations::default());
    }

    #[test]
    fn a_lead_is_stuck_later_where_stays_are_long() {
        let now: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
        let quick = stuck_rule(durations(&[ended(24), ended(24)]), 14, now);
        assert_eq!(quick.entered_before, "2026-11-06T00:00:00Z".parse().unwrap());
        let slow = stuck_rule(durations(&[ended(24 * 30), ended(24 * 30)]), 14, now);
        assert_eq!(slow.entered_before, "2026-10-21T00:00:00Z".parse().unwrap());
        assert_eq!(slow.quiet_since, quick.quiet_since);
    }

    proptest! {
        #[test]
        fn longer_open_stays_never_make_leads_look_faster(
            lengths in proptest::collection::vec((0i64..2_000, 0i64..5, 0i64..5), 1..40),
            waiting in 0i64..20,
        ) {
            let stays: Vec<StaysOf> =
                lengths.iter().map(|(hours, ended, open)| StaysOf { hours: *hours, ended: *ended, open: *open }).collect();
            let before = durations(&stays);
            let mut more = stays.clone();
            more.push(StaysOf { hours: 3_000, ended: 0, open: waiting });
            let after = durations(&more);
            if let (Some(before), Some(after)) = (before.median_hours, after.median_hours) {
                prop_assert!(after >= before);
            }
            prop_assert!(before.median_hours.is_none_or(|median| before.p75_hours.is_none_or(|p75| median <= p75)));
            let mut shuffled = stays;
            shuffled.reverse();
            prop_assert_eq!(durations(&shuffled), before);
        }
    }
}
