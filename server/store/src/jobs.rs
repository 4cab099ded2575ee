//! Jobs of a tenant: what is done later, again, or on schedule, and how each stands.
//!
//! What is put into the queue is put there by the transaction that wants it done. Who works the queue off:
//! [`job_queue`](crate::job_queue).

use domain::ids::JobId;
use domain::job::{JobKind, JobState};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// A job as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredJob {
    /// Its id.
    pub id: JobId,
    /// What is done.
    pub kind: JobKind,
    /// What with.
    pub subject: String,
    /// Where it stands.
    pub state: JobState,
    /// How often it was tried since it was last done, or since somebody had it tried again.
    pub attempts: i32,
    /// When it is tried next, as far as is known.
    pub next_run_at: Option<Timestamp>,
    /// When it was last tried.
    pub started_at: Option<Timestamp>,
    /// When it was last done or given up.
    pub ended_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Who paused it, and when.
    pub paused: Option<(String, Timestamp)>,
    /// When it was first put into the queue.
    pub created_at: Timestamp,
}

impl StoredJob {
    /// Whether somebody is at it; one that was killed is not, once it is clear that it was.
    #[must_use]
    pub fn is_running(&self, now: Timestamp) -> bool {
        let lost = now.saturating_sub(LOST_AFTER).unwrap_or(now);
        self.state == JobState::Running && self.started_at.is_some_and(|at| at > lost)
    }
}

/// A job that may not be there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// What is done.
    pub kind: JobKind,
    /// What with.
    pub subject: String,
}

/// Whether an attempt may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// It has begun.
    Begun(StoredJob),
    /// There is no such job any more, or somebody paused it.
    NotNow,
    /// As many of the tenant's run as may.
    Crowded,
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was done; when it is done again, if ever.
    Done {
        /// When it is done again.
        next_run_at: Option<Timestamp>,
    },
    /// It failed and is tried again then.
    Failed {
        /// Why.
        error: String,
        /// When it is tried again.
        next_run_at: Timestamp,
    },
    /// It failed and is not to be tried again before so long.
    Postponed {
        /// Why.
        error: String,
        /// What is done.
        kind: JobKind,
        /// For how long it waits.
        delay: SignedDuration,
    },
    /// It failed too often.
    GivenUp {
        /// Why.
        error: String,
        /// When its schedule has it tried again.
        next_run_at: Option<Timestamp>,
    },
}

/// Of a tenant as many run at once, so that what is slow leaves room for the others.
const AT_ONCE: i64 = 4;

/// Longer than any attempt may take: what has been running for so long was killed and waits to be found.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(15);

struct JobRow {
    id: Uuid,
    kind: String,
    subject: String,
    state: String,
    attempts: i32,
    next_run_at: Option<jiff_sqlx::Timestamp>,
    started_at: Option<jiff_sqlx::Timestamp>,
    ended_at: Option<jiff_sqlx::Timestamp>,
    last_error: Option<String>,
    paused_at: Option<jiff_sqlx::Timestamp>,
    paused_by: Option<String>,
    created_at: jiff_sqlx::Timestamp,
}

impl JobRow {
    fn read(self) -> Result<StoredJob, StoreError> {
        Ok(StoredJob {
            id: JobId(self.id),
            kind: self.kind.parse().map_err(|_| StoreError::unreadable("a kind of job", &self.kind))?,
            subject: self.subject,
            state: self.state.parse().map_err(|_| StoreError::unreadable("a state of a job", &self.state))?,
            attempts: self.attempts,
            next_run_at: self.next_run_at.map(Into::into),
            started_at: self.started_at.map(Into::into),
            ended_at: self.ended_at.map(Into::into),
            last_error: self.last_error,
            paused: self.paused_by.zip(self.paused_at.map(Into::into)),
            created_at: self.created_at.into(),
        })
    }
}

