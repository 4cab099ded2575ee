//! What people said payments and customers are to be credited to.

use domain::attribution::{Clue, Override, OverrideTarget};
use domain::channel::ChannelSlug;
use domain::ids::LedgerRowId;
use domain::money::Money;
use domain::restatement::Trigger;
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::applying::{Batch, currency};
use crate::database::instant;
use crate::work::TenantWork;

/// A payment as far as it matters to who says what it is to be credited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credited {
    /// A row of it.
    pub row: LedgerRowId,
    /// Its name.
    pub payment: String,
    /// The Stripe customer.
    pub customer: Option<String>,
    /// The payer's e-mail.
    pub email: Option<String>,
    /// What is credited.
    pub channel: ChannelSlug,
    /// How much moved.
    pub money: Money,
    /// What was sold.
    pub product: Option<String>,
    /// When.
    pub at: Timestamp,
}

struct OverrideRow {
    id: Uuid,
    payment_name: Option<String>,
    customer_id: Option<String>,
    channel: String,
    reason: String,
    made_by: String,
    made_at: jiff_sqlx::Timestamp,
}

impl OverrideRow {
    fn read(self) -> Result<Override, StoreError> {
        let target = match (self.payment_name, self.customer_id) {
            (Some(name), None) => OverrideTarget::Payment(name),
            (None, Some(id)) => OverrideTarget::Customer(id),
            _ => return Err(StoreError::unreadable("what an override is about", self.id)),
        };
        Ok(Override {
            id: self.id,
            target,
            channel: ChannelSlug::stored(self.channel),
            reason: self.reason,
            made_by: self.made_by,
            made_at: self.made_at.into(),
        })
    }
}

/// The two columns a target is kept in.
fn columns(target: &OverrideTarget) -> (Option<&str>, Option<&str>) {
    match target {
        OverrideTarget::Payment(name) => (Some(name), None),
        OverrideTarget::Customer(id) => (None, Some(id)),
    }
}

fn clue(target: &OverrideTarget) -> Clue {
    match target {
        OverrideTarget::Payment(name) => Clue::Payment(name.clone()),
        OverrideTarget::Customer(id) => Clue::Customer(id.clone()),
    }
}

impl TenantWork {
    /// The override that counts for a target.
    pub async fn override_of(&mut self, target: &OverrideTarget) -> Result<Option<Override>, StoreError> {
        let (payment, customer) = columns(target);
        sqlx::query_as!(
            OverrideRow,
            r#"select id, payment_name, customer_id, channel, reason, made_by, made_at as "made_at: jiff_sqlx::Timestamp"
            from attribution_overrides
            where tenant_id = $1 and ended_at is null and (payment_name = $2 or customer_id = $3)"#,
            self.tenant.0,
            payment,
            customer,
        )
        .fetch_optional(self.connection())
        .await?
        .map(OverrideRow::read)
        .transpose()
    }

    /// The override with this id, while it counts.
    pub async fn override_said(&mut self, id: Uuid) -> Result<Option<Override>, StoreError> {
        sqlx::query_as!(
            OverrideRow,
            r#"select id, payment_name, customer_id, channel, reason, made_by, made_at as "made_at: jiff_sqlx::Timestamp"
            from attribution_overrides where tenant_id = $1 and id = $2 and ended_at is null"#,
            self.tenant.0,
            id,
        )
        .fetch_optional(self.connection())
        .await?
        .map(OverrideRow::read)
        .transpose()
    }

    /// The overrides that count for a payment, by any name of it, or for a customer.
    pub async fn overrides_about(
        &mut self,
        payment: Option<&str>,
        customer: Option<&str>,
    ) -> Result<Vec<Override>, StoreError> {
        sqlx::query_as!(
            OverrideRow,
            r#"select id, payment_name, customer_id, channel, reason, made_by, made_at as "made_at: jiff_sqlx::Timestamp"
            from attribution_overrides
            where tenant_id = $1 and ended_at is null and (customer_id = $3 or payment_name = $2 or payment_name in (
                select other.name from payment_names own
                join payment_names other on other.tenant_id = own.tenant_id and other.payment_id = own.payment_id
                where own.tenant_id = $1 and own.name = $2))
            order by payment_name nulls last, made_at desc, id"#,
            self.tenant.0,
            payment,
            customer,
        )
        .fetch_all(self.connection())
        .await?
        .into_iter()
        .map(OverrideRow::read)
        .collect()
    }

