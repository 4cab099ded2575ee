//! Recurring revenue: what stands at the end of a day, and what moved.

use app::port::AskError;
use domain::mrr::report::{MrrReport, report};
use domain::mrr::together::Part;
use domain::period::DateRange;
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
}

impl Period {
    /// What recurring revenue did over the days asked for.
    pub(crate) async fn recurring_revenue(&mut self) -> Result<RecurringRevenue, AskError> {
        let report = self.mrr().await?;
        let standing = self.standing().await?;
        Ok(RecurringRevenue { tenant: self.snapshot.tenant().clone(), report, standing })
    }

    /// The roll-forward of recurring revenue; what is known to come after today is not counted.
    pub(super) async fn mrr(&mut self) -> Result<MrrReport, AskError> {
        let Asked { range, granularity, today, .. } = self.asked;
        let Part { opening, daily, cohort } = recurring_part(&mut self.snapshot, range, today).await?;
        let (tenant, as_of) = (self.snapshot.tenant(), self.snapshot.as_of());
        report(tenant, range, granularity, as_of, opening, &daily, cohort).map_err(invalid)
    }
}

/// What a tenant adds to a roll-forward.
pub(super) async fn recurring_part(
    snapshot: &mut Snapshot,
    range: DateRange,
    today: Date,
) -> Result<Part, AskError> {
    let begun = DateRange { to: range.to.min(today), ..range };
    let first = begun.from.min(today.saturating_add(1.day()));
    Ok(Part {
        opening: snapshot.mrr_opening(first).await.map_err(ours)?,
        daily: snapshot.daily_movements(begun).await.map_err(ours)?,
        cohort: snapshot.mrr_cohort(begun).await.map_err(ours)?,
    })
}
