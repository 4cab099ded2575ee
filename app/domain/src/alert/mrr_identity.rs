//! Recurring revenue, counted in every way there is; all of them have to come to the same.

use std::collections::BTreeSet;

use super::detectors::{ALL, Facts};
use super::words::exact_money;
use super::{Detector, Finding, Operands, Severity};
use crate::money::Currency;

/// Recurring revenue as the rollup has it, in the tenant's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MrrOfDays {
    /// What moved on all days together.
    pub moved: i64,
    /// What stands after the last.
    pub standing: i64,
}

/// Recurring revenue from every row there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MrrOfRows {
    /// What the movements come to, in the tenant's currency.
    pub moved: i64,
    /// What the subscriptions that stand come to, in the tenant's currency.
    pub standing: i64,
    /// The same by what was paid in.
    pub currencies: Vec<MrrInCurrency>,
}

/// What was paid in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MrrInCurrency {
    /// The currency.
    pub currency: Currency,
    /// By movements.
    pub movements: i64,
    /// By rows of the ledger.
    pub ledger: i64,
    /// By the subscriptions that stand.
    pub subscriptions: i64,
}

/// Some ways of counting the same, by what they are called.
struct Ways {
    currency: Currency,
    /// How the names of the operands begin.
    prefix: String,
    amounts: Vec<(&'static str, &'static str, i64)>,
}

impl Ways {
    fn of_all(facts: &Facts) -> Self {
        let days = facts.mrr_of_days;
        let mut amounts = vec![
            ("days_moved", "by the days' movements", days.moved),
            ("days_standing", "by what stands on the days", days.standing),
        ];
        if let Some(rows) = &facts.mrr_of_rows {
            amounts.push(("movements", "by movements", rows.moved));
            amounts.push(("subscriptions", "by subscriptions", rows.standing));
        }
        Self { currency: facts.currency, prefix: String::new(), amounts }
    }

    fn of_currency(counted: &MrrInCurrency) -> Self {
        let amounts = vec![
            ("movements", "by movements", counted.movements),
            ("ledger", "by the ledger", counted.ledger),
            ("subscriptions", "by subscriptions", counted.subscriptions),
        ];
        let currency = counted.currency;
        Self { currency, prefix: format!("paid_in_{}_", currency.code()), amounts }
    }

    fn differ(&self) -> bool {
        self.amounts.iter().zip(self.amounts.iter().skip(1)).any(|((.., one), (.., other))| one != other)
    }

    fn in_words(&self) -> String {
        let amounts: Vec<String> = self
            .amounts
            .iter()
            .map(|(_, way, amount)| format!("{} {way}", exact_money(*amount, self.currency)))
            .collect();
        let what = if self.prefix.is_empty() { "All of it" } else { "What is paid in it" };
        format!("{what} in {}: {}.", self.currency.code().to_uppercase(), amounts.join(", "))
    }

    fn operands(&self) -> Operands {
        let amounts = self.amounts.iter();
        amounts.map(|(name, _, amount)| (format!("{}{name}_minor", self.prefix), *amount)).collect()
    }
}

/// That the ways of counting do not come to the same, with what each comes to.
pub(super) fn broken(facts: &Facts) -> Option<Finding> {
    let currencies = facts.mrr_of_rows.iter().flat_map(|rows| &rows.currencies).map(Ways::of_currency);
    let differing: Vec<Ways> =
        std::iter::once(Ways::of_all(facts)).chain(currencies).filter(Ways::differ).collect();
    let said: Vec<String> = differing.iter().map(Ways::in_words).collect();
    (!differing.is_empty()).then(|| Finding {
        detector: Detector::MrrIdentity,
        subject: ALL.to_owned(),
        severity: Severity::Critical,
        title: "MRR is not the same in every way it is counted".to_owned(),
        why: format!("{} Rebuilding makes it again from Stripe's events.", said.join(" ")),
        operands: differing.iter().flat_map(Ways::operands).collect(),
        about: BTreeSet::new(),
    })
}
