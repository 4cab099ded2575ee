//! `GET /api/analytics/command-center`, `/unit-economics` and `/api/dashboard/kpis`: the main screen as JSON.

use std::collections::BTreeMap;

use app::port::{ChannelLine, ChannelSpend, Overview, OverviewQuestion};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use domain::access::{Permission, Viewer};
use domain::channel::ChannelSlug;
use domain::cost::CostType;
use domain::economics::cohort::CohortPayback;
use domain::economics::{ChannelRoi, Reason, UnitEconomics, cost_per_lead};
use domain::funnel::Funnel;
use domain::money::Currency;
use domain::period::DateRange;
use domain::pipeline::{Pipeline, PipelineVelocity};
use domain::ratio::{Quotient, Ratio};
use domain::revenue::{Scope, trend};
use domain::velocity::StageVelocity;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::Services;
use super::alerts;
use super::analytics::tables::{self, wanted};
use super::analytics::unchanged::Tag;
use super::analytics::{MrrAnswer, RevenueAnswer};
use super::callers::{Known, Subject, require};
use super::errors::ApiError;
use super::links::{EconomicsLinks, economics_of, rows_of};
use super::query::Query;
use crate::desk::{self, CommandCenter, RecurringRevenue};

/// The whole screen, all of one moment.
#[derive(Serialize)]
struct CommandCenterAnswer {
    tenant_id: Scope,
    #[serde(flatten)]
    range: DateRange,
    currency: Currency,
    as_of: Timestamp,
    revenue: RevenueAnswer,
    mrr: MrrAnswer,
    unit_economics: UnitEconomics,
    funnel: Funnel,
    velocity: VelocityAnswer,
    pipeline: Pipeline,
    alerts: Vec<Value>,
    costs: Vec<CostAnswer>,
    channels: Vec<ChannelAnswer>,
    previous: PreviousAnswer,
    without_rates: Vec<Currency>,
}

#[derive(Serialize)]
struct VelocityAnswer {
    #[serde(flatten)]
    pipeline: PipelineVelocity,
    stages: Vec<StageVelocity>,
}

#[derive(Serialize)]
struct CostAnswer {
    channel: ChannelSlug,
    spend: i64,
    by_type: BTreeMap<CostType, i64>,
}

#[derive(Serialize)]
struct ChannelAnswer {
    channel: ChannelSlug,
    leads: i64,
    qualified: i64,
    meetings: i64,
    revenue: i64,
    cac: Option<i64>,
    cost_per_lead: Option<i64>,
    roi: Option<Quotient>,
    trend: Option<Quotient>,
    absent: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
struct PreviousAnswer {
    #[serde(flatten)]
    range: DateRange,
    total_revenue: i64,
    mrr: i64,
    blended_cac: Option<i64>,
    pipeline_value: i64,
    absent: BTreeMap<&'static str, &'static str>,
}

impl CommandCenterAnswer {
    fn of(scope: Scope, found: CommandCenter) -> Self {
        let CommandCenter { tenant, overview, standing, without_rates, .. } = found;
        let channels = overview.channels.iter().map(|line| ChannelAnswer::of(line, &overview)).collect();
        let mrr = RecurringRevenue {
            tenant: tenant.clone(),
            report: overview.recurring.report.clone(),
            standing: standing.clone(),
            parts: None,
            comparison: None,
        };
        Self {
            tenant_id: scope,
            range: overview.frame.range,
            currency: tenant.currency,
            as_of: overview.revenue.as_of,
            mrr: MrrAnswer::of(scope, mrr),
            previous: PreviousAnswer {
                range: overview.previous_range,
                total_revenue: overview.previous.total_revenue,
                mrr: overview.recurring.report.start,
                blended_cac: overview.previous_cac,
                pipeline_value: overview.previous_pipeline.value,
                absent: overview
                    .previous_cac
                    .is_none()
                    .then_some(("blended_cac", NOBODY_BEFORE))
                    .into_iter()
                    .collect(),
            },
            revenue: RevenueAnswer::of(desk::RevenueAnswer {
                tenant,
                report: overview.revenue,
                standing,
                comparison: None,
            }),
            without_rates,
            unit_economics: overview.economics,
            funnel: overview.funnel,
            velocity: VelocityAnswer { pipeline: overview.pipeline_velocity, stages: overview.velocity },
            pipeline: overview.pipeline,
            alerts: overview.alerts.iter().map(alerts::as_json).collect(),
            costs: overview.costs.into_iter().map(CostAnswer::of).collect(),
            channels,
        }
    }
}

/// A table of the main screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Table {
    /// A line for each channel.
    Returns,
    /// A line for each stage, with how many got to it.
    Funnel,
    /// A line for each stage, with how long it takes.
    Velocity,
    /// A line for each channel and type of cost.
    Costs,
}

