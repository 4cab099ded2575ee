//! Recurring revenue: what stands at the end of a day, and what moved.

use app::port::AskError;
use app::recurring::{RecurringPage, RecurringStanding};
use domain::mrr::comparison::MrrComparison;
use domain::mrr::parts::{self, ChannelMovements, MovementReason};
use domain::mrr::report::{MrrReport, report};
use domain::mrr::scheduled::ScheduledChurn;
use domain::mrr::together::Part;
use domain::period::{DateRange, Granularity};
use domain::revenue::comparison::Compare;
use domain::tenant::Tenant;
use jiff::ToSpan;
use jiff::civil::Date;
use store::Snapshot;
use store::mrr::Standing;

use super::{Asked, Period, invalid, ours};

/// What a tenant's recurring revenue did over a range, and what stands at its end.
#[derive(Clone, Debug)]
pub struct RecurringRevenue {
    /// The tenant as it was then.
    pub tenant: Tenant,
    /// What moved.
    pub report: MrrReport,
    /// What stands.
    pub standing: Standing,
    /// What it is made of, where that was asked for.
    pub parts: Option<RecurringParts>,
    /// How it compares with other days.
    pub comparison: Option<MrrComparison>,
}

/// What recurring revenue over a range is made of.
#[derive(Clone, Debug)]
pub struct RecurringParts {
    /// Channel by channel.
    pub by_channel: Vec<ChannelMovements>,
    /// What lay behind each kind of movement.
    pub reasons: Vec<MovementReason>,
    /// What is cancelled to end at its end.
    pub scheduled_churn: ScheduledChurn,
}

/// How many of the subscriptions that are cancelled to end an answer lists.
const ENDS_LISTED: i64 = 100;

/// Which of the subscriptions that are cancelled to end are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndsListed {
    /// Those that end first.
    First,
    /// All of them.
    All,
}

impl Period {
    /// What recurring revenue did over the days asked for, what that is made of, and how it compares with other days.
    pub(crate) async fn recurring_revenue(
        &mut self,
        compare: Compare,
        ends: EndsListed,
    ) -> Result<RecurringRevenue, AskError> {
        let report = self.mrr().await?;
        let standing = self.standing().await?;
        let parts = Some(self.recurring_parts(ends).await?);
        let comparison = match compare.days(self.asked.range, self.asked.today) {
            Some(days) => Some(MrrComparison::between(compare, days, &self.mrr_over(days).await?, &report)),
            None => None,
        };
        Ok(RecurringRevenue { tenant: self.snapshot.tenant().clone(), report, standing, parts, comparison })
    }

    /// The page of recurring revenue.
    pub(super) async fn recurring_page(mut self, compare: Compare) -> Result<RecurringPage, AskError> {
        let days = compare.days(self.asked.range, self.asked.today).unwrap_or(self.asked.range);
        let report = self.mrr().await?;
        let standing = self.standing().await?;
        let parts = self.recurring_parts(EndsListed::First).await?;
        Ok(RecurringPage {
            comparison: MrrComparison::between(compare, days, &self.mrr_over(days).await?, &report),
            frame: self.frame().await?,
            standing: RecurringStanding {
                committed_mrr: standing.committed_mrr,
                trial_mrr: standing.trial_mrr,
                past_due_mrr: standing.past_due_mrr,
                paused_mrr: standing.paused_mrr,
                subscriptions: standing.subscriptions,
                unconverted: standing.unconverted,
            },
            report,
            by_channel: parts.by_channel,
            reasons: parts.reasons,
            scheduled_churn: parts.scheduled_churn,
        })
    }

    async fn recurring_parts(&mut self, ends: EndsListed) -> Result<RecurringParts, AskError> {
        let begun = begun(self.asked.range, self.asked.today);
        let by_channel = self.snapshot.mrr_by_channel(begun).await.map_err(ours)?;
        let reasons = self.snapshot.movement_reasons(begun).await.map_err(ours)?;
        let at_most = (ends == EndsListed::First).then_some(ENDS_LISTED);
        let last = self.asked.range.to.min(self.asked.today);
        let scheduled_churn = self.snapshot.scheduled_churn(last, at_most).await.map_err(ours)?;
        Ok(RecurringParts { by_channel: parts::by_channel(by_channel), reasons, scheduled_churn })
    }

    /// The roll-forward over other days.
    async fn mrr_over(&mut self, days: DateRange) -> Result<MrrReport, AskError> {
        let today = self.asked.today;
        let Part { opening, daily, cohort } = recurring_part(&mut self.snapshot, days, today).await?;
        let (tenant, as_of) = (self.snapshot.tenant(), self.snapshot.as_of());
        report(tenant, days, Granularity::Quarter, as_of, opening, &daily, cohort).map_err(invalid)
    }

    /// The roll-forward of recurring revenue; what is known to come after today is not counted.
    pub(super) async fn mrr(&mut self) -> Result<MrrReport, AskError> {
        let Asked { range, granularity, today, .. } = self.asked;
        let Part { opening, daily, cohort } = recurring_part(&mut self.snapshot, range, today).await?;
        let (tenant, as_of) = (self.snapshot.tenant(), self.snapshot.as_of());
        report(tenant, range, granularity, as_of, opening, &daily, cohort).map_err(invalid)
    }
}

/// The days of a range that have begun; of one that lies ahead none, which is where today ends.
fn begun(range: DateRange, today: Date) -> DateRange {
    DateRange { from: range.from.min(today.saturating_add(1.day())), to: range.to.min(today) }
}

/// What a tenant adds to a roll-forward.
pub(super) async fn recurring_part(
    snapshot: &mut Snapshot,
    range: DateRange,
    today: Date,
) -> Result<Part, AskError> {
    let begun = begun(range, today);
    Ok(Part {
        opening: snapshot.mrr_opening(begun.from).await.map_err(ours)?,
        daily: snapshot.daily_movements(begun).await.map_err(ours)?,
        cohort: snapshot.mrr_cohort(begun).await.map_err(ours)?,
    })
}
