//! Reading revenue from its rollups.

use std::collections::BTreeMap;

use domain::channel::ChannelSlug;
use domain::economics::cohort::EarnedMonth;
use domain::period::{Bucket, DateRange};
use domain::revenue::{ChannelSum, DailySum, Moved, NewVsRecurring, Parts, ProductSum, Unconverted};
use jiff::civil::Date;

use crate::applying::currency;
use crate::database::instant;
use crate::{Snapshot, StoreError};

impl Snapshot {
    /// What moved over periods without a gap between them, by period and channel and by product.
    pub async fn revenue_parts(&mut self, periods: &[Bucket]) -> Result<Parts, StoreError> {
        let (Some(first), Some(last)) = (periods.first(), periods.last()) else {
            return Ok(Parts::default());
        };
        let range = DateRange { from: first.period_start, to: last.period_end };
        let starts: Vec<Date> = periods.iter().map(|period| period.period_start).collect();
        Ok(Parts {
            by_channel: self.channel_sums(&starts, range.to).await?,
            by_product: self.product_sums(range).await?,
        })
    }

    async fn channel_sums(&mut self, starts: &[Date], to: Date) -> Result<Vec<ChannelSum>, StoreError> {
        let starts: Vec<jiff_sqlx::Date> = starts.iter().map(|day| (*day).into()).collect();
        let tenant = self.tenant().id.0;
        let rows = sqlx::query_as!(
            SumRow,
            r#"select ($2::date[])[width_bucket(day, $2::date[])] as "day: jiff_sqlx::Date", channel,
                null as "product_name: String", null as "product_category: String",
                sum(payment_minor)::bigint as "payment!", sum(payments)::bigint as "payments!",
                sum(adjustment_minor)::bigint as "adjustment!", sum(refund_minor)::bigint as "refund!",
                sum(dispute_minor)::bigint as "dispute!", sum(new_minor)::bigint as "new!",
                sum(recurring_minor)::bigint as "recurring!", sum(one_time_minor)::bigint as "one_time!",
                sum(row_count)::bigint as "rows!"
            from channel_days where tenant_id = $1 and day between ($2::date[])[1] and $3
            group by 1, 2 having sum(row_count) <> 0 order by 1, 2"#,
            tenant,
            &starts as _,
            jiff_sqlx::Date::from(to) as _,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(SumRow::of_channel).collect())
    }

