//! Leads: people who may buy.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::{BTreeMap, BTreeSet};

use domain::attribution::Clue;
use domain::channel::ChannelSlug;
use domain::ids::{ImportId, LeadId, TenantId};
use domain::lead::{Stage, StageFact, Told};
use domain::money::Money;
use domain::restatement::Trigger;
use jiff::Timestamp;
use uuid::Uuid;

use crate::applying::currency;
use crate::database::instant;
use crate::lead_book::{Concerning, LeadBook, LeadEntry};
use crate::lead_stages::{FactSource, KnownStages};
use crate::work::TenantWork;
use crate::{Store, StoreError};

/// What somebody says of a lead; what is not said stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadTold {
    /// Our id, if it is new.
    pub id: LeadId,
    /// The id it has where it came from.
    pub external_id: String,
    /// Its e-mail, normalised.
    pub email: Told<String>,
    /// What the person is called.
    pub name: Told<String>,
    /// Its company.
    pub company: Told<String>,
    /// Where it came from, as its origin calls it.
    pub source: Option<String>,
    /// Who looks after it.
    pub owner: Told<String>,
    /// What it may be worth.
    pub value: Told<Money>,
    /// Stages it is said to have come into, and when.
    pub facts: Vec<StageFact>,
    /// The stage it is said to be in, since when nobody says.
    pub stage: Option<Stage>,
    /// How far a tool says that it has come, and since when.
    pub statuses: Vec<StageFact>,
    /// When it became a lead; the earliest that is said counts.
    pub created_at: Option<Timestamp>,
}

impl LeadTold {
    /// That there is a lead, and nothing more.
    #[must_use]
    pub const fn of(id: LeadId, external_id: String) -> Self {
        Self {
            id,
            external_id,
            email: Told::Nothing,
            name: Told::Nothing,
            company: Told::Nothing,
            source: None,
            owner: Told::Nothing,
            value: Told::Nothing,
            facts: Vec::new(),
            stage: None,
            statuses: Vec::new(),
            created_at: None,
        }
    }
}

/// When something is brought in, and by which file, if by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bringing {
    /// When.
    pub now: Timestamp,
    /// The file.
    pub import: Option<ImportId>,
}

impl Bringing {
    /// Brought at a moment, by no file.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self { now, import: None }
    }
}

/// What became of something that was brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    New,
    /// It is other than before.
    Changed,
    /// It says nothing new.
    Same,
}

/// What became of a lead that was brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadPut {
    /// It was taken.
    Taken(Put),
    /// It was left as it was: another lead has the e-mail.
    EmailTaken,
}

/// A lead as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLead {
    /// Our id.
    pub id: LeadId,
    /// The id it has where it came from.
    pub external_id: String,
    /// Its e-mail.
    pub email: Option<String>,
    /// What the person is called.
    pub name: Option<String>,
    /// Its company.
    pub company: Option<String>,
    /// Where it came from, as its origin calls it.
    pub source: String,
    /// The tenant's channel that stands for.
    pub channel: ChannelSlug,
    /// Who looks after it.
    pub owner: Option<String>,
    /// What it may be worth.
    pub value: Option<Money>,
    /// How far it has come.
    pub stage: Stage,
    /// When it came into that stage.
    pub stage_entered_at: Timestamp,
    /// The newest change of stage or touch.
    pub last_activity_at: Timestamp,
    /// When it became a lead.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: i32,
}

struct LeadRow {
    id: Uuid,
    external_id: String,
    email: Option<String>,
    name: Option<String>,
    company: Option<String>,
    source: String,
    channel: String,
    owner: Option<String>,
    value_minor: Option<i64>,
    currency: Option<String>,
    stage: String,
    stage_entered_at: jiff_sqlx::Timestamp,
    last_activity_at: jiff_sqlx::Timestamp,
    created_at: jiff_sqlx::Timestamp,
    version: i32,
}

