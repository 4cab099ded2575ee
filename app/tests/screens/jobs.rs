//! The page of jobs.

use app::jobs::{JobLine, JobsPage, JobsQuestion};
use domain::access::Role;
use domain::ids::JobId;
use domain::job::{JobKind, JobState};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::desk::now;
use crate::document::{Answer, World, asked};
use crate::office::FixedOffice;
use crate::pages::{lines, main_of};
use crate::visits::{HOSTILE, member, refused};

const PAGE: &str = "/portal/jobs";

impl FixedOffice {
    pub(crate) fn jobs_page(&self, question: &JobsQuestion) -> JobsPage {
        let state = question.state.as_ref().map(|word| word.parse().expect("tests ask for states there are"));
        let mut lines = if self.bare { Vec::new() } else { self.job_lines() };
        lines.retain(|line| state.is_none_or(|state| line.state == state));
        JobsPage { tenant: self.tenant(), state, lines }
    }

    fn job_lines(&self) -> Vec<JobLine> {
        let text = |text: &str| if self.hostile { HOSTILE.to_owned() } else { text.to_owned() };
        let ago = |minutes| Some(now() - SignedDuration::from_mins(minutes));
        let looked = JobLine {
            id: JobId(Uuid::from_u128(1)),
            kind: JobKind::EvaluateAlerts,
            subject: text("figures"),
            state: JobState::Done,
            attempts: 0,
            next_run_at: Some(now() + SignedDuration::from_mins(7)),
            started_at: ago(3),
            ended_at: ago(3),
            last_error: None,
            paused: None,
        };
        let again = JobLine {
            id: JobId(Uuid::from_u128(2)),
            kind: JobKind::PerformAction,
            subject: text("0193a000-0000-7000-8000-000000000007"),
            state: JobState::Waiting,
            attempts: 2,
            next_run_at: Some(now() + SignedDuration::from_secs(7)),
            last_error: Some(text("it asks to be left alone for 60 seconds")),
            ..looked.clone()
        };
        let paused = JobLine {
            id: JobId(Uuid::from_u128(3)),
            paused: Some((text("ada@example.com"), now())),
            started_at: None,
            ..looked.clone()
        };
        let failed = JobLine {
            id: JobId(Uuid::from_u128(4)),
            state: JobState::Failed,
            attempts: 8,
            next_run_at: None,
            ..again.clone()
        };
        vec![looked, again, paused, failed]
    }
}

async fn by(role: Role, address: &str) -> Answer {
    asked(address, World::of(member(role))).await
}

#[tokio::test]
async fn the_page_shows_jobs_with_what_went_wrong_and_forms_to_steer_them() {
    let answer = by(Role::Admin, "/portal/jobs?done=job-paused").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn jobs_are_for_who_may_change_settings() {
    assert_eq!(by(Role::Operator, PAGE).await.status, 403);
    assert!(by(Role::Operator, "/portal/revenue").await.says("Actions"));
    assert!(!by(Role::Operator, "/portal/revenue").await.says(r#"href="/portal/jobs""#));
}

#[tokio::test]
async fn before_the_first_job_the_page_says_when_it_comes() {
    let office = FixedOffice { bare: true, ..FixedOffice::default() };
    let answer = asked(PAGE, World::of(member(Role::Admin)).with(office)).await;
    assert!(answer.says("Nothing has been done yet"));
    assert!(by(Role::Admin, "/portal/jobs?state=running").await.says("No job stands so."));
}

#[tokio::test]
async fn what_was_refused_stands_at_the_head_of_the_page_and_hostile_words_stay_text() {
    let why = "this job is paused: let it go on first";
    let visit = refused(member(Role::Admin), "retry", None, why, &[]);
    let office = FixedOffice { hostile: true, ..FixedOffice::default() };
    let answer = asked(PAGE, World::of(visit).with(office)).await;
    assert!(answer.says("This job is paused: let it go on first.") && !answer.html.contains(HOSTILE));
}