impl TenantWork {
    /// Writes a job down that is to be put into the queue; one of its kind and subject that is there stays.
    pub async fn job_insert(&mut self, job: &NewJob, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            r#"insert into jobs (tenant_id, id, kind, subject, state, created_at) values ($1, $2, $3, $4, 'waiting', $5)
            on conflict do nothing"#,
            self.tenant.0,
            job.id.0,
            job.kind.word(),
            job.subject,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Puts a job into the queue, to be tried after so long. It is there when this transaction commits.
    pub async fn job_queue(
        &mut self,
        job: JobId,
        kind: JobKind,
        delay: SignedDuration,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update jobs set state = 'waiting', attempts = 0, next_run_at = $3 where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            job.0,
            instant(now.saturating_add(delay).unwrap_or(now)) as _,
        )
        .execute(self.connection())
        .await?;
        self.job_put(job, kind, delay).await
    }

    async fn job_put(&mut self, job: JobId, kind: JobKind, delay: SignedDuration) -> Result<(), StoreError> {
        let seconds = i32::try_from(delay.as_secs()).unwrap_or(i32::MAX);
        sqlx::query!(
            r#"select job_queue.put_job($1, $2 * interval '1 second', $3)::text as put"#,
            job.0,
            f64::from(seconds),
            kind.most_attempts(),
        )
        .fetch_one(self.connection())
        .await?;
        Ok(())
    }

