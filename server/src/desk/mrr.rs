//! Recurring revenue: what stands at a moment, and what moved.

use app::port::{AskError, PeriodQuestion};
use domain::mrr::report::{MrrReport, report};
use domain::period::DateRange;
use domain::tenant::Tenant;
use store::mrr::Standing;

use super::{LedgerDesk, Period, invalid, ours};

impl LedgerDesk {
    /// What a tenant's recurring revenue did over the days asked for; what lies ahead is not counted.
    pub async fn mrr(&self, tenant: &Tenant, question: &PeriodQuestion) -> Result<MrrReport, AskError> {
        let Period { tenant, range, granularity, now, .. } = self.period(tenant.clone(), question)?;
        let (daily, spans) = tokio::try_join!(
            self.store.daily_movements(&tenant, range, now),
            self.store.customer_spans(&tenant, range, now)
        )
        .map_err(ours)?;
        report(&tenant, range, granularity, now, &daily, &spans).map_err(invalid)
    }

    /// What stands at the end of a range, or now when that lies ahead.
    pub async fn mrr_standing(&self, tenant: &Tenant, range: DateRange) -> Result<Standing, AskError> {
        let (_, end) = range.instants(&tenant.timezone);
        self.store.mrr_standing(tenant, end.min(self.clock.now())).await.map_err(ours)
    }
}
