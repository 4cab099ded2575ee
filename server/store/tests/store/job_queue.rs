//! The queue as it is worked off: once, again when it failed, by whoever is left when a program was killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::ids::JobId;
use domain::job::JobKind;
use jiff::SignedDuration;
use store::job_queue::{Call, Hands, Pace, Working};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::support::{World, now};

const PACE: Pace = Pace { is_scheduled: false, lost_after: Duration::from_secs(2) };

/// Somebody who works the queue off and tells of each call; fails as often as told.
struct Worker {
    calls: mpsc::UnboundedReceiver<Call>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Worker {
    fn start(world: &World, failures: usize, takes: Duration) -> Self {
        let (told, calls) = mpsc::unbounded_channel();
        let failed = Arc::new(AtomicUsize::new(0));
        let work = move |call| -> Working {
            let (told, failed) = (told.clone(), failed.clone());
            Box::pin(async move {
                told.send(call).unwrap();
                tokio::time::sleep(takes).await;
                if failed.fetch_add(1, Ordering::SeqCst) < failures {
                    return Err("not yet".to_owned());
                }
                Ok(())
            })
        };
        let plan = || -> Working { Box::pin(async { Ok(()) }) };
        let hands = Hands { work: Arc::new(work), plan: Arc::new(plan) };
        let (stop, stopped) = oneshot::channel::<()>();
        let store = world.store().clone();
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            store.work_jobs(hands, PACE, stopped).await.unwrap();
        });
        Self { calls, stop: Some(stop), task }
    }

    async fn call(&mut self) -> Call {
        let call = tokio::time::timeout(Duration::from_secs(20), self.calls.recv()).await;
        call.expect("it is called within twenty seconds").expect("it works")
    }

    async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.task.await.unwrap();
    }
}

async fn put(world: &World, job: JobId) {
    let mut work = world.store().within(world.ours.id()).await.unwrap();
    work.job_queue(job, JobKind::EvaluateAlerts, SignedDuration::ZERO, now()).await.unwrap();
    work.commit().await.unwrap();
}

async fn left(world: &World) -> i64 {
    let query = "select count(*) from job_queue._private_jobs where run_at < now() + interval '30 minutes'";
    sqlx::query_scalar(query).fetch_one(&world.database.pool).await.unwrap()
}

#[tokio::test]
async fn what_is_put_there_is_worked_off_once_within_its_tenant() {
    let world = World::create().await;
    let mut worker = Worker::start(&world, 0, Duration::ZERO);
    let mut other = Worker::start(&world, 0, Duration::ZERO);
    put(&world, world.ours.job).await;
    let call = tokio::select! {
        call = worker.call() => call,
        call = other.call() => call,
    };
    assert_eq!(
        (call.tenant, call.job, call.attempt, call.is_last),
        (world.ours.id(), world.ours.job, 1, false)
    );
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(left(&world).await, 0);
    assert!(worker.calls.try_recv().is_err() && other.calls.try_recv().is_err());
    worker.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn what_fails_is_tried_again_a_little_later() {
    let world = World::create().await;
    let mut worker = Worker::start(&world, 1, Duration::ZERO);
    put(&world, world.ours.job).await;
    let begun = Instant::now();
    assert_eq!(worker.call().await.attempt, 1);
    assert_eq!(worker.call().await.attempt, 2);
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    worker.stop().await;
    assert_eq!(left(&world).await, 0);
}

#[tokio::test]
async fn the_job_of_a_killed_program_is_taken_up_by_another() {
    let world = World::create().await;
    let mut killed = Worker::start(&world, 0, Duration::from_secs(600));
    put(&world, world.ours.job).await;
    assert_eq!(killed.call().await.attempt, 1);
    killed.task.abort();
    let mut other = Worker::start(&world, 0, Duration::ZERO);
    let call = other.call().await;
    assert_eq!((call.job, call.attempt), (world.ours.job, 1), "an attempt that was cut off does not count");
    other.stop().await;
}

#[tokio::test]
async fn who_is_told_to_stop_finishes_what_it_does() {
    let world = World::create().await;
    let mut worker = Worker::start(&world, 0, Duration::from_secs(1));
    put(&world, world.ours.job).await;
    worker.call().await;
    worker.stop().await;
    assert_eq!(left(&world).await, 0);
}
