//! The main screen: every figure of it, read at one moment.

use domain::channel::ChannelSlug;
use domain::cost::CostType;
use domain::economics::UnitEconomics;
use domain::funnel::Funnel;
use domain::mrr::report::MrrReport;
use domain::period::DateRange;
use domain::pipeline::{Pipeline, PipelineVelocity};
use domain::revenue::{RevenueReport, Sums};
use domain::velocity::StageVelocity;

use super::{AlertLine, Frame, Intake, PeriodQuestion};

/// What the main screen is asked, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverviewQuestion {
    /// Over which days, and whose.
    pub period: PeriodQuestion,
    /// `cohort` or `snapshot`; without it a cohort.
    pub funnel: Option<String>,
    /// The column the channels are sorted by; without it revenue.
    pub sort: Option<String>,
}

/// The main screen's figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// Whose, when, over which days.
    pub frame: Frame,
    /// Revenue over the days asked for.
    pub revenue: RevenueReport,
    /// The days compared with: as many as have elapsed, right before.
    pub previous_range: DateRange,
    /// Their revenue.
    pub previous: Sums,
    /// What the tenant can be told about its Stripe connection.
    pub intake: Intake,
    /// What recurs.
    pub recurring: Recurring,
    /// What customers cost and are worth, by channel and in all.
    pub economics: UnitEconomics,
    /// Blended CAC of the days compared with.
    pub previous_cac: Option<i64>,
    /// How far leads came.
    pub funnel: Funnel,
    /// How long they take.
    pub velocity: Vec<StageVelocity>,
    /// What open deals are worth.
    pub pipeline: Pipeline,
    /// What they were worth when the days compared with ended.
    pub previous_pipeline: Pipeline,
    /// What the pipeline yields a day.
    pub pipeline_velocity: PipelineVelocity,
    /// Channel by channel.
    pub channels: Vec<ChannelLine>,
    /// What each channel costs.
    pub costs: Vec<ChannelSpend>,
    /// What needs somebody, the worst first.
    pub alerts: Vec<AlertLine>,
}

/// Recurring revenue on the main screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurring {
    /// The roll-forward over the days.
    pub report: MrrReport,
    /// The part an overdue invoice puts at risk.
    pub past_due_mrr: i64,
}

/// What a channel did in the days asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelLine {
    /// The channel.
    pub channel: ChannelSlug,
    /// Leads that came.
    pub leads: i64,
    /// Those of them that replied, or came further.
    pub qualified: i64,
    /// Those of them that met somebody, or came further.
    pub meetings: i64,
    /// What it brought in.
    pub revenue: i64,
    /// What it brought in over the days compared with.
    pub previous_revenue: i64,
}

/// What a channel costs in the days asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSpend {
    /// The channel.
    pub channel: ChannelSlug,
    /// By type of cost, the part that falls into the days.
    pub lines: Vec<SpendLine>,
}

/// One type of a channel's costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpendLine {
    /// What it is.
    pub cost_type: CostType,
    /// How much, in the tenant's currency.
    pub amount: i64,
}
