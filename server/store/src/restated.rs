//! What the ledger says otherwise of days that had ended, read from when its rows were written and superseded.

use std::collections::BTreeMap;

use domain::channel::ChannelSlug;
use domain::ids::LedgerRowId;
use domain::money::Money;
use domain::period::DateRange;
use domain::restated::{Cause, RestatedLine, RestatedSum, RowThen};
use domain::restatement::Trigger;
use jiff::Timestamp;
use uuid::Uuid;

use crate::applying::{currency, entry_kind, event_id};
use crate::database::instant;
use crate::{Snapshot, StoreError};

/// Which lines are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestatedFilter {
    /// The days that read otherwise, in the tenant's timezone.
    pub range: DateRange,
    /// Only what was or is credited to this channel.
    pub channel: Option<ChannelSlug>,
    /// Only those of this cause.
    pub cause: Option<Cause>,
    /// Only what became known after this moment.
    pub since: Option<Timestamp>,
}

/// Where a page of lines ended: they are listed newest first by when they became known, and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestatedPlace {
    /// When the last line became known.
    pub known_at: Timestamp,
    /// Its id.
    pub id: Uuid,
}

impl Snapshot {
    /// What lines come to, by cause and currency.
    pub async fn restated_sums(&mut self, filter: &RestatedFilter) -> Result<Vec<RestatedSum>, StoreError> {
        let (tenant, (start, end)) = (self.tenant().id.0, self.instants(filter.range));
        let zone = self.tenant().timezone_name().to_owned();
        let rows = sqlx::query!(
            r#"with lines as materialized (
                select * from restated_lines($1, $2, $3, $4, $5, $6, $7)
            ), sides as (
                select l.line_id, l.cause, l.after_id as row_id, 1 as sign from lines l where l.counts_after
                union all
                select l.line_id, l.cause, l.before_id, -1 from lines l where l.counts_before
            )
            select s.cause as "cause!", r.currency as "currency!", count(distinct s.line_id) as "lines!",
                sum(s.sign * r.amount_minor)::bigint as "moved!",
                coalesce(sum(s.sign * r.base_amount_minor), 0)::bigint as "base_moved!",
                coalesce(sum(s.sign * r.amount_minor) filter (where r.base_amount_minor is null), 0)::bigint
                    as "unconverted!",
                sum(s.sign * r.mrr_impact_minor)::bigint as "mrr_moved!"
            from sides s join revenue_events r on r.tenant_id = $1 and r.id = s.row_id
            group by s.cause, r.currency order by s.cause, r.currency"#,
            tenant,
            zone,
            instant(start) as _,
            instant(end) as _,
            filter.channel.as_ref().map(ChannelSlug::as_str),
            filter.cause.map(Cause::word),
            filter.since.map(instant) as _,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(RestatedSum {
                    cause: cause(&row.cause)?,
                    currency: currency(&row.currency)?,
                    lines: row.lines,
                    moved: row.moved,
                    base_moved: row.base_moved,
                    unconverted: row.unconverted,
                    mrr_moved: row.mrr_moved,
                })
            })
            .collect()
    }

    /// A page of lines, newest first, after the place where the page before ended.
    pub async fn restated_page(
        &mut self,
        filter: &RestatedFilter,
        after: Option<RestatedPlace>,
        at_most: i64,
    ) -> Result<Vec<RestatedLine>, StoreError> {
        let (tenant, (start, end)) = (self.tenant().id.0, self.instants(filter.range));
        let zone = self.tenant().timezone_name().to_owned();
        let found = sqlx::query_as!(
            FoundLine,
            r#"select l.known_at as "known_at!: jiff_sqlx::Timestamp", l.line_id as "line_id!", l.cause as "cause!",
                l.before_id, l.after_id, l.counts_before as "counts_before!", l.counts_after as "counts_after!",
                g.cause as "credited?", g.cause_kind as "trigger_kind?", g.cause_ref as "trigger_ref?"
            from restated_lines($1, $2, $3, $4, $5, $6, $7) l
            left join restatements g on g.tenant_id = $1 and g.new_row_id = l.after_id and g.old_row_id = l.before_id
                and g.subject = 'attribution'
            where $8::timestamptz is null or (l.known_at, l.line_id) < ($8, $9)
            order by l.known_at desc, l.line_id desc limit $10"#,
            tenant,
            zone,
            instant(start) as _,
            instant(end) as _,
            filter.channel.as_ref().map(ChannelSlug::as_str),
            filter.cause.map(Cause::word),
            filter.since.map(instant) as _,
            after.map(|place| instant(place.known_at)) as _,
            after.map(|place| place.id),
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        let rows = self.rows_then(&found).await?;
        found.into_iter().map(|line| line.read(&rows)).collect()
    }

    /// The rows that lines are about, whether they count now or not.
    async fn rows_then(&mut self, lines: &[FoundLine]) -> Result<BTreeMap<Uuid, RowThen>, StoreError> {
        let tenant = self.tenant().id.0;
        let ids: Vec<Uuid> =
            lines.iter().flat_map(|line| [line.before_id, line.after_id]).flatten().collect();
        let rows = sqlx::query!(
            r#"select r.id, r.event_type, r.amount_minor, r.currency, r.base_amount_minor, r.mrr_impact_minor,
                r.stripe_created_at as "stripe_created_at: jiff_sqlx::Timestamp", r.attribution_channel,
                r.product_name, r.product_category, r.is_recurring, r.customer_email, r.stripe_event_id,
                e.received_at as "received_at: jiff_sqlx::Timestamp"
            from revenue_events r
            join stripe_events e on e.tenant_id = r.tenant_id and e.stripe_event_id = r.stripe_event_id
            where r.tenant_id = $1 and r.id = any($2)"#,
            tenant,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let then = RowThen {
                    id: LedgerRowId(row.id),
                    kind: entry_kind(&row.event_type)?,
                    money: Money { minor: row.amount_minor, currency: currency(&row.currency)? },
                    base_amount_minor: row.base_amount_minor,
                    mrr_impact_minor: row.mrr_impact_minor,
                    occurred_at: row.stripe_created_at.into(),
                    channel: ChannelSlug::stored(row.attribution_channel),
                    product_name: row.product_name,
                    product_category: row.product_category,
                    is_recurring: row.is_recurring,
                    customer_email: row.customer_email,
                    event: event_id(row.stripe_event_id)?,
                    event_received_at: row.received_at.into(),
                    is_counted: false,
                };
                Ok((row.id, then))
            })
            .collect()
    }
}

