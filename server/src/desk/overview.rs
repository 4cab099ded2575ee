//! The main screen: every figure of it, read from one snapshot.

use std::collections::{BTreeMap, BTreeSet};

use app::port::{
    AlertLine, AskError, ChannelLine, ChannelSpend, Frame, Intake, Overview, OverviewQuestion,
    PeriodQuestion, Recurring, SpendLine,
};
use domain::access::{Permission, Viewer};
use domain::channel::ChannelSlug;
use domain::cost::CostType;
use domain::economics::cohort::{CohortPayback, cohort_payback};
use domain::economics::{BlendedCac, ChannelFigures, UnitEconomics, blended_cac, unit_economics};
use domain::funnel::{Mode, UnknownMode};
use domain::lead::Stage;
use domain::money::Currency;
use domain::mrr::report::MrrReport;
use domain::period::{Bucket, DateRange};
use domain::pipeline::pipeline_velocity;
use domain::revenue::{Parts, RevenueReport, Sums};
use domain::tenant::{Economics, Tenant};
use store::Snapshot;
use store::mrr::Standing;
use store::pipeline::LeadsReached;

use super::alerts::{self, SHOWN};
use super::kept::Kept;
use super::pipeline::{PipelineFigures, spent_in};
use super::{DataState, LedgerDesk, Period, ours};

/// What was spent, by channel and type.
pub(super) type Spent = BTreeMap<ChannelSlug, BTreeMap<CostType, i64>>;

/// The main screen's figures, and what of the tenant they rest on.
#[derive(Clone, Debug)]
pub struct CommandCenter {
    /// The tenant as it was then.
    pub tenant: Tenant,
    /// The figures.
    pub overview: Overview,
    /// What recurs.
    pub standing: Standing,
    /// Currencies of tenants whose leads, deals and costs could not be converted.
    pub without_rates: Vec<Currency>,
    /// What all of it depends on.
    pub(crate) state: DataState,
}

/// What customers cost and are worth over a range of days.
pub(crate) struct UnitEconomicsAnswer {
    /// The days, and what came in.
    pub(crate) revenue: RevenueReport,
    /// The figures.
    pub(crate) economics: UnitEconomics,
    /// When those won had earned back what they cost; none for all workspaces together.
    pub(crate) cohort_payback: Option<CohortPayback>,
    /// What all of it depends on.
    pub(crate) state: DataState,
}

/// What the ledger and the pipeline say together: the main screen, but for names, alerts and how events come.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) revenue: RevenueReport,
    pub(super) recurring: MrrReport,
    pub(super) standing: Standing,
    pub(super) previous_range: DateRange,
    pub(super) before: Before,
    pub(super) economics: UnitEconomics,
}

/// What the screen shows beside figures.
pub(super) struct Around {
    pub(super) frame: Frame,
    pub(super) alerts: Vec<AlertLine>,
    pub(super) intake: Intake,
}

impl LedgerDesk {
    /// The main screen's figures, all of one moment.
    pub async fn command_center(
        &self,
        viewer: &Viewer,
        question: OverviewQuestion,
    ) -> Result<CommandCenter, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let mode = funnel_mode(&question)?;
        let tenant = self.store.tenant_by_id(viewer.tenant).await.map_err(ours)?;
        let intake = self.intake(&tenant.ok_or(AskError::UnknownTenant)?).await?;
        let period = self.period(viewer.tenant, &question.period).await?;
        period.command_center(&self.kept, mode, intake).await
    }

    /// What customers cost and are worth over the days asked for.
    pub(crate) async fn unit_economics(
        &self,
        viewer: &Viewer,
        question: &PeriodQuestion,
    ) -> Result<UnitEconomicsAnswer, AskError> {
        let mut period = self.viewers_period(viewer, question).await?;
        let revenue = period.revenue().await?;
        let recurring = period.mrr().await?;
        let spent = spent_in(&mut period.snapshot, revenue.range).await?;
        let economics = economics(&mut period.snapshot, &revenue, &recurring, &spent).await?;
        let months = period.snapshot.cohort_months(revenue.range).await.map_err(ours)?;
        let BlendedCac { spend, new_customers, .. } = economics.blended_cac;
        let margin = economics.ltv_estimate.gross_margin.0;
        Ok(UnitEconomicsAnswer {
            cohort_payback: Some(cohort_payback(&months, new_customers, spend, margin)),
            state: period.pipeline_state(),
            revenue,
            economics,
        })
    }
}

