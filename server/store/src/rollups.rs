//! Keeping the rollups: whatever changes rows of the ledger, movements or versions tells it here, in its transaction.
//!
//! Two points, one for what was written to the ledger, one for customers that were counted; each takes everything of
//! a batch at once and writes differences. What a rollup is, is said by the functions of migration 0015.

use domain::ids::LedgerRowId;
use domain::tenant::Tenant;
use uuid::Uuid;

use crate::StoreError;
use crate::applying::Batch;

/// Payments that became, and that ceased to be, a customer's first.
#[derive(Default)]
struct Firsts {
    now: Vec<String>,
    no_longer: Vec<String>,
}

impl Batch {
    /// Takes rows that were appended to the ledger, and rows that count no longer, into the rollups.
    pub async fn rollups_follow_rows(
        &mut self,
        written: &[LedgerRowId],
        superseded: &[LedgerRowId],
    ) -> Result<(), StoreError> {
        let written: Vec<Uuid> = written.iter().map(|row| row.0).collect();
        let superseded: Vec<Uuid> = superseded.iter().map(|row| row.0).collect();
        let timezone = self.rollups_touch().await?;
        let firsts =
            self.first_payments_follow(&[written.clone(), superseded.clone()].concat(), &timezone).await?;
        self.revenue_days_follow(&written, &superseded, &firsts, &timezone).await
    }

