//! What the page of jobs is answered.

use app::jobs::{JobLine, JobsPage, JobsQuestion};
use app::port::AskError;
use domain::access::Viewer;
use store::jobs::StoredJob;

use super::unanswered;
use crate::desk::ours;
use crate::jobs::{Jobs, JobsAsked};

/// The newest jobs.
pub(super) async fn answer(
    jobs: &Jobs,
    viewer: &Viewer,
    question: JobsQuestion,
) -> Result<JobsPage, AskError> {
    let asked = JobsAsked { state: question.state.clone(), kind: None };
    let lines = jobs.jobs(viewer, &asked).await.map_err(unanswered)?;
    let mut work = jobs.store.within(viewer.tenant).await.map_err(ours)?;
    Ok(JobsPage {
        tenant: work.tenant().await.map_err(ours)?,
        state: question.state.as_deref().and_then(|word| word.parse().ok()),
        lines: lines.into_iter().map(line).collect(),
    })
}

fn line(job: StoredJob) -> JobLine {
    JobLine {
        id: job.id,
        kind: job.kind,
        subject: job.subject,
        state: job.state,
        attempts: job.attempts,
        next_run_at: job.next_run_at,
        started_at: job.started_at,
        ended_at: job.ended_at,
        last_error: job.last_error,
        paused: job.paused,
    }
}
