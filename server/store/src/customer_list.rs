//! Lists of paying customers, and what happened with one.

use domain::channel::ChannelSlug;
use domain::mrr::{MovementDetail, MovementKind};
use jiff::Timestamp;

use crate::StoreError;
use crate::database::instant;
use crate::subscriptions::{movement_detail, movement_kind};
use crate::text::anywhere;
use crate::work::TenantWork;

/// Which customers are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    /// Only this one.
    pub customer: Option<String>,
    /// Only those won by this channel.
    pub channel: Option<String>,
    /// Only those whose id or e-mail holds this.
    pub search: Option<String>,
}

/// Where a page of customers ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerPlace {
    /// When its last customer paid for the first time.
    pub first_paid_at: Timestamp,
    /// Who it is.
    pub customer: String,
}

/// A customer as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCustomer {
    /// Stripe's customer, else the e-mail, else the payment's own name.
    pub customer: String,
    /// Its e-mail.
    pub email: Option<String>,
    /// The channel that won it.
    pub channel: ChannelSlug,
    /// When it paid for the first time.
    pub first_paid_at: Timestamp,
    /// What recurs a month, in the tenant's currency.
    pub mrr: i64,
    /// What it has paid, refunds and disputes taken off, in the tenant's currency.
    pub lifetime_revenue: i64,
}

/// A change of what a customer pays a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerMovement {
    /// What kind of change.
    pub kind: MovementKind,
    /// What lies behind it, where the kind does not say.
    pub detail: Option<MovementDetail>,
    /// When.
    pub at: Timestamp,
    /// By how much, signed, in the tenant's currency.
    pub base_amount: i64,
}

impl TenantWork {
    /// A page of customers, the newest first, after the place where the page before ended.
    pub async fn customers_page(
        &mut self,
        filter: &CustomerFilter,
        after: Option<&CustomerPlace>,
        at_most: i64,
    ) -> Result<Vec<ListedCustomer>, StoreError> {
        let rows = sqlx::query!(
            r#"with page as (
                select f.customer, f.channel, f.occurred_at, f.payment_name, c.email
                from first_payments f
                left join stripe_customers c on c.tenant_id = $1 and c.customer_id = f.customer
                where f.tenant_id = $1
                  and ($2::text is null or f.customer = $2)
                  and ($3::text is null or f.channel = $3)
                  and ($4::text is null or concat_ws(' ', f.customer, c.email) ilike $4)
                  and ($5::timestamptz is null or (f.occurred_at, f.customer) < ($5, $6))
                order by f.occurred_at desc, f.customer desc limit $7
            )
            select p.customer as "customer!", p.channel as "channel!", p.occurred_at as "first_paid_at!: jiff_sqlx::Timestamp",
                coalesce(p.email, (select max(r.customer_email) from revenue_events r
                    where r.tenant_id = $1 and r.payment_name = p.payment_name)) as email,
                coalesce((select sum(d.mrr_minor) from subscriber_days d
                    where d.tenant_id = $1 and d.customer_id = p.customer), 0)::bigint as "mrr!",
                coalesce((select sum(r.base_amount_minor) from revenue_events_current r
                    where r.tenant_id = $1 and r.payment_name in (select paid.payment_name from revenue_events paid
                        where paid.tenant_id = $1 and paid.event_type = 'payment'
                          and coalesce(paid.stripe_customer_id, paid.customer_email, paid.payment_name) = p.customer)),
                    0)::bigint as "lifetime!"
            from page p order by p.occurred_at desc, p.customer desc"#,
            self.tenant.0,
            filter.customer,
            filter.channel,
            filter.search.as_deref().map(anywhere),
            after.map(|place| instant(place.first_paid_at)) as _,
            after.map(|place| &place.customer),
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        let listed = rows.into_iter().map(|row| ListedCustomer {
            customer: row.customer,
            email: row.email,
            channel: ChannelSlug::stored(row.channel),
            first_paid_at: row.first_paid_at.into(),
            mrr: row.mrr,
            lifetime_revenue: row.lifetime,
        });
        Ok(listed.collect())
    }

    /// How many customers a filter finds.
    pub async fn customers_counted(&mut self, filter: &CustomerFilter) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "customers!" from first_payments f
            left join stripe_customers c on c.tenant_id = $1 and c.customer_id = f.customer
            where f.tenant_id = $1
              and ($2::text is null or f.customer = $2)
              and ($3::text is null or f.channel = $3)
              and ($4::text is null or concat_ws(' ', f.customer, c.email) ilike $4)"#,
            self.tenant.0,
            filter.customer,
            filter.channel,
            filter.search.as_deref().map(anywhere),
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// Every change of what a customer pays a month, the first ones first.
    pub async fn movements_of_customer(
        &mut self,
        customer: &str,
    ) -> Result<Vec<CustomerMovement>, StoreError> {
        let rows = sqlx::query!(
            r#"select kind as "kind!", detail, effective_at as "at!: jiff_sqlx::Timestamp",
                base_amount_minor as "amount!"
            from mrr_movements_current where tenant_id = $1 and customer_id = $2 order by effective_at, seq"#,
            self.tenant.0,
            customer,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(CustomerMovement {
                    kind: movement_kind(&row.kind)?,
                    detail: row.detail.as_deref().map(movement_detail).transpose()?,
                    at: row.at.into(),
                    base_amount: row.amount,
                })
            })
            .collect()
    }
}
