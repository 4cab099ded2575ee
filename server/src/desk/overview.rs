//! The main screen: every figure of it, read from one snapshot.

use std::collections::{BTreeMap, BTreeSet};

use app::port::{
    AskError, ChannelLine, ChannelSpend, Intake, Overview, OverviewQuestion, PeriodQuestion, Recurring,
    SpendLine,
};
use domain::access::{Permission, Viewer};
use domain::channel::ChannelSlug;
use domain::cost::CostType;
use domain::economics::{BlendedCac, ChannelFigures, UnitEconomics, blended_cac, unit_economics};
use domain::funnel::{Mode, UnknownMode};
use domain::lead::Stage;
use domain::mrr::report::MrrReport;
use domain::period::{Bucket, DateRange};
use domain::pipeline::pipeline_velocity;
use domain::revenue::{RevenueReport, Sums};
use domain::tenant::Tenant;
use store::Snapshot;
use store::mrr::Standing;
use store::pipeline::LeadsReached;

use super::alerts::{self, SHOWN};
use super::pipeline::{cohort, deals_decided, funnel_of, pipeline_at_end, spent_in, stage_velocities};
use super::{LedgerDesk, Period, ours};

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
}

impl LedgerDesk {
    /// The main screen's figures, all of one moment.
    pub async fn command_center(
        &self,
        viewer: &Viewer,
        question: OverviewQuestion,
    ) -> Result<CommandCenter, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let mode = question.funnel.as_deref().map_or(Ok(Mode::Cohort), str::parse).map_err(unknown)?;
        let tenant = self.store.tenant_by_id(viewer.tenant).await.map_err(ours)?;
        let intake = self.intake(&tenant.ok_or(AskError::UnknownTenant)?).await?;
        self.period(viewer.tenant, &question.period).await?.command_center(mode, intake).await
    }

    /// What customers cost and are worth over the days asked for.
    pub async fn unit_economics(
        &self,
        viewer: &Viewer,
        question: &PeriodQuestion,
    ) -> Result<(RevenueReport, UnitEconomics), AskError> {
        let mut period = self.viewers_period(viewer, question).await?;
        let revenue = period.revenue().await?;
        let recurring = period.mrr().await?;
        let spent = spent_in(&mut period.snapshot, revenue.range).await?;
        let economics = economics(&mut period.snapshot, &revenue, &recurring, &spent).await?;
        Ok((revenue, economics))
    }
}

fn unknown(mode: UnknownMode) -> AskError {
    AskError::Invalid { field: "funnel", message: mode.to_string() }
}

impl Period {
    async fn command_center(mut self, mode: Mode, intake: Intake) -> Result<CommandCenter, AskError> {
        let frame = self.frame().await?;
        let range = self.asked.range;
        let previous_range = range.previous(frame.today);
        let revenue = self.revenue().await?;
        let standing = self.standing().await?;
        let recurring = Recurring { report: self.mrr().await?, past_due_mrr: standing.past_due_mrr };
        let snapshot = &mut self.snapshot;
        let before = Before::of(snapshot, previous_range).await?;
        let came = cohort(snapshot, range).await?;
        let alerts = alerts::lines_in(snapshot.work(), &SHOWN).await?;
        let spent = spent_in(snapshot, range).await?;
        let economics = economics(snapshot, &revenue, &recurring.report, &spent).await?;
        let pipeline = pipeline_at_end(snapshot, range).await?;
        let decided = deals_decided(snapshot, range).await?;
        let overview = Overview {
            previous: before.sums,
            previous_cac: before.cac.value,
            previous_pipeline: pipeline_at_end(snapshot, previous_range).await?,
            funnel: funnel_of(snapshot, range, mode, &came).await?,
            velocity: stage_velocities(snapshot, range).await?,
            channels: channel_lines(&revenue, &before.by_channel, &came, &economics),
            costs: costs_of(&spent, &economics),
            alerts,
            pipeline_velocity: pipeline_velocity(pipeline.open_deals, decided),
            frame,
            revenue,
            previous_range,
            intake,
            recurring,
            economics,
            pipeline,
        };
        Ok(CommandCenter { tenant: self.snapshot.tenant().clone(), overview, standing })
    }
}

/// What the figures are compared with.
pub(super) struct Before {
    pub(super) sums: Sums,
    by_channel: BTreeMap<ChannelSlug, i64>,
    pub(super) cac: BlendedCac,
}

impl Before {
    pub(super) async fn of(snapshot: &mut Snapshot, range: DateRange) -> Result<Self, AskError> {
        let days = Bucket { period_start: range.from, period_end: range.to, partial: false };
        let parts = snapshot.revenue_parts(&[days]).await.map_err(ours)?;
        let mut by_channel: BTreeMap<ChannelSlug, i64> = BTreeMap::new();
        for sum in &parts.by_channel {
            *by_channel.entry(sum.channel.clone()).or_default() += sum.moved.net();
        }
        let spend = spent_in(snapshot, range).await?.values().flat_map(BTreeMap::values).sum();
        let customers = snapshot.new_customers(range).await.map_err(ours)?.values().sum();
        Ok(Self { sums: parts.total().sums(), by_channel, cac: blended_cac(spend, customers) })
    }
}

/// Unit economics of every channel that brought or cost anything, or won anybody.
pub(super) async fn economics(
    snapshot: &mut Snapshot,
    revenue: &RevenueReport,
    recurring: &MrrReport,
    spent: &Spent,
) -> Result<UnitEconomics, AskError> {
    let won = snapshot.new_customers(revenue.range).await.map_err(ours)?;
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
    let days = revenue.range.elapsed(snapshot.tenant().date_of(snapshot.as_of())).days();
    Ok(unit_economics(&figures, recurring.into(), snapshot.tenant().economics, days))
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
