//! Leads: people who may buy.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use domain::ids::{LeadId, TenantId};
use jiff::Timestamp;
use uuid::Uuid;

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

impl Store {
    /// Adds leads; one whose external id or e-mail the tenant knows already stays as it is. Returns how many are new.
    pub async fn leads_insert(&self, tenant: TenantId, leads: &[NewLead]) -> Result<u64, StoreError> {
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.id.0).collect();
        let external_ids: Vec<String> = leads.iter().map(|lead| lead.external_id.clone()).collect();
        let emails: Vec<Option<String>> = leads.iter().map(|lead| lead.email.clone()).collect();
        let companies: Vec<Option<String>> = leads.iter().map(|lead| lead.company.clone()).collect();
        let sources: Vec<String> = leads.iter().map(|lead| lead.source.clone()).collect();
        let stages: Vec<String> = leads.iter().map(|lead| lead.stage.clone()).collect();
        let created: Vec<jiff_sqlx::Timestamp> = leads.iter().map(|lead| lead.created_at.into()).collect();
        let mut work = self.within(tenant).await?;
        let inserted = sqlx::query!(
            r#"insert into leads (tenant_id, id, external_id, email, company, source, stage, created_at)
            select $1, t.* from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[]) as t
            on conflict do nothing"#,
            tenant.0,
            &ids,
            &external_ids,
            &emails as &[Option<String>],
            &companies as &[Option<String>],
            &sources,
            &stages,
            &created as _,
        )
        .execute(work.connection())
        .await?;
        work.commit().await?;
        Ok(inserted.rows_affected())
    }
}
