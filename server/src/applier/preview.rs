//! What events would change in the ledger, found out by booking them and undoing it.

use std::collections::BTreeMap;

use domain::ids::EventId;
use domain::ledger::MoneyKey;
use domain::money::Money;
use domain::payment::Fact;
use domain::tenant::Tenant;
use store::StoreError;

use super::Applier;
use super::attribution::attribute_payments;
use super::payments::{Touched, join_payments, told_around};

/// How many facts or payments are looked at together.
const AT_ONCE: usize = 256;

/// What would become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The ledger has none of this money yet.
    New,
    /// It has, and says the same.
    Same,
    /// It has, and says something else.
    Conflict {
        /// What it says.
        was: Money,
    },
    /// It has, and the same money would stand in another row.
    Replaced,
}

/// A row as it would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// Its amount.
    pub money: Money,
    /// Whether no channel would be credited.
    pub is_unattributed: bool,
    /// What would become of it.
    pub outcome: Outcome,
}

impl Applier {
    /// The rows these facts would make, by key. Nothing is written: the transaction is undone.
    pub async fn preview(
        &self,
        tenant: &Tenant,
        facts: Vec<Fact>,
    ) -> Result<BTreeMap<MoneyKey, Foreseen>, StoreError> {
        let now = self.clock.now();
        let mut batch = self.store.batch_begin(tenant.id).await?;
        let channels = batch.channels().await?;
        let mut touched = Vec::new();
        for facts in facts.chunks(AT_ONCE) {
            let events: Vec<EventId> = facts.iter().map(|fact| fact.event.clone()).collect();
            batch.events_pretend(&events, now).await?;
            touched.extend(join_payments(&mut batch, tenant.id, facts.to_vec()).await?.ids());
        }
        touched.sort_unstable();
        touched.dedup();
        let mut foreseen = BTreeMap::new();
        for payments in touched.chunks(AT_ONCE) {
            let told = told_around(&mut batch, Touched::known(payments.iter().copied())).await?;
            let settled = attribute_payments(&mut batch, &channels, told).await?;
            let names: Vec<String> =
                settled.iter().flat_map(|payment| payment.names.iter().cloned()).collect();
            let mut known: BTreeMap<MoneyKey, Money> = batch
                .current_rows(&names)
                .await?
                .into_iter()
                .map(|row| (row.content.movement.key.clone(), row.content.movement.money))
                .collect();
            for payment in &settled {
                let is_unattributed = payment.attribution.channel.is_unknown();
                foreseen.extend(payment.movements.iter().map(|row| {
                    let outcome = outcome(row.money, known.remove(&row.key));
                    (row.key.clone(), Foreseen { money: row.money, is_unattributed, outcome })
                }));
            }
            let replaced = |money| Foreseen { money, is_unattributed: false, outcome: Outcome::Replaced };
            foreseen.extend(known.into_iter().map(|(key, money)| (key, replaced(money))));
        }
        Ok(foreseen)
    }
}

fn outcome(would_be: Money, known: Option<Money>) -> Outcome {
    match known {
        None => Outcome::New,
        Some(was) if was == would_be => Outcome::Same,
        Some(was) => Outcome::Conflict { was },
    }
}
