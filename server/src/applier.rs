//! Durable events become ledger rows.
//!
//! The applier takes a tenant's pending events in batches. In one transaction it reads them, joins them to
//! the payments they tell of, settles each touched payment again from everything known of it, and writes
//! what differs from the rows that count. An event that cannot be booked is set aside with its reason, so
//! that it never holds up the others.

mod attribution;
mod dunning;
mod foresight;
mod payments;
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
use domain::connection::Belonging;
use domain::customer::CustomerFact;
use domain::dunning::Setback;
use domain::event_state::EventState;
use domain::exchange::RateBook;
use domain::ids::{LedgerRowId, TenantId};
use domain::ledger::{EntryKind, Movement, RowContent};
use domain::payment::Fact;
use domain::subscription::SubscriptionFact;
use domain::subscription::terms::TermsFact;
use domain::tenant::Tenant;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use store::applying::{Batch, CurrentRow, NewRow, PendingEvent, SeenEvent, Supersession};
use store::{Store, StoreError};
use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

pub use self::foresight::{Foresight, Recredited};
pub use self::preview::{Foreseen, Outcome};
pub use self::rebuild::{RebuildError, Rebuilt};

use self::attribution::{Before, Causes, attribute_payments, note_clues};
use self::payments::{Touched, join_payments, told_around};
use self::rates::{rates_for, utc_day};
use self::subscriptions::{count_customers, keep_subscriptions, touched_subscribers};
use crate::clock::Clock;
use crate::stripe::event::{self, Reading, Stamp};

/// How much one transaction takes at most, in events and in bytes of their bodies. What a transaction costs however
/// little it does is then shared by many, and still it is soon over.
const BATCH: i64 = 1_024;
const BATCH_BYTES: i64 = 16 << 20;

