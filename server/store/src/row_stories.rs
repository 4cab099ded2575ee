//! How rows of the ledger came to be: the channels they could be credited to, the events that tell of them, and
//! what stood in their place before.

use domain::attribution::Candidate;
use domain::channel::ChannelSlug;
use domain::ids::{EventId, LedgerRowId};
use domain::ledger::StripeLinks;
use domain::money::Money;
use domain::revision::Version;
use jiff::Timestamp;
use uuid::Uuid;

use crate::applying::{currency, event_id};
use crate::{Snapshot, StoreError};

/// An event that tells of a row's payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceEvent {
    /// The row.
    pub row: LedgerRowId,
    /// The event.
    pub event: EventId,
    /// Stripe's type of it.
    pub event_type: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
}

/// A row that no longer counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierRow {
    /// The row that counts now.
    pub row: LedgerRowId,
    /// The one that does not.
    pub id: LedgerRowId,
    /// Its version.
    pub version: i32,
    /// What it said.
    pub said: Version,
    /// When it was written.
    pub written_at: Timestamp,
    /// When it stopped counting.
    pub superseded_at: Option<Timestamp>,
    /// What took its place.
    pub successor: Option<LedgerRowId>,
}

impl Snapshot {
    /// The channels these rows could be credited to, the chosen first.
    pub async fn row_evidence(
        &mut self,
        rows: &[LedgerRowId],
    ) -> Result<Vec<(LedgerRowId, Candidate)>, StoreError> {
        let evidence = self.work.evidence(rows).await?;
        let of_row =
            |(row, found): (LedgerRowId, Vec<Candidate>)| found.into_iter().map(move |one| (row, one));
        Ok(evidence.into_iter().flat_map(of_row).collect())
    }

    /// The events that tell of these rows' payments, in the order they came.
    pub async fn row_sources(&mut self, rows: &[LedgerRowId]) -> Result<Vec<SourceEvent>, StoreError> {
        let tenant = self.tenant().id.0;
        let found = sqlx::query!(
            r#"select told.row_id as "row_id!", e.stripe_event_id, e.event_type,
                e.received_at as "received_at: jiff_sqlx::Timestamp"
            from (
                select r.id as row_id, f.stripe_event_id
                from revenue_events r
                join payment_names n on n.tenant_id = r.tenant_id
                    and n.name in (r.payment_name, r.stripe_invoice_id, r.stripe_charge_id, r.stripe_payment_intent_id)
                join payment_facts f on f.tenant_id = n.tenant_id and f.payment_id = n.payment_id
                where r.tenant_id = $1 and r.id = any($2)
                union
                select r.id, r.stripe_event_id from revenue_events r where r.tenant_id = $1 and r.id = any($2)
            ) told
            join stripe_events e on e.tenant_id = $1 and e.stripe_event_id = told.stripe_event_id
            order by told.row_id, e.seq"#,
            tenant,
            &ids(rows),
        )
        .fetch_all(self.connection())
        .await?;
        found
            .into_iter()
            .map(|row| {
                Ok(SourceEvent {
                    row: LedgerRowId(row.row_id),
                    event: event_id(row.stripe_event_id)?,
                    event_type: row.event_type,
                    received_at: row.received_at.into(),
                })
            })
            .collect()
    }

