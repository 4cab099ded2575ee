//! Durable events become ledger rows.
//!
//! The applier takes a tenant's pending events in batches. In one transaction it reads them, joins them to
//! the payments they tell of, settles each touched payment again from everything known of it, and writes
//! what differs from the rows that count. An event that cannot be booked is set aside with its reason, so
//! that it never holds up the others.

mod attribution;
mod dunning;
mod preview;
mod rates;
mod rebuild;
mod seals;
mod subscriptions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::attribution::{Attribution, Payer};
use domain::channel::ChannelList;
use domain::customer::CustomerFact;
use domain::dunning::Setback;
use domain::event_state::EventState;
use domain::exchange::RateBook;
use domain::ids::{LedgerRowId, TenantId};
use domain::ledger::{EntryKind, Movement, RowContent};
use domain::payment::{Fact, Sighting, group_by_name, is_untied, presumed_pairs};
use domain::subscription::SubscriptionFact;
use domain::subscription::terms::TermsFact;
use domain::tenant::Tenant;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use store::applying::{Batch, CurrentRow, NewRow, PendingEvent, SeenEvent, Supersession};
use store::{Store, StoreError};
use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

pub use self::preview::{Foreseen, Outcome};
pub use self::rebuild::{RebuildError, Rebuilt};

use self::attribution::{Before, Causes, attribute_payments, note_clues};
use self::rates::{rates_for, utc_day};
use self::subscriptions::{count_customers, keep_subscriptions, touched_subscribers};
use crate::clock::Clock;
use crate::stripe::event::{self, Reading, Stamp};

/// How many events one transaction takes.
const BATCH: i64 = 256;

/// For how many batches the database keeps its plans.
const BATCHES_A_PLAN: usize = 8;

/// How long events wait at most when nobody woke the applier.
const IDLE: Duration = Duration::from_secs(1);

/// Told to whoever watches a tenant's ledger, and what is told beside it: failed payments, dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerChanged(pub TenantId);

/// The worker that applies events.
#[derive(Clone, Debug)]
pub struct Applier {
    store: Store,
    clock: Clock,
    woken: Arc<Notify>,
    changes: broadcast::Sender<LedgerChanged>,
    /// The day up to which the ledger is sealed.
    sealed_before: Arc<Mutex<Option<Date>>>,
    /// How many batches there were.
    batches: Arc<AtomicUsize>,
}

/// What a batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Applied {
    events: usize,
    ledger_changed: bool,
}

