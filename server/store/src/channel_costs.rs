//! What channels cost.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::BTreeSet;

use domain::channel::ChannelSlug;
use domain::cost::CostType;
use domain::ids::{CostId, CostTemplateId};
use domain::money::{Currency, Money};
use domain::period::DateRange;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::StoreError;
use crate::applying::{Batch, currency};
use crate::database::instant;
use crate::leads::Bringing;
use crate::work::TenantWork;

/// What a channel cost over some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Its id.
    pub id: CostId,
    /// The channel.
    pub channel: ChannelSlug,
    /// What it was spent on.
    pub cost_type: CostType,
    /// What all the days cost together; negative for a credit.
    pub money: Money,
    /// The same in the tenant's currency; `None` when no rate is known.
    pub base_minor: Option<i64>,
    /// The days.
    pub period: DateRange,
    /// What somebody wrote down of it.
    pub notes: Option<String>,
    /// What made it, when it comes every month.
    pub template: Option<CostTemplateId>,
}

/// A cost as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCost {
    /// The cost.
    pub cost: Cost,
    /// Counts its changes.
    pub version: i32,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was deleted; it counts nowhere then.
    pub deleted_at: Option<Timestamp>,
    /// Others of the same channel and type that fall on days of this one; twenty at most.
    pub overlapping: Vec<CostId>,
}

/// Which costs are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CostFilter {
    /// Only of this channel.
    pub channel: Option<String>,
    /// Only of this type.
    pub cost_type: Option<CostType>,
    /// Only those with a day in this range.
    pub range: Option<DateRange>,
}

/// Up to where a list was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostPlace {
    /// The first day of the last one that was read.
    pub period_start: Date,
    /// Its id.
    pub id: CostId,
}

/// Something in another currency than the tenant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Its id.
    pub id: Uuid,
    /// How much.
    pub money: Money,
    /// The day whose rate counts.
    pub day: Date,
    /// What that is in the tenant's currency.
    pub base_minor: Option<i64>,
}

pub(crate) struct ForeignRow {
    pub(crate) id: Uuid,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) base: Option<i64>,
    pub(crate) day: jiff_sqlx::Date,
}

impl ForeignRow {
    pub(crate) fn read(self) -> Result<Foreign, StoreError> {
        Ok(Foreign {
            id: self.id,
            money: Money { minor: self.amount, currency: currency(&self.currency)? },
            day: self.day.into(),
            base_minor: self.base,
        })
    }
}

/// What costs come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CostTotal {
    /// How many there are.
    pub rows: i64,
    /// What they come to in the tenant's currency, as far as rates are known.
    pub base_minor: i64,
    /// For how many no rate is known.
    pub without_rate: i64,
}

struct CostRow {
    id: Uuid,
    channel: String,
    cost_type: String,
    amount_minor: i64,
    currency: String,
    base_amount_minor: Option<i64>,
    period_start: jiff_sqlx::Date,
    period_end: jiff_sqlx::Date,
    notes: Option<String>,
    template_id: Option<Uuid>,
    version: i32,
    updated_at: jiff_sqlx::Timestamp,
    deleted_at: Option<jiff_sqlx::Timestamp>,
    overlapping: Vec<Uuid>,
}

impl CostRow {
    fn read(self) -> Result<StoredCost, StoreError> {
        Ok(StoredCost {
            cost: Cost {
                id: CostId(self.id),
                channel: ChannelSlug::stored(self.channel),
                cost_type: cost_type(&self.cost_type)?,
                money: Money { minor: self.amount_minor, currency: currency(&self.currency)? },
                base_minor: self.base_amount_minor,
                period: DateRange { from: self.period_start.into(), to: self.period_end.into() },
                notes: self.notes,
                template: self.template_id.map(CostTemplateId),
            },
            version: self.version,
            updated_at: self.updated_at.into(),
            deleted_at: self.deleted_at.map(Into::into),
            overlapping: self.overlapping.into_iter().map(CostId).collect(),
        })
    }
}

/// A stored type of cost.
pub(crate) fn cost_type(word: &str) -> Result<CostType, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a type of cost", word))
}

