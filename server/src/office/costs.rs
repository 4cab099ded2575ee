//! What the page of costs is answered.

use app::costs::{CostLine, Costs, CostsQuestion, MonthlyLine};
use app::port::AskError;
use domain::access::Viewer;
use domain::cost::spread;
use domain::period::DateRange;
use store::channel_costs::StoredCost;
use store::cost_templates::CostTemplate;

use super::unanswered;
use crate::accounts::Refusal;
use crate::desk::ours;
use crate::pipeline::{CostsAsked, Pipeline};

/// A page of costs, with the one that is edited and the one that was deleted just now.
pub(super) async fn answer(
    pipeline: &Pipeline,
    viewer: &Viewer,
    question: CostsQuestion,
) -> Result<Costs, AskError> {
    let asked = CostsAsked {
        channel: question.channel,
        cost_type: question.cost_type,
        period: question.period,
        from: question.from,
        to: question.to,
        cursor: question.cursor,
        limit: None,
    };
    let page = pipeline.costs(viewer, &asked).await.map_err(unanswered)?;
    let monthly = pipeline.monthly_costs(viewer).await.map_err(unanswered)?;
    let edited = one(pipeline, viewer, question.edit).await?;
    let deleted = one(pipeline, viewer, question.deleted).await?;
    let range = page.within.map(|(range, _)| range);
    Ok(Costs {
        within: page.within,
        channels: pipeline.store.channels_of(viewer.tenant).await.map_err(ours)?,
        lines: page.costs.into_iter().map(|stored| line(stored, range)).collect(),
        rows_in_all: page.total.rows,
        sum: page.total.base_minor,
        without_rate: page.total.without_rate,
        monthly: monthly.into_iter().map(monthly_line).collect(),
        edited: edited.filter(|stored| stored.deleted_at.is_none()).map(|stored| line(stored, None)),
        deleted: deleted.filter(|stored| stored.deleted_at.is_some()).map(|stored| line(stored, None)),
        next: page.next,
        tenant: page.tenant,
    })
}

/// A cost the address names; one that is not there is none.
async fn one(
    pipeline: &Pipeline,
    viewer: &Viewer,
    id: Option<String>,
) -> Result<Option<StoredCost>, AskError> {
    let Some(id) = id else { return Ok(None) };
    match pipeline.cost(viewer, &id).await {
        Ok(stored) => Ok(Some(stored)),
        Err(Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(unanswered(refusal)),
    }
}

fn line(stored: StoredCost, range: Option<DateRange>) -> CostLine {
    let cost = stored.cost;
    CostLine {
        within: range.and_then(|range| Some(spread(cost.base_minor?, cost.period, range))),
        id: cost.id,
        channel: cost.channel,
        cost_type: cost.cost_type,
        money: cost.money,
        base_minor: cost.base_minor,
        period: cost.period,
        notes: cost.notes,
        is_monthly: cost.template.is_some(),
        is_overlapping: !stored.overlapping.is_empty(),
        version: stored.version,
    }
}

fn monthly_line(template: CostTemplate) -> MonthlyLine {
    MonthlyLine {
        id: template.id,
        channel: template.channel,
        cost_type: template.cost_type,
        money: template.money,
        first_month: template.first_month,
        last_month: template.last_month,
    }
}
