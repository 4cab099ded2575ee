//! `/portal/alerts`: what needs somebody, and what became of it.

use domain::alert::{Detector, Severity, State};
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{alerts_question, desk, notice, query};
use super::refusal::RefusalView;
use crate::address::{ALERTS, Address};
use crate::components::{
    AlertItems, HiddenFields, Layout, Place, RowProblem, alert_state_name, filter_option,
};
use crate::format;
use crate::port::{self, AlertsQuestion, PeriodQuestion, TenantView};
use crate::visit::{Notice, Visit};

/// The heading of the page.
const TITLE: &str = "Alerts";

/// The forms an alert has, wherever it is shown.
pub(super) const ALERT_FORMS: &[&str] = &["acknowledge", "snooze", "resolve"];

/// The forms it has on this page.
const FORMS: &[&str] = &["acknowledge", "snooze", "resolve", "assign", "comment"];

/// Asks for the alerts the address names.
#[component]
pub fn AlertsPage() -> impl IntoView {
    let query = query();
    let (desk, question, viewer) = (desk(), alerts_question(&query), Visit::now().viewer());
    let notice = notice(&query);
    let answer = Suspend::new(async move {
        let alerts = match viewer {
            Ok(viewer) => desk.alerts(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match alerts {
            Ok(alerts) => view! { <AlertsView alerts question notice/> }.into_any(),
            Err(error) => {
                let (page, question) = (of_tenant(&question), about(&question));
                view! { <RefusalView error place=Place::Alerts title=TITLE page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Alerts · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

fn of_tenant(question: &AlertsQuestion) -> Address {
    Address::new(ALERTS).with_any("tenant_id", question.tenant_id.as_ref())
}

fn about(question: &AlertsQuestion) -> PeriodQuestion {
    PeriodQuestion { tenant_id: question.tenant_id.clone(), ..PeriodQuestion::default() }
}

#[component]
fn AlertsView(
    alerts: port::AlertsPage,
    question: AlertsQuestion,
    #[prop(optional_no_strip)] notice: Option<Notice>,
) -> AnyView {
    let filtered = filtered(&question);
    let page = filtered.clone().with_any("cursor", question.cursor.as_ref());
    let timezone = alerts.tenant.timezone.iana_name().unwrap_or("UTC");
    let says =
        format!("{} open. Times are in {timezone}.", format::counted(alerts.open, "alert is", "alerts are"));
    view! {
        <Layout place=Place::Alerts question=about(&question) notice>
            <header class="page-head">
                <div class="page-title">
                    <h1>{TITLE}</h1>
                    <p>{says}</p>
                </div>
                <div class="controls">
                    {choice(&filtered, alerts.state)} {filters(&alerts.tenant, &question)}
                </div>
            </header>
            <RowProblem visit=Visit::now() forms=FORMS/>
            <section class="card needs" aria-labelledby="alerts-title">
                <h2 class="vh" id="alerts-title">"What needs somebody"</h2>
                {list(alerts, &filtered, page)}
            </section>
        </Layout>
    }
    .into_any()
}

/// The page with its filter.
fn filtered(question: &AlertsQuestion) -> Address {
    of_tenant(question)
        .with_any("state", question.state.as_ref())
        .with_any("kind", question.kind.as_ref())
        .with_any("severity", question.severity.as_ref())
        .with_any("channel", question.channel.as_ref())
}

fn choice(filtered: &Address, chosen: Option<State>) -> AnyView {
    let current = chosen.is_none().then_some("true");
    let everything = filtered.clone().without("state");
    let all = view! { <a href=everything.to_string() aria-current=current>"Not resolved"</a> };
    let others = State::ALL
        .map(|state| {
            let address = filtered.clone().with("state", state.word());
            let current = (chosen == Some(state)).then_some("true");
            view! { <a href=address.to_string() aria-current=current>{alert_state_name(state)}</a> }
        })
        .collect_view();
    view! { <div class="segments" role="group" aria-label="State">{all} {others}</div> }.into_any()
}

fn filters(tenant: &TenantView, question: &AlertsQuestion) -> AnyView {
    let in_state = of_tenant(question).with_any("state", question.state.as_ref());
    let is_filtered = filtered(question) != in_state;
    let kinds = Detector::ALL.map(|kind| filter_option(kind.word(), kind.name(), question.kind.as_ref()));
    let severities = Severity::ALL
        .map(|severity| filter_option(severity.word(), severity.name(), question.severity.as_ref()));
    let channels = tenant.channels.iter().map(|channel| {
        filter_option(channel.slug.to_string(), format::name(&channel.name), question.channel.as_ref())
    });
    view! {
        <form class="filters" method="get" action=ALERTS>
            <HiddenFields page=in_state.clone()/>
            <label>
                "Kind" <select name="kind"><option value="">"Every kind"</option> {kinds.collect_view()}</select>
            </label>
            <label>
                "Severity"
                <select name="severity"><option value="">"Every severity"</option> {severities.collect_view()}</select>
            </label>
            <label>
                "Channel"
                <select name="channel"><option value="">"All channels"</option> {channels.collect_view()}</select>
            </label>
            <button type="submit" class="button">"Show"</button>
            {is_filtered.then(|| view! { <a class="button ghost" href=in_state.to_string()>"Show all"</a> })}
        </form>
    }
    .into_any()
}

fn list(alerts: port::AlertsPage, filtered: &Address, page: Address) -> AnyView {
    let more = alerts.next.as_ref().map(|next| {
        let address = filtered.clone().with("cursor", next);
        view! {
            <nav class="pages" aria-label="Pages of alerts">
                <a class="button" rel="next" href=address.to_string()>"More alerts"</a>
            </nav>
        }
    });
    if !alerts.lines.is_empty() {
        let port::AlertsPage { lines, tenant, members, .. } = alerts;
        return view! { <AlertItems alerts=lines tenant page members/> {more} }.into_any();
    }
    let is_about_everything = page.fields().iter().all(|(field, _)| *field == "tenant_id");
    let says = if is_about_everything {
        "Nothing needs you. Figures are looked at within seconds of a change, and every ten minutes. What is watched: \
         channels that lose money, failed payments, stuck leads, revenue without a channel, refunds, the cost of \
         customers, steps of the funnel, events that stay away or are not understood, and whether MRR is the same \
         in every way it is counted."
    } else {
        "No alert is like that."
    };
    view! { <p class="nothing">{says}</p> }.into_any()
}
