//! Reading a tenant's past from Stripe: the account, the runs, their cursors, and what each object was like.
//!
//! A page's events, what is known of its objects and the cursor behind it are written in one transaction
//! ([`TenantWork::lookups_keep`], [`TenantWork::cursor_put`]), so that a program that is killed goes on with the
//! page it had not finished.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::BTreeMap;

use domain::backfill::{RunState, Subject};
use domain::ids::{BackfillId, EventId, TenantId};
use domain::money::Currency;
use jiff::Timestamp;

use crate::applying::{Batch, currency};
use crate::database::instant;
use crate::work::TenantWork;
use crate::{Store, StoreError};

/// The Stripe account a tenant's key belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripeAccount {
    /// `acct_…`
    pub id: String,
    /// Whether real money moves there.
    pub livemode: bool,
    /// Why the key does not work any more.
    pub problem: Option<String>,
    /// When that was last found out.
    pub checked_at: Timestamp,
}

/// A run that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBackfill {
    /// Its id.
    pub id: BackfillId,
    /// What was asked for, in words.
    pub asked: String,
    /// Objects made from here on are read.
    pub from: Timestamp,
    /// Up to here.
    pub to: Timestamp,
    /// Who started it.
    pub started_by: String,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// Its id.
    pub id: BackfillId,
    /// What was asked for, in words.
    pub asked: String,
    /// Objects made from here on are read.
    pub from: Timestamp,
    /// Up to here.
    pub to: Timestamp,
    /// Where it stands.
    pub state: RunState,
    /// Why it failed.
    pub problem: Option<String>,
    /// How the ledger compared with Stripe's balance in the end.
    pub comparison: Option<String>,
    /// Who started it.
    pub started_by: String,
    /// When.
    pub started_at: Timestamp,
    /// When it last came further.
    pub heard_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// How far a run has come with a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Which list.
    pub subject: Subject,
    /// The last object of the newest page.
    pub starting_after: Option<String>,
    /// When the oldest object seen so far was made.
    pub seen_down_to: Option<Timestamp>,
    /// Only what was made until here is asked for.
    pub before: Option<Timestamp>,
    /// How many pages were read.
    pub pages: i64,
    /// How many different objects they held.
    pub found: i64,
    /// How many of them were new or changed.
    pub stored: i64,
    /// How often the list was begun anew.
    pub restarts: i32,
    /// Whether it is read to its end.
    pub state: RunState,
    /// Why it could not be read on.
    pub problem: Option<String>,
}

impl Cursor {
    /// Before the first page.
    #[must_use]
    pub const fn at_the_beginning(subject: Subject) -> Self {
        Self {
            subject,
            starting_after: None,
            seen_down_to: None,
            before: None,
            pages: 0,
            found: 0,
            stored: 0,
            restarts: 0,
            state: RunState::Running,
            problem: None,
        }
    }
}

/// What is known of an object that was looked up before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLookup {
    /// What it was like.
    pub content_hash: String,
    /// In how many states it was seen.
    pub states: i32,
}

/// An object as it was found, to be kept as an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLookup {
    /// Stripe's id of it.
    pub object: String,
    /// What it is like.
    pub content_hash: String,
    /// In how many states it has been seen with this one.
    pub states: i32,
    /// The event that tells of it.
    pub event: EventId,
    /// The event's body.
    pub body: Vec<u8>,
}

/// A row of the ledger, as far as Stripe's balance can be compared with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedRow {
    /// Which money it is: `payment:…`, `refund:…`.
    pub key: String,
    /// Its currency.
    pub currency: Currency,
    /// Its amount, negative when money left.
    pub amount_minor: i64,
    /// The charge it belongs to.
    pub charge: Option<String>,
    /// The refund it is.
    pub refund: Option<String>,
}

/// Held while a tenant's past is read, so that nobody else does.
#[derive(Debug)]
pub struct BackfillLock {
    work: TenantWork,
}

