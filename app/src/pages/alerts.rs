//! `/portal/alerts`: what needs somebody, and what became of it.

use domain::alert::State;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{alerts_question, desk, notice, query};
use super::refusal::RefusalView;
use crate::address::{ALERTS, Address};
use crate::components::{AlertItems, Layout, Place, RowProblem, alert_state_name};
use crate::format;
use crate::port::{self, AlertsQuestion, PeriodQuestion};
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
    let everything = of_tenant(&question);
    let page = everything.clone().with_any("state", question.state.as_ref());
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
                <div class="controls">{choice(&everything, alerts.state)}</div>
            </header>
            <RowProblem visit=Visit::now() forms=FORMS/>
            <section class="card needs" aria-labelledby="alerts-title">
                <h2 class="vh" id="alerts-title">"What needs somebody"</h2>
                {list(alerts, page)}
            </section>
        </Layout>
    }
    .into_any()
}

fn choice(everything: &Address, chosen: Option<State>) -> AnyView {
    let current = chosen.is_none().then_some("true");
    let all = view! { <a href=everything.to_string() aria-current=current>"Not resolved"</a> };
    let others = State::ALL
        .map(|state| {
            let address = everything.clone().with("state", state.word());
            let current = (chosen == Some(state)).then_some("true");
            view! { <a href=address.to_string() aria-current=current>{alert_state_name(state)}</a> }
        })
        .collect_view();
    view! { <div class="segments" role="group" aria-label="State">{all} {others}</div> }.into_any()
}

fn list(alerts: port::AlertsPage, page: Address) -> AnyView {
    if !alerts.lines.is_empty() {
        return view! { <AlertItems alerts=alerts.lines tenant=alerts.tenant page members=alerts.members/> }
            .into_any();
    }
    let says = match alerts.state {
        Some(_) => "No alert stands so.",
        None => {
            "Nothing needs you. Figures are looked at within seconds of a change, and every ten minutes. What is \
             watched: channels that lose money, failed payments, stuck leads, revenue without a channel, refunds, the \
             cost of customers, steps of the funnel, and events that stay away or are not understood."
        }
    };
    view! { <p class="nothing">{says}</p> }.into_any()
}
