//! Costs that come every month: each makes a row for every month that has begun.

use std::collections::BTreeSet;

use domain::access::{Permission, Viewer};
use domain::audit::Deed;
use domain::cost::months_due;
use domain::ids::{CostId, CostTemplateId, TenantId};
use jiff::civil::Date;
use store::StoreError;
use store::channel_costs::Cost;
use store::cost_templates::CostTemplate;
use store::leads::Bringing;
use store::work::TenantWork;
use uuid::Uuid;

use super::cost_answers::new_monthly_as_json;
use super::{Answer, Context, Once, Pipeline, Record, costs};
use crate::accounts::{Refusal, Sender, about, deed, saying};
use crate::chance::new_id;

impl Pipeline {
    /// Writes down a cost that comes every month, from the month of `period_start` on, and makes the rows that are
    /// due, once under its key. `period_end` names the last month, if there is one.
    pub(crate) async fn add_monthly_cost(
        &self,
        viewer: &Viewer,
        record: &Record,
        once: &Once,
        sender: &Sender,
    ) -> Result<Answer, Refusal> {
        viewer.require(Permission::EditSettings)?;
        let context = self.context(viewer.tenant).await?;
        let last = record.day("period_end")?.map(Date::first_of_month);
        let complete = match record.day("period_start")? {
            Some(first) if last.is_none() => record.clone().with("period_end", &first.to_string()),
            _ => record.clone(),
        };
        let cost = costs::read(&context, &complete, None)?;
        let template = CostTemplate {
            id: CostTemplateId(new_id()),
            channel: cost.channel.clone(),
            cost_type: cost.cost_type,
            money: cost.money,
            first_month: cost.period.from.first_of_month(),
            last_month: last,
            notes: cost.notes.clone(),
        };
        let mut work = self.store.within(viewer.tenant).await?;
        if let Some(answer) = once.answered_before(&mut work).await? {
            return Ok(answer);
        }
        work.cost_template_insert(&template, context.now).await?;
        context.make_due(&mut work, std::slice::from_ref(&template)).await?;
        let line =
            about(deed(viewer.actor.clone(), Deed::MonthlyCostAdded, sender), cost.channel.to_string());
        let details = [("cost", in_words(&template)), ("from", template.first_month.to_string())];
        work.audit(&saying(line, details), context.now).await?;
        let overlapping =
            overlapped(&mut work, &rows_of(&template, context.tenant.date_of(context.now))).await?;
        let answer = Answer { status: 201, body: new_monthly_as_json(&template, &overlapping) };
        once.keep(&mut work, &answer, context.now).await?;
        work.commit().await?;
        Ok(answer)
    }

    /// The costs that come every month, or did.
    pub async fn monthly_costs(&self, viewer: &Viewer) -> Result<Vec<CostTemplate>, Refusal> {
        viewer.require(Permission::ReadFigures)?;
        Ok(self.store.within(viewer.tenant).await?.cost_templates().await?)
    }

    /// Ends a monthly cost: this month is its last. What it made stays.
    pub(crate) async fn end_monthly_cost(
        &self,
        viewer: &Viewer,
        id: &str,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::EditSettings)?;
        let id: CostTemplateId = id.parse().map_err(|_| Refusal::NotFound)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let now = self.clock.now();
        let month = work.tenant().await?.date_of(now).first_of_month();
        let templates = work.cost_templates().await?;
        let template = templates.into_iter().find(|template| template.id == id).ok_or(Refusal::NotFound)?;
        if !work.cost_template_end(id, month, now).await? {
            return Err(Refusal::Conflict("it has ended already".to_owned()));
        }
        let line =
            about(deed(viewer.actor.clone(), Deed::MonthlyCostEnded, sender), template.channel.to_string());
        let details = [("cost", in_words(&template)), ("last month", month.to_string())];
        work.audit(&saying(line, details), now).await?;
        Ok(work.commit().await?)
    }

    /// Makes the rows of a tenant's monthly costs that have come due since it was done last.
    pub async fn make_costs_due(&self, tenant: TenantId) -> Result<u64, Refusal> {
        let context = self.context(tenant).await?;
        let mut work = self.store.within(tenant).await?;
        let templates = work.cost_templates().await?;
        let made = context.make_due(&mut work, &templates).await?;
        work.commit().await?;
        Ok(made)
    }
}

impl Context {
    /// Makes the rows of monthly costs that are due and not there.
    async fn make_due(&self, work: &mut TenantWork, templates: &[CostTemplate]) -> Result<u64, Refusal> {
        let today = self.tenant.date_of(self.now);
        let mut due: Vec<Cost> = templates.iter().flat_map(|template| rows_of(template, today)).collect();
        if due.is_empty() {
            return Ok(0);
        }
        let amounts: Vec<_> = due.iter().map(|cost| (cost.money, cost.period.from)).collect();
        let converted = self.in_own_currency(work, &amounts).await?;
        due.iter_mut().zip(converted).for_each(|(cost, base)| cost.base_minor = base);
        Ok(work.costs_add(&due, Bringing::at(self.now)).await?)
    }
}

/// The other costs that fall on days of these.
async fn overlapped(work: &mut TenantWork, rows: &[Cost]) -> Result<Vec<CostId>, StoreError> {
    let mut overlapping = BTreeSet::new();
    for row in rows {
        overlapping.extend(work.cost(row.id).await?.into_iter().flat_map(|stored| stored.overlapping));
    }
    Ok(overlapping.into_iter().collect())
}

/// The rows of a monthly cost that are due by a day. A month's row has the same id whenever it is made.
fn rows_of(template: &CostTemplate, today: Date) -> Vec<Cost> {
    let months = months_due(template.first_month, template.last_month, today);
    let row = |period: domain::period::DateRange| Cost {
        id: CostId(Uuid::new_v5(&template.id.0, period.from.to_string().as_bytes())),
        channel: template.channel.clone(),
        cost_type: template.cost_type,
        money: template.money,
        base_minor: None,
        period,
        notes: template.notes.clone(),
        template: Some(template.id),
    };
    months.into_iter().map(row).collect()
}

fn in_words(template: &CostTemplate) -> String {
    let CostTemplate { channel, cost_type, money, .. } = template;
    format!("{cost_type} of {channel}: {} {} a month", money.minor, money.currency)
}
