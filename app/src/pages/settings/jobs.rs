//! `/portal/jobs`: what is done later, again, or on schedule, with forms to try one now, pause it and let it go on.

use domain::job::JobState;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asked::Asked;
use super::frame::{SettingsFrame, SettingsRefusal};
use crate::address::Address;
use crate::components::{Moment, Place, PostForm};
use crate::format;
use crate::jobs::{JobLine, JobsPage as Jobs};
use crate::pages::asking::{jobs_question, office, query};

/// The forms the page has one of per row.
const ROW_FORMS: &[&str] = &["retry", "pause", "resume"];

/// Asks for the jobs the address names.
#[component]
pub fn JobsPage() -> impl IntoView {
    let (asked, office, question) = (Asked::now(Place::Jobs), office(), jobs_question(&query()));
    let answer = Suspend::new(async move {
        let jobs = match asked.visit.viewer() {
            Ok(viewer) => office.jobs(&viewer, question).await,
            Err(error) => Err(error),
        };
        match jobs {
            Ok(jobs) => view! { <JobsView jobs asked/> }.into_any(),
            Err(error) => view! { <SettingsRefusal error asked/> }.into_any(),
        }
    });
    view! {
        <Title text="Jobs · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn JobsView(jobs: Jobs, asked: Asked) -> AnyView {
    let timezone = jobs.tenant.timezone.iana_name().unwrap_or("UTC").to_owned();
    let lead = view! {
        "What the program does later, again when it failed, or on schedule. What was done is listed for thirty days. Times are in "
        {timezone} "."
    }
    .into_any();
    view! {
        <SettingsFrame asked=asked.clone() lead row_forms=ROW_FORMS is_wide=true>
            <div class="controls">{choice(&asked.address(), jobs.state)}</div>
            <section class="card ledger" aria-label="Jobs">{listed(&jobs, &asked)}</section>
        </SettingsFrame>
    }
    .into_any()
}

fn choice(everything: &Address, chosen: Option<JobState>) -> AnyView {
    let current = chosen.is_none().then_some("true");
    let all = view! { <a href=everything.to_string() aria-current=current>"All"</a> };
    let others = JobState::ALL
        .map(|state| {
            let address = everything.clone().with("state", state.word());
            let current = (chosen == Some(state)).then_some("true");
            view! { <a href=address.to_string() aria-current=current>{state.name()}</a> }
        })
        .collect_view();
    view! { <div class="segments" role="group" aria-label="State">{all} {others}</div> }.into_any()
}

fn listed(jobs: &Jobs, asked: &Asked) -> AnyView {
    if jobs.lines.is_empty() {
        let says = match jobs.state {
            Some(_) => "No job stands so.",
            None => "Nothing has been done yet. The first jobs come by themselves within a minute or two.",
        };
        return view! { <p class="nothing">{says}</p> }.into_any();
    }
    let rows = jobs.lines.iter().map(|line| row(line, jobs, asked)).collect_view();
    view! {
        <div class="table-box">
            <table class="data ledger-table job-table">
                <caption class="vh">"Jobs, the one that was tried last first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Job"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="number">"Attempts"</th>
                        <th scope="col">"Last tried"</th>
                        <th scope="col">"Next"</th>
                        <th scope="col"><span class="vh">"Changes"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(line: &JobLine, jobs: &Jobs, asked: &Asked) -> AnyView {
    let moment = |at: Option<Timestamp>| match at {
        Some(at) => view! { <Moment at timezone=jobs.tenant.timezone.clone()/> }.into_any(),
        None => view! { <abbr class="not-known" title="Not known, or not to be">"—"</abbr> }.into_any(),
    };
    let error = line.last_error.as_ref().map(|error| {
        view! { <span class="event-reason breakable">{format::name(error)}</span> }
    });
    let attempts = format!("{} of {}", line.attempts, line.kind.most_attempts());
    view! {
        <tr>
            <td data-label="Job">
                {line.kind.in_words()}
                <span class="event-reason breakable"><bdi>{format::name(&line.subject)}</bdi></span>
            </td>
            <td data-label="State">{standing(line)} {error}</td>
            <td class="number" data-label="Attempts">{attempts}</td>
            <td data-label="Last tried">{moment(line.started_at)}</td>
            <td data-label="Next">{moment(line.next_run_at.filter(|_| line.paused.is_none()))}</td>
            <td class="job-changes">{forms(line, asked)}</td>
        </tr>
    }
    .into_any()
}

fn standing(line: &JobLine) -> AnyView {
    let paused = line.paused.as_ref().map(|(by, _)| {
        view! {
            " " <span class="tag" data-tone="warn">"Paused"</span>
            <span class="event-reason">"by " {format::name(by)}</span>
        }
    });
    let tone = match line.state {
        JobState::Done => Some("good"),
        JobState::Failed => Some("bad"),
        JobState::Waiting | JobState::Running => None,
    };
    view! { <span class="tag" data-tone=tone>{line.state.name()}</span> {paused} }.into_any()
}

fn forms(line: &JobLine, asked: &Asked) -> AnyView {
    let form = |name| asked.form(name, &[]).about("job", line.id.to_string());
    let whom = format!("{} {}", line.kind.in_words(), format::name(&line.subject));
    let button = |name, says| {
        let whom = whom.clone();
        view! {
            <PostForm form=form(name) class="row-form">
                <button type="submit" class="button small ghost">{says} <span class="vh">" " {whom}</span></button>
            </PostForm>
        }
        .into_any()
    };
    if line.paused.is_some() {
        return button("resume", "Let it go on");
    }
    let retry = (line.state != JobState::Running).then(|| button("retry", "Try now"));
    // What was done once and for all has nothing left to pause.
    let is_over = line.state == JobState::Done && line.kind.every().is_none();
    let pause = (!is_over).then(|| button("pause", "Pause"));
    view! { <div class="job-forms">{retry.filter(|_| !is_over)} {pause}</div> }.into_any()
}
