//! Revenue no channel was found for, by who paid it.

use std::collections::BTreeMap;

use domain::ids::{LeadId, LedgerRowId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// Money of one customer, or of one payment without a customer, that no channel was found for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMoney {
    /// The Stripe customer, else the payment's name: what it is grouped by.
    pub payer: String,
    /// The Stripe customer.
    pub customer: Option<String>,
    /// The payer's e-mail.
    pub email: Option<String>,
    /// The row of the newest payment.
    pub row: LedgerRowId,
    /// How many payments.
    pub payments: i64,
    /// What they came to, less refunds and disputes, in the tenant's currency.
    pub base_minor: i64,
    /// How many rows of it no rate is known for.
    pub unconverted: i64,
    /// What was sold.
    pub products: Vec<String>,
    /// When money moved last.
    pub newest_at: Timestamp,
}

/// Where a page ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPlace {
    /// When money of its last payer moved last.
    pub newest_at: Timestamp,
    /// Who that is.
    pub payer: String,
}

/// Everything no channel was found for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnknownTotal {
    /// How many payers.
    pub payers: i64,
    /// What they paid, less refunds and disputes, in the tenant's currency.
    pub base_minor: i64,
}

impl TenantWork {
    /// A page of what no channel was found for, the newest first, after the place where the page before ended.
    pub async fn unknown_page(
        &mut self,
        after: Option<&UnknownPlace>,
        at_most: i64,
    ) -> Result<Vec<UnknownMoney>, StoreError> {
        let rows = sqlx::query!(
            r#"select coalesce(r.stripe_customer_id, r.payment_name) as "payer!", max(r.stripe_customer_id) as customer,
                max(r.customer_email) as email, count(*) filter (where r.event_type = 'payment') as "payments!",
                coalesce(sum(r.base_amount_minor), 0)::bigint as "base_minor!",
                count(*) filter (where r.base_amount_minor is null) as "unconverted!",
                array_remove(array_agg(distinct r.product_name), null) as "products!",
                max(r.stripe_created_at) as "newest_at!: jiff_sqlx::Timestamp",
                (array_agg(r.id order by r.stripe_created_at desc, r.id) filter (where r.event_type = 'payment'))[1] as "row!"
            from revenue_events_current r
            where r.tenant_id = $1 and r.attribution_channel = 'unknown' and r.amount_minor <> 0
            group by coalesce(r.stripe_customer_id, r.payment_name)
            having count(*) filter (where r.event_type = 'payment') > 0
               and ($2::timestamptz is null
                    or (max(r.stripe_created_at), coalesce(r.stripe_customer_id, r.payment_name)) < ($2, $3))
            order by max(r.stripe_created_at) desc, coalesce(r.stripe_customer_id, r.payment_name) desc limit $4"#,
            self.tenant.0,
            after.map(|place| instant(place.newest_at)) as _,
            after.map(|place| &place.payer),
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        let found = rows.into_iter().map(|row| UnknownMoney {
            payer: row.payer,
            customer: row.customer,
            email: row.email,
            row: LedgerRowId(row.row),
            payments: row.payments,
            base_minor: row.base_minor,
            unconverted: row.unconverted,
            products: row.products,
            newest_at: row.newest_at.into(),
        });
        Ok(found.collect())
    }

    /// How much no channel was found for.
    pub async fn unknown_total(&mut self) -> Result<UnknownTotal, StoreError> {
        let total = sqlx::query_as!(
            UnknownTotal,
            r#"select count(*) filter (where payments > 0) as "payers!",
                coalesce(sum(base_minor), 0)::bigint as "base_minor!"
            from (
                select count(*) filter (where event_type = 'payment') as payments,
                    coalesce(sum(base_amount_minor), 0) as base_minor
                from revenue_events_current
                where tenant_id = $1 and attribution_channel = 'unknown' and amount_minor <> 0
                group by coalesce(stripe_customer_id, payment_name)
            ) as payers"#,
            self.tenant.0,
        );
        Ok(total.fetch_one(self.connection()).await?)
    }

    /// What the sources of leads are called.
    pub async fn sources_of_leads(
        &mut self,
        leads: &[LeadId],
    ) -> Result<BTreeMap<LeadId, String>, StoreError> {
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.0).collect();
        let rows = sqlx::query!(
            r#"select id, source from leads where tenant_id = $1 and id = any($2)"#,
            self.tenant.0,
            &ids
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (LeadId(row.id), row.source)).collect())
    }
}
