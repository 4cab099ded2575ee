//! The pipeline: leads, deals and costs, made into the figures of the main screen.

use std::collections::BTreeMap;

use app::port::AskError;
use domain::cost::spread;
use domain::funnel::{Funnel, Mode, Reached, funnel};
use domain::lead::Stage;
use domain::period::DateRange;
use domain::pipeline::{DecidedDeals, OpenDeals, Pipeline, pipeline};
use domain::velocity::{Durations, StageVelocity, StaysOf, StuckRule, durations, stuck_rule};
use jiff::Timestamp;
use store::Snapshot;
use store::pipeline::{LeadsReached, StageStays, Standing};

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
    /// Counts a tenant's.
    pub(super) async fn of(
        snapshot: &mut Snapshot,
        range: DateRange,
        range_before: DateRange,
        mode: Mode,
    ) -> Result<Self, AskError> {
        Ok(Self::made_of(PipelinePart::of(snapshot, range, range_before, mode).await?, mode))
    }

    /// Makes them of what was counted.
    pub(super) fn made_of(part: PipelinePart, mode: Mode) -> Self {
        let came = part.came.iter();
        let reached: Vec<Reached> = match mode {
            Mode::Cohort => {
                came.map(|of| Reached { stage: of.stage, leads: of.leads, value: of.value }).collect()
            }
            Mode::Snapshot => part.standing_then,
        };
        Self {
            funnel: funnel(mode, &Stage::ALL, &reached),
            velocity: velocities(&part.stays, &part.standing_now),
            now: pipeline(&part.open),
            before: pipeline(&part.open_before),
            came: part.came,
            decided: part.decided,
            spent: part.spent,
            spent_before: part.spent_before,
        }
    }
}

/// What was counted of leads, deals and costs: what adds up over tenants.
#[derive(Clone, Debug, Default)]
pub(super) struct PipelinePart {
    came: Vec<LeadsReached>,
    standing_then: Vec<Reached>,
    stays: Vec<StageStays>,
    standing_now: Vec<Standing>,
    open: Vec<OpenDeals>,
    open_before: Vec<OpenDeals>,
    decided: DecidedDeals,
    spent: Spent,
    spent_before: Spent,
}

impl PipelinePart {
    /// Counts a tenant's.
    pub(super) async fn of(
        snapshot: &mut Snapshot,
        range: DateRange,
        range_before: DateRange,
        mode: Mode,
    ) -> Result<Self, AskError> {
        let rules = stuck_rules(snapshot).await?;
        Ok(Self {
            came: cohort(snapshot, range).await?,
            standing_then: match mode {
                Mode::Cohort => Vec::new(),
                Mode::Snapshot => standing_at_end(snapshot, range).await?,
            },
            stays: stays_in(snapshot, range).await?,
            standing_now: snapshot.work().standing_now(&rules).await.map_err(ours)?,
            open: deals_at_end(snapshot, range).await?,
            open_before: deals_at_end(snapshot, range_before).await?,
            decided: deals_decided(snapshot, range).await?,
            spent: spent_in(snapshot, range).await?,
            spent_before: spent_in(snapshot, range_before).await?,
        })
    }

    /// The same with its money in another currency; `None` when a rate is missing.
    pub(super) fn converted(mut self, convert: impl Fn(i64) -> Option<i64>) -> Option<Self> {
        let money = [
            self.came.iter_mut().map(|of| &mut of.value).collect::<Vec<_>>(),
            self.standing_then.iter_mut().map(|of| &mut of.value).collect(),
            self.open.iter_mut().map(|of| &mut of.value).collect(),
            self.open_before.iter_mut().map(|of| &mut of.value).collect(),
            vec![&mut self.decided.won_value],
            self.spent.values_mut().flat_map(BTreeMap::values_mut).collect(),
            self.spent_before.values_mut().flat_map(BTreeMap::values_mut).collect(),
        ];
        for amount in money.into_iter().flatten() {
            *amount = convert(*amount)?;
        }
        Some(self)
    }