impl Applier {
    /// An applier that works on this store.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            woken: Arc::new(Notify::new()),
            changes: broadcast::channel(64).0,
            sealed_before: Arc::default(),
            batches: Arc::default(),
        }
    }

    /// Says that events are waiting.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// Tells who watches a tenant that there is something new to see.
    pub fn announce(&self, tenant: TenantId) {
        let _ = self.changes.send(LedgerChanged(tenant));
    }

    /// Hears of every change of a ledger from now on.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<LedgerChanged> {
        self.changes.subscribe()
    }

    /// Works until the task is dropped.
    pub async fn run(self) {
        loop {
            if let Err(error) = self.apply_all().await {
                tracing::error!(%error, "events could not be applied; trying again");
                tokio::time::sleep(IDLE).await;
            }
            let _ = tokio::time::timeout(IDLE, self.woken.notified()).await;
        }
    }

    /// Applies everything that waits, for every tenant; returns how often there was something: events, rounds of
    /// converting, and rounds of looking for channels again.
    pub async fn apply_all(&self) -> Result<usize, StoreError> {
        let mut events = 0;
        loop {
            let round = self.apply_round().await?;
            if round == 0 {
                return Ok(events);
            }
            events += round;
        }
    }

    /// One batch for each tenant, so that nobody's backlog holds up the others; nor does anybody's failure.
    async fn apply_round(&self) -> Result<usize, StoreError> {
        self.seal_closed_days().await?;
        let mut events = 0;
        for tenant in self.store.tenants_with_pending_events().await? {
            match self.apply_some(tenant).await {
                Ok(applied) => events += applied,
                Err(error) => tracing::error!(%error, %tenant, "a tenant's events could not be applied"),
            }
        }
        let settled = self.settle_attribution_changes().await? + self.settle_new_rates().await?;
        Ok(events + settled + self.count_again().await?)
    }

    async fn apply_some(&self, id: TenantId) -> Result<usize, StoreError> {
        let Some(tenant) = self.store.tenant_by_id(id).await? else { return Ok(0) };
        let channels = self.store.channels_of(id).await?;
        let applied = match self.apply_batch(&tenant, &channels).await {
            Err(error) if error.is_refusal() => self.apply_one_by_one(&tenant, &channels).await?,
            outcome => outcome?,
        };
        if applied.ledger_changed {
            let _ = self.changes.send(LedgerChanged(id));
        }
        Ok(applied.events)
    }

    async fn apply_batch(&self, tenant: &Tenant, channels: &ChannelList) -> Result<Applied, StoreError> {
        let mut batch = self.store.batch_begin(tenant.id).await?;
        // Read after the lock: what waited for it over midnight must not be dated by a day that is sealed.
        let now = self.clock.now();
        let pending = batch.pending_events(BATCH).await?;
        if pending.is_empty() {
            return Ok(Applied::default());
        }
        if self.batches.fetch_add(1, Ordering::Relaxed).is_multiple_of(BATCHES_A_PLAN) {
            batch.plans_forget().await?;
        }
        let (seen, news) = read_events(&pending);
        let ledger_changed = book(&mut batch, tenant, channels, news, now).await?;
        batch.events_seen(&seen, self.share_of(now, seen.len()), now).await?;
        batch.commit().await?;
        let ledger_changed = ledger_changed || any_dead(&seen);
        Ok(Applied { events: seen.len(), ledger_changed })
    }

    /// A batch was refused, so one of its events is at fault: the others are applied, that one is set aside.
    async fn apply_one_by_one(&self, tenant: &Tenant, channels: &ChannelList) -> Result<Applied, StoreError> {
        let mut batch = self.store.batch_begin(tenant.id).await?;
        let now = self.clock.now();
        let mut all = Applied::default();
        for event in batch.pending_events(BATCH).await? {
            let begun = self.clock.now();
            let (mut seen, news) = read_events(std::slice::from_ref(&event));
            batch.checkpoint().await?;
            match book(&mut batch, tenant, channels, news, now).await {
                Ok(changed) => all.ledger_changed |= changed,
                Err(error) if error.is_refusal() => {
                    tracing::error!(%error, tenant = %tenant.id, event = %event.id, "event set aside");
                    batch.back_to_checkpoint().await?;
                    seen = seen.into_iter().map(refused).collect();
                }
                Err(error) => return Err(error),
            }
            all.ledger_changed |= any_dead(&seen);
            all.events += seen.len();
            batch.events_seen(&seen, self.share_of(begun, seen.len()), now).await?;
        }
        batch.commit().await?;
        Ok(all)
    }

    /// Each event's equal share of the time since then; a clock that was set back took none.
    fn share_of(&self, begun: Timestamp, events: usize) -> SignedDuration {
        let events = i32::try_from(events.max(1)).unwrap_or(i32::MAX);
        (self.clock.now().duration_since(begun) / events).max(SignedDuration::ZERO)
    }
}

/// Whether an event waits for a person now, which is told of.
fn any_dead(seen: &[SeenEvent]) -> bool {
    seen.iter().any(|seen| seen.state == EventState::Dead)
}

/// What is written down of an event at whose booking the database balked.
const REFUSED: &str = "the ledger refused it";

fn refused(seen: SeenEvent) -> SeenEvent {
    SeenEvent { state: EventState::Dead, reason: Some(REFUSED.to_owned()), ..seen }
}

/// What events tell.
#[derive(Default)]
struct News {
    payments: Vec<Fact>,
    customers: Vec<CustomerFact>,
    setbacks: Vec<Setback>,
    subscriptions: Vec<SubscriptionFact>,
    terms: Vec<TermsFact>,
}