impl BackfillLock {
    /// Lets others read.
    pub async fn release(self) -> Result<(), StoreError> {
        self.work.commit().await
    }
}

impl Store {
    /// Takes a tenant's turn to read its past; `None` while somebody else has it. Whoever dies gives it back.
    pub async fn backfill_lock(&self, tenant: TenantId) -> Result<Option<BackfillLock>, StoreError> {
        let mut work = self.within(tenant).await?;
        let taken = sqlx::query_scalar!(
            r#"select pg_try_advisory_xact_lock(hashtextextended('backfill ' || $1::text, 0)) as "taken!""#,
            tenant.to_string()
        )
        .fetch_one(work.connection())
        .await?;
        Ok(taken.then_some(BackfillLock { work }))
    }

    /// Tenants with a run to go on with.
    pub async fn tenants_with_running_backfill(&self) -> Result<Vec<TenantId>, StoreError> {
        let tenants =
            sqlx::query_scalar!(r#"select distinct tenant_id from backfills where state = 'running'"#)
                .fetch_all(&self.platform_pool)
                .await?;
        Ok(tenants.into_iter().map(TenantId).collect())
    }
}

impl TenantWork {
    /// The Stripe account of the tenant, once its key has been used.
    pub async fn stripe_account(&mut self) -> Result<Option<StripeAccount>, StoreError> {
        let row = sqlx::query!(
            r#"select account_id, livemode, problem, checked_at as "checked_at: jiff_sqlx::Timestamp"
            from stripe_accounts where tenant_id = $1"#,
            self.tenant.0
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row.map(|row| StripeAccount {
            id: row.account_id,
            livemode: row.livemode,
            problem: row.problem,
            checked_at: row.checked_at.into(),
        }))
    }

