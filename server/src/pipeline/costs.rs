//! What channels cost: written down, changed, deleted and brought back.

use domain::access::{Permission, Viewer};
use domain::audit::Deed;
use domain::channel::ChannelSlug;
use domain::cost::{CostType, MAX_COST_DAYS, spread};
use domain::ids::CostId;
use domain::money::Money;
use domain::period::{DateRange, InvalidPeriod, PeriodChoice};
use domain::tenant::Tenant;
use jiff::civil::Date;
use store::StoreError;
use store::audit_log::NewAudit;
use store::channel_costs::{Cost, CostFilter, CostPlace, CostTotal, StoredCost};
use store::leads::Bringing;
use store::pipeline::CostShare;
use store::work::TenantWork;

use super::cost_answers::cost_as_json;
use super::record::needed;
use super::{Answer, Context, Once, Pipeline, Record};
use crate::accounts::{Refusal, Sender, about, deed, saying};
use crate::chance::new_id;

/// What can be said of a cost.
pub(crate) const FIELDS: [&str; 7] =
    ["channel", "cost_type", "amount", "currency", "period_start", "period_end", "notes"];

/// As many as a screen shows, and the most a program may ask for at once.
const USUAL: usize = 100;
const MOST: usize = 1_000;

/// Which costs are asked for, in the words of an address.
#[derive(Clone, Debug, Default)]
pub struct CostsAsked {
    /// Only of this channel.
    pub channel: Option<String>,
    /// Only of this type.
    pub cost_type: Option<String>,
    /// Only those of a named period, where no days are named.
    pub period: Option<String>,
    /// Only those that end on this day or later.
    pub from: Option<String>,
    /// Only those that begin on this day or earlier.
    pub to: Option<String>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: Option<String>,
}

/// A page of costs.
#[derive(Clone, Debug)]
pub struct CostsPage {
    /// Whose they are.
    pub tenant: Tenant,
    /// The costs, the newest period first.
    pub costs: Vec<StoredCost>,
    /// What all of them come to.
    pub total: CostTotal,
    /// The days that were asked for, and how much of all of them falls on these.
    pub within: Option<(DateRange, i64)>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It was made.
    Done(StoredCost),
    /// Somebody else made another one meanwhile: this is what stands.
    Stale(StoredCost),
}

impl Pipeline {
    /// Costs that count.
    pub async fn costs(&self, viewer: &Viewer, asked: &CostsAsked) -> Result<CostsPage, Refusal> {
        viewer.require(Permission::ReadFigures)?;
        let (after, limit) = (asked.place()?, asked.limit()?);
        let mut work = self.store.within(viewer.tenant).await?;
        let tenant = work.tenant().await?;
        let filter = asked.filter(tenant.date_of(self.clock.now()))?;
        let one_more = i64::try_from(limit).map_or(i64::MAX, |limit| limit + 1);
        let mut costs = work.costs_page(&filter, after, one_more).await?;
        let has_more = costs.len() > limit;
        costs.truncate(limit);
        let next = costs.last().filter(|_| has_more).map(cursor_after);
        let within = match filter.range {
            Some(range) => Some((range, spent_within(&mut work, &filter, range).await?)),
            None => None,
        };
        Ok(CostsPage { tenant, total: work.costs_total(&filter).await?, within, costs, next })
    }

    /// A cost, also a deleted one.
    pub async fn cost(&self, viewer: &Viewer, id: &str) -> Result<StoredCost, Refusal> {
        viewer.require(Permission::ReadFigures)?;
        let mut work = self.store.within(viewer.tenant).await?;
        found(&mut work, id).await
    }

    /// Writes a cost down, once under its key.
    pub(crate) async fn add_cost(
        &self,
        viewer: &Viewer,
        record: &Record,
        once: &Once,
        sender: &Sender,
    ) -> Result<Answer, Refusal> {
        viewer.require(Permission::EditSettings)?;
        let context = self.context(viewer.tenant).await?;
        let mut work = self.store.within(viewer.tenant).await?;
        if let Some(answer) = once.answered_before(&mut work).await? {
            return Ok(answer);
        }
        let cost = converted(&context, &mut work, read(&context, record, None)?).await?;
        work.costs_add(std::slice::from_ref(&cost), Bringing::at(context.now)).await?;
        let stored = self.note(viewer, &mut work, cost.id, Deed::CostAdded, sender, None).await?;
        let answer = Answer { status: 201, body: cost_as_json(&stored) };
        once.keep(&mut work, &answer, context.now).await?;
        work.commit().await?;
        Ok(answer)
    }

