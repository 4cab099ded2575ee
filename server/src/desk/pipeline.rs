//! The pipeline: leads, deals and costs, made into the figures of the main screen.

use std::collections::BTreeMap;

use app::port::AskError;
use domain::cost::spread;
use domain::funnel::{Funnel, Mode, Reached, funnel};
use domain::lead::Stage;
use domain::period::DateRange;
use domain::pipeline::{DecidedDeals, Pipeline, pipeline};
use domain::velocity::{Durations, StageVelocity, StaysOf, StuckRule, durations, stuck_rule};
use jiff::Timestamp;
use store::Snapshot;
use store::pipeline::LeadsReached;

use super::ours;
use super::overview::Spent;

/// From how many days back stays are looked at to tell what is too long.
const STUCK_OVER: i32 = 365;

/// The stages a lead can be stuck in: after the last there is nowhere to go.
const ON_THE_WAY: [Stage; 5] =
    [Stage::Pool, Stage::Enriched, Stage::Contacted, Stage::Replied, Stage::Meeting];

/// What leads, deals and costs say over a range.
#[derive(Clone, Debug)]
pub(super) struct PipelineFigures {
    pub(super) came: Vec<LeadsReached>,
    pub(super) funnel: Funnel,
    pub(super) velocity: Vec<StageVelocity>,
    pub(super) now: Pipeline,
    pub(super) decided: DecidedDeals,
    pub(super) before: Pipeline,
    pub(super) spent: Spent,
    pub(super) spent_before: Spent,
}

impl PipelineFigures {
    /// Counts them.
    pub(super) async fn of(
        snapshot: &mut Snapshot,
        range: DateRange,
        range_before: DateRange,
        mode: Mode,
    ) -> Result<Self, AskError> {
        let came = cohort(snapshot, range).await?;
        Ok(Self {
            funnel: funnel_of(snapshot, range, mode, &came).await?,
            came,
            velocity: stage_velocities(snapshot, range).await?,
            now: pipeline_at_end(snapshot, range).await?,
            decided: deals_decided(snapshot, range).await?,
            before: pipeline_at_end(snapshot, range_before).await?,
            spent: spent_in(snapshot, range).await?,
            spent_before: spent_in(snapshot, range_before).await?,
        })
    }
}

/// The part of costs that falls into a range of days; what has no rate is in none of it.
pub(super) async fn spent_in(snapshot: &mut Snapshot, range: DateRange) -> Result<Spent, AskError> {
    let mut spent = Spent::new();
    for cost in snapshot.work().costs_within(range).await.map_err(ours)? {
        let Some(amount) = cost.base_minor else { continue };
        let of_channel = spent.entry(cost.channel).or_default();
        *of_channel.entry(cost.cost_type).or_default() += spread(amount, cost.period, range);
    }
    Ok(spent)
}

/// How far the leads of a range got.
async fn cohort(snapshot: &mut Snapshot, range: DateRange) -> Result<Vec<LeadsReached>, AskError> {
    let (own, moments) = (snapshot.tenant().currency, snapshot.instants(range));
    snapshot.work().cohort_reached(own, moments).await.map_err(ours)
}

/// The funnel of a range; as a cohort it is made of those that came.
async fn funnel_of(
    snapshot: &mut Snapshot,
    range: DateRange,
    mode: Mode,
    came: &[LeadsReached],
) -> Result<Funnel, AskError> {
    let furthest: Vec<Reached> = match mode {
        Mode::Cohort => {
            came.iter().map(|of| Reached { stage: of.stage, leads: of.leads, value: of.value }).collect()
        }
        Mode::Snapshot => {
            let (own, end) = (snapshot.tenant().currency, end_of(snapshot, range));
            snapshot.work().standing_at(own, end).await.map_err(ours)?
        }
    };
    Ok(funnel(mode, &Stage::ALL, &furthest))
}

/// How long leads stayed in each stage that entered it in a range, who stands in it now, and who is stuck.
pub(super) async fn stage_velocities(
    snapshot: &mut Snapshot,
    range: DateRange,
) -> Result<Vec<StageVelocity>, AskError> {
    let lasted = stays_in(snapshot, range).await?;
    let rules = stuck_rules(snapshot).await?;
    let standing = snapshot.work().standing_now(&rules).await.map_err(ours)?;
    let stage = |stage: Stage| {
        let now = standing.iter().find(|standing| standing.stage == stage);
        let (leads, stuck) = now.map_or((0, 0), |now| (now.leads, now.stuck));
        StageVelocity::of(stage, lasted.get(&stage).copied().unwrap_or_default(), leads, stuck)
    };
    Ok(ON_THE_WAY.map(stage).to_vec())
}

/// When a lead counts as stuck, stage by stage; whatever days are looked at.
pub(super) async fn stuck_rules(snapshot: &mut Snapshot) -> Result<Vec<(Stage, StuckRule)>, AskError> {
    let (now, floor) = (snapshot.as_of(), snapshot.tenant().economics.stuck_after_days);
    let year = DateRange::last_days(STUCK_OVER, snapshot.tenant().date_of(now));
    let lasted = stays_in(snapshot, year).await?;
    let rule =
        |stage: Stage| (stage, stuck_rule(lasted.get(&stage).copied().unwrap_or_default(), floor, now));
    Ok(ON_THE_WAY.map(rule).to_vec())
}

async fn stays_in(snapshot: &mut Snapshot, range: DateRange) -> Result<BTreeMap<Stage, Durations>, AskError> {
    let (moments, now) = (snapshot.instants(range), snapshot.as_of());
    let mut by_stage: BTreeMap<Stage, Vec<StaysOf>> = BTreeMap::new();
    for of in snapshot.work().stays_begun(moments, now).await.map_err(ours)? {
        by_stage.entry(of.stage).or_default().push(of.stays);
    }
    Ok(by_stage.into_iter().map(|(stage, stays)| (stage, durations(&stays))).collect())
}

/// What the deals were worth that were open when a range ended, or are now.
async fn pipeline_at_end(snapshot: &mut Snapshot, range: DateRange) -> Result<Pipeline, AskError> {
    let end = end_of(snapshot, range);
    Ok(pipeline(&snapshot.work().deals_open_at(end).await.map_err(ours)?))
}

/// The deals that were won or lost in a range.
async fn deals_decided(snapshot: &mut Snapshot, range: DateRange) -> Result<DecidedDeals, AskError> {
    let moments = snapshot.instants(range);
    snapshot.work().deals_decided(moments).await.map_err(ours)
}

/// The moment a range ends, or now where that lies ahead.
fn end_of(snapshot: &Snapshot, range: DateRange) -> Timestamp {
    snapshot.instants(range).1.min(snapshot.as_of())
}