const TABLES: [(&str, Table); 4] = [
    ("channels", Table::Returns),
    ("funnel", Table::Funnel),
    ("velocity", Table::Velocity),
    ("costs", Table::Costs),
];

/// The columns of a channel's returns.
const RETURNS: [&str; 10] = [
    "channel",
    "spend",
    "ad_spend",
    "revenue",
    "roi",
    "roas",
    "ltv_cac",
    "payback_months",
    "verdict",
    "reason",
];

/// A table of unit economics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EconomicsTable {
    /// A line for each channel, with what it returns.
    Returns,
    /// A line for each channel, with what a customer costs.
    Cac,
}

const ECONOMICS_TABLES: [(&str, EconomicsTable); 2] =
    [("channels", EconomicsTable::Returns), ("cac_per_channel", EconomicsTable::Cac)];

/// A line of the table of costs.
#[derive(Serialize)]
struct CostLine<'a> {
    channel: &'a ChannelSlug,
    cost_type: CostType,
    spend: i64,
}

impl CommandCenterAnswer {
    /// One of its tables as a file.
    fn file(&self, table: Table) -> Response {
        let currency = self.currency;
        match table {
            Table::Returns => {
                let columns = [
                    "channel",
                    "leads",
                    "qualified",
                    "meetings",
                    "revenue",
                    "cac",
                    "roi",
                    "trend",
                    "cost_per_lead",
                ];
                tables::file_of("channels", &columns, &self.channels, currency).into_response()
            }
            Table::Funnel => {
                let columns = ["stage", "count", "value", "step_conversion", "overall_conversion"];
                tables::file_of("funnel", &columns, &self.funnel.stages, currency).into_response()
            }
            Table::Velocity => {
                let columns =
                    ["stage", "median_days", "p75_days", "mean_days", "ended", "open", "stuck", "reason"];
                tables::file_of("velocity", &columns, &self.velocity.stages, currency).into_response()
            }
            Table::Costs => {
                let lines: Vec<CostLine<'_>> = self.costs.iter().flat_map(CostAnswer::lines).collect();
                tables::file_of("costs", &["channel", "cost_type", "spend"], &lines, currency).into_response()
            }
        }
    }
}

impl CostAnswer {
    fn lines(&self) -> impl Iterator<Item = CostLine<'_>> {
        let line = |(cost_type, spend): (&CostType, &i64)| CostLine {
            channel: &self.channel,
            cost_type: *cost_type,
            spend: *spend,
        };
        self.by_type.iter().map(line)
    }

    fn of(spend: ChannelSpend) -> Self {
        Self {
            channel: spend.channel,
            spend: spend.lines.iter().map(|line| line.amount).sum(),
            by_type: spend.lines.into_iter().map(|line| (line.cost_type, line.amount)).collect(),
        }
    }
}

