//! Runs: begun, gone on with, stopped; one of a tenant's at a time.

use std::time::Duration;

use domain::access::Actor;
use domain::audit::Deed;
use domain::backfill::RunState;
use domain::ids::{AuditId, BackfillId};
use domain::tenant::Tenant;
use jiff::SignedDuration;
use store::StoreError;
use store::audit_log::NewAudit;
use store::backfills::{Backfill, BackfillLock, Cursor, NewBackfill};

use super::lists::Window;
use super::reading::Reading;
use super::{Asked, BackfillError, Backfills, Comparison, Progress, Summary, comparison};
use crate::accounts::{Sender, name_of};
use crate::chance::new_id;

/// How long an unfinished run is gone on with when the same is asked for again.
const UNFINISHED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The longest reason that is kept.
const LONGEST_PROBLEM: usize = 1_000;

/// How long events are waited for that somebody else is applying.
const APPLYING: Duration = Duration::from_millis(200);

/// Who has the past read, or stops it.
#[derive(Clone, Debug)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// From where.
    pub sender: Sender,
}

impl By {
    /// Whoever may run commands on the machine.
    #[must_use]
    pub fn command_line() -> Self {
        Self { actor: Actor::CommandLine, sender: Sender::default() }
    }

    fn name(&self) -> String {
        name_of(&self.actor)
    }

    fn line(&self, deed: Deed, asked: &str) -> NewAudit {
        NewAudit {
            id: AuditId(new_id()),
            actor: self.actor.clone(),
            deed,
            target: Some("Stripe".to_owned()),
            details: [("asked".to_owned(), asked.to_owned())].into(),
            address: self.sender.address.map(|address| address.to_string()),
        }
    }
}

impl Backfills {
    /// Reads a part of a tenant's past to its end; goes on with an unfinished run of the same.
    pub async fn run(
        &self,
        tenant: &Tenant,
        asked: &Asked,
        by: &By,
        progress: &dyn Progress,
    ) -> Result<Summary, BackfillError> {
        let lock = self.accounts.store.backfill_lock(tenant.id).await?.ok_or(BackfillError::Busy)?;
        let run = self.begin(tenant, asked, by).await?;
        self.carry_out(tenant, &run, lock, progress).await
    }

    /// Goes on with the run that is under way, unless somebody else does; `None` when there is none.
    pub async fn go_on(
        &self,
        tenant: &Tenant,
        progress: &dyn Progress,
    ) -> Result<Option<Summary>, BackfillError> {
        let Some(lock) = self.accounts.store.backfill_lock(tenant.id).await? else { return Ok(None) };
        let newest = self.accounts.store.within(tenant.id).await?.backfills(1).await?.into_iter().next();
        let Some(run) = newest.filter(|run| run.state == RunState::Running) else { return Ok(None) };
        self.carry_out(tenant, &run, lock, progress).await.map(Some)
    }

    /// Begins a run, or takes up the newest if it is an unfinished one of the same.
    pub(super) async fn begin(
        &self,
        tenant: &Tenant,
        asked: &Asked,
        by: &By,
    ) -> Result<Backfill, BackfillError> {
        let now = self.accounts.clock.now();
        let mut work = self.accounts.store.within(tenant.id).await?;
        let newest = work.backfills(1).await?.into_iter().next();
        let unfinished = newest.filter(|run| run.state != RunState::Done);
        let same = unfinished
            .as_ref()
            .filter(|run| run.asked == asked.words && now.duration_since(run.started_at) < UNFINISHED_FOR);
        if let Some(run) = same {
            work.backfill_set_state(run.id, RunState::Running, None, now).await?;
        } else {
            if let Some(left) = unfinished.filter(|run| run.state == RunState::Running) {
                work.backfill_set_state(left.id, RunState::Paused, None, now).await?;
            }
            let Asked { words, from, to } = asked.clone();
            let id = BackfillId(new_id());
            let new = NewBackfill { id, asked: words, from, to, started_by: by.name() };
            work.backfill_insert(&new, now).await?;
        }
        let line = by.line(Deed::BackfillStarted, &asked.words);
        work.audit(&line, now).await?;
        let run = work.backfills(1).await?.into_iter().next();
        work.commit().await?;
        run.ok_or(BackfillError::Stopped)
    }

