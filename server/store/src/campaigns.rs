//! Campaigns of the tools leads are reached with.

use std::collections::BTreeMap;

use domain::campaign::CampaignState;
use domain::channel::ChannelSlug;
use domain::ids::CampaignId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::leads::{Bringing, Put};
use crate::work::TenantWork;

/// A campaign as it is brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Our id.
    pub id: CampaignId,
    /// The tool it is of; `manual` when somebody told us by hand.
    pub connector: String,
    /// The id it has there.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// The tenant's channel it works for.
    pub channel: ChannelSlug,
    /// Whether it reaches people at present.
    pub state: CampaignState,
    /// When it began to.
    pub started_at: Option<Timestamp>,
}

/// A campaign as it is kept, with how often it was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCampaign {
    /// What is known of it.
    pub campaign: Campaign,
    /// Counts its changes.
    pub version: i32,
}

pub(crate) struct CampaignRow {
    pub(crate) id: Uuid,
    pub(crate) connector: String,
    pub(crate) external_id: String,
    pub(crate) name: String,
    pub(crate) channel: String,
    pub(crate) state: String,
    pub(crate) started_at: Option<jiff_sqlx::Timestamp>,
}

impl CampaignRow {
    pub(crate) fn read(self) -> Result<Campaign, StoreError> {
        Ok(Campaign {
            id: CampaignId(self.id),
            connector: self.connector,
            external_id: self.external_id,
            name: self.name,
            channel: ChannelSlug::stored(self.channel),
            state: self
                .state
                .parse()
                .map_err(|_| StoreError::unreadable("a state of a campaign", self.state))?,
            started_at: self.started_at.map(Into::into),
        })
    }
}

impl TenantWork {
    /// Brings campaigns in; one that is known by its tool and the id it has there is changed. Of several with one id
    /// the last counts. Says what became of each id.
    pub async fn campaigns_put(
        &mut self,
        campaigns: &[Campaign],
        bringing: Bringing,
    ) -> Result<BTreeMap<(String, String), Put>, StoreError> {
        let key = |campaign: &Campaign| (campaign.connector.clone(), campaign.external_id.clone());
        let mut outcomes: BTreeMap<(String, String), Put> =
            campaigns.iter().map(|campaign| (key(campaign), Put::Same)).collect();
        let columns = CampaignColumns::of(campaigns);
        let rows = sqlx::query!(
            r#"insert into campaigns (tenant_id, id, connector, external_id, name, channel, state, started_at,
                created_at, updated_at, import_id)
            select distinct on (connector, external_id) $1, id, connector, external_id, name, channel, state, started_at,
                $9, $9, $10
            from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
                with ordinality as t (id, connector, external_id, name, channel, state, started_at, place)
            order by connector, external_id, place desc
            on conflict (tenant_id, connector, external_id) do update set name = excluded.name,
                channel = excluded.channel, state = excluded.state, started_at = excluded.started_at,
                updated_at = excluded.updated_at, version = campaigns.version + 1
            where (campaigns.name, campaigns.channel, campaigns.state, campaigns.started_at)
                is distinct from (excluded.name, excluded.channel, excluded.state, excluded.started_at)
            returning connector, external_id, version = 1 as "is_new!""#,
            self.tenant.0,
            &columns.id,
            &columns.connector,
            &columns.external_id,
            &columns.name,
            &columns.channel,
            &columns.state,
            &columns.started_at as _,
            instant(bringing.now) as _,
            bringing.import.map(|import| import.0),
        )
        .fetch_all(self.connection())
        .await?;
        let put = |is_new| if is_new { Put::New } else { Put::Changed };
        outcomes.extend(rows.into_iter().map(|row| ((row.connector, row.external_id), put(row.is_new))));
        Ok(outcomes)
    }

    /// The campaigns of a tool with these ids, by that id; held until the work is done.
    pub async fn campaigns_of(
        &mut self,
        connector: &str,
        external_ids: &[String],
    ) -> Result<BTreeMap<String, Campaign>, StoreError> {
        let rows = sqlx::query_as!(
            CampaignRow,
            r#"select id, connector, external_id, name, channel, state,
                started_at as "started_at: jiff_sqlx::Timestamp"
            from campaigns where tenant_id = $1 and connector = $2 and external_id = any($3)
            order by id for update"#,
            self.tenant.0,
            connector,
            external_ids,
        )
        .fetch_all(self.connection())
        .await?;
        let campaigns = rows.into_iter().map(CampaignRow::read);
        campaigns.map(|campaign| campaign.map(|campaign| (campaign.external_id.clone(), campaign))).collect()
    }

    /// A campaign; held until the work is done.
    pub async fn campaign(&mut self, id: CampaignId) -> Result<Option<StoredCampaign>, StoreError> {
        let found = sqlx::query!(
            r#"select id, connector, external_id, name, channel, state,
                started_at as "started_at: jiff_sqlx::Timestamp", version
            from campaigns where tenant_id = $1 and id = $2 for update"#,
            self.tenant.0,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = found else { return Ok(None) };
        let version = row.version;
        let campaign = CampaignRow {
            id: row.id,
            connector: row.connector,
            external_id: row.external_id,
            name: row.name,
            channel: row.channel,
            state: row.state,
            started_at: row.started_at,
        };
        Ok(Some(StoredCampaign { campaign: campaign.read()?, version }))
    }

    /// Keeps how a campaign stands, when its tool says otherwise than we knew. `false` when that is how we knew it.
    pub async fn campaign_set_state(
        &mut self,
        id: CampaignId,
        state: CampaignState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            r#"update campaigns set state = $3, updated_at = $4, version = version + 1
            where tenant_id = $1 and id = $2 and state <> $3"#,
            self.tenant.0,
            id.0,
            state.word(),
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

/// Campaigns turned on their side: one array per column.
#[derive(Default)]
struct CampaignColumns {
    id: Vec<Uuid>,
    connector: Vec<String>,
    external_id: Vec<String>,
    name: Vec<String>,
    channel: Vec<String>,
    state: Vec<String>,
    started_at: Vec<Option<jiff_sqlx::Timestamp>>,
}

impl CampaignColumns {
    fn of(campaigns: &[Campaign]) -> Self {
        let mut columns = Self::default();
        for campaign in campaigns {
            columns.id.push(campaign.id.0);
            columns.connector.push(campaign.connector.clone());
            columns.external_id.push(campaign.external_id.clone());
            columns.name.push(campaign.name.clone());
            columns.channel.push(campaign.channel.to_string());
            columns.state.push(campaign.state.word().to_owned());
            columns.started_at.push(campaign.started_at.map(Into::into));
        }
        columns
    }
}
