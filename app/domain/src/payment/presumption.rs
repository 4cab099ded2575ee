//! Ties nobody stated.
//!
//! Since API version 2025-03-31 only `invoice_payment.paid` says which invoice a charge pays, and an endpoint
//! need not be sent that event. An invoice and a charge of the same customer and amount, within the hour, are
//! then presumed to be the same money, rather than counted twice. The ledger marks such rows, and a tie that
//! is stated later takes the presumption's place.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Fact, Statement};
use crate::money::Money;

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
            Statement::InvoicePaid { paid, at } => Some((*paid, *at)),
            Statement::Charged { taken, at, .. } => Some((*taken, *at)),
            Statement::IntentSucceeded { received, at } => Some((*received, *at)),
            Statement::CheckoutPaid { .. } | Statement::Refunded { .. } => None,
        })?;
        (money.minor > 0).then_some(Sighting { customer, money, at })
    }
}

/// Pairs payments known only by their invoice with payments known only by their charge; the indices of each pair,
/// the invoice first. The nearest in time are paired, whatever the order they are given in.
#[must_use]
pub fn presumed_pairs(payments: &[Vec<Fact>]) -> Vec<(usize, usize)> {
    let invoices = sightings(payments, is_invoice_alone);
    let charges = sightings(payments, is_charge_alone);
    let mut near: Vec<_> = invoices
        .iter()
        .flat_map(|invoice| {
            charges.iter().filter_map(move |charge| Some((distance(invoice, charge)?, invoice, charge)))
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

/// How far apart two sightings of what may be the same money are; `None` when they cannot be.
fn distance(invoice: &Seen<'_>, charge: &Seen<'_>) -> Option<SignedDuration> {
    let (left, right) = (&invoice.sighting, &charge.sighting);
    let apart = left.at.duration_since(right.at).abs();
    (left.customer == right.customer && left.money == right.money && apart <= PRESUMPTION_WINDOW)
        .then_some(apart)
}
