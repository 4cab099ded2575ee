//! What people do about jobs: look at them, have one tried now, pause one and let it go on.

use domain::access::{Permission, Viewer};
use domain::audit::Deed;
use domain::ids::JobId;
use domain::job::{JobKind, JobState};
use jiff::SignedDuration;
use store::jobs::StoredJob;

use super::Jobs;
use crate::accounts::{Refusal, Sender, about, deed, name_of, saying};

/// How many jobs are listed at most.
const MOST: i64 = 200;

/// Which jobs are asked for, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobsAsked {
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those of this kind.
    pub kind: Option<String>,
}

/// What somebody wants of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steering {
    /// To try it now.
    Retry,
    /// Not to run it.
    Pause,
    /// To run it again.
    Resume,
}

impl Jobs {
    /// The newest jobs of a tenant.
    pub async fn jobs(&self, viewer: &Viewer, asked: &JobsAsked) -> Result<Vec<StoredJob>, Refusal> {
        viewer.require(Permission::EditSettings)?;
        let state = asked.state.as_deref().map(str::parse::<JobState>).transpose();
        let state = state.map_err(|wrong| Refusal::field("state", wrong.to_string()))?;
        let kind = asked.kind.as_deref().map(str::parse::<JobKind>).transpose();
        let kind = kind.map_err(|wrong| Refusal::field("kind", wrong.to_string()))?;
        let mut work = self.store.within(viewer.tenant).await?;
        Ok(work.jobs(state, kind, MOST).await?)
    }

    /// Does what somebody wants of a job, and says how it stands then.
    pub async fn steer(
        &self,
        viewer: &Viewer,
        id: &str,
        steering: Steering,
        sender: &Sender,
    ) -> Result<StoredJob, Refusal> {
        viewer.require(Permission::EditSettings)?;
        let id: JobId = id.parse().map_err(|_| Refusal::NotFound)?;
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        let job = work.job(id).await?.ok_or(Refusal::NotFound)?;
        let is_running = job.is_running(now);
        let Some(done) = what_is_done(&job, steering, is_running)? else { return Ok(job) };
        match steering {
            Steering::Pause => work.job_pause(id, &name_of(&viewer.actor), now).await?,
            Steering::Resume => {
                work.job_resume(id).await?;
                // What was in the queue was taken out of it, and what was killed is in none.
                if matches!(job.state, JobState::Waiting | JobState::Running) && !is_running {
                    work.job_queue(id, job.kind, SignedDuration::ZERO, now).await?;
                }
            }
            Steering::Retry => work.job_queue(id, job.kind, SignedDuration::ZERO, now).await?,
        }
        let line = about(deed(viewer.actor.clone(), done, sender), job.kind.word());
        work.audit(&saying(line, [("subject", job.subject)]), now).await?;
        let after = work.job(id).await?.ok_or(Refusal::NotFound)?;
        work.commit().await?;
        Ok(after)
    }
}

/// The deed it is written down as; none when the job stands so already.
fn what_is_done(job: &StoredJob, steering: Steering, is_running: bool) -> Result<Option<Deed>, Refusal> {
    let conflict = |why: &str| Err(Refusal::Conflict(why.to_owned()));
    match (steering, job.paused.is_some()) {
        (Steering::Pause, true) | (Steering::Resume, false) => Ok(None),
        (Steering::Pause, false) => Ok(Some(Deed::JobPaused)),
        (Steering::Resume, true) => Ok(Some(Deed::JobResumed)),
        (Steering::Retry, true) => conflict("this job is paused: let it go on first"),
        (Steering::Retry, false) if is_running => conflict("this job is running: see what comes of it first"),
        (Steering::Retry, false) => Ok(Some(Deed::JobRetried)),
    }
}
