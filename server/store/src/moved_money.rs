//! Money that moved with somebody, as histories show it.

use domain::ids::LeadId;
use domain::ledger::EntryKind;
use domain::money::{Currency, Money};
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::applying::{currency, entry_kind};
use crate::work::TenantWork;

/// A row of the ledger that moved money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedMoney {
    /// What moved.
    pub kind: EntryKind,
    /// How much.
    pub money: Money,
    /// Stripe's time of it.
    pub at: Timestamp,
    /// The payment it belongs to, by Stripe's name.
    pub payment: String,
    /// The lead who paid.
    pub lead: Option<LeadId>,
}

impl TenantWork {
    /// The newest money that moved with a lead.
    pub async fn money_of_lead(&mut self, lead: LeadId, at_most: i64) -> Result<Vec<MovedMoney>, StoreError> {
        let rows = sqlx::query_as!(
            MoneyRow,
            r#"select event_type as "kind!", amount_minor as "amount!", currency as "currency!",
                stripe_created_at as "at!: jiff_sqlx::Timestamp", payment_name as "payment!", lead_id
            from revenue_events_current
            where tenant_id = $1 and lead_id = $2 and amount_minor <> 0
            order by stripe_created_at desc, id limit $3"#,
            self.tenant.0,
            lead.0,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(MoneyRow::read).collect()
    }

    /// The newest money that moved with a customer.
    pub async fn money_of_customer(
        &mut self,
        customer: &str,
        at_most: i64,
    ) -> Result<Vec<MovedMoney>, StoreError> {
        let rows = sqlx::query_as!(
            MoneyRow,
            r#"select r.event_type as "kind!", r.amount_minor as "amount!", r.currency as "currency!",
                r.stripe_created_at as "at!: jiff_sqlx::Timestamp", r.payment_name as "payment!", r.lead_id
            from revenue_events_current r
            where r.tenant_id = $1 and r.amount_minor <> 0
              and r.payment_name in (select paid.payment_name from revenue_events paid
                where paid.tenant_id = $1 and paid.event_type = 'payment'
                  and coalesce(paid.stripe_customer_id, paid.customer_email, paid.payment_name) = $2)
            order by r.stripe_created_at desc, r.id limit $3"#,
            self.tenant.0,
            customer,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(MoneyRow::read).collect()
    }

    /// What a lead has paid, refunds and disputes taken off, by currency.
    pub async fn lifetime_revenue(&mut self, lead: LeadId) -> Result<Vec<(Currency, i64)>, StoreError> {
        let rows = sqlx::query!(
            r#"select currency as "currency!", sum(amount_minor)::bigint as "sum!" from revenue_events_current
            where tenant_id = $1 and lead_id = $2 and amount_minor <> 0 group by currency order by currency"#,
            self.tenant.0,
            lead.0,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(|row| Ok((currency(&row.currency)?, row.sum))).collect()
    }
}

struct MoneyRow {
    kind: String,
    amount: i64,
    currency: String,
    at: jiff_sqlx::Timestamp,
    payment: String,
    lead_id: Option<Uuid>,
}

impl MoneyRow {
    fn read(self) -> Result<MovedMoney, StoreError> {
        Ok(MovedMoney {
            kind: entry_kind(&self.kind)?,
            money: Money { minor: self.amount, currency: currency(&self.currency)? },
            at: self.at.into(),
            payment: self.payment,
            lead: self.lead_id.map(LeadId),
        })
    }
}
