//! Reading recurring revenue from its rollups: what counted at the end of a day, and what moved.

use domain::channel::ChannelSlug;
use domain::money::Currency;
use domain::mrr::MovementKind;
use domain::mrr::parts::{ChannelPart, MovementReason};
use domain::mrr::report::{Cohort, Comings, DailyMovement, Moved, Opening};
use domain::period::DateRange;
use jiff::civil::Date;

use crate::applying::currency;
use crate::database::instant;
use crate::subscriptions::{movement_detail, movement_kind};
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

    /// What customers did over a range, by the channel of their first payment.
    pub async fn mrr_by_channel(&mut self, range: DateRange) -> Result<Vec<ChannelPart>, StoreError> {
        let tenant = self.tenant().id.0;
        let rows = sqlx::query_as!(
            ChannelRow,
            r#"select coalesce(f.channel, 'unknown') as "channel!",
                coalesce(sum(d.new_minor + d.reactivation_minor + d.expansion_minor + d.contraction_minor + d.churn_minor
                    + d.fx_minor) filter (where d.day < $2), 0)::bigint as "start!",
                coalesce(sum(d.joined + d.returned - d.churned) filter (where d.day < $2), 0)::bigint as "customers!",
                coalesce(sum(d.payers) filter (where d.day < $2), 0)::bigint as "payers!",
                coalesce(sum(d.new_minor) filter (where d.day >= $2), 0)::bigint as "new!",
                coalesce(sum(d.reactivation_minor) filter (where d.day >= $2), 0)::bigint as "reactivation!",
                coalesce(sum(d.expansion_minor) filter (where d.day >= $2), 0)::bigint as "expansion!",
                coalesce(sum(d.contraction_minor) filter (where d.day >= $2), 0)::bigint as "contraction!",
                coalesce(sum(d.churn_minor) filter (where d.day >= $2), 0)::bigint as "churn!",
                coalesce(sum(d.fx_minor) filter (where d.day >= $2), 0)::bigint as "fx!",
                coalesce(sum(d.joined) filter (where d.day >= $2), 0)::bigint as "joined!",
                coalesce(sum(d.returned) filter (where d.day >= $2), 0)::bigint as "returned!",
                coalesce(sum(d.churned) filter (where d.day >= $2), 0)::bigint as "churned!"
            from subscriber_days d
            left join first_payments f on f.tenant_id = d.tenant_id and f.customer = d.customer_id
            where d.tenant_id = $1 and d.day <= $3
            group by 1 order by 1"#,
            tenant,
            jiff_sqlx::Date::from(range.from) as _,
            jiff_sqlx::Date::from(range.to) as _,
        )
        .fetch_all(self.connection())
        .await?;
        let part = |row: ChannelRow| ChannelPart {
            channel: ChannelSlug::stored(row.channel),
            opening: Opening { mrr: row.start, customers: row.customers, payers: row.payers },
            moved: Moved {
                new: row.new,
                reactivation: row.reactivation,
                expansion: row.expansion,
                contraction: row.contraction,
                churn: row.churn,
                fx: row.fx,
            },
            comings: Comings { new: row.joined, reactivated: row.returned, churned: row.churned },
        };
        Ok(rows.into_iter().map(part).collect())
    }

    /// What lay behind the movements of a range, the largest of each kind first.
    pub async fn movement_reasons(&mut self, range: DateRange) -> Result<Vec<MovementReason>, StoreError> {
        let (tenant, (start, end)) = (self.tenant().id.0, self.instants(range));
        let rows = sqlx::query!(
            r#"select kind as "kind!", detail, feedback, sum(base_amount_minor)::bigint as "amount!", count(*) as "movements!"
            from mrr_movements_current
            where tenant_id = $1 and effective_at >= $2 and effective_at < $3
            group by kind, detail, feedback
            order by kind, abs(sum(base_amount_minor)) desc, detail nulls last, feedback nulls last"#,
            tenant,
            instant(start) as _,
            instant(end) as _,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let kind = movement_kind(&row.kind)?;
                let is_lost = matches!(kind, MovementKind::Contraction | MovementKind::Churn);
                Ok(MovementReason {
                    kind,
                    detail: row.detail.as_deref().map(movement_detail).transpose()?,
                    feedback: row.feedback,
                    amount: if is_lost { -row.amount } else { row.amount },
                    movements: row.movements,
                })
            })
            .collect()
    }
}

/// What customers of a channel did, as it is read.
struct ChannelRow {
    channel: String,
    start: i64,
    customers: i64,
    payers: i64,
    new: i64,
    reactivation: i64,
    expansion: i64,
    contraction: i64,
    churn: i64,
    fx: i64,
    joined: i64,
    returned: i64,
    churned: i64,
}