    /// Begins an attempt, unless it is to wait. One that is crowded out is put into the queue again.
    pub async fn job_begin(
        &mut self,
        job: JobId,
        attempt: i32,
        now: Timestamp,
    ) -> Result<Beginning, StoreError> {
        sqlx::query!(
            r#"select pg_advisory_xact_lock(hashtextextended('jobs ' || $1::text, 0))::text as done"#,
            self.tenant.to_string(),
        )
        .fetch_one(self.connection())
        .await?;
        let Some(found) = self.job(job).await?.filter(|job| job.paused.is_none()) else {
            return Ok(Beginning::NotNow);
        };
        if self.jobs_running(job, now).await? >= AT_ONCE {
            self.job_put(job, found.kind, SignedDuration::from_secs(2)).await?;
            return Ok(Beginning::Crowded);
        }
        sqlx::query!(
            r#"update jobs set state = 'running', attempts = $3, started_at = $4, next_run_at = null
            where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            job.0,
            attempt,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(Beginning::Begun(StoredJob {
            state: JobState::Running,
            attempts: attempt,
            started_at: Some(now),
            next_run_at: None,
            ..found
        }))
    }

    /// How many others of the tenant run.
    async fn jobs_running(&mut self, but: JobId, now: Timestamp) -> Result<i64, StoreError> {
        let lost = now.saturating_sub(LOST_AFTER).unwrap_or(now);
        let running = sqlx::query_scalar!(
            r#"select count(*) as "running!" from jobs
            where tenant_id = $1 and id <> $2 and state = 'running' and started_at > $3"#,
            self.tenant.0,
            but.0,
            instant(lost) as _,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(running)
    }

    /// Writes down what an attempt came to. What was put into the queue again meanwhile stays there.
    pub async fn job_end(&mut self, job: JobId, ending: &Ending, now: Timestamp) -> Result<(), StoreError> {
        let (state, error, next) = match ending {
            Ending::Done { next_run_at } => (JobState::Done, None, *next_run_at),
            Ending::Failed { error, next_run_at } => (JobState::Waiting, Some(error), Some(*next_run_at)),
            Ending::Postponed { error, delay, .. } => {
                (JobState::Waiting, Some(error), Some(now.saturating_add(*delay).unwrap_or(now)))
            }
            Ending::GivenUp { error, next_run_at } => (JobState::Failed, Some(error), *next_run_at),
        };
        let has_ended = state != JobState::Waiting;
        let ended = sqlx::query!(
            r#"update jobs set state = $3, last_error = left($4, 2000), next_run_at = $5,
                ended_at = case when $6 then $7 else ended_at end,
                attempts = case when $3 = 'done' then 0 else attempts end
            where tenant_id = $1 and id = $2 and state = 'running'"#,
            self.tenant.0,
            job.0,
            state.word(),
            error,
            next.map(instant) as _,
            has_ended,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        if let Ending::Postponed { kind, delay, .. } = ending
            && ended.rows_affected() == 1
        {
            self.job_put(job, *kind, *delay).await?;
        }
        Ok(())
    }

    /// A job; held until the work is done.
    pub async fn job(&mut self, id: JobId) -> Result<Option<StoredJob>, StoreError> {
        let row = sqlx::query_as!(
            JobRow,
            r#"select id, kind, subject, state, attempts, next_run_at as "next_run_at: jiff_sqlx::Timestamp",
                started_at as "started_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp",
                last_error, paused_at as "paused_at: jiff_sqlx::Timestamp", paused_by,
                created_at as "created_at: jiff_sqlx::Timestamp"
            from jobs where tenant_id = $1 and id = $2 for update"#,
            self.tenant.0,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(JobRow::read).transpose()
    }

    /// The newest jobs, of some state or kind only.
    pub async fn jobs(
        &mut self,
        state: Option<JobState>,
        kind: Option<JobKind>,
        at_most: i64,
    ) -> Result<Vec<StoredJob>, StoreError> {
        let rows = sqlx::query_as!(
            JobRow,
            r#"select id, kind, subject, state, attempts, next_run_at as "next_run_at: jiff_sqlx::Timestamp",
                started_at as "started_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp",
                last_error, paused_at as "paused_at: jiff_sqlx::Timestamp", paused_by,
                created_at as "created_at: jiff_sqlx::Timestamp"
            from jobs
            where tenant_id = $1 and ($2::text is null or state = $2) and ($3::text is null or kind = $3)
            order by coalesce(started_at, created_at) desc, id limit $4"#,
            self.tenant.0,
            state.map(JobState::word),
            kind.map(JobKind::word),
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(JobRow::read).collect()
    }

    /// The jobs of these kinds whose time has come and that are in no queue; held until the work is done.
    pub async fn jobs_due(
        &mut self,
        kinds: &[JobKind],
        now: Timestamp,
    ) -> Result<Vec<StoredJob>, StoreError> {
        let kinds: Vec<String> = kinds.iter().map(JobKind::to_string).collect();
        let rows = sqlx::query_as!(
            JobRow,
            r#"select id, kind, subject, state, attempts, next_run_at as "next_run_at: jiff_sqlx::Timestamp",
                started_at as "started_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp",
                last_error, paused_at as "paused_at: jiff_sqlx::Timestamp", paused_by,
                created_at as "created_at: jiff_sqlx::Timestamp"
            from jobs
            where tenant_id = $1 and kind = any($2) and paused_at is null
                and ((state in ('done', 'failed') and next_run_at <= $3) or (state = 'waiting' and next_run_at is null))
            order by kind, subject for update"#,
            self.tenant.0,
            &kinds,
            instant(now) as _,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(JobRow::read).collect()
    }

    /// Keeps a job from running, whatever its schedule, and takes it out of the queue; one that runs is finished.
    pub async fn job_pause(&mut self, job: JobId, by: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update jobs set paused_at = $3, paused_by = $4 where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            job.0,
            instant(now) as _,
            by,
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(r#"select job_queue.take_job($1)::text as taken"#, job.0)
            .fetch_one(self.connection())
            .await?;
        Ok(())
    }

    /// Lets a job run again.
    pub async fn job_resume(&mut self, job: JobId) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update jobs set paused_at = null, paused_by = null where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            job.0,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets jobs that were over before a moment and have no next time.
    pub async fn jobs_forget(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query!(
            r#"delete from jobs where tenant_id = $1 and state = 'done' and next_run_at is null and ended_at < $2"#,
            self.tenant.0,
            instant(before) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }
}
