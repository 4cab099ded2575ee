//! Who paid, as far as Stripe's events say.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::clue::Clue;
use super::metadata::names_a_lead;
use crate::payment::{ChannelHint, Fact, channel_hints, distinct, payer_emails};

/// Whom and what an attribution is looked for by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payer {
    /// The payer's e-mails, normalised, the most telling first.
    pub emails: Vec<String>,
    /// `cus_…`
    pub customers: Vec<String>,
    /// `sub_…`: what its checkout session says counts for everything it pays.
    pub subscriptions: Vec<String>,
    /// Metadata that may name a lead or a channel.
    pub hints: Vec<ChannelHint>,
    /// The names of the payment; none for what is no payment.
    pub names: Vec<String>,
    /// When it was paid, or began; leads are seen from there.
    pub paid_at: Option<Timestamp>,
}

impl Payer {
    /// Who made the payment that these facts tell of.
    #[must_use]
    pub fn of_payment(facts: &[Fact], paid_at: Option<Timestamp>) -> Self {
        let names: BTreeSet<&String> = facts.iter().flat_map(|fact| fact.names.iter()).collect();
        let ids = |read: fn(&Fact) -> &Option<String>| {
            let known: BTreeSet<&String> = facts.iter().filter_map(|fact| read(fact).as_ref()).collect();
            known.into_iter().cloned().collect()
        };
        Self {
            emails: payer_emails(facts),
            customers: ids(|fact| &fact.customer),
            subscriptions: ids(|fact| &fact.subscription),
            hints: channel_hints(facts),
            names: names.into_iter().cloned().collect(),
            paid_at,
        }
    }

    /// By what a change finds this payer again.
    #[must_use]
    pub fn clues(&self) -> BTreeSet<Clue> {
        let leads = self.hints.iter().filter(|hint| names_a_lead(&hint.key));
        let emails = self.emails.iter().flat_map(|email| Clue::of_email(email));
        emails
            .chain(self.customers.iter().cloned().map(Clue::Customer))
            .chain(self.subscriptions.iter().cloned().map(Clue::Subscription))
            .chain(leads.map(|hint| Clue::Lead(hint.value.clone())))
            .chain(self.names.iter().cloned().map(Clue::Payment))
            .collect()
    }

    /// What one fact adds to the clues of its payment, which its names find already.
    #[must_use]
    pub fn clues_of_fact(fact: &Fact) -> BTreeSet<Clue> {
        let mut clues = Self::of_payment(std::slice::from_ref(fact), None).clues();
        clues.retain(|clue| !matches!(clue, Clue::Payment(_)));
        clues
    }

    /// The ids by which its metadata names leads, each once.
    #[must_use]
    pub fn lead_references(&self) -> Vec<String> {
        let named = self.hints.iter().filter(|hint| names_a_lead(&hint.key));
        distinct(named.map(|hint| hint.value.clone()))
    }
}
