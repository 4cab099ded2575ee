//! Events become ledger rows: one [`Batch`] is one transaction over one tenant's pending events.
//!
//! A tenant's batches run one after another, held apart by an advisory lock, so that two workers cannot
//! settle the same payment at once.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::{BTreeMap, HashSet};

use domain::attribution::Candidate;
use domain::event_state::EventState;
use domain::ids::{EventId, LedgerRowId, TenantId};
use domain::ledger::{EntryKind, RowContent};
use domain::money::Currency;
use domain::payment::{Fact, PRESUMPTION_WINDOW, Sighting};
use jiff::{SignedDuration, Timestamp};
use sqlx::types::Json;
use uuid::Uuid;

use crate::database::instant;
use crate::ledger_rows::{LedgerColumns, LedgerRow, SightingColumns};
use crate::work::TenantWork;
use crate::{Store, StoreError};

/// An event that waits to be applied.
#[derive(Clone, Debug)]
pub struct PendingEvent {
    /// Its id.
    pub id: EventId,
    /// Its raw body.
    pub body: Vec<u8>,
    /// When it was made durable.
    pub received_at: Timestamp,
}

/// An event that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenEvent {
    /// Its id.
    pub id: EventId,
    /// What became of it.
    pub state: EventState,
    /// Stripe's type, when it has one.
    pub event_type: Option<String>,
    /// Why it is not applied.
    pub reason: Option<String>,
    /// The version of Stripe's API it is written in.
    pub api_version: Option<String>,
    /// Whether it tells of live money.
    pub livemode: Option<bool>,
    /// Stripe's time of it.
    pub created_at: Option<Timestamp>,
}

/// A row that counts now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentRow {
    /// Its id.
    pub id: LedgerRowId,
    /// Everything it says.
    pub content: RowContent,
}

/// A row to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRow {
    /// Its id.
    pub id: LedgerRowId,
    /// Which version of its money's row it is.
    pub version: i32,
    /// Everything it says.
    pub content: RowContent,
    /// The channels it could be credited to, the chosen first.
    pub candidates: Vec<Candidate>,
}

/// A row that no longer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supersession {
    /// The row.
    pub superseded: LedgerRowId,
    /// What counts instead.
    pub successor: Option<LedgerRowId>,
}

/// One transaction in which some of a tenant's events are applied.
#[derive(Debug)]
pub struct Batch {
    pub(crate) tenant: TenantId,
    pub(crate) work: TenantWork,
}

impl Store {
    /// Begins applying a tenant's events; waits while another worker is at it.
    pub async fn batch_begin(&self, tenant: TenantId) -> Result<Batch, StoreError> {
        let mut work = self.within_lazily(tenant).await?;
        sqlx::query!(
            r#"select pg_advisory_xact_lock(hashtextextended('apply ' || $1::text, 0))::text as done"#,
            tenant.to_string()
        )
        .fetch_one(work.connection())
        .await?;
        Ok(Batch { tenant, work })
    }

    /// The same; `None` while another worker is at it.
    pub async fn batch_begin_unless_busy(&self, tenant: TenantId) -> Result<Option<Batch>, StoreError> {
        let mut work = self.within_lazily(tenant).await?;
        let is_free = sqlx::query_scalar!(
            r#"select pg_try_advisory_xact_lock(hashtextextended('apply ' || $1::text, 0)) as "is_free!""#,
            tenant.to_string()
        )
        .fetch_one(work.connection())
        .await?;
        Ok(is_free.then_some(Batch { tenant, work }))
    }
}

impl Batch {
    /// Has statements planned anew. A plan made while tables were all but empty, and before they were analysed, may
    /// read all of a tenant's rows to find one, and PostgreSQL keeps it.
    pub async fn plans_forget(&mut self) -> Result<(), StoreError> {
        sqlx::query!("discard plans").execute(self.work.connection()).await?;
        Ok(())
    }