impl ChannelAnswer {
    fn of(line: &ChannelLine, overview: &Overview) -> Self {
        let economics = &overview.economics;
        let cac = economics.cac_per_channel.iter().find(|cac| cac.channel == line.channel);
        let roi = economics.channel_roi.iter().find(|roi| roi.channel == line.channel);
        let change = trend(line.revenue, line.previous_revenue);
        let spend = cac.map_or(0, |cac| cac.spend);
        let cost_per_lead = cost_per_lead(spend, line.leads);
        let trend = change.per_mille.and_then(|part| Ratio::of(part.into(), 1_000)).map(Quotient);
        let absent = [
            (
                "cac",
                cac.map_or(Some(Reason::NoSpend), |cac| cac.cac.is_none().then_some(cac.reason).flatten()),
            ),
            (
                "roi",
                roi.map_or(Some(Reason::NoSpend), |roi| roi.roi.is_none().then_some(roi.reason).flatten()),
            ),
            ("cost_per_lead", cost_per_lead.err()),
        ];
        let absent = absent.into_iter().filter_map(|(name, why)| Some((name, why?.words())));
        Self {
            channel: line.channel.clone(),
            leads: line.leads,
            qualified: line.qualified,
            meetings: line.meetings,
            revenue: line.revenue,
            cost_per_lead: cost_per_lead.ok(),
            cac: cac.and_then(|cac| cac.cac),
            roi: roi.and_then(|roi| roi.roi),
            absent: absent.chain(trend.is_none().then_some(("trend", NOTHING_BEFORE))).collect(),
            trend,
        }
    }
}

const NOBODY_BEFORE: &str = "no costs were entered for the days before, or they won nobody";

const NOTHING_BEFORE: &str = "the channel brought nothing in the days before";

/// Unit economics, and over which days.
#[derive(Serialize)]
struct UnitEconomicsAnswer {
    tenant_id: Scope,
    #[serde(flatten)]
    range: DateRange,
    timezone: String,
    currency: Currency,
    as_of: Timestamp,
    #[serde(flatten)]
    economics: UnitEconomics,
    cohort_payback: Option<CohortPayback>,
    links: EconomicsLinks,
    absent: BTreeMap<&'static str, &'static str>,
}

impl UnitEconomicsAnswer {
    fn of(found: desk::UnitEconomicsAnswer) -> Self {
        let desk::UnitEconomicsAnswer { revenue, economics, cohort_payback, .. } = found;
        let is_absent = cohort_payback.is_none();
        Self {
            tenant_id: revenue.tenant_id,
            range: revenue.range,
            timezone: revenue.timezone,
            currency: revenue.currency,
            as_of: revenue.as_of,
            links: EconomicsLinks::of(revenue.tenant_id, revenue.range, &economics),
            economics,
            cohort_payback,
            absent: is_absent.then_some(("cohort_payback", NO_COHORT)).into_iter().collect(),
        }
    }
}

/// The main figures, named as an existing client expects them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KpisAnswer {
    total_revenue: i64,
    mrr: i64,
    avg_cac: Option<i64>,
    channel_roi: Vec<KpiRoi>,
    best_channel: Option<ChannelSlug>,
    pipeline_value: i64,
    links: KpiLinks,
    absent: BTreeMap<&'static str, &'static str>,
}

/// Where the sums among them come from.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KpiLinks {
    total_revenue: String,
    unit_economics: String,
}

#[derive(Serialize)]
struct KpiRoi {
    channel: ChannelSlug,
    roi: Option<Quotient>,
    reason: Option<Reason>,
}

impl KpisAnswer {
    fn of(overview: Overview) -> Self {
        let (scope, range) = (overview.revenue.tenant_id, overview.revenue.range);
        let links = KpiLinks {
            total_revenue: rows_of(scope, range).to_string(),
            unit_economics: economics_of(scope, range).to_string(),
        };
        let economics = overview.economics;
        let absent =
            [("avgCac", economics.blended_cac.reason), ("bestChannel", economics.best_channel_reason)];
        let roi = economics.channel_roi.into_iter();
        Self {
            total_revenue: overview.revenue.sums.total_revenue,
            mrr: overview.recurring.report.end,
            avg_cac: economics.blended_cac.value,
            channel_roi: roi.map(KpiRoi::of).collect(),
            absent: absent.into_iter().filter_map(|(name, why)| Some((name, why?.words()))).collect(),
            links,
            best_channel: economics.best_channel.map(|best| best.channel),
            pipeline_value: overview.pipeline.value,
        }
    }
}

impl KpiRoi {
    fn of(ChannelRoi { channel, roi, reason, .. }: ChannelRoi) -> Self {
        Self { channel, roi, reason: reason.filter(|_| roi.is_none()) }
    }
}