    /// Remembers the account, the first time, and from then on whether its key works.
    pub async fn stripe_account_put(&mut self, account: &StripeAccount) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into stripe_accounts (tenant_id, account_id, livemode, problem, checked_at)
            values ($1, $2, $3, $4, $5)
            on conflict (tenant_id) do update set problem = excluded.problem, checked_at = excluded.checked_at,
                revoked_at = case when excluded.problem is null then null else stripe_accounts.revoked_at end"#,
            self.tenant.0,
            account.id,
            account.livemode,
            account.problem,
            instant(account.checked_at) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Whether the tenant keeps live money, once that is decided.
    pub async fn livemode(&mut self) -> Result<Option<bool>, StoreError> {
        let tenant = self.tenant.0;
        Ok(sqlx::query_scalar!(r#"select livemode from tenants where id = $1"#, tenant)
            .fetch_one(self.connection())
            .await?)
    }

    /// Decides the tenant's mode, unless it is decided, and has everything looked at again that was quarantined.
    pub async fn stripe_account_takes(&mut self, account: &StripeAccount) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        sqlx::query!(
            r#"update tenants set livemode = $2 where id = $1 and livemode is null"#,
            tenant,
            account.livemode,
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            r#"update stripe_events set state = 'pending', reason = null, applied_at = null
            where tenant_id = $1 and state = 'quarantined'"#,
            tenant,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Begins a run.
    pub async fn backfill_insert(&mut self, new: &NewBackfill, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into backfills (tenant_id, id, asked, from_at, to_at, state, started_by, started_at, heard_at)
            values ($1, $2, $3, $4, $5, 'running', $6, $7, $7)"#,
            self.tenant.0,
            new.id.0,
            new.asked,
            instant(new.from) as _,
            instant(new.to) as _,
            new.started_by,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The runs there were, the newest first.
    pub async fn backfills(&mut self, at_most: i64) -> Result<Vec<Backfill>, StoreError> {
        let rows = sqlx::query!(
            r#"select id, asked, from_at as "from_at: jiff_sqlx::Timestamp", to_at as "to_at: jiff_sqlx::Timestamp",
                state, problem, comparison, started_by, started_at as "started_at: jiff_sqlx::Timestamp",
                heard_at as "heard_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp"
            from backfills where tenant_id = $1 order by seq desc limit $2"#,
            self.tenant.0,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Backfill {
                    id: BackfillId(row.id),
                    asked: row.asked,
                    from: row.from_at.into(),
                    to: row.to_at.into(),
                    state: run_state(&row.state)?,
                    problem: row.problem,
                    comparison: row.comparison,
                    started_by: row.started_by,
                    started_at: row.started_at.into(),
                    heard_at: row.heard_at.into(),
                    ended_at: row.ended_at.map(Into::into),
                })
            })
            .collect()
    }

    /// Says where a run stands now.
    pub async fn backfill_set_state(
        &mut self,
        run: BackfillId,
        state: RunState,
        problem: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ended = (state != RunState::Running).then(|| instant(now));
        sqlx::query!(
            r#"update backfills set state = $3, problem = $4, heard_at = $5, ended_at = $6
            where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            run.0,
            state.word(),
            problem,
            instant(now) as _,
            ended as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Says how the ledger compares with Stripe's balance after a run.
    pub async fn backfill_compared(&mut self, run: BackfillId, comparison: &str) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update backfills set comparison = left($3, 4000) where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            run.0,
            comparison,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// How far a run has come with each list.
    pub async fn cursors(&mut self, run: BackfillId) -> Result<Vec<Cursor>, StoreError> {
        let rows = sqlx::query!(
            r#"select object, starting_after, seen_down_to as "seen_down_to: jiff_sqlx::Timestamp",
                before_at as "before_at: jiff_sqlx::Timestamp", pages, found, stored, restarts, state, problem
            from backfill_cursors where tenant_id = $1 and backfill_id = $2"#,
            self.tenant.0,
            run.0,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Cursor {
                    subject: subject(&row.object)?,
                    starting_after: row.starting_after,
                    seen_down_to: row.seen_down_to.map(Into::into),
                    before: row.before_at.map(Into::into),
                    pages: row.pages,
                    found: row.found,
                    stored: row.stored,
                    restarts: row.restarts,
                    state: run_state(&row.state)?,
                    problem: row.problem,
                })
            })
            .collect()
    }

    /// Writes down how far a run has come with a list, and when. `false` when the run is not to go on: then nothing
    /// is written.
    pub async fn cursor_put(
        &mut self,
        run: BackfillId,
        cursor: &Cursor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let written = sqlx::query!(
            r#"with heard as (
                update backfills set heard_at = $13 where tenant_id = $1 and id = $2 and state = 'running' returning id
            )
            insert into backfill_cursors (tenant_id, backfill_id, object, starting_after, seen_down_to, before_at,
                pages, found, stored, restarts, state, problem)
            select $1, heard.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 from heard
            on conflict (tenant_id, backfill_id, object) do update set starting_after = excluded.starting_after,
                seen_down_to = excluded.seen_down_to, before_at = excluded.before_at, pages = excluded.pages,
                found = excluded.found, stored = excluded.stored, restarts = excluded.restarts,
                state = excluded.state, problem = excluded.problem"#,
            self.tenant.0,
            run.0,
            cursor.subject.word(),
            cursor.starting_after,
            cursor.seen_down_to.map(instant) as _,
            cursor.before.map(instant) as _,
            cursor.pages,
            cursor.found,
            cursor.stored,
            cursor.restarts,
            cursor.state.word(),
            cursor.problem,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(written.rows_affected() == 1)
    }

    /// What these objects were like when they were last looked up.
    pub async fn lookups(&mut self, objects: &[String]) -> Result<BTreeMap<String, KnownLookup>, StoreError> {
        let rows = sqlx::query!(
            r#"select object_id, content_hash, states from stripe_lookups
            where tenant_id = $1 and object_id = any($2)"#,
            self.tenant.0,
            objects,
        )
        .fetch_all(self.connection())
        .await?;
        let known = |content_hash, states| KnownLookup { content_hash, states };
        Ok(rows.into_iter().map(|row| (row.object_id, known(row.content_hash, row.states))).collect())
    }

    /// Keeps objects as events, and what they are like now. Each object at most once.
    pub async fn lookups_keep(&mut self, new: &[NewLookup], now: Timestamp) -> Result<(), StoreError> {
        let events: Vec<String> = new.iter().map(|lookup| lookup.event.to_string()).collect();
        let bodies: Vec<&[u8]> = new.iter().map(|lookup| lookup.body.as_slice()).collect();
        sqlx::query!(
            r#"insert into stripe_events (tenant_id, stripe_event_id, body, received_at)
            select $1, id, body, $4 from unnest($2::text[], $3::bytea[]) with ordinality as t (id, body, place)
            order by place on conflict do nothing"#,
            self.tenant.0,
            &events,
            &bodies as &[&[u8]],
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        let objects: Vec<&str> = new.iter().map(|lookup| lookup.object.as_str()).collect();
        let hashes: Vec<&str> = new.iter().map(|lookup| lookup.content_hash.as_str()).collect();
        let states: Vec<i32> = new.iter().map(|lookup| lookup.states).collect();
        sqlx::query!(
            r#"insert into stripe_lookups (tenant_id, object_id, content_hash, states, looked_up_at)
            select $1, t.*, $5 from unnest($2::text[], $3::text[], $4::int[]) as t
            on conflict (tenant_id, object_id) do update set content_hash = excluded.content_hash,
                states = excluded.states, looked_up_at = excluded.looked_up_at"#,
            self.tenant.0,
            &objects as &[&str],
            &hashes as &[&str],
            &states,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// How many of the objects looked up since then could not be understood.
    pub async fn lookups_dead(&mut self, since: Timestamp) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "dead!" from stripe_events
            where tenant_id = $1 and state = 'dead' and received_at >= $2
              and starts_with(stripe_event_id, 'evt_backfill_')"#,
            self.tenant.0,
            instant(since) as _,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// The rows that count and are dated within a time, by key after the one given.
    pub async fn compared_rows(
        &mut self,
        from: Timestamp,
        to: Timestamp,
        after: &str,
        at_most: i64,
    ) -> Result<Vec<ComparedRow>, StoreError> {
        let rows = sqlx::query!(
            r#"select money_key as "key!", currency as "currency!", amount_minor as "amount_minor!",
                stripe_charge_id as charge, stripe_refund_id as refund
            from revenue_events_current
            where tenant_id = $1 and stripe_created_at >= $2 and stripe_created_at < $3 and money_key > $4
            order by money_key limit $5"#,
            self.tenant.0,
            instant(from) as _,
            instant(to) as _,
            after,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(ComparedRow {
                    currency: currency(&row.currency)?,
                    key: row.key,
                    amount_minor: row.amount_minor,
                    charge: row.charge,
                    refund: row.refund,
                })
            })
            .collect()
    }
}

impl Batch {
    /// Makes room for facts of events that are not kept: only for what will be undone.
    pub async fn events_pretend(&mut self, events: &[EventId], now: Timestamp) -> Result<(), StoreError> {
        let ids: Vec<&str> = events.iter().map(EventId::as_str).collect();
        sqlx::query!(
            r#"insert into stripe_events (tenant_id, stripe_event_id, body, received_at)
            select $1, id, ''::bytea, $3 from unnest($2::text[]) as t (id) on conflict do nothing"#,
            self.tenant.0,
            &ids as &[&str],
            instant(now) as _,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }
}

fn run_state(word: &str) -> Result<RunState, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a state of a backfill", word))
}

fn subject(word: &str) -> Result<Subject, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a list of Stripe's", word))
}
