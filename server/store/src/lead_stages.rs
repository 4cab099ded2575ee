//! What was told of leads' stages, and the stays that comes to.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::LeadId;
use domain::lead::{Shown, Stage, StageFact, Stay};
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// Who said that a lead is in a stage from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactSource {
    /// A person, a program or a file.
    Told,
    /// A tool, of how far somebody has come.
    Tool,
}

impl FactSource {
    const fn word(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Tool => "tool",
        }
    }
}

/// Everything that is known of a lead's stages, and the stays that were made of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownStages {
    pub(crate) facts: BTreeSet<StageFact>,
    pub(crate) shown: Shown,
    pub(crate) stays: Vec<Stay>,
}

impl TenantWork {
    /// The stays of these leads, the first ones first.
    pub async fn lead_stays(&mut self, leads: &[LeadId]) -> Result<Vec<(LeadId, Stay)>, StoreError> {
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.0).collect();
        let rows = sqlx::query!(
            r#"select lead_id, stage, entered_at as "entered_at: jiff_sqlx::Timestamp",
                left_at as "left_at: jiff_sqlx::Timestamp"
            from lead_stays where tenant_id = $1 and lead_id = any($2) order by lead_id, ordinal"#,
            self.tenant.0,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let left_at = row.left_at.map(Into::into);
                let stay = Stay { stage: stage(&row.stage)?, entered_at: row.entered_at.into(), left_at };
                Ok((LeadId(row.lead_id), stay))
            })
            .collect()
    }

    /// Everything that is known of these leads' stages.
    pub(crate) async fn known_of_stages(
        &mut self,
        leads: &[LeadId],
    ) -> Result<BTreeMap<LeadId, KnownStages>, StoreError> {
        let mut known: BTreeMap<LeadId, KnownStages> = BTreeMap::new();
        if leads.is_empty() {
            return Ok(known);
        }
        for (lead, source, fact) in self.facts_of(leads).await? {
            let known = known.entry(lead).or_default();
            if source == FactSource::Tool.word() {
                known.shown.statuses.insert(fact);
            } else {
                known.facts.insert(fact);
            }
        }
        for (lead, touch) in self.touches_of_tools(leads).await? {
            known.entry(lead).or_default().shown.touches.insert(touch);
        }
        for (lead, stay) in self.lead_stays(leads).await? {
            known.entry(lead).or_default().stays.push(stay);
        }
        Ok(known)
    }

    async fn facts_of(&mut self, leads: &[LeadId]) -> Result<Vec<(LeadId, String, StageFact)>, StoreError> {
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.0).collect();
        let rows = sqlx::query!(
            r#"select lead_id, source, stage, entered_at as "entered_at: jiff_sqlx::Timestamp"
            from lead_stage_facts where tenant_id = $1 and lead_id = any($2)"#,
            self.tenant.0,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let fact = StageFact { entered_at: row.entered_at.into(), stage: stage(&row.stage)? };
                Ok((LeadId(row.lead_id), row.source, fact))
            })
            .collect()
    }

    /// Keeps what was said of stages.
    pub(crate) async fn facts_add(
        &mut self,
        source: FactSource,
        facts: &[(LeadId, StageFact)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if facts.is_empty() {
            return Ok(());
        }
        let leads: Vec<Uuid> = facts.iter().map(|(lead, _)| lead.0).collect();
        let stages: Vec<String> = facts.iter().map(|(_, fact)| fact.stage.to_string()).collect();
        let entered_at: Vec<jiff_sqlx::Timestamp> =
            facts.iter().map(|(_, fact)| fact.entered_at.into()).collect();
        sqlx::query!(
            r#"insert into lead_stage_facts (tenant_id, lead_id, source, stage, entered_at, recorded_at)
            select $1, t.lead_id, $6, t.stage, t.entered_at, $5
            from unnest($2::uuid[], $3::text[], $4::timestamptz[]) as t (lead_id, stage, entered_at)
            on conflict do nothing"#,
            self.tenant.0,
            &leads,
            &stages,
            &entered_at as _,
            instant(now) as _,
            source.word(),
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Writes the stays of these leads anew.
    pub(crate) async fn stays_replace(&mut self, of: &[(LeadId, Vec<Stay>)]) -> Result<(), StoreError> {
        if of.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = of.iter().map(|(lead, _)| lead.0).collect();
        sqlx::query!(
            r#"delete from lead_stays where tenant_id = $1 and lead_id = any($2)"#,
            self.tenant.0,
            &ids
        )
        .execute(self.connection())
        .await?;
        let columns = StayColumns::of(of);
        sqlx::query!(
            r#"insert into lead_stays (tenant_id, lead_id, ordinal, stage, entered_at, left_at)
            select $1, t.* from unnest($2::uuid[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[]) as t"#,
            self.tenant.0,
            &columns.lead,
            &columns.ordinal,
            &columns.stage,
            &columns.entered_at as _,
            &columns.left_at as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

pub(crate) fn stage(word: &str) -> Result<Stage, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a stage", word))
}

/// Stays turned on their side: one array per column.
#[derive(Default)]
struct StayColumns {
    lead: Vec<Uuid>,
    ordinal: Vec<i32>,
    stage: Vec<String>,
    entered_at: Vec<jiff_sqlx::Timestamp>,
    left_at: Vec<Option<jiff_sqlx::Timestamp>>,
}

impl StayColumns {
    fn of(leads: &[(LeadId, Vec<Stay>)]) -> Self {
        let mut columns = Self::default();
        for (lead, stays) in leads {
            for (ordinal, stay) in (1..).zip(stays) {
                columns.lead.push(lead.0);
                columns.ordinal.push(ordinal);
                columns.stage.push(stay.stage.to_string());
                columns.entered_at.push(stay.entered_at.into());
                columns.left_at.push(stay.left_at.map(Into::into));
            }
        }
        columns
    }
}
