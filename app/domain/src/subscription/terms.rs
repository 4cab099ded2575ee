//! Tiers and discounts: what a subscription names without saying what they come to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::definition::{Definition, DiscountPolicy};
use crate::ids::EventId;
use crate::money::{Currency, Money};
use crate::ratio::Ratio;

/// A discount as a subscription or an item carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DiscountRef {
    /// What it comes to.
    Told(Discount),
    /// Its id only.
    Named {
        /// `di_…`
        id: String,
    },
}

/// What a discount takes off, and how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// How much.
    pub off: Off,
    /// How long, as Stripe's coupon says.
    pub duration: Duration,
    /// When it ends, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// How much a discount takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// A share, in percent.
    Percent(Ratio),
    /// An amount each time.
    Amount(Money),
}

impl Off {
    /// Whether it can be taken off an amount in a currency. What a coupon takes off in others events leave out.
    #[must_use]
    pub fn is_in(&self, currency: Currency) -> bool {
        match self {
            Self::Percent(_) => true,
            Self::Amount(money) => money.currency == currency,
        }
    }
}

/// How long a coupon lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// For ever.
    Forever,
    /// For some months.
    Repeating,
    /// For one invoice.
    Once,
}

impl Duration {
    /// What Stripe's word means.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "forever" => Some(Self::Forever),
            "repeating" => Some(Self::Repeating),
            "once" => Some(Self::Once),
            _ => None,
        }
    }
}

impl DiscountRef {
    pub(super) fn unknown(&self) -> Option<&str> {
        match self {
            Self::Told(_) => None,
            Self::Named { id } => Some(id),
        }
    }
}

impl Discount {
    /// Whether it reduces recurring revenue at a moment.
    pub(super) fn counts(&self, definition: &Definition, at: Timestamp) -> bool {
        let kind_counts = match definition.discounts {
            DiscountPolicy::Forever => self.duration == Duration::Forever,
            DiscountPolicy::Recurring => self.duration != Duration::Once,
            DiscountPolicy::All => true,
            DiscountPolicy::None => false,
        };
        kind_counts && self.ends_at.is_none_or(|end| at < end)
    }
}

/// One step of a tiered price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// The last quantity in it; the last tier has none.
    pub up_to: Option<i64>,
    /// What each costs, in minor units.
    pub unit: Ratio,
    /// What the tier costs whatever the quantity, in minor units.
    pub flat: Ratio,
}

/// What an event tells of a price's tiers or of a discount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsFact {
    /// The event.
    pub event: EventId,
    /// Stripe's time of it.
    pub occurred_at: Timestamp,
    /// `price_…` or `di_…`
    pub name: String,
    /// What it tells.
    pub told: ToldTerms,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldTerms {
    /// A price's tiers, the lowest first.
    Tiers(Vec<Tier>),
    /// A discount.
    Discount(Discount),
}

/// What is known of prices and discounts, by name: of each what was told last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms(BTreeMap<String, ToldTerms>);

impl Terms {
    /// What these facts tell, in whatever order they come.
    #[must_use]
    pub fn of(mut facts: Vec<TermsFact>) -> Self {
        facts.sort_by(|a, b| (a.occurred_at, &a.event).cmp(&(b.occurred_at, &b.event)));
        Self(facts.into_iter().map(|fact| (fact.name, fact.told)).collect())
    }

    pub(super) fn tiers(&self, price: &str) -> Option<&[Tier]> {
        match self.0.get(price)? {
            ToldTerms::Tiers(tiers) => Some(tiers),
            ToldTerms::Discount(_) => None,
        }
    }

    pub(super) fn discount<'a>(&'a self, reference: &'a DiscountRef) -> Option<&'a Discount> {
        match reference {
            DiscountRef::Told(discount) => Some(discount),
            DiscountRef::Named { id } => match self.0.get(id)? {
                ToldTerms::Discount(discount) => Some(discount),
                ToldTerms::Tiers(_) => None,
            },
        }
    }
}
