//! Events that come together become durable together: what has gathered while one transaction was on its way to the
//! disk is the next one. Nothing waits for others to come, and whoever hands in an event hears of it after its commit.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::{EventId, TenantId};
use jiff::Timestamp;
use sqlx::PgPool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::StoreError;
use crate::database::instant;
use crate::stripe_events::Kept;
use crate::work::begin_within;

/// How many tenants' groups are written at once; the others take turns.
pub(crate) const WRITERS: u32 = 4;

/// The largest group, in events and in bytes: nobody waits for a transaction of minutes.
const MOST_EVENTS: usize = 256;
const MOST_BYTES: usize = 8 << 20;

/// How many bytes wait at most; who comes after them waits for room.
const ROOM: usize = 32 << 20;

/// What an event takes beside its body.
const OVERHEAD: usize = 512;

/// How long somebody waits for room before the database counts as away.
const PATIENCE: Duration = Duration::from_secs(5);

/// An event that was handed in, and who waits for it.
struct Arrival {
    event: EventId,
    body: Vec<u8>,
    received_at: Timestamp,
    answer: oneshot::Sender<Result<Kept, StoreError>>,
    _room: OwnedSemaphorePermit,
}

impl Arrival {
    /// Who has gone away needs no answer.
    fn answer(self, outcome: Result<Kept, StoreError>) {
        let _ = self.answer.send(outcome);
    }
}

/// Makes events durable, group by group.
#[derive(Clone)]
pub(crate) struct Keeper {
    pool: PgPool,
    room: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    lines: Arc<Mutex<HashMap<TenantId, VecDeque<Arrival>>>>,
}

impl Keeper {
    /// A keeper with connections of its own, so that no question about figures holds up an event.
    pub(crate) fn new(pool: PgPool) -> Self {
        let writers = usize::try_from(WRITERS).unwrap_or(1);
        Self {
            pool,
            room: Arc::new(Semaphore::new(ROOM)),
            turns: Arc::new(Semaphore::new(writers)),
            lines: Arc::default(),
        }
    }

    /// Lets go of its connections.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Makes an event durable, whether or not anybody waits until it is.
    pub(crate) async fn keep(
        &self,
        tenant: TenantId,
        event: &EventId,
        body: &[u8],
        received_at: Timestamp,
    ) -> Result<Kept, StoreError> {
        let room = self.room_for(body).await?;
        let (answer, kept) = oneshot::channel();
        let arrival =
            Arrival { event: event.clone(), body: body.to_owned(), received_at, answer, _room: room };
        if self.line_up(tenant, arrival) {
            tokio::spawn(Writing { keeper: self.clone(), tenant, is_over: false }.write_all());
        }
        kept.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }

    async fn room_for(&self, body: &[u8]) -> Result<OwnedSemaphorePermit, StoreError> {
        let bytes = (body.len() + OVERHEAD).min(ROOM);
        let room = self.room.clone().acquire_many_owned(u32::try_from(bytes).unwrap_or(u32::MAX));
        match tokio::time::timeout(PATIENCE, room).await {
            Ok(Ok(room)) => Ok(room),
            _ => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    /// `true` when nobody writes that tenant's events just now.
    fn line_up(&self, tenant: TenantId, arrival: Arrival) -> bool {
        let mut lines = self.lines();
        let is_first = !lines.contains_key(&tenant);
        lines.entry(tenant).or_default().push_back(arrival);
        is_first
    }

    /// What has gathered; a line in which nobody stands is over.
    fn next_group(&self, tenant: TenantId) -> Vec<Arrival> {
        let mut lines = self.lines();
        let Some(line) = lines.get_mut(&tenant) else { return Vec::new() };
        let mut bytes = 0;
        let fitting = line.iter().take(MOST_EVENTS).take_while(|arrival| {
            bytes += arrival.body.len();
            bytes <= MOST_BYTES
        });
        let count = fitting.count().max(1).min(line.len());
        let group: Vec<Arrival> = line.drain(..count).collect();
        if group.is_empty() {
            lines.remove(&tenant);
        }
        group
    }

    /// Everybody who stands in line.
    fn all_waiting(&self, tenant: TenantId) -> Vec<Arrival> {
        self.lines().get_mut(&tenant).map(|line| line.drain(..).collect()).unwrap_or_default()
    }

    async fn write(&self, tenant: TenantId, group: Vec<Arrival>) {
        match self.insert(tenant, &group).await {
            Ok(new) => acknowledge(group, new),
            Err(error) if group.len() > 1 && error.may_be_of_one_row() => {
                self.write_one_by_one(tenant, group).await;
            }
            Err(error) => {
                // What one event is refused for says nothing of the others that wait.
                let is_its_own = error.may_be_of_one_row();
                let waiting = if is_its_own { Default::default() } else { self.all_waiting(tenant) };
                let error = Arc::new(error);
                for arrival in group.into_iter().chain(waiting) {
                    arrival.answer(Err(StoreError::Shared(error.clone())));
                }
            }
        }
    }

    /// One of them is at fault: the others are kept.
    async fn write_one_by_one(&self, tenant: TenantId, group: Vec<Arrival>) {
        for arrival in group {
            match self.insert(tenant, std::slice::from_ref(&arrival)).await {
                Ok(new) => acknowledge(vec![arrival], new),
                Err(error) => arrival.answer(Err(error)),
            }
        }
    }

    /// Commits a group; says which of its events are new.
    async fn insert(&self, tenant: TenantId, group: &[Arrival]) -> Result<HashSet<String>, StoreError> {
        let ids: Vec<&str> = group.iter().map(|arrival| arrival.event.as_str()).collect();
        let bodies: Vec<&[u8]> = group.iter().map(|arrival| arrival.body.as_slice()).collect();
        let received: Vec<_> = group.iter().map(|arrival| instant(arrival.received_at)).collect();
        let mut work = begin_within(&self.pool, tenant).await?;
        let new = sqlx::query_scalar!(
            r#"insert into stripe_events (tenant_id, stripe_event_id, body, received_at)
            select $1, t.* from unnest($2::text[], $3::bytea[], $4::timestamptz[]) as t
            on conflict do nothing
            returning stripe_event_id"#,
            tenant.0,
            &ids as _,
            &bodies as _,
            &received as _,
        )
        .fetch_all(work.connection())
        .await?;
        work.commit().await?;
        Ok(new.into_iter().collect())
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<TenantId, VecDeque<Arrival>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of several copies in one group the first is the new one.
fn acknowledge(group: Vec<Arrival>, mut new: HashSet<String>) {
    for arrival in group {
        let is_new = new.remove(arrival.event.as_str());
        arrival.answer(Ok(if is_new { Kept::New } else { Kept::Duplicate }));
    }
}

/// Shows nothing of what waits.
impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

/// A line that is being written. Were its writer to end before it is over, whoever stands in it would wait for ever.
struct Writing {
    keeper: Keeper,
    tenant: TenantId,
    is_over: bool,
}

impl Writing {
    /// Writes until nobody stands in line.
    async fn write_all(mut self) {
        // Turns go round in the order they were asked for, so that nobody's many events hold up another's few.
        while let Ok(_turn) = self.keeper.turns.acquire().await {
            let group = self.keeper.next_group(self.tenant);
            if group.is_empty() {
                self.is_over = true;
                return;
            }
            self.keeper.write(self.tenant, group).await;
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.is_over {
            self.keeper.lines().remove(&self.tenant);
        }
    }
}