    /// Says what a payment or a customer is to be credited to, in place of what was said before. `false` when
    /// somebody else has just said something.
    pub async fn override_insert(&mut self, said: &Override) -> Result<bool, StoreError> {
        let (payment, customer) = columns(&said.target);
        sqlx::query!(
            r#"update attribution_overrides set ended_by = $4, ended_at = $5
            where tenant_id = $1 and ended_at is null and (payment_name = $2 or customer_id = $3)"#,
            self.tenant.0,
            payment,
            customer,
            said.made_by,
            instant(said.made_at) as _,
        )
        .execute(self.connection())
        .await?;
        let inserted = sqlx::query!(
            r#"insert into attribution_overrides
                (tenant_id, id, payment_name, customer_id, channel, reason, made_by, made_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing"#,
            self.tenant.0,
            said.id,
            payment,
            customer,
            said.channel.as_str(),
            said.reason,
            said.made_by,
            instant(said.made_at) as _,
        )
        .execute(self.connection())
        .await?;
        if inserted.rows_affected() == 0 {
            return Ok(false);
        }
        self.override_changed(said).await?;
        Ok(true)
    }

    /// Takes an override back; `None` when none with this id counts.
    pub async fn override_end(
        &mut self,
        id: Uuid,
        by: &str,
        now: Timestamp,
    ) -> Result<Option<Override>, StoreError> {
        let row = sqlx::query_as!(
            OverrideRow,
            r#"update attribution_overrides set ended_by = $3, ended_at = $4
            where tenant_id = $1 and id = $2 and ended_at is null
            returning id, payment_name, customer_id, channel, reason, made_by, made_at as "made_at: jiff_sqlx::Timestamp""#,
            self.tenant.0,
            id,
            by,
            instant(now) as _,
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(said) = row.map(OverrideRow::read).transpose()? else { return Ok(None) };
        self.override_changed(&said).await?;
        Ok(Some(said))
    }

    async fn override_changed(&mut self, said: &Override) -> Result<(), StoreError> {
        let trigger = Trigger::Override(said.id.to_string());
        self.changes_insert(&[(clue(&said.target), trigger)]).await
    }

    /// The payment a row of the ledger belongs to, by name.
    pub async fn payment_of_row(&mut self, row: LedgerRowId) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select payment_name from revenue_events where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            row.0,
        )
        .fetch_optional(self.connection())
        .await?)
    }

    /// What counts now of the money of a row of the ledger; of a customer's newest payment, when one is given instead.
    pub async fn credited(
        &mut self,
        row: Option<LedgerRowId>,
        customer: Option<&str>,
    ) -> Result<Option<Credited>, StoreError> {
        let found = sqlx::query!(
            r#"select id as "id!", payment_name as "payment_name!", stripe_customer_id, customer_email,
                attribution_channel as "attribution_channel!", amount_minor as "amount_minor!", currency as "currency!",
                product_name, stripe_created_at as "stripe_created_at!: jiff_sqlx::Timestamp"
            from revenue_events_current
            where tenant_id = $1 and (money_key = (select money_key from revenue_events where tenant_id = $1 and id = $2)
                or (coalesce(stripe_customer_id, customer_email, payment_name) = $3 and event_type = 'payment'))
            order by stripe_created_at desc, id limit 1"#,
            self.tenant.0,
            row.map(|row| row.0),
            customer,
        )
        .fetch_optional(self.connection())
        .await?;
        let read = found.map(|row| {
            Ok::<_, StoreError>(Credited {
                row: LedgerRowId(row.id),
                payment: row.payment_name,
                customer: row.stripe_customer_id,
                email: row.customer_email,
                channel: ChannelSlug::stored(row.attribution_channel),
                money: Money { minor: row.amount_minor, currency: currency(&row.currency)? },
                product: row.product_name,
                at: row.stripe_created_at.into(),
            })
        });
        read.transpose()
    }

    /// Whether an event has told of a Stripe customer.
    pub async fn is_customer_known(&mut self, customer: &str) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from stripe_customers where tenant_id = $1 and customer_id = $2)
                or exists (select from attribution_clues where tenant_id = $1 and clue = $3) as "is_known!""#,
            self.tenant.0,
            customer,
            Clue::Customer(customer.to_owned()).to_string(),
        )
        .fetch_one(self.connection())
        .await?)
    }
}

impl Batch {
    /// The overrides that count for payments with these names, or for these customers.
    pub async fn overrides_of(
        &mut self,
        names: &[String],
        customers: &[String],
    ) -> Result<Vec<Override>, StoreError> {
        sqlx::query_as!(
            OverrideRow,
            r#"select id, payment_name, customer_id, channel, reason, made_by, made_at as "made_at: jiff_sqlx::Timestamp"
            from attribution_overrides
            where tenant_id = $1 and ended_at is null and (payment_name = any($2) or customer_id = any($3))"#,
            self.tenant.0,
            names,
            customers,
        )
        .fetch_all(self.work.connection())
        .await?
        .into_iter()
        .map(OverrideRow::read)
        .collect()
    }
}
