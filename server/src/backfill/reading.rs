//! Reading lists page by page; each page's events and the cursor behind it in one transaction.

use std::collections::BTreeSet;

use domain::backfill::{RunState, Subject};
use domain::ids::BackfillId;
use domain::tenant::Tenant;
use jiff::Timestamp;
use store::backfills::{Cursor, NewLookup};

use super::lists::{self, Page, Window};
use super::{BackfillError, Backfills};
use crate::stripe::client::{StripeClient, StripeError};
use crate::stripe::looked_up::{Found, Look};

/// How often a list is begun anew when the object to go on after is gone.
const MOST_RESTARTS: i32 = 20;

/// Hears how far a run has come.
pub trait Progress: Send + Sync {
    /// A page of a list was stored.
    fn page(&self, cursor: &Cursor);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn page(&self, _cursor: &Cursor) {}
}

/// One run's reading of one account.
pub(super) struct Reading<'a> {
    pub(super) backfills: &'a Backfills,
    pub(super) client: &'a StripeClient,
    pub(super) tenant: &'a Tenant,
    pub(super) run: BackfillId,
    pub(super) window: Window,
    pub(super) progress: &'a dyn Progress,
}

/// What Stripe answered, and when it was asked.
struct Answer {
    looked_at: Timestamp,
    page: Result<Page, StripeError>,
}

/// The ids of the newest page, by which objects are told that come again on the next.
#[derive(Default)]
struct Recent(BTreeSet<String>);

impl Recent {
    /// Leaves out what the page before held, and what this one holds twice.
    fn only_new(&mut self, found: Vec<Found>) -> Vec<Found> {
        let mut ids = BTreeSet::new();
        let found: Vec<Found> = found
            .into_iter()
            .filter(|found| ids.insert(found.id.clone()) && !self.0.contains(&found.id))
            .collect();
        self.0 = ids;
        found
    }
}

impl Reading<'_> {
    /// Reads every list to its end, from where the run has come to.
    pub(super) async fn everything(&self) -> Result<Vec<Cursor>, BackfillError> {
        let mut work = self.backfills.accounts.store.within(self.tenant.id).await?;
        let known = work.cursors(self.run).await?;
        drop(work);
        let mut cursors = Vec::new();
        for subject in Subject::ALL {
            let cursor = known.iter().find(|cursor| cursor.subject == subject).cloned();
            cursors.push(self.list(cursor.unwrap_or(Cursor::at_the_beginning(subject))).await?);
        }
        Ok(cursors)
    }

    /// Reads a list. The next page is asked for while the one before is stored: Stripe and the database need not wait
    /// for each other, and what counts is still only what is stored with its cursor.
    async fn list(&self, mut cursor: Cursor) -> Result<Cursor, BackfillError> {
        let mut recent = Recent::default();
        let mut ahead: Option<Answer> = None;
        while cursor.state != RunState::Done {
            let Answer { looked_at, page } = match ahead.take() {
                Some(answer) => answer,
                None => self.ask(&cursor).await,
            };
            cursor = match page {
                Ok(page) => {
                    let next = behind(&cursor, &page);
                    let keeping = self.keep(page, &cursor, &mut recent, looked_at);
                    let (kept, answer) = futures::try_join!(keeping, self.ask_on(&next))?;
                    ahead = answer;
                    kept
                }
                Err(StripeError::CursorGone) => {
                    let next = self.begin_anew(&cursor).await?;
                    self.progress.page(&next);
                    next
                }
                Err(error) => return Err(self.stuck(cursor, error).await?),
            };
        }
        Ok(cursor)
    }

    async fn ask(&self, cursor: &Cursor) -> Answer {
        let looked_at = self.backfills.accounts.clock.now();
        Answer { looked_at, page: lists::page(self.client, &self.window, cursor).await }
    }

    /// Asks for what follows, unless that was all.
    async fn ask_on(&self, cursor: &Cursor) -> Result<Option<Answer>, BackfillError> {
        if cursor.state == RunState::Done {
            return Ok(None);
        }
        Ok(Some(self.ask(cursor).await))
    }

    /// Keeps what is new of a page, and moves the cursor behind it.
    async fn keep(
        &self,
        page: Page,
        cursor: &Cursor,
        recent: &mut Recent,
        looked_at: Timestamp,
    ) -> Result<Cursor, BackfillError> {
        let mut next = behind(cursor, &page);
        let found = recent.only_new(page.found);
        let look = Look { subject: cursor.subject, at: looked_at, livemode: self.window.livemode };
        let mut work = self.backfills.accounts.store.within(self.tenant.id).await?;
        let ids: Vec<String> = found.iter().map(|found| found.id.clone()).collect();
        let known = work.lookups(&ids).await?;
        let new: Vec<NewLookup> = found
            .iter()
            .filter_map(|found| {
                let known = known.get(&found.id);
                let is_same = known.is_some_and(|known| known.content_hash == found.content_hash);
                (!is_same).then(|| lookup(found, &look, known.map_or(1, |known| known.states + 1)))
            })
            .collect();
        next.found += counted(found.len());
        next.stored += counted(new.len());
        work.lookups_keep(&new, looked_at).await?;
        if !work.cursor_put(self.run, &next, looked_at).await? {
            return Err(BackfillError::Stopped);
        }
        work.commit().await?;
        self.backfills.applier.wake();
        self.backfills.applier.announce(self.tenant.id);
        self.progress.page(&next);
        Ok(next)
    }

    /// Lists come newest first, so what is left was made no later than the oldest that was seen.
    async fn begin_anew(&self, cursor: &Cursor) -> Result<Cursor, BackfillError> {
        if cursor.restarts >= MOST_RESTARTS {
            return Err(BackfillError::Restless(cursor.subject.name()));
        }
        let next = Cursor {
            starting_after: None,
            before: cursor.seen_down_to,
            restarts: cursor.restarts + 1,
            ..cursor.clone()
        };
        self.put(&next).await?;
        Ok(next)
    }

    /// Writes down at which list a run failed.
    async fn stuck(&self, cursor: Cursor, error: StripeError) -> Result<BackfillError, BackfillError> {
        let problem = Some(error.to_string());
        self.put(&Cursor { state: RunState::Failed, problem, ..cursor }).await?;
        Ok(error.into())
    }

    async fn put(&self, cursor: &Cursor) -> Result<(), BackfillError> {
        let mut work = self.backfills.accounts.store.within(self.tenant.id).await?;
        if !work.cursor_put(self.run, cursor, self.backfills.accounts.clock.now()).await? {
            return Err(BackfillError::Stopped);
        }
        Ok(work.commit().await?)
    }
}

fn lookup(found: &Found, look: &Look, states: i32) -> NewLookup {
    let (event, body) = found.event(look, states);
    NewLookup { object: found.id.clone(), content_hash: found.content_hash.clone(), states, event, body }
}

/// The cursor behind a page, before anything of it is counted.
fn behind(cursor: &Cursor, page: &Page) -> Cursor {
    let oldest = page.found.iter().filter_map(|found| found.made_at).min();
    Cursor {
        starting_after: page.found.last().map(|found| found.id.clone()).or(cursor.starting_after.clone()),
        seen_down_to: oldest.or(cursor.seen_down_to),
        pages: cursor.pages + 1,
        state: if page.has_more { RunState::Running } else { RunState::Done },
        problem: None,
        ..cursor.clone()
    }
}

fn counted(many: usize) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}
