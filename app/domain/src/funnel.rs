//! The funnel: how many leads came how far, and what they may be worth.
//!
//! * As a *cohort*: the leads of a range of days, by the furthest stage they ever reached. A lead that skipped a stage
//!   has passed it, so that no step has more than the one before.
//! * As a *snapshot*: all leads, by the stage they stand in at its end.
//!
//! Step conversion is leads that reached a stage ÷ leads that reached the one before; overall conversion is ÷ leads in
//! all.

use std::str::FromStr;

use serde::Serialize;

use crate::lead::Stage;
use crate::ratio::{Quotient, Ratio};

/// What a funnel counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The leads that came within a range of days, wherever they are by now.
    #[default]
    Cohort,
    /// Where all leads stand at the end of the range.
    Snapshot,
}

impl Mode {
    /// The word in addresses and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cohort => "cohort",
            Self::Snapshot => "snapshot",
        }
    }
}

/// No way a funnel is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("funnel is cohort or snapshot")]
pub struct UnknownMode;

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        match text {
            "cohort" => Ok(Self::Cohort),
            "snapshot" => Ok(Self::Snapshot),
            _ => Err(UnknownMode),
        }
    }
}

/// How many leads got to a stage and no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The stage.
    pub stage: Stage,
    /// How many.
    pub leads: i64,
    /// What they may be worth together, in the tenant's currency.
    pub value: i64,
}

/// One step of a funnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The stage.
    pub stage: Stage,
    /// Cohort: leads that reached it. Snapshot: leads that stand in it.
    pub count: i64,
    /// What those may be worth.
    pub value: i64,
    /// Leads that reached it, or a later one.
    pub reached: i64,
    /// Of the leads that reached the stage before; none for the first stage, and where nobody did.
    pub step_conversion: Option<Quotient>,
    /// Of all leads.
    pub overall_conversion: Option<Quotient>,
}

/// A funnel, its first stage first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Funnel {
    /// What it counts.
    pub mode: Mode,
    /// Its stages.
    pub stages: Vec<Step>,
}

/// Makes a funnel of how far leads got. Stages nobody got to have zeros; a stage that is not listed is left out.
#[must_use]
pub fn funnel(mode: Mode, stages: &[Stage], furthest: &[Reached]) -> Funnel {
    let ended_in = |stage: Stage| {
        furthest.iter().filter(|reached| reached.stage == stage).fold(
            (0, 0),
            |(leads, value): (i64, i64), reached| {
                (leads.saturating_add(reached.leads), value.saturating_add(reached.value))
            },
        )
    };
    let ends: Vec<(i64, i64)> = stages.iter().map(|stage| ended_in(*stage)).collect();
    let all: i64 = ends.iter().map(|(leads, _)| leads).sum();
    let mut before = None;
    let steps = stages.iter().enumerate().map(|(index, stage)| {
        let (reached, value_reached) =
            ends.iter().skip(index).fold((0, 0), |(leads, value): (i64, i64), end| {
                (leads.saturating_add(end.0), value.saturating_add(end.1))
            });
        let (standing, value_standing) = ends.get(index).copied().unwrap_or_default();
        let (count, value) = match mode {
            Mode::Cohort => (reached, value_reached),
            Mode::Snapshot => (standing, value_standing),
        };
        let step = Step {
            stage: *stage,
            count,
            value,
            reached,
            step_conversion: before.and_then(|before| share(reached, before)),
            overall_conversion: share(reached, all),
        };
        before = Some(reached);
        step
    });
    Funnel { mode, stages: steps.collect() }
}

fn share(part: i64, whole: i64) -> Option<Quotient> {
    Ratio::of(part.into(), whole.into()).map(Quotient)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STAGES: [Stage; 4] = [Stage::Pool, Stage::Contacted, Stage::Meeting, Stage::Closed];

    fn reached(stage: Stage, leads: i64, value: i64) -> Reached {
        Reached { stage, leads, value }
    }

    fn conversion(above: i128, below: i128) -> Option<Quotient> {
        Ratio::of(above, below).map(Quotient)
    }

    #[test]
    fn a_cohort_counts_whoever_went_further_too() {
        let found = funnel(
            Mode::Cohort,
            &STAGES,
            &[
                reached(Stage::Pool, 60, 0),
                reached(Stage::Contacted, 30, 10),
                reached(Stage::Closed, 10, 500),
            ],
        );
        let counts: Vec<i64> = found.stages.iter().map(|step| step.count).collect();
        assert_eq!(counts, [100, 40, 10, 10]);
        assert_eq!(found.stages[1].value, 510);
        let steps: Vec<_> = found.stages.iter().map(|step| step.step_conversion).collect();
        assert_eq!(steps, [None, conversion(2, 5), conversion(1, 4), conversion(1, 1)]);
        assert_eq!(found.stages[3].overall_conversion, conversion(1, 10));
    }

    #[test]
    fn a_snapshot_counts_who_stands_there() {
        let found =
            funnel(Mode::Snapshot, &STAGES, &[reached(Stage::Pool, 60, 0), reached(Stage::Closed, 10, 500)]);
        let counts: Vec<i64> = found.stages.iter().map(|step| step.count).collect();
        assert_eq!(counts, [60, 0, 0, 10]);
        assert_eq!(found.stages[1].step_conversion, conversion(1, 7));
    }

    #[test]
    fn where_nobody_is_there_is_no_conversion() {
        for step in funnel(Mode::Cohort, &STAGES, &[]).stages {
            assert_eq!(
                (step.count, step.step_conversion, step.overall_conversion),
                (0, None, None),
                "{}",
                step.stage
            );
        }
    }

    proptest! {
        #[test]
        fn no_step_is_wider_than_the_one_before(leads in proptest::collection::vec((0usize..4, 0i64..1_000, 0i64..1_000), 0..20)) {
            let furthest: Vec<Reached> =
                leads.iter().map(|(stage, leads, value)| reached(STAGES[*stage], *leads, *value)).collect();
            let cohort = funnel(Mode::Cohort, &STAGES, &furthest);
            for pair in cohort.stages.windows(2) {
                prop_assert!(pair[1].count <= pair[0].count && pair[1].value <= pair[0].value);
            }
            let snapshot = funnel(Mode::Snapshot, &STAGES, &furthest);
            let all: i64 = snapshot.stages.iter().map(|step| step.count).sum();
            prop_assert_eq!(all, cohort.stages[0].count);
        }
    }
}
