//! Recurring revenue beside that of other days.

use serde::Serialize;

use super::report::{MrrReport, Rates};
use crate::period::DateRange;
use crate::revenue::comparison::{Compare, Difference};

/// Recurring revenue beside that of other days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MrrComparison {
    /// `previous`, `last_year` or `custom`.
    pub compare: &'static str,
    /// The days compared with.
    #[serde(flatten)]
    pub days: DateRange,
    /// What recurs a month at the end.
    pub end: Difference,
    /// First-time customers.
    pub new: Difference,
    /// Customers who came back.
    pub reactivation: Difference,
    /// Customers who pay more.
    pub expansion: Difference,
    /// Customers who pay less.
    pub contraction: Difference,
    /// Customers who left.
    pub churn: Difference,
    /// Exchange rates.
    pub fx: Difference,
    /// Customers at the end.
    pub customers: Difference,
    /// Customers at the end who pay something.
    pub paying: Difference,
    /// The rates of those days.
    pub rates: Rates,
}

impl MrrComparison {
    /// Compares a range with other days.
    #[must_use]
    pub fn between(compare: Compare, days: DateRange, before: &MrrReport, now: &MrrReport) -> Self {
        let between = |of: fn(&MrrReport) -> i64| Difference::between(of(before), of(now));
        Self {
            compare: compare.word(),
            days,
            end: between(|of| of.end),
            new: between(|of| of.movements.new),
            reactivation: between(|of| of.movements.reactivation),
            expansion: between(|of| of.movements.expansion),
            contraction: between(|of| of.movements.contraction),
            churn: between(|of| of.movements.churn),
            fx: between(|of| of.movements.fx),
            customers: between(|of| of.customers.end),
            paying: between(|of| of.customers.paying),
            rates: before.rates,
        }
    }
}
