//! What touches that tools tell of say of leads' stages.

use domain::connection::Tool;
use domain::ids::LeadId;
use domain::lead::{StageFact, TouchKind, advances};
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::leads::{Bringing, LeadTold};
use crate::work::TenantWork;

impl TenantWork {
    /// Takes leads as far as the touches that tools told of show; see [`advances`].
    pub async fn leads_advance(&mut self, leads: &[LeadId], now: Timestamp) -> Result<(), StoreError> {
        if leads.is_empty() {
            return Ok(());
        }
        self.leads_hold().await?;
        let touches = self.touches_of_tools(leads).await?;
        let mut facts = self.facts_of(leads).await?;
        let mut told = Vec::new();
        for (lead, external_id) in self.lead_references(leads).await? {
            let of_it = touches.iter().filter(|(of, _)| *of == lead).map(|(_, fact)| *fact);
            let added = advances(facts.remove(&lead).unwrap_or_default(), of_it);
            if !added.is_empty() {
                told.push(LeadTold { facts: added, ..LeadTold::of(lead, external_id) });
            }
        }
        self.leads_put(&told, Bringing::at(now)).await.map(drop)
    }

    async fn touches_of_tools(&mut self, leads: &[LeadId]) -> Result<Vec<(LeadId, StageFact)>, StoreError> {
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.0).collect();
        let tools: Vec<String> = Tool::ALL.map(|tool| tool.word().to_owned()).to_vec();
        let rows = sqlx::query!(
            r#"select lead_id, kind, occurred_at as "occurred_at: jiff_sqlx::Timestamp" from lead_touches
            where tenant_id = $1 and lead_id = any($2) and kind in ('sent', 'replied', 'meeting')
                and split_part(external_id, ':', 1) = any($3)"#,
            self.tenant.0,
            &ids,
            &tools,
        )
        .fetch_all(self.connection())
        .await?;
        let mut touches = Vec::with_capacity(rows.len());
        for row in rows {
            let kind: TouchKind =
                row.kind.parse().map_err(|_| StoreError::unreadable("a kind of touch", row.kind))?;
            let entered_at = row.occurred_at.into();
            let fact = kind.shows().map(|stage| (LeadId(row.lead_id), StageFact { entered_at, stage }));
            touches.extend(fact);
        }
        Ok(touches)
    }

    async fn lead_references(&mut self, leads: &[LeadId]) -> Result<Vec<(LeadId, String)>, StoreError> {
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.0).collect();
        let rows = sqlx::query!(
            r#"select id, external_id from leads where tenant_id = $1 and id = any($2)"#,
            self.tenant.0,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (LeadId(row.id), row.external_id)).collect())
    }
}
