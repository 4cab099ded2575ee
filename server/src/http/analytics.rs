//! `GET /api/analytics/…`: figures as JSON.

pub(super) mod tables;
pub(super) mod unchanged;

use std::collections::BTreeMap;

use app::port::PeriodQuestion;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::access::Permission;
use domain::definition::Definition;
use domain::ids::TenantId;
use domain::money::Currency;
use domain::mrr::comparison::MrrComparison;
use domain::mrr::parts::{ChannelMovements, MovementReason};
use domain::mrr::report::MrrReport;
use domain::mrr::scheduled::ScheduledChurn;
use domain::ratio::Quotient;
use domain::revenue::comparison::{Compare, Comparison};
use domain::revenue::{RevenueReport, Scope};
use serde::Serialize;

use self::tables::{RecurringTable, Table};
use self::unchanged::Tag;
use super::Services;
use super::callers::{Known, Subject, require};
use super::errors::ApiError;
use super::links::RevenueLinks;
use super::query::Query;
use crate::desk::{self, EndsListed, RecurringRevenue};

/// A revenue report, and why parts of the contract are absent from it.
#[derive(Serialize)]
pub(super) struct RevenueAnswer {
    #[serde(flatten)]
    report: RevenueReport,
    definition: &'static Definition,
    mrr: i64,
    arr: i64,
    trial_mrr: i64,
    committed_mrr: i64,
    past_due_mrr: i64,
    unknown_share: Option<Quotient>,
    refund_rate: Option<Quotient>,
    fees: Option<i64>,
    comparison: Option<Comparison>,
    links: RevenueLinks,
    absent: BTreeMap<&'static str, &'static str>,
}

impl RevenueAnswer {
    pub(super) fn of(found: desk::RevenueAnswer) -> Self {
        let desk::RevenueAnswer { tenant, report, standing, comparison } = found;
        let unknown_share = report.unknown_share().map(Quotient);
        let refund_rate = report.sums.refund_rate().map(Quotient);
        let nothing_came = [
            ("unknown_share", unknown_share.is_none()),
            ("refund_rate", refund_rate.is_none()),
            ("by_channel.refund_rate", report.by_channel.iter().any(|row| row.refund_rate.is_none())),
            ("by_product.refund_rate", report.by_product.iter().any(|row| row.refund_rate.is_none())),
        ];
        let nothing_came = nothing_came.into_iter().filter(|(_, is_absent)| *is_absent);
        let nothing_came = nothing_came.map(|(field, _)| (field, NOTHING_CAME));
        let not_compared = comparison.is_none().then_some(("comparison", NOT_COMPARED));
        Self {
            links: RevenueLinks::of(&report),
            report,
            definition: tenant.definition,
            mrr: standing.mrr,
            arr: standing.mrr.saturating_mul(12),
            trial_mrr: standing.trial_mrr,
            committed_mrr: standing.committed_mrr,
            past_due_mrr: standing.past_due_mrr,
            unknown_share,
            refund_rate,
            fees: None,
            comparison,
            absent: [("fees", NO_FEES)].into_iter().chain(not_compared).chain(nothing_came).collect(),
        }
    }
}

const NO_FEES: &str = "Stripe's events do not tell fees; they are in its balance";

const NOTHING_CAME: &str = "nothing came in";

const NO_PARTS: &str = "told of one workspace by /api/analytics/mrr";

const NOT_COMPARED: &str = "ask with compare=previous, last_year or custom";

/// A roll-forward of recurring revenue, and what stands at its end.
#[derive(Serialize)]
pub(super) struct MrrAnswer {
    tenant_id: Scope,
    definition: &'static Definition,
    #[serde(flatten)]
    report: MrrReport,
    arr: i64,
    committed_mrr: i64,
    trial_mrr: i64,
    past_due_mrr: i64,
    paused_mrr: i64,
    subscriptions: i64,
    untold_subscriptions: i64,
    unconverted: Vec<UnconvertedMrr>,
    by_channel: Option<Vec<ChannelMovements>>,
    reasons: Option<Vec<MovementReason>>,
    scheduled_churn: Option<ScheduledChurn>,
    comparison: Option<MrrComparison>,
}

/// What recurs in a currency without a rate.
#[derive(Serialize)]
struct UnconvertedMrr {
    currency: Currency,
    amount: i64,
}

