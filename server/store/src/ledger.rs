//! Reading the ledger: the rows behind any figure.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use domain::channel::ChannelSlug;
use domain::ids::{EventId, LeadId, LedgerRowId};
use domain::ledger::{EntryKind, Lacking, StripeLinks};
use domain::money::{Currency, Money};
use domain::period::DateRange;
use domain::revenue::{Class, DailySum, Moved, Unconverted};
use jiff::Timestamp;
use uuid::Uuid;

use crate::applying::{currency, entry_kind, event_id};
use crate::database::instant;
use crate::{Snapshot, StoreError};

/// Which rows are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFilter {
    /// The days, in the tenant's timezone.
    pub range: DateRange,
    /// Only those credited to this channel.
    pub channel: Option<ChannelSlug>,
    /// Only those of these kinds; empty for all.
    pub kinds: Vec<EntryKind>,
    /// Only those of this product.
    pub product: Option<String>,
    /// Only those of a product of this category.
    pub category: Option<String>,
    /// Only those of payments of this class.
    pub class: Option<Class>,
    /// Only those in this currency.
    pub currency: Option<Currency>,
    /// Only those that lack something.
    pub without: Lacking,
    /// Only those that one of Stripe's objects or events with this id belongs to.
    pub stripe_id: Option<String>,
    /// Only those whose invoice and charge are presumed to be one.
    pub is_tie_presumed: bool,
    /// As they were known at this moment; now where there is none.
    pub known_at: Option<Timestamp>,
}

impl RowFilter {
    fn kind_words(&self) -> Option<Vec<String>> {
        let words: Vec<String> = self.kinds.iter().map(|kind| kind.word().to_owned()).collect();
        (!words.is_empty()).then_some(words)
    }
}

/// Where a page of rows ended: rows are listed newest first by time and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The last row's time.
    pub occurred_at: Timestamp,
    /// The last row's id.
    pub id: LedgerRowId,
}

/// A row as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownRow {
    /// Its id.
    pub id: LedgerRowId,
    /// The money's own key.
    pub key: String,
    /// Which version of its money's row it is.
    pub version: i32,
    /// What kind of movement.
    pub kind: EntryKind,
    /// How much.
    pub money: Money,
    /// The same in the tenant's currency.
    pub base_amount_minor: Option<i64>,
    /// Stripe's time of it.
    pub occurred_at: Timestamp,
    /// When the row was written.
    pub written_at: Timestamp,
    /// What was sold.
    pub product_name: Option<String>,
    /// Its category.
    pub product_category: Option<String>,
    /// Whether only some of the invoice's lines were told.
    pub is_product_partial: bool,
    /// Whether it is for a subscription.
    pub is_recurring: bool,
    /// Whether its invoice and charge are presumed to be one.
    pub is_tie_presumed: bool,
    /// Who paid.
    pub customer_email: Option<String>,
    /// The lead who paid.
    pub lead: Option<LeadId>,
    /// By how much it moved monthly recurring revenue, in the currency of its money.
    pub mrr_impact_minor: i64,
    /// The channel credited.
    pub channel: ChannelSlug,
    /// Stripe's objects.
    pub links: StripeLinks,
    /// The event that tells of it.
    pub cause: EventId,
    /// Whether that tells of live money, when it says.
    pub livemode: Option<bool>,
    /// Stripe's word for why the money went back.
    pub reason: Option<String>,
}

/// What a filter's rows come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowTotals {
    /// How many.
    pub rows: i64,
    /// Their sum in the tenant's currency.
    pub sum: i64,
    /// What no rate could convert, by currency.
    pub unconverted: Vec<Unconverted>,
}