    /// What can be counted of it without a rate.
    pub(super) fn without_money(self) -> Self {
        let spent_nothing = Self { spent: Spent::new(), spent_before: Spent::new(), ..self };
        spent_nothing.converted(|_| Some(0)).unwrap_or_default()
    }

    /// Adds another tenant's.
    pub(super) fn add(&mut self, other: Self) {
        self.came.extend(other.came);
        self.standing_then.extend(other.standing_then);
        self.stays.extend(other.stays);
        self.standing_now.extend(other.standing_now);
        self.open.extend(other.open);
        self.open_before.extend(other.open_before);
        self.decided.won += other.decided.won;
        self.decided.lost += other.decided.lost;
        self.decided.won_value += other.decided.won_value;
        self.decided.won_hours += other.decided.won_hours;
        add_spent(&mut self.spent, other.spent);
        add_spent(&mut self.spent_before, other.spent_before);
    }
}

fn add_spent(to: &mut Spent, other: Spent) {
    for (channel, costs) in other {
        let of_channel = to.entry(channel).or_default();
        costs.into_iter().for_each(|(cost_type, amount)| *of_channel.entry(cost_type).or_default() += amount);
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

/// Where leads stood when a range ended, or stand now.
async fn standing_at_end(snapshot: &mut Snapshot, range: DateRange) -> Result<Vec<Reached>, AskError> {
    let (own, end) = (snapshot.tenant().currency, end_of(snapshot, range));
    snapshot.work().standing_at(own, end).await.map_err(ours)
}

/// How long leads stayed in each stage that entered it in a range, who stands in it now, and who is stuck.
pub(super) async fn stage_velocities(
    snapshot: &mut Snapshot,
    range: DateRange,
) -> Result<Vec<StageVelocity>, AskError> {
    let stays = stays_in(snapshot, range).await?;
    let rules = stuck_rules(snapshot).await?;
    let standing = snapshot.work().standing_now(&rules).await.map_err(ours)?;
    Ok(velocities(&stays, &standing))
}

fn velocities(stays: &[StageStays], standing: &[Standing]) -> Vec<StageVelocity> {
    let lasted = lasted(stays);
    let stage = |stage: Stage| {
        let now = standing.iter().filter(|standing| standing.stage == stage);
        let (leads, stuck) = now.fold((0, 0), |(leads, stuck), now| (leads + now.leads, stuck + now.stuck));
        StageVelocity::of(stage, lasted.get(&stage).copied().unwrap_or_default(), leads, stuck)
    };
    ON_THE_WAY.map(stage).to_vec()
}

/// When a lead counts as stuck, stage by stage; whatever days are looked at.
pub(super) async fn stuck_rules(snapshot: &mut Snapshot) -> Result<Vec<(Stage, StuckRule)>, AskError> {
    let (now, floor) = (snapshot.as_of(), snapshot.tenant().economics.stuck_after_days);
    let year = DateRange::last_days(STUCK_OVER, snapshot.tenant().date_of(now));
    let lasted = lasted(&stays_in(snapshot, year).await?);
    let rule =
        |stage: Stage| (stage, stuck_rule(lasted.get(&stage).copied().unwrap_or_default(), floor, now));
    Ok(ON_THE_WAY.map(rule).to_vec())
}

async fn stays_in(snapshot: &mut Snapshot, range: DateRange) -> Result<Vec<StageStays>, AskError> {
    let (moments, now) = (snapshot.instants(range), snapshot.as_of());
    snapshot.work().stays_begun(moments, now).await.map_err(ours)
}

fn lasted(stays: &[StageStays]) -> BTreeMap<Stage, Durations> {
    let mut by_stage: BTreeMap<Stage, Vec<StaysOf>> = BTreeMap::new();
    for of in stays {
        by_stage.entry(of.stage).or_default().push(of.stays);
    }
    by_stage.into_iter().map(|(stage, stays)| (stage, durations(&stays))).collect()
}

/// The deals that were open when a range ended, or are now.
async fn deals_at_end(snapshot: &mut Snapshot, range: DateRange) -> Result<Vec<OpenDeals>, AskError> {
    let end = end_of(snapshot, range);
    snapshot.work().deals_open_at(end).await.map_err(ours)
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