impl MrrAnswer {
    pub(super) fn of(tenant_id: Scope, found: RecurringRevenue) -> Self {
        let RecurringRevenue { tenant, mut report, standing, parts, comparison } = found;
        if parts.is_none() {
            report.absent.extend(["by_channel", "reasons", "scheduled_churn"].map(|part| (part, NO_PARTS)));
        }
        if comparison.is_none() {
            report.absent.insert("comparison", NOT_COMPARED);
        }
        let (by_channel, reasons, scheduled_churn) = match parts {
            Some(parts) => (Some(parts.by_channel), Some(parts.reasons), Some(parts.scheduled_churn)),
            None => (None, None, None),
        };
        let unconverted = standing.unconverted.into_iter();
        Self {
            tenant_id,
            definition: tenant.definition,
            arr: report.end.saturating_mul(12),
            report,
            committed_mrr: standing.committed_mrr,
            trial_mrr: standing.trial_mrr,
            past_due_mrr: standing.past_due_mrr,
            paused_mrr: standing.paused_mrr,
            subscriptions: standing.subscriptions,
            untold_subscriptions: standing.untold_subscriptions,
            by_channel,
            reasons,
            scheduled_churn,
            comparison,
            unconverted: unconverted.map(|(currency, amount)| UnconvertedMrr { currency, amount }).collect(),
        }
    }
}

/// `GET /api/analytics/revenue`
pub(super) async fn show_revenue(
    State(services): State<Services>,
    known: Known,
    headers: HeaderMap,
    uri: Uri,
    mut query: Query,
) -> Result<Response, ApiError> {
    if query.take("attribution").is_some_and(|model| model != "lead_source") {
        let refusal =
            ApiError::new(StatusCode::BAD_REQUEST, "invalid_parameter", "attribution is lead_source");
        return Err(refusal.in_field("attribution"));
    }
    let table = tables::of_revenue(&mut query)?;
    let compare = compare(&mut query)?;
    let question = query.take_period();
    query.finished()?;
    let Some(tenant) = tenant_of(&services, &known, &question).await? else {
        let (found, state) =
            services.desk.aggregate(&known.caller, &known.sender, &question, compare).await?;
        let answer = || revenue_answer(RevenueAnswer::of(found), table);
        return Ok(Tag::of(&state, &uri).answer(&headers, answer));
    };
    let mut period = services.desk.period(tenant, &question).await?;
    let tag = Tag::of(&period.state(), &uri);
    if tag.is_had(&headers) {
        return Ok(tag.not_modified());
    }
    let answer = RevenueAnswer::of(period.revenue_answer(compare).await?);
    Ok(tag.on(revenue_answer(answer, table)))
}

/// `GET /api/analytics/mrr`
pub(super) async fn show_mrr(
    State(services): State<Services>,
    known: Known,
    headers: HeaderMap,
    uri: Uri,
    mut query: Query,
) -> Result<Response, ApiError> {
    let table = tables::of_recurring(&mut query)?;
    let compare = compare(&mut query)?;
    let question = query.take_period();
    query.finished()?;
    let Some(tenant) = tenant_of(&services, &known, &question).await? else {
        let (found, state) = services.desk.aggregate_mrr(&known.caller, &known.sender, &question).await?;
        let answer = || recurring_answer(Scope::All, found, table);
        return Ok(Tag::of(&state, &uri).answer(&headers, answer));
    };
    let mut period = services.desk.period(tenant, &question).await?;
    let tag = Tag::of(&period.state(), &uri);
    if tag.is_had(&headers) {
        return Ok(tag.not_modified());
    }
    let wants_all = table == Some(RecurringTable::ScheduledChurn);
    let ends = if wants_all { EndsListed::All } else { EndsListed::First };
    let found = period.recurring_revenue(compare, ends).await?;
    Ok(tag.on(recurring_answer(Scope::Tenant(tenant), found, table)))
}

/// The tenant a question about figures is about, when the caller may read them; none for all of them.
async fn tenant_of(
    services: &Services,
    known: &Known,
    question: &PeriodQuestion,
) -> Result<Option<TenantId>, ApiError> {
    match known.subject(services, question.tenant_id.as_deref()).await? {
        Subject::Tenant(viewer, tenant) => {
            require(services, &viewer, Permission::ReadFigures, &known.sender).await?;
            Ok(Some(tenant.id))
        }
        Subject::All => Ok(None),
    }
}

fn revenue_answer(answer: RevenueAnswer, table: Option<Table>) -> Response {
    match table {
        Some(table) => tables::revenue_file(&answer.report, table).into_response(),
        None => Json(answer).into_response(),
    }
}

fn recurring_answer(tenant: Scope, found: RecurringRevenue, table: Option<RecurringTable>) -> Response {
    match table {
        Some(table) => tables::recurring_file(&found, table),
        None => Json(MrrAnswer::of(tenant, found)).into_response(),
    }
}

/// Which days revenue is compared with.
fn compare(query: &mut Query) -> Result<Compare, ApiError> {
    let [word, from, to] = ["compare", "compare_from", "compare_to"].map(|name| query.take(name));
    let compare = Compare::parse(word.as_deref(), from.as_deref(), to.as_deref());
    Ok(compare.map_err(desk::invalid)?)
}