struct FoundLine {
    known_at: jiff_sqlx::Timestamp,
    line_id: Uuid,
    cause: String,
    before_id: Option<Uuid>,
    after_id: Option<Uuid>,
    counts_before: bool,
    counts_after: bool,
    credited: Option<String>,
    trigger_kind: Option<String>,
    trigger_ref: Option<String>,
}

impl FoundLine {
    fn read(self, rows: &BTreeMap<Uuid, RowThen>) -> Result<RestatedLine, StoreError> {
        let row = |id: Option<Uuid>, is_counted| {
            id.and_then(|id| rows.get(&id)).map(|row| RowThen { is_counted, ..row.clone() })
        };
        let trigger = self.trigger_kind.zip(self.trigger_ref).map(|(kind, reference)| {
            Trigger::stored(&kind, reference)
                .ok_or_else(|| StoreError::unreadable("what caused a restatement", kind))
        });
        Ok(RestatedLine {
            id: self.line_id,
            known_at: self.known_at.into(),
            cause: cause(&self.cause)?,
            before: row(self.before_id, self.counts_before),
            after: row(self.after_id, self.counts_after),
            credited: self.credited.zip(trigger.transpose()?),
        })
    }
}

fn cause(word: &str) -> Result<Cause, StoreError> {
    Cause::read(word).ok_or_else(|| StoreError::unreadable("why a day was restated", word))
}
