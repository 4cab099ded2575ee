//! Reading recurring revenue from its rollups: what counted at the end of a day, and what moved.

use domain::money::Currency;
use domain::mrr::report::{Cohort, Comings, DailyMovement, Moved, Opening};
use domain::period::DateRange;
use jiff::civil::Date;

use crate::applying::currency;
use crate::database::instant;
use crate::{Snapshot, StoreError};

/// What subscriptions count at the end of a day, in the tenant's currency.
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

impl Standing {
    /// Adds what stands elsewhere in the same currency.
    pub fn add(&mut self, other: Self) {
        self.mrr += other.mrr;
        self.committed_mrr += other.committed_mrr;
        self.past_due_mrr += other.past_due_mrr;
        self.trial_mrr += other.trial_mrr;
        self.paused_mrr += other.paused_mrr;
        self.customers += other.customers;
        self.subscriptions += other.subscriptions;
        self.untold_subscriptions += other.untold_subscriptions;
        other.unconverted.into_iter().for_each(|(currency, amount)| self.list(currency, amount));
    }

    /// Lists what stands in a currency that no rate is known for.
    pub fn set_aside(&mut self, currency: Currency, other: Self) {
        self.list(currency, other.mrr);
        other.unconverted.into_iter().for_each(|(currency, amount)| self.list(currency, amount));
    }

    fn list(&mut self, currency: Currency, amount: i64) {
        match self.unconverted.iter_mut().find(|(listed, _)| *listed == currency) {
            Some((_, listed)) => *listed += amount,
            None => self.unconverted.push((currency, amount)),
        }
    }
}

impl Snapshot {
    /// What subscriptions counted at the end of a day.
    pub async fn mrr_standing(&mut self, day: Date) -> Result<Standing, StoreError> {
        let tenant = self.tenant().id.0;
        let row = sqlx::query!(
            r#"select coalesce(sum(mrr_minor), 0)::bigint as "mrr!", coalesce(sum(committed_minor), 0)::bigint as "committed!",
                coalesce(sum(past_due_minor), 0)::bigint as "past_due!", coalesce(sum(trial_minor), 0)::bigint as "trial!",
                coalesce(sum(paused_minor), 0)::bigint as "paused!", coalesce(sum(customers), 0)::bigint as "customers!",
                coalesce(sum(subscriptions), 0)::bigint as "subscriptions!", coalesce(sum(untold), 0)::bigint as "untold!"
            from mrr_days where tenant_id = $1 and day <= $2"#,
            tenant,
            jiff_sqlx::Date::from(day) as _,
        )
        .fetch_one(self.connection())
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
            unconverted: self.mrr_unconverted(day).await?,
        })
    }

    /// What counted in currencies without a rate at the end of a day: few versions, found by an index of their own.
    async fn mrr_unconverted(&mut self, day: Date) -> Result<Vec<(Currency, i64)>, StoreError> {
        let tenant = self.tenant().id.0;
        let (_, end) = self.instants(DateRange { from: day, to: day });
        let rows = sqlx::query!(
            r#"select v.currency, sum(v.mrr_minor)::bigint as "mrr!" from subscription_versions v
            where v.tenant_id = $1 and v.effective_from < $2 and v.base_mrr_minor is null and v.mrr_minor <> 0
              and not exists (select from subscription_versions later
                where later.tenant_id = $1 and later.subscription_id = v.subscription_id
                  and later.ordinal > v.ordinal and later.effective_from < $2)
            group by v.currency order by v.currency"#,
            tenant,
            instant(end) as _,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(|row| Ok((currency(&row.currency)?, row.mrr))).collect()
    }

    /// What stood when a day began.
    pub async fn mrr_opening(&mut self, day: Date) -> Result<Opening, StoreError> {
        let tenant = self.tenant().id.0;
        Ok(sqlx::query_as!(
            Opening,
            r#"select coalesce(sum(new_minor + reactivation_minor + expansion_minor + contraction_minor + churn_minor
                    + fx_minor), 0)::bigint as "mrr!",
                coalesce(sum(joined + returned - churned), 0)::bigint as "customers!",
                coalesce(sum(payers), 0)::bigint as "payers!"
            from mrr_days where tenant_id = $1 and day < $2"#,
            tenant,
            jiff_sqlx::Date::from(day) as _,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// What moved on each day of a range.
    pub async fn daily_movements(&mut self, range: DateRange) -> Result<Vec<DailyMovement>, StoreError> {
        let tenant = self.tenant().id.0;
        let rows = sqlx::query!(
            r#"select day as "day: jiff_sqlx::Date", new_minor, reactivation_minor, expansion_minor, contraction_minor,
                churn_minor, fx_minor, joined, returned, churned, payers
            from mrr_days where tenant_id = $1 and day between $2 and $3 order by day"#,
            tenant,
            jiff_sqlx::Date::from(range.from) as _,
            jiff_sqlx::Date::from(range.to) as _,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| DailyMovement {
                day: row.day.into(),
                moved: Moved {
                    new: row.new_minor,
                    reactivation: row.reactivation_minor,
                    expansion: row.expansion_minor,
                    contraction: row.contraction_minor,
                    churn: row.churn_minor,
                    fx: row.fx_minor,
                },
                comings: Comings { new: row.joined, reactivated: row.returned, churned: row.churned },
                payers: row.payers,
            })
            .collect())
    }

    /// What the customers who were there when a range began did over it.
    pub async fn mrr_cohort(&mut self, range: DateRange) -> Result<Cohort, StoreError> {
        let tenant = self.tenant().id.0;
        Ok(sqlx::query_as!(
            Cohort,
            r#"with spans as (
                select (array_agg(was_there order by day))[1] as was_there, sum(joined + returned - churned) as comings,
                    sum(contraction_minor + churn_minor) as lost, sum(expansion_minor + reactivation_minor) as won
                from subscriber_days where tenant_id = $1 and day between $2 and $3 group by customer_id
            )
            select count(*) filter (where comings < 0) as "gone!", coalesce(sum(lost), 0)::bigint as "lost!",
                coalesce(sum(won), 0)::bigint as "won!"
            from spans where was_there"#,
            tenant,
            jiff_sqlx::Date::from(range.from) as _,
            jiff_sqlx::Date::from(range.to) as _,
        )
        .fetch_one(self.connection())
        .await?)
    }
}
