//! Lists of leads, and what happened with one.

use std::collections::BTreeMap;

use domain::channel::ChannelSlug;
use domain::ids::{CampaignId, LeadId};
use domain::lead::Stage;
use domain::money::Money;
use domain::velocity::StuckRule;
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::applying::currency;
use crate::database::instant;
use crate::lead_stages::stage;
use crate::pipeline::Rules;
use crate::text::anywhere;
use crate::work::TenantWork;

/// Which leads are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadFilter {
    /// Only this one.
    pub id: Option<LeadId>,
    /// Only those that came in these moments.
    pub came: Option<(Timestamp, Timestamp)>,
    /// Only those of this channel.
    pub channel: Option<String>,
    /// Only those that stand in this stage.
    pub stage: Option<Stage>,
    /// The moment they stand there; without it now.
    pub at: Option<Timestamp>,
    /// Only those that ever reached this stage, or a later one.
    pub reached: Option<Stage>,
    /// Only those that are stuck by the rule of their stage.
    pub is_stuck: bool,
    /// Only those that were looked up last in vain.
    pub has_failed_lookup: bool,
    /// Only those whose name, e-mail, company or id holds this.
    pub search: Option<String>,
}

/// Where a page of leads ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadPlace {
    /// When its last lead came.
    pub created_at: Timestamp,
    /// Its id.
    pub id: LeadId,
}

/// A lead as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedLead {
    /// Its id.
    pub id: LeadId,
    /// The id it has where it came from.
    pub external_id: String,
    /// What the person is called.
    pub name: Option<String>,
    /// Its e-mail.
    pub email: Option<String>,
    /// Its company.
    pub company: Option<String>,
    /// Where it came from, as its origin calls it.
    pub source: String,
    /// The channel it came by.
    pub channel: ChannelSlug,
    /// The stage it stands in now.
    pub stage: Stage,
    /// Since when.
    pub stage_entered_at: Timestamp,
    /// When something last happened with it.
    pub last_activity_at: Timestamp,
    /// Who looks after it.
    pub owner: Option<String>,
    /// What it may be worth.
    pub value: Option<Money>,
    /// When it came.
    pub created_at: Timestamp,
    /// Whether it is stuck by the rule of its stage.
    pub is_stuck: bool,
}

impl TenantWork {
    /// A page of leads, the newest first, after the place where the page before ended.
    pub async fn leads_page(
        &mut self,
        filter: &LeadFilter,
        rules: &[(Stage, StuckRule)],
        after: Option<LeadPlace>,
        at_most: i64,
    ) -> Result<Vec<ListedLead>, StoreError> {
        let (rules, asked) = (Rules::of(rules), Asked::of(filter));
        let rows = sqlx::query_as!(
            LeadRow,
            r#"select l.id as "id!", l.external_id as "external_id!", l.name, l.email, l.company, l.source as "source!",
                l.channel as "channel!", l.stage as "stage!",
                l.stage_entered_at as "stage_entered_at!: jiff_sqlx::Timestamp",
                l.last_activity_at as "last_activity_at!: jiff_sqlx::Timestamp", l.owner, l.value_minor, l.currency,
                l.created_at as "created_at!: jiff_sqlx::Timestamp",
                coalesce(l.stage_entered_at < r.entered_before and l.last_activity_at < r.quiet_since, false)
                    as "is_stuck!"
            from leads l
            left join unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) as r (stage, entered_before, quiet_since)
                on r.stage = l.stage
            where l.tenant_id = $1
              and ($5::timestamptz is null or (l.created_at >= $5 and l.created_at < $6))
              and ($7::text is null or l.channel = $7)
              and ($8::text is null or case when $9::timestamptz is null then l.stage = $8 else exists (
                    select from lead_stays s where s.tenant_id = $1 and s.lead_id = l.id and s.stage = $8
                      and s.entered_at < $9 and (s.left_at is null or s.left_at >= $9)) end)
              and ($10::text[] is null or exists (
                    select from lead_stays s where s.tenant_id = $1 and s.lead_id = l.id and s.stage = any($10)))
              and (not $11 or (l.stage_entered_at < r.entered_before and l.last_activity_at < r.quiet_since))
              and ($12::text is null or concat_ws(' ', l.name, l.email, l.company, l.external_id) ilike $12)
              and ($13::uuid is null or l.id = $13)
              and (not $17 or l.id in (
                    select f.lead_id from (
                        select distinct on (lead_id) lead_id, state from action_leads
                        where tenant_id = $1 and kind = 'retry_enrichment' and state <> 'cancelled'
                        order by lead_id, asked_at desc) f
                    where f.state in ('failed', 'unknown')))
              and ($14::timestamptz is null or (l.created_at, l.id) < ($14, $15))
            order by l.created_at desc, l.id desc limit $16"#,
            self.tenant.0,
            &rules.stage,
            &rules.entered_before as _,
            &rules.quiet_since as _,
            asked.came_from as _,
            asked.came_before as _,
            filter.channel,
            asked.stage,
            asked.at as _,
            asked.reached.as_deref(),
            filter.is_stuck,
            asked.search,
            filter.id.map(|id| id.0),
            after.map(|place| instant(place.created_at)) as _,
            after.map(|place| place.id.0),
            at_most,
            filter.has_failed_lookup,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(LeadRow::read).collect()
    }

