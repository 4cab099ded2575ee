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

mod disputes;
mod presumption;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::attribution::metadata::Place;
use crate::ids::EventId;
use crate::ledger::{EntryKind, MoneyKey, Movement, Product, StripeLinks};
use crate::money::Money;

pub use disputes::DisputeStage;
pub use presumption::{PRESUMPTION_WINDOW, Sighting, is_untied, presumed_pairs};

/// What one event tells of one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The event.
    pub event: EventId,
    /// Stripe's time of the event.
    pub occurred_at: Timestamp,
    /// Whether we looked its object up, so that its time says when we looked and not when something happened.
    #[serde(default, skip_serializing_if = "is_false")]
    pub looked_up: bool,
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

const fn is_false(flag: &bool) -> bool {
    !*flag
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
    /// `re_…`, so that a refund has one payment whatever names it.
    pub refunds: Vec<String>,
}

impl PaymentNames {
    /// The names that are known.
    pub fn iter(&self) -> impl Iterator<Item = &String> {
        let single = [&self.invoice, &self.payment_intent, &self.charge, &self.checkout_session];
        single.into_iter().flatten().chain(&self.refunds)
    }
}

/// A metadata entry that may name a channel, or a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelHint {
    /// Which object it stands on.
    #[serde(default)]
    pub place: Place,
    /// The metadata key.
    pub key: String,
    /// What it says.
    pub value: String,
}

