//! The queue of jobs: graphile_worker's, in a schema of its own, worked off as a role that owns nothing else.
//!
//! An entry names a tenant and one of its [`jobs`](crate::jobs). A transaction puts it there through a function that
//! takes the tenant from the transaction itself. What becomes of it is written to `jobs`, since the queue forgets what
//! is done.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::{JobId, TenantId};
use graphile_worker::{
    Cron, IntoTaskHandlerResult, TaskHandler, WorkerContext, WorkerOptions, WorkerRecoveryConfig, WorkerUtils,
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{Store, StoreError};

/// The schema the queue is in.
const SCHEMA: &str = "job_queue";

/// How many jobs run at once.
const AT_ONCE: usize = 8;

/// How long jobs that run when the program stops are waited for.
const GRACE: Duration = Duration::from_secs(10);

/// The future a job is worked off in; what it fails with is for the log.
pub type Working = std::pin::Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// An entry of the queue whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Whose job.
    pub tenant: TenantId,
    /// Which.
    pub job: JobId,
    /// The how manieth attempt this is.
    pub attempt: i32,
    /// Whether it is the last.
    pub is_last: bool,
}

/// Who works jobs off.
#[derive(Clone)]
pub struct Hands {
    /// Does one attempt at a job; an error has it tried again later, unless it was the last.
    pub work: Arc<dyn Fn(Call) -> Working + Send + Sync>,
    /// Puts jobs into the queue whose time has come; called once a minute by one of all programs.
    pub plan: Arc<dyn Fn() -> Working + Send + Sync>,
}

impl fmt::Debug for Hands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hands").finish_non_exhaustive()
    }
}

/// How the queue is worked off.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Whether jobs are planned as time passes.
    pub is_scheduled: bool,
    /// After how long without a sign of life a program counts as killed, and its jobs are tried again by another.
    pub lost_after: Duration,
}

#[derive(Deserialize, Serialize)]
struct TenantJob {
    tenant: Uuid,
    job: Uuid,
}

impl TaskHandler for TenantJob {
    const IDENTIFIER: &'static str = "tenant_job";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let hands = hands(&context)?;
        let (attempt, most) = (*context.job().attempts(), *context.job().max_attempts());
        let call = Call {
            tenant: TenantId(self.tenant),
            job: JobId(self.job),
            attempt: attempt.into(),
            is_last: attempt >= most,
        };
        (hands.work)(call).await
    }
}

/// What is put into the queue once a minute; the queue gives such a job no payload.
#[derive(Deserialize, Serialize)]
struct PlanJobs;

impl TaskHandler for PlanJobs {
    const IDENTIFIER: &'static str = "plan_jobs";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        (hands(&context)?.plan)().await
    }
}

fn hands(context: &WorkerContext) -> Result<Hands, String> {
    context.get_ext::<Hands>().cloned().ok_or_else(|| "nobody is there to do it".to_owned())
}

/// Brings the queue's own tables up to date, as the role they belong to.
pub(crate) async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    let utils = WorkerUtils::new(pool.clone(), SCHEMA);
    utils.migrate().await.map_err(|error| StoreError::Queue(error.to_string()))
}

impl Store {
    /// Works the queue off until told to stop; then lets jobs that run finish.
    pub async fn work_jobs(
        &self,
        hands: Hands,
        pace: Pace,
        stopped: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), StoreError> {
        let recovery = WorkerRecoveryConfig::default()
            .heartbeat_interval(pace.lost_after / 4)
            .sweep_interval(pace.lost_after / 2)
            .sweep_threshold(pace.lost_after)
            .recovery_delay(Duration::ZERO);
        let options = WorkerOptions::default()
            .pg_pool(self.jobs_pool.clone())
            .schema(SCHEMA)
            .concurrency(AT_ONCE)
            .poll_interval(Duration::from_secs(2))
            .define_job::<TenantJob>()
            .define_job::<PlanJobs>()
            .add_extension(hands)
            .worker_recovery(recovery)
            .listen_os_shutdown_signals(false)
            .shutdown_grace_period(GRACE)
            .shutdown_interrupted_job_retry_delay(Duration::from_secs(1))
            .shutdown_signal(stopped);
        let options = if pace.is_scheduled {
            options.with_cron(Cron::every_minute::<PlanJobs>().max_attempts(1))
        } else {
            options
        };
        let worker = options.init().await.map_err(|error| StoreError::Queue(error.to_string()))?;
        worker.run().await.map_err(|error| StoreError::Queue(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_schedule_puts_into_the_queue_is_understood() {
        assert!(serde_json::from_value::<PlanJobs>(serde_json::Value::Null).is_ok());
    }
}