/// What the funnel is to count.
pub(super) fn funnel_mode(question: &OverviewQuestion) -> Result<Mode, AskError> {
    let mode = question.funnel.as_deref().map_or(Ok(Mode::Cohort), str::parse);
    mode.map_err(|why: UnknownMode| AskError::Invalid { field: "funnel", message: why.to_string() })
}

impl Period {
    async fn command_center(
        mut self,
        kept: &Kept,
        mode: Mode,
        intake: Intake,
    ) -> Result<CommandCenter, AskError> {
        let frame = self.frame().await?;
        let alerts = alerts::lines_in(self.snapshot.work(), &SHOWN).await?;
        let pipeline = kept.pipeline(&mut self, mode).await?;
        let figures = kept.figures(&mut self, mode, &pipeline).await?;
        let state = self.screen_state(&alerts);
        let overview = overview_of(&figures, &pipeline, Around { frame, alerts, intake });
        let tenant = self.snapshot.tenant().clone();
        let standing = figures.standing.clone();
        Ok(CommandCenter { tenant, overview, standing, without_rates: Vec::new(), state })
    }

    /// What the ledger says, beside a pipeline.
    pub(super) async fn figures(&mut self, pipeline: &PipelineFigures) -> Result<Figures, AskError> {
        let revenue = self.revenue().await?;
        let standing = self.standing().await?;
        let recurring = self.mrr().await?;
        let snapshot = &mut self.snapshot;
        let previous_range = self.asked.range.previous(self.asked.today);
        let before = Before::of(snapshot, previous_range, &pipeline.spent_before).await?;
        let economics = economics(snapshot, &revenue, &recurring, &pipeline.spent).await?;
        Ok(Figures { revenue, recurring, standing, previous_range, before, economics })
    }
}

/// The main screen, put together.
pub(super) fn overview_of(figures: &Figures, pipeline: &PipelineFigures, around: Around) -> Overview {
    let Figures { revenue, recurring, standing, previous_range, before, economics } = figures.clone();
    let Around { frame, alerts, intake } = around;
    Overview {
        channels: channel_lines(&revenue, &before.by_channel, &pipeline.came, &economics),
        costs: costs_of(&pipeline.spent, &economics),
        recurring: Recurring { report: recurring, past_due_mrr: standing.past_due_mrr },
        previous_range,
        previous: before.sums,
        previous_cac: before.cac.value,
        previous_pipeline: pipeline.before,
        funnel: pipeline.funnel.clone(),
        velocity: pipeline.velocity.clone(),
        pipeline_velocity: pipeline_velocity(pipeline.now.open_deals, pipeline.decided),
        pipeline: pipeline.now,
        revenue,
        economics,
        frame,
        alerts,
        intake,
    }
}

/// What the figures are compared with.
#[derive(Clone, Debug)]
pub(super) struct Before {
    pub(super) sums: Sums,
    by_channel: BTreeMap<ChannelSlug, i64>,
    pub(super) cac: BlendedCac,
}

impl Before {
    pub(super) async fn of(
        snapshot: &mut Snapshot,
        range: DateRange,
        spent: &Spent,
    ) -> Result<Self, AskError> {
        let days = Bucket { period_start: range.from, period_end: range.to, partial: false };
        let parts = snapshot.revenue_parts(&[days]).await.map_err(ours)?;
        let customers = snapshot.new_customers(range).await.map_err(ours)?.values().sum();
        Ok(Self::made_of(&parts, spent, customers))
    }

    pub(super) fn made_of(parts: &Parts, spent: &Spent, new_customers: i64) -> Self {
        let mut by_channel: BTreeMap<ChannelSlug, i64> = BTreeMap::new();
        for sum in &parts.by_channel {
            *by_channel.entry(sum.channel.clone()).or_default() += sum.moved.net();
        }
        let spend = spent.values().flat_map(BTreeMap::values).sum();
        Self { sums: parts.total().sums(), by_channel, cac: blended_cac(spend, new_customers) }
    }
}

