//! Events become ledger rows: one [`Batch`] is one transaction over one tenant's pending events.
//!
//! A tenant's batches run one after another, held apart by an advisory lock, so that two workers cannot
//! settle the same payment at once.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::BTreeMap;

use domain::attribution::Candidate;
use domain::channel::ChannelSlug;
use domain::event_state::EventState;
use domain::ids::{EventId, LeadId, LedgerRowId, TenantId};
use domain::ledger::{EntryKind, MoneyKey, Movement, Product, RowContent, StripeLinks};
use domain::money::{Currency, Money};
use domain::payment::{Fact, PRESUMPTION_WINDOW, Sighting};
use jiff::{SignedDuration, Timestamp};
use sqlx::types::Json;
use uuid::Uuid;

use crate::database::instant;
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
        let mut work = self.within(tenant).await?;
        sqlx::query!(
            r#"select pg_advisory_xact_lock(hashtextextended('apply ' || $1::text, 0))::text as done"#,
            tenant.to_string()
        )
        .fetch_one(work.connection())
        .await?;
        Ok(Batch { tenant, work })
    }
}

impl Batch {
    /// Has statements planned anew. A plan made while tables were all but empty, and before they were analysed, may
    /// read all of a tenant's rows to find one, and PostgreSQL keeps it.
    pub async fn plans_forget(&mut self) -> Result<(), StoreError> {
        sqlx::query!("discard plans").execute(self.work.connection()).await?;
        Ok(())
    }

    /// The tenant's oldest pending events.
    pub async fn pending_events(&mut self, at_most: i64) -> Result<Vec<PendingEvent>, StoreError> {
        let rows = sqlx::query!(
            r#"select stripe_event_id, body, received_at as "received_at: jiff_sqlx::Timestamp"
            from stripe_events where tenant_id = $1 and state = 'pending' order by seq limit $2"#,
            self.tenant.0,
            at_most,
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
        let rows = sqlx::query!(
            r#"select name, payment_id from payment_names where tenant_id = $1 and name = any($2)"#,
            self.tenant.0,
            names,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (row.name, row.payment_id)).collect())
    }

