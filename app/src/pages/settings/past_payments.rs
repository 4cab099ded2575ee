//! The section of the connections page that has the past read from Stripe, and shows how far that has come.

use domain::backfill::RunState;
use domain::tenant::Tenant;
use leptos::prelude::*;

use super::asked::Asked;
use crate::address::Address;
use crate::components::{Moment, PostForm, SelectField};
use crate::format;
use crate::islands::LiveRefresh;
use crate::office::{ConnectedAccount, Connections, ListRead, Past, RunLine};

/// How far back can be asked for: days, and what that is called.
const CHOICES: [(&str, &str); 5] = [
    ("30", "the last 30 days"),
    ("90", "the last 90 days"),
    ("365", "the last year"),
    ("730", "the last 2 years"),
    ("1825", "the last 5 years"),
];

/// What the past is read from.
const SOURCE: &str = "stripe";

/// What of the past was read, and the way to have more of it read.
pub(super) fn past_payments(connections: &Connections, asked: &Asked) -> AnyView {
    let (past, tenant) = (&connections.past, &connections.tenant);
    let running = past.runs.iter().find(|run| run.state == RunState::Running);
    let as_of = format::clock(past.as_of, &tenant.timezone);
    let stream = Address::new("/api/events").with("tenant_id", tenant.id.to_string()).to_string();
    view! {
        <section class="card section" aria-labelledby="past-title">
            <div class="section-head">
                <div>
                    <h2 id="past-title">"Past payments"</h2>
                    <p class="section-lead">{lead(past)}</p>
                </div>
                {running.is_some().then(|| view! { <LiveRefresh stream as_of=as_of.clone()/> })}
            </div>
            {past.account.as_ref().map(account)}
            {(past.has_key && running.is_none()).then(|| order(past, asked))}
            {running.is_some().then(|| pause(asked))}
            <div id="figures" data-as-of=as_of>
                {runs(past, tenant)}
            </div>
        </section>
    }
    .into_any()
}

const fn lead(past: &Past) -> &'static str {
    if past.has_key {
        "Events tell of what happens from now on. What happened before is looked up at Stripe and booked the same way; \
         whatever is there already stays as it is."
    } else {
        "Store a restricted key of Stripe below, one that may read; then what happened before its first event can be \
         looked up."
    }
}

fn account(account: &ConnectedAccount) -> AnyView {
    let mode = if account.livemode { "live" } else { "test" };
    let problem = account
        .problem
        .as_ref()
        .map(|problem| view! { <p class="alert">{format::sentence(&format::name(problem))}</p> });
    view! {
        {problem}
        <p class="section-lead">
            "Connected to the account " <bdi>{format::name(&account.id)}</bdi> " in " {mode} " mode."
        </p>
    }
    .into_any()
}

fn order(past: &Past, asked: &Asked) -> AnyView {
    let form = asked.form("backfill", &["days"]).about("source", SOURCE);
    let unfinished = past.runs.first().filter(|run| run.state != RunState::Done);
    let days = unfinished.and_then(|run| run.asked.strip_suffix(" days")).unwrap_or("365").to_owned();
    let says = match (unfinished, past.runs.is_empty()) {
        (Some(_), _) => "Go on reading",
        (None, true) => "Read the past",
        (None, false) => "Read again",
    };
    let options = CHOICES.map(|(days, words)| (days.to_owned(), words.to_owned())).to_vec();
    view! {
        <PostForm form=form.clone()>
            <SelectField form name="days" label="How far back" options value=days/>
            <button type="submit" class="button primary">{says}</button>
        </PostForm>
    }
    .into_any()
}

fn pause(asked: &Asked) -> AnyView {
    let form = asked.form("pause_backfill", &[]).about("source", SOURCE);
    view! {
        <PostForm form>
            <button type="submit" class="button">"Stop reading"</button>
        </PostForm>
    }
    .into_any()
}

fn runs(past: &Past, tenant: &Tenant) -> AnyView {
    let lines = past.runs.iter().map(|run| line(run, tenant)).collect_view();
    (!past.runs.is_empty()).then(|| view! { <ul class="rows">{lines}</ul> }).into_any()
}

fn line(run: &RunLine, tenant: &Tenant) -> AnyView {
    let timezone = || tenant.timezone.clone();
    let (state, tone) = state(run.state);
    let found: i64 = run.lists.iter().map(|list| list.found).sum();
    let stored: i64 = run.lists.iter().map(|list| list.stored).sum();
    let problem = run
        .problem
        .as_ref()
        .map(|problem| view! { <p class="row-note">{format::sentence(&format::name(problem))}</p> });
    let ended = run.ended_at.map(|at| view! { ", until " <Moment at timezone=timezone()/> });
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    {format::name(&run.asked)} " " <span class="tag" data-tone=tone>{state}</span>
                </p>
                <p class="row-note">
                    {format::counted(found, "object", "objects")} " found, "
                    {format::count(stored)} " of them new or changed"
                </p>
                {(run.state == RunState::Running).then(|| lists(&run.lists))}
                {problem}
                {run.comparison.as_deref().map(comparison)}
                <p class="row-note">
                    "by " <bdi>{format::name(&run.started_by)}</bdi> " on "
                    <Moment at=run.started_at timezone=timezone()/> {ended}
                </p>
            </div>
        </li>
    }
    .into_any()
}

/// What the ledger and Stripe's balance say, line by line.
fn comparison(text: &str) -> AnyView {
    text.lines().map(|line| view! { <p class="row-note">{format::name(line)}</p> }).collect_view().into_any()
}

const fn state(state: RunState) -> (&'static str, &'static str) {
    match state {
        RunState::Running => ("Being read", "good"),
        RunState::Paused => ("Stopped", "warn"),
        RunState::Failed => ("Failed", "bad"),
        RunState::Done => ("Read", "good"),
    }
}

/// What each list that was begun has come to.
fn lists(lists: &[ListRead]) -> AnyView {
    let line = |list: &ListRead| {
        let more = if list.is_done { "" } else { " so far" };
        format!("{} {}{more}", list.subject.name(), format::count(list.found))
    };
    let lines: Vec<String> = lists.iter().map(line).collect();
    (!lines.is_empty()).then(|| view! { <p class="row-note">{lines.join(" · ")}</p> }).into_any()
}
