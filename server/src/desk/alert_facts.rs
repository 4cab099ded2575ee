//! What detectors look at: the figures of thirty days and of the thirty before, read from one snapshot.

use std::collections::BTreeSet;

use app::port::{AskError, PeriodQuestion};
use domain::alert::{Facts, FailedSum, MISSED_FROM};
use domain::dunning;
use domain::ids::TenantId;
use domain::lead::Stage;
use domain::period::{DateRange, PeriodChoice};
use domain::revenue::Sums;
use jiff::{SignedDuration, Timestamp};
use store::{Snapshot, Store};

use super::overview::{Before, economics};
use super::pipeline::{spent_in, stage_velocities};
use super::{Asked, Period, ours};

/// Over how long looked up leads are counted.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Reads what detectors look at; `None` when there is no such tenant.
pub(crate) async fn alert_facts(
    store: &Store,
    tenant: TenantId,
    now: Timestamp,
    is_every_row_read: bool,
) -> Result<Option<Facts>, AskError> {
    let Some(snapshot) = store.snapshot(tenant, now).await.map_err(ours)? else { return Ok(None) };
    let question =
        PeriodQuestion { period: Some(PeriodChoice::Last30.word().to_owned()), ..PeriodQuestion::default() };
    let asked = Asked::of(snapshot.tenant(), snapshot.as_of(), &question)?;
    let failed = failed_of(store, tenant).await?;
    let failing = store.failing(tenant).await.map_err(ours)?;
    Period { snapshot, asked }.alert_facts(failed, failing, is_every_row_read).await.map(Some)
}

async fn failed_of(store: &Store, tenant: TenantId) -> Result<Vec<FailedSum>, AskError> {
    let totals = store.failed_totals(tenant).await.map_err(ours)?;
    let open = totals.into_iter().filter(|total| total.standing == dunning::Standing::Open);
    Ok(open
        .map(|total| FailedSum { currency: total.currency, amount: total.amount, payments: total.payments })
        .collect())
}

impl Period {
    async fn alert_facts(
        mut self,
        failed: Vec<FailedSum>,
        failing: BTreeSet<String>,
        is_every_row_read: bool,
    ) -> Result<Facts, AskError> {
        let range = self.asked.range;
        let range_before = range.previous(self.asked.today);
        let revenue = self.revenue().await?;
        let recurring = self.mrr().await?;
        let standing = self.standing().await?;
        let snapshot = &mut self.snapshot;
        let spent_before = spent_in(snapshot, range_before).await?;
        let before = Before::of(snapshot, range_before, &spent_before).await?;
        let spent = spent_in(snapshot, range).await?;
        let economics = economics(snapshot, &revenue, &recurring, &spent).await?;
        let came = snapshot.work().events_came(MISSED_FROM).await.map_err(ours)?;
        let week_ago = snapshot.as_of().saturating_sub(WEEK).unwrap_or(snapshot.as_of());
        let lookups = snapshot.work().lookups_since(week_ago).await.map_err(ours)?;
        let unread = snapshot.work().tools_unread().await.map_err(ours)?;
        let mrr_of_days = snapshot.mrr_of_days().await.map_err(ours)?;
        let mrr_of_rows =
            if is_every_row_read { Some(snapshot.mrr_of_rows().await.map_err(ours)?) } else { None };
        let unknown = revenue.by_channel.iter().find(|earned| earned.channel.is_unknown());
        Ok(Facts {
            channels: snapshot.channels().await.map_err(ours)?,
            stages: stage_velocities(snapshot, range).await?,
            entered: entered_in(snapshot, range).await?,
            entered_before: entered_in(snapshot, range_before).await?,
            economics: snapshot.tenant().economics,
            currency: snapshot.tenant().currency,
            as_of: snapshot.as_of(),
            days: range.days(),
            returns: economics.channel_roi,
            best: economics.best_channel,
            failed,
            failing,
            mrr: standing.mrr,
            past_due_mrr: standing.past_due_mrr,
            unknown: unknown.map_or(Sums::default(), |unknown| unknown.sums),
            revenue: revenue.sums,
            revenue_before: before.sums,
            cac: economics.blended_cac,
            cac_before: before.cac,
            events: came.events,
            last_event_at: came.last_at,
            dead_letters: came.dead_letters,
            lookups,
            unread,
            mrr_of_days,
            mrr_of_rows,
        })
    }
}

/// How many leads entered each stage in a range of days, whenever they came.
async fn entered_in(snapshot: &mut Snapshot, range: DateRange) -> Result<Vec<(Stage, i64)>, AskError> {
    let (moments, now) = (snapshot.instants(range), snapshot.as_of());
    let stays = snapshot.work().stays_begun(moments, now).await.map_err(ours)?;
    let entered = |stage: Stage| {
        let of_stage = stays.iter().filter(|of| of.stage == stage);
        (stage, of_stage.map(|of| of.stays.ended + of.stays.open).sum())
    };
    Ok(Stage::ALL.map(entered).to_vec())
}
