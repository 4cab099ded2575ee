//! Rows of the ledger as the database has them: read one by one, written as one array per column.

use domain::channel::ChannelSlug;
use domain::ids::{LeadId, LedgerRowId};
use domain::ledger::{MoneyKey, Movement, Product, RowContent, StripeLinks};
use domain::money::Money;
use domain::payment::Sighting;
use uuid::Uuid;

use crate::StoreError;
use crate::applying::{CurrentRow, NewRow, currency, entry_kind, event_id};

/// A row as it is read.
pub(crate) struct LedgerRow {
    pub(crate) id: Uuid,
    pub(crate) money_key: String,
    pub(crate) payment_name: String,
    pub(crate) event_type: String,
    pub(crate) amount_minor: i64,
    pub(crate) currency: String,
    pub(crate) base_amount_minor: Option<i64>,
    pub(crate) product_name: Option<String>,
    pub(crate) product_category: Option<String>,
    pub(crate) is_recurring: bool,
    pub(crate) is_product_partial: bool,
    pub(crate) is_tie_presumed: bool,
    pub(crate) lead_id: Option<Uuid>,
    pub(crate) customer_email: Option<String>,
    pub(crate) attribution_channel: String,
    pub(crate) stripe_event_id: String,
    pub(crate) stripe_customer_id: Option<String>,
    pub(crate) stripe_subscription_id: Option<String>,
    pub(crate) stripe_invoice_id: Option<String>,
    pub(crate) stripe_charge_id: Option<String>,
    pub(crate) stripe_payment_intent_id: Option<String>,
    pub(crate) stripe_checkout_session_id: Option<String>,
    pub(crate) stripe_refund_id: Option<String>,
    pub(crate) stripe_created_at: jiff_sqlx::Timestamp,
    pub(crate) mrr_impact_minor: i64,
    pub(crate) mrr_movement_key: Option<String>,
    pub(crate) reason: Option<String>,
}

impl LedgerRow {
    pub(crate) fn read(self) -> Result<CurrentRow, StoreError> {
        let (category, is_partial) = (self.product_category, self.is_product_partial);
        let movement = Movement {
            key: MoneyKey::stored(self.money_key),
            payment: self.payment_name,
            kind: entry_kind(&self.event_type)?,
            money: Money { minor: self.amount_minor, currency: currency(&self.currency)? },
            occurred_at: self.stripe_created_at.into(),
            cause: event_id(self.stripe_event_id)?,
            links: StripeLinks {
                customer: self.stripe_customer_id,
                subscription: self.stripe_subscription_id,
                invoice: self.stripe_invoice_id,
                charge: self.stripe_charge_id,
                payment_intent: self.stripe_payment_intent_id,
                checkout_session: self.stripe_checkout_session_id,
                refund: self.stripe_refund_id,
            },
            product: self.product_name.map(|name| Product { name, category, is_partial }),
            is_recurring: self.is_recurring,
            customer_email: self.customer_email,
            is_tie_presumed: self.is_tie_presumed,
            mrr_impact_minor: self.mrr_impact_minor,
            mrr_movement: self.mrr_movement_key,
            reason: self.reason,
        };
        Ok(CurrentRow {
            id: LedgerRowId(self.id),
            content: RowContent {
                movement,
                base_amount_minor: self.base_amount_minor,
                lead: self.lead_id.map(LeadId),
                channel: ChannelSlug::stored(self.attribution_channel),
            },
        })
    }
}

/// Sightings turned on their side; a fact that saw no money is a row of nulls.
#[derive(Default)]
pub(crate) struct SightingColumns {
    pub(crate) customer: Vec<Option<String>>,
    pub(crate) amount_minor: Vec<Option<i64>>,
    pub(crate) currency: Vec<Option<String>>,
    pub(crate) seen_at: Vec<Option<jiff_sqlx::Timestamp>>,
}

