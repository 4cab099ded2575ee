//! What became of Stripe's events: listed, looked at one by one, and handed to the applier again.

use domain::event_state::EventState;
use domain::ids::{EventId, LedgerRowId, TenantId};
use domain::ledger::EntryKind;
use domain::money::Money;
use jiff::Timestamp;

use crate::applying::{currency, entry_kind, event_id};
use crate::work::TenantWork;
use crate::{Store, StoreError};

/// From how many of the newest events the versions in use are told.
const NEWEST: i64 = 200;

/// Which events are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only those in this state.
    pub state: Option<EventState>,
    /// Only those whose type begins so.
    pub event_type: Option<String>,
    /// Only those whose id holds this, or whose payment has this name.
    pub id: Option<String>,
}

/// An event as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Its place in the order of arrival.
    pub seq: i64,
    /// Its id.
    pub id: EventId,
    /// Stripe's type, once it was looked at.
    pub event_type: Option<String>,
    /// Where it is.
    pub state: EventState,
    /// Why it is not in the ledger.
    pub reason: Option<String>,
    /// How often it was looked at.
    pub attempts: Option<i32>,
    /// How many microseconds the last time took.
    pub took_us: Option<i64>,
    /// The version of Stripe's API it is written in.
    pub api_version: Option<String>,
    /// Whether it tells of live money.
    pub livemode: Option<bool>,
    /// Stripe's time of it.
    pub created_at: Option<Timestamp>,
    /// When it came.
    pub received_at: Timestamp,
    /// When it was last looked at.
    pub applied_at: Option<Timestamp>,
    /// How many bytes it has.
    pub bytes: i32,
}

/// A row of the ledger an event tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventEffect {
    /// The event.
    pub event: EventId,
    /// The row.
    pub row: LedgerRowId,
    /// Its kind.
    pub kind: EntryKind,
    /// Its amount.
    pub money: Money,
    /// Stripe's time of it.
    pub occurred_at: Timestamp,
    /// Whether the row names this event as its own.
    pub is_cause: bool,
}

impl Store {
    /// A page of events, the newest first, after the place where the page before ended.
    pub async fn events_page(
        &self,
        tenant: TenantId,
        filter: &EventFilter,
        after: Option<i64>,
        at_most: i64,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let rows = sqlx::query_as!(
            EventRow,
            r#"select e.seq, e.stripe_event_id, e.event_type, e.state, e.reason, e.attempts, e.took_us, e.api_version,
                e.livemode, e.stripe_created_at as "stripe_created_at: jiff_sqlx::Timestamp",
                e.received_at as "received_at: jiff_sqlx::Timestamp", e.applied_at as "applied_at: jiff_sqlx::Timestamp",
                octet_length(e.body) as "bytes!"
            from stripe_events e
            where e.tenant_id = $1 and ($2::text is null or e.state = $2)
              and ($3::text is null or starts_with(e.event_type, $3))
              and ($4::text is null or strpos(e.stripe_event_id, $4) > 0 or e.stripe_event_id in (
                  select f.stripe_event_id from payment_names n
                  join payment_facts f on f.tenant_id = n.tenant_id and f.payment_id = n.payment_id
                  where n.tenant_id = $1 and n.name = $4))
              and ($5::bigint is null or e.seq < $5)
            order by e.seq desc
            limit $6"#,
            tenant.0,
            filter.state.map(EventState::word),
            filter.event_type.as_deref(),
            filter.id.as_deref(),
            after,
            at_most,
        )
        .fetch_all(self.within(tenant).await?.connection())
        .await?;
        rows.into_iter().map(EventRow::read).collect()
    }

