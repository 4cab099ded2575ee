//! What an item of a subscription comes to in a month.
//!
//! `net amount per interval × intervals in a month ÷ interval count`, exact until one rounding at the end of each
//! item. Discounts on the whole subscription are shared by its items in proportion to what they cost.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Snapshot;
use super::terms::{Discount, DiscountRef, Off, Terms, Tier};
use crate::definition::{Definition, Interval};
use crate::ledger::Product;
use crate::money::{Currency, MAX_AMOUNT_MINOR};
use crate::ratio::Ratio;

/// One thing a subscription is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// `si_…`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `price_…`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// What is sold, when the price says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Product>,
    /// How many.
    pub quantity: i64,
    /// What they cost.
    pub pricing: Pricing,
    /// How often.
    pub interval: Interval,
    /// Every how many intervals.
    pub interval_count: i64,
    /// Taxes inside the price, in percent.
    #[serde(default = "no_tax", skip_serializing_if = "is_zero")]
    pub inclusive_tax: Ratio,
    /// Discounts on this item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<DiscountRef>,
}

const fn no_tax() -> Ratio {
    Ratio::ZERO
}

const fn is_zero(ratio: &Ratio) -> bool {
    ratio.is_zero()
}

/// How an item's cost follows from its quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    /// So much each, in minor units.
    PerUnit(Ratio),
    /// So much for each package of so many.
    Package {
        /// What a package costs, in minor units.
        unit: Ratio,
        /// How many are in one.
        size: i64,
        /// Whether a package that is begun counts.
        is_rounded_up: bool,
    },
    /// Each tier's quantity at its tier's price.
    Graduated(Option<Vec<Tier>>),
    /// The whole quantity at the price of the tier it falls into.
    Volume(Option<Vec<Tier>>),
    /// By what was used; never part of MRR.
    Metered,
    /// The event does not say.
    Untold,
}

/// What items come to in a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Monthly {
    /// Of each item, in minor units; `None` where it is not known.
    pub items: Vec<Option<i64>>,
}

impl Monthly {
    /// What is known, together.
    #[must_use]
    pub fn sum(&self) -> i64 {
        self.items.iter().flatten().fold(0, |sum, item| sum.saturating_add(*item))
    }

    /// How many items are not known.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.items.iter().filter(|item| item.is_none()).count()
    }
}

impl Item {
    /// The price whose tiers the event leaves out.
    pub(super) fn untold_price(&self) -> Option<&str> {
        match self.pricing {
            Pricing::Graduated(None) | Pricing::Volume(None) => self.price.as_deref(),
            _ => None,
        }
    }

    /// What it costs each interval, before discounts and with any tax inside.
    fn list_amount(&self, terms: &Terms) -> Option<Ratio> {
        let quantity = Ratio::whole(self.quantity);
        let told = |tiers: &'_ Option<Vec<Tier>>| -> Option<Vec<Tier>> {
            tiers.clone().or_else(|| terms.tiers(self.price.as_deref()?).map(<[Tier]>::to_vec))
        };
        match &self.pricing {
            Pricing::PerUnit(unit) => unit.times(quantity),
            Pricing::Package { unit, size, is_rounded_up } => {
                let packages = quantity.over(Ratio::whole(*size))?;
                let whole = if *is_rounded_up { packages.rounded_up() } else { packages.rounded_down() };
                unit.times(Ratio::whole(whole?))
            }
            Pricing::Graduated(tiers) => graduated(&told(tiers)?, self.quantity),
            Pricing::Volume(tiers) => volume(&told(tiers)?, self.quantity),
            Pricing::Metered => Some(Ratio::ZERO),
            Pricing::Untold => None,
        }
    }

    fn without_tax(&self, amount: Ratio) -> Option<Ratio> {
        amount.over(Ratio::whole(1).plus(self.inclusive_tax.over(Ratio::whole(100))?)?)
    }

    fn in_a_month(&self, amount: Ratio) -> Option<i64> {
        let monthly = amount.times(self.interval.in_a_month())?.over(Ratio::whole(self.interval_count))?;
        monthly.rounded().filter(|minor| minor.abs() <= MAX_AMOUNT_MINOR)
    }
}