    /// What stood in the place of these rows before, the newest first.
    pub async fn rows_before(&mut self, rows: &[LedgerRowId]) -> Result<Vec<EarlierRow>, StoreError> {
        let tenant = self.tenant().id.0;
        let found = sqlx::query_as!(
            EarlierLedgerRow,
            r#"with recursive earlier (root, id) as (
                select r.id, p.id from revenue_events r
                join revenue_events p on p.tenant_id = r.tenant_id and p.money_key = r.money_key and p.version < r.version
                where r.tenant_id = $1 and r.id = any($2)
                union
                select s.successor_id, s.superseded_id from revenue_event_supersessions s
                where s.tenant_id = $1 and s.successor_id = any($2)
                union
                select e.root, s.superseded_id from earlier e
                join revenue_event_supersessions s on s.tenant_id = $1 and s.successor_id = e.id
            )
            select e.root as "root!", r.id as "id!", r.money_key as "money_key!", r.version as "version!",
                r.amount_minor as "amount_minor!", r.currency as "currency!", r.base_amount_minor, r.product_name,
                r.product_category, r.is_recurring as "is_recurring!", r.is_tie_presumed as "is_tie_presumed!",
                r.customer_email, r.attribution_channel as "attribution_channel!", r.stripe_event_id as "stripe_event_id!",
                r.stripe_customer_id, r.stripe_subscription_id, r.stripe_invoice_id, r.stripe_charge_id,
                r.stripe_payment_intent_id, r.stripe_checkout_session_id, r.stripe_refund_id, r.reason,
                r.stripe_created_at as "stripe_created_at!: jiff_sqlx::Timestamp",
                r.created_at as "created_at!: jiff_sqlx::Timestamp",
                s.created_at as "superseded_at?: jiff_sqlx::Timestamp", s.successor_id
            from earlier e
            join revenue_events r on r.tenant_id = $1 and r.id = e.id
            left join revenue_event_supersessions s on s.tenant_id = $1 and s.superseded_id = e.id
            order by e.root, r.seq desc"#,
            tenant,
            &ids(rows),
        )
        .fetch_all(self.connection())
        .await?;
        found.into_iter().map(EarlierLedgerRow::read).collect()
    }
}

fn ids(rows: &[LedgerRowId]) -> Vec<Uuid> {
    rows.iter().map(|row| row.0).collect()
}

struct EarlierLedgerRow {
    root: Uuid,
    id: Uuid,
    money_key: String,
    version: i32,
    amount_minor: i64,
    currency: String,
    base_amount_minor: Option<i64>,
    product_name: Option<String>,
    product_category: Option<String>,
    is_recurring: bool,
    is_tie_presumed: bool,
    customer_email: Option<String>,
    attribution_channel: String,
    stripe_event_id: String,
    stripe_customer_id: Option<String>,
    stripe_subscription_id: Option<String>,
    stripe_invoice_id: Option<String>,
    stripe_charge_id: Option<String>,
    stripe_payment_intent_id: Option<String>,
    stripe_checkout_session_id: Option<String>,
    stripe_refund_id: Option<String>,
    reason: Option<String>,
    stripe_created_at: jiff_sqlx::Timestamp,
    created_at: jiff_sqlx::Timestamp,
    superseded_at: Option<jiff_sqlx::Timestamp>,
    successor_id: Option<Uuid>,
}

impl EarlierLedgerRow {
    fn read(self) -> Result<EarlierRow, StoreError> {
        let said = Version {
            key: self.money_key,
            money: Money { minor: self.amount_minor, currency: currency(&self.currency)? },
            base_amount_minor: self.base_amount_minor,
            occurred_at: self.stripe_created_at.into(),
            product_name: self.product_name,
            product_category: self.product_category,
            customer_email: self.customer_email,
            channel: ChannelSlug::stored(self.attribution_channel),
            links: StripeLinks {
                customer: self.stripe_customer_id,
                subscription: self.stripe_subscription_id,
                invoice: self.stripe_invoice_id,
                charge: self.stripe_charge_id,
                payment_intent: self.stripe_payment_intent_id,
                checkout_session: self.stripe_checkout_session_id,
                refund: self.stripe_refund_id,
            },
            is_recurring: self.is_recurring,
            is_tie_presumed: self.is_tie_presumed,
            reason: self.reason,
            cause: self.stripe_event_id,
        };
        Ok(EarlierRow {
            row: LedgerRowId(self.root),
            id: LedgerRowId(self.id),
            version: self.version,
            said,
            written_at: self.created_at.into(),
            superseded_at: self.superseded_at.map(Into::into),
            successor: self.successor_id.map(LedgerRowId),
        })
    }
}