    /// One event, with its body.
    pub async fn event_logged(
        &self,
        tenant: TenantId,
        event: &EventId,
    ) -> Result<Option<(LoggedEvent, Vec<u8>)>, StoreError> {
        let mut work = self.within(tenant).await?;
        let row = sqlx::query_as!(
            EventRow,
            r#"select e.seq, e.stripe_event_id, e.event_type, e.state, e.reason, e.attempts, e.took_us, e.api_version,
                e.livemode, e.stripe_created_at as "stripe_created_at: jiff_sqlx::Timestamp",
                e.received_at as "received_at: jiff_sqlx::Timestamp", e.applied_at as "applied_at: jiff_sqlx::Timestamp",
                octet_length(e.body) as "bytes!"
            from stripe_events e where e.tenant_id = $1 and e.stripe_event_id = $2"#,
            tenant.0,
            event.as_str(),
        )
        .fetch_optional(work.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let body = sqlx::query_scalar!(
            r#"select body from stripe_events where tenant_id = $1 and stripe_event_id = $2"#,
            tenant.0,
            event.as_str(),
        )
        .fetch_one(work.connection())
        .await?;
        Ok(Some((row.read()?, body)))
    }

    /// The rows that count of the payments these events tell of.
    pub async fn event_effects(
        &self,
        tenant: TenantId,
        events: &[String],
    ) -> Result<Vec<EventEffect>, StoreError> {
        let rows = sqlx::query!(
            r#"with named as (
                select f.stripe_event_id, n.name from payment_facts f
                join payment_names n on n.tenant_id = f.tenant_id and n.payment_id = f.payment_id
                where f.tenant_id = $1 and f.stripe_event_id = any($2)
            ), found as (
                select n.stripe_event_id, r.id from named n
                join revenue_events r on r.tenant_id = $1 and r.payment_name = n.name
                union
                select n.stripe_event_id, r.id from named n
                join revenue_events r on r.tenant_id = $1 and r.is_tie_presumed and r.stripe_charge_id = n.name
                union
                select n.stripe_event_id, r.id from named n
                join revenue_events r on r.tenant_id = $1 and r.is_tie_presumed and r.stripe_payment_intent_id = n.name
            )
            select f.stripe_event_id as "event!", r.id as "id!", r.event_type as "event_type!",
                r.amount_minor as "amount_minor!", r.currency as "currency!",
                r.stripe_created_at as "stripe_created_at!: jiff_sqlx::Timestamp",
                r.stripe_event_id = f.stripe_event_id as "is_cause!"
            from found f join revenue_events_current r on r.tenant_id = $1 and r.id = f.id
            where r.event_type not like 'subscription_%'
            order by f.stripe_event_id, r.stripe_created_at, r.id"#,
            tenant.0,
            events,
        )
        .fetch_all(self.within(tenant).await?.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(EventEffect {
                    event: event_id(row.event)?,
                    row: LedgerRowId(row.id),
                    kind: entry_kind(&row.event_type)?,
                    money: Money { minor: row.amount_minor, currency: currency(&row.currency)? },
                    occurred_at: row.stripe_created_at.into(),
                    is_cause: row.is_cause,
                })
            })
            .collect()
    }

    /// The versions of Stripe's API that the newest events are written in.
    pub async fn api_versions(&self, tenant: TenantId) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select distinct newest.api_version as "api_version!" from (
                select api_version from stripe_events where tenant_id = $1 order by seq desc limit $2
            ) newest
            where newest.api_version is not null order by 1"#,
            tenant.0,
            NEWEST,
        )
        .fetch_all(self.within(tenant).await?.connection())
        .await?)
    }
}

impl TenantWork {
    /// Hands an event to the applier again; whether it was there, and not waiting anyway.
    pub async fn event_replay(&mut self, event: &EventId) -> Result<Option<bool>, StoreError> {
        let state = sqlx::query_scalar!(
            r#"select state from stripe_events where tenant_id = $1 and stripe_event_id = $2 for update"#,
            self.tenant.0,
            event.as_str(),
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(state) = state else { return Ok(None) };
        if state == EventState::Pending.word() {
            return Ok(Some(false));
        }
        sqlx::query!(
            r#"update stripe_events set state = 'pending', reason = null, applied_at = null
            where tenant_id = $1 and stripe_event_id = $2"#,
            self.tenant.0,
            event.as_str(),
        )
        .execute(self.connection())
        .await?;
        Ok(Some(true))
    }

    /// Hands all events that could not be understood to the applier again; how many there were.
    pub async fn dead_letters_replay(&mut self) -> Result<u64, StoreError> {
        let done = sqlx::query!(
            r#"update stripe_events set state = 'pending', reason = null, applied_at = null
            where tenant_id = $1 and state = 'dead'"#,
            self.tenant.0,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }
}

struct EventRow {
    seq: i64,
    stripe_event_id: String,
    event_type: Option<String>,
    state: String,
    reason: Option<String>,
    attempts: Option<i32>,
    took_us: Option<i64>,
    api_version: Option<String>,
    livemode: Option<bool>,
    stripe_created_at: Option<jiff_sqlx::Timestamp>,
    received_at: jiff_sqlx::Timestamp,
    applied_at: Option<jiff_sqlx::Timestamp>,
    bytes: i32,
}

impl EventRow {
    fn read(self) -> Result<LoggedEvent, StoreError> {
        Ok(LoggedEvent {
            seq: self.seq,
            id: event_id(self.stripe_event_id)?,
            event_type: self.event_type,
            state: self
                .state
                .parse()
                .map_err(|_| StoreError::unreadable("the state of an event", &self.state))?,
            reason: self.reason,
            attempts: self.attempts,
            took_us: self.took_us,
            api_version: self.api_version,
            livemode: self.livemode,
            created_at: self.stripe_created_at.map(Into::into),
            received_at: self.received_at.into(),
            applied_at: self.applied_at.map(Into::into),
            bytes: self.bytes,
        })
    }
}
