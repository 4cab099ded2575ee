//! Which channels payments are credited to: found when they are settled, and looked for again when a lead, a link, a
//! customer, a checkout session or a person says something later.
//!
//! What changed waits in `attribution_changes`. Its payments are settled again some at a time; how far that has come
//! is written down with them in the same transaction, so a program that was killed goes on from there.

use std::collections::{BTreeMap, BTreeSet};

use domain::attribution::{Attribution, Candidate, Clue, Known, Method, Payer, attribute, reason_in_words};
use domain::channel::ChannelList;
use domain::ids::{EventId, LedgerRowId, TenantId};
use domain::ledger::{EntryKind, Movement, RowContent};
use domain::payment::{Fact, distinct, settle};
use domain::restatement::{Restatement, Subject, Trigger};
use domain::tenant::Tenant;
use jiff::Timestamp;
use store::StoreError;
use store::applying::{Batch, CurrentRow, NewRow, Supersession};
use store::attribution::WaitingChange;
use store::subscriptions::RecountReason;
use uuid::Uuid;

use crate::chance::new_id;

use super::payments::{Told, Touched};
use super::subscriptions::count_customers;
use super::{Applier, LedgerChanged, News, Settled, by_name, settle_payments};

/// How many changes one transaction takes.
const CHANGES_AT_ONCE: i64 = 1_000;

/// How many payments it settles again.
const PAYMENTS_AT_ONCE: i64 = 500;

impl Applier {
    /// Settles some of the payments again that changes concern, for every tenant; returns for how many there was
    /// something.
    pub(super) async fn settle_attribution_changes(&self) -> Result<usize, StoreError> {
        let mut busy = 0;
        for id in self.store.tenants_with_attribution_changes().await? {
            match self.settle_changes_of(id).await {
                Ok(did) => busy += usize::from(did),
                Err(error) => {
                    tracing::error!(%error, tenant = %id, "attribution could not be looked at again")
                }
            }
        }
        Ok(busy)
    }

    async fn settle_changes_of(&self, id: TenantId) -> Result<bool, StoreError> {
        let Some(tenant) = self.store.tenant_by_id(id).await? else { return Ok(false) };
        let Some(mut batch) = self.begin(id).await? else { return Ok(false) };
        let waiting = batch.changes_waiting(CHANGES_AT_ONCE).await?;
        let Some(after) = waiting.first().map(|change| change.settled_up_to) else { return Ok(false) };
        // Read after the changes, so that they are no older than what is looked at again because of them.
        let channels = batch.channels().await?;
        let causes = Causes::of_changes(&mut batch, &waiting).await?;
        let payments = causes.payments(&mut batch, after).await?;
        let ids: Vec<Uuid> = waiting.iter().map(|change| change.id).collect();
        let is_full = i64::try_from(payments.len()).unwrap_or(i64::MAX) >= PAYMENTS_AT_ONCE;
        let last = payments.last().copied();
        let now = self.clock.now();
        let mut changed =
            settle_payments(&mut batch, &tenant, &channels, Touched::known(payments), &causes, now).await?;
        match last.filter(|_| is_full) {
            Some(last) => batch.changes_settled_up_to(&ids, last).await?,
            None => {
                changed |= look_at_subscribers(&mut batch, &tenant, &channels, &causes, now).await?;
                batch.changes_settled(&ids).await?;
            }
        }
        batch.commit().await?;
        if changed {
            let _ = self.changes.send(LedgerChanged(id));
        }
        Ok(true)
    }
}

/// Looks again at the subscriptions that changes concern, once their payments were looked at; when everything is
/// concerned, a recount takes them some at a time.
async fn look_at_subscribers(
    batch: &mut Batch,
    tenant: &Tenant,
    channels: &ChannelList,
    causes: &Causes,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if causes.0.contains_key(&Clue::Everything) {
        batch.recount_ask(new_id(), RecountReason::Attribution, now).await?;
        return Ok(false);
    }
    let clues: Vec<Clue> = causes.0.keys().cloned().collect();
    let customers = batch.subscribers_with_clues(&clues).await?;
    count_customers(batch, tenant, channels, &customers, causes, now).await
}

