//! How much is computed at once: a few answers for everybody, fewer for one tenant. The others wait in line for a
//! moment, each tenant in its own.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::access::Caller;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// How long somebody waits in line at most.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Widths {
    /// Of everybody together.
    pub(crate) at_once: usize,
    /// Of one tenant.
    pub(crate) of_one: usize,
    /// How many more of one tenant wait; who comes after them is sent away.
    pub(crate) waiting: usize,
}

/// Whose questions stand in one line: a tenant's, or a person's who looks at none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Group(Uuid);

impl Group {
    pub(super) fn of(caller: &Caller) -> Self {
        match caller {
            Caller::Key(holder) => Self(holder.tenant.0),
            Caller::Person(person) => Self(person.tenant.map_or(person.user.0, |tenant| tenant.0)),
        }
    }
}

/// Lets through what can be computed at once.
#[derive(Clone, Debug)]
pub struct Turnstile {
    widths: Widths,
    all: Arc<Semaphore>,
    lines: Arc<Mutex<HashMap<Group, Line>>>,
}

/// One tenant's line, for as long as somebody stands in it.
#[derive(Debug)]
struct Line {
    own: Arc<Semaphore>,
    people: usize,
}

/// Too many are in line already, or the line did not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crowded;

/// Somebody's place, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Pass {
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    _place: Place,
}

impl Turnstile {
    /// A turnstile nobody stands at.
    pub(crate) fn new(widths: Widths) -> Self {
        Self { widths, all: Arc::new(Semaphore::new(widths.at_once)), lines: Arc::default() }
    }

    /// Waits until there is room.
    pub(super) async fn enter(&self, group: Group) -> Result<Pass, Crowded> {
        let (place, own) = self.line_up(group)?;
        // One's own first: of each tenant only so many stand where all wait together.
        let passing = async {
            let own = own.acquire_owned().await.ok()?;
            let all = self.all.clone().acquire_owned().await.ok()?;
            Some((own, all))
        };
        match tokio::time::timeout(PATIENCE, passing).await {
            Ok(Some((own, all))) => Ok(Pass { _all: all, _own: own, _place: place }),
            Ok(None) | Err(_) => Err(Crowded),
        }
    }

    fn line_up(&self, group: Group) -> Result<(Place, Arc<Semaphore>), Crowded> {
        let mut lines = lock(&self.lines);
        let line = lines
            .entry(group)
            .or_insert_with(|| Line { own: Arc::new(Semaphore::new(self.widths.of_one)), people: 0 });
        if line.people >= self.widths.of_one + self.widths.waiting {
            return Err(Crowded);
        }
        line.people += 1;
        Ok((Place { lines: self.lines.clone(), group }, line.own.clone()))
    }
}

/// A place in line or inside.
#[derive(Debug)]
struct Place {
    lines: Arc<Mutex<HashMap<Group, Line>>>,
    group: Group,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lines = lock(&self.lines);
        let Entry::Occupied(mut line) = lines.entry(self.group) else { return };
        line.get_mut().people -= 1;
        if line.get().people == 0 {
            line.remove();
        }
    }
}

fn lock(lines: &Mutex<HashMap<Group, Line>>) -> MutexGuard<'_, HashMap<Group, Line>> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    const NARROW: Widths = Widths { at_once: 3, of_one: 2, waiting: 2 };

    fn group(name: &str) -> Group {
        Group(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()))
    }

    #[tokio::test(start_paused = true)]
    async fn of_one_tenant_some_are_let_in_some_wait_and_the_rest_are_sent_away() {
        let turnstile = Turnstile::new(NARROW);
        let first = turnstile.enter(group("a")).await.unwrap();
        let second = turnstile.enter(group("a")).await.unwrap();
        let (mut third, mut fourth) =
            (Box::pin(turnstile.enter(group("a"))), Box::pin(turnstile.enter(group("a"))));
        assert!(third.as_mut().now_or_never().is_none() && fourth.as_mut().now_or_never().is_none());
        assert_eq!(turnstile.enter(group("a")).now_or_never().unwrap().unwrap_err(), Crowded);
        drop(first);
        let third = third.now_or_never().unwrap().unwrap();
        assert!(fourth.as_mut().now_or_never().is_none());
        drop((second, third));
        assert!(fourth.now_or_never().unwrap().is_ok());
        assert!(lock(&turnstile.lines).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_of_one_tenant_does_not_keep_out_another() {
        let turnstile = Turnstile::new(NARROW);
        let first = turnstile.enter(group("a")).await.unwrap();
        let _second = turnstile.enter(group("a")).await.unwrap();
        assert!(turnstile.enter(group("a")).now_or_never().is_none(), "the third of one tenant waits");
        let other = turnstile.enter(group("b")).now_or_never().unwrap().unwrap();
        assert!(turnstile.enter(group("c")).now_or_never().is_none(), "all together are three");
        drop(other);
        drop(turnstile.enter(group("c")).now_or_never().unwrap().unwrap());
        drop(first);
        assert!(turnstile.enter(group("a")).now_or_never().unwrap().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waited_long_enough_is_sent_away_and_leaves_no_trace() {
        let turnstile = Turnstile::new(NARROW);
        let inside = [turnstile.enter(group("a")).await, turnstile.enter(group("a")).await];
        let before = tokio::time::Instant::now();
        assert_eq!(turnstile.enter(group("a")).await.unwrap_err(), Crowded);
        assert_eq!(before.elapsed(), PATIENCE);
        drop(inside);
        assert!(lock(&turnstile.lines).is_empty());
        assert_eq!(turnstile.all.available_permits(), NARROW.at_once);
    }
}