/// Unit economics of a tenant's channels.
pub(super) async fn economics(
    snapshot: &mut Snapshot,
    revenue: &RevenueReport,
    recurring: &MrrReport,
    spent: &Spent,
) -> Result<UnitEconomics, AskError> {
    let won = snapshot.new_customers(revenue.range).await.map_err(ours)?;
    let today = snapshot.tenant().date_of(snapshot.as_of());
    let days = revenue.range.elapsed(today).days();
    Ok(economics_of(&won, revenue, recurring, spent, (snapshot.tenant().economics, days)))
}

/// Unit economics of every channel that brought or cost anything, or won anybody.
pub(super) fn economics_of(
    won: &BTreeMap<ChannelSlug, i64>,
    revenue: &RevenueReport,
    recurring: &MrrReport,
    spent: &Spent,
    (rules, days): (Economics, i32),
) -> UnitEconomics {
    let earned: BTreeMap<&ChannelSlug, i64> =
        revenue.by_channel.iter().map(|channel| (&channel.channel, channel.sums.total_revenue)).collect();
    let channels: BTreeSet<&ChannelSlug> =
        earned.keys().copied().chain(spent.keys()).chain(won.keys()).collect();
    let figures: Vec<ChannelFigures> = channels
        .into_iter()
        .map(|channel| {
            let costs = spent.get(channel);
            ChannelFigures {
                channel: channel.clone(),
                spend: costs.map_or(0, |costs| costs.values().sum()),
                ad_spend: costs.and_then(|costs| costs.get(&CostType::AdSpend)).copied().unwrap_or_default(),
                revenue: earned.get(channel).copied().unwrap_or_default(),
                new_customers: won.get(channel).copied().unwrap_or_default(),
            }
        })
        .collect();
    unit_economics(&figures, recurring.into(), rules, days)
}

/// Every channel that has something to say, the one that earned most first and the unknown one last.
fn channel_lines(
    revenue: &RevenueReport,
    before: &BTreeMap<ChannelSlug, i64>,
    came: &[LeadsReached],
    economics: &UnitEconomics,
) -> Vec<ChannelLine> {
    let earning = revenue.by_channel.iter().map(|channel| channel.channel.clone());
    let leading = came.iter().map(|reached| reached.channel.clone());
    let spending = economics.cac_per_channel.iter().map(|cac| cac.channel.clone());
    let channels: BTreeSet<ChannelSlug> = earning.chain(leading).chain(spending).collect();
    let mut lines: Vec<ChannelLine> =
        channels.into_iter().map(|channel| channel_line(channel, revenue, before, came)).collect();
    lines.sort_by_key(|line| (line.channel.is_unknown(), std::cmp::Reverse(line.revenue)));
    lines
}

fn channel_line(
    channel: ChannelSlug,
    revenue: &RevenueReport,
    before: &BTreeMap<ChannelSlug, i64>,
    came: &[LeadsReached],
) -> ChannelLine {
    let that_reached = |stage: Stage| -> i64 {
        came.iter()
            .filter(|reached| reached.channel == channel && reached.stage >= stage)
            .map(|reached| reached.leads)
            .sum()
    };
    let earned = revenue.by_channel.iter().find(|earned| earned.channel == channel);
    ChannelLine {
        leads: that_reached(Stage::Pool),
        qualified: that_reached(Stage::Replied),
        meetings: that_reached(Stage::Meeting),
        revenue: earned.map_or(0, |earned| earned.sums.total_revenue),
        previous_revenue: before.get(&channel).copied().unwrap_or_default(),
        channel,
    }
}

/// What each channel costs, in the order of their return.
fn costs_of(spent: &Spent, economics: &UnitEconomics) -> Vec<ChannelSpend> {
    let spending =
        economics.channel_roi.iter().filter_map(|roi| Some((&roi.channel, spent.get(&roi.channel)?)));
    spending
        .map(|(channel, costs)| ChannelSpend {
            channel: channel.clone(),
            lines: costs
                .iter()
                .map(|(cost_type, amount)| SpendLine { cost_type: *cost_type, amount: *amount })
                .collect(),
        })
        .collect()
}
