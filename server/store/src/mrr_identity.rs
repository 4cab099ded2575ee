//! Recurring revenue in every way it is counted: by the rollup, and by every row.

use domain::alert::{MrrInCurrency, MrrOfDays, MrrOfRows};

use crate::applying::currency;
use crate::{Snapshot, StoreError};

impl Snapshot {
    /// What recurs as the rollup has it, all days together.
    pub async fn mrr_of_days(&mut self) -> Result<MrrOfDays, StoreError> {
        let tenant = self.tenant().id.0;
        Ok(sqlx::query_as!(
            MrrOfDays,
            r#"select coalesce(sum(new_minor + reactivation_minor + expansion_minor + contraction_minor + churn_minor
                    + fx_minor), 0)::bigint as "moved!",
                coalesce(sum(mrr_minor), 0)::bigint as "standing!"
            from mrr_days where tenant_id = $1"#,
            tenant,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// What recurs as every row that counts has it; takes the longer the more of them there are.
    pub async fn mrr_of_rows(&mut self) -> Result<MrrOfRows, StoreError> {
        let tenant = self.tenant().id.0;
        let rows = sqlx::query!(
            r#"with ways as (
                select currency, sum(amount_minor) as movements, 0 as ledger, 0 as subscriptions,
                    sum(base_amount_minor) as moved, 0 as standing
                from mrr_movements_current where tenant_id = $1 group by currency
                union all
                select currency, 0, sum(mrr_impact_minor), 0, 0, 0 from revenue_events_current
                where tenant_id = $1 and mrr_impact_minor <> 0 group by currency
                union all
                select currency, 0, 0, sum(mrr_minor), 0, sum(base_mrr_minor) from (
                    select distinct on (subscription_id) currency, mrr_minor, base_mrr_minor from subscription_versions
                    where tenant_id = $1 order by subscription_id, ordinal desc) newest
                group by currency
            )
            select currency as "currency!", sum(movements)::bigint as "movements!", sum(ledger)::bigint as "ledger!",
                sum(subscriptions)::bigint as "subscriptions!", coalesce(sum(moved), 0)::bigint as "moved!",
                coalesce(sum(standing), 0)::bigint as "standing!"
            from ways group by currency order by currency"#,
            tenant,
        )
        .fetch_all(self.connection())
        .await?;
        let mut counted = MrrOfRows::default();
        for row in rows {
            counted.moved += row.moved;
            counted.standing += row.standing;
            counted.currencies.push(MrrInCurrency {
                currency: currency(&row.currency)?,
                movements: row.movements,
                ledger: row.ledger,
                subscriptions: row.subscriptions,
            });
        }
        Ok(counted)
    }
}
