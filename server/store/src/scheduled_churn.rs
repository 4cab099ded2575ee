//! Reading what is cancelled to end from the versions of subscriptions.

use std::collections::BTreeMap;

use domain::mrr::scheduled::{ScheduledChurn, ScheduledEnd, ScheduledMonth, UnconvertedEnd};
use domain::period::DateRange;
use jiff::civil::Date;

use crate::applying::currency;
use crate::database::instant;
use crate::{Snapshot, StoreError};

impl Snapshot {
    /// What was to end at the end of a day, with at most so many of its subscriptions; all of them where nothing is
    /// said.
    pub async fn scheduled_churn(
        &mut self,
        day: Date,
        at_most: Option<i64>,
    ) -> Result<ScheduledChurn, StoreError> {
        let mut churn = self.scheduled_months(day).await?;
        churn.ends = self.scheduled_ends(day, at_most).await?;
        Ok(churn)
    }

    /// What was to end, by month and currency.
    async fn scheduled_months(&mut self, day: Date) -> Result<ScheduledChurn, StoreError> {
        let tenant = self.tenant().id.0;
        let zone = self.tenant().timezone_name().to_owned();
        let (_, end) = self.instants(DateRange { from: day, to: day });
        let rows = sqlx::query!(
            r#"select date_trunc('month', v.ends_at at time zone $3)::date as "month!: jiff_sqlx::Date",
                v.currency as "currency!", count(*) as "subscriptions!",
                coalesce(sum(v.base_mrr_minor), 0)::bigint as "mrr!",
                coalesce(sum(v.mrr_minor) filter (where v.base_mrr_minor is null), 0)::bigint as "unconverted!"
            from scheduled_ends($1, $2) v
            group by 1, 2 order by 1, 2"#,
            tenant,
            instant(end) as _,
            zone,
        )
        .fetch_all(self.connection())
        .await?;
        let (mut churn, mut unconverted) = (ScheduledChurn::default(), BTreeMap::new());
        for row in rows {
            churn.total += row.mrr;
            churn.subscriptions += row.subscriptions;
            if row.unconverted != 0 {
                *unconverted.entry(currency(&row.currency)?).or_default() += row.unconverted;
            }
            let month = Date::from(row.month);
            match churn.by_month.last_mut().filter(|last| last.month == month) {
                Some(last) => {
                    last.mrr += row.mrr;
                    last.subscriptions += row.subscriptions;
                }
                None => churn.by_month.push(ScheduledMonth {
                    month,
                    mrr: row.mrr,
                    subscriptions: row.subscriptions,
                }),
            }
        }
        let unconverted = unconverted.into_iter();
        churn.unconverted =
            unconverted.map(|(currency, amount)| UnconvertedEnd { currency, amount }).collect();
        Ok(churn)
    }

    /// The subscriptions that were to end, those that end first first.
    async fn scheduled_ends(
        &mut self,
        day: Date,
        at_most: Option<i64>,
    ) -> Result<Vec<ScheduledEnd>, StoreError> {
        let tenant = self.tenant().id.0;
        let (_, end) = self.instants(DateRange { from: day, to: day });
        let rows = sqlx::query!(
            r#"select v.subscription_id as "subscription_id!", v.customer_id as "customer_id!",
                coalesce(c.email, (select r.customer_email from revenue_events r
                    where r.tenant_id = $1 and r.event_type = 'payment' and r.customer_email is not null
                      and coalesce(r.stripe_customer_id, r.customer_email, r.payment_name) = v.customer_id
                    order by r.stripe_created_at desc limit 1)) as email,
                v.mrr_minor as "mrr_minor!", v.base_mrr_minor, v.currency as "currency!",
                v.ends_at as "ends_at!: jiff_sqlx::Timestamp", v.cancel_reason, v.cancel_feedback,
                (select min(since.effective_from) from subscription_versions since
                    where since.tenant_id = $1 and since.subscription_id = v.subscription_id
                      and since.ordinal <= v.ordinal
                      and since.ordinal > coalesce((select max(kept.ordinal) from subscription_versions kept
                        where kept.tenant_id = $1 and kept.subscription_id = v.subscription_id
                          and kept.ordinal < v.ordinal and kept.ends_at is null), 0))
                    as "known_since!: jiff_sqlx::Timestamp"
            from scheduled_ends($1, $2) v
            left join stripe_customers c on c.tenant_id = $1 and c.customer_id = v.customer_id
            order by v.ends_at, v.subscription_id
            limit $3"#,
            tenant,
            instant(end) as _,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(ScheduledEnd {
                    subscription_id: row.subscription_id,
                    customer_id: row.customer_id,
                    customer_email: row.email,
                    mrr: row.base_mrr_minor,
                    charged: row.mrr_minor,
                    charged_currency: currency(&row.currency)?,
                    ends_at: row.ends_at.into(),
                    known_since: row.known_since.into(),
                    reason: row.cancel_reason,
                    feedback: row.cancel_feedback,
                })
            })
            .collect()
    }
}
