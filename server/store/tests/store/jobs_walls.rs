//! Jobs of a tenant are neither seen, changed nor put into the queue within another.

use domain::ids::JobId;
use domain::job::{JobKind, JobState};
use jiff::SignedDuration;
use sqlx::PgPool;
use store::jobs::{Beginning, Ending, NewJob};

use crate::support::{World, jobs, later, now};
use crate::walls::{hash_id, rows_of};

const SOON: SignedDuration = SignedDuration::ZERO;

/// What is in the queue: the keys of its entries, and how often each was tried.
async fn queue(pool: &PgPool) -> Vec<(Option<String>, i16)> {
    sqlx::query_as("select key, attempts from job_queue._private_jobs order by key")
        .fetch_all(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn our_jobs_are_neither_seen_nor_changed_within_another_tenant() {
    let world = World::create().await;
    let (store, ours, theirs) = (world.store(), &world.ours, &world.theirs);
    let (before, queued) = (rows_of(&world.database.pool, ours).await, queue(&world.database.pool).await);
    let mut work = store.within(theirs.id()).await.unwrap();
    assert_eq!(work.job(ours.job).await.unwrap(), None);
    assert_eq!(work.job_begin(ours.job, 1, now()).await.unwrap(), Beginning::NotNow);
    work.job_end(ours.job, &Ending::Done { next_run_at: None }, now()).await.unwrap();
    work.job_pause(ours.job, "somebody", now()).await.unwrap();
    work.job_resume(ours.job).await.unwrap();
    let listed = work.jobs(None, Some(JobKind::EvaluateAlerts), 99).await.unwrap();
    assert_eq!(listed.iter().map(|job| job.id).collect::<Vec<_>>(), [theirs.job]);
    assert_eq!(work.jobs(Some(JobState::Done), None, 99).await.unwrap(), []);
    assert_eq!(work.jobs_due(&JobKind::ALL, later(600)).await.unwrap(), [], "it is in the queue");
    assert!(!work.job_insert(&jobs::job(theirs), now()).await.unwrap(), "one of a kind and subject");
    assert_eq!(work.jobs_forget(later(600)).await.unwrap(), 0);
    work.commit().await.unwrap();
    assert_eq!(rows_of(&world.database.pool, ours).await, before);
    assert_eq!(queue(&world.database.pool).await, queued);
}

#[tokio::test]
async fn whose_job_is_put_into_the_queue_says_the_transaction_and_nobody_else() {
    let world = World::create().await;
    let (ours, theirs) = (&world.ours, &world.theirs);
    let mut work = world.store().within(theirs.id()).await.unwrap();
    work.job_queue(ours.job, JobKind::EvaluateAlerts, SOON, now()).await.unwrap();
    work.commit().await.unwrap();
    let keys: Vec<String> =
        queue(&world.database.pool).await.into_iter().filter_map(|(key, _)| key).collect();
    let expected = |side: &crate::support::Side, job: JobId| format!("{} {job}", side.id());
    assert!(keys.contains(&expected(theirs, ours.job)), "it is an entry of theirs, and there is no such job");
    assert_eq!(keys.iter().filter(|key| key.starts_with(&ours.id().to_string())).count(), 1);
    let refused = sqlx::query("select job_queue.put_job($1, '0 s', 3)")
        .bind(ours.job.0)
        .execute(&world.database.pool)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("names none"), "{refused}");
}

#[tokio::test]
async fn a_job_that_is_not_committed_is_in_no_queue_and_one_put_there_twice_is_there_once() {
    let world = World::create().await;
    let ours = &world.ours;
    let before = queue(&world.database.pool).await;
    let new = NewJob { id: JobId(hash_id("new")), kind: JobKind::PerformAction, subject: "x".to_owned() };
    let mut work = world.store().within(ours.id()).await.unwrap();
    work.job_insert(&new, now()).await.unwrap();
    work.job_queue(new.id, new.kind, SOON, now()).await.unwrap();
    drop(work);
    assert_eq!(queue(&world.database.pool).await, before, "undone with the rest of the transaction");
    let mut work = world.store().within(ours.id()).await.unwrap();
    work.job_insert(&new, now()).await.unwrap();
    for _ in 0..3 {
        work.job_queue(new.id, new.kind, SOON, now()).await.unwrap();
    }
    work.commit().await.unwrap();
    assert_eq!(queue(&world.database.pool).await.len(), before.len() + 1);
}

#[tokio::test]
async fn a_job_goes_through_its_life_and_is_due_when_its_time_has_come() {
    let world = World::create().await;
    let ours = &world.ours;
    let mut work = world.store().within(ours.id()).await.unwrap();
    let Beginning::Begun(begun) = work.job_begin(ours.job, 2, later(1)).await.unwrap() else {
        panic!("it begins")
    };
    assert_eq!((begun.state, begun.attempts, begun.started_at), (JobState::Running, 2, Some(later(1))));
    let failed = Ending::Failed { error: "no".to_owned(), next_run_at: later(3) };
    work.job_end(ours.job, &failed, later(2)).await.unwrap();
    let job = work.job(ours.job).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempts, job.next_run_at), (JobState::Waiting, 2, Some(later(3))));
    assert_eq!(job.last_error.as_deref(), Some("no"));
    work.job_begin(ours.job, 3, later(3)).await.unwrap();
    work.job_end(ours.job, &Ending::Done { next_run_at: Some(later(10)) }, later(4)).await.unwrap();
    let job = work.job(ours.job).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempts, job.ended_at), (JobState::Done, 0, Some(later(4))));
    assert_eq!(job.last_error, None);
    assert_eq!(work.jobs_due(&[job.kind], later(9)).await.unwrap(), []);
    assert_eq!(work.jobs_due(&[job.kind], later(10)).await.unwrap().len(), 1);
    assert_eq!(work.jobs_due(&[JobKind::PerformAction], later(10)).await.unwrap(), []);
    work.job_pause(ours.job, "ada@example.com", later(11)).await.unwrap();
    assert_eq!(work.jobs_due(&[job.kind], later(12)).await.unwrap(), [], "not while it is paused");
    assert_eq!(work.job_begin(ours.job, 1, later(12)).await.unwrap(), Beginning::NotNow);
    work.job_resume(ours.job).await.unwrap();
    assert_eq!(work.jobs_due(&[job.kind], later(12)).await.unwrap().len(), 1);
    assert_eq!(work.jobs_forget(later(600)).await.unwrap(), 0, "it is done again");
}

