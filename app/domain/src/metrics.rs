//! The registry of metrics: what every figure means, said once.
//!
//! Page, API and tooltips read the same entry; a test holds that the API answers no number that is not here. To add a
//! figure, add its [`Metric`], and a line to [`CHANGES`] under a new version when one means something else than it did.

mod economics;
mod ledger;
mod pipeline;

use serde::Serialize;

use crate::ledger::EntryKind;

/// Every metric, in the order they are shown.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    ledger::METRICS.iter().chain(&economics::METRICS).chain(&pipeline::METRICS)
}

/// The version of what the metrics mean.
pub const VERSION: &str = "metrics@3";

/// What each version changed, the newest first.
pub static CHANGES: [Change; 3] = [
    Change { version: VERSION, says: "Added what is cancelled to end, and refund rates." },
    Change {
        version: "metrics@2",
        says: "Added what customers cost and are worth, and leads, deals and costs.",
    },
    Change { version: "metrics@1", says: "The first list: revenue, and recurring revenue." },
];

/// What a version changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The version.
    pub version: &'static str,
    /// What is otherwise than before.
    pub says: &'static str,
}

/// A figure, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Metric {
    /// Its own word, the same in every version.
    pub key: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What it tells, in words.
    pub definition: &'static str,
    /// How it is counted.
    pub formula: &'static str,
    /// Where its parts come from.
    pub source: &'static str,
    /// What it is measured in.
    pub unit: Unit,
    /// Which way is better.
    pub good: Good,
    /// Which endpoint answers it.
    pub endpoint: Endpoint,
    /// Its field in the answer, and in the answer's parts.
    pub field: &'static str,
    /// What it is explained by.
    pub explain: Explain,
}

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Minor units of the answer's currency.
    Money,
    /// Minor units of the currency beside it.
    ForeignMoney,
    /// A whole number.
    Count,
    /// A number; 0.1 is ten percent.
    Ratio,
    /// Months, with a tenth.
    Months,
    /// Days, with parts.
    Days,
}

impl Unit {
    /// The unit in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::ForeignMoney => "money in its own currency",
            Self::Count => "count",
            Self::Ratio => "ratio",
            Self::Months => "months",
            Self::Days => "days",
        }
    }
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Good {
    /// More is.
    Up,
    /// Less is.
    Down,
    /// Neither.
    Neither,
}

impl Good {
    /// The direction in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Up => "higher is better",
            Self::Down => "lower is better",
            Self::Neither => "neither is better",
        }
    }
}

/// An endpoint that answers figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Endpoint {
    /// Revenue.
    #[serde(rename = "/api/analytics/revenue")]
    Revenue,
    /// Recurring revenue.
    #[serde(rename = "/api/analytics/mrr")]
    Mrr,
    /// What customers cost and are worth.
    #[serde(rename = "/api/analytics/unit-economics")]
    UnitEconomics,
    /// The main screen; the answers of the others are parts of it.
    #[serde(rename = "/api/analytics/command-center")]
    CommandCenter,
}

impl Endpoint {
    /// Every one, in the order they are listed.
    pub const ALL: [Self; 4] = [Self::Revenue, Self::Mrr, Self::UnitEconomics, Self::CommandCenter];

    /// What its figures are about.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Revenue => "Revenue",
            Self::Mrr => "Recurring revenue",
            Self::UnitEconomics => "Unit economics",
            Self::CommandCenter => "Funnel, velocity, pipeline and costs",
        }
    }

    /// Its address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Revenue => "/api/analytics/revenue",
            Self::Mrr => "/api/analytics/mrr",
            Self::UnitEconomics => "/api/analytics/unit-economics",
            Self::CommandCenter => "/api/analytics/command-center",
        }
    }
}

/// What a figure is explained by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Explain {
    /// The rows of the ledger of these kinds, which it is the sum of; no kinds for all of them.
    Ledger {
        /// As `GET /api/ledger` takes them, with commas between.
        kinds: &'static [EntryKind],
    },
    /// The table `mrr_movements_current`.
    Movements,
    /// The table `subscription_versions`.
    Subscriptions,
    /// What channels cost, on the page of costs.
    Costs,
    /// Leads, on their page.
    Leads,
    /// Deals.
    Deals,
    /// Other figures.
    Figures,
}

impl Metric {
    /// The figure with this word.
    #[must_use]
    pub fn with_key(key: &str) -> Option<&'static Self> {
        all().find(|metric| metric.key == key)
    }

    /// What it means, for who looks at the figure.
    #[must_use]
    pub fn tooltip(&self) -> String {
        format!("{} {}", self.definition, self.formula)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_metric_is_told_apart_and_says_everything() {
        let keys: BTreeSet<&str> = all().map(|metric| metric.key).collect();
        assert_eq!(keys.len(), all().count());
        for metric in all() {
            let Metric { key, name, definition, formula, source, field, .. } = metric;
            for text in [name, definition, formula, source, field] {
                assert!(!text.is_empty(), "{key}");
            }
            assert!(definition.ends_with('.') && formula.ends_with('.'), "{key}");
            assert_eq!(Metric::with_key(key), Some(metric));
        }
    }

    #[test]
    fn the_newest_change_is_this_version() {
        assert_eq!(CHANGES[0].version, VERSION);
    }
}