    async fn product_sums(&mut self, range: DateRange) -> Result<Vec<ProductSum>, StoreError> {
        let tenant = self.tenant().id.0;
        let rows = sqlx::query_as!(
            SumRow,
            r#"select null as "day: jiff_sqlx::Date", null as channel, product_name, product_category,
                sum(payment_minor)::bigint as "payment!", sum(payments)::bigint as "payments!",
                sum(adjustment_minor)::bigint as "adjustment!", sum(refund_minor)::bigint as "refund!",
                sum(dispute_minor)::bigint as "dispute!", sum(new_minor)::bigint as "new!",
                sum(recurring_minor)::bigint as "recurring!", sum(one_time_minor)::bigint as "one_time!",
                sum(row_count)::bigint as "rows!"
            from product_days where tenant_id = $1 and day between $2 and $3
            group by product_name, product_category having sum(row_count) <> 0
            order by product_name, product_category"#,
            tenant,
            jiff_sqlx::Date::from(range.from) as _,
            jiff_sqlx::Date::from(range.to) as _,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| ProductSum {
                moved: row.moved(),
                product_name: row.product_name,
                product_category: row.product_category,
            })
            .collect())
    }

    /// What moved over a range, all together.
    pub async fn revenue_total(&mut self, range: DateRange) -> Result<Moved, StoreError> {
        let whole = [range.from];
        let sums = self.channel_sums(&whole, range.to).await?;
        Ok(Parts { by_channel: sums, by_product: Vec::new() }.total())
    }

    /// What moved on each day of a range, by channel and product.
    pub async fn daily_sums(&mut self, range: DateRange) -> Result<Vec<DailySum>, StoreError> {
        let tenant = self.tenant().id.0;
        let rows = sqlx::query_as!(
            SumRow,
            r#"select day as "day: jiff_sqlx::Date", channel, product_name, product_category,
                payment_minor as payment, payments, adjustment_minor as adjustment, refund_minor as refund,
                dispute_minor as dispute, new_minor as new, recurring_minor as recurring, one_time_minor as one_time,
                row_count as rows
            from revenue_days where tenant_id = $1 and day between $2 and $3 and row_count <> 0
            order by day, channel, product_name, product_category"#,
            tenant,
            jiff_sqlx::Date::from(range.from) as _,
            jiff_sqlx::Date::from(range.to) as _,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(SumRow::of_day).collect())
    }

    /// What no rate could convert in a range, by currency.
    pub async fn unconverted_sums(&mut self, range: DateRange) -> Result<Vec<Unconverted>, StoreError> {
        let tenant = self.tenant().id.0;
        let rows = sqlx::query!(
            r#"select currency, sum(amount_minor)::bigint as "amount!", sum(row_count)::bigint as "rows!"
            from unconverted_days where tenant_id = $1 and day between $2 and $3
            group by currency having sum(row_count) <> 0 order by currency"#,
            tenant,
            jiff_sqlx::Date::from(range.from) as _,
            jiff_sqlx::Date::from(range.to) as _,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Unconverted { currency: currency(&row.currency)?, amount: row.amount, rows: row.rows })
            })
            .collect()
    }

    /// How many customers paid for the first time in a range, by the channel credited with that payment.
    pub async fn new_customers(
        &mut self,
        range: DateRange,
    ) -> Result<BTreeMap<ChannelSlug, i64>, StoreError> {
        let tenant = self.tenant().id.0;
        let rows = sqlx::query!(
            r#"select channel, sum(customers)::bigint as "customers!" from new_customers_days
            where tenant_id = $1 and day between $2 and $3 group by channel having sum(customers) <> 0"#,
            tenant,
            jiff_sqlx::Date::from(range.from) as _,
            jiff_sqlx::Date::from(range.to) as _,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (ChannelSlug::stored(row.channel), row.customers)).collect())
    }

    /// What the customers who came in a range of days have paid since, less what went back, by the full months since
    /// each one's first payment.
    pub async fn cohort_months(&mut self, range: DateRange) -> Result<Vec<EarnedMonth>, StoreError> {
        let ((start, end), now) = (self.instants(range), self.as_of());
        let (tenant, timezone) = (self.tenant().id.0, self.tenant().timezone_name().to_owned());
        let rows = sqlx::query!(
            r#"with cohort as (
                select customer, occurred_at at time zone $5 as came from first_payments
                where tenant_id = $1 and occurred_at >= $2 and occurred_at < $3
            ), paid as (
                select age(r.stripe_created_at at time zone $5, c.came) as since, r.base_amount_minor as net
                from cohort c join revenue_events r on r.tenant_id = $1
                  and coalesce(r.stripe_customer_id, r.customer_email, r.payment_name) = c.customer
                where r.base_amount_minor is not null and r.stripe_created_at <= $4
                  and not exists (select from revenue_event_supersessions s
                                  where s.tenant_id = $1 and s.superseded_id = r.id)
            )
            select (extract(year from since) * 12 + extract(month from since))::integer as "months_since!",
                sum(net)::bigint as "net!"
            from paid group by 1 having sum(net) <> 0 order by 1"#,
            tenant,
            instant(start) as _,
            instant(end) as _,
            instant(now) as _,
            timezone,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(|row| EarnedMonth { months_since: row.months_since, net: row.net }).collect())
    }
}

struct SumRow {
    day: Option<jiff_sqlx::Date>,
    channel: Option<String>,
    product_name: Option<String>,
    product_category: Option<String>,
    payment: i64,
    payments: i64,
    adjustment: i64,
    refund: i64,
    dispute: i64,
    new: i64,
    recurring: i64,
    one_time: i64,
    rows: i64,
}

impl SumRow {
    const fn moved(&self) -> Moved {
        Moved {
            payment: self.payment,
            payments: self.payments,
            adjustment: self.adjustment,
            refund: self.refund,
            dispute: self.dispute,
            by_class: NewVsRecurring { new: self.new, recurring: self.recurring, one_time: self.one_time },
            rows: self.rows,
        }
    }

    fn day(&self) -> Date {
        self.day.map_or(Date::MIN, Date::from)
    }

    fn of_channel(self) -> ChannelSum {
        let (day, moved) = (self.day(), self.moved());
        ChannelSum { day, channel: ChannelSlug::stored(self.channel.unwrap_or_default()), moved }
    }

    fn of_day(self) -> DailySum {
        DailySum {
            day: self.day(),
            moved: self.moved(),
            channel: ChannelSlug::stored(self.channel.unwrap_or_default()),
            product_name: self.product_name,
            product_category: self.product_category,
        }
    }
}
