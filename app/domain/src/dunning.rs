//! Payments that could not be collected: what Stripe's events say of them, and what follows.
//!
//! An event that tells of a failed attempt, or that collecting was given up, is read into a [`Setback`] beside the
//! [`Fact`] of its payment. [`settle`] turns everything known of one payment into its [`FailedPayment`]s, one for
//! each invoice, or for an intent that belongs to none. It looks at *sets*, so neither order nor copies count.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::EventId;
use crate::money::Money;
use crate::payment::{Fact, Statement, payer_emails};

/// What one event says of collecting a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setback {
    /// The event.
    pub event: EventId,
    /// Stripe's time of it.
    pub occurred_at: Timestamp,
    /// `in_…`
    pub invoice: Option<String>,
    /// `pi_…`
    pub payment_intent: Option<String>,
    /// `ch_…`, the charge that failed.
    pub charge: Option<String>,
    /// `sub_…`
    pub subscription: Option<String>,
    /// What it says.
    pub told: Told,
}

/// What an event says of collecting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Told {
    /// An attempt failed, or waits for the payer.
    Failed(Failure),
    /// An open invoice will be tried again at another time.
    Rescheduled {
        /// When; never, when it is none.
        next_attempt_at: Option<Timestamp>,
    },
    /// Nobody tries any more.
    GivenUp {
        /// How it ended.
        how: Closing,
    },
    /// The subscription is over, and with it the collecting.
    SubscriptionEnded,
}

/// An attempt that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What is still to be paid.
    pub amount: Money,
    /// Which attempt it was, where the event counts them.
    pub attempt: Option<i64>,
    /// When Stripe tries again.
    pub next_attempt_at: Option<Timestamp>,
    /// Stripe's word for the reason.
    pub code: Option<String>,
    /// The reason in words.
    pub message: Option<String>,
    /// Whether the payer has to do something first.
    pub needs_action: bool,
}

/// How collecting came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// It was paid after all.
    Paid,
    /// The invoice was voided.
    Voided,
    /// The invoice was written off.
    Uncollectible,
    /// The payment was cancelled.
    Canceled,
    /// The subscription ended before it was paid.
    SubscriptionEnded,
}

impl Closing {
    /// Every way.
    pub const ALL: [Self; 5] =
        [Self::Paid, Self::Voided, Self::Uncollectible, Self::Canceled, Self::SubscriptionEnded];

    /// The word stored and shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Voided => "voided",
            Self::Uncollectible => "uncollectible",
            Self::Canceled => "canceled",
            Self::SubscriptionEnded => "subscription_ended",
        }
    }
}

/// Where collecting a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The money is at risk.
    Open,
    /// It came in after all.
    Recovered,
    /// It will not come.
    Lost,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 3] = [Self::Open, Self::Recovered, Self::Lost];

    /// The word stored, sent and filtered by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Recovered => "recovered",
            Self::Lost => "lost",
        }
    }
}

/// The end of collecting a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// How.
    pub how: Closing,
    /// When.
    pub at: Timestamp,
    /// The event that says so.
    pub event: EventId,
}

/// A payment that failed at least once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedPayment {
    /// What it is known by: its invoice, or its payment intent where there is none.
    pub name: String,
    /// `in_…`
    pub invoice: Option<String>,
    /// `pi_…`
    pub payment_intent: Option<String>,
    /// `sub_…`
    pub subscription: Option<String>,
    /// `cus_…`
    pub customer: Option<String>,
    /// The payer's e-mail.
    pub customer_email: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When Stripe tries again; none once it is closed.
    pub next_attempt_at: Option<Timestamp>,
    /// What was to be paid.
    pub amount: Money,
    /// Stripe's word for the newest reason.
    pub code: Option<String>,
    /// The newest reason in words.
    pub message: Option<String>,
    /// Whether the payer has to do something first.
    pub needs_action: bool,
    /// When it first failed.
    pub first_failed_at: Timestamp,
    /// When it last failed.
    pub last_failed_at: Timestamp,
    /// The newest event that tells of a failure.
    pub last_event: EventId,
    /// How it ended; open, when it has not.
    pub closed: Option<Closed>,
}

impl FailedPayment {
    /// Where it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match &self.closed {
            None => Standing::Open,
            Some(Closed { how: Closing::Paid, .. }) => Standing::Recovered,
            Some(_) => Standing::Lost,
        }
    }
}

