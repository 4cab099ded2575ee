//! What tools gave, as they said it, and which lead each of their people is.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use std::collections::BTreeMap;

use domain::campaign::CampaignState;
use domain::connection::Tool;
use domain::ids::LeadId;
use domain::lead::Stage;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// What kind of thing a tool gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncedKind {
    /// A campaign.
    Campaign,
    /// Somebody.
    Person,
    /// Something that happened with somebody.
    Touch,
}

impl SyncedKind {
    /// The word stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::Person => "person",
            Self::Touch => "touch",
        }
    }
}

/// Something a tool gave.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncedObject {
    /// By what the tool tells it from others.
    pub external_id: String,
    /// The lead it is, or that it happened with; a campaign concerns none.
    pub lead: Option<LeadId>,
    /// What the tool said last.
    pub raw: Value,
    /// Where an answer to it goes.
    pub thread: Option<Value>,
    /// How far the tool says that somebody has come.
    pub stage: Option<Stage>,
    /// When they came so far, when the tool says.
    pub stage_at: Option<Timestamp>,
}

/// A campaign a tool gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncedCampaign {
    /// The id it has there.
    pub external_id: String,
    /// How it stands.
    pub state: CampaignState,
    /// When the tool last said something else of it.
    pub changed_at: Timestamp,
}

/// A lead, as far as somebody of a tool is recognised as it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLead {
    /// Which.
    pub id: LeadId,
    /// The id it has where it came from.
    pub external_id: String,
    /// Its e-mail.
    pub email: Option<String>,
    /// How far it has come.
    pub stage: Stage,
    /// Since when.
    pub stage_entered_at: Timestamp,
}

