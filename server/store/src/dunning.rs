//! Payments that could not be collected: what events say of them, and the rows that follow.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::{BTreeMap, BTreeSet};

use domain::dunning::{FailedPayment, Setback, Standing, Told};
use domain::ids::{EventId, TenantId};
use domain::money::{Currency, Money};
use jiff::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use crate::applying::{Batch, currency, event_id};
use crate::database::instant;
use crate::{Store, StoreError};

/// Which failed payments are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedFilter {
    /// Only those standing so.
    pub standing: Option<Standing>,
}

/// Where a page of failed payments ended: they are listed newest failure first, then by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedPlace {
    /// When the last one last failed.
    pub last_failed_at: Timestamp,
    /// What it is known by.
    pub name: String,
}

/// A failed payment as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFailure {
    /// What it is known by.
    pub name: String,
    /// `in_…`
    pub invoice: Option<String>,
    /// `pi_…`
    pub payment_intent: Option<String>,
    /// `sub_…`
    pub subscription: Option<String>,
    /// `cus_…`
    pub customer: Option<String>,
    /// The payer's e-mail.
    pub customer_email: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When Stripe tries again.
    pub next_attempt_at: Option<Timestamp>,
    /// What was to be paid.
    pub amount: Money,
    /// Stripe's word for the reason.
    pub code: Option<String>,
    /// The reason in words.
    pub message: Option<String>,
    /// Whether the payer has to do something first.
    pub needs_action: bool,
    /// When it first failed.
    pub first_failed_at: Timestamp,
    /// When it last failed.
    pub last_failed_at: Timestamp,
    /// The newest event that tells of a failure.
    pub last_event: EventId,
    /// Where it stands.
    pub standing: Standing,
    /// Stripe's reason for its end.
    pub closed_because: Option<String>,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// The event that ended it.
    pub closing_event: Option<EventId>,
    /// Whether it is live money, where an event says.
    pub livemode: Option<bool>,
}

/// What failed payments of one currency and standing come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedTotal {
    /// Their currency.
    pub currency: Currency,
    /// Where they stand.
    pub standing: Standing,
    /// Their amounts.
    pub amount: i64,
    /// How many.
    pub payments: i64,
}

