//! What tools sent of their own accord, each once, kept before anything is made of it.

use domain::connection::Tool;
use jiff::Timestamp;
use serde_json::Value;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// A delivery nothing was made of yet.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingDelivery {
    /// The same for every copy of it.
    pub key: String,
    /// What was sent.
    pub body: Value,
    /// When it came.
    pub received_at: Timestamp,
}

/// What was made of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// What it told was taken.
    Applied,
    /// It told nothing that is counted.
    Nothing(String),
    /// It could not be read.
    Rejected(String),
}

impl TenantWork {
    /// Keeps a delivery. `false` when it is known.
    pub async fn delivery_keep(
        &mut self,
        tool: Tool,
        key: &str,
        body: &Value,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let kept = sqlx::query!(
            r#"insert into webhook_deliveries (tenant_id, tool, key, body, received_at, state)
            values ($1, $2, $3, $4, $5, 'pending') on conflict do nothing"#,
            self.tenant.0,
            tool.word(),
            key,
            body,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(kept.rows_affected() == 1)
    }

    /// Deliveries nothing was made of yet, the oldest first; held until the work is done, and those that somebody else
    /// holds are left to them.
    pub async fn deliveries_pending(
        &mut self,
        tool: Tool,
        at_most: i64,
    ) -> Result<Vec<PendingDelivery>, StoreError> {
        let rows = sqlx::query!(
            r#"select key, body, received_at as "received_at: jiff_sqlx::Timestamp" from webhook_deliveries
            where tenant_id = $1 and tool = $2 and state = 'pending'
            order by received_at, key limit $3 for update skip locked"#,
            self.tenant.0,
            tool.word(),
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        let pending = rows.into_iter().map(|row| PendingDelivery {
            key: row.key,
            body: row.body,
            received_at: row.received_at.into(),
        });
        Ok(pending.collect())
    }

    /// Writes down what was made of a delivery.
    pub async fn delivery_read(
        &mut self,
        tool: Tool,
        key: &str,
        outcome: &DeliveryOutcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, reason) = match outcome {
            DeliveryOutcome::Applied => ("applied", None),
            DeliveryOutcome::Nothing(why) => ("nothing", Some(why)),
            DeliveryOutcome::Rejected(why) => ("rejected", Some(why)),
        };
        sqlx::query!(
            r#"update webhook_deliveries set state = $4, reason = left($5, 1000), read_at = $6
            where tenant_id = $1 and tool = $2 and key = $3"#,
            self.tenant.0,
            tool.word(),
            key,
            state,
            reason,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
