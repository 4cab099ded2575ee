//! Which rules a figure of recurring revenue follows.
//!
//! A [`Definition`] is data: two tenants, or one tenant twice, can have the same history counted by different rules,
//! and what differs between two answers is a line here. The sentences of [`Definition::rules`] are what tooltips, the
//! API and its documentation say.
//!
//! To add a preset, add it to [`Definition::ALL`]; a preset that was used is never changed, the next version of it is
//! a preset of its own.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::ratio::Ratio;

/// Which discounts reduce monthly recurring revenue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscountPolicy {
    /// Those that last for ever.
    Forever,
    /// Those that last for ever or for some months.
    Recurring,
    /// All of them.
    All,
    /// None.
    None,
}

/// What a subscription whose collection is paused counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PausePolicy {
    /// As if it were not.
    Keep,
    /// Nothing.
    Zero,
}

/// When a subscription that is to end stops counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChurnRecognition {
    /// When it ends.
    AtEnd,
    /// When it is cancelled.
    AtCancel,
}

/// The rules monthly recurring revenue is counted by.
#[derive(Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name and version.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Which discounts count.
    pub discounts: DiscountPolicy,
    /// What a paused collection counts.
    pub pauses: PausePolicy,
    /// When scheduled ends count.
    pub churn: ChurnRecognition,
    /// Days after which a subscription that is past due stops counting; `None` for never.
    pub past_due_grace_days: Option<u16>,
    /// Whether becoming free is churn rather than contraction.
    pub free_is_churn: bool,
    /// Hours within which changes of one customer and calendar day are one movement; none nets at the same instant only.
    pub reclassify_within_hours: u8,
}

impl Definition {
    /// As Stripe Billing counts unless told otherwise.
    pub const STRIPE: Self = Self {
        id: "stripe@1",
        name: "Stripe",
        discounts: DiscountPolicy::Forever,
        pauses: PausePolicy::Keep,
        churn: ChurnRecognition::AtEnd,
        past_due_grace_days: None,
        free_is_churn: false,
        reclassify_within_hours: 24,
    };

    /// As ChartMogul counts unless told otherwise.
    pub const CHARTMOGUL: Self =
        Self { id: "chartmogul@1", name: "ChartMogul", discounts: DiscountPolicy::All, ..Self::STRIPE };

    /// Every preset, the default first.
    pub const ALL: [&'static Self; 2] = [&Self::STRIPE, &Self::CHARTMOGUL];

    /// The rules in words, each with what it is about.
    #[must_use]
    pub fn rules(&self) -> Vec<(&'static str, String)> {
        vec![
            ("normalisation", NORMALISATION.to_owned()),
            ("statuses", STATUSES.to_owned()),
            ("discounts", self.discounts_in_words().to_owned()),
            ("pauses", self.pauses_in_words().to_owned()),
            ("churn", self.churn_in_words().to_owned()),
            ("past due", self.past_due_in_words()),
            ("free", self.free_in_words().to_owned()),
            ("netting", self.netting_in_words()),
        ]
    }

    const fn discounts_in_words(&self) -> &'static str {
        match self.discounts {
            DiscountPolicy::Forever => "Discounts that last for ever reduce MRR; those that end do not.",
            DiscountPolicy::Recurring => "Discounts that last for ever or for some months reduce MRR.",
            DiscountPolicy::All => "All discounts reduce MRR while they last; the end of one is expansion.",
            DiscountPolicy::None => "Discounts do not reduce MRR.",
        }
    }

    const fn pauses_in_words(&self) -> &'static str {
        match self.pauses {
            PausePolicy::Keep => "A subscription whose collection is paused counts in full.",
            PausePolicy::Zero => "A subscription whose collection is paused counts nothing.",
        }
    }

    const fn churn_in_words(&self) -> &'static str {
        match self.churn {
            ChurnRecognition::AtEnd => "A cancelled subscription counts until it ends.",
            ChurnRecognition::AtCancel => "A subscription stops counting when it is cancelled.",
        }
    }

    fn past_due_in_words(&self) -> String {
        match self.past_due_grace_days {
            None => "A subscription that is past due counts until Stripe gives up on it.".to_owned(),
            Some(days) => format!("A subscription that is past due stops counting after {days} days."),
        }
    }

    const fn free_in_words(&self) -> &'static str {
        if self.free_is_churn {
            "Becoming free is churn."
        } else {
            "Becoming free is contraction; the customer stays."
        }
    }

    fn netting_in_words(&self) -> String {
        match self.reclassify_within_hours {
            0 => "Every change is a movement of its own.".to_owned(),
            hours => format!(
                "Changes of one customer within {hours} hours of one calendar day are one movement, dated by the last."
            ),
        }
    }
}

const NORMALISATION: &str = "Each item's price × quantity, after discounts and without tax, is brought to a month: \
     ÷ 12 for a year, × 52/12 for a week, × 365/12 for a day, ÷ the number of intervals; rounded once, half up.";

const STATUSES: &str = "Active and past due count. Trials, incomplete, unpaid, paused and ended subscriptions do not; \
     metered prices do not.";

/// How often something recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Every day.
    Day,
    /// Every week.
    Week,
    /// Every month.
    Month,
    /// Every year.
    Year,
}

impl Interval {
    /// How many of it a month has.
    #[must_use]
    pub fn in_a_month(self) -> Ratio {
        let (above, below) = match self {
            Self::Day => (365, 12),
            Self::Week => (52, 12),
            Self::Month => (1, 1),
            Self::Year => (1, 12),
        };
        Ratio::of(above, below).expect("no denominator above is zero")
    }
}

impl FromStr for Interval {
    type Err = UnknownInterval;

    fn from_str(text: &str) -> Result<Self, UnknownInterval> {
        match text {
            "day" => Ok(Self::Day),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            "year" => Ok(Self::Year),
            _ => Err(UnknownInterval),
        }
    }
}

/// A word that names no interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an interval")]
pub struct UnknownInterval;

/// A name no preset has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such definition")]
pub struct UnknownDefinition;

impl FromStr for &'static Definition {
    type Err = UnknownDefinition;

    fn from_str(text: &str) -> Result<Self, UnknownDefinition> {
        Definition::ALL.into_iter().find(|preset| preset.id == text).ok_or(UnknownDefinition)
    }
}

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl Serialize for Definition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_found_by_its_name_and_says_its_rules() {
        for preset in Definition::ALL {
            assert_eq!(preset.id.parse::<&Definition>(), Ok(preset));
            assert!(preset.rules().iter().all(|(about, rule)| !about.is_empty() && rule.ends_with('.')));
        }
        assert_eq!("profitwell@1".parse::<&Definition>(), Err(UnknownDefinition));
        assert_ne!(Definition::STRIPE.rules(), Definition::CHARTMOGUL.rules());
    }
}
