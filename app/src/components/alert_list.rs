//! What needs somebody: each alert with its reason, what it is about, and what to do about seeing it.

use domain::access::Permission;
use domain::action::ActionKind;
use domain::alert::{Detector, Severity, State};
use leptos::prelude::*;

use super::alert_discussion::{assigning, discussion};
use super::{Moment, PostForm};
use crate::address::{ALERTS, Address, CAMPAIGNS};
use crate::form::Form;
use crate::format;
use crate::port::{AlertEventLine, AlertLine, Overview, TenantView};
use crate::visit::{LookingAt, Visit};

/// The alerts of the main screen; `page` is the page it is on.
#[component]
pub fn AlertList(overview: Overview, page: Address) -> AnyView {
    let Overview { alerts, frame, .. } = overview;
    let every = page.on(ALERTS).without_period();
    let counted = in_numbers(&alerts);
    let list = if alerts.is_empty() {
        let says = "Nothing needs you. Figures are looked at again whenever they change.";
        view! { <p class="nothing">{says}</p> }.into_any()
    } else {
        view! { <AlertItems alerts tenant=frame.tenant page/> }.into_any()
    };
    view! {
        <section class="card needs" aria-labelledby="needs-title">
            <header class="card-head">
                <h2 id="needs-title">"Needs you"</h2>
                <p class="card-note"><a href=every.to_string()>{counted}</a></p>
            </header>
            {list}
        </section>
    }
    .into_any()
}

fn in_numbers(alerts: &[AlertLine]) -> String {
    let open = alerts.iter().filter(|alert| alert.state == State::Open).count();
    let critical = alerts.iter().filter(|alert| alert.finding.severity == Severity::Critical).count();
    format!("{open} open · {critical} critical")
}

/// Alerts with their forms, which are sent to `page`.
#[component]
pub fn AlertItems(
    alerts: Vec<AlertLine>,
    tenant: TenantView,
    page: Address,
    /// Whom they can be assigned to, where they are talked about.
    #[prop(optional)]
    members: Option<Vec<String>>,
) -> AnyView {
    let shown = Shown { tenant, page, visit: Visit::now(), members };
    let items = alerts.iter().map(|alert| item(alert, &shown)).collect_view();
    view! { <ul class="alerts">{items}</ul> }.into_any()
}

/// Where alerts are shown, and to whom.
struct Shown {
    tenant: TenantView,
    page: Address,
    visit: Visit,
    members: Option<Vec<String>>,
}

fn item(alert: &AlertLine, shown: &Shown) -> AnyView {
    let Shown { tenant, page, visit, members } = shown;
    let finding = &alert.finding;
    let tenant_id = page.fields().iter().find(|(field, _)| *field == "tenant_id").map(|(_, id)| id);
    let about = Address::of_alert(finding, tenant_id);
    view! {
        <li class="need">
            <span class="tag" data-tone=tone(finding.severity)>{finding.severity.name()}</span>
            <div class="need-body">
                <h3>{format::name(&finding.title)}</h3>
                <p class="need-why">{format::name(&finding.why)}</p>
                {standing(alert, tenant)}
                <div class="need-actions">
                    <a class="button small" href=about.to_string()>{leads_to(finding.detector)}</a>
                    {campaigns(alert, tenant_id, visit)}
                    {leads(alert, &about, visit)}
                    {forms(alert, page, visit)}
                    {members.as_ref().map(|members| assigning(alert, form_of("assign", alert, page, visit), members, visit))}
                </div>
                {members.is_some().then(|| discussion(alert, form_of("comment", alert, page, visit), tenant, visit))}
                {history(alert, tenant)}
            </div>
        </li>
    }
    .into_any()
}

/// The way to what can be done about the leads an alert is about, for who may.
fn leads(alert: &AlertLine, about: &Address, visit: &Visit) -> AnyView {
    let kinds: &[ActionKind] = match alert.finding.detector {
        Detector::StuckLeads => &ActionKind::OF_LEADS,
        Detector::EnrichmentFailing => &[ActionKind::RetryEnrichment],
        _ => &[],
    };
    if !visit.may(Permission::Act) || alert.state == State::Resolved {
        return ().into_any();
    }
    let link = |kind: &ActionKind| {
        let says = match (kind, alert.finding.detector) {
            (ActionKind::RetryEnrichment, Detector::EnrichmentFailing) => "Retry enrichment…",
            (ActionKind::RetryEnrichment, _) => "Enrich…",
            _ => "Follow up…",
        };
        view! { <a class="button small" href=about.of_everybody(*kind).to_string()>{says}</a> }
    };
    kinds.iter().map(link).collect_view().into_any()
}

/// The way to what can be done about the campaigns of a channel, for who may.
fn campaigns(alert: &AlertLine, tenant_id: Option<&String>, visit: &Visit) -> AnyView {
    if !alert.finding.detector.is_about_a_channel()
        || !visit.may(Permission::Act)
        || alert.state == State::Resolved
    {
        return ().into_any();
    }
    let channel = alert.finding.subject.as_str();
    let address = Address::new(CAMPAIGNS).with_any("tenant_id", tenant_id).with("channel", channel);
    let says = match alert.finding.detector {
        Detector::RoomToGrow => "Launch or resume campaigns",
        _ => "Pause campaigns",
    };
    view! { <a class="button small" href=address.to_string()>{says}</a> }.into_any()
}

