//! One attempt at a job: begun unless it is to wait, carried out within its time, and what it came to written down.

use connectors::Failure;
use domain::connection::{InvalidTool, Tool};
use domain::ids::TenantId;
use domain::job::{JobKind, pause_after};
use jiff::{SignedDuration, Timestamp};
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
        match ending {
            // It stands in the queue again, for its own time.
            Ending::Postponed { .. } => Ok(()),
            _ => outcome.map_err(|setback| setback.words),
        }
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

    async fn carry_out_in_time(&self, call: Call, job: &StoredJob) -> Result<(), Setback> {
        let limit = job.kind.time_limit();
        match tokio::time::timeout(limit, self.carry_out(call, job)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Setback::of(format!("it was not done within {} seconds", limit.as_secs()))),
        }
    }

    async fn carry_out(&self, call: Call, job: &StoredJob) -> Result<(), Setback> {
        match job.kind {
            JobKind::EvaluateAlerts => {
                let looked = self.alerts.look_at(call.tenant, Look::Thorough, &self.applier).await;
                looked.map_err(|error| Setback::of(error.to_string()))
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
    async fn sync(&self, tenant: TenantId, subject: &str) -> Result<(), Setback> {
        let tool: Tool = subject.parse().map_err(|wrong: InvalidTool| Setback::of(wrong.to_string()))?;
        let outcome = self.connections.sync_one(tenant, tool, "schedule").await;
        self.applier.announce(tenant);
        match outcome {
            Ok(_) | Err(SyncError::Busy | SyncError::Ended | SyncError::Disconnected(_)) => Ok(()),
            Err(SyncError::Tool(failure)) => Err(Setback::by(&failure)),
            Err(error) => Err(Setback::of(error.to_string())),
        }
    }

    async fn end(&self, call: Call, ending: &Ending) -> Result<(), StoreError> {
        let mut work = self.store.within(call.tenant).await?;
        work.job_end(call.job, ending, self.clock.now()).await?;
        work.commit().await
    }
}

/// Why an attempt failed, and for how long there is not to be another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setback {
    words: String,
    wait: SignedDuration,
}

impl Setback {
    /// Something that failed, and may be tried again at any time.
    pub(crate) const fn of(words: String) -> Self {
        Self { words, wait: SignedDuration::ZERO }
    }

    /// Why.
    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    /// The one after which it is waited for longest.
    pub(crate) fn longest(setbacks: impl IntoIterator<Item = Self>) -> Self {
        let longest = setbacks.into_iter().max_by_key(|setback| setback.wait);
        longest.unwrap_or_else(|| Self::of(String::new()))
    }

    /// Something that a tool did not do, which may want to be left alone.
    pub(crate) fn by(failure: &Failure) -> Self {
        let wait = SignedDuration::try_from(failure.wait()).unwrap_or(SignedDuration::MAX);
        Self { words: failure.to_string(), wait }
    }
}

/// What an attempt came to, and when the next one is: never before a tool wants to be asked again.
fn ending(job: &StoredJob, outcome: &Result<(), Setback>, is_last: bool, now: Timestamp) -> Ending {
    let every = job.kind.every();
    let scheduled = every.map(|every| now.saturating_add(every).unwrap_or(now));
    let Err(Setback { words, wait }) = outcome else { return Ending::Done { next_run_at: scheduled } };
    let (error, pause) = (words.clone(), pause_after(job.attempts));
    let next = if is_last { every } else { Some(pause) };
    if next.is_some_and(|next| *wait > next) {
        return Ending::Postponed { error, kind: job.kind, delay: *wait };
    }
    if is_last {
        return Ending::GivenUp { error, next_run_at: scheduled };
    }
    Ending::Failed { error, next_run_at: now.saturating_add(pause).unwrap_or(now) }
}
