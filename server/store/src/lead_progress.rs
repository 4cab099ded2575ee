//! What tools show of leads' stages.

use domain::connection::Tool;
use domain::ids::LeadId;
use domain::lead::{StageFact, TouchKind};
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::lead_stages::stage;
use crate::leads::{Bringing, LeadTold};
use crate::work::TenantWork;

impl TenantWork {
    /// Takes leads as far as the touches that tools told of show; see [`domain::lead::way`].
    pub async fn leads_advance(&mut self, leads: &[LeadId], now: Timestamp) -> Result<(), StoreError> {
        if leads.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.0).collect();
        let rows = sqlx::query!(
            r#"select id, external_id from leads where tenant_id = $1 and id = any($2)"#,
            self.tenant.0,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        let told: Vec<LeadTold> =
            rows.into_iter().map(|row| LeadTold::of(LeadId(row.id), row.external_id)).collect();
        self.leads_put(&told, Bringing::at(now)).await.map(drop)
    }

    /// Keeps how far a tool says that its people have come, each once: since when it says, or since now. Returns of how
    /// many leads that was news.
    pub async fn people_advance(&mut self, tool: Tool, now: Timestamp) -> Result<u64, StoreError> {
        self.leads_hold().await?;
        let rows = sqlx::query!(
            r#"select l.id, l.external_id, o.stage as "stage!",
                least(coalesce(o.stage_at, $3), $3) as "at!: jiff_sqlx::Timestamp"
            from synced_objects o join leads l on l.tenant_id = o.tenant_id and l.id = o.lead_id
            where o.tenant_id = $1 and o.tool = $2 and o.object = 'person' and o.stage is not null
                and not exists (select from lead_stage_facts f where f.tenant_id = o.tenant_id and f.lead_id = o.lead_id
                    and f.source = 'tool' and f.stage = o.stage
                    and coalesce(o.stage_at > $3 or o.stage_at = f.entered_at, true))
            order by l.id, o.external_id"#,
            self.tenant.0,
            tool.word(),
            instant(now) as _,
        )
        .fetch_all(self.connection())
        .await?;
        let mut told = Vec::with_capacity(rows.len());
        for row in rows {
            let status = StageFact { entered_at: row.at.into(), stage: stage(&row.stage)? };
            told.push(LeadTold { statuses: vec![status], ..LeadTold::of(LeadId(row.id), row.external_id) });
        }
        self.leads_put(&told, Bringing::at(now)).await?;
        Ok(told.len().try_into().unwrap_or(u64::MAX))
    }

    /// What touches that tools told of show of these leads.
    pub(crate) async fn touches_of_tools(
        &mut self,
        leads: &[LeadId],
    ) -> Result<Vec<(LeadId, StageFact)>, StoreError> {
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
}
