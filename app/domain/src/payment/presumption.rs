//! Ties nobody stated.
//!
//! Since API version 2025-03-31 only `invoice_payment.paid` says which invoice a charge pays, and an endpoint
//! need not be sent that event. An invoice and a charge of the same customer and amount, within the hour, are
//! then presumed to be the same money, rather than counted twice. The ledger marks such rows, and a tie that
//! is stated later takes the presumption's place.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Fact, Statement};
use crate::money::{Currency, Money};

/// How far apart an invoice and its charge may be.
pub const PRESUMPTION_WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// Money seen moving: who paid how much, when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The customer.
    pub customer: String,
    /// The amount.
    pub money: Money,
    /// When.
    pub at: Timestamp,
}

impl Fact {
    /// The money this fact saw, when it knows whose it was.
    #[must_use]
    pub fn sighting(&self) -> Option<Sighting> {
        let customer = self.customer.clone()?;
        let (money, at) = self.statements.iter().find_map(|statement| match statement {
            Statement::InvoicePaid { paid, at, .. } => Some((*paid, *at)),
            // A bank debit succeeds days after its charge was made; its invoice is paid when it succeeds.
            Statement::Charged { taken, refunded: 0, .. } if !self.looked_up => {
                Some((*taken, self.occurred_at))
            }
            Statement::Charged { taken, at, .. } => Some((*taken, *at)),
            Statement::IntentSucceeded { received, at } => Some((*received, *at)),
            Statement::CheckoutPaid { .. } | Statement::Refunded { .. } | Statement::Disputed { .. } => None,
        })?;
        (money.minor > 0).then_some(Sighting { customer, money, at })
    }
}

/// Pairs payments known only by their invoice with payments known only by their charge; the indices of each pair,
/// the invoice first. The nearest in time are paired, whatever the order they are given in.
#[must_use]
pub fn presumed_pairs(payments: &[Vec<Fact>]) -> Vec<(usize, usize)> {
    let invoices = sightings(payments, is_invoice_alone);
    let mut charges: BTreeMap<_, Vec<Seen<'_>>> = BTreeMap::new();
    for charge in sightings(payments, is_charge_alone) {
        charges.entry(likeness(&charge)).or_default().push(charge);
    }
    let mut near: Vec<_> = invoices
        .iter()
        .flat_map(|invoice| {
            let alike = charges.get(&likeness(invoice)).into_iter().flatten();
            alike.filter_map(move |charge| Some((distance(invoice, charge)?, invoice, charge)))
        })
        .collect();
    near.sort_by_key(|(apart, invoice, charge)| (*apart, invoice.name, charge.name));
    let mut taken = BTreeSet::new();
    let mut pairs = Vec::new();
    for (_, invoice, charge) in near {
        if !taken.contains(&invoice.payment) && !taken.contains(&charge.payment) {
            taken.extend([invoice.payment, charge.payment]);
            pairs.push((invoice.payment, charge.payment));
        }
    }
    pairs
}

/// A sighting, whose payment it is of, and a name that tells it from others of the same second.
struct Seen<'a> {
    payment: usize,
    name: Option<&'a String>,
    sighting: Sighting,
}

fn sightings(payments: &[Vec<Fact>], is_alone: impl Fn(&[Fact]) -> bool) -> Vec<Seen<'_>> {
    payments
        .iter()
        .enumerate()
        .filter(|(_, facts)| is_alone(facts))
        .flat_map(|(payment, facts)| {
            facts.iter().filter_map(move |fact| {
                Some(Seen { payment, name: fact.names.iter().next(), sighting: fact.sighting()? })
            })
        })
        .collect()
}

/// Paid invoices that name neither charge nor payment intent.
fn is_invoice_alone(facts: &[Fact]) -> bool {
    let is_tied = |fact: &Fact| fact.names.payment_intent.is_some() || fact.names.charge.is_some();
    says(facts, |statement| matches!(statement, Statement::InvoicePaid { .. })) && !facts.iter().any(is_tied)
}

/// Charges and intents that name no invoice, and that no checkout shows to be a one-off.
fn is_charge_alone(facts: &[Fact]) -> bool {
    let is_tied = |fact: &Fact| fact.names.invoice.is_some();
    says(facts, |statement| {
        matches!(statement, Statement::Charged { .. } | Statement::IntentSucceeded { .. })
    }) && !says(facts, |statement| matches!(statement, Statement::CheckoutPaid { .. }))
        && !facts.iter().any(is_tied)
}

fn says(facts: &[Fact], what: impl Fn(&Statement) -> bool) -> bool {
    facts.iter().any(|fact| fact.statements.iter().any(&what))
}

/// What two sightings of the same money share.
fn likeness(seen: &Seen<'_>) -> (String, Currency, i64) {
    let Sighting { customer, money, .. } = &seen.sighting;
    (customer.clone(), money.currency, money.minor)
}

/// How far apart two sightings are; `None` when that is too far.
fn distance(invoice: &Seen<'_>, charge: &Seen<'_>) -> Option<SignedDuration> {
    let apart = invoice.sighting.at.duration_since(charge.sighting.at).abs();
    (apart <= PRESUMPTION_WINDOW).then_some(apart)
}

/// Whether a payment may be presumed to be one with another: nothing ties it yet.
#[must_use]
pub fn is_untied(facts: &[Fact]) -> bool {
    is_invoice_alone(facts) || is_charge_alone(facts)
}