/// `GET /api/analytics/command-center`
pub(super) async fn show_command_center(
    State(services): State<Services>,
    known: Known,
    headers: HeaderMap,
    uri: Uri,
    mut query: Query,
) -> Result<Response, ApiError> {
    let table = wanted(&mut query, &TABLES, Table::Returns)?;
    let (scope, found) = found(&services, &known, query).await?;
    Ok(Tag::of(&found.state, &uri).answer(&headers, || {
        let answer = CommandCenterAnswer::of(scope, found);
        match table {
            Some(table) => answer.file(table),
            None => Json(answer).into_response(),
        }
    }))
}

/// `GET /api/dashboard/kpis`
pub(super) async fn show_kpis(
    State(services): State<Services>,
    known: Known,
    headers: HeaderMap,
    uri: Uri,
    query: Query,
) -> Result<Response, ApiError> {
    let (_, found) = found(&services, &known, query).await?;
    Ok(Tag::of(&found.state, &uri).answer(&headers, || Json(KpisAnswer::of(found.overview))))
}

/// `GET /api/analytics/unit-economics`
pub(super) async fn show_unit_economics(
    State(services): State<Services>,
    known: Known,
    headers: HeaderMap,
    uri: Uri,
    mut query: Query,
) -> Result<Response, ApiError> {
    let table = wanted(&mut query, &ECONOMICS_TABLES, EconomicsTable::Returns)?;
    let found = match asked(&services, &known, query).await? {
        (Asker::All, question) => {
            let all = services.desk.aggregate_command_center(&known.caller, &known.sender, question).await?;
            desk::UnitEconomicsAnswer {
                revenue: all.overview.revenue,
                economics: all.overview.economics,
                cohort_payback: None,
                state: all.state,
            }
        }
        (Asker::Tenant(viewer), question) => services.desk.unit_economics(&viewer, &question.period).await?,
    };
    Ok(Tag::of(&found.state, &uri).answer(&headers, || match table {
        Some(EconomicsTable::Returns) => {
            let (lines, currency) = (&found.economics.channel_roi, found.revenue.currency);
            tables::file_of("unit-economics-channels", &RETURNS, lines, currency).into_response()
        }
        Some(EconomicsTable::Cac) => {
            let (lines, currency) = (&found.economics.cac_per_channel, found.revenue.currency);
            let columns = ["channel", "cac", "spend", "new_customers", "reason"];
            tables::file_of("unit-economics-cac", &columns, lines, currency).into_response()
        }
        None => Json(UnitEconomicsAnswer::of(found)).into_response(),
    }))
}

const NO_COHORT: &str = "what a cohort has paid is counted per workspace";

/// Whose figures are asked for.
enum Asker {
    /// A tenant's, by somebody who may read them.
    Tenant(Viewer),
    /// Everybody's.
    All,
}

/// The screen that is asked for.
async fn found(services: &Services, known: &Known, query: Query) -> Result<(Scope, CommandCenter), ApiError> {
    match asked(services, known, query).await? {
        (Asker::All, question) => {
            let found = services.desk.aggregate_command_center(&known.caller, &known.sender, question);
            Ok((Scope::All, found.await?))
        }
        (Asker::Tenant(viewer), question) => {
            Ok((Scope::Tenant(viewer.tenant), services.desk.command_center(&viewer, question).await?))
        }
    }
}

/// Who asks, and what.
async fn asked(
    services: &Services,
    known: &Known,
    mut query: Query,
) -> Result<(Asker, OverviewQuestion), ApiError> {
    let funnel = query.take("funnel");
    let period = query.take_period();
    query.finished()?;
    let asker = match known.subject(services, period.tenant_id.as_deref()).await? {
        Subject::All => Asker::All,
        Subject::Tenant(viewer, _) => {
            require(services, &viewer, Permission::ReadFigures, &known.sender).await?;
            Asker::Tenant(viewer)
        }
    };
    Ok((asker, OverviewQuestion { period, funnel, sort: None }))
}
