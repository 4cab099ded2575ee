//! Failed attempts become rows of payments at risk.

use std::collections::{BTreeMap, BTreeSet};

use domain::dunning::{self, Setback, Told};
use domain::ids::EventId;
use domain::payment::Fact;
use store::StoreError;
use store::applying::{Batch, PendingEvent};
use uuid::Uuid;

use super::payments::Touched;
use crate::stripe::collection;
use crate::stripe::event::{ReadEvent, Reading};

/// What an event says of collecting. What is set aside says nothing, and what is not booked only that a
/// subscription ended.
pub(super) fn hear(event: &PendingEvent, read: &ReadEvent) -> Option<Setback> {
    if matches!(read.reading, Reading::Dead(_) | Reading::Quarantined(_)) {
        return None;
    }
    collection::read(&event.id, read.event_type.as_deref()?, &event.body)
}

/// Keeps what events say of collecting, and settles the payments that failed among those that were touched.
pub(super) async fn settle(
    batch: &mut Batch,
    touched: &Touched,
    setbacks: &[Setback],
) -> Result<(), StoreError> {
    batch.setbacks_insert(setbacks).await?;
    let told: BTreeSet<&EventId> = setbacks.iter().map(|setback| &setback.event).collect();
    // Of a payment nobody had heard of there are no setbacks but these.
    let failing = touched.new.iter().filter(|(_, facts)| facts.iter().any(|fact| told.contains(&fact.event)));
    let mut payments = touched.known.clone();
    payments.extend(failing.map(|(payment, _)| *payment));
    payments.extend(batch.payments_failing_of(&ended(setbacks)).await?);
    let payments: Vec<Uuid> = payments.into_iter().collect();
    let setbacks = batch.setbacks_of(&payments).await?;
    if setbacks.is_empty() {
        return Ok(());
    }
    let failing: Vec<Uuid> = setbacks.keys().copied().collect();
    let facts = batch.facts_of(&failing).await?;
    write(batch, &facts, &setbacks).await
}

fn ended(setbacks: &[Setback]) -> Vec<String> {
    let ends = setbacks.iter().filter(|setback| setback.told == Told::SubscriptionEnded);
    ends.filter_map(|setback| setback.subscription.clone()).collect()
}

async fn write(
    batch: &mut Batch,
    facts: &BTreeMap<Uuid, Vec<Fact>>,
    setbacks: &BTreeMap<Uuid, Vec<Setback>>,
) -> Result<(), StoreError> {
    let told = || facts.iter().map(|(payment, facts)| (facts, of(setbacks, payment)));
    let subscriptions: BTreeSet<String> =
        told().flat_map(|(facts, setbacks)| dunning::subscriptions_of(facts, setbacks)).collect();
    let ends = batch.subscription_ends(&subscriptions.into_iter().collect::<Vec<_>>()).await?;
    let names: BTreeSet<String> =
        facts.values().flatten().flat_map(|fact| fact.names.iter().cloned()).collect();
    let failed: Vec<_> =
        told().flat_map(|(facts, setbacks)| dunning::settle(facts, setbacks, &ends)).collect();
    batch.dunning_replace(&names.into_iter().collect::<Vec<_>>(), &failed).await
}

fn of<'a>(setbacks: &'a BTreeMap<Uuid, Vec<Setback>>, payment: &Uuid) -> &'a [Setback] {
    setbacks.get(payment).map_or(&[], Vec::as_slice)
}
