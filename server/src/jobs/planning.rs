//! What its schedule has done: put into the queue when its time has come, a little later for some than for others.

use std::time::Duration;

use domain::ids::{JobId, TenantId};
use domain::job::JobKind;
use jiff::SignedDuration;
use store::StoreError;
use store::jobs::NewJob;
use store::work::TenantWork;

use super::Jobs;
use crate::chance::{new_id, up_to};

/// Over how long jobs that are due at once are spread.
const JITTER: Duration = Duration::from_secs(30);

/// For how long jobs that are over are shown.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What stands as the subject of a job that is about a tenant's figures as a whole.
const FIGURES: &str = "figures";

impl Jobs {
    /// Puts into the queue what is due, tenant by tenant; whose cannot be planned does not hold up the others.
    pub async fn plan(&self) -> Result<(), StoreError> {
        for tenant in self.store.tenant_ids().await? {
            if let Err(error) = self.plan_of(tenant).await {
                tracing::error!(%error, %tenant, "a tenant's jobs could not be planned");
            }
        }
        Ok(())
    }

    async fn plan_of(&self, tenant: TenantId) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut work = self.store.within(tenant).await?;
        note_scheduled(&mut work, now).await?;
        let scheduled: Vec<JobKind> =
            JobKind::ALL.into_iter().filter(|kind| kind.every().is_some()).collect();
        for job in work.jobs_due(&scheduled, now).await? {
            let delay = SignedDuration::try_from(up_to(JITTER)).unwrap_or_default();
            work.job_queue(job.id, job.kind, delay, now).await?;
        }
        work.jobs_forget(now.saturating_sub(SHOWN_FOR).unwrap_or(now)).await?;
        work.commit().await
    }
}

/// Writes down what a tenant has done on schedule, where it is new.
async fn note_scheduled(work: &mut TenantWork, now: jiff::Timestamp) -> Result<(), StoreError> {
    let job = NewJob { id: JobId(new_id()), kind: JobKind::EvaluateAlerts, subject: FIGURES.to_owned() };
    work.job_insert(&job, now).await.map(|_| ())
}