impl TenantWork {
    /// Adds costs; one that is there already, or whose month a monthly cost has made, stays as it is. Returns how many
    /// are new.
    pub async fn costs_add(&mut self, costs: &[Cost], bringing: Bringing) -> Result<u64, StoreError> {
        let columns = CostColumns::of(costs);
        let inserted = sqlx::query!(
            r#"insert into channel_costs (tenant_id, id, channel, cost_type, amount_minor, currency, base_amount_minor,
                period_start, period_end, notes, template_id, created_at, updated_at, import_id)
            select $1, t.*, $12, $12, $13 from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[],
                $7::bigint[], $8::date[], $9::date[], $10::text[], $11::uuid[]) as t
            on conflict do nothing"#,
            self.tenant.0,
            &columns.id,
            &columns.channel,
            &columns.cost_type,
            &columns.amount_minor,
            &columns.currency,
            &columns.base_minor as &[Option<i64>],
            &columns.period_start as _,
            &columns.period_end as _,
            &columns.notes as &[Option<String>],
            &columns.template as &[Option<Uuid>],
            instant(bringing.now) as _,
            bringing.import.map(|import| import.0),
        )
        .execute(self.connection())
        .await?;
        Ok(inserted.rows_affected())
    }

    /// Adds costs that rows of a file say, each with the hash of its row; one whose row was brought before stays as it is.
    /// Returns which are new.
    pub async fn costs_bring(
        &mut self,
        costs: &[(Cost, [u8; 32])],
        bringing: Bringing,
    ) -> Result<BTreeSet<CostId>, StoreError> {
        let columns = CostColumns::of(costs.iter().map(|(cost, _)| cost));
        let hashes: Vec<Vec<u8>> = costs.iter().map(|(_, hash)| hash.to_vec()).collect();
        let added = sqlx::query_scalar!(
            r#"insert into channel_costs (tenant_id, id, channel, cost_type, amount_minor, currency, base_amount_minor,
                period_start, period_end, notes, row_hash, created_at, updated_at, import_id)
            select $1, t.*, $12, $12, $13 from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[],
                $7::bigint[], $8::date[], $9::date[], $10::text[], $11::bytea[]) as t
            on conflict do nothing returning id"#,
            self.tenant.0,
            &columns.id,
            &columns.channel,
            &columns.cost_type,
            &columns.amount_minor,
            &columns.currency,
            &columns.base_minor as &[Option<i64>],
            &columns.period_start as _,
            &columns.period_end as _,
            &columns.notes as &[Option<String>],
            &hashes,
            instant(bringing.now) as _,
            bringing.import.map(|import| import.0),
        )
        .fetch_all(self.connection())
        .await?;
        Ok(added.into_iter().map(CostId).collect())
    }

    /// A cost, also a deleted one; held until the work is done.
    pub async fn cost(&mut self, id: CostId) -> Result<Option<StoredCost>, StoreError> {
        let row = sqlx::query_as!(
            CostRow,
            r#"select id, channel, cost_type, amount_minor, currency, base_amount_minor,
                period_start as "period_start: jiff_sqlx::Date", period_end as "period_end: jiff_sqlx::Date", notes,
                template_id, version, updated_at as "updated_at: jiff_sqlx::Timestamp",
                deleted_at as "deleted_at: jiff_sqlx::Timestamp",
                array(select o.id from channel_costs o where o.tenant_id = c.tenant_id and o.channel = c.channel
                    and o.cost_type = c.cost_type and o.id <> c.id and o.deleted_at is null and c.deleted_at is null
                    and o.period_start <= c.period_end and o.period_end >= c.period_start
                    order by o.period_start, o.id limit 20) as "overlapping!: Vec<Uuid>"
            from channel_costs c where tenant_id = $1 and id = $2 for update"#,
            self.tenant.0,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(CostRow::read).transpose()
    }

    /// Changes a cost to what is given, whatever it was.
    pub async fn cost_update(&mut self, cost: &Cost, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update channel_costs set channel = $3, cost_type = $4, amount_minor = $5, currency = $6,
                base_amount_minor = $7, period_start = $8, period_end = $9, notes = $10, updated_at = $11,
                version = version + 1
            where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            cost.id.0,
            cost.channel.as_str(),
            cost.cost_type.word(),
            cost.money.minor,
            cost.money.currency.code(),
            cost.base_minor,
            jiff_sqlx::Date::from(cost.period.from) as _,
            jiff_sqlx::Date::from(cost.period.to) as _,
            cost.notes,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Deletes a cost, or brings it back.
    pub async fn cost_set_deleted(
        &mut self,
        id: CostId,
        is_deleted: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update channel_costs set deleted_at = case when $3 then $4::timestamptz end, updated_at = $4,
                version = version + 1
            where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            id.0,
            is_deleted,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Costs that count, the newest period first, after a place.
    pub async fn costs_page(
        &mut self,
        filter: &CostFilter,
        after: Option<CostPlace>,
        at_most: i64,
    ) -> Result<Vec<StoredCost>, StoreError> {
        let rows = sqlx::query_as!(
            CostRow,
            r#"select id, channel, cost_type, amount_minor, currency, base_amount_minor,
                period_start as "period_start: jiff_sqlx::Date", period_end as "period_end: jiff_sqlx::Date", notes,
                template_id, version, updated_at as "updated_at: jiff_sqlx::Timestamp",
                deleted_at as "deleted_at: jiff_sqlx::Timestamp",
                array(select o.id from channel_costs o where o.tenant_id = c.tenant_id and o.channel = c.channel
                    and o.cost_type = c.cost_type and o.id <> c.id and o.deleted_at is null and c.deleted_at is null
                    and o.period_start <= c.period_end and o.period_end >= c.period_start
                    order by o.period_start, o.id limit 20) as "overlapping!: Vec<Uuid>"
            from channel_costs c
            where tenant_id = $1 and deleted_at is null
              and ($2::text is null or channel = $2) and ($3::text is null or cost_type = $3)
              and ($4::date is null or period_end >= $4) and ($5::date is null or period_start <= $5)
              and ($6::date is null or (period_start, id) < ($6, $7::uuid))
            order by period_start desc, id desc limit $8"#,
            self.tenant.0,
            filter.channel,
            filter.cost_type.map(CostType::word),
            filter.range.map(|range| jiff_sqlx::Date::from(range.from)) as _,
            filter.range.map(|range| jiff_sqlx::Date::from(range.to)) as _,
            after.map(|place| jiff_sqlx::Date::from(place.period_start)) as _,
            after.map(|place| place.id.0),
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(CostRow::read).collect()
    }

    /// What the costs that count come to.
    pub async fn costs_total(&mut self, filter: &CostFilter) -> Result<CostTotal, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) as "rows!", coalesce(sum(base_amount_minor), 0)::bigint as "base_minor!",
                count(*) filter (where base_amount_minor is null) as "without_rate!"
            from channel_costs
            where tenant_id = $1 and deleted_at is null
              and ($2::text is null or channel = $2) and ($3::text is null or cost_type = $3)
              and ($4::date is null or period_end >= $4) and ($5::date is null or period_start <= $5)"#,
            self.tenant.0,
            filter.channel,
            filter.cost_type.map(CostType::word),
            filter.range.map(|range| jiff_sqlx::Date::from(range.from)) as _,
            filter.range.map(|range| jiff_sqlx::Date::from(range.to)) as _,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(CostTotal { rows: row.rows, base_minor: row.base_minor, without_rate: row.without_rate })
    }
}

impl Batch {
    /// Costs in other currencies than this one whose period begins on these days.
    pub async fn costs_foreign(
        &mut self,
        own: Currency,
        days: (Date, Date),
    ) -> Result<Vec<Foreign>, StoreError> {
        let rows = sqlx::query_as!(
            ForeignRow,
            r#"select id, amount_minor as amount, currency, base_amount_minor as base,
                period_start as "day: jiff_sqlx::Date"
            from channel_costs where tenant_id = $1 and currency <> $2 and period_start between $3 and $4"#,
            self.tenant.0,
            own.code(),
            jiff_sqlx::Date::from(days.0) as _,
            jiff_sqlx::Date::from(days.1) as _,
        )
        .fetch_all(self.work.connection())
        .await?;
        rows.into_iter().map(ForeignRow::read).collect()
    }

    /// Writes what costs are in the tenant's currency.
    pub async fn costs_convert(&mut self, converted: &[Foreign]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = converted.iter().map(|foreign| foreign.id).collect();
        let amounts: Vec<Option<i64>> = converted.iter().map(|foreign| foreign.base_minor).collect();
        sqlx::query!(
            r#"update channel_costs c set base_amount_minor = t.amount
            from unnest($2::uuid[], $3::bigint[]) as t (id, amount) where c.tenant_id = $1 and c.id = t.id"#,
            self.tenant.0,
            &ids,
            &amounts as &[Option<i64>],
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }
}

/// Costs turned on their side: one array per column.
#[derive(Default)]
struct CostColumns {
    id: Vec<Uuid>,
    channel: Vec<String>,
    cost_type: Vec<String>,
    amount_minor: Vec<i64>,
    currency: Vec<String>,
    base_minor: Vec<Option<i64>>,
    period_start: Vec<jiff_sqlx::Date>,
    period_end: Vec<jiff_sqlx::Date>,
    notes: Vec<Option<String>>,
    template: Vec<Option<Uuid>>,
}

impl CostColumns {
    fn of<'a>(costs: impl IntoIterator<Item = &'a Cost>) -> Self {
        let mut columns = Self::default();
        for cost in costs {
            columns.id.push(cost.id.0);
            columns.channel.push(cost.channel.to_string());
            columns.cost_type.push(cost.cost_type.word().to_owned());
            columns.amount_minor.push(cost.money.minor);
            columns.currency.push(cost.money.currency.to_string());
            columns.base_minor.push(cost.base_minor);
            columns.period_start.push(cost.period.from.into());
            columns.period_end.push(cost.period.to.into());
            columns.notes.push(cost.notes.clone());
            columns.template.push(cost.template.map(|template| template.0));
        }
        columns
    }
}