impl Batch {
    /// Keeps what events say of collecting; what is kept already stays.
    pub async fn setbacks_insert(&mut self, setbacks: &[Setback]) -> Result<(), StoreError> {
        if setbacks.is_empty() {
            return Ok(());
        }
        let events: Vec<String> = setbacks.iter().map(|setback| setback.event.to_string()).collect();
        let ended: Vec<Option<String>> = setbacks
            .iter()
            .map(|setback| setback.subscription.clone().filter(|_| setback.told == Told::SubscriptionEnded))
            .collect();
        let told: Vec<Json<&Setback>> = setbacks.iter().map(Json).collect();
        sqlx::query!(
            r#"insert into dunning_facts (tenant_id, stripe_event_id, ended_subscription, fact)
            select $1, t.* from unnest($2::text[], $3::text[], $4::jsonb[]) as t
            on conflict do nothing"#,
            self.tenant.0,
            &events,
            &ended as &[Option<String>],
            &told as _,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// The payments that failed and are for one of these subscriptions.
    pub async fn payments_failing_of(&mut self, subscriptions: &[String]) -> Result<Vec<Uuid>, StoreError> {
        if subscriptions.is_empty() {
            return Ok(Vec::new());
        }
        Ok(sqlx::query_scalar!(
            r#"select distinct n.payment_id from dunning d
            join payment_names n on n.tenant_id = d.tenant_id and n.name = d.name
            where d.tenant_id = $1 and d.stripe_subscription_id = any($2)"#,
            self.tenant.0,
            subscriptions,
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    /// What is known of collecting these payments; only those of which anything is.
    pub async fn setbacks_of(
        &mut self,
        payments: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Vec<Setback>>, StoreError> {
        if payments.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = sqlx::query!(
            r#"select p.payment_id, d.fact as "fact: Json<Setback>" from payment_facts p
            join dunning_facts d on d.tenant_id = p.tenant_id and d.stripe_event_id = p.stripe_event_id
            where p.tenant_id = $1 and p.payment_id = any($2)"#,
            self.tenant.0,
            payments,
        )
        .fetch_all(self.work.connection())
        .await?;
        let mut setbacks: BTreeMap<Uuid, Vec<Setback>> = BTreeMap::new();
        for row in rows {
            setbacks.entry(row.payment_id).or_default().push(row.fact.0);
        }
        Ok(setbacks)
    }

    /// The ends of these subscriptions.
    pub async fn subscription_ends(&mut self, subscriptions: &[String]) -> Result<Vec<Setback>, StoreError> {
        if subscriptions.is_empty() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query_scalar!(
            r#"select fact as "fact: Json<Setback>" from dunning_facts
            where tenant_id = $1 and ended_subscription = any($2)"#,
            self.tenant.0,
            subscriptions,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(rows.into_iter().map(|fact| fact.0).collect())
    }

    /// Writes the failed payments in place of those known by any of these names.
    pub async fn dunning_replace(
        &mut self,
        names: &[String],
        failed: &[FailedPayment],
    ) -> Result<(), StoreError> {
        sqlx::query!(r#"delete from dunning where tenant_id = $1 and name = any($2)"#, self.tenant.0, names)
            .execute(self.work.connection())
            .await?;
        self.dunning_insert(failed).await
    }

    async fn dunning_insert(&mut self, failed: &[FailedPayment]) -> Result<(), StoreError> {
        if failed.is_empty() {
            return Ok(());
        }
        let columns = FailureColumns::of(failed);
        sqlx::query!(
            r#"insert into dunning (tenant_id, name, stripe_invoice_id, stripe_payment_intent_id, stripe_subscription_id,
                stripe_customer_id, customer_email, attempts, next_attempt_at, amount_minor, currency, failure_code,
                failure_message, needs_action, first_failed_at, last_failed_at, last_event_id, state, closed_because,
                closed_at, closing_event_id)
            select $1, t.* from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::bigint[], $9::timestamptz[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::bool[],
                $15::timestamptz[], $16::timestamptz[], $17::text[], $18::text[], $19::text[], $20::timestamptz[],
                $21::text[]) as t"#,
            self.tenant.0,
            &columns.name,
            &columns.invoice as &[Option<String>],
            &columns.payment_intent as &[Option<String>],
            &columns.subscription as &[Option<String>],
            &columns.customer as &[Option<String>],
            &columns.customer_email as &[Option<String>],
            &columns.attempts,
            &columns.next_attempt_at as _,
            &columns.amount_minor,
            &columns.currency,
            &columns.code as &[Option<String>],
            &columns.message as &[Option<String>],
            &columns.needs_action,
            &columns.first_failed_at as _,
            &columns.last_failed_at as _,
            &columns.last_event,
            &columns.standing,
            &columns.closed_because as &[Option<String>],
            &columns.closed_at as _,
            &columns.closing_event as &[Option<String>],
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }
}

/// Failed payments turned on their side: one array per column, as a bulk insert takes them.
#[derive(Default)]
struct FailureColumns {
    name: Vec<String>,
    invoice: Vec<Option<String>>,
    payment_intent: Vec<Option<String>>,
    subscription: Vec<Option<String>>,
    customer: Vec<Option<String>>,
    customer_email: Vec<Option<String>>,
    attempts: Vec<i64>,
    next_attempt_at: Vec<Option<jiff_sqlx::Timestamp>>,
    amount_minor: Vec<i64>,
    currency: Vec<String>,
    code: Vec<Option<String>>,
    message: Vec<Option<String>>,
    needs_action: Vec<bool>,
    first_failed_at: Vec<jiff_sqlx::Timestamp>,
    last_failed_at: Vec<jiff_sqlx::Timestamp>,
    last_event: Vec<String>,
    standing: Vec<String>,
    closed_because: Vec<Option<String>>,
    closed_at: Vec<Option<jiff_sqlx::Timestamp>>,
    closing_event: Vec<Option<String>>,
}

impl FailureColumns {
    fn of(failed: &[FailedPayment]) -> Self {
        let mut columns = Self::default();
        for payment in failed {
            columns.push(payment);
        }
        columns
    }

    fn push(&mut self, failed: &FailedPayment) {
        let closed = failed.closed.as_ref();
        self.name.push(failed.name.clone());
        self.invoice.push(failed.invoice.clone());
        self.payment_intent.push(failed.payment_intent.clone());
        self.subscription.push(failed.subscription.clone());
        self.customer.push(failed.customer.clone());
        self.customer_email.push(failed.customer_email.clone());
        self.attempts.push(failed.attempts);
        self.next_attempt_at.push(failed.next_attempt_at.map(instant));
        self.amount_minor.push(failed.amount.minor);
        self.currency.push(failed.amount.currency.code().to_owned());
        self.code.push(failed.code.clone());
        self.message.push(failed.message.clone());
        self.needs_action.push(failed.needs_action);
        self.first_failed_at.push(instant(failed.first_failed_at));
        self.last_failed_at.push(instant(failed.last_failed_at));
        self.last_event.push(failed.last_event.to_string());
        self.standing.push(failed.standing().word().to_owned());
        self.closed_because.push(closed.map(|closed| closed.how.word().to_owned()));
        self.closed_at.push(closed.map(|closed| instant(closed.at)));
        self.closing_event.push(closed.map(|closed| closed.event.to_string()));
    }
}

impl Store {
    /// A page of failed payments, the newest failure first, after the place where the page before ended.
    pub async fn failed_payments(
        &self,
        tenant: TenantId,
        filter: &FailedFilter,
        after: Option<FailedPlace>,
        at_most: i64,
    ) -> Result<Vec<ListedFailure>, StoreError> {
        let rows = sqlx::query_as!(
            FailureRow,
            r#"select d.name as "name!", d.stripe_invoice_id, d.stripe_payment_intent_id, d.stripe_subscription_id,
                d.stripe_customer_id, d.customer_email, d.attempts as "attempts!",
                d.next_attempt_at as "next_attempt_at: jiff_sqlx::Timestamp", d.amount_minor as "amount_minor!",
                d.currency as "currency!", d.failure_code, d.failure_message, d.needs_action as "needs_action!",
                d.first_failed_at as "first_failed_at!: jiff_sqlx::Timestamp",
                d.last_failed_at as "last_failed_at!: jiff_sqlx::Timestamp", d.last_event_id as "last_event_id!",
                d.state as "state!", d.closed_because, d.closed_at as "closed_at: jiff_sqlx::Timestamp",
                d.closing_event_id, e.livemode
            from failed_payments d
            join stripe_events e on e.tenant_id = d.tenant_id and e.stripe_event_id = d.last_event_id
            where d.tenant_id = $1 and ($2::text is null or d.state = $2)
              and ($3::timestamptz is null or (d.last_failed_at, d.name) < ($3, $4))
            order by d.last_failed_at desc, d.name desc
            limit $5"#,
            tenant.0,
            filter.standing.map(Standing::word),
            after.as_ref().map(|place| instant(place.last_failed_at)) as _,
            after.map(|place| place.name),
            at_most,
        )
        .fetch_all(self.within(tenant).await?.connection())
        .await?;
        rows.into_iter().map(FailureRow::read).collect()
    }

    /// What the failed payments that are still to be collected are known by.
    pub async fn failing(&self, tenant: TenantId) -> Result<BTreeSet<String>, StoreError> {
        let names = sqlx::query_scalar!(
            r#"select name as "name!" from failed_payments where tenant_id = $1 and state = 'open'"#,
            tenant.0,
        );
        Ok(names.fetch_all(self.within(tenant).await?.connection()).await?.into_iter().collect())
    }

    /// What the failed payments come to, by currency and standing.
    pub async fn failed_totals(&self, tenant: TenantId) -> Result<Vec<FailedTotal>, StoreError> {
        let rows = sqlx::query!(
            r#"select currency as "currency!", state as "state!", sum(amount_minor)::bigint as "amount!", count(*) as "payments!"
            from failed_payments where tenant_id = $1 group by 1, 2 order by 1, 2"#,
            tenant.0,
        )
        .fetch_all(self.within(tenant).await?.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(FailedTotal {
                    currency: currency(&row.currency)?,
                    standing: standing(&row.state)?,
                    amount: row.amount,
                    payments: row.payments,
                })
            })
            .collect()
    }
}

struct FailureRow {
    name: String,
    stripe_invoice_id: Option<String>,
    stripe_payment_intent_id: Option<String>,
    stripe_subscription_id: Option<String>,
    stripe_customer_id: Option<String>,
    customer_email: Option<String>,
    attempts: i64,
    next_attempt_at: Option<jiff_sqlx::Timestamp>,
    amount_minor: i64,
    currency: String,
    failure_code: Option<String>,
    failure_message: Option<String>,
    needs_action: bool,
    first_failed_at: jiff_sqlx::Timestamp,
    last_failed_at: jiff_sqlx::Timestamp,
    last_event_id: String,
    state: String,
    closed_because: Option<String>,
    closed_at: Option<jiff_sqlx::Timestamp>,
    closing_event_id: Option<String>,
    livemode: Option<bool>,
}

impl FailureRow {
    fn read(self) -> Result<ListedFailure, StoreError> {
        Ok(ListedFailure {
            name: self.name,
            invoice: self.stripe_invoice_id,
            payment_intent: self.stripe_payment_intent_id,
            subscription: self.stripe_subscription_id,
            customer: self.stripe_customer_id,
            customer_email: self.customer_email,
            attempts: self.attempts,
            next_attempt_at: self.next_attempt_at.map(Into::into),
            amount: Money { minor: self.amount_minor, currency: currency(&self.currency)? },
            code: self.failure_code,
            message: self.failure_message,
            needs_action: self.needs_action,
            first_failed_at: self.first_failed_at.into(),
            last_failed_at: self.last_failed_at.into(),
            last_event: event_id(self.last_event_id)?,
            standing: standing(&self.state)?,
            closed_because: self.closed_because,
            closed_at: self.closed_at.map(Into::into),
            closing_event: self.closing_event_id.map(event_id).transpose()?,
            livemode: self.livemode,
        })
    }
}

fn standing(word: &str) -> Result<Standing, StoreError> {
    Standing::ALL
        .into_iter()
        .find(|standing| standing.word() == word)
        .ok_or_else(|| StoreError::unreadable("where a failed payment stands", word))
}
