//! Reading recurring revenue: what counted at a moment, and what moved.

use domain::money::Currency;
use domain::mrr::report::{Comings, CustomerSpan, DailyMovement, Moved};
use domain::period::DateRange;
use domain::tenant::Tenant;
use jiff::Timestamp;

use crate::applying::currency;
use crate::database::instant;
use crate::subscriptions::movement_kind;
use crate::{Store, StoreError};

/// What subscriptions count at a moment, in the tenant's currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// All that counts.
    pub mrr: i64,
    /// The part that is not to end.
    pub committed_mrr: i64,
    /// The part an overdue invoice puts at risk.
    pub past_due_mrr: i64,
    /// What trials will count.
    pub trial_mrr: i64,
    /// The part whose collection is paused.
    pub paused_mrr: i64,
    /// Customers who pay.
    pub customers: i64,
    /// Subscriptions that count.
    pub subscriptions: i64,
    /// Subscriptions with a part whose price nobody told.
    pub untold_subscriptions: i64,
    /// What has no rate, by currency.
    pub unconverted: Vec<(Currency, i64)>,
}

impl Store {
    /// What subscriptions counted at a moment.
    pub async fn mrr_standing(&self, tenant: &Tenant, at: Timestamp) -> Result<Standing, StoreError> {
        let mut work = self.within(tenant.id).await?;
        let row = sqlx::query!(
            r#"with standing as (
                select distinct on (subscription_id) *
                from subscription_versions where tenant_id = $1 and effective_from < $2
                order by subscription_id, ordinal desc
            )
            select coalesce(sum(base_mrr_minor), 0)::bigint as "mrr!",
                coalesce(sum(base_mrr_minor) filter (where ends_at is null), 0)::bigint as "committed!",
                coalesce(sum(base_mrr_minor) filter (where past_due_mrr_minor <> 0), 0)::bigint as "past_due!",
                coalesce(sum(base_trial_mrr_minor), 0)::bigint as "trial!",
                coalesce(sum(base_mrr_minor) filter (where is_collection_paused), 0)::bigint as "paused!",
                count(distinct customer_id) filter (where mrr_minor <> 0) as "customers!",
                count(*) filter (where mrr_minor <> 0) as "subscriptions!",
                count(*) filter (where untold_parts > 0 and status in ('active', 'past_due', 'trialing')) as "untold!"
            from standing"#,
            tenant.id.0,
            instant(at) as _,
        )
        .fetch_one(work.connection())
        .await?;
        let unconverted = sqlx::query!(
            r#"with standing as (
                select distinct on (subscription_id) *
                from subscription_versions where tenant_id = $1 and effective_from < $2
                order by subscription_id, ordinal desc
            )
            select currency as "currency!", sum(mrr_minor)::bigint as "mrr!" from standing
            where base_mrr_minor is null and mrr_minor <> 0 group by currency order by currency"#,
            tenant.id.0,
            instant(at) as _,
        )
        .fetch_all(work.connection())
        .await?;
        Ok(Standing {
            mrr: row.mrr,
            committed_mrr: row.committed,
            past_due_mrr: row.past_due,
            trial_mrr: row.trial,
            paused_mrr: row.paused,
            customers: row.customers,
            subscriptions: row.subscriptions,
            untold_subscriptions: row.untold,
            unconverted: unconverted
                .into_iter()
                .map(|row| Ok((currency(&row.currency)?, row.mrr)))
                .collect::<Result<_, StoreError>>()?,
        })
    }

    /// What moved on each day of a range, by kind, up to a moment.
    pub async fn daily_movements(
        &self,
        tenant: &Tenant,
        range: DateRange,
        until: Timestamp,
    ) -> Result<Vec<DailyMovement>, StoreError> {
        let (start, end) = range.instants(&tenant.timezone);
        let rows = sqlx::query!(
            r#"select (effective_at at time zone $4)::date as "day!: jiff_sqlx::Date", kind as "kind!",
                sum(base_amount_minor)::bigint as "amount!"
            from mrr_movements_current
            where tenant_id = $1 and effective_at >= $2 and effective_at < $3
            group by 1, 2 order by 1, 2"#,
            tenant.id.0,
            instant(start) as _,
            instant(end.min(until)) as _,
            tenant.timezone_name(),
        )
        .fetch_all(self.within(tenant.id).await?.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(DailyMovement { day: row.day.into(), kind: movement_kind(&row.kind)?, amount: row.amount })
            })
            .collect()
    }

    /// What each customer did over a range, up to a moment.
    pub async fn customer_spans(
        &self,
        tenant: &Tenant,
        range: DateRange,
        until: Timestamp,
    ) -> Result<Vec<CustomerSpan>, StoreError> {
        let (start, end) = range.instants(&tenant.timezone);
        let rows = sqlx::query!(
            r#"select
                coalesce(sum(base_amount_minor) filter (where effective_at < $2), 0)::bigint as "start!",
                count(distinct effective_at) filter (where effective_at < $2 and kind in ('new', 'reactivation'))
                    > count(distinct effective_at) filter (where effective_at < $2 and kind = 'churn') as "is_there!",
                coalesce(sum(base_amount_minor) filter (where effective_at >= $2 and kind = 'new'), 0)::bigint as "new!",
                coalesce(sum(base_amount_minor) filter (where effective_at >= $2 and kind = 'reactivation'), 0)::bigint
                    as "reactivation!",
                coalesce(sum(base_amount_minor) filter (where effective_at >= $2 and kind = 'expansion'), 0)::bigint
                    as "expansion!",
                coalesce(sum(base_amount_minor) filter (where effective_at >= $2 and kind = 'contraction'), 0)::bigint
                    as "contraction!",
                coalesce(sum(base_amount_minor) filter (where effective_at >= $2 and kind = 'churn'), 0)::bigint as "churn!",
                coalesce(sum(base_amount_minor) filter (where effective_at >= $2 and kind = 'fx'), 0)::bigint as "fx!",
                count(distinct effective_at) filter (where effective_at >= $2 and kind = 'new') as "joined!",
                count(distinct effective_at) filter (where effective_at >= $2 and kind = 'reactivation') as "returned!",
                count(distinct effective_at) filter (where effective_at >= $2 and kind = 'churn') as "left!"
            from mrr_movements_current where tenant_id = $1 and effective_at < $3
            group by customer_id"#,
            tenant.id.0,
            instant(start) as _,
            instant(end.min(until)) as _,
        )
        .fetch_all(self.within(tenant.id).await?.connection())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| CustomerSpan {
                start: row.start,
                is_there_at_start: row.is_there,
                moved: Moved {
                    new: row.new,
                    reactivation: row.reactivation,
                    expansion: row.expansion,
                    contraction: row.contraction,
                    churn: row.churn,
                    fx: row.fx,
                },
                comings: Comings { new: row.joined, reactivated: row.returned, churned: row.left },
            })
            .collect())
    }
}