impl LeadRow {
    fn read(self) -> Result<StoredLead, StoreError> {
        let value = self.value_minor.zip(self.currency);
        Ok(StoredLead {
            id: LeadId(self.id),
            external_id: self.external_id,
            email: self.email,
            name: self.name,
            company: self.company,
            source: self.source,
            channel: ChannelSlug::stored(self.channel),
            owner: self.owner,
            value: value
                .map(|(minor, code)| Ok::<_, StoreError>(Money { minor, currency: currency(&code)? }))
                .transpose()?,
            stage: self.stage.parse().map_err(|_| StoreError::unreadable("a stage", self.stage))?,
            stage_entered_at: self.stage_entered_at.into(),
            last_activity_at: self.last_activity_at.into(),
            created_at: self.created_at.into(),
            version: self.version,
        })
    }
}

impl Store {
    /// Takes in what is said of leads, in a transaction of its own; see [`TenantWork::leads_put`].
    pub async fn leads_put(
        &self,
        tenant: TenantId,
        told: &[LeadTold],
        bringing: Bringing,
    ) -> Result<Vec<LeadPut>, StoreError> {
        let mut work = self.within(tenant).await?;
        let put = work.leads_put(told, bringing).await?;
        work.commit().await?;
        Ok(put)
    }
}

impl TenantWork {
    /// Takes in what is said of leads, one after the other, and has the payments looked at again that they concern.
    /// Says what became of each. Until the work is done, nobody else changes leads of the tenant.
    pub async fn leads_put(
        &mut self,
        told: &[LeadTold],
        bringing: Bringing,
    ) -> Result<Vec<LeadPut>, StoreError> {
        self.leads_hold().await?;
        let channels = self.channels().await?;
        let mut book = LeadBook::of(self.leads_like(told).await?, channels, bringing.now);
        let outcomes = told.iter().map(|told| book.take(told)).collect();
        let entries = book.close();
        self.leads_add(&entries.new, bringing).await?;
        self.leads_update(&entries.changed, bringing.now).await?;
        self.facts_add(FactSource::Told, &entries.facts, bringing.now).await?;
        self.facts_add(FactSource::Tool, &entries.statuses, bringing.now).await?;
        self.stays_replace(&entries.stays).await?;
        self.leads_changed(&entries.concerning).await?;
        Ok(outcomes)
    }

    /// The lead with this id of where it came from, or ours.
    pub async fn lead(&mut self, reference: &str) -> Result<Option<StoredLead>, StoreError> {
        let row = sqlx::query_as!(
            LeadRow,
            r#"select id, external_id, email, name, company, source, channel, owner, value_minor, currency, stage,
                stage_entered_at as "stage_entered_at: jiff_sqlx::Timestamp",
                last_activity_at as "last_activity_at: jiff_sqlx::Timestamp",
                created_at as "created_at: jiff_sqlx::Timestamp", version
            from leads where tenant_id = $1 and (external_id = $2 or id = $3)
            order by external_id = $2 desc limit 1"#,
            self.tenant.0,
            reference,
            reference.parse::<Uuid>().ok(),
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(LeadRow::read).transpose()
    }

    /// Which leads have these ids of where they came from.
    pub async fn lead_ids(
        &mut self,
        external_ids: &[String],
    ) -> Result<BTreeMap<String, LeadId>, StoreError> {
        let rows = sqlx::query!(
            r#"select id, external_id from leads where tenant_id = $1 and external_id = any($2)"#,
            self.tenant.0,
            external_ids,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (row.external_id, LeadId(row.id))).collect())
    }

