//! Closing days: each UTC day of the ledger is sealed once it is over, and monthly costs come due.

use domain::ids::TenantId;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use store::StoreError;

use super::Applier;
use super::rates::utc_day;
use crate::pipeline::Pipeline;

/// A day is closed a little after midnight: a clock that is set back must not write into a sealed day.
const GRACE: SignedDuration = SignedDuration::from_mins(10);

impl Applier {
    /// Seals the days that are over, of every tenant, and makes the costs of months that have begun; once a day there is
    /// something to do.
    pub(super) async fn seal_closed_days(&self) -> Result<(), StoreError> {
        let closing = self.clock.now() - GRACE;
        let today = utc_day(closing);
        if !self.is_new_day(today) {
            return Ok(());
        }
        for tenant in self.store.tenant_ids().await? {
            if let Err(error) = self.seal_days_of(tenant, closing).await {
                tracing::error!(%error, %tenant, "a tenant's days could not be sealed");
            }
            let pipeline = Pipeline { store: self.store.clone(), clock: self.clock };
            if let Err(error) = pipeline.make_costs_due(tenant).await {
                tracing::error!(%error, %tenant, "a tenant's monthly costs could not be made");
            }
        }
        *self.sealed_before.lock().expect("nobody panics while holding it") = Some(today);
        Ok(())
    }

    async fn seal_days_of(&self, tenant: TenantId, closing: Timestamp) -> Result<(), StoreError> {
        let mut batch = self.store.batch_begin(tenant).await?;
        if batch.seal_days(closing).await? > 0 {
            batch.commit().await?;
        }
        Ok(())
    }

    fn is_new_day(&self, today: Date) -> bool {
        *self.sealed_before.lock().expect("nobody panics while holding it") != Some(today)
    }
}
