//! What attribution looks at, what is found, and the changes whose payments wait to be looked at again.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::BTreeMap;

use domain::attribution::metadata::Place;
use domain::attribution::{Candidate, Clue, KnownLead, LeadTime, Method, Order};
use domain::channel::ChannelSlug;
use domain::ids::{EventId, LeadId, LedgerRowId, TenantId};
use domain::payment::{ChannelHint, Fact};
use domain::restatement::Trigger;
use sqlx::types::Json;
use uuid::Uuid;

use crate::applying::{Batch, NewRow};
use crate::work::TenantWork;
use crate::{Store, StoreError};

/// A change whose payments wait to be looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingChange {
    /// Its id.
    pub id: Uuid,
    /// What is looked for.
    pub clue: Clue,
    /// What changed.
    pub trigger: Trigger,
    /// Up to which payment that was done already.
    pub settled_up_to: Uuid,
}

impl Store {
    /// Tenants whose payments wait to be looked at again.
    pub async fn tenants_with_attribution_changes(&self) -> Result<Vec<TenantId>, StoreError> {
        let tenants = sqlx::query_scalar!(
            // A look for each tenant: a sort of all that waits would come again with every batch.
            r#"select id from tenants t
            where exists (select from attribution_changes c where c.tenant_id = t.id)"#
        )
        .fetch_all(&self.platform_pool)
        .await?;
        Ok(tenants.into_iter().map(TenantId).collect())
    }
}

impl TenantWork {
    /// Has every payment looked at again.
    pub async fn attribution_look_again(&mut self, trigger: Trigger) -> Result<(), StoreError> {
        self.changes_insert(&[(Clue::Everything, trigger)]).await
    }