    /// Has whoever else changes leads of the tenant wait until this work is done.
    pub async fn leads_hold(&mut self) -> Result<(), StoreError> {
        sqlx::query!(
            r#"select pg_advisory_xact_lock(hashtextextended('leads ' || $1::text, 0))"#,
            self.tenant.to_string()
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The leads with the external ids or e-mails of these, by external id.
    pub(crate) async fn leads_like(
        &mut self,
        told: &[LeadTold],
    ) -> Result<BTreeMap<String, LeadEntry>, StoreError> {
        let external_ids: Vec<String> = told.iter().map(|told| told.external_id.clone()).collect();
        let emails: Vec<String> = told.iter().filter_map(|told| told.email.value().cloned()).collect();
        let rows = sqlx::query_as!(
            LeadRow,
            r#"select id as "id!", external_id as "external_id!", email, name, company, source as "source!",
                channel as "channel!", owner, value_minor, currency, stage as "stage!",
                stage_entered_at as "stage_entered_at!: jiff_sqlx::Timestamp",
                last_activity_at as "last_activity_at!: jiff_sqlx::Timestamp",
                created_at as "created_at!: jiff_sqlx::Timestamp", version as "version!"
            from leads where tenant_id = $1 and external_id = any($2)
            union
            select id, external_id, email, name, company, source, channel, owner, value_minor, currency, stage,
                stage_entered_at, last_activity_at, created_at, version
            from leads where tenant_id = $1 and email = any($3)"#,
            self.tenant.0,
            &external_ids,
            &emails,
        )
        .fetch_all(self.connection())
        .await?;
        let leads: Vec<StoredLead> = rows.into_iter().map(LeadRow::read).collect::<Result<_, _>>()?;
        let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
        let mut known = self.known_of_stages(&ids).await?;
        let entries = leads.into_iter().map(|lead| {
            let KnownStages { facts, shown, stays } = known.remove(&lead.id).unwrap_or_default();
            LeadEntry { lead, facts, shown, stays }
        });
        Ok(entries.map(|entry| (entry.lead.external_id.clone(), entry)).collect())
    }

    async fn leads_add(&mut self, leads: &[StoredLead], bringing: Bringing) -> Result<(), StoreError> {
        if leads.is_empty() {
            return Ok(());
        }
        let columns = LeadColumns::of(leads);
        sqlx::query!(
            r#"insert into leads (tenant_id, id, external_id, email, name, company, source, channel, owner, value_minor,
                currency, stage, stage_entered_at, last_activity_at, created_at, updated_at, import_id)
            select $1, t.id, t.external_id, t.email, t.name, t.company, t.source, t.channel, t.owner, t.value_minor,
                t.currency, t.stage, t.entered_at, t.active_at, t.created_at, $14, $15
            from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
                $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[], $16::timestamptz[], $17::text[])
                as t (id, external_id, email, name, company, source, owner, value_minor, currency, stage, entered_at,
                    active_at, created_at, channel)"#,
            self.tenant.0,
            &columns.id,
            &columns.external_id,
            &columns.email as &[Option<String>],
            &columns.name as &[Option<String>],
            &columns.company as &[Option<String>],
            &columns.source,
            &columns.owner as &[Option<String>],
            &columns.value_minor as &[Option<i64>],
            &columns.currency as &[Option<String>],
            &columns.stage,
            &columns.stage_entered_at as _,
            &columns.last_activity_at as _,
            instant(bringing.now) as _,
            bringing.import.map(|import| import.0),
            &columns.created_at as _,
            &columns.channel,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    async fn leads_update(&mut self, leads: &[StoredLead], now: Timestamp) -> Result<(), StoreError> {
        if leads.is_empty() {
            return Ok(());
        }
        let columns = LeadColumns::of(leads);
        sqlx::query!(
            r#"update leads l set email = t.email, name = t.name, company = t.company, source = t.source,
                channel = t.channel, owner = t.owner, value_minor = t.value_minor, currency = t.currency, stage = t.stage,
                stage_entered_at = t.entered_at, last_activity_at = t.active_at, created_at = t.created_at,
                updated_at = $14, version = l.version + 1
            from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[],
                $10::text[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $15::text[])
                as t (id, email, name, company, source, owner, value_minor, currency, stage, entered_at, active_at, created_at,
                    channel)
            where l.tenant_id = $1 and l.id = t.id"#,
            self.tenant.0,
            &columns.id,
            &columns.email as &[Option<String>],
            &columns.name as &[Option<String>],
            &columns.company as &[Option<String>],
            &columns.source,
            &columns.owner as &[Option<String>],
            &columns.value_minor as &[Option<i64>],
            &columns.currency as &[Option<String>],
            &columns.stage,
            &columns.stage_entered_at as _,
            &columns.last_activity_at as _,
            &columns.created_at as _,
            instant(now) as _,
            &columns.channel,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Has the payments looked at again that leads concern as they are now, or as they were before.
    pub(crate) async fn leads_changed(&mut self, leads: &[Concerning]) -> Result<(), StoreError> {
        if leads.is_empty() {
            return Ok(());
        }
        let first = self.leads_first_of_company(leads).await?;
        let mut changes: BTreeMap<Clue, Trigger> = BTreeMap::new();
        for lead in leads {
            let own = lead.email.as_deref().into_iter().flat_map(Clue::of_email);
            let own = own.filter(|clue| !matches!(clue, Clue::Domain(_)) || first.contains(&lead.id.0));
            let was = lead.email_before.as_deref().into_iter().flat_map(Clue::of_email);
            let ids = [lead.external_id.clone(), lead.id.to_string()].map(Clue::Lead);
            for clue in own.chain(was).chain(ids) {
                changes.entry(clue).or_insert_with(|| Trigger::Lead(lead.external_id.clone()));
            }
        }
        self.changes_insert(&changes.into_iter().collect::<Vec<_>>()).await
    }

    /// Which of these are the first of their source at their e-mail's domain: the others are not shown for it.
    async fn leads_first_of_company(&mut self, leads: &[Concerning]) -> Result<BTreeSet<Uuid>, StoreError> {
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.id.0).collect();
        let first = sqlx::query_scalar!(
            r#"select id from leads l where l.tenant_id = $1 and l.id = any($2) and not exists (
                select from leads e where e.tenant_id = l.tenant_id and e.email_domain = l.email_domain
                  and e.source = l.source and (e.created_at, e.id) < (l.created_at, l.id))"#,
            self.tenant.0,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(first.into_iter().collect())
    }
}

/// Leads turned on their side: one array per column.
#[derive(Default)]
struct LeadColumns {
    id: Vec<Uuid>,
    external_id: Vec<String>,
    email: Vec<Option<String>>,
    name: Vec<Option<String>>,
    company: Vec<Option<String>>,
    source: Vec<String>,
    channel: Vec<String>,
    owner: Vec<Option<String>>,
    value_minor: Vec<Option<i64>>,
    currency: Vec<Option<String>>,
    stage: Vec<String>,
    stage_entered_at: Vec<jiff_sqlx::Timestamp>,
    last_activity_at: Vec<jiff_sqlx::Timestamp>,
    created_at: Vec<jiff_sqlx::Timestamp>,
}

impl LeadColumns {
    fn of(leads: &[StoredLead]) -> Self {
        let mut columns = Self::default();
        for lead in leads {
            columns.id.push(lead.id.0);
            columns.external_id.push(lead.external_id.clone());
            columns.email.push(lead.email.clone());
            columns.name.push(lead.name.clone());
            columns.company.push(lead.company.clone());
            columns.source.push(lead.source.clone());
            columns.channel.push(lead.channel.to_string());
            columns.owner.push(lead.owner.clone());
            columns.value_minor.push(lead.value.map(|value| value.minor));
            columns.currency.push(lead.value.map(|value| value.currency.to_string()));
            columns.stage.push(lead.stage.to_string());
            columns.stage_entered_at.push(lead.stage_entered_at.into());
            columns.last_activity_at.push(lead.last_activity_at.into());
            columns.created_at.push(lead.created_at.into());
        }
        columns
    }
}
