//! What is cancelled to end: subscriptions that count until then.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::money::Currency;

/// What is cancelled to end, in the tenant's currency: recurring revenue without it is what is committed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScheduledChurn {
    /// What goes a month once all of it has ended.
    pub total: i64,
    /// How many subscriptions that is, those without a rate too.
    pub subscriptions: i64,
    /// What goes a month by the month it ends in.
    pub by_month: Vec<ScheduledMonth>,
    /// What has no rate.
    pub unconverted: Vec<UnconvertedEnd>,
    /// The subscriptions, those that end first first; not all of them where there are many.
    pub ends: Vec<ScheduledEnd>,
}

/// What ends in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ScheduledMonth {
    /// The first day of the month.
    pub month: Date,
    /// What goes a month.
    pub mrr: i64,
    /// How many subscriptions.
    pub subscriptions: i64,
}

/// What ends in a currency without a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct UnconvertedEnd {
    /// The currency.
    pub currency: Currency,
    /// What goes a month.
    pub amount: i64,
}

/// A subscription that is to end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScheduledEnd {
    /// `sub_…`
    pub subscription_id: String,
    /// `cus_…`
    pub customer_id: String,
    /// The customer's e-mail, else that of what it last paid.
    #[serde(skip)]
    pub customer_email: Option<String>,
    /// What goes a month, in the tenant's currency; `None` when no rate is known.
    pub mrr: Option<i64>,
    /// What goes a month in the currency it is charged in.
    pub charged: i64,
    /// That currency.
    pub charged_currency: Currency,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Since when it is to end.
    pub known_since: Timestamp,
    /// Why it was cancelled, in Stripe's word.
    pub reason: Option<String>,
    /// What the customer said, in Stripe's word.
    pub feedback: Option<String>,
}