/// Writes what news change in the ledger, and beside it; says whether anything did.
async fn book(
    batch: &mut Batch,
    tenant: &Tenant,
    channels: &ChannelList,
    news: News,
    now: Timestamp,
) -> Result<bool, StoreError> {
    batch.customers_put(&news.customers).await?;
    note_clues(batch, &news.payments).await?;
    let causes = Causes::of_events(&news);
    let has_setbacks = !news.setbacks.is_empty();
    let subscribers = touched_subscribers(batch, &news).await?;
    let touched = join_payments(batch, tenant.id, news.payments).await?;
    dunning::settle(batch, &touched, news.setbacks).await?;
    let payments_changed = settle_payments(batch, tenant, channels, &touched, &causes, now).await?;
    keep_subscriptions(batch, &news.subscriptions, &news.terms).await?;
    let subscriptions_changed = count_customers(batch, tenant, channels, &subscribers, &causes, now).await?;
    Ok(payments_changed || subscriptions_changed || has_setbacks)
}

/// Reads events into what they say, and notes what became of each.
fn read_events(pending: &[PendingEvent]) -> (Vec<SeenEvent>, News) {
    let mut seen = Vec::with_capacity(pending.len());
    let mut news = News::default();
    for waiting in pending {
        let read = event::read(&waiting.id, &waiting.body, waiting.received_at);
        news.setbacks.extend(dunning::hear(waiting, &read));
        let (state, reason) = match read.reading {
            Reading::Fact(fact) => {
                news.payments.push(*fact);
                (EventState::Applied, None)
            }
            Reading::Customer(fact) => {
                news.customers.push(*fact);
                (EventState::Applied, None)
            }
            Reading::Subscription(fact) => {
                news.subscriptions.push(*fact);
                (EventState::Applied, None)
            }
            Reading::Terms(fact) => {
                news.terms.push(*fact);
                (EventState::Applied, None)
            }
            Reading::Ignored(why) => (EventState::Ignored, Some(why.to_owned())),
            Reading::Quarantined(why) => (EventState::Quarantined, Some(why.to_owned())),
            Reading::Dead(why) => (EventState::Dead, Some(why)),
        };
        let Stamp { api_version, livemode, created_at } = read.stamp;
        let (id, event_type) = (waiting.id.clone(), read.event_type);
        seen.push(SeenEvent { id, state, event_type, reason, api_version, livemode, created_at });
    }
    (seen, news)
}

/// Joins new facts to the payments they share a name with, making payments one where a fact ties them.
async fn join_payments(
    batch: &mut Batch,
    tenant: TenantId,
    facts: Vec<Fact>,
) -> Result<Vec<Uuid>, StoreError> {
    let names_of_facts: Vec<Vec<String>> =
        facts.iter().map(|fact| fact.names.iter().cloned().collect()).collect();
    let all_names: Vec<String> =
        names_of_facts.iter().flatten().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    let known = batch.payments_named(&all_names).await?;
    let mut knots = names_of_facts.clone();
    knots.extend(names_by_payment(&known).into_values());

    let mut names = Vec::new();
    let mut told = Vec::new();
    let mut touched = Vec::new();
    let mut facts: Vec<Option<Fact>> = facts.into_iter().map(Some).collect();
    for group in group_by_name(&knots) {
        let group_names: BTreeSet<String> =
            group.iter().filter_map(|index| knots.get(*index)).flatten().cloned().collect();
        let Some(payment) = payment_of(batch, tenant, &group_names, &known).await? else { continue };
        names.extend(group_names.into_iter().map(|name| (name, payment)));
        told.extend(
            group.iter().filter_map(|index| facts.get_mut(*index)?.take()).map(|fact| (payment, fact)),
        );
        touched.push(payment);
    }
    batch.payment_names_insert(&names).await?;
    batch.facts_insert(&told).await?;
    Ok(touched)
}

fn names_by_payment(known: &BTreeMap<String, Uuid>) -> BTreeMap<Uuid, Vec<String>> {
    let mut names: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for (name, payment) in known {
        names.entry(*payment).or_default().push(name.clone());
    }
    names
}