/// Each tier's part of the quantity at its own price; a tier's flat amount once it is reached, the first's always.
fn graduated(tiers: &[Tier], quantity: i64) -> Option<Ratio> {
    let (mut sum, mut below) = (Ratio::ZERO, 0);
    for (place, tier) in tiers.iter().enumerate() {
        let top = tier.up_to.unwrap_or(i64::MAX).min(quantity);
        let inside = top.saturating_sub(below).max(0);
        if place > 0 && inside == 0 {
            return Some(sum);
        }
        sum = sum.plus(tier.flat)?.plus(tier.unit.times(Ratio::whole(inside))?)?;
        below = below.max(top);
    }
    (below >= quantity).then_some(sum)
}

/// The whole quantity at the price of the tier it falls into.
fn volume(tiers: &[Tier], quantity: i64) -> Option<Ratio> {
    let tier = tiers.iter().find(|tier| tier.up_to.is_none_or(|top| quantity <= top))?;
    tier.flat.plus(tier.unit.times(Ratio::whole(quantity))?)
}

impl Snapshot {
    /// What its items come to in a month at a moment, by a definition.
    #[must_use]
    pub fn monthly(&self, definition: &Definition, terms: &Terms, at: Timestamp) -> Monthly {
        let counting = Discounting { definition, terms, currency: self.currency, at };
        let own = |item: &Item| counting.applied(item.list_amount(terms)?, &item.discounts);
        let amounts: Vec<Option<Ratio>> = self.items.iter().map(own).collect();
        let together = amounts.iter().flatten().try_fold(Ratio::ZERO, |sum, amount| sum.plus(*amount));
        let shared = together.and_then(|sum| {
            let after = counting.applied(sum, &self.discounts)?;
            if sum.is_zero() { Some(Ratio::whole(1)) } else { after.over(sum) }
        });
        let net = |(item, amount): (&Item, Option<Ratio>)| {
            item.in_a_month(item.without_tax(amount?.times(shared?)?)?)
        };
        Monthly { items: self.items.iter().zip(amounts).map(net).collect() }
    }

    /// The moments at which a discount that counts ends.
    pub(super) fn discount_ends<'a>(
        &'a self,
        definition: &'a Definition,
        terms: &'a Terms,
    ) -> impl Iterator<Item = Timestamp> + 'a {
        self.references()
            .filter_map(|reference| terms.discount(reference))
            .filter_map(|discount| discount.ends_at.filter(|_| counts_at_all(discount, definition)))
    }

    /// How many of its discounts nobody told of, or told of in another currency only.
    pub(super) fn untold_discounts(&self, terms: &Terms) -> usize {
        let is_told = |reference: &&DiscountRef| {
            terms.discount(reference).is_some_and(|discount| discount.off.is_in(self.currency))
        };
        self.references().filter(|reference| !is_told(reference)).count()
    }

    fn references(&self) -> impl Iterator<Item = &DiscountRef> {
        self.discounts.iter().chain(self.items.iter().flat_map(|item| &item.discounts))
    }
}

fn counts_at_all(discount: &Discount, definition: &Definition) -> bool {
    discount.counts(definition, Timestamp::MIN)
}

/// By what discounts are judged.
#[derive(Clone, Copy)]
struct Discounting<'a> {
    definition: &'a Definition,
    terms: &'a Terms,
    currency: Currency,
    at: Timestamp,
}

impl Discounting<'_> {
    /// An amount after discounts, one after the other; never below nothing.
    fn applied(self, amount: Ratio, discounts: &[DiscountRef]) -> Option<Ratio> {
        let counted =
            discounts.iter().filter_map(|reference| self.terms.discount(reference)).filter(|discount| {
                discount.counts(self.definition, self.at) && discount.off.is_in(self.currency)
            });
        let mut left = amount;
        for discount in counted {
            left = match discount.off {
                Off::Percent(percent) => left.minus(left.times(percent)?.over(Ratio::whole(100))?)?,
                Off::Amount(money) => left.minus(Ratio::whole(money.minor))?,
            };
        }
        Some(if left.is_negative() { Ratio::ZERO } else { left })
    }
}
