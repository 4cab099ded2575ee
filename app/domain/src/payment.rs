//! What Stripe's events say of one payment, and how that settles into money rows.
//!
//! One payment is told by up to five events: checkout, invoice, payment intent, charge, and the tie
//! between invoice and intent. Each event becomes a [`Fact`]; facts that share a name (an invoice, a
//! payment intent, a charge, a checkout session) belong to one payment ([`group_by_name`]); and
//! [`settle`] turns all facts of a payment into its rows. Since it looks at the *set* of facts, the rows
//! are the same in whatever order, and however often, the events came.
//!
//! Where no event ties an invoice to its charge, [`presumed_pairs`] says which are taken to be one.
//!
//! To read another kind of event, make it a fact with the statements it supports; to book another kind
//! of movement, add a [`Statement`] and the rows it settles into.

mod presumption;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::EventId;
use crate::ledger::{EntryKind, MoneyKey, Movement, Product, StripeLinks};
use crate::money::Money;

pub use presumption::{PRESUMPTION_WINDOW, Sighting, presumed_pairs};

/// What one event tells of one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The event.
    pub event: EventId,
    /// Stripe's time of the event.
    pub occurred_at: Timestamp,
    /// The names the event knows the payment by.
    pub names: PaymentNames,
    /// The customer who paid.
    pub customer: Option<String>,
    /// The subscription paid for.
    pub subscription: Option<String>,
    /// The payer's e-mails, normalised, the most telling first.
    pub emails: Vec<String>,
    /// Metadata that may name a channel, the most telling first.
    pub channel_hints: Vec<ChannelHint>,
    /// What was sold.
    pub product: Option<Product>,
    /// Whether the event says that a subscription was paid for.
    pub is_recurring: bool,
    /// What it says of money; none when it only ties names together.
    pub statements: Vec<Statement>,
}

/// The names of a payment that one event carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentNames {
    /// `in_…`
    pub invoice: Option<String>,
    /// `pi_…`
    pub payment_intent: Option<String>,
    /// `ch_…`
    pub charge: Option<String>,
    /// `cs_…`
    pub checkout_session: Option<String>,
}

impl PaymentNames {
    /// The names that are known.
    pub fn iter(&self) -> impl Iterator<Item = &String> {
        [&self.invoice, &self.payment_intent, &self.charge, &self.checkout_session].into_iter().flatten()
    }
}

/// A metadata entry that may name a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelHint {
    /// The metadata key.
    pub key: String,
    /// What it says.
    pub value: String,
}

/// What an event says of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Statement {
    /// The invoice is paid, with so much.
    InvoicePaid {
        /// What was paid, which need not be what was due.
        paid: Money,
        /// When.
        at: Timestamp,
    },
    /// The charge took so much, of which so much has been given back so far.
    Charged {
        /// The captured amount.
        taken: Money,
        /// When.
        at: Timestamp,
        /// The running total of its refunds.
        refunded: i64,
    },
    /// The payment intent received so much.
    IntentSucceeded {
        /// The received amount.
        received: Money,
        /// When.
        at: Timestamp,
    },
    /// The checkout session was paid, with so much.
    CheckoutPaid {
        /// Its total.
        total: Money,
        /// When.
        at: Timestamp,
    },
    /// A refund of so much is in this state.
    Refunded {
        /// `re_…`
        refund: String,
        /// What goes back, as a positive amount.
        given_back: Money,
        /// When it was made.
        at: Timestamp,
        /// Whether its money came back.
        failed: bool,
    },
}

