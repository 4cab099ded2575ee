//! Leads: people who may buy.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::{BTreeMap, BTreeSet};

use domain::attribution::Clue;
use domain::ids::{LeadId, TenantId};
use domain::restatement::Trigger;
use jiff::Timestamp;
use uuid::Uuid;

use crate::work::TenantWork;
use crate::{Store, StoreError};

/// A lead as it is brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLead {
    /// Our id.
    pub id: LeadId,
    /// The id it has where it came from.
    pub external_id: String,
    /// Its e-mail, normalised.
    pub email: Option<String>,
    /// Its company.
    pub company: Option<String>,
    /// The channel it came from, as its origin calls it.
    pub source: String,
    /// `pool`, `enriched`, `contacted`, `replied`, `meeting` or `closed`.
    pub stage: String,
    /// When it became a lead.
    pub created_at: Timestamp,
}

/// What became of leads that were brought in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadsPut {
    /// How many are new.
    pub new: usize,
    /// How many are other than before.
    pub changed: usize,
    /// The external ids of those that were left as they were, because another lead has their e-mail.
    pub refused: Vec<String>,
}

impl Store {
    /// Adds leads; one whose external id or e-mail the tenant knows already stays as it is. Returns how many are new.
    pub async fn leads_insert(&self, tenant: TenantId, leads: &[NewLead]) -> Result<u64, StoreError> {
        let mut work = self.within(tenant).await?;
        let new = work.leads_add(leads).await?;
        work.leads_changed(&new, &BTreeMap::new()).await?;
        work.commit().await?;
        Ok(u64::try_from(new.len()).unwrap_or(u64::MAX))
    }
}

impl TenantWork {
    /// Adds leads, or changes those whose external id the tenant knows already, and has the payments looked at again
    /// that they concern. Of two with one external id the last counts.
    pub async fn leads_put(&mut self, leads: &[NewLead]) -> Result<LeadsPut, StoreError> {
        let known = self.leads_like(leads).await?;
        let mut given: BTreeMap<&str, &NewLead> = BTreeMap::new();
        given.extend(leads.iter().map(|lead| (lead.external_id.as_str(), lead)));
        let mut holders: BTreeMap<String, String> =
            known.values().filter_map(|lead| Some((lead.email.clone()?, lead.external_id.clone()))).collect();
        let mut outcome = LeadsPut::default();
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for (external_id, lead) in given {
            let email = lead.email.iter().cloned();
            let is_taken = email
                .clone()
                .any(|email| holders.entry(email).or_insert_with(|| external_id.to_owned()) != external_id);
            match known.get(external_id) {
                _ if is_taken => outcome.refused.push(external_id.to_owned()),
                None => new.push(lead.clone()),
                Some(before) => changed.extend(before.changed_into(lead)),
            }
        }
        let new = self.leads_add(&new).await?;
        self.leads_update(&changed).await?;
        (outcome.new, outcome.changed) = (new.len(), changed.len());
        let now: Vec<NewLead> = new.into_iter().chain(changed).collect();
        self.leads_changed(&now, &known).await?;
        Ok(outcome)
    }

    /// The leads with the external ids or e-mails of these, by external id; held until the work is done.
    async fn leads_like(&mut self, leads: &[NewLead]) -> Result<BTreeMap<String, NewLead>, StoreError> {
        let external_ids: Vec<String> = leads.iter().map(|lead| lead.external_id.clone()).collect();
        let emails: Vec<String> = leads.iter().filter_map(|lead| lead.email.clone()).collect();
        let rows = sqlx::query!(
            r#"select id, external_id, email, company, source, stage, created_at as "created_at: jiff_sqlx::Timestamp"
            from leads where tenant_id = $1 and (external_id = any($2) or email = any($3)) order by id for update"#,
            self.tenant.0,
            &external_ids,
            &emails,
        )
        .fetch_all(self.connection())
        .await?;
        let leads = rows.into_iter().map(|row| NewLead {
            id: LeadId(row.id),
            external_id: row.external_id,
            email: row.email,
            company: row.company,
            source: row.source,
            stage: row.stage,
            created_at: row.created_at.into(),
        });
        Ok(leads.map(|lead| (lead.external_id.clone(), lead)).collect())
    }