/// What an event says of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Statement {
    /// The invoice was paid with so much.
    InvoicePaid {
        /// What was paid, which need not be what was due.
        paid: Money,
        /// When.
        at: Timestamp,
        /// Whether more is still due.
        #[serde(default, skip_serializing_if = "is_false")]
        in_part: bool,
    },
    /// The charge took so much, of which so much has been given back so far.
    Charged {
        /// The captured amount.
        taken: Money,
        /// When.
        at: Timestamp,
        /// The running total of its refunds.
        refunded: i64,
        /// What was authorised and never taken; Stripe reports it as a refund made at capture.
        released: i64,
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
        /// Stripe's word for why it was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// When it did, where Stripe says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failed_at: Option<Timestamp>,
    },
    /// A dispute over so much is at this stage.
    Disputed {
        /// `dp_…`
        dispute: String,
        /// What is disputed, as a positive amount.
        amount: Money,
        /// When it was opened.
        opened_at: Timestamp,
        /// What became of the money.
        stage: DisputeStage,
        /// Stripe's word for why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// When it came back, where Stripe says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reinstated_at: Option<Timestamp>,
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
    movements.extend(payment.disputes());
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
        // An event carries ten of an invoice's lines, a look-up all of them.
        facts.sort_by_key(|fact| (rank(fact), !fact.looked_up, fact.occurred_at));
        Self { facts }
    }

    /// What came in: the paid invoices; without any, the charges; and for what no charge tells, intents and checkouts.
    /// An invoice that is not paid in full yet may be older than its charges, so that the larger of the two counts.
    fn money_in(&self) -> Vec<Movement> {
        let in_full = self.invoices_paid_in_full();
        let invoices = self.incoming(|fact, statement| match statement {
            Statement::InvoicePaid { paid, at, in_part } => {
                let invoice = fact.names.invoice.as_ref()?;
                (!in_part || !in_full.contains(invoice)).then_some((invoice, *paid, *at))
            }
            _ => None,
        });
        if !in_full.is_empty() && !invoices.is_empty() {
            return invoices;
        }
        let taken = self.money_taken();
        if total(&taken) > total(&invoices) { taken } else { invoices }
    }

    fn invoices_paid_in_full(&self) -> BTreeSet<&'a String> {
        let is_in_full = |fact: &&&Fact| {
            let mut told = fact.statements.iter();
            told.any(|statement| matches!(statement, Statement::InvoicePaid { in_part: false, .. }))
        };
        self.facts.iter().filter(is_in_full).filter_map(|fact| fact.names.invoice.as_ref()).collect()
    }

    /// What came in by everything but invoices.
    fn money_taken(&self) -> Vec<Movement> {
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

    /// One payment row per name, with the amount the latest event that speaks of it says; of one second's, the largest:
    /// what was paid only grows. What tells it when it
    /// happened goes before what was looked up to say the same, so that looking something up leaves its row alone.
    fn incoming(
        &self,
        read: impl Fn(&'a Fact, &'a Statement) -> Option<(&'a String, Money, Timestamp)>,
    ) -> Vec<Movement> {
        let mut tellings: BTreeMap<&String, Vec<(&Fact, Money, Timestamp)>> = BTreeMap::new();
        for &fact in &self.facts {
            for (name, money, at) in fact.statements.iter().filter_map(|statement| read(fact, statement)) {
                if money.minor > 0 {
                    tellings.entry(name).or_default().push((fact, money, at));
                }
            }
        }
        tellings
            .into_iter()
            .filter_map(|(name, tellings)| {
                let (_, newest, _) = tellings
                    .iter()
                    .max_by_key(|(fact, money, _)| (fact.occurred_at, money.minor, &fact.event))?;
                let same = tellings.iter().filter(|(_, money, _)| money == newest);
                let (fact, money, at) = same.max_by_key(|(fact, ..)| (!fact.looked_up, recency(fact)))?;
                let row = self.movement(MoneyKey::payment(name), EntryKind::Payment, *money, fact);
                Some(Movement { occurred_at: *at, ..row })
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
        let releases = self.releases();
        for (refund, tellings) in self.refunds_by_id() {
            if releases.contains(refund) {
                continue;
            }
            let Some(made) = tellings.iter().min_by_key(|telling| recency(telling.fact)) else { continue };
            // Who refunds may say why only afterwards.
            let told = tellings.iter().filter(|telling| telling.reason.is_some());
            let reason =
                told.max_by_key(|telling| recency(telling.fact)).and_then(|told| told.reason.clone());
            rows.push(Movement {
                occurred_at: made.at,
                reason: reason.clone(),
                links: self.refund_links(made.fact, refund),
                ..self.movement(
                    MoneyKey::refund(refund),
                    EntryKind::Refund,
                    made.given_back.reversed(),
                    made.fact,
                )
            });
            let returned = tellings.iter().filter(|telling| telling.failed).min_by_key(|t| recency(t.fact));
            if let (Some(returned), Some(at)) = (returned, failed_at(&tellings)) {
                rows.push(Movement {
                    occurred_at: at,
                    reason,
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
                if let Statement::Refunded { refund, given_back, at, failed, reason, failed_at } = statement {
                    let (given_back, at, failed, failed_at) = (*given_back, *at, *failed, *failed_at);
                    let telling = RefundTelling { fact, given_back, at, failed, reason, failed_at };
                    refunds.entry(refund).or_default().push(telling);
                }
            }
        }
        refunds
    }

    /// The refunds by which Stripe gave back what a partial capture did not take: no money of ours moved.
    fn releases(&self) -> BTreeSet<&'a str> {
        let mut releases = BTreeSet::new();
        for (charge, released) in self.released_amounts() {
            let made = |tellings: &[RefundTelling<'a>]| {
                tellings
                    .iter()
                    .min_by_key(|telling| recency(telling.fact))
                    .map(|made| (made.at, made.given_back.minor))
            };
            let first = self
                .refunds_by_id()
                .into_iter()
                .filter(|(_, tellings)| {
                    tellings.iter().any(|telling| self.is_of_charge(telling.fact, charge))
                })
                .filter_map(|(refund, tellings)| Some((made(&tellings)?, refund)))
                .filter(|((_, amount), _)| *amount == released)
                .min();
            releases.extend(first.map(|(_, refund)| refund));
        }
        releases
    }

    fn released_amounts(&self) -> BTreeMap<&'a str, i64> {
        let mut released: BTreeMap<&str, i64> = BTreeMap::new();
        for (charge, statement) in self.charge_statements().map(|(charge, _, statement)| (charge, statement))
        {
            if let Statement::Charged { released: amount @ 1.., .. } = statement {
                released.insert(charge, *amount);
            }
        }
        released
    }

    /// `charge.refunded` carries a running total and no refund's id. What the newest total shows beyond the
    /// refunds that have ids is booked as the steps by which it grew.
    fn unidentified_refunds(&self) -> Vec<Movement> {
        let mut rows = Vec::new();
        for (charge, totals) in self.running_totals() {
            let Some(newest) = totals.last() else { continue };
            let mut identified = self.identified_amounts(charge, newest.fact.occurred_at);
            let mut open = newest.total - identified.iter().sum::<i64>();
            let mut failed = self.failed_refunds(charge);
            let mut known_steps: Vec<Timestamp> = Vec::new();
            for step in steps_of(&totals).into_iter().rev() {
                if open <= 0 {
                    break;
                }
                if let Some(place) = identified.iter().position(|amount| *amount == step.amount) {
                    identified.swap_remove(place);
                    known_steps.push(step.fact.occurred_at);
                    continue;
                }
                // A total that grew by a known refund since this one failed did not fall with it.
                let did_not_fall =
                    |refund: &FailedRefund| known_steps.iter().any(|told| *told >= refund.failed_at);
                if let Some(place) =
                    failed.iter().position(|refund| refund.is_step(&step) && did_not_fall(refund))
                {
                    failed.swap_remove(place);
                    continue;
                }
                let amount = step.amount.min(open);
                open -= amount;
                let money = Money { minor: -amount, currency: step.currency };
                let key = MoneyKey::refund_step(charge, step.total);
                rows.push(Movement {
                    links: StripeLinks { charge: Some(charge.to_owned()), ..self.links(step.fact) },
                    ..self.movement(key, EntryKind::Refund, money, step.fact)
                });
            }
        }
        rows
    }

    /// For each charge, the totals of its refunds that were told, the oldest first; in one second the larger last.
    fn running_totals(&self) -> BTreeMap<&'a str, Vec<RunningTotal<'a>>> {
        let mut totals: BTreeMap<&str, Vec<RunningTotal<'_>>> = BTreeMap::new();
        for (charge, fact, statement) in self.charge_statements() {
            if let Statement::Charged { taken, refunded, .. } = statement
                && !names_its_refunds(fact, *refunded)
            {
                let told = RunningTotal { fact, total: *refunded, currency: taken.currency };
                totals.entry(charge).or_default().push(told);
            }
        }
        for told in totals.values_mut() {
            told.sort_by_key(|told| (told.fact.occurred_at, told.total, &told.fact.event));
        }
        totals
    }

    fn charge_statements(&self) -> impl Iterator<Item = (&'a str, &'a Fact, &'a Statement)> {
        self.facts.iter().flat_map(|fact| {
            let charge = fact.names.charge.as_deref();
            fact.statements.iter().filter_map(move |statement| Some((charge?, *fact, statement)))
        })
    }

    /// The amounts of the refunds with ids that a charge's running total held at a time.
    fn identified_amounts(&self, charge: &str, at: Timestamp) -> Vec<i64> {
        let releases = self.releases();
        self.refunds_by_id()
            .into_iter()
            .filter(|(refund, _)| !releases.contains(refund))
            .filter_map(|(_, tellings)| {
                let made = tellings.iter().min_by_key(|telling| recency(telling.fact))?;
                let had_failed = failed_at(&tellings).is_some_and(|failed| failed < at);
                let counts = self.is_of_charge(made.fact, charge) && made.at <= at && !had_failed;
                counts.then_some(made.given_back.minor)
            })
            .collect()
    }

    /// The refunds of a charge that failed.
    fn failed_refunds(&self, charge: &str) -> Vec<FailedRefund> {
        self.refunds_by_id()
            .into_values()
            .filter_map(|tellings| {
                let made = tellings.iter().min_by_key(|telling| recency(telling.fact))?;
                let failed_at = failed_at(&tellings)?;
                let refund = FailedRefund { amount: made.given_back.minor, made_at: made.at, failed_at };
                self.is_of_charge(made.fact, charge).then_some(refund)
            })
            .collect()
    }

    /// Whether a refund's fact is about this charge: it names it, or the intent that made it.
    fn is_of_charge(&self, refund: &Fact, charge: &str) -> bool {
        if let Some(named) = &refund.names.charge {
            return named == charge;
        }
        self.facts.iter().any(|fact| {
            fact.names.charge.as_deref() == Some(charge)
                && fact.names.payment_intent == refund.names.payment_intent
        })
    }

    fn movement(&self, key: MoneyKey, kind: EntryKind, money: Money, fact: &Fact) -> Movement {
        let links = self.links(fact);
        let payment = self.payment_name(&key, &links);
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
            mrr_impact_minor: 0,
            mrr_movement: None,
            reason: None,
        }
    }

    /// What a row's payment is called: as its key says, else by the most telling of its objects.
    fn payment_name(&self, key: &MoneyKey, links: &StripeLinks) -> String {
        let objects = [&links.invoice, &links.payment_intent, &links.charge, &links.checkout_session];
        match key.payment_name() {
            Some(name) => name.to_owned(),
            None => objects.into_iter().flatten().next().cloned().unwrap_or_else(|| key.to_string()),
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
        let links = self.links(fact);
        StripeLinks {
            refund: Some(refund.to_owned()),
            charge: fact.names.charge.clone().or(links.charge.clone()),
            ..links
        }
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

/// Each item once, where it comes first.
#[must_use]
pub fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
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
    reason: &'a Option<String>,
    failed_at: Option<Timestamp>,
}

/// When a refund's money came back: as Stripe says, else when it was first told that it had.
fn failed_at(tellings: &[RefundTelling<'_>]) -> Option<Timestamp> {
    let failed = || tellings.iter().filter(|telling| telling.failed);
    let stated = failed().filter_map(|telling| telling.failed_at).min();
    stated.or_else(|| failed().map(|telling| telling.fact.occurred_at).min())
}

/// Whether a charge that was looked up names the refunds its running total is made of. When it was looked up says
/// nothing of when the total grew, so it is no step.
fn names_its_refunds(charge: &Fact, running_total: i64) -> bool {
    let named = charge.statements.iter().map(|statement| match statement {
        Statement::Refunded { given_back, failed: false, .. } => given_back.minor,
        _ => 0,
    });
    charge.looked_up && named.sum::<i64>() >= running_total
}

/// What a charge's running total of refunds was when it was told.
struct RunningTotal<'a> {
    fact: &'a Fact,
    total: i64,
    currency: crate::money::Currency,
}

/// A step by which a running total grew, and what it came to.
struct RefundStep<'a> {
    fact: &'a Fact,
    total: i64,
    amount: i64,
    currency: crate::money::Currency,
}

/// A refund whose money came back.
struct FailedRefund {
    amount: i64,
    made_at: Timestamp,
    failed_at: Timestamp,
}

impl FailedRefund {
    /// Whether a running total grew by this refund: it was made by then, and had not failed.
    fn is_step(&self, step: &RefundStep<'_>) -> bool {
        let told_at = step.fact.occurred_at;
        step.amount == self.amount && self.made_at <= told_at && told_at < self.failed_at
    }
}

/// The steps that stand at the end: where a total fell, because refunds failed, the newest steps are taken back.
fn steps_of<'a>(totals: &[RunningTotal<'a>]) -> Vec<RefundStep<'a>> {
    let mut steps: Vec<RefundStep<'_>> = Vec::new();
    for told in totals {
        while steps.last().is_some_and(|step| step.total > told.total) {
            steps.pop();
        }
        let before = steps.last().map_or(0, |step| step.total);
        if told.total > before {
            let RunningTotal { fact, total, currency } = *told;
            steps.push(RefundStep { fact, total, amount: total - before, currency });
        }
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
            Statement::Disputed { .. } => 6,
        })
        .min()
        .unwrap_or(4)
}

fn total(rows: &[Movement]) -> i64 {
    rows.iter().map(|row| row.money.minor).sum()
}

fn recency(fact: &Fact) -> (Timestamp, &EventId) {
    (fact.occurred_at, &fact.event)
}

#[cfg(test)]
mod tests;