/// Settles payments, and credits each to its channel.
pub(super) async fn attribute_payments(
    batch: &mut Batch,
    channels: &ChannelList,
    payments: Vec<Told>,
) -> Result<Vec<Settled>, StoreError> {
    let is_new: Vec<bool> = payments.iter().map(|told| told.is_new).collect();
    let (payers, movements): (Vec<Payer>, Vec<Vec<Movement>>) = payments
        .into_iter()
        .map(|Told { facts, is_tie_presumed, .. }| {
            let movements = settle(&facts).into_iter();
            let movements: Vec<_> =
                movements.map(|movement| Movement { is_tie_presumed, ..movement }).collect();
            (Payer::of_payment(&facts, paid_at(&movements)), movements)
        })
        .unzip();
    let attributions = attributions_of(batch, channels, &payers).await?;
    let settled = payers.into_iter().zip(movements).zip(attributions).zip(is_new);
    Ok(settled
        .map(|(((payer, movements), attribution), is_new)| Settled {
            movements,
            attribution,
            names: payer.names.iter().cloned().collect(),
            payer,
            is_new,
        })
        .collect())
}

fn paid_at(movements: &[Movement]) -> Option<Timestamp> {
    let payments = movements.iter().filter(|movement| movement.kind == EntryKind::Payment);
    payments.map(|movement| movement.occurred_at).min()
}

/// The channel of each payer, with all candidates, in the tenant's order. For payments, subscriptions, and whatever
/// else somebody pays for.
pub(super) async fn attributions_of(
    batch: &mut Batch,
    channels: &ChannelList,
    payers: &[Payer],
) -> Result<Vec<Attribution>, StoreError> {
    if payers.is_empty() {
        return Ok(Vec::new());
    }
    let order = batch.attribution_order().await?;
    let known = known_of(batch, payers).await?;
    Ok(payers.iter().map(|payer| attribute(payer, &known, order, channels)).collect())
}

/// Everything the tenant knows that matters to these payers.
async fn known_of(batch: &mut Batch, payers: &[Payer]) -> Result<Known, StoreError> {
    let customers = all(payers, |payer| &payer.customers);
    let known = Known::default()
        .with_customers(batch.customers_known(&customers).await?)
        .with_links(batch.links_of(&customers).await?)
        .with_sessions(batch.sessions_of(&all(payers, |payer| &payer.subscriptions)).await?)
        .with_overrides(batch.overrides_of(&all(payers, |payer| &payer.names), &customers).await?);
    let emails: Vec<String> = all(payers, |payer| &payer.emails).into_iter().chain(known.emails()).collect();
    let named = payers.iter().flat_map(Payer::lead_references);
    let named: Vec<String> = distinct(named.chain(known.lead_references()));
    let leads = batch.leads_known(&emails, &named).await?;
    let colleagues = batch.leads_of_companies(&domains(&emails)).await?;
    Ok(known.with_leads(leads).with_colleagues(colleagues))
}