#[tokio::test]
async fn of_a_tenant_so_many_run_at_once_and_the_others_wait_their_turn() {
    let world = World::create().await;
    let mut work = world.store().within(world.ours.id()).await.unwrap();
    let mut begun = Vec::new();
    for number in 0..6 {
        let id = JobId(hash_id(&format!("job {number}")));
        let new = NewJob { id, kind: JobKind::PerformAction, subject: format!("{number}") };
        work.job_insert(&new, now()).await.unwrap();
        begun.push(matches!(work.job_begin(id, 1, now()).await.unwrap(), Beginning::Begun(_)));
    }
    assert_eq!(begun, [true, true, true, true, false, false]);
    let first = JobId(hash_id("job 0"));
    work.job_end(first, &Ending::Done { next_run_at: None }, now()).await.unwrap();
    let fifth = JobId(hash_id("job 4"));
    assert!(matches!(work.job_begin(fifth, 1, now()).await.unwrap(), Beginning::Begun(_)));
    let lost = later(16);
    let sixth = JobId(hash_id("job 5"));
    assert!(
        matches!(work.job_begin(sixth, 1, lost).await.unwrap(), Beginning::Begun(_)),
        "killed ones do not count"
    );
    work.commit().await.unwrap();
    let mut work = world.store().within(world.theirs.id()).await.unwrap();
    assert!(
        matches!(work.job_begin(world.theirs.job, 1, now()).await.unwrap(), Beginning::Begun(_)),
        "nor do ours"
    );
}