/// How many events are tried together, where one of a batch is at fault.
const PART: usize = 32;

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
    /// Whether a tenant somebody else works on is waited for, or left for later.
    is_patient: bool,
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
            is_patient: true,
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

    /// Works until the task is dropped. A tenant whose ledger is being rebuilt holds up no other.
    pub async fn run(self) {
        let applier = Self { is_patient: false, ..self };
        loop {
            if let Err(error) = applier.apply_all().await {
                tracing::error!(%error, "events could not be applied; trying again");
                tokio::time::sleep(IDLE).await;
            }
            let _ = tokio::time::timeout(IDLE, applier.woken.notified()).await;
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

    /// Begins work on a tenant; `None` when somebody else is at it and that is not waited for.
    async fn begin(&self, tenant: TenantId) -> Result<Option<Batch>, StoreError> {
        if self.is_patient {
            return self.store.batch_begin(tenant).await.map(Some);
        }
        self.store.batch_begin_unless_busy(tenant).await
    }

    async fn apply_some(&self, id: TenantId) -> Result<usize, StoreError> {
        let Some(tenant) = self.store.tenant_by_id(id).await? else { return Ok(0) };
        let applied = match self.apply_batch(&tenant).await {
            Err(error) if error.is_refusal() => self.apply_in_parts(&tenant).await?,
            outcome => outcome?,
        };
        if applied.ledger_changed {
            let _ = self.changes.send(LedgerChanged(id));
        }
        Ok(applied.events)
    }

    async fn apply_batch(&self, tenant: &Tenant) -> Result<Applied, StoreError> {
        let Some(mut batch) = self.begin(tenant.id).await? else { return Ok(Applied::default()) };
        // Read after the lock: what waited for it over midnight must not be dated by a day that is sealed.
        let now = self.clock.now();
        let pending = batch.pending_events(BATCH, BATCH_BYTES).await?;
        if pending.is_empty() {
            return Ok(Applied::default());
        }
        if self.batches.fetch_add(1, Ordering::Relaxed).is_multiple_of(BATCHES_A_PLAN) {
            batch.plans_forget().await?;
        }
        let (seen, news) = read_pending(&mut batch, &pending).await?;
        let channels = batch.channels().await?;
        let ledger_changed = book(&mut batch, tenant, &channels, news, now).await?;
        batch.events_seen(&seen, self.share_of(now, seen.len()), now).await?;
        batch.commit().await?;
        let ledger_changed = ledger_changed || any_dead(&seen);
        Ok(Applied { events: seen.len(), ledger_changed })
    }

    /// A batch was refused, so one of its events is at fault: the others are applied, that one is set aside.
    async fn apply_in_parts(&self, tenant: &Tenant) -> Result<Applied, StoreError> {
        let Some(mut batch) = self.begin(tenant.id).await? else { return Ok(Applied::default()) };
        let channels = batch.channels().await?;
        let mut all = Applied::default();
        for part in batch.pending_events(BATCH, BATCH_BYTES).await?.chunks(PART) {
            let booked = match self.try_to_book(&mut batch, tenant, &channels, part).await? {
                Some(changed) => changed,
                None => self.book_one_by_one(&mut batch, tenant, &channels, part).await?,
            };
            all.events += part.len();
            all.ledger_changed |= booked;
        }
        batch.commit().await?;
        Ok(all)
    }

    async fn book_one_by_one(
        &self,
        batch: &mut Batch,
        tenant: &Tenant,
        channels: &ChannelList,
        part: &[PendingEvent],
    ) -> Result<bool, StoreError> {
        let mut ledger_changed = false;
        for event in part {
            let event = std::slice::from_ref(event);
            match self.try_to_book(batch, tenant, channels, event).await? {
                Some(changed) => ledger_changed |= changed,
                None => {
                    let (seen, _) = read_pending(batch, event).await?;
                    let seen: Vec<SeenEvent> = seen.into_iter().map(refused).collect();
                    batch.events_seen(&seen, SignedDuration::ZERO, self.clock.now()).await?;
                    ledger_changed |= any_dead(&seen);
                }
            }
        }
        Ok(ledger_changed)
    }

    /// Books events, and says whether the ledger changed; `None` when they were refused and nothing was done.
    async fn try_to_book(
        &self,
        batch: &mut Batch,
        tenant: &Tenant,
        channels: &ChannelList,
        events: &[PendingEvent],
    ) -> Result<Option<bool>, StoreError> {
        let now = self.clock.now();
        batch.checkpoint().await?;
        let (seen, news) = read_pending(batch, events).await?;
        match book(batch, tenant, channels, news, now).await {
            Ok(changed) => {
                batch.events_seen(&seen, self.share_of(now, seen.len()), now).await?;
                Ok(Some(changed || any_dead(&seen)))
            }
            Err(error) if error.is_refusal() => {
                tracing::error!(%error, tenant = %tenant.id, events = events.len(), "events refused");
                batch.back_to_checkpoint().await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
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
    /// When it came that the account is connected no longer.
    deauthorized_at: Option<Timestamp>,
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
    dunning::settle(batch, &touched, &news.setbacks).await?;
    let payments_changed = settle_payments(batch, tenant, channels, touched, &causes, now).await?;
    keep_subscriptions(batch, &news.subscriptions, &news.terms).await?;
    if let Some(told_at) = news.deauthorized_at {
        batch.stripe_account_revoke(told_at, DISCONNECTED).await?;
    }
    let subscriptions_changed = count_customers(batch, tenant, channels, &subscribers, &causes, now).await?;
    Ok(payments_changed || subscriptions_changed || has_setbacks)
}

/// What is told of an account that was disconnected.
const DISCONNECTED: &str = "the account was disconnected at Stripe: connect it again with a new key";

/// Reads events that wait. The first that is booked decides the tenant's mode, where nothing has.
async fn read_pending(
    batch: &mut Batch,
    pending: &[PendingEvent],
) -> Result<(Vec<SeenEvent>, News), StoreError> {
    let belonging = batch.belonging().await?;
    if belonging.livemode.is_none()
        && let Some(first) = first_mode(pending, &belonging)
    {
        let livemode = Some(batch.livemode_decide(first).await?);
        return Ok(read_events(pending, &Belonging { livemode, ..belonging }));
    }
    Ok(read_events(pending, &belonging))
}

fn first_mode(pending: &[PendingEvent], belonging: &Belonging) -> Option<bool> {
    pending.iter().find_map(|waiting| {
        let read = event::read(&waiting.id, &waiting.body, waiting.received_at, belonging);
        read.stamp.livemode.filter(|_| read.reading.is_booked())
    })
}

/// Reads events into what they say, and notes what became of each.
fn read_events(pending: &[PendingEvent], belonging: &Belonging) -> (Vec<SeenEvent>, News) {
    let mut seen = Vec::with_capacity(pending.len());
    let mut news = News::default();
    for waiting in pending {
        let read = event::read(&waiting.id, &waiting.body, waiting.received_at, belonging);
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
            Reading::Deauthorized => {
                news.deauthorized_at = Some(waiting.received_at);
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

/// A payment with everything known of it, settled.
struct Settled {
    movements: Vec<Movement>,
    attribution: Attribution,
    names: BTreeSet<String>,
    payer: Payer,
    /// Whether nothing was known of it before, so that it has no rows either.
    is_new: bool,
}

/// What was settled, by each of its names.
fn by_name(settled: &[Settled]) -> BTreeMap<&String, &Settled> {
    // Where several have a name, the first counts.
    let names =
        settled.iter().rev().flat_map(|payment| payment.names.iter().map(move |name| (name, payment)));
    names.collect()
}

/// Settles payments again and writes what differs from the rows that count; says whether anything did.
async fn settle_payments(
    batch: &mut Batch,
    tenant: &Tenant,
    channels: &ChannelList,
    payments: Touched,
    causes: &Causes,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let facts = told_around(batch, payments).await?;
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
    let known = settled.iter().filter(|payment| !payment.is_new);
    let names: Vec<String> = known.flat_map(|payment| payment.names.iter().cloned()).collect();
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
        let settled = by_name(settled);
        let retired = current
            .into_values()
            .map(|row| Retired {
                id: row.id,
                kind: row.content.movement.kind,
                names: settled
                    .get(&row.content.movement.payment)
                    .map(|payment| payment.names.clone())
                    .unwrap_or_default(),
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
        let mut of_payment: BTreeMap<&String, Vec<(usize, &NewRow)>> = BTreeMap::new();
        for (place, row) in rows.iter().enumerate() {
            of_payment.entry(&row.content.movement.payment).or_default().push((place, row));
        }
        for old in self.retired {
            let around = old.names.iter().filter_map(|name| of_payment.get(name)).flatten();
            let alike = around.filter(|(_, row)| row.content.movement.kind == old.kind);
            let successor = alike.min_by_key(|(place, _)| *place).map(|(_, row)| row.id);
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
