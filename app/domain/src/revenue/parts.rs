//! What reports of revenue are made of: sums of rows of the ledger.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Sums;
use crate::channel::ChannelSlug;
use crate::ledger::EntryKind;

/// Amounts in the tenant's currency, signed as in the ledger, and how many rows they are the sum of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Payments.
    pub payment: i64,
    /// How many.
    pub payments: i64,
    /// Corrections people made.
    pub adjustment: i64,
    /// Refunds, and refunds that failed.
    pub refund: i64,
    /// Disputes, and disputes won.
    pub dispute: i64,
    /// Of all these, by what kind of payment they belong to.
    pub by_class: NewVsRecurring,
    /// How many rows of the ledger.
    pub rows: i64,
}

impl Moved {
    /// What rows of one kind come to.
    #[must_use]
    pub fn of(kind: EntryKind, class: Class, amount: i64, rows: i64) -> Self {
        let mut moved = Self { rows, ..Self::default() };
        match kind {
            EntryKind::Payment => (moved.payment, moved.payments) = (amount, rows),
            EntryKind::Adjustment => moved.adjustment = amount,
            EntryKind::Refund | EntryKind::RefundFailed => moved.refund = amount,
            EntryKind::Dispute | EntryKind::DisputeReversal => moved.dispute = amount,
            // They move no money.
            EntryKind::SubscriptionCreated
            | EntryKind::SubscriptionUpdated
            | EntryKind::SubscriptionCancelled => return moved,
        }
        match class {
            Class::New => moved.by_class.new = amount,
            Class::Recurring => moved.by_class.recurring = amount,
            Class::OneTime => moved.by_class.one_time = amount,
        }
        moved
    }

    /// Adds what moved elsewhere.
    pub const fn add(&mut self, other: &Self) {
        self.payment += other.payment;
        self.payments += other.payments;
        self.adjustment += other.adjustment;
        self.refund += other.refund;
        self.dispute += other.dispute;
        self.by_class.new += other.by_class.new;
        self.by_class.recurring += other.by_class.recurring;
        self.by_class.one_time += other.by_class.one_time;
        self.rows += other.rows;
    }

    /// What came in less what went back.
    #[must_use]
    pub const fn net(&self) -> i64 {
        self.payment + self.adjustment + self.refund + self.dispute
    }

    /// The same as reports write it.
    #[must_use]
    pub const fn sums(&self) -> Sums {
        Sums {
            total_revenue: self.net(),
            gross_revenue: self.payment + self.adjustment,
            refunds: -self.refund,
            disputes: -self.dispute,
            payments: self.payments,
        }
    }
}

/// What kind of payment money belongs to; refunds and disputes follow their charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A customer's first-ever payment, for a subscription.
    New,
    /// A later payment for a subscription.
    Recurring,
    /// Everything else.
    OneTime,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 3] = [Self::New, Self::Recurring, Self::OneTime];

    /// Its word in addresses, which is that of its figure.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Recurring => "recurring",
            Self::OneTime => "one_time",
        }
    }
}

/// Net revenue by the kind of payment it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewVsRecurring {
    /// Customers' first-ever payments, where they are for subscriptions.
    pub new: i64,
    /// Later payments for subscriptions.
    pub recurring: i64,
    /// The rest.
    pub one_time: i64,
}

/// What moved on one day in one channel for one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DailySum {
    /// The calendar day in the tenant's timezone.
    pub day: Date,
    /// The channel credited.
    pub channel: ChannelSlug,
    /// What was sold, when known.
    pub product_name: Option<String>,
    /// Its category, when known.
    pub product_category: Option<String>,
    /// How much.
    pub moved: Moved,
}

/// What moved in one channel in the period that a day lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSum {
    /// A day of the period.
    pub day: Date,
    /// The channel credited.
    pub channel: ChannelSlug,
    /// How much.
    pub moved: Moved,
}

/// What moved for one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductSum {
    /// What was sold, when known.
    pub product_name: Option<String>,
    /// Its category, when known.
    pub product_category: Option<String>,
    /// How much.
    pub moved: Moved,
}

/// What moved over a range of days, added up in two ways.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// By period and channel.
    pub by_channel: Vec<ChannelSum>,
    /// By product.
    pub by_product: Vec<ProductSum>,
}

impl Parts {
    /// The same money, day by day and in its finest parts.
    #[must_use]
    pub fn of(daily: &[DailySum]) -> Self {
        let by_day = grouped(daily.iter().map(|sum| ((sum.day, sum.channel.clone()), &sum.moved)));
        let by_product = grouped(
            daily.iter().map(|sum| ((sum.product_name.clone(), sum.product_category.clone()), &sum.moved)),
        );
        Self {
            by_channel: by_day
                .into_iter()
                .map(|((day, channel), moved)| ChannelSum { day, channel, moved })
                .collect(),
            by_product: by_product
                .into_iter()
                .map(|((product_name, product_category), moved)| ProductSum {
                    product_name,
                    product_category,
                    moved,
                })
                .collect(),
        }
    }

    /// All of it together.
    #[must_use]
    pub fn total(&self) -> Moved {
        let mut total = Moved::default();
        self.by_channel.iter().for_each(|sum| total.add(&sum.moved));
        total
    }
}

/// Adds up what has the same key.
pub(super) fn grouped<'a, K: Ord>(sums: impl Iterator<Item = (K, &'a Moved)>) -> BTreeMap<K, Moved> {
    let mut groups: BTreeMap<K, Moved> = BTreeMap::new();
    for (key, moved) in sums {
        groups.entry(key).or_default().add(moved);
    }
    groups
}
