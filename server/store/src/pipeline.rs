//! Reading the pipeline: how far leads came, how long they stayed, what deals are open, what channels cost.

use domain::channel::ChannelSlug;
use domain::cost::CostType;
use domain::funnel::Reached;
use domain::lead::Stage;
use domain::money::Currency;
use domain::period::DateRange;
use domain::pipeline::{DecidedDeals, OpenDeals};
use domain::velocity::{StaysOf, StuckRule};
use jiff::Timestamp;

use crate::StoreError;
use crate::database::instant;
use crate::lead_stages::stage;
use crate::work::TenantWork;

/// Leads of one channel that got to a stage and no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadsReached {
    /// The channel.
    pub channel: ChannelSlug,
    /// The furthest stage.
    pub stage: Stage,
    /// How many.
    pub leads: i64,
    /// What they may be worth together, where that is said in the tenant's currency.
    pub value: i64,
}

/// How long stays in a stage lasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageStays {
    /// The stage.
    pub stage: Stage,
    /// How many of one length.
    pub stays: StaysOf,
}

/// Who stands in a stage now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The stage.
    pub stage: Stage,
    /// How many.
    pub leads: i64,
    /// How many of them are stuck.
    pub stuck: i64,
}

/// A cost that falls into a range of days, in part or all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostShare {
    /// The channel.
    pub channel: ChannelSlug,
    /// What it was spent on.
    pub cost_type: CostType,
    /// What all of its days cost, in the tenant's currency; `None` without a rate.
    pub base_minor: Option<i64>,
    /// Its days.
    pub period: DateRange,
}

