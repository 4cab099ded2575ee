//! What the fixed desk says beside revenue: computed by the same arithmetic as real figures, from a few fixed numbers.

use app::port::{ChannelLine, ChannelSpend, Frame, Recurring, SpendLine};
use domain::cost::CostType;
use domain::economics::{ChannelFigures, UnitEconomics, unit_economics};
use domain::funnel::{Funnel, Mode, Reached, funnel};
use domain::lead::Stage;
use domain::mrr::report::{Cohort, Comings, DailyMovement, Moved, Opening, report};
use domain::period::{DateRange, Granularity};
use domain::pipeline::{DecidedDeals, OpenDeals, Pipeline, PipelineVelocity, pipeline, pipeline_velocity};
use domain::revenue::RevenueReport;
use domain::tenant::Economics;
use domain::velocity::{Durations, StageVelocity, StaysOf, durations};
use jiff::ToSpan;

use crate::desk::{now, tenant};

/// The stages, and how many of a hundred and twenty leads got there and no further.
const ENDS: [(Stage, i64); 6] = [
    (Stage::Pool, 3_370),
    (Stage::Enriched, 2_870),
    (Stage::Contacted, 5_116),
    (Stage::Replied, 738),
    (Stage::Meeting, 245),
    (Stage::Closed, 141),
];

/// Spend in cents and new customers, by place in the list of channels.
const SPENT: [(i64, i64); 6] =
    [(438_000, 112), (258_000, 41), (9_900_000, 39), (0, 38), (90_000, 22), (30_000, 0)];

/// Recurring revenue that grows a little every day.
pub(crate) fn recurring(frame: &Frame, granularity: Granularity) -> Recurring {
    recurring_over(frame.range, granularity)
}

/// The same over any days.
pub(crate) fn recurring_over(range: DateRange, granularity: Granularity) -> Recurring {
    let daily: Vec<DailyMovement> = (0..range.days())
        .map(|age| {
            let leaves = age % 9 == 4;
            let churn = if leaves { -17_000 } else { 0 };
            DailyMovement {
                day: range.from.saturating_add(age.days()),
                moved: Moved { new: 9_900, expansion: 1_200, churn, ..Moved::default() },
                comings: Comings { new: 1, reactivated: 0, churned: i64::from(leaves) },
                payers: 1 - i64::from(leaves),
            }
        })
        .collect();
    let opening = Opening { mrr: 4_020_000, customers: 402, payers: 402 };
    let cohort = Cohort { gone: 10, lost: -170_000, won: 108_000 };
    let report = report(&tenant(), range, granularity, now(), opening, &daily, cohort).unwrap();
    Recurring { report, past_due_mrr: 231_000 }
}

/// Unit economics of the channels of a report.
pub(crate) fn economics(revenue: &RevenueReport, recurring: &Recurring, has_costs: bool) -> UnitEconomics {
    let figures: Vec<ChannelFigures> = revenue
        .by_channel
        .iter()
        .map(|channel| {
            let (spend, new_customers) = spent_on(channel.channel.as_str());
            ChannelFigures {
                channel: channel.channel.clone(),
                spend: if has_costs { spend } else { 0 },
                ad_spend: if has_costs { spend / 2 } else { 0 },
                revenue: channel.sums.total_revenue,
                new_customers,
            }
        })
        .collect();
    unit_economics(&figures, (&recurring.report).into(), Economics::default(), revenue.range.days())
}

fn spent_on(slug: &str) -> (i64, i64) {
    let place = crate::desk::SLUGS.iter().position(|known| *known == slug);
    place.and_then(|place| SPENT.get(place).copied()).unwrap_or_default()
}

pub(crate) fn full_funnel(mode: Mode, is_empty: bool) -> Funnel {
    let stages = ENDS.map(|(stage, _)| stage);
    let reached = |(stage, leads): (Stage, i64)| Reached { stage, leads, value: leads * 12_500 };
    let furthest: Vec<Reached> = if is_empty { Vec::new() } else { ENDS.map(reached).to_vec() };
    funnel(mode, &stages, &furthest)
}

pub(crate) fn velocity(is_empty: bool) -> Vec<StageVelocity> {
    let days = [
        (Stage::Pool, 1, 12),
        (Stage::Enriched, 4, 312),
        (Stage::Contacted, 7, 88),
        (Stage::Replied, 5, 0),
        (Stage::Meeting, 22, 9),
    ];
    days.map(|(stage, days, stuck)| {
        let stays: Vec<StaysOf> =
            (1..=days * 2).map(|length| StaysOf { hours: length * 20, ended: 9, open: length % 2 }).collect();
        let durations = if is_empty { Durations::default() } else { durations(&stays) };
        let (open, stuck) = if is_empty { (0, 0) } else { (stuck * 4 + 80, stuck) };
        StageVelocity::of(stage, durations, open, stuck)
    })
    .to_vec()
}

pub(crate) fn pipeline_of(deals: i64) -> Pipeline {
    let open = |probability_percent, deals| OpenDeals { probability_percent, value: deals * 130_000, deals };
    pipeline(&[open(20, deals * 4 / 5), open(70, deals / 5)])
}

pub(crate) fn yielding(deals: i64) -> PipelineVelocity {
    pipeline_velocity(
        deals,
        DecidedDeals { won: 28, lost: 112, won_value: 14_280_000, won_hours: 28 * 24 * 31 },
    )
}

/// What each channel of a report did.
pub(crate) fn channels(revenue: &RevenueReport, previous: &RevenueReport) -> Vec<ChannelLine> {
    let before = |slug: &str| {
        let found = previous.by_channel.iter().find(|channel| channel.channel.as_str() == slug);
        found.map_or(0, |channel| channel.sums.total_revenue)
    };
    let line = |channel: &domain::revenue::ChannelRevenue| {
        let leads = i64::from(!channel.channel.is_unknown()) * (channel.sums.payments * 3 + 20);
        ChannelLine {
            channel: channel.channel.clone(),
            leads,
            qualified: leads / 3,
            meetings: leads / 8,
            revenue: channel.sums.total_revenue,
            previous_revenue: before(channel.channel.as_str()),
        }
    };
    revenue.by_channel.iter().map(line).collect()
}

/// What each channel of a report costs.
pub(crate) fn costs(economics: &UnitEconomics) -> Vec<ChannelSpend> {
    let spending = economics.channel_roi.iter().filter(|roi| roi.spend != 0);
    spending
        .map(|roi| ChannelSpend {
            channel: roi.channel.clone(),
            lines: vec![
                SpendLine { cost_type: CostType::Subscription, amount: roi.spend - roi.ad_spend },
                SpendLine { cost_type: CostType::AdSpend, amount: roi.ad_spend },
            ],
        })
        .collect()
}
