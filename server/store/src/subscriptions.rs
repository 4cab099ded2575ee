//! Subscriptions: what events tell of them, the versions that follow, and the movements of recurring revenue.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::BTreeMap;

use domain::attribution::Clue;
use domain::ids::{EventId, MrrMovementId, TenantId};
use domain::money::Money;
use domain::mrr::{MovementDetail, MovementKind, MrrMovement};
use domain::subscription::terms::TermsFact;
use domain::subscription::{SubscriptionFact, Version};
use jiff::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use crate::applying::{Batch, currency, event_id};
use crate::database::instant;
use crate::work::TenantWork;
use crate::{Store, StoreError};

/// A version as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRow {
    /// `sub_…`
    pub subscription: String,
    /// `cus_…`
    pub customer: String,
    /// Which version of the subscription, from 1.
    pub ordinal: i32,
    /// What it says.
    pub version: Version,
    /// What it counts in the tenant's currency.
    pub base_mrr: Option<i64>,
    /// What it will count there when its trial ends.
    pub base_trial_mrr: Option<i64>,
}

/// A version that is kept, without what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptVersion {
    /// `sub_…`
    pub subscription: String,
    /// Which version of it.
    pub ordinal: i32,
    /// Equal for versions that say the same.
    pub digest: Uuid,
}

/// A movement that counts now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentMovement {
    /// Its id.
    pub id: MrrMovementId,
    /// Customer, currency, second and kind.
    pub key: String,
    /// By which rules it is counted.
    pub definition: String,
    /// What it says.
    pub movement: MrrMovement,
}

/// A movement to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMovement {
    /// Its id.
    pub id: MrrMovementId,
    /// Customer, currency, second and kind.
    pub key: String,
    /// Which version of it.
    pub version: i32,
    /// Whose it is.
    pub customer: String,
    /// By which rules it is counted.
    pub definition: &'static str,
    /// What it says.
    pub movement: MrrMovement,
}

/// Why movements are counted again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecountReason {
    /// Exchange rates came.
    Rates,
    /// The tenant counts by other rules.
    Definition,
    /// The tenant's days begin elsewhere.
    Timezone,
    /// Channels are looked for elsewhere.
    Attribution,
}

impl RecountReason {
    const fn word(self) -> &'static str {
        match self {
            Self::Rates => "rates",
            Self::Definition => "definition",
            Self::Timezone => "timezone",
            Self::Attribution => "attribution",
        }
    }
}

/// What is to be counted again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recount {
    /// The askings it answers.
    pub ids: Vec<Uuid>,
    /// Up to which customer that is done.
    pub counted_up_to: String,
}

impl VersionRow {
    /// Equal for versions that say the same.
    #[must_use]
    pub fn digest(&self) -> Uuid {
        let told = (&self.customer, &self.version, self.base_mrr, self.base_trial_mrr);
        let bytes = serde_json::to_vec(&told).expect("plain data can be written as JSON");
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &bytes)
    }
}