/// The one payment a group of names belongs to: the known one, the merged ones, or a new one.
async fn payment_of(
    batch: &mut Batch,
    tenant: TenantId,
    names: &BTreeSet<String>,
    known: &BTreeMap<String, Uuid>,
) -> Result<Option<Uuid>, StoreError> {
    let Some(first_name) = names.first() else { return Ok(None) };
    let mut payments =
        names.iter().filter_map(|name| known.get(name).copied()).collect::<BTreeSet<_>>().into_iter();
    let Some(kept) = payments.next() else {
        return Ok(Some(Uuid::new_v5(&tenant.0, format!("payment {first_name}").as_bytes())));
    };
    let merged: Vec<Uuid> = payments.collect();
    if !merged.is_empty() {
        batch.payments_merge(kept, &merged).await?;
    }
    Ok(Some(kept))
}

/// A payment with everything known of it, settled.
struct Settled {
    movements: Vec<Movement>,
    attribution: Attribution,
    names: BTreeSet<String>,
    payer: Payer,
}

/// Settles payments again and writes what differs from the rows that count; says whether anything did.
async fn settle_payments(
    batch: &mut Batch,
    tenant: &Tenant,
    channels: &ChannelList,
    payments: &[Uuid],
    causes: &Causes,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let facts = with_presumed_ties(facts_around(batch, payments).await?);
    let settled = attribute_payments(batch, channels, facts).await?;
    write_settled(batch, tenant, &settled, causes, now).await
}

/// Writes what differs between what is settled and the rows that count; says whether anything did.
async fn write_settled(
    batch: &mut Batch,
    tenant: &Tenant,
    settled: &[Settled],
    causes: &Causes,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let names: Vec<String> = settled.iter().flat_map(|payment| payment.names.iter().cloned()).collect();
    let current = batch.current_rows(&names).await?;
    let before = Before::of(batch, &current).await?;
    let rates = rates_for(batch, tenant, settled).await?;
    let changes = Changes::between(tenant, settled, current, &before, &rates);
    if changes.is_empty() {
        return Ok(false);
    }
    let keys: Vec<String> =
        changes.drafts.iter().map(|draft| draft.content.movement.key.to_string()).collect();
    let versions = batch.newest_versions(&keys).await?;
    let (rows, supersessions) = changes.numbered(tenant.id, &versions);
    batch.rows_insert(&rows, now).await?;
    batch.supersessions_insert(&supersessions, now).await?;
    follow_rows(batch, &rows, &supersessions).await?;
    let restated = before.restatements(settled, &rows, &supersessions, causes);
    batch.restatements_insert(&restated, now).await?;
    Ok(true)
}

/// Takes what was written to the ledger into the rollups.
async fn follow_rows(
    batch: &mut Batch,
    rows: &[NewRow],
    supersessions: &[Supersession],
) -> Result<(), StoreError> {
    let written: Vec<LedgerRowId> = rows.iter().map(|row| row.id).collect();
    let superseded: Vec<LedgerRowId> = supersessions.iter().map(|row| row.superseded).collect();
    batch.rollups_follow_rows(&written, &superseded).await
}

/// The facts of these payments and of all that could be presumed to be the same money. What is tied already
/// leads to its neighbours, which may have been presumed to be one with it, but no further.
async fn facts_around(batch: &mut Batch, payments: &[Uuid]) -> Result<Vec<Vec<Fact>>, StoreError> {
    let mut facts = batch.facts_of(payments).await?;
    let mut unlooked: Vec<Vec<Fact>> = facts.values().cloned().collect();
    while !unlooked.is_empty() {
        let sightings: Vec<Sighting> = unlooked.iter().flatten().filter_map(Fact::sighting).collect();
        let near = batch.payments_near(&sightings).await?;
        let strangers: Vec<Uuid> = near.into_iter().filter(|payment| !facts.contains_key(payment)).collect();
        let found = batch.facts_of(&strangers).await?;
        unlooked = found.values().filter(|facts| is_untied(facts)).cloned().collect();
        facts.extend(found);
    }
    Ok(facts.into_values().collect())
}

/// A payment's facts, and whether a presumed tie put them together.
struct Told {
    facts: Vec<Fact>,
    is_tie_presumed: bool,
}

