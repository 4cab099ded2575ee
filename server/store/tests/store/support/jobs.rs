//! A job of a tenant, put into the queue.

use domain::job::JobKind;
use jiff::SignedDuration;
use store::Store;
use store::jobs::NewJob;

use super::{Side, now};

/// Puts a job into the queue, an hour from now.
pub(super) async fn fill(store: &Store, side: &Side) {
    let mut work = store.within(side.id()).await.unwrap();
    assert!(work.job_insert(&job(side), now()).await.unwrap());
    work.job_queue(side.job, JobKind::EvaluateAlerts, SignedDuration::from_hours(1), now()).await.unwrap();
    work.commit().await.unwrap();
}

pub fn job(side: &Side) -> NewJob {
    NewJob { id: side.job, kind: JobKind::EvaluateAlerts, subject: "figures".to_owned() }
}
