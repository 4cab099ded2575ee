//! Deals: what may come of leads, in money.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::BTreeMap;

use domain::deal::DealState;
use domain::ids::{DealId, LeadId};
use domain::money::{Currency, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::StoreError;
use crate::applying::{Batch, currency};
use crate::channel_costs::{Foreign, ForeignRow};
use crate::database::instant;
use crate::leads::{Bringing, Put};
use crate::work::TenantWork;

/// A deal as it is brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// Our id.
    pub id: DealId,
    /// The id it has where it is kept.
    pub external_id: String,
    /// The lead it is with.
    pub lead: Option<LeadId>,
    /// Its name.
    pub name: String,
    /// Whether it is open, won or lost.
    pub state: DealState,
    /// How far it is, in the words of where it is kept.
    pub stage: String,
    /// How likely it is thought to be won.
    pub probability_percent: i16,
    /// What it is worth.
    pub value: Money,
    /// The same in the tenant's currency; `None` when no rate is known.
    pub base_value_minor: Option<i64>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was won or lost.
    pub closed_at: Option<Timestamp>,
}

struct DealRow {
    id: Uuid,
    external_id: String,
    lead_id: Option<Uuid>,
    name: String,
    state: String,
    stage: String,
    probability_percent: i16,
    value_minor: i64,
    currency: String,
    base_value_minor: Option<i64>,
    opened_at: jiff_sqlx::Timestamp,
    closed_at: Option<jiff_sqlx::Timestamp>,
}

impl DealRow {
    fn read(self) -> Result<Deal, StoreError> {
        Ok(Deal {
            id: DealId(self.id),
            external_id: self.external_id,
            lead: self.lead_id.map(LeadId),
            name: self.name,
            state: self.state.parse().map_err(|_| StoreError::unreadable("a state of a deal", self.state))?,
            stage: self.stage,
            probability_percent: self.probability_percent,
            value: Money { minor: self.value_minor, currency: currency(&self.currency)? },
            base_value_minor: self.base_value_minor,
            opened_at: self.opened_at.into(),
            closed_at: self.closed_at.map(Into::into),
        })
    }
}

impl TenantWork {
    /// Brings deals in; one whose external id is known is changed. Of several with one id the last counts. Says what
    /// became of each id.
    pub async fn deals_put(
        &mut self,
        deals: &[Deal],
        bringing: Bringing,
    ) -> Result<BTreeMap<String, Put>, StoreError> {
        let mut outcomes: BTreeMap<String, Put> =
            deals.iter().map(|deal| (deal.external_id.clone(), Put::Same)).collect();
        let columns = DealColumns::of(deals);
        let rows = sqlx::query!(
            r#"insert into deals (tenant_id, id, external_id, lead_id, name, state, stage, probability_percent,
                value_minor, currency, base_value_minor, opened_at, closed_at, updated_at, import_id)
            select distinct on (external_id) $1, id, external_id, lead_id, name, state, stage, probability_percent,
                value_minor, currency, base_value_minor, opened_at, closed_at, $14, $15
            from unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::smallint[],
                $9::bigint[], $10::text[], $11::bigint[], $12::timestamptz[], $13::timestamptz[]) with ordinality
                as t (id, external_id, lead_id, name, state, stage, probability_percent, value_minor, currency,
                    base_value_minor, opened_at, closed_at, place)
            order by external_id, place desc
            on conflict (tenant_id, external_id) do update set lead_id = excluded.lead_id, name = excluded.name,
                state = excluded.state, stage = excluded.stage, probability_percent = excluded.probability_percent,
                value_minor = excluded.value_minor, currency = excluded.currency,
                base_value_minor = excluded.base_value_minor, opened_at = excluded.opened_at,
                closed_at = excluded.closed_at, updated_at = excluded.updated_at, version = deals.version + 1
            where (deals.lead_id, deals.name, deals.state, deals.stage, deals.probability_percent, deals.value_minor,
                    deals.currency, deals.base_value_minor, deals.opened_at, deals.closed_at)
                is distinct from (excluded.lead_id, excluded.name, excluded.state, excluded.stage,
                    excluded.probability_percent, excluded.value_minor, excluded.currency, excluded.base_value_minor,
                    excluded.opened_at, excluded.closed_at)
            returning external_id, version = 1 as "is_new!""#,
            self.tenant.0,
            &columns.id,
            &columns.external_id,
            &columns.lead as &[Option<Uuid>],
            &columns.name,
            &columns.state,
            &columns.stage,
            &columns.probability_percent,
            &columns.value_minor,
            &columns.currency,
            &columns.base_value_minor as &[Option<i64>],
            &columns.opened_at as _,
            &columns.closed_at as _,
            instant(bringing.now) as _,
            bringing.import.map(|import| import.0),
        )
        .fetch_all(self.connection())
        .await?;
        let put = |is_new| if is_new { Put::New } else { Put::Changed };
        outcomes.extend(rows.into_iter().map(|row| (row.external_id, put(row.is_new))));
        Ok(outcomes)
    }

    /// The deals with these ids, by the id; held until the work is done.
    pub async fn deals_of(&mut self, external_ids: &[String]) -> Result<BTreeMap<String, Deal>, StoreError> {
        let rows = sqlx::query_as!(
            DealRow,
            r#"select id, external_id, lead_id, name, state, stage, probability_percent, value_minor, currency,
                base_value_minor, opened_at as "opened_at: jiff_sqlx::Timestamp",
                closed_at as "closed_at: jiff_sqlx::Timestamp"
            from deals where tenant_id = $1 and external_id = any($2) order by id for update"#,
            self.tenant.0,
            external_ids,
        )
        .fetch_all(self.connection())
        .await?;
        let deals = rows.into_iter().map(DealRow::read);
        deals.map(|deal| deal.map(|deal| (deal.external_id.clone(), deal))).collect()
    }

    /// The deals with a lead, the first one first.
    pub async fn deals_with(&mut self, lead: LeadId) -> Result<Vec<Deal>, StoreError> {
        let rows = sqlx::query_as!(
            DealRow,
            r#"select id, external_id, lead_id, name, state, stage, probability_percent, value_minor, currency,
                base_value_minor, opened_at as "opened_at: jiff_sqlx::Timestamp",
                closed_at as "closed_at: jiff_sqlx::Timestamp"
            from deals where tenant_id = $1 and lead_id = $2 order by opened_at, id"#,
            self.tenant.0,
            lead.0,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(DealRow::read).collect()
    }
}