impl TenantWork {
    /// How far the leads got that came in these moments, by channel.
    pub async fn cohort_reached(
        &mut self,
        own: Currency,
        (start, end): (Timestamp, Timestamp),
    ) -> Result<Vec<LeadsReached>, StoreError> {
        let rows = sqlx::query!(
            r#"with came as (
                select id, channel, case when currency = $4 then value_minor end as value
                from leads where tenant_id = $1 and created_at >= $2 and created_at < $3
            ), furthest as (
                select c.channel, c.value, max(array_position($5::text[], s.stage)) as place
                from came c join lead_stays s on s.tenant_id = $1 and s.lead_id = c.id
                group by c.id, c.channel, c.value
            )
            select channel as "channel!", ($5::text[])[place] as "stage!", count(*) as "leads!",
                coalesce(sum(value), 0)::bigint as "value!"
            from furthest group by channel, place order by channel, place"#,
            self.tenant.0,
            instant(start) as _,
            instant(end) as _,
            own.code(),
            &stages(),
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(LeadsReached {
                    channel: ChannelSlug::stored(row.channel),
                    stage: stage(&row.stage)?,
                    leads: row.leads,
                    value: row.value,
                })
            })
            .collect()
    }

    /// Where leads stood at a moment, whatever their channel.
    pub async fn standing_at(&mut self, own: Currency, at: Timestamp) -> Result<Vec<Reached>, StoreError> {
        let rows = sqlx::query!(
            r#"select s.stage, count(*) as "leads!",
                coalesce(sum(l.value_minor) filter (where l.currency = $3), 0)::bigint as "value!"
            from lead_stays s join leads l on l.tenant_id = $1 and l.id = s.lead_id
            where s.tenant_id = $1 and s.entered_at < $2 and (s.left_at is null or s.left_at >= $2)
            group by s.stage"#,
            self.tenant.0,
            instant(at) as _,
            own.code(),
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| Ok(Reached { stage: stage(&row.stage)?, leads: row.leads, value: row.value }))
            .collect()
    }

    /// How long the stays lasted, or have lasted by now, that began in these moments.
    pub async fn stays_begun(
        &mut self,
        (start, end): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<Vec<StageStays>, StoreError> {
        let rows = sqlx::query!(
            r#"select stage, hours as "hours!", count(*) filter (where is_over) as "ended!",
                count(*) filter (where not is_over) as "open!"
            from (
                select stage, coalesce(left_at <= $4, false) as is_over,
                    floor(date_part('epoch', least(coalesce(left_at, $4), $4) - entered_at) / 3600)::bigint as hours
                from lead_stays
                where tenant_id = $1 and entered_at >= $2 and entered_at < least($3, $4)
            ) as stays
            group by stage, hours"#,
            self.tenant.0,
            instant(start) as _,
            instant(end) as _,
            instant(now) as _,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let stays = StaysOf { hours: row.hours, ended: row.ended, open: row.open };
                Ok(StageStays { stage: stage(&row.stage)?, stays })
            })
            .collect()
    }

    /// Who stands in each of these stages now, and who of them is stuck by its rule.
    pub async fn standing_now(&mut self, rules: &[(Stage, StuckRule)]) -> Result<Vec<Standing>, StoreError> {
        let rules = Rules::of(rules);
        let rows = sqlx::query!(
            r#"select l.stage as "stage!", count(*) as "leads!",
                count(*) filter (where l.stage_entered_at < r.entered_before
                    and l.last_activity_at < r.quiet_since) as "stuck!"
            from leads l
            left join unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) as r (stage, entered_before, quiet_since)
                on r.stage = l.stage
            where l.tenant_id = $1 group by l.stage"#,
            self.tenant.0,
            &rules.stage,
            &rules.entered_before as _,
            &rules.quiet_since as _,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| Ok(Standing { stage: stage(&row.stage)?, leads: row.leads, stuck: row.stuck }))
            .collect()
    }

    /// The deals that were open at a moment, by how likely they are to be won.
    pub async fn deals_open_at(&mut self, at: Timestamp) -> Result<Vec<OpenDeals>, StoreError> {
        let rows = sqlx::query!(
            r#"select probability_percent, coalesce(sum(base_value_minor), 0)::bigint as "value!", count(*) as "deals!"
            from deals where tenant_id = $1 and opened_at < $2 and (closed_at is null or closed_at >= $2)
            group by probability_percent"#,
            self.tenant.0,
            instant(at) as _,
        )
        .fetch_all(self.connection())
        .await?;
        let open = |probability_percent, value, deals| OpenDeals { probability_percent, value, deals };
        Ok(rows.into_iter().map(|row| open(row.probability_percent, row.value, row.deals)).collect())
    }

    /// The deals that were won or lost in these moments.
    pub async fn deals_decided(
        &mut self,
        (start, end): (Timestamp, Timestamp),
    ) -> Result<DecidedDeals, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) filter (where state = 'won') as "won!", count(*) filter (where state = 'lost') as "lost!",
                coalesce(sum(base_value_minor) filter (where state = 'won'), 0)::bigint as "won_value!",
                coalesce(sum(floor(extract(epoch from greatest(closed_at - opened_at, '0')) / 3600))
                    filter (where state = 'won'), 0)::bigint as "won_hours!"
            from deals where tenant_id = $1 and closed_at >= $2 and closed_at < $3"#,
            self.tenant.0,
            instant(start) as _,
            instant(end) as _,
        )
        .fetch_one(self.connection())
        .await?;
        let (won, lost) = (row.won, row.lost);
        Ok(DecidedDeals { won, lost, won_value: row.won_value, won_hours: row.won_hours })
    }

    /// The costs of which a part falls into a range of days.
    pub async fn costs_within(&mut self, range: DateRange) -> Result<Vec<CostShare>, StoreError> {
        let rows = sqlx::query!(
            r#"select channel, cost_type, base_amount_minor, period_start as "from: jiff_sqlx::Date",
                period_end as "to: jiff_sqlx::Date"
            from channel_costs
            where tenant_id = $1 and deleted_at is null and period_start <= $3 and period_end >= $2
            order by channel, cost_type, period_start, id"#,
            self.tenant.0,
            jiff_sqlx::Date::from(range.from) as _,
            jiff_sqlx::Date::from(range.to) as _,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(CostShare {
                    channel: ChannelSlug::stored(row.channel),
                    cost_type: row
                        .cost_type
                        .parse()
                        .map_err(|_| StoreError::unreadable("a type of cost", &row.cost_type))?,
                    base_minor: row.base_amount_minor,
                    period: DateRange { from: row.from.into(), to: row.to.into() },
                })
            })
            .collect()
    }
}

/// Rules turned on their side.
pub(crate) struct Rules {
    pub(crate) stage: Vec<String>,
    pub(crate) entered_before: Vec<jiff_sqlx::Timestamp>,
    pub(crate) quiet_since: Vec<jiff_sqlx::Timestamp>,
}

impl Rules {
    pub(crate) fn of(rules: &[(Stage, StuckRule)]) -> Self {
        Self {
            stage: rules.iter().map(|(stage, _)| stage.to_string()).collect(),
            entered_before: rules.iter().map(|(_, rule)| rule.entered_before.into()).collect(),
            quiet_since: rules.iter().map(|(_, rule)| rule.quiet_since.into()).collect(),
        }
    }
}

fn stages() -> Vec<String> {
    Stage::ALL.map(|stage| stage.to_string()).to_vec()
}
