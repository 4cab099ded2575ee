//! One event: what it says, what became of it, and the way to have it looked at again.

use domain::access::Permission;
use domain::event_state::EventState;
use leptos::prelude::*;

use super::events::Asked;
use crate::components::{Effects, Layout, Moment, Place, PostForm, RowProblem, StateTag, StripeObject};
use crate::format;
use crate::port::{EventDetail, EventLine, TenantView};

/// The longest payload that is shown whole.
const MOST_SHOWN: usize = 100_000;

/// Everything that is known of an event.
#[component]
pub(super) fn EventView(event: EventDetail, asked: Asked) -> AnyView {
    let line = event.line.clone();
    let title = line.event_type.as_deref().map_or_else(|| "An event not read yet".to_owned(), format::name);
    view! {
        <Layout place=Place::Events question=asked.question() notice=asked.notice>
            <header class="page-head">
                <div class="page-title">
                    <h1 class="event-title"><bdi>{title}</bdi></h1>
                    <p><a href=asked.everything().to_string()>"All events"</a></p>
                </div>
                <div class="controls">{replay(&line, &asked)}</div>
            </header>
            <RowProblem visit=asked.visit.clone() forms=&["replay"]/>
            {why(&event)}
            {facts(&event, asked.tenant_id.clone())}
            {payload(&event)}
        </Layout>
    }
    .into_any()
}

fn replay(line: &EventLine, asked: &Asked) -> AnyView {
    if line.state == EventState::Pending {
        return view! { <p class="row-word">"It waits to be looked at."</p> }.into_any();
    }
    if !asked.visit.may(Permission::Act) {
        return ().into_any();
    }
    let form = asked.form("replay").about("event", line.id.to_string());
    view! {
        <PostForm form class="row-form">
            <button type="submit" class="button">"Look at it again"</button>
        </PostForm>
    }
    .into_any()
}

/// What is wrong comes first.
fn why(event: &EventDetail) -> AnyView {
    let reason = event.line.reason.as_deref().map(|reason| {
        let class = if event.line.state == EventState::Dead { "alert" } else { "event-remark" };
        view! { <p class=class>{format::sentence(&format::name(reason))}</p> }
    });
    let version = event.version_remark.zip(event.line.api_version.as_deref()).map(|(remark, version)| {
        view! { <p class="event-remark">"Its API version " <bdi>{format::name(version)}</bdi> " " {remark} "."</p> }
    });
    view! { {reason} {version} }.into_any()
}

fn facts(event: &EventDetail, tenant_id: Option<String>) -> AnyView {
    let (line, tenant) = (event.line.clone(), event.tenant.clone());
    let is_live = match line.livemode {
        Some(true) => "Live",
        Some(false) => "Test",
        None => "Not told",
    };
    let version = line.api_version.as_deref().map_or_else(|| "Not told".to_owned(), format::name);
    view! {
        <section class="card event-facts" aria-label="What is known of it">
            <dl>
                <dt>"Id"</dt>
                <dd><StripeObject id=line.id.to_string() livemode=line.livemode/></dd>
                <dt>"State"</dt>
                <dd><StateTag state=line.state/></dd>
                <dt>"Effect"</dt>
                <dd><Effects line=line.clone() tenant=tenant.clone() tenant_id/></dd>
                <dt>"Happened"</dt>
                <dd>{moment(line.created_at, &tenant, "Stripe's time is not known yet")}</dd>
                <dt>"Received"</dt>
                <dd>{moment(Some(line.received_at), &tenant, "")}</dd>
                <dt>"Last looked at"</dt>
                <dd>{moment(line.applied_at, &tenant, "It was not looked at yet")}</dd>
                <dt>"Attempts"</dt>
                <dd>{line.attempts.map_or_else(|| "Not counted".to_owned(), |attempts| format::count(attempts.into()))}</dd>
                <dt>"Took"</dt>
                <dd>{line.took_us.map_or_else(|| "Not measured".to_owned(), format::milliseconds)}</dd>
                <dt>"API version"</dt>
                <dd>{version}</dd>
                <dt>"Mode"</dt>
                <dd>{is_live}</dd>
            </dl>
        </section>
    }
    .into_any()
}

fn moment(at: Option<jiff::Timestamp>, tenant: &TenantView, why_not: &'static str) -> AnyView {
    match at {
        Some(at) => view! { <Moment at timezone=tenant.timezone.clone()/> }.into_any(),
        None => view! { <span class="not-known">{why_not}</span> }.into_any(),
    }
    .into_any()
}

fn payload(event: &EventDetail) -> AnyView {
    let bytes = format::counted(event.line.bytes.into(), "byte", "bytes");
    let Some(text) = &event.payload else {
        return view! {
            <section class="card section" aria-labelledby="payload-title">
                <h2 id="payload-title">"Payload"</h2>
                <p class="section-lead">{bytes} " that are no JSON. They are kept as they came and not shown, since what is somebody's could not be covered."</p>
            </section>
        }
        .into_any();
    };
    let is_cut = text.chars().nth(MOST_SHOWN).is_some();
    let shown = format::block(&text.chars().take(MOST_SHOWN).collect::<String>());
    view! {
        <section class="card section" aria-labelledby="payload-title">
            <h2 id="payload-title">"Payload"</h2>
            <p class="section-lead">
                "What is somebody's is covered. " {bytes} " are kept as they came"
                {is_cut.then_some(", and only the beginning is shown")} "."
            </p>
            <pre class="payload" role="region" tabindex="0" aria-label="Payload"><code>{shown}</code></pre>
        </section>
    }
    .into_any()
}