    /// The tenant's oldest pending events, so many and with bodies of so many bytes; one in any case.
    pub async fn pending_events(
        &mut self,
        at_most: i64,
        bytes_at_most: i64,
    ) -> Result<Vec<PendingEvent>, StoreError> {
        let rows = sqlx::query!(
            r#"select stripe_event_id, body, received_at as "received_at: jiff_sqlx::Timestamp"
            from (
                select oldest.*, sum(octet_length(body)) over (order by seq) - octet_length(body) as bytes_before
                from (
                    select stripe_event_id, body, received_at, seq
                    from stripe_events where tenant_id = $1 and state = 'pending' order by seq limit $2
                ) as oldest
            ) as counted
            where bytes_before < $3 order by seq"#,
            self.tenant.0,
            at_most,
            bytes_at_most,
        )
        .fetch_all(self.work.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(PendingEvent {
                    id: event_id(row.stripe_event_id)?,
                    body: row.body,
                    received_at: row.received_at.into(),
                })
            })
            .collect()
    }

    /// Which payments these names belong to so far.
    pub async fn payments_named(&mut self, names: &[String]) -> Result<BTreeMap<String, Uuid>, StoreError> {
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = sqlx::query!(
            r#"select name, payment_id from payment_names where tenant_id = $1 and name = any($2)"#,
            self.tenant.0,
            names,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (row.name, row.payment_id)).collect())
    }

    /// Makes payments one with others, because an event tied their names together: each first with its second.
    pub async fn payments_merge(&mut self, merged: &[(Uuid, Uuid)]) -> Result<(), StoreError> {
        if merged.is_empty() {
            return Ok(());
        }
        let (merged, into): (Vec<Uuid>, Vec<Uuid>) = merged.iter().copied().unzip();
        sqlx::query!(
            r#"update payment_names n set payment_id = t.kept from unnest($2::uuid[], $3::uuid[]) as t (merged, kept)
            where n.tenant_id = $1 and n.payment_id = t.merged"#,
            self.tenant.0,
            &merged,
            &into,
        )
        .execute(self.work.connection())
        .await?;
        sqlx::query!(
            r#"update payment_facts f set payment_id = t.kept from unnest($2::uuid[], $3::uuid[]) as t (merged, kept)
            where f.tenant_id = $1 and f.payment_id = t.merged"#,
            self.tenant.0,
            &merged,
            &into,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Gives names to payments; a name that is given already stays with its payment.
    pub async fn payment_names_insert(&mut self, names: &[(String, Uuid)]) -> Result<(), StoreError> {
        if names.is_empty() {
            return Ok(());
        }
        let (names, payments): (Vec<String>, Vec<Uuid>) = names.iter().cloned().unzip();
        sqlx::query!(
            r#"insert into payment_names (tenant_id, name, payment_id)
            select $1, name, payment_id from unnest($2::text[], $3::uuid[]) as t (name, payment_id)
            on conflict do nothing"#,
            self.tenant.0,
            &names,
            &payments,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Keeps what events say of their payments; returns of which events nothing was kept before.
    pub async fn facts_insert(&mut self, facts: &[(Uuid, Fact)]) -> Result<HashSet<String>, StoreError> {
        if facts.is_empty() {
            return Ok(HashSet::new());
        }
        let events: Vec<String> = facts.iter().map(|(_, fact)| fact.event.to_string()).collect();
        let payments: Vec<Uuid> = facts.iter().map(|(payment, _)| *payment).collect();
        let told: Vec<Json<&Fact>> = facts.iter().map(|(_, fact)| Json(fact)).collect();
        let seen = SightingColumns::of(facts.iter().map(|(_, fact)| fact.sighting()));
        let new = sqlx::query_scalar!(
            r#"insert into payment_facts
                (tenant_id, stripe_event_id, payment_id, fact, customer, amount_minor, currency, seen_at)
            select $1, t.* from unnest($2::text[], $3::uuid[], $4::jsonb[], $5::text[], $6::bigint[], $7::text[],
                $8::timestamptz[]) as t
            on conflict do nothing
            returning stripe_event_id"#,
            self.tenant.0,
            &events,
            &payments,
            &told as _,
            &seen.customer as &[Option<String>],
            &seen.amount_minor as &[Option<i64>],
            &seen.currency as &[Option<String>],
            &seen.seen_at as _,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(new.into_iter().collect())
    }

    /// Everything known of these payments.
    pub async fn facts_of(&mut self, payments: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<Fact>>, StoreError> {
        if payments.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = sqlx::query!(
            r#"select payment_id, fact as "fact: Json<Fact>" from payment_facts
            where tenant_id = $1 and payment_id = any($2)"#,
            self.tenant.0,
            payments,
        )
        .fetch_all(self.work.connection())
        .await?;
        let mut facts: BTreeMap<Uuid, Vec<Fact>> = BTreeMap::new();
        for row in rows {
            facts.entry(row.payment_id).or_default().push(row.fact.0);
        }
        Ok(facts)
    }

    /// The payments that saw money of the same customer and amount, near enough in time to be the same.
    pub async fn payments_near(&mut self, sightings: &[Sighting]) -> Result<Vec<Uuid>, StoreError> {
        if sightings.is_empty() {
            return Ok(Vec::new());
        }
        let seen = SightingColumns::of(sightings.iter().cloned().map(Some));
        Ok(sqlx::query_scalar!(
            r#"select distinct f.payment_id
            from unnest($2::text[], $3::bigint[], $4::text[], $5::timestamptz[]) as s (customer, amount_minor, currency, seen_at)
            join payment_facts f on f.tenant_id = $1 and f.customer = s.customer and f.amount_minor = s.amount_minor
                and f.currency = s.currency
                and f.seen_at between s.seen_at - make_interval(secs => $6) and s.seen_at + make_interval(secs => $6)"#,
            self.tenant.0,
            &seen.customer as &[Option<String>],
            &seen.amount_minor as &[Option<i64>],
            &seen.currency as &[Option<String>],
            &seen.seen_at as _,
            PRESUMPTION_WINDOW.as_secs_f64(),
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    /// The rows that count now for the payments with these names.
    pub async fn current_rows(&mut self, names: &[String]) -> Result<Vec<CurrentRow>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query_as!(
            LedgerRow,
            r#"select r.id, r.money_key, r.payment_name, r.event_type, r.amount_minor, r.currency, r.base_amount_minor,
                r.product_name, r.product_category, r.is_recurring, r.is_tie_presumed, r.lead_id, r.customer_email, r.attribution_channel,
                r.stripe_event_id, r.stripe_customer_id, r.stripe_subscription_id, r.stripe_invoice_id,
                r.stripe_charge_id, r.stripe_payment_intent_id, r.stripe_checkout_session_id, r.stripe_refund_id,
                r.stripe_created_at as "stripe_created_at: jiff_sqlx::Timestamp", r.mrr_impact_minor, r.mrr_movement_key, r.reason,
                r.is_product_partial
            from revenue_events r
            where r.tenant_id = $1 and r.payment_name = any($2)
              and not exists (select from revenue_event_supersessions s
                              where s.tenant_id = r.tenant_id and s.superseded_id = r.id)"#,
            self.tenant.0,
            names,
        )
        .fetch_all(self.work.connection())
        .await?;
        rows.into_iter().map(LedgerRow::read).collect()
    }

    /// The newest version of each of these keys, whether it counts or not.
    pub async fn newest_versions(&mut self, keys: &[String]) -> Result<BTreeMap<String, i32>, StoreError> {
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = sqlx::query!(
            r#"select money_key, max(version) as "version!" from revenue_events
            where tenant_id = $1 and money_key = any($2) group by money_key"#,
            self.tenant.0,
            keys,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (row.money_key, row.version)).collect())
    }

    /// Appends rows to the ledger, with the evidence of their channels.
    pub async fn rows_insert(&mut self, rows: &[NewRow], now: Timestamp) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns = LedgerColumns::of(rows);
        sqlx::query!(
            r#"insert into revenue_events (tenant_id, id, money_key, version, payment_name, event_type, amount_minor,
                currency, base_amount_minor, product_name, product_category, is_recurring, is_tie_presumed, lead_id, customer_email,
                attribution_channel, stripe_event_id, stripe_customer_id, stripe_subscription_id, stripe_invoice_id,
                stripe_charge_id, stripe_payment_intent_id, stripe_checkout_session_id, stripe_refund_id,
                stripe_created_at, mrr_impact_minor, mrr_movement_key, reason, is_product_partial, created_at)
            select $1, t.*, $2 from unnest($3::uuid[], $4::text[], $5::int[], $6::text[], $7::text[], $8::bigint[],
                $9::text[], $10::bigint[], $11::text[], $12::text[], $13::bool[], $14::bool[], $15::uuid[], $16::text[],
                $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[],
                $25::text[], $26::timestamptz[], $27::bigint[], $28::text[], $29::text[], $30::bool[]) as t"#,
            self.tenant.0,
            instant(now) as _,
            &columns.id,
            &columns.money_key,
            &columns.version,
            &columns.payment_name,
            &columns.event_type,
            &columns.amount_minor,
            &columns.currency,
            &columns.base_amount_minor as &[Option<i64>],
            &columns.product_name as &[Option<String>],
            &columns.product_category as &[Option<String>],
            &columns.is_recurring,
            &columns.is_tie_presumed,
            &columns.lead_id as &[Option<Uuid>],
            &columns.customer_email as &[Option<String>],
            &columns.attribution_channel,
            &columns.stripe_event_id,
            &columns.customer as &[Option<String>],
            &columns.subscription as &[Option<String>],
            &columns.invoice as &[Option<String>],
            &columns.charge as &[Option<String>],
            &columns.payment_intent as &[Option<String>],
            &columns.checkout_session as &[Option<String>],
            &columns.refund as &[Option<String>],
            &columns.stripe_created_at as _,
            &columns.mrr_impact_minor,
            &columns.mrr_movement_key as &[Option<String>],
            &columns.reason as &[Option<String>],
            &columns.is_product_partial,
        )
        .execute(self.work.connection())
        .await?;
        self.evidence_insert(rows).await
    }

    /// Records which rows no longer count.
    pub async fn supersessions_insert(
        &mut self,
        supersessions: &[Supersession],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if supersessions.is_empty() {
            return Ok(());
        }
        let superseded: Vec<Uuid> = supersessions.iter().map(|row| row.superseded.0).collect();
        let successors: Vec<Option<Uuid>> =
            supersessions.iter().map(|row| row.successor.map(|id| id.0)).collect();
        sqlx::query!(
            r#"insert into revenue_event_supersessions (tenant_id, superseded_id, successor_id, created_at)
            select $1, superseded, successor, $4 from unnest($2::uuid[], $3::uuid[]) as t (superseded, successor)"#,
            self.tenant.0,
            &superseded,
            &successors as &[Option<Uuid>],
            instant(now) as _,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Marks a point to come back to when what follows is refused.
    pub async fn checkpoint(&mut self) -> Result<(), StoreError> {
        sqlx::query!("savepoint checkpoint").execute(self.work.connection()).await?;
        Ok(())
    }

    /// Undoes what was done since the checkpoint; the tenant stays locked.
    pub async fn back_to_checkpoint(&mut self) -> Result<(), StoreError> {
        sqlx::query!("rollback to savepoint checkpoint").execute(self.work.connection()).await?;
        Ok(())
    }

    /// Records what became of the events, and how long each took.
    pub async fn events_seen(
        &mut self,
        events: &[SeenEvent],
        took: SignedDuration,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ids: Vec<String> = events.iter().map(|event| event.id.to_string()).collect();
        let states: Vec<String> = events.iter().map(|event| event.state.word().to_owned()).collect();
        let types: Vec<Option<String>> = events.iter().map(|event| event.event_type.clone()).collect();
        let reasons: Vec<Option<String>> = events.iter().map(|event| event.reason.clone()).collect();
        let versions: Vec<Option<String>> = events.iter().map(|event| event.api_version.clone()).collect();
        let modes: Vec<Option<bool>> = events.iter().map(|event| event.livemode).collect();
        let created: Vec<Option<jiff_sqlx::Timestamp>> =
            events.iter().map(|event| event.created_at.map(Into::into)).collect();
        sqlx::query!(
            r#"update stripe_events e set state = t.state, event_type = t.event_type, reason = t.reason, applied_at = $9,
                api_version = t.api_version, livemode = t.livemode, stripe_created_at = t.created_at,
                attempts = coalesce(e.attempts, 0) + 1, took_us = $10
            from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::timestamptz[])
                as t (id, state, event_type, reason, api_version, livemode, created_at)
            where e.tenant_id = $1 and e.stripe_event_id = t.id"#,
            self.tenant.0,
            &ids,
            &states,
            &types as &[Option<String>],
            &reasons as &[Option<String>],
            &versions as &[Option<String>],
            &modes as &[Option<bool>],
            &created as _,
            instant(now) as _,
            i64::try_from(took.as_micros()).unwrap_or(i64::MAX).max(0),
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Makes all of it count at once. Should the machine lose its power within the next moment, all of it is undone,
    /// and what it was made of waits again.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.work.commit().await
    }

    /// Makes all of it count at once, and for good.
    pub async fn commit_durably(mut self) -> Result<(), StoreError> {
        sqlx::query!("set local synchronous_commit = on").execute(self.work.connection()).await?;
        self.work.commit().await
    }
}

pub(crate) fn event_id(text: String) -> Result<EventId, StoreError> {
    text.parse().map_err(|_| StoreError::unreadable("an event id", text))
}

pub(crate) fn entry_kind(text: &str) -> Result<EntryKind, StoreError> {
    text.parse().map_err(|_| StoreError::unreadable("a kind of ledger row", text))
}

pub(crate) fn currency(text: &str) -> Result<Currency, StoreError> {
    text.parse().map_err(|_| StoreError::unreadable("a currency", text))
}