const fn tone(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("bad"),
        Severity::Warning => Some("warn"),
        Severity::Opportunity => Some("good"),
        Severity::Info => None,
    }
}

/// What stands on the link to what an alert is about.
const fn leads_to(detector: Detector) -> &'static str {
    match detector {
        Detector::ChannelLosing | Detector::RoomToGrow | Detector::CacDrift | Detector::MrrIdentity => {
            "See how it is counted"
        }
        Detector::FailedPayments => "View failed payments",
        Detector::StuckLeads => "View stuck leads",
        Detector::EnrichmentFailing => "View these leads",
        Detector::SyncFailing => "View connections",
        Detector::UnknownShare => "View payments",
        Detector::RefundSpike => "View refunds",
        Detector::FunnelDrop => "View leads",
        Detector::DeadLetters => "See what is wrong",
        Detector::WebhookSilence => "View events",
    }
}

/// Where an alert is, in words.
#[must_use]
pub const fn alert_state_name(state: State) -> &'static str {
    match state {
        State::Open => "Open",
        State::Acknowledged => "Acknowledged",
        State::Snoozed => "Snoozed",
        State::Resolved => "Resolved",
    }
}

/// Since when, and who looks after it.
fn standing(alert: &AlertLine, tenant: &TenantView) -> AnyView {
    let moment = |at| view! { <Moment at timezone=tenant.timezone.clone()/> };
    let since = view! { "Since " {moment(alert.opened_at)} };
    let state = alert_state_name(alert.state);
    let assigned = alert.assignee.as_ref().map(|name| format!(" · Assigned to {}", format::name(name)));
    let more = match (alert.state, alert.snoozed_until, alert.resolved_at) {
        (State::Snoozed, Some(until), _) => view! { " · " {state} " until " {moment(until)} }.into_any(),
        (State::Resolved, _, Some(at)) => view! { " · " {state} " " {moment(at)} }.into_any(),
        (State::Open, ..) => ().into_any(),
        _ => view! { " · " {state} }.into_any(),
    };
    view! { <p class="need-since">{since} {more} {assigned}</p> }.into_any()
}

fn forms(alert: &AlertLine, page: &Address, visit: &Visit) -> AnyView {
    if !visit.may(Permission::Act) || alert.state == State::Resolved {
        return ().into_any();
    }
    let form = |name| form_of(name, alert, page, visit);
    let version = alert.version;
    let acknowledge = (alert.state != State::Acknowledged).then(|| {
        view! {
            <PostForm form=form("acknowledge") class="row-form">
                <input type="hidden" name="version" value=version.to_string()/>
                <button type="submit" class="button small ghost">"Acknowledge"</button>
            </PostForm>
        }
    });
    view! {
        {acknowledge}
        <PostForm form=form("snooze") class="row-form">
            <input type="hidden" name="version" value=version.to_string()/>
            <button type="submit" class="button small ghost" name="days" value="1">"Snooze 1 day"</button>
            <button type="submit" class="button small ghost" name="days" value="7">"7 days"</button>
        </PostForm>
        <PostForm form=form("resolve") class="row-form">
            <input type="hidden" name="version" value=version.to_string()/>
            <button type="submit" class="button small ghost">"Resolve"</button>
        </PostForm>
    }
    .into_any()
}

/// A form about one alert. It says which tenant it changes, since another tab may have turned the browser to another
/// one meanwhile.
fn form_of(name: &'static str, alert: &AlertLine, page: &Address, visit: &Visit) -> Form {
    let page = match &visit.looking_at {
        LookingAt::Tenant { viewer, .. } => page.clone().with("tenant_id", viewer.tenant.to_string()),
        LookingAt::Nothing | LookingAt::Unknown => page.clone(),
    };
    Form::of(visit, name, &page, &[]).about("alert", alert.id.to_string())
}

fn history(alert: &AlertLine, tenant: &TenantView) -> AnyView {
    if alert.history.is_empty() {
        return ().into_any();
    }
    let lines = alert.history.iter().map(|event| event_item(event, tenant)).collect_view();
    view! {
        <details class="need-history">
            <summary>"What happened"</summary>
            <ol>{lines}</ol>
        </details>
    }
    .into_any()
}

fn event_item(event: &AlertEventLine, tenant: &TenantView) -> AnyView {
    let moment = |at| view! { <Moment at timezone=tenant.timezone.clone()/> };
    let by = event.by.as_ref().map(|name| format!(" by {}", format::name(name)));
    let to = event.assignee.as_ref().map(|name| format!(" to {}", format::name(name)));
    let until = event.snoozed_until.map(|until| view! { " until " {moment(until)} });
    view! {
        <li>
            {moment(event.at)} " · " {event.change.in_words()} {to} {by} {until} " · " {event.severity.name()}
            <span class="need-why">{format::name(&event.why)}</span>
        </li>
    }
    .into_any()
}