impl Snapshot {
    /// What a filter's rows come to.
    pub async fn row_totals(&mut self, filter: &RowFilter) -> Result<RowTotals, StoreError> {
        let (tenant, (start, end)) = (self.tenant().id.0, self.instants(filter.range));
        let kinds = filter.kind_words();
        let rows = sqlx::query!(
            r#"select r.currency as "currency!", count(*) as "rows!", coalesce(sum(r.base_amount_minor), 0)::bigint as "sum!",
                count(*) filter (where r.base_amount_minor is null) as "unconverted_rows!",
                coalesce(sum(r.amount_minor) filter (where r.base_amount_minor is null), 0)::bigint as "unconverted!"
            from ledger_rows($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) r
            group by r.currency order by r.currency"#,
            tenant,
            instant(start) as _,
            instant(end) as _,
            filter.channel.as_ref().map(ChannelSlug::as_str),
            kinds.as_deref() as Option<&[String]>,
            filter.product.as_deref(),
            filter.category.as_deref(),
            filter.class.map(Class::word),
            filter.currency.map(|currency| currency.to_string()),
            filter.without.product,
            filter.without.category,
            filter.without.rate,
            filter.stripe_id.as_deref(),
            filter.is_tie_presumed,
            filter.known_at.map(instant) as _,
        )
        .fetch_all(self.connection())
        .await?;
        let mut totals = RowTotals::default();
        for row in rows {
            totals.rows += row.rows;
            totals.sum += row.sum;
            if row.unconverted_rows > 0 {
                let (currency, amount) = (currency(&row.currency)?, row.unconverted);
                totals.unconverted.push(Unconverted { currency, amount, rows: row.unconverted_rows });
            }
        }
        Ok(totals)
    }

    /// What a filter's converted rows come to day by day, in their finest parts.
    pub async fn rows_by_day(&mut self, filter: &RowFilter) -> Result<Vec<DailySum>, StoreError> {
        let (tenant, (start, end)) = (self.tenant().id.0, self.instants(filter.range));
        let kinds = filter.kind_words();
        let zone = self.tenant().timezone_name().to_owned();
        let rows = sqlx::query!(
            r#"select (r.stripe_created_at at time zone $16)::date as "day!: jiff_sqlx::Date",
                r.attribution_channel as "channel!", r.product_name, r.product_category, r.event_type as "kind!",
                r.is_recurring as "is_recurring!", exists (
                    select from first_payments f where f.tenant_id = $1 and f.payment_name = r.payment_name) as "is_first!",
                sum(r.base_amount_minor)::bigint as "amount!", count(*) as "rows!"
            from ledger_rows($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) r
            where r.base_amount_minor is not null
            group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7"#,
            tenant,
            instant(start) as _,
            instant(end) as _,
            filter.channel.as_ref().map(ChannelSlug::as_str),
            kinds.as_deref() as Option<&[String]>,
            filter.product.as_deref(),
            filter.category.as_deref(),
            filter.class.map(Class::word),
            filter.currency.map(|currency| currency.to_string()),
            filter.without.product,
            filter.without.category,
            filter.without.rate,
            filter.stripe_id.as_deref(),
            filter.is_tie_presumed,
            filter.known_at.map(instant) as _,
            zone,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let class = match (row.is_recurring, row.is_first) {
                    (false, _) => Class::OneTime,
                    (true, true) => Class::New,
                    (true, false) => Class::Recurring,
                };
                Ok(DailySum {
                    day: row.day.to_jiff(),
                    channel: ChannelSlug::stored(row.channel),
                    product_name: row.product_name,
                    product_category: row.product_category,
                    moved: Moved::of(entry_kind(&row.kind)?, class, row.amount, row.rows),
                })
            })
            .collect()
    }

    /// A page of rows, newest first, after the place where the page before ended.
    pub async fn rows_page(
        &mut self,
        filter: &RowFilter,
        after: Option<Place>,
        at_most: i64,
    ) -> Result<Vec<ShownRow>, StoreError> {
        let (tenant, (start, end)) = (self.tenant().id.0, self.instants(filter.range));
        let kinds = filter.kind_words();
        let rows = sqlx::query_as!(
            ShownLedgerRow,
            r#"select r.id as "id!", r.money_key as "money_key!", r.version as "version!", r.event_type as "event_type!",
                r.amount_minor as "amount_minor!", r.currency as "currency!", r.base_amount_minor, r.product_name,
                r.product_category, r.is_recurring as "is_recurring!", r.is_tie_presumed as "is_tie_presumed!",
                r.customer_email, r.lead_id, r.attribution_channel as "attribution_channel!",
                r.stripe_event_id as "stripe_event_id!", r.stripe_customer_id, r.stripe_subscription_id,
                r.stripe_invoice_id, r.stripe_charge_id, r.stripe_payment_intent_id, r.stripe_checkout_session_id,
                r.stripe_refund_id, r.mrr_impact_minor as "mrr_impact_minor!",
                r.stripe_created_at as "stripe_created_at!: jiff_sqlx::Timestamp", r.created_at as "created_at!: jiff_sqlx::Timestamp", e.livemode,
                r.reason, r.is_product_partial as "is_product_partial!"
            from ledger_rows($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) r
            join stripe_events e on e.tenant_id = r.tenant_id and e.stripe_event_id = r.stripe_event_id
            where $16::timestamptz is null or (r.stripe_created_at, r.id) < ($16, $17)
            order by r.stripe_created_at desc, r.id desc
            limit $18"#,
            tenant,
            instant(start) as _,
            instant(end) as _,
            filter.channel.as_ref().map(ChannelSlug::as_str),
            kinds.as_deref() as Option<&[String]>,
            filter.product.as_deref(),
            filter.category.as_deref(),
            filter.class.map(Class::word),
            filter.currency.map(|currency| currency.to_string()),
            filter.without.product,
            filter.without.category,
            filter.without.rate,
            filter.stripe_id.as_deref(),
            filter.is_tie_presumed,
            filter.known_at.map(instant) as _,
            after.map(|place| instant(place.occurred_at)) as _,
            after.map(|place| place.id.0),
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ShownLedgerRow::read).collect()
    }
}

