//! What its schedule has done: put into the queue when its time has come, a little later for some than for others.

use std::collections::BTreeSet;

use domain::connection::Tool;
use domain::ids::{JobId, TenantId};
use domain::job::JobKind;
use jiff::SignedDuration;
use store::StoreError;
use store::jobs::NewJob;

use super::Jobs;
use crate::chance::{between, new_id};

/// For how long jobs that are over are shown.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What stands as the subject of a job that is about a tenant's figures as a whole.
const FIGURES: &str = "figures";

impl Jobs {
    /// Puts into the queue what is due, tenant by tenant; whose cannot be planned does not hold up the others.
    pub async fn plan(&self) -> Result<(), StoreError> {
        let connected = self.connections.to_sync().await?;
        for tenant in self.store.tenant_ids().await? {
            let tools =
                connected.iter().filter(|(whose, _)| *whose == tenant).map(|(_, tool)| *tool).collect();
            if let Err(error) = self.plan_of(tenant, tools).await {
                tracing::error!(%error, %tenant, "a tenant's jobs could not be planned");
            }
        }
        Ok(())
    }

    async fn plan_of(&self, tenant: TenantId, tools: Vec<Tool>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let scheduled = scheduled(&tools);
        let mut work = self.store.within(tenant).await?;
        for (kind, subject) in &scheduled {
            let job = NewJob { id: JobId(new_id()), kind: *kind, subject: subject.clone() };
            work.job_insert(&job, now).await?;
        }
        let kinds: Vec<JobKind> = scheduled.iter().map(|(kind, _)| *kind).collect();
        for job in work.jobs_due(&kinds, now).await? {
            if scheduled.contains(&(job.kind, job.subject)) {
                let delay = SignedDuration::try_from(between(&self.spread)).unwrap_or_default();
                work.job_queue(job.id, job.kind, delay, now).await?;
            }
        }
        work.jobs_forget(now.saturating_sub(SHOWN_FOR).unwrap_or(now)).await?;
        work.commit().await
    }
}

/// What a tenant has done on schedule: its figures looked at, its tools read.
fn scheduled(tools: &[Tool]) -> BTreeSet<(JobKind, String)> {
    let figures = (JobKind::EvaluateAlerts, FIGURES.to_owned());
    let tools = tools.iter().map(|tool| (JobKind::SyncConnection, tool.word().to_owned()));
    tools.chain([figures]).collect()
}
