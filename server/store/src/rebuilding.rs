//! Dropping what follows from the raw events, and comparing what is made of them again with what stood.

use domain::event_state::EventState;
use domain::ids::{LedgerRowId, MrrMovementId};
use sqlx::{AssertSqlSafe, Row};

use crate::StoreError;
use crate::applying::{Batch, PendingEvent, Supersession, event_id};

/// Everything that follows from raw events and from what the tenant knows, row by row: which projection, which row,
/// and what it says but for when and as which version it was written.
const PROJECTIONS: &str = "
    select 'ledger' as projection, money_key as key,
        (to_jsonb(r) - '{id,seq,version,created_at}'::text[])::text as said
    from revenue_events_current r where tenant_id = $1
    union all
    select 'evidence', r.money_key || ' ' || e.rank, (to_jsonb(e) - '{revenue_event_id}'::text[])::text
    from revenue_events_current r
    join attribution_evidence e on e.tenant_id = r.tenant_id and e.revenue_event_id = r.id
    where r.tenant_id = $1
    union all
    select 'movements', movement_key, (to_jsonb(m) - '{id,seq,version,created_at}'::text[])::text
    from mrr_movements_current m where tenant_id = $1
    union all
    select 'versions', subscription_id || ' ' || ordinal, to_jsonb(v)::text
    from subscription_versions v where tenant_id = $1
    union all
    select 'failed payments', name, to_jsonb(d)::text from dunning d where tenant_id = $1
    union all
    select 'customers', customer_id, to_jsonb(c)::text from stripe_customers c where tenant_id = $1
    union all
    select 'revenue days', concat_ws(' ', day, channel, product_name, product_category), to_jsonb(d)::text
    from revenue_days d where tenant_id = $1 and row_count <> 0
    union all
    select 'channel days', concat_ws(' ', day, channel), to_jsonb(d)::text
    from channel_days d where tenant_id = $1 and row_count <> 0
    union all
    select 'product days', concat_ws(' ', day, product_name, product_category), to_jsonb(d)::text
    from product_days d where tenant_id = $1 and row_count <> 0
    union all
    select 'unconverted days', concat_ws(' ', day, currency), to_jsonb(d)::text
    from unconverted_days d where tenant_id = $1 and row_count <> 0
    union all
    select 'first payments', customer, to_jsonb(f)::text from first_payments f where tenant_id = $1
    union all
    select 'new customers', concat_ws(' ', day, channel), to_jsonb(d)::text
    from new_customers_days d where tenant_id = $1 and customers <> 0
    union all
    select 'subscriber days', concat_ws(' ', customer_id, day), to_jsonb(d)::text
    from subscriber_days d where tenant_id = $1
    union all
    select 'MRR days', day::text, to_jsonb(d)::text from mrr_days d where tenant_id = $1
      and (new_minor, reactivation_minor, expansion_minor, contraction_minor, churn_minor, fx_minor, joined, returned,
        churned, mrr_minor, committed_minor, past_due_minor, trial_minor, paused_minor, subscriptions, untold)
        <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)";

/// Each table that is made of events alone.
const DROPPED: [&str; 9] = [
    "subscription_versions",
    "subscription_facts",
    "pricing_terms",
    "dunning",
    "dunning_facts",
    "attribution_clues",
    "payment_facts",
    "payment_names",
    "stripe_customers",
];

/// A row that differs from what the raw events come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// In which projection.
    pub projection: String,
    /// Which row.
    pub key: String,
    /// What it said; none when it was missing.
    pub stood: Option<String>,
    /// What it should say; none when there should be no such row.
    pub rebuilt: Option<String>,
}

/// An event that was looked at before, and its place in the order of arrival.
#[derive(Clone, Debug)]
pub struct KeptEvent {
    /// The event.
    pub event: PendingEvent,
    /// Its place.
    pub seq: i64,
    /// What became of it.
    pub state: EventState,
    /// Why it is not applied.
    pub reason: Option<String>,
}

impl Batch {
    /// Remembers every projection, to be compared with later in this transaction.
    pub async fn projections_remember(&mut self) -> Result<(), StoreError> {
        let statement = AssertSqlSafe(format!(
            "create temporary table remembered on commit drop as
            select projection, key, said from ({PROJECTIONS}) as standing"
        ));
        sqlx::query(statement).bind(self.tenant.0).execute(self.work.connection()).await?;
        Ok(())
    }

