//! One attempt at a job: begun unless it is to wait, carried out within its time, and what it came to written down.

use domain::connection::{InvalidTool, Tool};
use domain::ids::TenantId;
use domain::job::{JobKind, pause_after};
use jiff::Timestamp;
use store::StoreError;
use store::job_queue::Call;
use store::jobs::{Beginning, Ending, StoredJob};

use super::Jobs;
use crate::alerts::Look;
use crate::connections::SyncError;

impl Jobs {
    /// Does one attempt; an error has it tried again later, unless it was the last.
    pub async fn attempt(&self, call: Call) -> Result<(), String> {
        let Some(job) = self.begin(call).await.map_err(|error| error.to_string())? else { return Ok(()) };
        let outcome = self.carry_out_in_time(call, &job).await;
        let ending = ending(&job, &outcome, call.is_last, self.clock.now());
        self.end(call, &ending).await.map_err(|error| error.to_string())?;
        outcome
    }

    async fn begin(&self, call: Call) -> Result<Option<StoredJob>, StoreError> {
        let mut work = self.store.within(call.tenant).await?;
        let beginning = work.job_begin(call.job, call.attempt, self.clock.now()).await?;
        work.commit().await?;
        Ok(match beginning {
            Beginning::Begun(job) => Some(job),
            Beginning::NotNow | Beginning::Crowded => None,
        })
    }

    async fn carry_out_in_time(&self, call: Call, job: &StoredJob) -> Result<(), String> {
        let limit = job.kind.time_limit();
        match tokio::time::timeout(limit, self.carry_out(call, job)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("it was not done within {} seconds", limit.as_secs())),
        }
    }

    async fn carry_out(&self, call: Call, job: &StoredJob) -> Result<(), String> {
        match job.kind {
            JobKind::EvaluateAlerts => {
                let looked = self.alerts.look_at(call.tenant, Look::Thorough, &self.applier).await;
                looked.map_err(|error| error.to_string())
            }
            JobKind::SyncConnection => self.sync(call.tenant, &job.subject).await,
            JobKind::PerformAction => {
                let outcome = self.actions.perform(call.tenant, &job.subject, call.is_last).await;
                self.applier.announce(call.tenant);
                outcome
            }
        }
    }

    /// Reads a tool. That somebody else reads it, or that it was disconnected meanwhile, is no failure.
    async fn sync(&self, tenant: TenantId, subject: &str) -> Result<(), String> {
        let tool: Tool = subject.parse().map_err(|wrong: InvalidTool| wrong.to_string())?;
        let outcome = self.connections.sync_one(tenant, tool, "schedule").await;
        self.applier.announce(tenant);
        match outcome {
            Ok(_) | Err(SyncError::Busy | SyncError::Ended | SyncError::Disconnected(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn end(&self, call: Call, ending: &Ending) -> Result<(), StoreError> {
        let mut work = self.store.within(call.tenant).await?;
        work.job_end(call.job, ending, self.clock.now()).await?;
        work.commit().await
    }
}

/// What an attempt came to, and when the next one is.
fn ending(job: &StoredJob, outcome: &Result<(), String>, is_last: bool, now: Timestamp) -> Ending {
    let scheduled = job.kind.every().map(|every| now.saturating_add(every).unwrap_or(now));
    match outcome {
        Ok(()) => Ending::Done { next_run_at: scheduled },
        Err(error) if is_last => Ending::GivenUp { error: error.clone(), next_run_at: scheduled },
        Err(error) => {
            let next_run_at = now.saturating_add(pause_after(job.attempts)).unwrap_or(now);
            Ending::Failed { error: error.clone(), next_run_at }
        }
    }
}
