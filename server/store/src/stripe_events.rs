//! Raw events: kept as received, each once per tenant.

use domain::ids::{EventId, TenantId};
use jiff::Timestamp;

use crate::{Store, StoreError};

/// What became of an event that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is new, and durable now.
    New,
    /// It was durable already.
    Duplicate,
}

/// How events reach a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeState {
    /// When the newest came.
    pub last_event_at: Option<Timestamp>,
    /// How many could not be understood.
    pub dead_letters: i64,
}

impl Store {
    /// Makes an event durable, together with the others that are handed in just now. Once this returns it will not
    /// be lost.
    pub async fn stripe_event_keep(
        &self,
        tenant: TenantId,
        event: &EventId,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Kept, StoreError> {
        self.keeper.keep(tenant, event, body, now).await
    }

    /// Which of these events the tenant has.
    pub async fn stripe_events_known(
        &self,
        tenant: TenantId,
        ids: &[String],
    ) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select stripe_event_id from stripe_events where tenant_id = $1 and stripe_event_id = any($2)"#,
            tenant.0,
            ids,
        )
        .fetch_all(self.within(tenant).await?.connection())
        .await?)
    }

    /// Tenants with events that wait to be applied.
    pub async fn tenants_with_pending_events(&self) -> Result<Vec<TenantId>, StoreError> {
        let tenants = sqlx::query_scalar!(
            // A look for each tenant: reading all that waits would come again with every batch.
            r#"select id from tenants t
            where exists (select from stripe_events e where e.tenant_id = t.id and e.state = 'pending')"#
        )
        .fetch_all(&self.platform_pool)
        .await?;
        Ok(tenants.into_iter().map(TenantId).collect())
    }

    /// When the newest event came, and how many wait for a person.
    pub async fn intake_state(&self, tenant: TenantId) -> Result<IntakeState, StoreError> {
        let row = sqlx::query!(
            r#"select
                (select received_at from stripe_events where tenant_id = $1 order by seq desc limit 1)
                    as "last_event_at: jiff_sqlx::Timestamp",
                (select count(*) from stripe_events where tenant_id = $1 and state = 'dead') as "dead_letters!""#,
            tenant.0
        )
        .fetch_one(self.within(tenant).await?.connection())
        .await?;
        Ok(IntakeState { last_event_at: row.last_event_at.map(Into::into), dead_letters: row.dead_letters })
    }

    /// How many events of the tenant are in each state.
    pub async fn stripe_events_by_state(&self, tenant: TenantId) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query!(
            r#"select state, count(*) as "count!" from stripe_events where tenant_id = $1 group by state order by state"#,
            tenant.0
        )
        .fetch_all(self.within(tenant).await?.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (row.state, row.count)).collect())
    }
}