impl Batch {
    /// Deals in other currencies than this one that were opened on these UTC days.
    pub async fn deals_foreign(
        &mut self,
        own: Currency,
        days: (Date, Date),
    ) -> Result<Vec<Foreign>, StoreError> {
        let rows = sqlx::query_as!(
            ForeignRow,
            r#"select id, value_minor as amount, currency, base_value_minor as base,
                (opened_at at time zone 'utc')::date as "day!: jiff_sqlx::Date"
            from deals where tenant_id = $1 and currency <> $2
              and opened_at >= $3::date::timestamp at time zone 'utc'
              and opened_at < ($4::date + 1)::timestamp at time zone 'utc'"#,
            self.tenant.0,
            own.code(),
            jiff_sqlx::Date::from(days.0) as _,
            jiff_sqlx::Date::from(days.1) as _,
        )
        .fetch_all(self.work.connection())
        .await?;
        rows.into_iter().map(ForeignRow::read).collect()
    }

    /// Writes what deals are worth in the tenant's currency.
    pub async fn deals_convert(&mut self, converted: &[Foreign]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = converted.iter().map(|foreign| foreign.id).collect();
        let amounts: Vec<Option<i64>> = converted.iter().map(|foreign| foreign.base_minor).collect();
        sqlx::query!(
            r#"update deals d set base_value_minor = t.amount
            from unnest($2::uuid[], $3::bigint[]) as t (id, amount) where d.tenant_id = $1 and d.id = t.id"#,
            self.tenant.0,
            &ids,
            &amounts as &[Option<i64>],
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }
}

/// Deals turned on their side: one array per column.
#[derive(Default)]
struct DealColumns {
    id: Vec<Uuid>,
    external_id: Vec<String>,
    lead: Vec<Option<Uuid>>,
    name: Vec<String>,
    state: Vec<String>,
    stage: Vec<String>,
    probability_percent: Vec<i16>,
    value_minor: Vec<i64>,
    currency: Vec<String>,
    base_value_minor: Vec<Option<i64>>,
    opened_at: Vec<jiff_sqlx::Timestamp>,
    closed_at: Vec<Option<jiff_sqlx::Timestamp>>,
}

impl DealColumns {
    fn of(deals: &[Deal]) -> Self {
        let mut columns = Self::default();
        for deal in deals {
            columns.id.push(deal.id.0);
            columns.external_id.push(deal.external_id.clone());
            columns.lead.push(deal.lead.map(|lead| lead.0));
            columns.name.push(deal.name.clone());
            columns.state.push(deal.state.word().to_owned());
            columns.stage.push(deal.stage.clone());
            columns.probability_percent.push(deal.probability_percent);
            columns.value_minor.push(deal.value.minor);
            columns.currency.push(deal.value.currency.to_string());
            columns.base_value_minor.push(deal.base_value_minor);
            columns.opened_at.push(deal.opened_at.into());
            columns.closed_at.push(deal.closed_at.map(Into::into));
        }
        columns
    }
}