/// Groups facts that share a name, directly or through others; the indices of each group ascend.
#[must_use]
pub fn group_by_name(names_of: &[Vec<String>]) -> Vec<Vec<usize>> {
    let mut root: Vec<usize> = (0..names_of.len()).collect();
    let mut first_with: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, names) in names_of.iter().enumerate() {
        for name in names {
            match first_with.get(name.as_str()) {
                Some(&other) => join(&mut root, index, other),
                None => {
                    first_with.insert(name, index);
                }
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..names_of.len() {
        groups.entry(root_of(&root, index)).or_default().push(index);
    }
    groups.into_values().collect()
}

fn root_of(root: &[usize], mut index: usize) -> usize {
    while let Some(&parent) = root.get(index) {
        if parent == index {
            break;
        }
        index = parent;
    }
    index
}

fn join(root: &mut [usize], left: usize, right: usize) {
    let (left, right) = (root_of(root, left), root_of(root, right));
    let (low, high) = (left.min(right), left.max(right));
    if let Some(parent) = root.get_mut(high) {
        *parent = low;
    }
}

/// The money rows of one payment, from everything known of it; in order of their keys.
#[must_use]
pub fn settle(facts: &[Fact]) -> Vec<Movement> {
    let payment = Payment::from_facts(facts);
    let mut movements = payment.money_in();
    movements.extend(payment.money_back());
    movements.sort_by(|a, b| a.key.cmp(&b.key));
    movements
}

/// The facts of one payment, each event once, the most telling first.
struct Payment<'a> {
    facts: Vec<&'a Fact>,
}

impl<'a> Payment<'a> {
    fn from_facts(facts: &'a [Fact]) -> Self {
        let by_event: BTreeMap<&EventId, &Fact> = facts.iter().map(|fact| (&fact.event, fact)).collect();
        let mut facts: Vec<&Fact> = by_event.into_values().collect();
        facts.sort_by_key(|fact| (rank(fact), fact.occurred_at));
        Self { facts }
    }

    /// What came in: the paid invoices; without any, the charges; and for what no charge tells, intents and checkouts.
    fn money_in(&self) -> Vec<Movement> {
        let invoices = self.incoming(|fact, statement| match statement {
            Statement::InvoicePaid { paid, at } => Some((fact.names.invoice.as_ref()?, *paid, *at)),
            _ => None,
        });
        if !invoices.is_empty() {
            return invoices;
        }
        let charges = self.incoming(|fact, statement| match statement {
            Statement::Charged { taken, at, .. } => {
                Some((fact.names.payment_intent.as_ref().or(fact.names.charge.as_ref())?, *taken, *at))
            }
            _ => None,
        });
        let intents = self.incoming(|fact, statement| match statement {
            Statement::IntentSucceeded { received, at } => {
                Some((fact.names.payment_intent.as_ref()?, *received, *at))
            }
            _ => None,
        });
        let charged: BTreeSet<String> = charges.iter().map(|row| row.payment.clone()).collect();
        let mut rows = charges;
        rows.extend(intents.into_iter().filter(|row| !charged.contains(&row.payment)));
        if !rows.is_empty() {
            return rows;
        }
        self.incoming(|fact, statement| match statement {
            Statement::CheckoutPaid { total, at } => Some((
                fact.names.payment_intent.as_ref().or(fact.names.checkout_session.as_ref())?,
                *total,
                *at,
            )),
            _ => None,
        })
    }

    /// One payment row per name, as the latest event that speaks of it says.
    fn incoming(
        &self,
        read: impl Fn(&'a Fact, &'a Statement) -> Option<(&'a String, Money, Timestamp)>,
    ) -> Vec<Movement> {
        let mut latest: BTreeMap<&String, (&Fact, Money, Timestamp)> = BTreeMap::new();
        for &fact in &self.facts {
            for (name, money, at) in fact.statements.iter().filter_map(|statement| read(fact, statement)) {
                let newer = latest.get(name).is_none_or(|(known, ..)| recency(known) < recency(fact));
                if newer && money.minor > 0 {
                    latest.insert(name, (fact, money, at));
                }
            }
        }
        latest
            .into_iter()
            .map(|(name, (fact, money, at))| Movement {
                occurred_at: at,
                ..self.movement(MoneyKey::payment(name), EntryKind::Payment, money, fact)
            })
            .collect()
    }

    /// What went back: refunds by their ids, and what a charge's running total shows beyond those.
    fn money_back(&self) -> Vec<Movement> {
        let mut rows = self.identified_refunds();
        rows.extend(self.unidentified_refunds());
        rows
    }

    fn identified_refunds(&self) -> Vec<Movement> {
        let mut rows = Vec::new();
        for (refund, tellings) in self.refunds_by_id() {
            let Some(made) = tellings.iter().min_by_key(|telling| recency(telling.fact)) else { continue };
            rows.push(Movement {
                occurred_at: made.at,
                links: self.refund_links(made.fact, refund),
                ..self.movement(
                    MoneyKey::refund(refund),
                    EntryKind::Refund,
                    made.given_back.reversed(),
                    made.fact,
                )
            });
            let returned = tellings.iter().filter(|telling| telling.failed).min_by_key(|t| recency(t.fact));
            if let Some(returned) = returned {
                rows.push(Movement {
                    links: self.refund_links(returned.fact, refund),
                    ..self.movement(
                        MoneyKey::refund_failed(refund),
                        EntryKind::RefundFailed,
                        returned.given_back,
                        returned.fact,
                    )
                });
            }
        }
        rows
    }

    fn refunds_by_id(&self) -> BTreeMap<&'a str, Vec<RefundTelling<'a>>> {
        let mut refunds: BTreeMap<&str, Vec<RefundTelling<'_>>> = BTreeMap::new();
        for &fact in &self.facts {
            for statement in &fact.statements {
                if let Statement::Refunded { refund, given_back, at, failed } = statement {
                    let telling = RefundTelling { fact, given_back: *given_back, at: *at, failed: *failed };
                    refunds.entry(refund).or_default().push(telling);
                }
            }
        }
        refunds
    }

    /// `charge.refunded` carries a running total and no refund's id: each step it grew by is a refund,
    /// less those steps that a refund with an id already accounts for.
    fn unidentified_refunds(&self) -> Vec<Movement> {
        let mut rows = Vec::new();
        for (charge, steps) in self.refund_steps() {
            let mut identified = self.identified_amounts(charge);
            let total: i64 = steps.iter().map(|step| step.amount).sum();
            let mut open = total - identified.iter().sum::<i64>();
            for step in steps.into_iter().rev() {
                if open <= 0 {
                    break;
                }
                if let Some(place) = identified.iter().position(|amount| *amount == step.amount) {
                    identified.swap_remove(place);
                    continue;
                }
                let amount = step.amount.min(open);
                open -= amount;
                let money = Money { minor: -amount, currency: step.currency };
                let key = MoneyKey::refund_step(charge, step.running_total);
                rows.push(Movement {
                    links: StripeLinks { charge: Some(charge.to_owned()), ..self.links(step.fact) },
                    ..self.movement(key, EntryKind::Refund, money, step.fact)
                });
            }
        }
        rows
    }

    /// For each charge, the steps its running total of refunds grew by.
    fn refund_steps(&self) -> BTreeMap<&'a str, Vec<RefundStep<'a>>> {
        let mut totals: BTreeMap<&str, BTreeMap<i64, (&Fact, Money)>> = BTreeMap::new();
        for &fact in &self.facts {
            let Some(charge) = &fact.names.charge else { continue };
            for statement in &fact.statements {
                let Statement::Charged { taken, refunded, .. } = statement else { continue };
                if *refunded <= 0 {
                    continue;
                }
                let first_told = totals.entry(charge).or_default().entry(*refunded).or_insert((fact, *taken));
                if recency(fact) < recency(first_told.0) {
                    *first_told = (fact, *taken);
                }
            }
        }
        totals.into_iter().map(|(charge, totals)| (charge, steps_of(totals))).collect()
    }

    /// The amounts of a charge's refunds that have ids; a refund that names no charge counts for any.
    fn identified_amounts(&self, charge: &str) -> Vec<i64> {
        self.refunds_by_id()
            .into_values()
            .filter_map(|tellings| tellings.into_iter().min_by_key(|telling| recency(telling.fact)))
            .filter(|made| made.fact.names.charge.as_deref().is_none_or(|named| named == charge))
            .map(|made| made.given_back.minor)
            .collect()
    }

    fn movement(&self, key: MoneyKey, kind: EntryKind, money: Money, fact: &Fact) -> Movement {
        let links = self.links(fact);
        let payment = [&links.invoice, &links.payment_intent, &links.charge, &links.checkout_session]
            .into_iter()
            .flatten()
            .next()
            .cloned()
            .unwrap_or_else(|| key.as_str().to_owned());
        let payment = match kind {
            EntryKind::Payment => key.as_str().strip_prefix("payment:").unwrap_or(&payment).to_owned(),
            _ => payment,
        };
        Movement {
            key,
            payment,
            kind,
            money,
            occurred_at: fact.occurred_at,
            cause: fact.event.clone(),
            links,
            product: self.first(|fact| fact.product.clone()),
            is_recurring: self.facts.iter().any(|fact| fact.is_recurring),
            customer_email: self.first(|fact| fact.emails.first().cloned()),
            is_tie_presumed: false,
        }
    }

    /// The Stripe objects of a row: its own event's where it names them, else the payment's.
    fn links(&self, fact: &Fact) -> StripeLinks {
        let own = &fact.names;
        StripeLinks {
            customer: self.first(|fact| fact.customer.clone()),
            subscription: self.first(|fact| fact.subscription.clone()),
            invoice: own.invoice.clone().or_else(|| self.first(|fact| fact.names.invoice.clone())),
            charge: self.successful_charge(fact),
            payment_intent: own
                .payment_intent
                .clone()
                .or_else(|| self.first(|fact| fact.names.payment_intent.clone())),
            checkout_session: self.first(|fact| fact.names.checkout_session.clone()),
            refund: None,
        }
    }

    /// The charge that took the money; a failed attempt's charge only when nothing better is known.
    fn successful_charge(&self, fact: &Fact) -> Option<String> {
        let took_money =
            |fact: &&&Fact| fact.statements.iter().any(|told| matches!(told, Statement::Charged { .. }));
        let paid_by_it = self
            .facts
            .iter()
            .filter(took_money)
            .filter(|other| {
                fact.names.payment_intent.is_none() || other.names.payment_intent == fact.names.payment_intent
            })
            .find_map(|fact| fact.names.charge.clone());
        paid_by_it
            .or_else(|| self.facts.iter().filter(took_money).find_map(|fact| fact.names.charge.clone()))
            .or_else(|| fact.names.charge.clone())
            .or_else(|| self.first(|fact| fact.names.charge.clone()))
    }

    fn refund_links(&self, fact: &Fact, refund: &str) -> StripeLinks {
        StripeLinks { refund: Some(refund.to_owned()), ..self.links(fact) }
    }

    fn first<T>(&self, read: impl Fn(&Fact) -> Option<T>) -> Option<T> {
        self.facts.iter().find_map(|fact| read(fact))
    }
}

/// The payer's e-mails over all facts of a payment, the most telling first, each once.
#[must_use]
pub fn payer_emails(facts: &[Fact]) -> Vec<String> {
    distinct(Payment::from_facts(facts).facts.into_iter().flat_map(|fact| fact.emails.clone()))
}

/// The metadata over all facts of a payment that may name a channel, the most telling first, each once.
#[must_use]
pub fn channel_hints(facts: &[Fact]) -> Vec<ChannelHint> {
    distinct(Payment::from_facts(facts).facts.into_iter().flat_map(|fact| fact.channel_hints.clone()))
}

fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen: Vec<T> = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

struct RefundTelling<'a> {
    fact: &'a Fact,
    given_back: Money,
    at: Timestamp,
    failed: bool,
}

struct RefundStep<'a> {
    fact: &'a Fact,
    running_total: i64,
    amount: i64,
    currency: crate::money::Currency,
}

fn steps_of(totals: BTreeMap<i64, (&Fact, Money)>) -> Vec<RefundStep<'_>> {
    let mut before = 0;
    let mut steps = Vec::new();
    for (running_total, (fact, taken)) in totals {
        steps.push(RefundStep {
            fact,
            running_total,
            amount: running_total - before,
            currency: taken.currency,
        });
        before = running_total;
    }
    steps
}

/// How telling a fact is: an invoice knows the product and the payer best, a bare tie knows nothing.
fn rank(fact: &Fact) -> u8 {
    fact.statements
        .iter()
        .map(|statement| match statement {
            Statement::InvoicePaid { .. } => 0,
            Statement::Charged { .. } => 1,
            Statement::IntentSucceeded { .. } => 2,
            Statement::CheckoutPaid { .. } => 3,
            Statement::Refunded { .. } => 5,
        })
        .min()
        .unwrap_or(4)
}

fn recency(fact: &Fact) -> (Timestamp, &EventId) {
    (fact.occurred_at, &fact.event)
}

#[cfg(test)]
mod tests;