impl Store {
    /// Tenants whose movements are to be counted again.
    pub async fn tenants_with_recounts(&self) -> Result<Vec<TenantId>, StoreError> {
        let tenants =
            sqlx::query_scalar!(r#"select distinct tenant_id from mrr_recounts where counted_at is null"#)
                .fetch_all(&self.platform_pool)
                .await?;
        Ok(tenants.into_iter().map(TenantId).collect())
    }
}

impl TenantWork {
    /// Asks for every movement to be counted again.
    pub async fn recount_ask(
        &mut self,
        id: Uuid,
        reason: RecountReason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into mrr_recounts (tenant_id, id, reason, asked_at) values ($1, $2, $3, $4)"#,
            self.tenant.0,
            id,
            reason.word(),
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

impl Batch {
    /// Asks for every movement to be counted again.
    pub async fn recount_ask(
        &mut self,
        id: Uuid,
        reason: RecountReason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.work.recount_ask(id, reason, now).await
    }

    /// What is to be counted again, and how far that has come.
    pub async fn recount_waiting(&mut self) -> Result<Option<Recount>, StoreError> {
        let row = sqlx::query!(
            r#"select array_agg(id) as ids, min(counted_up_to) as counted_up_to
            from mrr_recounts where tenant_id = $1 and counted_at is null"#,
            self.tenant.0,
        )
        .fetch_one(self.work.connection())
        .await?;
        let counted_up_to = row.counted_up_to.unwrap_or_default();
        Ok(row.ids.map(|ids| Recount { ids, counted_up_to }))
    }

    /// Customers with subscriptions, after one of them.
    pub async fn subscribers_after(
        &mut self,
        customer: &str,
        at_most: i64,
    ) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select distinct customer_id from subscription_facts
            where tenant_id = $1 and customer_id > $2 order by customer_id limit $3"#,
            self.tenant.0,
            customer,
            at_most,
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    /// Which of these customers have subscriptions.
    pub async fn subscribers_among(&mut self, customers: &[String]) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select distinct customer_id from subscription_facts where tenant_id = $1 and customer_id = any($2)"#,
            self.tenant.0,
            customers,
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    /// The customers of the subscriptions that these clues lead to.
    pub async fn subscribers_with_clues(&mut self, clues: &[Clue]) -> Result<Vec<String>, StoreError> {
        let texts: Vec<String> = clues.iter().map(Clue::to_string).collect();
        let customers: Vec<String> = clues.iter().filter_map(Clue::customer).map(str::to_owned).collect();
        Ok(sqlx::query_scalar!(
            // By arrays, so that each step is a few looks into an index, whatever the planner knows of the tables.
            r#"select distinct customer_id as "customer!" from subscription_facts
            where tenant_id = $1 and customer_id = any(array(
                select customer_id from subscription_facts
                where tenant_id = $1 and stripe_event_id = any(array(
                    select stripe_event_id from attribution_clues where tenant_id = $1 and clue = any($2)))
                union select customer from payment_facts
                where tenant_id = $1 and customer is not null and stripe_event_id = any(array(
                    select stripe_event_id from attribution_clues where tenant_id = $1 and clue = any($2)))
                union select unnest($3::text[])
            )) order by 1"#,
            self.tenant.0,
            &texts,
            &customers,
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    /// The e-mails customers paid with, the earliest first.
    pub async fn emails_paid_with(
        &mut self,
        customers: &[String],
    ) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
        let rows = sqlx::query!(
            r#"select customer as "customer!", email as "email!" from (
                select distinct on (customer, email) customer, email, seen_at, stripe_event_id, place
                from payment_facts,
                    jsonb_array_elements_text(fact -> 'emails') with ordinality as told (email, place)
                where tenant_id = $1 and customer = any($2)
                order by customer, email, seen_at, stripe_event_id, place
            ) as first order by customer, seen_at, stripe_event_id, place"#,
            self.tenant.0,
            customers,
        )
        .fetch_all(self.work.connection())
        .await?;
        let mut emails: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in rows {
            emails.entry(row.customer).or_default().push(row.email);
        }
        Ok(emails)
    }

    /// Records up to which customer movements are counted again.
    pub async fn recounted_up_to(&mut self, recounts: &[Uuid], customer: &str) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update mrr_recounts set counted_up_to = $3 where tenant_id = $1 and id = any($2)"#,
            self.tenant.0,
            recounts,
            customer,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Records that all movements are counted again.
    pub async fn recounted(&mut self, recounts: &[Uuid], now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update mrr_recounts set counted_at = $3 where tenant_id = $1 and id = any($2)"#,
            self.tenant.0,
            recounts,
            instant(now) as _,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Keeps what events say of subscriptions.
    pub async fn subscription_facts_insert(&mut self, facts: &[SubscriptionFact]) -> Result<(), StoreError> {
        let events: Vec<String> = facts.iter().map(|fact| fact.event.to_string()).collect();
        let subscriptions: Vec<String> = facts.iter().map(|fact| fact.subscription.clone()).collect();
        let customers: Vec<String> = facts.iter().map(|fact| fact.customer.clone()).collect();
        let open: Vec<Json<Vec<&str>>> = facts.iter().map(|fact| Json(fact.open_terms().collect())).collect();
        let told: Vec<Json<&SubscriptionFact>> = facts.iter().map(Json).collect();
        sqlx::query!(
            r#"insert into subscription_facts
                (tenant_id, stripe_event_id, subscription_id, customer_id, open_terms, fact)
            select $1, event, subscription, customer, array(select jsonb_array_elements_text(open)), fact
            from unnest($2::text[], $3::text[], $4::text[], $5::jsonb[], $6::jsonb[])
                as t (event, subscription, customer, open, fact)
            on conflict do nothing"#,
            self.tenant.0,
            &events,
            &subscriptions,
            &customers,
            &open as _,
            &told as _,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Keeps what events tell of prices and discounts.
    pub async fn terms_insert(&mut self, facts: &[TermsFact]) -> Result<(), StoreError> {
        let events: Vec<String> = facts.iter().map(|fact| fact.event.to_string()).collect();
        let names: Vec<String> = facts.iter().map(|fact| fact.name.clone()).collect();
        let told: Vec<Json<&TermsFact>> = facts.iter().map(Json).collect();
        sqlx::query!(
            r#"insert into pricing_terms (tenant_id, stripe_event_id, name, fact)
            select $1, t.* from unnest($2::text[], $3::text[], $4::jsonb[]) as t
            on conflict do nothing"#,
            self.tenant.0,
            &events,
            &names,
            &told as _,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Customers whose subscriptions name one of these prices or discounts without saying what it comes to.
    pub async fn customers_with_open_terms(&mut self, names: &[String]) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select distinct customer_id from subscription_facts
            where tenant_id = $1 and open_terms && $2 and open_terms <> '{}'"#,
            self.tenant.0,
            names,
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    /// What is known of prices and discounts with these names.
    pub async fn terms_named(&mut self, names: &[String]) -> Result<Vec<TermsFact>, StoreError> {
        let rows = sqlx::query_scalar!(
            r#"select fact as "fact: Json<TermsFact>" from pricing_terms
            where tenant_id = $1 and name = any($2)"#,
            self.tenant.0,
            names,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(rows.into_iter().map(|fact| fact.0).collect())
    }

    /// Everything known of these customers' subscriptions.
    pub async fn subscription_facts_of(
        &mut self,
        customers: &[String],
    ) -> Result<BTreeMap<String, Vec<SubscriptionFact>>, StoreError> {
        let rows = sqlx::query!(
            r#"select customer_id, fact as "fact: Json<SubscriptionFact>" from subscription_facts
            where tenant_id = $1 and customer_id = any($2)"#,
            self.tenant.0,
            customers,
        )
        .fetch_all(self.work.connection())
        .await?;
        let mut facts: BTreeMap<String, Vec<SubscriptionFact>> = BTreeMap::new();
        for row in rows {
            facts.entry(row.customer_id).or_default().push(row.fact.0);
        }
        Ok(facts)
    }

    /// The versions kept of these customers' subscriptions.
    pub async fn versions_of(&mut self, customers: &[String]) -> Result<Vec<KeptVersion>, StoreError> {
        Ok(sqlx::query_as!(
            KeptVersion,
            r#"select subscription_id as subscription, ordinal, digest from subscription_versions
            where tenant_id = $1 and customer_id = any($2) order by subscription_id, ordinal"#,
            self.tenant.0,
            customers,
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    /// Drops the versions of subscriptions from an ordinal on.
    pub async fn versions_drop(&mut self, from: &[(String, i32)]) -> Result<(), StoreError> {
        let (subscriptions, ordinals): (Vec<String>, Vec<i32>) = from.iter().cloned().unzip();
        sqlx::query!(
            r#"delete from subscription_versions v
            using unnest($2::text[], $3::int[]) as t (subscription, ordinal)
            where v.tenant_id = $1 and v.subscription_id = t.subscription and v.ordinal >= t.ordinal"#,
            self.tenant.0,
            &subscriptions,
            &ordinals,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Keeps versions.
    pub async fn versions_insert(&mut self, rows: &[VersionRow]) -> Result<(), StoreError> {
        let columns = VersionColumns::of(rows);
        sqlx::query!(
            r#"insert into subscription_versions (tenant_id, subscription_id, ordinal, customer_id, effective_from,
                status, currency, mrr_minor, trial_mrr_minor, past_due_mrr_minor, base_mrr_minor, base_trial_mrr_minor,
                untold_parts, is_collection_paused, is_given_up, period_start, period_end, ends_at, cancel_reason,
                cancel_feedback, items, stripe_event_id, digest)
            select $1, t.* from unnest($2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::text[], $7::text[],
                $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::int[], $14::bool[],
                $15::bool[], $16::timestamptz[], $17::timestamptz[], $18::timestamptz[], $19::text[], $20::text[],
                $21::jsonb[], $22::text[], $23::uuid[]) as t"#,
            self.tenant.0,
            &columns.subscription,
            &columns.ordinal,
            &columns.customer,
            &columns.effective_from as _,
            &columns.status,
            &columns.currency,
            &columns.mrr,
            &columns.trial_mrr,
            &columns.past_due_mrr,
            &columns.base_mrr as &[Option<i64>],
            &columns.base_trial_mrr as &[Option<i64>],
            &columns.untold_parts,
            &columns.is_collection_paused,
            &columns.is_given_up,
            &columns.period_start as _,
            &columns.period_end as _,
            &columns.ends_at as _,
            &columns.cancel_reason as &[Option<String>],
            &columns.cancel_feedback as &[Option<String>],
            &columns.items as _,
            &columns.cause,
            &columns.digest,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// The movements of these customers that count now.
    pub async fn movements_of(&mut self, customers: &[String]) -> Result<Vec<CurrentMovement>, StoreError> {
        let rows = sqlx::query_as!(
            MovementRow,
            r#"select id, movement_key, kind, detail, effective_at as "effective_at: jiff_sqlx::Timestamp", currency,
                amount_minor, base_amount_minor, is_unconverted, cause_event_ids, feedback, definition
            from mrr_movements where tenant_id = $1 and customer_id = any($2) and superseded_at is null"#,
            self.tenant.0,
            customers,
        )
        .fetch_all(self.work.connection())
        .await?;
        rows.into_iter().map(MovementRow::read).collect()
    }

    /// The newest version of each of these movements, whether it counts or not.
    pub async fn movement_versions(&mut self, keys: &[String]) -> Result<BTreeMap<String, i32>, StoreError> {
        let rows = sqlx::query!(
            r#"select movement_key, max(version) as "version!" from mrr_movements
            where tenant_id = $1 and movement_key = any($2) group by movement_key"#,
            self.tenant.0,
            keys,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (row.movement_key, row.version)).collect())
    }

    /// Records that movements no longer count.
    pub async fn movements_supersede(
        &mut self,
        ids: &[MrrMovementId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        sqlx::query!(
            r#"update mrr_movements set superseded_at = $3
            where tenant_id = $1 and id = any($2) and superseded_at is null"#,
            self.tenant.0,
            &ids,
            instant(now) as _,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Appends movements.
    pub async fn movements_insert(&mut self, rows: &[NewMovement], now: Timestamp) -> Result<(), StoreError> {
        let columns = MovementColumns::of(rows);
        sqlx::query!(
            r#"insert into mrr_movements (tenant_id, id, movement_key, version, customer_id, kind, detail, effective_at,
                currency, amount_minor, base_amount_minor, is_unconverted, cause_event_ids, feedback, definition,
                created_at)
            select $1, id, movement_key, version, customer, kind, detail, effective_at, currency, amount, base,
                is_unconverted, array(select jsonb_array_elements_text(causes)), feedback, definition, $2
            from unnest($3::uuid[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
                $10::text[], $11::bigint[], $12::bigint[], $13::bool[], $14::jsonb[], $15::text[], $16::text[])
                as t (id, movement_key, version, customer, kind, detail, effective_at, currency, amount, base,
                    is_unconverted, causes, feedback, definition)"#,
            self.tenant.0,
            instant(now) as _,
            &columns.id,
            &columns.key,
            &columns.version,
            &columns.customer,
            &columns.kind,
            &columns.detail as &[Option<String>],
            &columns.effective_at as _,
            &columns.currency,
            &columns.amount,
            &columns.base,
            &columns.is_unconverted,
            &columns.causes as _,
            &columns.feedback as &[Option<String>],
            &columns.definition,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }
}

struct MovementRow {
    id: Uuid,
    movement_key: String,
    kind: String,
    detail: Option<String>,
    effective_at: jiff_sqlx::Timestamp,
    currency: String,
    amount_minor: i64,
    base_amount_minor: i64,
    is_unconverted: bool,
    cause_event_ids: Vec<String>,
    feedback: Option<String>,
    definition: String,
}

impl MovementRow {
    fn read(self) -> Result<CurrentMovement, StoreError> {
        let causes: Vec<EventId> =
            self.cause_event_ids.into_iter().map(event_id).collect::<Result<_, _>>()?;
        Ok(CurrentMovement {
            id: MrrMovementId(self.id),
            key: self.movement_key,
            definition: self.definition,
            movement: MrrMovement {
                kind: movement_kind(&self.kind)?,
                detail: self.detail.as_deref().map(movement_detail).transpose()?,
                at: self.effective_at.into(),
                money: Money { minor: self.amount_minor, currency: currency(&self.currency)? },
                base_minor: self.base_amount_minor,
                is_unconverted: self.is_unconverted,
                causes,
                feedback: self.feedback,
            },
        })
    }
}

pub(crate) fn movement_kind(word: &str) -> Result<MovementKind, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a kind of movement", word))
}

pub(crate) fn movement_detail(word: &str) -> Result<MovementDetail, StoreError> {
    MovementDetail::ALL
        .into_iter()
        .find(|detail| detail.word() == word)
        .ok_or_else(|| StoreError::unreadable("what lies behind a movement", word))
}

/// Movements turned on their side.
#[derive(Default)]
struct MovementColumns {
    id: Vec<Uuid>,
    key: Vec<String>,
    version: Vec<i32>,
    customer: Vec<String>,
    kind: Vec<String>,
    detail: Vec<Option<String>>,
    effective_at: Vec<jiff_sqlx::Timestamp>,
    currency: Vec<String>,
    amount: Vec<i64>,
    base: Vec<i64>,
    is_unconverted: Vec<bool>,
    causes: Vec<Json<Vec<EventId>>>,
    feedback: Vec<Option<String>>,
    definition: Vec<String>,
}

impl MovementColumns {
    fn of(rows: &[NewMovement]) -> Self {
        let mut columns = Self::default();
        for NewMovement { id, key, version, customer, definition, movement } in rows {
            columns.id.push(id.0);
            columns.key.push(key.clone());
            columns.version.push(*version);
            columns.customer.push(customer.clone());
            columns.kind.push(movement.kind.word().to_owned());
            columns.detail.push(movement.detail.map(|detail| detail.word().to_owned()));
            columns.effective_at.push(movement.at.into());
            columns.currency.push(movement.money.currency.to_string());
            columns.amount.push(movement.money.minor);
            columns.base.push(movement.base_minor);
            columns.is_unconverted.push(movement.is_unconverted);
            columns.causes.push(Json(movement.causes.clone()));
            columns.feedback.push(movement.feedback.clone());
            columns.definition.push((*definition).to_owned());
        }
        columns
    }
}

/// Versions turned on their side.
#[derive(Default)]
struct VersionColumns {
    subscription: Vec<String>,
    ordinal: Vec<i32>,
    customer: Vec<String>,
    effective_from: Vec<jiff_sqlx::Timestamp>,
    status: Vec<String>,
    currency: Vec<String>,
    mrr: Vec<i64>,
    trial_mrr: Vec<i64>,
    past_due_mrr: Vec<i64>,
    base_mrr: Vec<Option<i64>>,
    base_trial_mrr: Vec<Option<i64>>,
    untold_parts: Vec<i32>,
    is_collection_paused: Vec<bool>,
    is_given_up: Vec<bool>,
    period_start: Vec<Option<jiff_sqlx::Timestamp>>,
    period_end: Vec<Option<jiff_sqlx::Timestamp>>,
    ends_at: Vec<Option<jiff_sqlx::Timestamp>>,
    cancel_reason: Vec<Option<String>>,
    cancel_feedback: Vec<Option<String>>,
    items: Vec<serde_json::Value>,
    cause: Vec<String>,
    digest: Vec<Uuid>,
}

impl VersionColumns {
    fn of(rows: &[VersionRow]) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.push(row);
        }
        columns
    }

    fn push(&mut self, row: &VersionRow) {
        let Version { from, cause, state } = &row.version;
        self.subscription.push(row.subscription.clone());
        self.ordinal.push(row.ordinal);
        self.customer.push(row.customer.clone());
        self.effective_from.push((*from).into());
        self.status.push(state.status.word().to_owned());
        self.currency.push(state.currency.to_string());
        self.mrr.push(state.mrr);
        self.trial_mrr.push(state.trial_mrr);
        self.past_due_mrr.push(state.past_due_mrr);
        self.base_mrr.push(row.base_mrr);
        self.base_trial_mrr.push(row.base_trial_mrr);
        self.untold_parts.push(i32::try_from(state.untold_parts).unwrap_or(i32::MAX));
        self.is_collection_paused.push(state.is_collection_paused);
        self.is_given_up.push(state.is_given_up);
        self.period_start.push(state.period_start.map(Into::into));
        self.period_end.push(state.period_end.map(Into::into));
        self.ends_at.push(state.ends_at.map(Into::into));
        self.cancel_reason.push(state.cancel_reason.clone());
        self.cancel_feedback.push(state.cancel_feedback.clone());
        self.items.push(serde_json::to_value(&state.items).expect("plain data can be written as JSON"));
        self.cause.push(cause.to_string());
        self.digest.push(row.digest());
    }
}