struct ShownLedgerRow {
    id: Uuid,
    money_key: String,
    version: i32,
    event_type: String,
    amount_minor: i64,
    currency: String,
    base_amount_minor: Option<i64>,
    product_name: Option<String>,
    product_category: Option<String>,
    is_recurring: bool,
    is_tie_presumed: bool,
    customer_email: Option<String>,
    lead_id: Option<Uuid>,
    attribution_channel: String,
    stripe_event_id: String,
    stripe_customer_id: Option<String>,
    stripe_subscription_id: Option<String>,
    stripe_invoice_id: Option<String>,
    stripe_charge_id: Option<String>,
    stripe_payment_intent_id: Option<String>,
    stripe_checkout_session_id: Option<String>,
    stripe_refund_id: Option<String>,
    mrr_impact_minor: i64,
    stripe_created_at: jiff_sqlx::Timestamp,
    created_at: jiff_sqlx::Timestamp,
    livemode: Option<bool>,
    reason: Option<String>,
    is_product_partial: bool,
}

impl ShownLedgerRow {
    fn read(self) -> Result<ShownRow, StoreError> {
        Ok(ShownRow {
            id: LedgerRowId(self.id),
            key: self.money_key,
            version: self.version,
            kind: entry_kind(&self.event_type)?,
            money: Money { minor: self.amount_minor, currency: currency(&self.currency)? },
            base_amount_minor: self.base_amount_minor,
            occurred_at: self.stripe_created_at.into(),
            written_at: self.created_at.into(),
            product_name: self.product_name,
            product_category: self.product_category,
            is_recurring: self.is_recurring,
            is_tie_presumed: self.is_tie_presumed,
            customer_email: self.customer_email,
            lead: self.lead_id.map(LeadId),
            mrr_impact_minor: self.mrr_impact_minor,
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
            cause: event_id(self.stripe_event_id)?,
            livemode: self.livemode,
            reason: self.reason,
            is_product_partial: self.is_product_partial,
        })
    }
}