    /// Drops what is made of events alone. The ledger and the movements stay: what differs is superseded.
    pub async fn projections_drop(&mut self) -> Result<(), StoreError> {
        for table in DROPPED {
            let statement = AssertSqlSafe(format!("delete from {table} where tenant_id = $1"));
            sqlx::query(statement).bind(self.tenant.0).execute(self.work.connection()).await?;
        }
        Ok(())
    }

    /// What differs now from what was remembered: how many rows, and the first of them.
    pub async fn projections_compare(&mut self, at_most: i64) -> Result<(i64, Vec<Difference>), StoreError> {
        let statement = AssertSqlSafe(format!(
            "select coalesce(stood.projection, rebuilt.projection) as projection,
                coalesce(stood.key, rebuilt.key) as key, stood.said as stood, rebuilt.said as rebuilt,
                count(*) over () as differences
            from remembered stood
            full join ({PROJECTIONS}) rebuilt on rebuilt.projection = stood.projection and rebuilt.key = stood.key
            where stood.said is distinct from rebuilt.said
            order by 1, 2 limit $2"
        ));
        let rows = sqlx::query(statement)
            .bind(self.tenant.0)
            .bind(at_most)
            .fetch_all(self.work.connection())
            .await?;
        let count = rows.first().map_or(Ok(0), |row| row.try_get("differences"))?;
        let differences = rows
            .iter()
            .map(|row| {
                Ok(Difference {
                    projection: row.try_get("projection")?,
                    key: row.try_get("key")?,
                    stood: row.try_get("stood")?,
                    rebuilt: row.try_get("rebuilt")?,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok((count, differences))
    }

    /// Events that were looked at, in the order they came, after a place in it.
    pub async fn events_looked_at(&mut self, after: i64, at_most: i64) -> Result<Vec<KeptEvent>, StoreError> {
        let rows = sqlx::query!(
            r#"select stripe_event_id, seq, body, received_at as "received_at: jiff_sqlx::Timestamp", state, reason
            from stripe_events where tenant_id = $1 and seq > $2 and state <> 'pending' order by seq limit $3"#,
            self.tenant.0,
            after,
            at_most,
        )
        .fetch_all(self.work.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let event = PendingEvent {
                    id: event_id(row.stripe_event_id)?,
                    body: row.body,
                    received_at: row.received_at.into(),
                };
                let state = row.state.parse().map_err(|_| StoreError::unreadable("a state", &row.state))?;
                Ok(KeptEvent { event, seq: row.seq, state, reason: row.reason })
            })
            .collect()
    }

    /// Rows of the ledger that count, and that no payment and no subscription leads to any more.
    pub async fn orphans(&mut self) -> Result<Vec<Supersession>, StoreError> {
        let rows = sqlx::query_scalar!(
            r#"select r.id as "id!" from revenue_events_current r
            where r.tenant_id = $1
              and not exists (select from payment_names n where n.tenant_id = r.tenant_id and n.name = r.payment_name)
              and not exists (select from subscription_facts f
                              where f.tenant_id = r.tenant_id and f.subscription_id = r.payment_name)"#,
            self.tenant.0,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(rows.into_iter().map(|id| Supersession { superseded: LedgerRowId(id), successor: None }).collect())
    }

    /// Movements that count, of customers without a subscription.
    pub async fn stray_movements(&mut self) -> Result<Vec<MrrMovementId>, StoreError> {
        let rows = sqlx::query_scalar!(
            r#"select m.id as "id!" from mrr_movements_current m
            where m.tenant_id = $1 and not exists (select from subscription_facts f
                where f.tenant_id = m.tenant_id and f.customer_id = m.customer_id)"#,
            self.tenant.0,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(rows.into_iter().map(MrrMovementId).collect())
    }

    /// Whether something waits that the projections already follow in part: rates, changes of attribution, recounts,
    /// and events that are looked at again. New events do not matter, nothing follows from them yet.
    pub async fn is_behind(&mut self) -> Result<bool, StoreError> {
        let row = sqlx::query_scalar!(
            r#"select exists (select from stripe_events e where tenant_id = $1 and state = 'pending'
                    and (applied_at is not null or coalesce(attempts, 0) > 0))
                or exists (select from attribution_changes where tenant_id = $1)
                or exists (select from exchange_rate_changes where tenant_id = $1 and settled_at is null)
                or exists (select from mrr_recounts where tenant_id = $1 and counted_at is null) as "is_behind!""#,
            self.tenant.0,
        )
        .fetch_one(self.work.connection())
        .await?;
        Ok(row)
    }
}