    /// Adds leads; returns those that were not there.
    async fn leads_add(&mut self, leads: &[NewLead]) -> Result<Vec<NewLead>, StoreError> {
        let columns = LeadColumns::of(leads);
        let inserted = sqlx::query_scalar!(
            r#"insert into leads (tenant_id, id, external_id, email, company, source, stage, created_at)
            select $1, t.* from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[]) as t
            on conflict do nothing returning id"#,
            self.tenant.0,
            &columns.id,
            &columns.external_id,
            &columns.email as &[Option<String>],
            &columns.company as &[Option<String>],
            &columns.source,
            &columns.stage,
            &columns.created_at as _,
        )
        .fetch_all(self.connection())
        .await?;
        let new: BTreeSet<Uuid> = inserted.into_iter().collect();
        Ok(leads.iter().filter(|lead| new.contains(&lead.id.0)).cloned().collect())
    }

    async fn leads_update(&mut self, leads: &[NewLead]) -> Result<(), StoreError> {
        let columns = LeadColumns::of(leads);
        sqlx::query!(
            r#"update leads l set email = t.email, company = t.company, source = t.source, stage = t.stage,
                created_at = t.created_at
            from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
                as t (id, email, company, source, stage, created_at)
            where l.tenant_id = $1 and l.id = t.id"#,
            self.tenant.0,
            &columns.id,
            &columns.email as &[Option<String>],
            &columns.company as &[Option<String>],
            &columns.source,
            &columns.stage,
            &columns.created_at as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Has the payments looked at again that leads concern as they are now, or as they were before.
    async fn leads_changed(
        &mut self,
        leads: &[NewLead],
        before: &BTreeMap<String, NewLead>,
    ) -> Result<(), StoreError> {
        let first = self.leads_first_of_company(leads).await?;
        let mut changes: BTreeMap<Clue, Trigger> = BTreeMap::new();
        for lead in leads {
            let was = before.get(&lead.external_id).and_then(|before| before.email.as_deref());
            let own = lead.email.as_deref().into_iter().flat_map(Clue::of_email);
            let own = own.filter(|clue| !matches!(clue, Clue::Domain(_)) || first.contains(&lead.id.0));
            let ids = [lead.external_id.clone(), lead.id.to_string()].map(Clue::Lead);
            for clue in own.chain(was.into_iter().flat_map(Clue::of_email)).chain(ids) {
                changes.entry(clue).or_insert_with(|| Trigger::Lead(lead.external_id.clone()));
            }
        }
        self.changes_insert(&changes.into_iter().collect::<Vec<_>>()).await
    }

    /// Which of these are the first of their source at their e-mail's domain: the others are not shown for it.
    async fn leads_first_of_company(&mut self, leads: &[NewLead]) -> Result<BTreeSet<Uuid>, StoreError> {
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

impl NewLead {
    /// The lead with what is brought now; `None` when that says nothing new. It came when it was first said to.
    fn changed_into(&self, brought: &Self) -> Option<Self> {
        let created_at = self.created_at.min(brought.created_at);
        let changed = Self { id: self.id, created_at, ..brought.clone() };
        (changed != *self).then_some(changed)
    }
}

/// Leads turned on their side: one array per column.
#[derive(Default)]
struct LeadColumns {
    id: Vec<Uuid>,
    external_id: Vec<String>,
    email: Vec<Option<String>>,
    company: Vec<Option<String>>,
    source: Vec<String>,
    stage: Vec<String>,
    created_at: Vec<jiff_sqlx::Timestamp>,
}

impl LeadColumns {
    fn of(leads: &[NewLead]) -> Self {
        let mut columns = Self::default();
        for lead in leads {
            columns.id.push(lead.id.0);
            columns.external_id.push(lead.external_id.clone());
            columns.email.push(lead.email.clone());
            columns.company.push(lead.company.clone());
            columns.source.push(lead.source.clone());
            columns.stage.push(lead.stage.clone());
            columns.created_at.push(lead.created_at.into());
        }
        columns
    }
}