    /// How many leads a filter finds.
    pub async fn leads_counted(
        &mut self,
        filter: &LeadFilter,
        rules: &[(Stage, StuckRule)],
    ) -> Result<i64, StoreError> {
        let (rules, asked) = (Rules::of(rules), Asked::of(filter));
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "leads!" from leads l
            left join unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) as r (stage, entered_before, quiet_since)
                on r.stage = l.stage
            where l.tenant_id = $1
              and ($5::timestamptz is null or (l.created_at >= $5 and l.created_at < $6))
              and ($7::text is null or l.channel = $7)
              and ($8::text is null or case when $9::timestamptz is null then l.stage = $8 else exists (
                    select from lead_stays s where s.tenant_id = $1 and s.lead_id = l.id and s.stage = $8
                      and s.entered_at < $9 and (s.left_at is null or s.left_at >= $9)) end)
              and ($10::text[] is null or exists (
                    select from lead_stays s where s.tenant_id = $1 and s.lead_id = l.id and s.stage = any($10)))
              and (not $11 or (l.stage_entered_at < r.entered_before and l.last_activity_at < r.quiet_since))
              and ($12::text is null or concat_ws(' ', l.name, l.email, l.company, l.external_id) ilike $12)
              and (not $13 or l.id in (
                    select f.lead_id from (
                        select distinct on (lead_id) lead_id, state from action_leads
                        where tenant_id = $1 and kind = 'retry_enrichment' and state <> 'cancelled'
                        order by lead_id, asked_at desc) f
                    where f.state in ('failed', 'unknown')))"#,
            self.tenant.0,
            &rules.stage,
            &rules.entered_before as _,
            &rules.quiet_since as _,
            asked.came_from as _,
            asked.came_before as _,
            filter.channel,
            asked.stage,
            asked.at as _,
            asked.reached.as_deref(),
            filter.is_stuck,
            asked.search,
            filter.has_failed_lookup,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// One lead.
    pub async fn lead_listed(
        &mut self,
        id: LeadId,
        rules: &[(Stage, StuckRule)],
    ) -> Result<Option<ListedLead>, StoreError> {
        let filter = LeadFilter { id: Some(id), ..LeadFilter::default() };
        Ok(self.leads_page(&filter, rules, None, 1).await?.pop())
    }

    /// The names of the campaigns that touched a lead.
    pub async fn campaigns_of_lead(
        &mut self,
        lead: LeadId,
    ) -> Result<BTreeMap<CampaignId, String>, StoreError> {
        let rows = sqlx::query!(
            r#"select distinct c.id, c.name from lead_touches t
            join campaigns c on c.tenant_id = $1 and c.id = t.campaign_id
            where t.tenant_id = $1 and t.lead_id = $2"#,
            self.tenant.0,
            lead.0,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (CampaignId(row.id), row.name)).collect())
    }
}

/// A filter as a statement takes it.
struct Asked {
    came_from: Option<jiff_sqlx::Timestamp>,
    came_before: Option<jiff_sqlx::Timestamp>,
    stage: Option<String>,
    at: Option<jiff_sqlx::Timestamp>,
    reached: Option<Vec<String>>,
    search: Option<String>,
}

impl Asked {
    fn of(filter: &LeadFilter) -> Self {
        let from = |least: Stage| Stage::ALL.into_iter().filter(move |stage| *stage >= least);
        Self {
            came_from: filter.came.map(|(start, _)| start.into()),
            came_before: filter.came.map(|(_, end)| end.into()),
            stage: filter.stage.map(|stage| stage.to_string()),
            at: filter.at.map(Into::into),
            reached: filter.reached.map(|least| from(least).map(|stage| stage.to_string()).collect()),
            search: filter.search.as_deref().map(anywhere),
        }
    }
}

struct LeadRow {
    id: Uuid,
    external_id: String,
    name: Option<String>,
    email: Option<String>,
    company: Option<String>,
    source: String,
    channel: String,
    stage: String,
    stage_entered_at: jiff_sqlx::Timestamp,
    last_activity_at: jiff_sqlx::Timestamp,
    owner: Option<String>,
    value_minor: Option<i64>,
    currency: Option<String>,
    created_at: jiff_sqlx::Timestamp,
    is_stuck: bool,
}

impl LeadRow {
    fn read(self) -> Result<ListedLead, StoreError> {
        let value = match self.value_minor.zip(self.currency) {
            Some((minor, code)) => Some(Money { minor, currency: currency(&code)? }),
            None => None,
        };
        Ok(ListedLead {
            id: LeadId(self.id),
            external_id: self.external_id,
            name: self.name,
            email: self.email,
            company: self.company,
            source: self.source,
            channel: ChannelSlug::stored(self.channel),
            stage: stage(&self.stage)?,
            stage_entered_at: self.stage_entered_at.into(),
            last_activity_at: self.last_activity_at.into(),
            owner: self.owner,
            value,
            created_at: self.created_at.into(),
            is_stuck: self.is_stuck,
        })
    }
}
