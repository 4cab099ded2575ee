//! What other rules would change in the ledger, found out by settling payments by them and writing nothing.

use std::collections::{BTreeMap, BTreeSet};

use domain::channel::{ChannelList, ChannelSlug};
use domain::ids::{LedgerRowId, TenantId};
use store::StoreError;
use store::applying::Batch;
use uuid::Uuid;

use super::attribution::attribute_payments;
use super::payments::{Touched, told_around};
use super::{Applier, by_name};

/// How many payments are looked at together.
const AT_ONCE: i64 = 500;

/// How many payments are looked at, at most: a person waits for the answer.
const AT_MOST: usize = 20_000;

/// What would be credited otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foresight {
    /// How many payments were looked at.
    pub looked_at: usize,
    /// Whether those were all there are.
    pub is_whole: bool,
    /// What would go from one channel to another.
    pub recredited: BTreeMap<(ChannelSlug, ChannelSlug), Recredited>,
}

/// What would go from one channel to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recredited {
    /// How many payments.
    pub payments: usize,
    /// What they came to, less refunds and disputes, in the tenant's currency.
    pub base_minor: i64,
    /// How many rows of it no rate is known for.
    pub unconverted: usize,
}

impl Applier {
    /// What would be credited otherwise, were these the tenant's channels and rules. Nothing is written.
    pub async fn foresee(&self, tenant: TenantId, channels: &ChannelList) -> Result<Foresight, StoreError> {
        let mut batch = self.store.batch_begin(tenant).await?;
        let mut foresight = Foresight::default();
        let (mut after, mut seen) = (Uuid::nil(), BTreeSet::new());
        while foresight.looked_at < AT_MOST {
            let payments = batch.payments_after(after, AT_ONCE).await?;
            let Some(last) = payments.last() else {
                foresight.is_whole = true;
                break;
            };
            after = *last;
            foresight.looked_at += payments.len();
            foresight.look_at(&mut batch, channels, payments, &mut seen).await?;
        }
        Ok(foresight)
    }
}

impl Foresight {
    async fn look_at(
        &mut self,
        batch: &mut Batch,
        channels: &ChannelList,
        payments: Vec<Uuid>,
        seen: &mut BTreeSet<LedgerRowId>,
    ) -> Result<(), StoreError> {
        let told = told_around(batch, Touched::known(payments)).await?;
        let settled = attribute_payments(batch, channels, told).await?;
        let names: Vec<String> = settled.iter().flat_map(|payment| payment.names.iter().cloned()).collect();
        let settled = by_name(&settled);
        let mut moved: BTreeSet<(&String, &ChannelSlug)> = BTreeSet::new();
        let current = batch.current_rows(&names).await?;
        for row in &current {
            let Some(payment) = settled.get(&row.content.movement.payment) else { continue };
            let (from, to) = (&row.content.channel, &payment.attribution.channel);
            // A payment may be looked at with a neighbour, and again for itself.
            if from == to || !seen.insert(row.id) {
                continue;
            }
            let recredited = self.recredited.entry((from.clone(), to.clone())).or_default();
            match row.content.base_amount_minor {
                Some(minor) => recredited.base_minor += minor,
                None => recredited.unconverted += 1,
            }
            recredited.payments += usize::from(moved.insert((&row.content.movement.payment, from)));
        }
        Ok(())
    }
}