    /// Takes what customers' movements and versions are now into the rollups.
    pub async fn rollups_follow_customers(&mut self, customers: &[String]) -> Result<(), StoreError> {
        let timezone = self.rollups_touch().await?;
        sqlx::query!(
            r#"with fresh as materialized (
                select * from counted_subscriber_days($1, $2, $3)
            ), stood as materialized (
                select * from subscriber_days where tenant_id = $1 and customer_id = any($2)
            ), gone as (
                delete from subscriber_days d
                using (select customer_id, day from stood except select customer_id, day from fresh) g
                where d.tenant_id = $1 and d.customer_id = g.customer_id and d.day = g.day
            ), kept as (
                insert into subscriber_days select * from (select * from fresh except select * from stood) as changed
                on conflict (tenant_id, customer_id, day) do update set new_minor = excluded.new_minor,
                    reactivation_minor = excluded.reactivation_minor, expansion_minor = excluded.expansion_minor,
                    contraction_minor = excluded.contraction_minor, churn_minor = excluded.churn_minor,
                    fx_minor = excluded.fx_minor, joined = excluded.joined, returned = excluded.returned,
                    churned = excluded.churned, was_there = excluded.was_there, payers = excluded.payers,
                    mrr_minor = excluded.mrr_minor, committed_minor = excluded.committed_minor,
                    past_due_minor = excluded.past_due_minor, trial_minor = excluded.trial_minor,
                    paused_minor = excluded.paused_minor, customers = excluded.customers,
                    subscriptions = excluded.subscriptions, untold = excluded.untold
            ), signed as (
                select 1 as sign, * from fresh union all select -1, * from stood
            )
            insert into mrr_days as d
            select $1, day, sum(sign * new_minor), sum(sign * reactivation_minor), sum(sign * expansion_minor),
                sum(sign * contraction_minor), sum(sign * churn_minor), sum(sign * fx_minor), sum(sign * joined),
                sum(sign * returned), sum(sign * churned), sum(sign * payers), sum(sign * mrr_minor),
                sum(sign * committed_minor), sum(sign * past_due_minor), sum(sign * trial_minor),
                sum(sign * paused_minor), sum(sign * customers), sum(sign * subscriptions), sum(sign * untold)
            from signed group by day
            on conflict (tenant_id, day) do update set new_minor = d.new_minor + excluded.new_minor,
                reactivation_minor = d.reactivation_minor + excluded.reactivation_minor,
                expansion_minor = d.expansion_minor + excluded.expansion_minor,
                contraction_minor = d.contraction_minor + excluded.contraction_minor,
                churn_minor = d.churn_minor + excluded.churn_minor, fx_minor = d.fx_minor + excluded.fx_minor,
                joined = d.joined + excluded.joined, returned = d.returned + excluded.returned,
                churned = d.churned + excluded.churned, payers = d.payers + excluded.payers,
                mrr_minor = d.mrr_minor + excluded.mrr_minor,
                committed_minor = d.committed_minor + excluded.committed_minor,
                past_due_minor = d.past_due_minor + excluded.past_due_minor,
                trial_minor = d.trial_minor + excluded.trial_minor, paused_minor = d.paused_minor + excluded.paused_minor,
                customers = d.customers + excluded.customers, subscriptions = d.subscriptions + excluded.subscriptions,
                untold = d.untold + excluded.untold"#,
            self.tenant.0,
            customers,
            timezone,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Makes all of the tenant's rollups again, by the days of its timezone.
    pub async fn rollups_make(&mut self, tenant: &Tenant) -> Result<(), StoreError> {
        sqlx::query!(r#"select make_rollups($1, $2)::text as done"#, self.tenant.0, tenant.timezone_name())
            .fetch_one(self.work.connection())
            .await?;
        Ok(())
    }

    /// Whether the rollups' days begin elsewhere than the tenant's.
    pub async fn rollups_are_of_another_timezone(&mut self, tenant: &Tenant) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from rollups where tenant_id = $1 and timezone <> $2) as "is_other!""#,
            self.tenant.0,
            tenant.timezone_name(),
        )
        .fetch_one(self.work.connection())
        .await?)
    }

    /// Says that the rollups change, and where their days begin.
    async fn rollups_touch(&mut self) -> Result<String, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"insert into rollups as r (tenant_id, timezone, revision) select id, timezone, 1 from tenants where id = $1
            on conflict (tenant_id) do update set revision = r.revision + 1
            returning r.timezone"#,
            self.tenant.0,
        )
        .fetch_one(self.work.connection())
        .await?)
    }

    /// Finds the first payments of the customers of these rows again, and moves customers to the day and channel where
    /// they are new.
    async fn first_payments_follow(&mut self, rows: &[Uuid], timezone: &str) -> Result<Firsts, StoreError> {
        let changes = sqlx::query!(
            r#"with touched as materialized (
                select distinct coalesce(r.stripe_customer_id, r.customer_email, r.payment_name) as customer
                from revenue_events r where r.tenant_id = $1 and r.id = any($2) and r.event_type = 'payment'
            ), found as materialized (
                select t.customer, p.* from touched t cross join lateral (
                    select r.payment_name, r.stripe_created_at as occurred_at, r.attribution_channel as channel
                    from revenue_events r
                    where r.tenant_id = $1 and r.event_type = 'payment'
                      and coalesce(r.stripe_customer_id, r.customer_email, r.payment_name) = t.customer
                      and not exists (select from revenue_event_supersessions s
                                      where s.tenant_id = $1 and s.superseded_id = r.id)
                    order by r.stripe_created_at, r.money_key limit 1) p
            ), stood as materialized (
                select f.customer, f.payment_name, f.occurred_at, f.channel
                from first_payments f join touched using (customer) where f.tenant_id = $1
            ), gone as (
                delete from first_payments f using (select customer from stood except select customer from found) g
                where f.tenant_id = $1 and f.customer = g.customer
            ), kept as (
                insert into first_payments
                select $1, changed.* from (select * from found except select * from stood) as changed
                on conflict (tenant_id, customer) do update set payment_name = excluded.payment_name,
                    occurred_at = excluded.occurred_at, channel = excluded.channel
            ), counted as (
                insert into new_customers_days as d
                select $1, (occurred_at at time zone $3)::date, channel, sum(sign)
                from (select 1 as sign, * from found union all select -1, * from stood) as signed
                group by 2, 3 having sum(sign) <> 0
                on conflict (tenant_id, day, channel) do update set customers = d.customers + excluded.customers
            )
            (select payment_name as "payment_name!", true as "is_first!" from found
                except all select payment_name, true from stood)
            union all
            (select payment_name, false from stood except all select payment_name, false from found)"#,
            self.tenant.0,
            rows,
            timezone,
        )
        .fetch_all(self.work.connection())
        .await?;
        let mut firsts = Firsts::default();
        for change in changes {
            let names = if change.is_first { &mut firsts.now } else { &mut firsts.no_longer };
            names.push(change.payment_name);
        }
        Ok(firsts)
    }

    /// Adds what rows say and takes away what superseded rows said; rows of payments that became or ceased to be a
    /// customer's first move from one class to another.
    async fn revenue_days_follow(
        &mut self,
        written: &[Uuid],
        superseded: &[Uuid],
        firsts: &Firsts,
        timezone: &str,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"with signed as (
                select 1 as sign, r.id, exists (
                    select from first_payments f where f.tenant_id = $1 and f.payment_name = r.payment_name) as is_first
                from revenue_events r where r.tenant_id = $1 and r.id = any($2)
                union all
                select -1, r.id, r.payment_name = any($5) or (r.payment_name <> all($4) and exists (
                    select from first_payments f where f.tenant_id = $1 and f.payment_name = r.payment_name))
                from revenue_events r where r.tenant_id = $1 and r.id = any($3)
                union all
                select s.sign, r.id, (r.payment_name = any($4)) = (s.sign = 1)
                from revenue_events r cross join (values (1), (-1)) as s (sign)
                where r.tenant_id = $1 and r.payment_name = any($4 || $5) and r.is_recurring and r.id <> all($2)
                  and not exists (select from revenue_event_supersessions gone
                                  where gone.tenant_id = $1 and gone.superseded_id = r.id)
            ), moved as materialized (
                select s.sign, (r.stripe_created_at at time zone $6)::date as day, r.attribution_channel as channel,
                    r.product_name, r.product_category, r.currency, r.event_type as kind,
                    case when not r.is_recurring then 'one_time' when s.is_first then 'new' else 'recurring' end as class,
                    s.sign * r.amount_minor as amount, s.sign * r.base_amount_minor as base
                from signed s join revenue_events r on r.tenant_id = $1 and r.id = s.id
                where r.event_type not like 'subscription_%'
            ), sums as materialized (
                select day, channel, product_name, product_category,
                    coalesce(sum(base) filter (where kind = 'payment'), 0)::bigint as payment_minor,
                    coalesce(sum(sign) filter (where kind = 'payment'), 0) as payments,
                    coalesce(sum(base) filter (where kind = 'adjustment'), 0)::bigint as adjustment_minor,
                    coalesce(sum(base) filter (where kind in ('refund', 'refund_failed')), 0)::bigint as refund_minor,
                    coalesce(sum(base) filter (where kind in ('dispute', 'dispute_reversal')), 0)::bigint as dispute_minor,
                    coalesce(sum(base) filter (where class = 'new'), 0)::bigint as new_minor,
                    coalesce(sum(base) filter (where class = 'recurring'), 0)::bigint as recurring_minor,
                    coalesce(sum(base) filter (where class = 'one_time'), 0)::bigint as one_time_minor,
                    sum(sign) as row_count
                from moved where base is not null group by 1, 2, 3, 4
            ), unconverted as (
                insert into unconverted_days as d
                select $1, day, currency, sum(amount), sum(sign) from moved where base is null group by 2, 3
                on conflict (tenant_id, day, currency) do update set
                    amount_minor = d.amount_minor + excluded.amount_minor, row_count = d.row_count + excluded.row_count
            ), by_product as (
                insert into product_days as d
                select $1, day, product_name, product_category, sum(payment_minor), sum(payments), sum(adjustment_minor),
                    sum(refund_minor), sum(dispute_minor), sum(new_minor), sum(recurring_minor), sum(one_time_minor),
                    sum(row_count)
                from sums group by 2, 3, 4
                on conflict on constraint product_days_key do update set
                    payment_minor = d.payment_minor + excluded.payment_minor, payments = d.payments + excluded.payments,
                    adjustment_minor = d.adjustment_minor + excluded.adjustment_minor,
                    refund_minor = d.refund_minor + excluded.refund_minor,
                    dispute_minor = d.dispute_minor + excluded.dispute_minor,
                    new_minor = d.new_minor + excluded.new_minor,
                    recurring_minor = d.recurring_minor + excluded.recurring_minor,
                    one_time_minor = d.one_time_minor + excluded.one_time_minor,
                    row_count = d.row_count + excluded.row_count
            ), by_channel as (
                insert into channel_days as d
                select $1, day, channel, sum(payment_minor), sum(payments), sum(adjustment_minor),
                    sum(refund_minor), sum(dispute_minor), sum(new_minor), sum(recurring_minor), sum(one_time_minor),
                    sum(row_count)
                from sums group by 2, 3
                on conflict (tenant_id, day, channel) do update set
                    payment_minor = d.payment_minor + excluded.payment_minor, payments = d.payments + excluded.payments,
                    adjustment_minor = d.adjustment_minor + excluded.adjustment_minor,
                    refund_minor = d.refund_minor + excluded.refund_minor,
                    dispute_minor = d.dispute_minor + excluded.dispute_minor,
                    new_minor = d.new_minor + excluded.new_minor,
                    recurring_minor = d.recurring_minor + excluded.recurring_minor,
                    one_time_minor = d.one_time_minor + excluded.one_time_minor,
                    row_count = d.row_count + excluded.row_count
            )
            insert into revenue_days as d
            select $1, * from sums
            on conflict on constraint revenue_days_key do update set
                payment_minor = d.payment_minor + excluded.payment_minor, payments = d.payments + excluded.payments,
                adjustment_minor = d.adjustment_minor + excluded.adjustment_minor,
                refund_minor = d.refund_minor + excluded.refund_minor,
                dispute_minor = d.dispute_minor + excluded.dispute_minor,
                new_minor = d.new_minor + excluded.new_minor,
                recurring_minor = d.recurring_minor + excluded.recurring_minor,
                one_time_minor = d.one_time_minor + excluded.one_time_minor,
                row_count = d.row_count + excluded.row_count"#,
            self.tenant.0,
            written,
            superseded,
            &firsts.now,
            &firsts.no_longer,
            timezone,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }
}