/// What failed of one payment, from everything known of it: its facts, its setbacks, and the ends of its
/// subscriptions. In order of names.
#[must_use]
pub fn settle(facts: &[Fact], setbacks: &[Setback], ends: &[Setback]) -> Vec<FailedPayment> {
    let payment = Payment { facts: each_once(facts, |fact| &fact.event), setbacks: by_time(setbacks) };
    let ends = by_time(ends);
    let mut failures: BTreeMap<String, Vec<Attempt<'_>>> = BTreeMap::new();
    for attempt in payment.attempts() {
        if let Some(name) = payment.name_of(attempt.setback) {
            failures.entry(name).or_default().push(attempt);
        }
    }
    failures.into_iter().filter_map(|(name, attempts)| payment.failed(name, &attempts, &ends)).collect()
}

/// The subscriptions whose end would end the collecting of a payment.
#[must_use]
pub fn subscriptions_of(facts: &[Fact], setbacks: &[Setback]) -> BTreeSet<String> {
    let told = facts.iter().filter_map(|fact| fact.subscription.clone());
    told.chain(setbacks.iter().filter_map(|setback| setback.subscription.clone())).collect()
}

struct Payment<'a> {
    facts: Vec<&'a Fact>,
    setbacks: Vec<&'a Setback>,
}

/// A setback that tells of a failure.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    setback: &'a Setback,
    failure: &'a Failure,
}