fn all(payers: &[Payer], read: fn(&Payer) -> &Vec<String>) -> Vec<String> {
    payers.iter().flat_map(read).collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

fn domains(emails: &[String]) -> Vec<String> {
    let clues: BTreeSet<Clue> = emails.iter().flat_map(|email| Clue::of_email(email)).collect();
    let domains = clues.into_iter().filter_map(|clue| match clue {
        Clue::Domain(domain) => Some(domain),
        _ => None,
    });
    domains.collect()
}

/// Keeps by what a change finds new facts again. What a checkout session says counts for everything its subscription
/// pays, so that is looked at again too.
pub(super) async fn note_clues(batch: &mut Batch, facts: &[Fact]) -> Result<(), StoreError> {
    let clues_of = |fact: &Fact| -> Vec<(Clue, EventId)> {
        Payer::clues_of_fact(fact).into_iter().map(|clue| (clue, fact.event.clone())).collect()
    };
    batch.clues_insert(&facts.iter().flat_map(clues_of).collect::<Vec<_>>()).await?;
    let sessions = facts.iter().filter(|fact| fact.names.checkout_session.is_some());
    let changes: Vec<(Clue, Trigger)> = sessions
        .filter(|fact| !fact.channel_hints.is_empty())
        .filter_map(|fact| {
            Some((Clue::Subscription(fact.subscription.clone()?), Trigger::Event(fact.event.clone())))
        })
        .collect();
    batch.changes_insert(&changes).await
}

/// Why payments are settled again, by what finds them.
#[derive(Debug, Default)]
pub(super) struct Causes(BTreeMap<Clue, Vec<Trigger>>);

impl Causes {
    /// The events that tell of payments and subscriptions.
    pub(super) fn of_events(news: &News) -> Self {
        let mut causes = Self::default();
        for fact in &news.payments {
            let names = fact.names.iter().cloned().map(Clue::Payment);
            for clue in names.chain(fact.customer.clone().map(Clue::Customer)) {
                causes.add(clue, Trigger::Event(fact.event.clone()));
            }
        }
        for fact in &news.subscriptions {
            causes.add(Clue::Payment(fact.subscription.clone()), Trigger::Event(fact.event.clone()));
        }
        causes
    }

    async fn of_changes(batch: &mut Batch, waiting: &[WaitingChange]) -> Result<Self, StoreError> {
        let mut causes = Self::default();
        for change in waiting {
            causes.add(change.clue.clone(), change.trigger.clone());
        }
        let clues: Vec<Clue> = causes.0.keys().cloned().collect();
        for (from, to) in batch.clues_behind(&clues).await? {
            let triggers = causes.0.get(&from).cloned().unwrap_or_default();
            triggers.into_iter().for_each(|trigger| causes.add(to.clone(), trigger));
        }
        Ok(causes)
    }

    fn add(&mut self, clue: Clue, trigger: Trigger) {
        self.0.entry(clue).or_default().push(trigger);
    }

    async fn payments(&self, batch: &mut Batch, after: Uuid) -> Result<Vec<Uuid>, StoreError> {
        if self.0.contains_key(&Clue::Everything) {
            return batch.payments_after(after, PAYMENTS_AT_ONCE).await;
        }
        let clues: Vec<Clue> = self.0.keys().cloned().collect();
        batch.payments_with_clues(&clues, after, PAYMENTS_AT_ONCE).await
    }

    /// What brought about that a payer's row reads as it does now: what fits how its channel was found, else
    /// whatever concerns the payer, else the row's own event.
    fn of(&self, payer: &Payer, row: &NewRow) -> Trigger {
        let clues = payer.clues();
        let concerning =
            || clues.iter().chain([&Clue::Everything]).filter_map(|clue| self.0.get(clue)).flatten();
        let method = row.candidates.first().map(|found| found.method);
        let fitting = concerning().find(|trigger| fits(trigger, method));
        let found = fitting.or_else(|| concerning().last());
        found.cloned().unwrap_or_else(|| Trigger::Event(row.content.movement.cause.clone()))
    }
}

fn fits(trigger: &Trigger, method: Option<Method>) -> bool {
    use Method::{CustomerEmail, DomainRule, LeadEmail, LeadReference, LinkedRecord, Metadata, Override};
    matches!(
        (trigger, method),
        (Trigger::Override(_), Some(Override))
            | (Trigger::Link(_), Some(LinkedRecord))
            | (Trigger::Lead(_), Some(LeadEmail | CustomerEmail | LeadReference))
            | (Trigger::Rule(_), Some(Metadata | DomainRule))
    )
}

/// Rows that counted, with what they were credited from.
pub(super) struct Before {
    rows: BTreeMap<LedgerRowId, RowContent>,
    evidence: BTreeMap<LedgerRowId, Vec<Candidate>>,
}

impl Before {
    /// Looks up the evidence of rows.
    pub(super) async fn of(batch: &mut Batch, current: &[CurrentRow]) -> Result<Self, StoreError> {
        let ids: Vec<LedgerRowId> = current.iter().map(|row| row.id).collect();
        let evidence = batch.evidence_of(&ids).await?;
        let rows = current.iter().map(|row| (row.id, row.content.clone())).collect();
        Ok(Self { rows, evidence })
    }

    /// What a row was credited from.
    pub(super) fn candidates(&self, row: LedgerRowId) -> &[Candidate] {
        self.evidence.get(&row).map_or(&[], Vec::as_slice)
    }

    /// A line for every row whose channel is another than before.
    pub(super) fn restatements(
        &self,
        settled: &[Settled],
        rows: &[NewRow],
        supersessions: &[Supersession],
        causes: &Causes,
    ) -> Vec<Restatement> {
        let new: BTreeMap<LedgerRowId, &NewRow> = rows.iter().map(|row| (row.id, row)).collect();
        let settled = by_name(settled);
        supersessions
            .iter()
            .filter_map(|replaced| {
                let (before, after) = (self.rows.get(&replaced.superseded)?, *new.get(&replaced.successor?)?);
                let settled = settled.get(&after.content.movement.payment)?;
                (before.channel != after.content.channel).then(|| Restatement {
                    subject: Subject::Attribution,
                    old_row: replaced.superseded,
                    new_row: after.id,
                    effective_at: after.content.movement.occurred_at,
                    from: before.channel.to_string(),
                    to: after.content.channel.to_string(),
                    cause: format!(
                        "{}; before: {}",
                        reason_in_words(&after.candidates),
                        reason_in_words(self.candidates(replaced.superseded))
                    ),
                    trigger: causes.of(&settled.payer, after),
                })
            })
            .collect()
    }
}
