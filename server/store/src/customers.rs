//! Stripe's customers: their newest e-mail and metadata, whatever the order in which events told of them.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::BTreeMap;

use domain::attribution::metadata::names_a_lead;
use domain::attribution::{Clue, KnownCustomer};
use domain::customer::{CustomerFact, CustomerTelling};
use domain::ids::EventId;
use domain::payment::ChannelHint;
use domain::restatement::Trigger;
use jiff::Timestamp;
use sqlx::types::Json;

use crate::StoreError;
use crate::applying::Batch;

impl Batch {
    /// Keeps what events say of customers where it is newer than what is known, and has what it changes looked at.
    pub async fn customers_put(&mut self, facts: &[CustomerFact]) -> Result<(), StoreError> {
        if facts.is_empty() {
            return Ok(());
        }
        self.customers_deleted(facts).await?;
        let changed = self.customers_standing(facts).await?;
        let leads: Vec<(Clue, EventId)> = facts.iter().flat_map(clues_of).collect();
        self.clues_insert(&leads).await?;
        let concerned = self.customers_concerned(&changed).await?;
        let changes: Vec<(Clue, Trigger)> =
            concerned.into_iter().map(|id| (Clue::Customer(id.clone()), Trigger::Customer(id))).collect();
        self.changes_insert(&changes).await
    }

    /// Which of these customers anything is known of that was looked at without what is told of them now. What comes
    /// in this transaction is looked at after it is told.
    async fn customers_concerned(&mut self, customers: &[String]) -> Result<Vec<String>, StoreError> {
        if customers.is_empty() {
            return Ok(Vec::new());
        }
        let clues: Vec<String> = customers.iter().map(|id| Clue::Customer(id.clone()).to_string()).collect();
        Ok(sqlx::query_scalar!(
            r#"select t.customer as "customer!" from unnest($2::text[], $3::text[]) as t (customer, clue)
            where exists (select from attribution_clues c where c.tenant_id = $1 and c.clue = t.clue)
               or exists (select from subscription_facts f where f.tenant_id = $1 and f.customer_id = t.customer)"#,
            self.tenant.0,
            customers,
            &clues,
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    /// The ids of the customers of whom something newer was told.
    async fn customers_standing(&mut self, facts: &[CustomerFact]) -> Result<Vec<String>, StoreError> {
        let newest: Vec<Standing<'_>> = newest_standing(facts).into_values().collect();
        if newest.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = newest.iter().map(|told| told.fact.customer.clone()).collect();
        let emails: Vec<Option<String>> = newest.iter().map(|told| told.email.cloned()).collect();
        let hints: Vec<Json<&[ChannelHint]>> = newest.iter().map(|told| Json(told.hints)).collect();
        let told_at: Vec<jiff_sqlx::Timestamp> =
            newest.iter().map(|told| told.fact.occurred_at.into()).collect();
        let told_first: Vec<bool> = newest.iter().map(|told| told.is_first).collect();
        let told_by: Vec<String> = newest.iter().map(|told| told.fact.event.to_string()).collect();
        Ok(sqlx::query_scalar!(
            r#"insert into stripe_customers as c (tenant_id, customer_id, email, hints, told_at, told_first, told_by)
            select $1, t.* from unnest($2::text[], $3::text[], $4::jsonb[], $5::timestamptz[], $6::bool[], $7::text[]) as t
            on conflict (tenant_id, customer_id) do update set email = excluded.email, hints = excluded.hints,
                told_at = excluded.told_at, told_first = excluded.told_first, told_by = excluded.told_by
            where c.told_at is null or (excluded.told_at, not excluded.told_first, excluded.told_by collate "C")
                > (c.told_at, not c.told_first, c.told_by collate "C")
            returning customer_id"#,
            self.tenant.0,
            &ids,
            &emails as &[Option<String>],
            &hints as _,
            &told_at as _,
            &told_first,
            &told_by,
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    async fn customers_deleted(&mut self, facts: &[CustomerFact]) -> Result<(), StoreError> {
        let mut first: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for fact in facts.iter().filter(|fact| fact.telling == CustomerTelling::Deleted) {
            let at = first.entry(&fact.customer).or_insert(fact.occurred_at);
            *at = fact.occurred_at.min(*at);
        }
        if first.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = first.keys().map(|id| (*id).to_owned()).collect();
        let times: Vec<jiff_sqlx::Timestamp> = first.into_values().map(Into::into).collect();
        sqlx::query!(
            r#"insert into stripe_customers as c (tenant_id, customer_id, deleted_at)
            select $1, t.* from unnest($2::text[], $3::timestamptz[]) as t
            on conflict (tenant_id, customer_id) do update set deleted_at = least(c.deleted_at, excluded.deleted_at)"#,
            self.tenant.0,
            &ids,
            &times as _,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// What is known of these customers.
    pub async fn customers_known(
        &mut self,
        ids: &[String],
    ) -> Result<BTreeMap<String, KnownCustomer>, StoreError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = sqlx::query!(
            r#"select customer_id, email, hints as "hints: Json<Vec<ChannelHint>>" from stripe_customers
            where tenant_id = $1 and customer_id = any($2)"#,
            self.tenant.0,
            ids,
        )
        .fetch_all(self.work.connection())
        .await?;
        let known = |email, hints: Json<Vec<ChannelHint>>| KnownCustomer { email, hints: hints.0 };
        Ok(rows.into_iter().map(|row| (row.customer_id, known(row.email, row.hints))).collect())
    }
}

/// How a customer stood when an event told of them.
struct Standing<'a> {
    fact: &'a CustomerFact,
    email: Option<&'a String>,
    hints: &'a [ChannelHint],
    is_first: bool,
}

/// By which leads a customer's metadata names find what tells so.
fn clues_of(fact: &CustomerFact) -> Vec<(Clue, EventId)> {
    let CustomerTelling::Stands { hints, .. } = &fact.telling else { return Vec::new() };
    let leads = hints.iter().filter(|hint| names_a_lead(&hint.key));
    leads.map(|hint| (Clue::Lead(hint.value.clone()), fact.event.clone())).collect()
}

fn newest_standing(facts: &[CustomerFact]) -> BTreeMap<&str, Standing<'_>> {
    let recency = |told: &Standing<'_>| (told.fact.occurred_at, !told.is_first, told.fact.event.clone());
    let mut newest: BTreeMap<&str, Standing<'_>> = BTreeMap::new();
    for fact in facts {
        let CustomerTelling::Stands { email, hints, is_first } = &fact.telling else { continue };
        let told = Standing { fact, email: email.as_ref(), hints, is_first: *is_first };
        let is_newer = newest.get(fact.customer.as_str()).is_none_or(|known| recency(known) < recency(&told));
        if is_newer {
            newest.insert(&fact.customer, told);
        }
    }
    newest
}