impl SightingColumns {
    pub(crate) fn of(sightings: impl Iterator<Item = Option<Sighting>>) -> Self {
        let mut columns = Self::default();
        for seen in sightings {
            columns.amount_minor.push(seen.as_ref().map(|seen| seen.money.minor));
            columns.currency.push(seen.as_ref().map(|seen| seen.money.currency.to_string()));
            columns.seen_at.push(seen.as_ref().map(|seen| seen.at.into()));
            columns.customer.push(seen.map(|seen| seen.customer));
        }
        columns
    }
}

/// Rows turned on their side: one array per column, as a bulk insert takes them.
#[derive(Default)]
pub(crate) struct LedgerColumns {
    pub(crate) id: Vec<Uuid>,
    pub(crate) money_key: Vec<String>,
    pub(crate) version: Vec<i32>,
    pub(crate) payment_name: Vec<String>,
    pub(crate) event_type: Vec<String>,
    pub(crate) amount_minor: Vec<i64>,
    pub(crate) currency: Vec<String>,
    pub(crate) base_amount_minor: Vec<Option<i64>>,
    pub(crate) product_name: Vec<Option<String>>,
    pub(crate) product_category: Vec<Option<String>>,
    pub(crate) is_recurring: Vec<bool>,
    pub(crate) is_tie_presumed: Vec<bool>,
    pub(crate) lead_id: Vec<Option<Uuid>>,
    pub(crate) customer_email: Vec<Option<String>>,
    pub(crate) attribution_channel: Vec<String>,
    pub(crate) stripe_event_id: Vec<String>,
    pub(crate) customer: Vec<Option<String>>,
    pub(crate) subscription: Vec<Option<String>>,
    pub(crate) invoice: Vec<Option<String>>,
    pub(crate) charge: Vec<Option<String>>,
    pub(crate) payment_intent: Vec<Option<String>>,
    pub(crate) checkout_session: Vec<Option<String>>,
    pub(crate) refund: Vec<Option<String>>,
    pub(crate) stripe_created_at: Vec<jiff_sqlx::Timestamp>,
    pub(crate) mrr_impact_minor: Vec<i64>,
    pub(crate) mrr_movement_key: Vec<Option<String>>,
    pub(crate) reason: Vec<Option<String>>,
    pub(crate) is_product_partial: Vec<bool>,
}

impl LedgerColumns {
    pub(crate) fn of(rows: &[NewRow]) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.push(row);
        }
        columns
    }

    fn push(&mut self, row: &NewRow) {
        let RowContent { movement, base_amount_minor, lead, channel } = &row.content;
        let links = movement.links.clone();
        self.id.push(row.id.0);
        self.money_key.push(movement.key.to_string());
        self.version.push(row.version);
        self.payment_name.push(movement.payment.clone());
        self.event_type.push(movement.kind.word().to_owned());
        self.amount_minor.push(movement.money.minor);
        self.currency.push(movement.money.currency.to_string());
        self.base_amount_minor.push(*base_amount_minor);
        self.product_name.push(movement.product.as_ref().map(|product| product.name.clone()));
        self.product_category.push(movement.product.as_ref().and_then(|product| product.category.clone()));
        self.is_recurring.push(movement.is_recurring);
        self.is_tie_presumed.push(movement.is_tie_presumed);
        self.lead_id.push(lead.map(|lead| lead.0));
        self.customer_email.push(movement.customer_email.clone());
        self.attribution_channel.push(channel.to_string());
        self.stripe_event_id.push(movement.cause.to_string());
        self.customer.push(links.customer);
        self.subscription.push(links.subscription);
        self.invoice.push(links.invoice);
        self.charge.push(links.charge);
        self.payment_intent.push(links.payment_intent);
        self.checkout_session.push(links.checkout_session);
        self.refund.push(links.refund);
        self.stripe_created_at.push(movement.occurred_at.into());
        self.mrr_impact_minor.push(movement.mrr_impact_minor);
        self.mrr_movement_key.push(movement.mrr_movement.clone());
        self.reason.push(movement.reason.clone());
        self.is_product_partial.push(movement.product.as_ref().is_some_and(|product| product.is_partial));
    }
}