impl TenantWork {
    /// What is known of these, by what the tool tells them from others.
    pub async fn synced_of(
        &mut self,
        tool: Tool,
        kind: SyncedKind,
        external_ids: &[String],
    ) -> Result<BTreeMap<String, SyncedObject>, StoreError> {
        let rows = sqlx::query!(
            r#"select external_id, lead_id, raw, thread, stage, stage_at as "stage_at: jiff_sqlx::Timestamp"
            from synced_objects where tenant_id = $1 and tool = $2 and object = $3 and external_id = any($4)"#,
            self.tenant.0,
            tool.word(),
            kind.word(),
            external_ids,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let known = SyncedObject {
                    external_id: row.external_id,
                    lead: row.lead_id.map(LeadId),
                    raw: row.raw,
                    thread: row.thread,
                    stage: row.stage.as_deref().map(stage).transpose()?,
                    stage_at: row.stage_at.map(Into::into),
                };
                Ok((known.external_id.clone(), known))
            })
            .collect()
    }

    /// Keeps what a tool gave, in the place of what it said before. Each at most once.
    pub async fn synced_put(
        &mut self,
        tool: Tool,
        kind: SyncedKind,
        objects: &[SyncedObject],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ids: Vec<&str> = objects.iter().map(|object| object.external_id.as_str()).collect();
        let leads: Vec<Option<Uuid>> = objects.iter().map(|object| object.lead.map(|lead| lead.0)).collect();
        let raws: Vec<Value> = objects.iter().map(|object| object.raw.clone()).collect();
        let threads: Vec<Option<Value>> = objects.iter().map(|object| object.thread.clone()).collect();
        let stages: Vec<Option<&str>> = objects.iter().map(|object| object.stage.map(Stage::word)).collect();
        let stages_at: Vec<Option<jiff_sqlx::Timestamp>> =
            objects.iter().map(|object| object.stage_at.map(Into::into)).collect();
        sqlx::query!(
            r#"insert into synced_objects (tenant_id, tool, object, external_id, lead_id, raw, thread, stage, stage_at,
                seen_at, changed_at)
            select $1, $2, $3, t.*, $8, $8
            from unnest($4::text[], $5::uuid[], $6::jsonb[], $7::jsonb[], $9::text[], $10::timestamptz[]) as t
            on conflict (tenant_id, tool, object, external_id) do update set lead_id = excluded.lead_id,
                raw = excluded.raw, thread = coalesce(excluded.thread, synced_objects.thread),
                stage = excluded.stage, stage_at = excluded.stage_at, changed_at = excluded.changed_at
            where (synced_objects.lead_id, synced_objects.raw) is distinct from (excluded.lead_id, excluded.raw)"#,
            self.tenant.0,
            tool.word(),
            kind.word(),
            &ids as &[&str],
            &leads as &[Option<Uuid>],
            &raws,
            &threads as &[Option<Value>],
            instant(now) as _,
            &stages as &[Option<&str>],
            &stages_at as &[Option<jiff_sqlx::Timestamp>],
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The campaigns a tool gave, in the order of their ids.
    pub async fn synced_campaigns(&mut self, tool: Tool) -> Result<Vec<SyncedCampaign>, StoreError> {
        let rows = sqlx::query!(
            r#"select o.external_id, c.state, o.changed_at as "changed_at: jiff_sqlx::Timestamp"
            from synced_objects o join campaigns c on c.tenant_id = o.tenant_id and c.connector = o.tool
                and c.external_id = o.external_id
            where o.tenant_id = $1 and o.tool = $2 and o.object = 'campaign' order by o.external_id"#,
            self.tenant.0,
            tool.word(),
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let state = row.state.parse();
                Ok(SyncedCampaign {
                    external_id: row.external_id,
                    state: state.map_err(|_| StoreError::unreadable("a state of a campaign", row.state))?,
                    changed_at: row.changed_at.into(),
                })
            })
            .collect()
    }

    /// Where an answer to the newest thing a lead wrote through a tool goes.
    pub async fn newest_thread(&mut self, lead: LeadId, tool: Tool) -> Result<Option<Value>, StoreError> {
        let thread = sqlx::query_scalar!(
            r#"select o.thread as "thread!" from synced_objects o
            join lead_touches t on t.tenant_id = o.tenant_id and t.external_id = o.tool || ':' || o.external_id
            where o.tenant_id = $1 and o.lead_id = $2 and o.tool = $3 and o.object = 'touch' and o.thread is not null
            order by t.kind = 'replied' desc, t.occurred_at desc, t.id limit 1"#,
            self.tenant.0,
            lead.0,
            tool.word(),
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(thread)
    }

    /// By what a tool tells a lead from others, when it knows the lead.
    pub async fn person_at(&mut self, lead: LeadId, tool: Tool) -> Result<Option<String>, StoreError> {
        let person = sqlx::query_scalar!(
            r#"select external_id from synced_objects where tenant_id = $1 and lead_id = $2 and tool = $3
                and object = 'person' order by seen_at, external_id limit 1"#,
            self.tenant.0,
            lead.0,
            tool.word(),
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(person)
    }

    /// The leads with these ids of ours, ids of where they came from, or e-mails. Until the work is done, nobody else
    /// changes leads of the tenant.
    pub async fn leads_known(
        &mut self,
        ids: &[LeadId],
        external_ids: &[String],
        emails: &[String],
    ) -> Result<Vec<KnownLead>, StoreError> {
        self.leads_hold().await?;
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query!(
            r#"select id, external_id, email, stage, stage_entered_at as "stage_entered_at: jiff_sqlx::Timestamp"
            from leads where tenant_id = $1 and (id = any($2) or external_id = any($3) or email = any($4))
            order by id"#,
            self.tenant.0,
            &ids,
            external_ids,
            emails,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(KnownLead {
                    id: LeadId(row.id),
                    external_id: row.external_id,
                    email: row.email,
                    stage: stage(&row.stage)?,
                    stage_entered_at: row.stage_entered_at.into(),
                })
            })
            .collect()
    }
}

fn stage(word: &str) -> Result<Stage, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a stage", word))
}
