//! Jobs: what is done later, again when it failed, or on schedule, by whichever program comes first.
//!
//! `domain::job` lists the kinds; [`planning`] puts into the queue what its schedule says, [`running`] does one attempt,
//! [`steering`] is what people do about them. The queue itself is `store::job_queue`.

mod planning;
mod running;
mod steering;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use store::Store;
use store::job_queue::{Hands, Pace};
use tokio::sync::watch;

pub use running::Setback;
pub use steering::{JobsAsked, Steering};

use crate::actions::Actions;
use crate::alerts::Alerts;
use crate::applier::Applier;
use crate::clock::Clock;
use crate::connections::Connections;

/// After how long without a sign of life a program counts as killed: its jobs are tried again.
const LOST_AFTER: Duration = Duration::from_secs(20);

/// How long until the queue is tried again when the database went away.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Over how long jobs that are due at once are spread.
pub const SPREAD: Range<Duration> = Duration::ZERO..Duration::from_secs(30);

/// Who does jobs, and what with.
#[derive(Clone, Debug)]
pub struct Jobs {
    /// Where they are kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// Who looks for what needs somebody.
    pub alerts: Alerts,
    /// Who tells browsers that something changed.
    pub applier: Applier,
    /// How tools are read.
    pub connections: Connections,
    /// Who carries actions out.
    pub actions: Actions,
    /// How long after their time jobs that are due at once are begun: each at some time between.
    pub spread: Range<Duration>,
}

impl Jobs {
    /// Works the queue off until told to stop; then lets jobs that run finish.
    pub async fn work(self, stopping: watch::Receiver<bool>) {
        // Where time stands still, nothing comes due by itself.
        let pace = Pace { is_scheduled: self.clock == Clock::System, lost_after: LOST_AFTER };
        while !*stopping.borrow() {
            let outcome = self.store.work_jobs(self.hands(), pace, stopped(stopping.clone())).await;
            let Err(error) = outcome else { return };
            tracing::error!(%error, "jobs are not worked off");
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    fn hands(&self) -> Hands {
        let (working, planning) = (self.clone(), self.clone());
        Hands {
            work: Arc::new(move |call| {
                let jobs = working.clone();
                Box::pin(async move { jobs.attempt(call).await })
            }),
            plan: Arc::new(move || {
                let jobs = planning.clone();
                Box::pin(async move { jobs.plan().await.map_err(|error| error.to_string()) })
            }),
        }
    }
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // Whoever would say so is gone, and the program with it.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
