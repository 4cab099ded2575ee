//! What happened between the tenant and its leads.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use domain::ids::{CampaignId, LeadId, TouchId};
use domain::lead::TouchKind;
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Our id.
    pub id: TouchId,
    /// The id it has where it was seen; the same one is the same touch.
    pub external_id: String,
    /// Whom it happened with.
    pub lead: LeadId,
    /// What kind of thing.
    pub kind: TouchKind,
    /// The tenant's channel it went through.
    pub channel: Option<String>,
    /// The campaign it belongs to.
    pub campaign: Option<CampaignId>,
    /// When.
    pub occurred_at: Timestamp,
    /// What somebody wrote down.
    pub note: Option<String>,
}

struct TouchRow {
    id: Uuid,
    external_id: String,
    lead_id: Uuid,
    kind: String,
    channel: Option<String>,
    campaign_id: Option<Uuid>,
    occurred_at: jiff_sqlx::Timestamp,
    note: Option<String>,
}

impl TouchRow {
    fn read(self) -> Result<Touch, StoreError> {
        Ok(Touch {
            id: TouchId(self.id),
            external_id: self.external_id,
            lead: LeadId(self.lead_id),
            kind: self.kind.parse().map_err(|_| StoreError::unreadable("a kind of touch", self.kind))?,
            channel: self.channel,
            campaign: self.campaign_id.map(CampaignId),
            occurred_at: self.occurred_at.into(),
            note: self.note,
        })
    }
}

impl TenantWork {
    /// Keeps what happened, and that the leads were active then; what has a known external id is known already.
    /// Returns how many are new.
    pub async fn touches_add(&mut self, touches: &[Touch], now: Timestamp) -> Result<u64, StoreError> {
        if touches.is_empty() {
            return Ok(0);
        }
        let columns = TouchColumns::of(touches);
        let inserted = sqlx::query!(
            r#"insert into lead_touches
                (tenant_id, id, external_id, lead_id, kind, channel, campaign_id, occurred_at, note, recorded_at)
            select $1, t.*, $10 from unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::uuid[],
                $8::timestamptz[], $9::text[]) as t
            on conflict (tenant_id, external_id) do nothing"#,
            self.tenant.0,
            &columns.id,
            &columns.external_id,
            &columns.lead,
            &columns.kind,
            &columns.channel as &[Option<String>],
            &columns.campaign as &[Option<Uuid>],
            &columns.occurred_at as _,
            &columns.note as &[Option<String>],
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            r#"update leads l set last_activity_at = t.newest
            from (select lead_id, max(occurred_at) as newest from unnest($2::uuid[], $3::timestamptz[])
                as t (lead_id, occurred_at) group by lead_id) as t
            where l.tenant_id = $1 and l.id = t.lead_id and l.last_activity_at < t.newest"#,
            self.tenant.0,
            &columns.lead,
            &columns.occurred_at as _,
        )
        .execute(self.connection())
        .await?;
        Ok(inserted.rows_affected())
    }

    /// What happened with a lead, the newest first.
    pub async fn touches_of(&mut self, lead: LeadId, at_most: i64) -> Result<Vec<Touch>, StoreError> {
        let rows = sqlx::query_as!(
            TouchRow,
            r#"select id, external_id, lead_id, kind, channel, campaign_id,
                occurred_at as "occurred_at: jiff_sqlx::Timestamp", note
            from lead_touches where tenant_id = $1 and lead_id = $2 order by occurred_at desc, id limit $3"#,
            self.tenant.0,
            lead.0,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(TouchRow::read).collect()
    }
}

/// Touches turned on their side: one array per column.
#[derive(Default)]
struct TouchColumns {
    id: Vec<Uuid>,
    external_id: Vec<String>,
    lead: Vec<Uuid>,
    kind: Vec<String>,
    channel: Vec<Option<String>>,
    campaign: Vec<Option<Uuid>>,
    occurred_at: Vec<jiff_sqlx::Timestamp>,
    note: Vec<Option<String>>,
}

impl TouchColumns {
    fn of(touches: &[Touch]) -> Self {
        let mut columns = Self::default();
        for touch in touches {
            columns.id.push(touch.id.0);
            columns.external_id.push(touch.external_id.clone());
            columns.lead.push(touch.lead.0);
            columns.kind.push(touch.kind.word().to_owned());
            columns.channel.push(touch.channel.clone());
            columns.campaign.push(touch.campaign.map(|campaign| campaign.0));
            columns.occurred_at.push(touch.occurred_at.into());
            columns.note.push(touch.note.clone());
        }
        columns
    }
}