    /// Changes what is said of a cost, unless somebody else did since the version that was seen.
    pub(crate) async fn change_cost(
        &self,
        viewer: &Viewer,
        id: &str,
        record: &Record,
        sender: &Sender,
    ) -> Result<Changed, Refusal> {
        viewer.require(Permission::EditSettings)?;
        let context = self.context(viewer.tenant).await?;
        let mut work = self.store.within(viewer.tenant).await?;
        let before = found(&mut work, id).await?;
        let seen = needed(record.number("version", 1, i64::from(i32::MAX))?, "version")?;
        if before.deleted_at.is_some() || i64::from(before.version) != seen {
            return Ok(Changed::Stale(before));
        }
        let cost = read(&context, record, Some(&before.cost))?;
        if cost == before.cost {
            return Ok(Changed::Done(before));
        }
        let cost = converted(&context, &mut work, cost).await?;
        work.cost_update(&cost, context.now).await?;
        let was = Some(in_words(&before.cost));
        Ok(Changed::Done(self.finish(viewer, work, cost.id, Deed::CostChanged, sender, was).await?))
    }

    /// Deletes a cost; it counts nowhere until it is brought back.
    pub(crate) async fn delete_cost(
        &self,
        viewer: &Viewer,
        id: &str,
        seen: Option<i32>,
        sender: &Sender,
    ) -> Result<Changed, Refusal> {
        viewer.require(Permission::EditSettings)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let before = found(&mut work, id).await?;
        if before.deleted_at.is_some() {
            return Err(Refusal::NotFound);
        }
        if seen.is_some_and(|seen| seen != before.version) {
            return Ok(Changed::Stale(before));
        }
        work.cost_set_deleted(before.cost.id, true, self.clock.now()).await?;
        let id = before.cost.id;
        Ok(Changed::Done(self.finish(viewer, work, id, Deed::CostDeleted, sender, None).await?))
    }

    /// Brings a deleted cost back.
    pub(crate) async fn restore_cost(
        &self,
        viewer: &Viewer,
        id: &str,
        sender: &Sender,
    ) -> Result<StoredCost, Refusal> {
        viewer.require(Permission::EditSettings)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let before = found(&mut work, id).await?;
        if before.deleted_at.is_none() {
            return Ok(before);
        }
        work.cost_set_deleted(before.cost.id, false, self.clock.now()).await?;
        self.finish(viewer, work, before.cost.id, Deed::CostRestored, sender, None).await
    }

    /// Writes down what was done to a cost, and makes it count.
    async fn finish(
        &self,
        viewer: &Viewer,
        mut work: TenantWork,
        id: CostId,
        what: Deed,
        sender: &Sender,
        was: Option<String>,
    ) -> Result<StoredCost, Refusal> {
        let stored = self.note(viewer, &mut work, id, what, sender, was).await?;
        work.commit().await?;
        Ok(stored)
    }

    /// Writes down what was done to a cost.
    async fn note(
        &self,
        viewer: &Viewer,
        work: &mut TenantWork,
        id: CostId,
        what: Deed,
        sender: &Sender,
        was: Option<String>,
    ) -> Result<StoredCost, Refusal> {
        let stored = work.cost(id).await?.ok_or(Refusal::NotFound)?;
        let line = about(deed(viewer.actor.clone(), what, sender), stored.cost.channel.to_string());
        let now_says = ("cost", in_words(&stored.cost));
        let line: NewAudit = match was {
            Some(was) => saying(line, [now_says, ("before", was)]),
            None => saying(line, [now_says]),
        };
        work.audit(&line, self.clock.now()).await?;
        Ok(stored)
    }
}

impl CostsAsked {
    pub(super) fn filter(&self, today: Date) -> Result<CostFilter, Refusal> {
        let invalid = |wrong: InvalidPeriod| Refusal::field(wrong.field, wrong.message);
        let day = |field, text: &Option<String>| -> Result<Option<Date>, Refusal> {
            let read = text.as_deref().map(|text| domain::period::parse_date(field, text));
            read.transpose().map_err(invalid)
        };
        let named = self.period.as_deref().map(|period| PeriodChoice::parse(Some(period), None, None));
        let named = named.transpose().map_err(invalid)?.map(|choice| choice.range(today));
        let (from, to) = (day("from", &self.from)?, day("to", &self.to)?);
        let kind = self.cost_type.as_deref().map(str::parse::<CostType>).transpose();
        Ok(CostFilter {
            channel: self.channel.clone(),
            cost_type: kind.map_err(|wrong| Refusal::field("cost_type", wrong.to_string()))?,
            range: match (from, to) {
                (None, None) => named,
                _ => Some(DateRange {
                    from: from.unwrap_or(jiff::civil::date(1970, 1, 1)),
                    to: to.unwrap_or(jiff::civil::date(2999, 12, 31)),
                }),
            },
        })
    }