    /// The candidates each of these rows was credited from.
    pub(crate) async fn evidence(
        &mut self,
        rows: &[LedgerRowId],
    ) -> Result<BTreeMap<LedgerRowId, Vec<Candidate>>, StoreError> {
        if rows.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
        let found = sqlx::query_as!(
            EvidenceRow,
            r#"select revenue_event_id, method, matched, channel, lead_id,
                lead_created_at as "lead_created_at: jiff_sqlx::Timestamp", is_before_payment
            from attribution_evidence where tenant_id = $1 and revenue_event_id = any($2)
            order by revenue_event_id, rank"#,
            self.tenant.0,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        let mut evidence: BTreeMap<LedgerRowId, Vec<Candidate>> = BTreeMap::new();
        for row in found {
            evidence.entry(LedgerRowId(row.revenue_event_id)).or_default().push(row.read()?);
        }
        Ok(evidence)
    }

    /// Has the payments with these clues looked at again.
    pub(crate) async fn changes_insert(&mut self, changes: &[(Clue, Trigger)]) -> Result<(), StoreError> {
        let clues: Vec<String> = changes.iter().map(|(clue, _)| clue.to_string()).collect();
        let kinds: Vec<String> = changes.iter().map(|(_, trigger)| trigger.kind().to_owned()).collect();
        let references: Vec<String> = changes.iter().map(|(_, trigger)| trigger.reference()).collect();
        sqlx::query!(
            r#"insert into attribution_changes (tenant_id, id, clue, kind, reference)
            select $1, gen_random_uuid(), t.* from unnest($2::text[], $3::text[], $4::text[]) as t"#,
            self.tenant.0,
            &clues,
            &kinds,
            &references,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

/// What is looked at.
impl Batch {
    /// In which order the tenant looks for channels.
    pub async fn attribution_order(&mut self) -> Result<Order, StoreError> {
        let word =
            sqlx::query_scalar!(r#"select attribution_order from tenants where id = $1"#, self.tenant.0)
                .fetch_one(self.work.connection())
                .await?;
        word.parse().map_err(|_| StoreError::unreadable("an order of attribution", word))
    }

    /// The leads with these normalised e-mails, or these ids: the ones they have where they came from, or ours.
    pub async fn leads_known(
        &mut self,
        emails: &[String],
        references: &[String],
    ) -> Result<Vec<KnownLead>, StoreError> {
        if emails.is_empty() && references.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = references.iter().filter_map(|reference| reference.parse().ok()).collect();
        let rows = sqlx::query_as!(
            LeadRow,
            r#"select id as "id!", external_id as "external_id!", email, source as "source!",
                created_at as "created_at!: jiff_sqlx::Timestamp"
            from leads where tenant_id = $1 and email = any($2)
            union select id, external_id, email, source, created_at
            from leads where tenant_id = $1 and external_id = any($3)
            union select id, external_id, email, source, created_at
            from leads where tenant_id = $1 and id = any($4)"#,
            self.tenant.0,
            emails,
            references,
            &ids,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(rows.into_iter().map(LeadRow::read).collect())
    }

    /// Of each source, the first lead with an e-mail of each of these domains.
    pub async fn leads_of_companies(&mut self, domains: &[String]) -> Result<Vec<KnownLead>, StoreError> {
        if domains.is_empty() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query_as!(
            LeadRow,
            r#"select distinct on (email_domain, source) id, external_id, email, source,
                created_at as "created_at: jiff_sqlx::Timestamp"
            from leads where tenant_id = $1 and email_domain = any($2)
            order by email_domain, source, created_at, id"#,
            self.tenant.0,
            domains,
        )
        .fetch_all(self.work.connection())
        .await?;
        Ok(rows.into_iter().map(LeadRow::read).collect())
    }

    /// What checkout sessions say of the subscriptions they began.
    pub async fn sessions_of(
        &mut self,
        subscriptions: &[String],
    ) -> Result<BTreeMap<String, Vec<ChannelHint>>, StoreError> {
        if subscriptions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = sqlx::query!(
            r#"select fact as "fact: Json<Fact>" from payment_facts
            where tenant_id = $1 and fact -> 'names' ->> 'checkout_session' is not null
              and fact ->> 'subscription' = any($2)
            order by stripe_event_id"#,
            self.tenant.0,
            subscriptions,
        )
        .fetch_all(self.work.connection())
        .await?;
        let mut hints: BTreeMap<String, Vec<ChannelHint>> = BTreeMap::new();
        for fact in rows.into_iter().map(|row| row.fact.0) {
            let Some(subscription) = fact.subscription else { continue };
            let of_session = fact.channel_hints.into_iter().filter(|hint| hint.place == Place::Session);
            hints.entry(subscription).or_default().extend(of_session);
        }
        Ok(hints)
    }
}

/// What is found, and found again.
impl Batch {
    /// Keeps by what a change finds these events again.
    pub async fn clues_insert(&mut self, clues: &[(Clue, EventId)]) -> Result<(), StoreError> {
        if clues.is_empty() {
            return Ok(());
        }
        let (clues, events): (Vec<String>, Vec<String>) =
            clues.iter().map(|(clue, event)| (clue.to_string(), event.to_string())).unzip();
        sqlx::query!(
            r#"insert into attribution_clues (tenant_id, clue, stripe_event_id)
            select $1, t.* from unnest($2::text[], $3::text[]) as t on conflict do nothing"#,
            self.tenant.0,
            &clues,
            &events,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Has the payments with these clues looked at again.
    pub async fn changes_insert(&mut self, changes: &[(Clue, Trigger)]) -> Result<(), StoreError> {
        if changes.is_empty() { Ok(()) } else { self.work.changes_insert(changes).await }
    }

    /// The oldest changes that wait and have come equally far.
    pub async fn changes_waiting(&mut self, at_most: i64) -> Result<Vec<WaitingChange>, StoreError> {
        let rows = sqlx::query!(
            r#"select id, clue, kind, reference, settled_up_to from attribution_changes
            where tenant_id = $1 and settled_up_to =
                (select settled_up_to from attribution_changes where tenant_id = $1 order by seq limit 1)
            order by seq limit $2"#,
            self.tenant.0,
            at_most,
        )
        .fetch_all(self.work.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let trigger = Trigger::stored(&row.kind, row.reference);
                Ok(WaitingChange {
                    id: row.id,
                    clue: row.clue.parse().map_err(|_| StoreError::unreadable("a clue", row.clue))?,
                    trigger: trigger.ok_or_else(|| StoreError::unreadable("a cause", row.kind))?,
                    settled_up_to: row.settled_up_to,
                })
            })
            .collect()
    }

    /// The clues that lead on from these: from an e-mail, a company's domain or a lead's id to the Stripe customers
    /// that have it, themselves or by a link, and from a lead's id to the subscriptions whose checkout names it.
    pub async fn clues_behind(&mut self, clues: &[Clue]) -> Result<Vec<(Clue, Clue)>, StoreError> {
        let texts = |read: fn(&Clue) -> Option<&String>| -> Vec<String> {
            clues.iter().filter_map(read).cloned().collect()
        };
        let emails = texts(|clue| if let Clue::Email(email) = clue { Some(email) } else { None });
        let domains = texts(|clue| if let Clue::Domain(domain) = clue { Some(domain) } else { None });
        let leads = texts(|clue| if let Clue::Lead(lead) = clue { Some(lead) } else { None });
        let named: Vec<String> = leads.iter().map(|lead| Clue::Lead(lead.clone()).to_string()).collect();
        let rows = sqlx::query!(
            r#"select 'email:' || email as "from!", 'customer:' || customer_id as "to!" from stripe_customers
            where tenant_id = $1 and email = any($2)
            union select 'email:' || email, 'customer:' || customer_id from linked_records
            where tenant_id = $1 and email = any($2)
            union select 'domain:' || email_domain, 'customer:' || customer_id from stripe_customers
            where tenant_id = $1 and email_domain = any($3)
            union select 'lead:' || lead_ref, 'customer:' || customer_id from linked_records
            where tenant_id = $1 and lead_ref = any($4)
            union select k.clue, 'customer:' || c.customer_id from attribution_clues k
            join stripe_customers c on c.tenant_id = k.tenant_id and c.told_by = k.stripe_event_id
            where k.tenant_id = $1 and k.clue = any($5)
            union select k.clue, 'subscription:' || (f.fact ->> 'subscription') from attribution_clues k
            join payment_facts f on f.tenant_id = k.tenant_id and f.stripe_event_id = k.stripe_event_id
            where k.tenant_id = $1 and k.clue = any($5) and f.fact ->> 'subscription' is not null"#,
            self.tenant.0,
            &emails,
            &domains,
            &leads,
            &named,
        )
        .fetch_all(self.work.connection())
        .await?;
        let read = |text: String| text.parse().map_err(|_| StoreError::unreadable("a clue", text));
        rows.into_iter().map(|row| Ok((read(row.from)?, read(row.to)?))).collect()
    }

    /// Payments with one of these clues, by id, after one.
    pub async fn payments_with_clues(
        &mut self,
        clues: &[Clue],
        after: Uuid,
        at_most: i64,
    ) -> Result<Vec<Uuid>, StoreError> {
        let texts: Vec<String> = clues.iter().map(Clue::to_string).collect();
        let names: Vec<String> = clues
            .iter()
            .filter_map(|clue| if let Clue::Payment(name) = clue { Some(name.clone()) } else { None })
            .collect();
        Ok(sqlx::query_scalar!(
            r#"select payment_id as "payment_id!" from (
                select f.payment_id from attribution_clues c
                join payment_facts f on f.tenant_id = c.tenant_id and f.stripe_event_id = c.stripe_event_id
                where c.tenant_id = $1 and c.clue = any($2)
                union select payment_id from payment_names where tenant_id = $1 and name = any($3)
            ) as found where payment_id > $4 order by payment_id limit $5"#,
            self.tenant.0,
            &texts,
            &names,
            after,
            at_most,
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    /// All payments, by id, after one.
    pub async fn payments_after(&mut self, after: Uuid, at_most: i64) -> Result<Vec<Uuid>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select distinct payment_id from payment_facts
            where tenant_id = $1 and payment_id > $2 order by payment_id limit $3"#,
            self.tenant.0,
            after,
            at_most,
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    /// Records up to which payment was looked at for these changes.
    pub async fn changes_settled_up_to(&mut self, changes: &[Uuid], payment: Uuid) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update attribution_changes set settled_up_to = $3 where tenant_id = $1 and id = any($2)"#,
            self.tenant.0,
            changes,
            payment,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Forgets the changes this transaction asked for itself; what others said meanwhile stays.
    pub async fn changes_forget_own(&mut self) -> Result<(), StoreError> {
        sqlx::query!(
            r#"delete from attribution_changes where tenant_id = $1 and xmin = pg_current_xact_id()::xid"#,
            self.tenant.0
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Forgets changes whose payments were all looked at.
    pub async fn changes_settled(&mut self, changes: &[Uuid]) -> Result<(), StoreError> {
        sqlx::query!(
            r#"delete from attribution_changes where tenant_id = $1 and id = any($2)"#,
            self.tenant.0,
            changes,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// The candidates each of these rows was credited from.
    pub async fn evidence_of(
        &mut self,
        rows: &[LedgerRowId],
    ) -> Result<BTreeMap<LedgerRowId, Vec<Candidate>>, StoreError> {
        self.work.evidence(rows).await
    }

    /// Keeps the candidates of rows; what is only shown never has the first rank.
    pub(crate) async fn evidence_insert(&mut self, rows: &[NewRow]) -> Result<(), StoreError> {
        let columns = EvidenceColumns::of(rows);
        if columns.row.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            r#"insert into attribution_evidence (tenant_id, revenue_event_id, rank, method, matched, channel, lead_id,
                confidence, lead_created_at, is_before_payment)
            select $1, t.* from unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::uuid[],
                $8::text[], $9::timestamptz[], $10::bool[]) as t"#,
            self.tenant.0,
            &columns.row,
            &columns.rank,
            &columns.method,
            &columns.matched,
            &columns.channel,
            &columns.lead as &[Option<Uuid>],
            &columns.confidence,
            &columns.lead_created_at as _,
            &columns.is_before_payment as &[Option<bool>],
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }
}

struct LeadRow {
    id: Uuid,
    external_id: String,
    email: Option<String>,
    source: String,
    created_at: jiff_sqlx::Timestamp,
}

impl LeadRow {
    fn read(self) -> KnownLead {
        KnownLead {
            lead: LeadId(self.id),
            external_id: self.external_id,
            email: self.email,
            source: self.source,
            created_at: self.created_at.into(),
        }
    }
}

struct EvidenceRow {
    revenue_event_id: Uuid,
    method: String,
    matched: String,
    channel: String,
    lead_id: Option<Uuid>,
    lead_created_at: Option<jiff_sqlx::Timestamp>,
    is_before_payment: Option<bool>,
}

impl EvidenceRow {
    fn read(self) -> Result<Candidate, StoreError> {
        let method = Method::ALL.into_iter().find(|method| method.word() == self.method);
        let is_before = self.is_before_payment;
        Ok(Candidate {
            method: method.ok_or_else(|| StoreError::unreadable("a way of attribution", self.method))?,
            matched: self.matched,
            channel: ChannelSlug::stored(self.channel),
            lead: self.lead_id.map(LeadId),
            lead_time: self.lead_created_at.map(|at| LeadTime { created_at: at.into(), is_before }),
        })
    }
}

/// Evidence turned on its side: one array per column, as a bulk insert takes them.
#[derive(Default)]
struct EvidenceColumns {
    row: Vec<Uuid>,
    rank: Vec<i16>,
    method: Vec<String>,
    matched: Vec<String>,
    channel: Vec<String>,
    lead: Vec<Option<Uuid>>,
    confidence: Vec<String>,
    lead_created_at: Vec<Option<jiff_sqlx::Timestamp>>,
    is_before_payment: Vec<Option<bool>>,
}

impl EvidenceColumns {
    fn of(rows: &[NewRow]) -> Self {
        let mut columns = Self::default();
        for row in rows {
            let is_credited = row.candidates.first().is_some_and(Candidate::is_creditable);
            let ranks = if is_credited { 1i16.. } else { 2i16.. };
            ranks.zip(&row.candidates).for_each(|(rank, found)| columns.push(row.id, rank, found));
        }
        columns
    }

    fn push(&mut self, row: LedgerRowId, rank: i16, found: &Candidate) {
        self.row.push(row.0);
        self.rank.push(rank);
        self.method.push(found.method.word().to_owned());
        self.matched.push(found.matched.clone());
        self.channel.push(found.channel.to_string());
        self.lead.push(found.lead.map(|lead| lead.0));
        self.confidence.push(found.method.confidence().word().to_owned());
        self.lead_created_at.push(found.lead_time.map(|time| time.created_at.into()));
        self.is_before_payment.push(found.lead_time.and_then(|time| time.is_before));
    }
}
