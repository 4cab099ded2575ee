//! Campaigns as a page lists them, with what each did so far.

use domain::campaign::CampaignState;
use domain::channel::ChannelSlug;
use domain::ids::CampaignId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::campaigns::{Campaign, CampaignRow};
use crate::work::TenantWork;

/// Which campaigns are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignFilter {
    /// Only of this channel.
    pub channel: Option<ChannelSlug>,
    /// Only in this state.
    pub state: Option<CampaignState>,
}

/// A campaign with what it did so far. People count once, however often they were written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignListed {
    /// The campaign.
    pub campaign: Campaign,
    /// Messages it sent.
    pub sent: i64,
    /// Leads it reached.
    pub reached: i64,
    /// How many of them answered.
    pub replied: i64,
    /// With how many of them a meeting came about.
    pub meetings: i64,
    /// How many of them stand at closed.
    pub closed: i64,
    /// When it last touched somebody.
    pub last_at: Option<Timestamp>,
}

struct ListedRow {
    id: Uuid,
    connector: String,
    external_id: String,
    name: String,
    channel: String,
    state: String,
    started_at: Option<jiff_sqlx::Timestamp>,
    sent: i64,
    reached: i64,
    replied: i64,
    meetings: i64,
    closed: i64,
    last_at: Option<jiff_sqlx::Timestamp>,
}

impl ListedRow {
    fn read(self) -> Result<CampaignListed, StoreError> {
        let Self { id, connector, external_id, name, channel, state, started_at, .. } = self;
        let campaign = CampaignRow { id, connector, external_id, name, channel, state, started_at };
        Ok(CampaignListed {
            campaign: campaign.read()?,
            sent: self.sent,
            reached: self.reached,
            replied: self.replied,
            meetings: self.meetings,
            closed: self.closed,
            last_at: self.last_at.map(Into::into),
        })
    }
}

impl TenantWork {
    /// Campaigns: those that reach people first, then by name; those behind one when it is named.
    pub async fn campaigns_page(
        &mut self,
        filter: &CampaignFilter,
        after: Option<CampaignId>,
        at_most: i64,
    ) -> Result<Vec<CampaignListed>, StoreError> {
        let rows = sqlx::query_as!(
            ListedRow,
            r#"with placed as (
                select *, array_position(array['active', 'unknown', 'paused', 'draft', 'finished'], state) as place
                from campaigns where tenant_id = $1
            ), page as (
                select * from placed
                where ($2::text is null or channel = $2) and ($3::text is null or state = $3)
                  and ($4::uuid is null or (place, name, id) > (select place, name, id from placed where id = $4))
                order by place, name, id limit $5
            )
            select p.id as "id!", p.connector as "connector!", p.external_id as "external_id!", p.name as "name!",
                p.channel as "channel!", p.state as "state!", p.started_at as "started_at: jiff_sqlx::Timestamp",
                t.sent as "sent!", t.reached as "reached!", t.replied as "replied!", t.meetings as "meetings!",
                t.closed as "closed!", t.last_at as "last_at: jiff_sqlx::Timestamp"
            from page p cross join lateral (
                select count(*) filter (where t.kind = 'sent') as sent,
                    count(distinct t.lead_id) as reached,
                    count(distinct t.lead_id) filter (where t.kind = 'replied') as replied,
                    count(distinct t.lead_id) filter (where t.kind = 'meeting') as meetings,
                    count(distinct t.lead_id) filter (where l.stage = 'closed') as closed,
                    max(t.occurred_at) as last_at
                from lead_touches t join leads l on l.tenant_id = $1 and l.id = t.lead_id
                where t.tenant_id = $1 and t.campaign_id = p.id
            ) as t
            order by p.place, p.name, p.id"#,
            self.tenant.0,
            filter.channel.as_ref().map(ChannelSlug::as_str),
            filter.state.map(CampaignState::word),
            after.map(|campaign| campaign.0),
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ListedRow::read).collect()
    }

    /// How many campaigns there are.
    pub async fn campaigns_count(&mut self, filter: &CampaignFilter) -> Result<i64, StoreError> {
        let count = sqlx::query_scalar!(
            r#"select count(*) as "count!" from campaigns
            where tenant_id = $1 and ($2::text is null or channel = $2) and ($3::text is null or state = $3)"#,
            self.tenant.0,
            filter.channel.as_ref().map(ChannelSlug::as_str),
            filter.state.map(CampaignState::word),
        )
        .fetch_one(self.connection())
        .await?;
        Ok(count)
    }
}