    fn place(&self) -> Result<Option<CostPlace>, Refusal> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let place = text
            .split_once('_')
            .and_then(|(day, id)| Some(CostPlace { period_start: day.parse().ok()?, id: id.parse().ok()? }));
        place.map(Some).ok_or_else(|| Refusal::field("cursor", "cursor is none we gave out"))
    }

    fn limit(&self) -> Result<usize, Refusal> {
        let Some(text) = &self.limit else { return Ok(USUAL) };
        let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        limit.ok_or_else(|| Refusal::field("limit", format!("limit is a number from 1 to {MOST}")))
    }
}

/// How much of what is asked for falls on these days, each cost spread evenly over its own.
async fn spent_within(
    work: &mut TenantWork,
    filter: &CostFilter,
    range: DateRange,
) -> Result<i64, StoreError> {
    let is_asked_for = |cost: &&CostShare| {
        filter.channel.as_deref().is_none_or(|channel| channel == cost.channel.as_str())
            && filter.cost_type.is_none_or(|kind| kind == cost.cost_type)
    };
    let costs = work.costs_within(range).await?;
    let known = costs.iter().filter(is_asked_for).filter_map(|cost| Some((cost.base_minor?, cost.period)));
    Ok(known.map(|(amount, period)| spread(amount, period, range)).sum())
}

fn cursor_after(stored: &StoredCost) -> String {
    format!("{}_{}", stored.cost.period.from, stored.cost.id)
}

async fn found(work: &mut TenantWork, id: &str) -> Result<StoredCost, Refusal> {
    let id: CostId = id.parse().map_err(|_| Refusal::NotFound)?;
    work.cost(id).await?.ok_or(Refusal::NotFound)
}

/// A cost with what it is in the tenant's currency.
async fn converted(context: &Context, work: &mut TenantWork, cost: Cost) -> Result<Cost, StoreError> {
    let base = context.in_own_currency(work, &[(cost.money, cost.period.from)]).await?;
    Ok(Cost { base_minor: base.into_iter().next().flatten(), ..cost })
}

/// A cost as it is said; what is not said stays as it was before.
pub(super) fn read(context: &Context, record: &Record, before: Option<&Cost>) -> Result<Cost, Refusal> {
    let channel = record.channel(&context.channels)?.or_else(|| before.map(|before| before.channel.clone()));
    let cost_type = record.word("cost_type")?.or_else(|| before.map(|before| before.cost_type));
    let otherwise = before.map_or(context.tenant.currency, |before| before.money.currency);
    let currency = record.currency(otherwise)?;
    let kept = before.map(|before| Money { currency, ..before.money });
    let money = record.money("amount", currency)?.or(kept);
    let from = record.day("period_start")?.or_else(|| before.map(|before| before.period.from));
    let to = record.day("period_end")?.or_else(|| before.map(|before| before.period.to));
    let channel = needed(channel, "channel")?;
    let cost_type = needed(cost_type, "cost_type")?;
    Ok(Cost {
        id: before.map_or_else(|| CostId(new_id()), |before| before.id),
        channel,
        cost_type,
        money: needed(money, "amount")?,
        base_minor: before.and_then(|before| before.base_minor),
        period: period(needed(from, "period_start")?, needed(to, "period_end")?)?,
        notes: record.told_text("notes", 2_000)?.over(before.and_then(|before| before.notes.clone())),
        template: before.and_then(|before| before.template),
    })
}

fn period(from: Date, to: Date) -> Result<DateRange, Refusal> {
    let period = DateRange::new(from, to)
        .map_err(|_| Refusal::field("period_end", "the period ends before it begins"))?;
    if period.days() > MAX_COST_DAYS {
        return Err(Refusal::field("period_end", "a cost is spread over ten years at most"));
    }
    Ok(period)
}

/// A cost in words, for the audit log.
pub(super) fn in_words(cost: &Cost) -> String {
    let Cost { channel, cost_type, money, period, .. } = cost;
    let channel: &ChannelSlug = channel;
    format!(
        "{cost_type} of {channel}: {} {} for {} to {}",
        money.minor, money.currency, period.from, period.to
    )
}