/// Puts the facts of an invoice and a charge together where nothing but presumption ties them.
fn with_presumed_ties(payments: Vec<Vec<Fact>>) -> Vec<Told> {
    let mut charge_of: BTreeMap<usize, usize> = presumed_pairs(&payments).into_iter().collect();
    let charges: BTreeSet<usize> = charge_of.values().copied().collect();
    (0..payments.len())
        .filter(|index| !charges.contains(index))
        .map(|index| {
            let facts_at = |index: usize| payments.get(index).cloned().unwrap_or_default();
            let presumed = charge_of.remove(&index);
            let mut facts = facts_at(index);
            facts.extend(presumed.map(facts_at).unwrap_or_default());
            Told { facts, is_tie_presumed: presumed.is_some() }
        })
        .collect()
}

/// A row that is to be written, before it has a version.
struct Draft {
    content: RowContent,
    attribution: Attribution,
    replaces: Option<LedgerRowId>,
}

/// A row that no longer counts, and where its money is now.
struct Retired {
    id: LedgerRowId,
    /// The kind and payment names its successor may be found by.
    kind: EntryKind,
    names: BTreeSet<String>,
}

/// What differs between the rows that count and those that should.
struct Changes {
    drafts: Vec<Draft>,
    retired: Vec<Retired>,
}

impl Changes {
    fn between(
        tenant: &Tenant,
        settled: &[Settled],
        current: Vec<CurrentRow>,
        before: &Before,
        rates: &RateBook,
    ) -> Self {
        let mut current: BTreeMap<_, _> =
            current.into_iter().map(|row| (row.content.movement.key.clone(), row)).collect();
        let mut drafts = Vec::new();
        for payment in settled {
            for movement in &payment.movements {
                let content = content_of(tenant, movement.clone(), &payment.attribution, rates);
                let replaced = current.remove(&content.movement.key);
                let is_as_before = |row: &CurrentRow| {
                    row.content == content && before.candidates(row.id) == payment.attribution.candidates
                };
                if replaced.as_ref().is_some_and(is_as_before) {
                    continue;
                }
                let replaces = replaced.map(|row| row.id);
                drafts.push(Draft { content, attribution: payment.attribution.clone(), replaces });
            }
        }
        let names_around = |name: &String| {
            settled.iter().find(|payment| payment.names.contains(name)).map(|payment| payment.names.clone())
        };
        let retired = current
            .into_values()
            .map(|row| Retired {
                id: row.id,
                kind: row.content.movement.kind,
                names: names_around(&row.content.movement.payment).unwrap_or_default(),
            })
            .collect();
        Self { drafts, retired }
    }

    fn is_empty(&self) -> bool {
        self.drafts.is_empty() && self.retired.is_empty()
    }

    /// Gives drafts their versions and ids, and retired rows their successors.
    fn numbered(self, tenant: TenantId, newest: &BTreeMap<String, i32>) -> (Vec<NewRow>, Vec<Supersession>) {
        let mut rows = Vec::new();
        let mut supersessions = Vec::new();
        for draft in self.drafts {
            let key = draft.content.movement.key.as_str();
            let version = newest.get(key).copied().unwrap_or(0) + 1;
            let id = LedgerRowId(Uuid::new_v5(&tenant.0, format!("{key}#{version}").as_bytes()));
            supersessions
                .extend(draft.replaces.map(|old| Supersession { superseded: old, successor: Some(id) }));
            rows.push(NewRow {
                id,
                version,
                content: draft.content,
                candidates: draft.attribution.candidates,
            });
        }
        for old in self.retired {
            let successor = rows
                .iter()
                .find(|row| {
                    row.content.movement.kind == old.kind && old.names.contains(&row.content.movement.payment)
                })
                .map(|row| row.id);
            supersessions.push(Supersession { superseded: old.id, successor });
        }
        (rows, supersessions)
    }
}

fn content_of(
    tenant: &Tenant,
    movement: Movement,
    attribution: &Attribution,
    rates: &RateBook,
) -> RowContent {
    RowContent {
        base_amount_minor: match movement.money.minor {
            0 => Some(0),
            _ => rates.convert(movement.money, tenant.currency, utc_day(movement.occurred_at)),
        },
        lead: attribution.lead,
        channel: attribution.channel.clone(),
        movement,
    }
}