impl<'a> Payment<'a> {
    fn attempts(&self) -> impl Iterator<Item = Attempt<'a>> {
        self.setbacks.iter().filter_map(|setback| match &setback.told {
            Told::Failed(failure) => Some(Attempt { setback, failure }),
            _ => None,
        })
    }

    /// The invoice that could not be collected, or the intent that belongs to none.
    fn name_of(&self, setback: &Setback) -> Option<String> {
        let own = setback.invoice.clone();
        own.or_else(|| self.tied_invoice(setback)).or_else(|| setback.payment_intent.clone())
    }

    /// The invoice an intent or a charge pays; where several share a payment, the one that names it.
    fn tied_invoice(&self, setback: &Setback) -> Option<String> {
        let shares = |told: &Option<String>, own: &Option<String>| told.is_some() && told == own;
        let is_tied = |fact: &Fact| {
            shares(&fact.names.payment_intent, &setback.payment_intent)
                || shares(&fact.names.charge, &setback.charge)
        };
        let named = |tied_only: bool| {
            let facts = self.facts.iter().filter(move |fact| !tied_only || is_tied(fact));
            facts.filter_map(|fact| fact.names.invoice.clone()).min()
        };
        named(true).or_else(|| named(false))
    }

    fn failed(&self, name: String, attempts: &[Attempt<'_>], ends: &[&Setback]) -> Option<FailedPayment> {
        let (first, last) = (attempts.first()?, attempts.last()?);
        let amount = amount_at_risk(attempts)?;
        let invoice = attempts.iter().find_map(|attempt| attempt.setback.invoice.clone());
        let invoice = invoice.or_else(|| self.tied_invoice(last.setback));
        let intents: BTreeSet<&String> =
            attempts.iter().filter_map(|attempt| attempt.setback.payment_intent.as_ref()).collect();
        let subscription = self.subscription(&name, attempts);
        let closed = self
            .paid(&name, &intents, amount)
            .or_else(|| self.given_up(&name, subscription.as_deref(), ends));
        let facts: Vec<Fact> = self.facts.iter().map(|fact| (*fact).clone()).collect();
        let reason = attempts.iter().rev().map(|attempt| attempt.failure);
        Some(FailedPayment {
            payment_intent: intents.first().map(|intent| (*intent).clone()).or_else(|| self.intent_of(&name)),
            customer: self.facts.iter().find_map(|fact| fact.customer.clone()),
            customer_email: payer_emails(&facts).into_iter().next(),
            attempts: attempts_made(attempts),
            next_attempt_at: self.next_attempt(&name).filter(|_| closed.is_none()),
            amount,
            code: reason.clone().find_map(|failure| failure.code.clone()),
            message: reason.clone().find_map(|failure| failure.message.clone()),
            needs_action: attempts
                .iter()
                .filter(|attempt| attempt.setback.occurred_at == last.setback.occurred_at)
                .any(|attempt| attempt.failure.needs_action),
            first_failed_at: first.setback.occurred_at,
            last_failed_at: last.setback.occurred_at,
            last_event: last.setback.event.clone(),
            name,
            invoice,
            subscription,
            closed,
        })
    }

    fn subscription(&self, name: &str, attempts: &[Attempt<'_>]) -> Option<String> {
        let own = attempts.iter().find_map(|attempt| attempt.setback.subscription.clone());
        let of_invoice = |fact: &&&Fact| fact.names.invoice.as_deref() == Some(name);
        own.or_else(|| self.facts.iter().filter(of_invoice).find_map(|fact| fact.subscription.clone()))
    }

    fn intent_of(&self, name: &str) -> Option<String> {
        let of_invoice = self.facts.iter().filter(|fact| fact.names.invoice.as_deref() == Some(name));
        of_invoice.filter_map(|fact| fact.names.payment_intent.clone()).min()
    }

    /// What says that the money came in after all, the earliest first.
    fn paid(&self, name: &str, intents: &BTreeSet<&String>, amount: Money) -> Option<Closed> {
        let by_invoice = |fact: &Fact| fact.names.invoice.as_deref() == Some(name);
        let by_intent =
            |fact: &Fact| fact.names.payment_intent.as_ref().is_some_and(|intent| intents.contains(intent));
        let tellings = self.facts.iter().flat_map(|fact| {
            fact.statements.iter().filter_map(move |statement| match statement {
                Statement::InvoicePaid { at, .. } if by_invoice(fact) => Some((*at, *fact)),
                Statement::Charged { taken: came, at, .. }
                | Statement::IntentSucceeded { received: came, at }
                | Statement::CheckoutPaid { total: came, at }
                    if covers(*came, amount) && (by_intent(fact) || by_invoice(fact)) =>
                {
                    Some((*at, *fact))
                }
                _ => None,
            })
        });
        let (at, fact) = tellings.min_by_key(|(at, fact)| (*at, &fact.event))?;
        Some(Closed { how: Closing::Paid, at, event: fact.event.clone() })
    }

    /// What says that nobody tries any more, the earliest first.
    fn given_up(&self, name: &str, subscription: Option<&str>, ends: &[&Setback]) -> Option<Closed> {
        let told = self.setbacks.iter().filter_map(|setback| match setback.told {
            Told::GivenUp { how } if is_about(setback, name) => Some((*setback, how)),
            _ => None,
        });
        let ended = ends
            .iter()
            .filter(|end| end.subscription.is_some() && end.subscription.as_deref() == subscription)
            .map(|end| (*end, Closing::SubscriptionEnded));
        let (setback, how) = told.chain(ended).min_by_key(|(setback, _)| recency(setback))?;
        Some(Closed { how, at: setback.occurred_at, event: setback.event.clone() })
    }

    fn next_attempt(&self, name: &str) -> Option<Timestamp> {
        let told = self.setbacks.iter().rev().filter(|setback| setback.invoice.as_deref() == Some(name));
        told.filter_map(|setback| match &setback.told {
            Told::Failed(failure) => Some(failure.next_attempt_at),
            Told::Rescheduled { next_attempt_at } => Some(*next_attempt_at),
            _ => None,
        })
        .next()
        .flatten()
    }
}

/// An invoice is given up by its own events; what is cancelled is the intent that belongs to no invoice.
fn is_about(setback: &Setback, name: &str) -> bool {
    let own = setback.invoice.as_ref().or(setback.payment_intent.as_ref());
    own.is_some_and(|own| own == name)
}

fn covers(came: Money, amount: Money) -> bool {
    came.currency == amount.currency && came.minor >= amount.minor
}

/// What the newest event says; an invoice knows best what is left of it.
fn amount_at_risk(attempts: &[Attempt<'_>]) -> Option<Money> {
    let newest = |of_invoice: bool| {
        let told = attempts.iter().rev().filter(|attempt| attempt.setback.invoice.is_some() == of_invoice);
        told.map(|attempt| attempt.failure.amount).find(|amount| amount.minor > 0)
    };
    newest(true).or_else(|| newest(false))
}

/// As often as the invoice counts, or as charges failed, whichever is more.
fn attempts_made(attempts: &[Attempt<'_>]) -> i64 {
    let counted = attempts.iter().filter_map(|attempt| attempt.failure.attempt).max().unwrap_or(0);
    let charges: BTreeSet<&str> = attempts
        .iter()
        .filter(|attempt| attempt.failure.attempt.is_none())
        .map(|attempt| attempt.setback.charge.as_deref().unwrap_or(attempt.setback.event.as_str()))
        .collect();
    counted.max(i64::try_from(charges.len()).unwrap_or(i64::MAX)).max(1)
}

fn by_time(setbacks: &[Setback]) -> Vec<&Setback> {
    let mut setbacks = each_once(setbacks, |setback| &setback.event);
    setbacks.sort_by_key(|setback| recency(setback));
    setbacks
}

fn recency(setback: &Setback) -> (Timestamp, &EventId) {
    (setback.occurred_at, &setback.event)
}

fn each_once<T>(told: &[T], event: impl Fn(&T) -> &EventId) -> Vec<&T> {
    let by_event: BTreeMap<&EventId, &T> = told.iter().map(|told| (event(told), told)).collect();
    by_event.into_values().collect()
}

#[cfg(test)]
mod tests;