    /// Stops the run that is under way; `false` when there is none.
    pub async fn pause(&self, tenant: &Tenant, by: &By) -> Result<bool, StoreError> {
        let now = self.accounts.clock.now();
        let mut work = self.accounts.store.within(tenant.id).await?;
        let newest = work.backfills(1).await?.into_iter().next();
        let Some(run) = newest.filter(|run| run.state == RunState::Running) else { return Ok(false) };
        work.backfill_set_state(run.id, RunState::Paused, None, now).await?;
        work.audit(&by.line(Deed::BackfillPaused, &run.asked), now).await?;
        work.commit().await?;
        Ok(true)
    }

    async fn carry_out(
        &self,
        tenant: &Tenant,
        run: &Backfill,
        lock: BackfillLock,
        progress: &dyn Progress,
    ) -> Result<Summary, BackfillError> {
        let outcome = self.read_and_compare(tenant, run, progress).await;
        match &outcome {
            Ok(summary) => {
                self.compared(tenant, run, &summary.comparison).await?;
                self.end(tenant, run, RunState::Done, None).await?;
            }
            // Whoever stopped it has said so.
            Err(BackfillError::Stopped) => {}
            // The database itself may be away: the run stays under way, and is gone on with.
            Err(BackfillError::Store(_)) => {}
            Err(error) => self.end(tenant, run, RunState::Failed, Some(&error.to_string())).await?,
        }
        if let Err(error) = &outcome
            && error.is_about_the_key()
        {
            self.broken(tenant, &shortened(&error.to_string())).await?;
        }
        lock.release().await?;
        self.applier.announce(tenant.id);
        outcome
    }

    async fn read_and_compare(
        &self,
        tenant: &Tenant,
        run: &Backfill,
        progress: &dyn Progress,
    ) -> Result<Summary, BackfillError> {
        let (client, livemode) = self.client_of(tenant).await?;
        let examined = self.examine(tenant, &client, livemode).await?;
        self.connected(tenant, &examined.account).await?;
        let window = Window { from: run.from, to: run.to, livemode };
        let reading = Reading { backfills: self, client: &client, tenant, run: run.id, window, progress };
        let cursors = reading.everything().await?;
        if examined.has_any && found(&cursors) == 0 {
            return Err(BackfillError::NothingFound);
        }
        self.book(tenant).await?;
        let comparison = comparison::compare(self, tenant, &client, &window).await?;
        let errors = self.accounts.store.within(tenant.id).await?.lookups_dead(run.started_at).await?;
        Ok(Summary { run: run.clone(), cursors, errors, comparison })
    }

    /// Has everything booked that waits, also when somebody else is at it.
    async fn book(&self, tenant: &Tenant) -> Result<(), StoreError> {
        self.applier.apply_all().await?;
        for _ in 0..50 {
            let waiting = self.accounts.store.tenants_with_pending_events().await?;
            if !waiting.contains(&tenant.id) {
                break;
            }
            tokio::time::sleep(APPLYING).await;
            self.applier.apply_all().await?;
        }
        Ok(())
    }

    async fn compared(
        &self,
        tenant: &Tenant,
        run: &Backfill,
        comparison: &Comparison,
    ) -> Result<(), StoreError> {
        let mut work = self.accounts.store.within(tenant.id).await?;
        work.backfill_compared(run.id, comparison.to_string().trim_end()).await?;
        work.commit().await
    }

    async fn end(
        &self,
        tenant: &Tenant,
        run: &Backfill,
        state: RunState,
        problem: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut work = self.accounts.store.within(tenant.id).await?;
        let problem = problem.map(shortened);
        work.backfill_set_state(run.id, state, problem.as_deref(), self.accounts.clock.now()).await?;
        work.commit().await
    }
}

fn found(cursors: &[Cursor]) -> i64 {
    cursors.iter().map(|cursor| cursor.found).sum()
}

fn shortened(problem: &str) -> String {
    problem.chars().take(LONGEST_PROBLEM).collect()
}