    /// Makes some payments one with another, because an event tied their names together.
    pub async fn payments_merge(&mut self, into: Uuid, merged: &[Uuid]) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update payment_names set payment_id = $2 where tenant_id = $1 and payment_id = any($3)"#,
            self.tenant.0,
            into,
            merged,
        )
        .execute(self.work.connection())
        .await?;
        sqlx::query!(
            r#"update payment_facts set payment_id = $2 where tenant_id = $1 and payment_id = any($3)"#,
            self.tenant.0,
            into,
            merged,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Gives names to payments; a name that is given already stays with its payment.
    pub async fn payment_names_insert(&mut self, names: &[(String, Uuid)]) -> Result<(), StoreError> {
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

    /// Keeps what events say of their payments.
    pub async fn facts_insert(&mut self, facts: &[(Uuid, Fact)]) -> Result<(), StoreError> {
        let events: Vec<String> = facts.iter().map(|(_, fact)| fact.event.to_string()).collect();
        let payments: Vec<Uuid> = facts.iter().map(|(payment, _)| *payment).collect();
        let told: Vec<Json<&Fact>> = facts.iter().map(|(_, fact)| Json(fact)).collect();
        let seen = SightingColumns::of(facts.iter().map(|(_, fact)| fact.sighting()));
        sqlx::query!(
            r#"insert into payment_facts
                (tenant_id, stripe_event_id, payment_id, fact, customer, amount_minor, currency, seen_at)
            select $1, t.* from unnest($2::text[], $3::uuid[], $4::jsonb[], $5::text[], $6::bigint[], $7::text[],
                $8::timestamptz[]) as t
            on conflict do nothing"#,
            self.tenant.0,
            &events,
            &payments,
            &told as _,
            &seen.customer as &[Option<String>],
            &seen.amount_minor as &[Option<i64>],
            &seen.currency as &[Option<String>],
            &seen.seen_at as _,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Everything known of these payments.
    pub async fn facts_of(&mut self, payments: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<Fact>>, StoreError> {
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
        let rows = sqlx::query_as!(
            LedgerRow,
            r#"select r.id, r.money_key, r.payment_name, r.event_type, r.amount_minor, r.currency, r.base_amount_minor,
                r.product_name, r.product_category, r.is_recurring, r.is_tie_presumed, r.lead_id, r.customer_email, r.attribution_channel,
                r.stripe_event_id, r.stripe_customer_id, r.stripe_subscription_id, r.stripe_invoice_id,
                r.stripe_charge_id, r.stripe_payment_intent_id, r.stripe_checkout_session_id, r.stripe_refund_id,
                r.stripe_created_at as "stripe_created_at: jiff_sqlx::Timestamp", r.mrr_impact_minor, r.mrr_movement_key
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
        let columns = LedgerColumns::of(rows);
        sqlx::query!(
            r#"insert into revenue_events (tenant_id, id, money_key, version, payment_name, event_type, amount_minor,
                currency, base_amount_minor, product_name, product_category, is_recurring, is_tie_presumed, lead_id, customer_email,
                attribution_channel, stripe_event_id, stripe_customer_id, stripe_subscription_id, stripe_invoice_id,
                stripe_charge_id, stripe_payment_intent_id, stripe_checkout_session_id, stripe_refund_id,
                stripe_created_at, mrr_impact_minor, mrr_movement_key, created_at)
            select $1, t.*, $2 from unnest($3::uuid[], $4::text[], $5::int[], $6::text[], $7::text[], $8::bigint[],
                $9::text[], $10::bigint[], $11::text[], $12::text[], $13::bool[], $14::bool[], $15::uuid[], $16::text[],
                $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[],
                $25::text[], $26::timestamptz[], $27::bigint[], $28::text[]) as t"#,
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

    /// Makes all of it count at once.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.work.commit().await
    }
}

struct LedgerRow {
    id: Uuid,
    money_key: String,
    payment_name: String,
    event_type: String,
    amount_minor: i64,
    currency: String,
    base_amount_minor: Option<i64>,
    product_name: Option<String>,
    product_category: Option<String>,
    is_recurring: bool,
    is_tie_presumed: bool,
    lead_id: Option<Uuid>,
    customer_email: Option<String>,
    attribution_channel: String,
    stripe_event_id: String,
    stripe_customer_id: Option<String>,
    stripe_subscription_id: Option<String>,
    stripe_invoice_id: Option<String>,
    stripe_charge_id: Option<String>,
    stripe_payment_intent_id: Option<String>,
    stripe_checkout_session_id: Option<String>,
    stripe_refund_id: Option<String>,
    stripe_created_at: jiff_sqlx::Timestamp,
    mrr_impact_minor: i64,
    mrr_movement_key: Option<String>,
}

impl LedgerRow {
    fn read(self) -> Result<CurrentRow, StoreError> {
        let category = self.product_category;
        let movement = Movement {
            key: MoneyKey::stored(self.money_key),
            payment: self.payment_name,
            kind: entry_kind(&self.event_type)?,
            money: Money { minor: self.amount_minor, currency: currency(&self.currency)? },
            occurred_at: self.stripe_created_at.into(),
            cause: event_id(self.stripe_event_id)?,
            links: StripeLinks {
                customer: self.stripe_customer_id,
                subscription: self.stripe_subscription_id,
                invoice: self.stripe_invoice_id,
                charge: self.stripe_charge_id,
                payment_intent: self.stripe_payment_intent_id,
                checkout_session: self.stripe_checkout_session_id,
                refund: self.stripe_refund_id,
            },
            product: self.product_name.map(|name| Product { name, category }),
            is_recurring: self.is_recurring,
            customer_email: self.customer_email,
            is_tie_presumed: self.is_tie_presumed,
            mrr_impact_minor: self.mrr_impact_minor,
            mrr_movement: self.mrr_movement_key,
        };
        Ok(CurrentRow {
            id: LedgerRowId(self.id),
            content: RowContent {
                movement,
                base_amount_minor: self.base_amount_minor,
                lead: self.lead_id.map(LeadId),
                channel: ChannelSlug::stored(self.attribution_channel),
            },
        })
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

/// Sightings turned on their side; a fact that saw no money is a row of nulls.
#[derive(Default)]
struct SightingColumns {
    customer: Vec<Option<String>>,
    amount_minor: Vec<Option<i64>>,
    currency: Vec<Option<String>>,
    seen_at: Vec<Option<jiff_sqlx::Timestamp>>,
}

impl SightingColumns {
    fn of(sightings: impl Iterator<Item = Option<Sighting>>) -> Self {
        let mut columns = Self::default();
        for seen in sightings {
            columns.amount_minor.push(seen.as_ref().map(|seen| seen.money.minor));
            columns.currency.push(seen.as_ref().map(|seen| seen.money.currency.to_string()));
            columns.seen_at.push(seen.as_ref().map(|seen| seen.at.into()));
            columns.customer.push(seen.map(|seen| seen.customer));
        }
        columns
    }
}

/// Rows turned on their side: one array per column, as a bulk insert takes them.
#[derive(Default)]
struct LedgerColumns {
    id: Vec<Uuid>,
    money_key: Vec<String>,
    version: Vec<i32>,
    payment_name: Vec<String>,
    event_type: Vec<String>,
    amount_minor: Vec<i64>,
    currency: Vec<String>,
    base_amount_minor: Vec<Option<i64>>,
    product_name: Vec<Option<String>>,
    product_category: Vec<Option<String>>,
    is_recurring: Vec<bool>,
    is_tie_presumed: Vec<bool>,
    lead_id: Vec<Option<Uuid>>,
    customer_email: Vec<Option<String>>,
    attribution_channel: Vec<String>,
    stripe_event_id: Vec<String>,
    customer: Vec<Option<String>>,
    subscription: Vec<Option<String>>,
    invoice: Vec<Option<String>>,
    charge: Vec<Option<String>>,
    payment_intent: Vec<Option<String>>,
    checkout_session: Vec<Option<String>>,
    refund: Vec<Option<String>>,
    stripe_created_at: Vec<jiff_sqlx::Timestamp>,
    mrr_impact_minor: Vec<i64>,
    mrr_movement_key: Vec<Option<String>>,
}

impl LedgerColumns {
    fn of(rows: &[NewRow]) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.push(row);
        }
        columns
    }

    fn push(&mut self, row: &NewRow) {
        let RowContent { movement, base_amount_minor, lead, channel } = &row.content;
        let links = movement.links.clone();
        self.id.push(row.id.0);
        self.money_key.push(movement.key.to_string());
        self.version.push(row.version);
        self.payment_name.push(movement.payment.clone());
        self.event_type.push(movement.kind.word().to_owned());
        self.amount_minor.push(movement.money.minor);
        self.currency.push(movement.money.currency.to_string());
        self.base_amount_minor.push(*base_amount_minor);
        self.product_name.push(movement.product.as_ref().map(|product| product.name.clone()));
        self.product_category.push(movement.product.as_ref().and_then(|product| product.category.clone()));
        self.is_recurring.push(movement.is_recurring);
        self.is_tie_presumed.push(movement.is_tie_presumed);
        self.lead_id.push(lead.map(|lead| lead.0));
        self.customer_email.push(movement.customer_email.clone());
        self.attribution_channel.push(channel.to_string());
        self.stripe_event_id.push(movement.cause.to_string());
        self.customer.push(links.customer);
        self.subscription.push(links.subscription);
        self.invoice.push(links.invoice);
        self.charge.push(links.charge);
        self.payment_intent.push(links.payment_intent);
        self.checkout_session.push(links.checkout_session);
        self.refund.push(links.refund);
        self.stripe_created_at.push(movement.occurred_at.into());
        self.mrr_impact_minor.push(movement.mrr_impact_minor);
        self.mrr_movement_key.push(movement.mrr_movement.clone());
    }
}
