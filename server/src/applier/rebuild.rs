//! Making everything again from the raw events, and comparing it with what stood.
//!
//! In one transaction the projections are remembered and dropped, every event is read again, every payment settled
//! and every customer counted, as when they came. Then what is there is compared with what was. Only looking, the
//! transaction is undone; rebuilding, it is kept: rows of the ledger that differ are superseded, none is changed.

use domain::channel::ChannelList;
use domain::ids::TenantId;
use domain::tenant::Tenant;
use jiff::{SignedDuration, Timestamp};
use store::StoreError;
use store::applying::{Batch, SeenEvent};
use store::rebuilding::{Difference, KeptEvent};
use uuid::Uuid;

use super::attribution::{Causes, note_clues};
use super::payments::{Touched, join_payments};
use super::subscriptions::{count_customers, keep_subscriptions};
use super::{Applier, LedgerChanged, dunning, read_events, settle_payments};

/// How many events are read together.
const EVENTS_AT_ONCE: i64 = 2_000;

/// How many payments are settled together.
const PAYMENTS_AT_ONCE: i64 = 500;

/// How many customers are counted together.
const CUSTOMERS_AT_ONCE: i64 = 200;

/// How many differences are listed.
const LISTED: i64 = 20;

/// What came of making everything again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// How many events were read.
    pub events: usize,
    /// Events of which another thing became than is written down.
    pub events_otherwise: Vec<String>,
    /// How many rows differ.
    pub differences: i64,
    /// The first of them.
    pub listed: Vec<Difference>,
}

impl Rebuilt {
    /// Whether everything was as the raw events say.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.differences == 0 && self.events_otherwise.is_empty()
    }
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// There is work that would change what is compared.
    #[error("rates, leads, links or replays came that are still to be settled; run it again in a moment")]
    Behind,
    /// The database could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Applier {
    /// Makes a tenant's projections again; kept only when told to.
    pub async fn rebuild(&self, id: TenantId, is_kept: bool) -> Result<Rebuilt, RebuildError> {
        self.rebuild_in(id, is_kept, None).await
    }

    /// The same, of live money or of test mode from then on.
    pub async fn rebuild_in(
        &self,
        id: TenantId,
        is_kept: bool,
        livemode: Option<bool>,
    ) -> Result<Rebuilt, RebuildError> {
        let mut batch = self.store.batch_begin(id).await?;
        if let Some(livemode) = livemode {
            batch.livemode_set(livemode).await?;
        }
        // Read after the lock, so that what is counted by is what the last count went by.
        let Some(tenant) = self.store.tenant_by_id(id).await? else { return Ok(Rebuilt::default()) };
        let channels = batch.channels().await?;
        if batch.is_behind().await? {
            return Err(RebuildError::Behind);
        }
        let now = self.clock.now();
        batch.projections_remember().await?;
        batch.projections_drop().await?;
        let (mut rebuilt, otherwise) = read_all_again(&mut batch, &tenant).await?;
        rebuilt.events_otherwise = otherwise.iter().map(|event| event.id.to_string()).collect();
        batch.events_seen(&otherwise, SignedDuration::ZERO, now).await?;
        settle_all_again(&mut batch, &tenant, &channels, now).await?;
        retire_orphans(&mut batch, now).await?;
        batch.rollups_make(&tenant).await?;
        // What was said meanwhile was told of only in part.
        if batch.is_behind().await? {
            return Err(RebuildError::Behind);
        }
        (rebuilt.differences, rebuilt.listed) = batch.projections_compare(LISTED).await?;
        if is_kept {
            batch.commit_durably().await?;
            let _ = self.changes.send(LedgerChanged(id));
        }
        Ok(rebuilt)
    }
}

/// Keeps what every event says, without settling anything yet.
/// Says which events another thing became of.
async fn read_all_again(batch: &mut Batch, tenant: &Tenant) -> Result<(Rebuilt, Vec<SeenEvent>), StoreError> {
    let mut rebuilt = Rebuilt::default();
    let mut otherwise = Vec::new();
    let belonging = batch.belonging().await?;
    let mut after = 0;
    loop {
        let events = batch.events_looked_at(after, EVENTS_AT_ONCE).await?;
        let Some(last) = events.last() else { return Ok((rebuilt, otherwise)) };
        after = last.seq;
        rebuilt.events += events.len();
        // What the ledger refused once would be refused again.
        let taken: Vec<KeptEvent> = events.into_iter().filter(|kept| !was_refused(kept)).collect();
        let pending: Vec<_> = taken.iter().map(|kept| kept.event.clone()).collect();
        let (seen, news) = read_events(&pending, &belonging);
        let differs = |(was, is): &(&KeptEvent, SeenEvent)| was.state != is.state;
        otherwise.extend(taken.iter().zip(seen).filter(differs).map(|(_, is)| is));
        batch.customers_put(&news.customers).await?;
        note_clues(batch, &news.payments).await?;
        join_payments(batch, tenant.id, news.payments).await?;
        batch.setbacks_insert(&news.setbacks).await?;
        keep_subscriptions(batch, &news.subscriptions, &news.terms).await?;
    }
}

fn was_refused(kept: &KeptEvent) -> bool {
    kept.reason.as_deref() == Some(super::REFUSED)
}

async fn settle_all_again(
    batch: &mut Batch,
    tenant: &Tenant,
    channels: &ChannelList,
    now: Timestamp,
) -> Result<(), StoreError> {
    let causes = Causes::default();
    let mut after = Uuid::nil();
    loop {
        let payments = batch.payments_after(after, PAYMENTS_AT_ONCE).await?;
        let Some(last) = payments.last() else { break };
        after = *last;
        let payments = Touched::known(payments);
        dunning::settle(batch, &payments, &[]).await?;
        settle_payments(batch, tenant, channels, payments, &causes, now).await?;
    }
    let mut after = String::new();
    loop {
        let customers = batch.subscribers_after(&after, CUSTOMERS_AT_ONCE).await?;
        let Some(last) = customers.last() else { break };
        after.clone_from(last);
        count_customers(batch, tenant, channels, &customers, &causes, now).await?;
    }
    // Reading customers and checkout sessions asks for what they concern to be looked at again; it just was.
    batch.changes_forget_own().await
}

/// What no payment and no subscription leads to any more counts no longer.
async fn retire_orphans(batch: &mut Batch, now: Timestamp) -> Result<(), StoreError> {
    let orphans = batch.orphans().await?;
    if !orphans.is_empty() {
        batch.supersessions_insert(&orphans, now).await?;
    }
    let strays = batch.stray_movements().await?;
    if !strays.is_empty() {
        batch.movements_supersede(&strays, now).await?;
    }
    Ok(())
}
