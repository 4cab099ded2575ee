//! What stands around every page: a way past the navigation, the navigation, whose data it is, who looks.

use leptos::prelude::*;

use super::{NoticeLine, Place, Switcher};
use crate::address::{Address, SIGN_OUT};
use crate::format;
use crate::islands::Dismissal;
use crate::port::PeriodQuestion;
use crate::visit::{LookingAt, Notice, Visit};

/// The frame of a page; links keep the tenant and the period the page is about.
#[component]
pub fn Layout(
    place: Place,
    question: PeriodQuestion,
    #[prop(optional_no_strip)] notice: Option<Notice>,
    children: Children,
) -> AnyView {
    let visit = Visit::now();
    let overview = Address::about(Place::Overview.path(), &question);
    view! {
        <a class="skip" href="#main">
            "Skip to content"
        </a>
        <div class="frame">
            <header class="side">
                <a class="brand" href=overview.to_string()>
                    <i class="brand-mark" aria-hidden="true"></i>
                    <span class="brand-name">"Command Center"</span>
                </a>
                {pages(&visit, place, &question)}
                {settings(&visit, place, &question)}
                {foot(visit, place, &question)}
            </header>
            <main id="main" tabindex="-1">
                {notice.map(|notice| view! { <NoticeLine notice/> })}
                {children()}
            </main>
        </div>
        <Dismissal/>
    }
    .into_any()
}

/// Who belongs to nothing has no figures to go to.
fn pages(visit: &Visit, place: Place, question: &PeriodQuestion) -> AnyView {
    let has_figures = !matches!(visit.looking_at, LookingAt::Nothing);
    let figures = has_figures.then(|| {
        let overview = Address::about(Place::Overview.path(), question);
        let of_these_days = |place: Place| overview.on(place.path());
        let [revenue, recurring, channels] = [Place::Revenue, Place::Recurring, Place::Channels].map(of_these_days);
        view! {
            <Entry address=overview name="Overview" is_here=place == Place::Overview/>
            <Entry address=revenue name="Revenue" is_here=place == Place::Revenue/>
            <Entry address=recurring name=Place::Recurring.name() is_here=place == Place::Recurring/>
            <Entry address=channels name="Channels" is_here=place == Place::Channels/>
            {[Place::Leads, Place::Campaigns, Place::Customers, Place::Costs, Place::Unknown, Place::FailedPayments, Place::Alerts, Place::Actions, Place::Events, Place::Import, Place::Metrics]
                .into_iter()
                .filter(|entry| entry.needs().is_none_or(|permission| visit.may(permission)))
                .map(|entry| {
                    let address = of_tenant(entry, question);
                    let waiting = if entry == Place::Alerts { visit.open_alerts } else { 0 };
                    view! { <Entry address name=entry.name() is_here=place == entry waiting/> }
                })
                .collect_view()}
        }
    });
    // Where there is no room beside the page, one entry stands for the settings.
    let settings = visit.person.is_some().then(|| {
        let current = place.is_setting().then_some("true");
        view! {
            <li class="narrow-only">
                <a href=of_tenant(Place::Account, question).to_string() aria-current=current>"Settings"</a>
            </li>
        }
    });
    (figures.is_some() || settings.is_some())
        .then(|| view! { <nav class="side-pages" aria-label="Pages"><ul>{figures} {settings}</ul></nav> })
        .into_any()
}

fn settings(visit: &Visit, place: Place, question: &PeriodQuestion) -> AnyView {
    if visit.person.is_none() {
        return ().into_any();
    }
    let allowed = |place: &Place| place.needs().is_none_or(|permission| visit.may(permission));
    let entries = Place::SETTINGS
        .into_iter()
        .filter(allowed)
        .map(|entry| {
            let address = of_tenant(entry, question);
            view! { <Entry address name=entry.name() is_here=place == entry/> }
        })
        .collect_view();
    view! {
        <nav class="side-settings" aria-labelledby="settings-title" data-here=place.is_setting().then_some("true")>
            <p class="side-title" id="settings-title">"Settings"</p>
            <ul>{entries}</ul>
        </nav>
    }
    .into_any()
}

fn foot(visit: Visit, place: Place, question: &PeriodQuestion) -> AnyView {
    let Some(person) = visit.person.clone() else { return ().into_any() };
    let next = Address::about(place.path(), &PeriodQuestion { tenant_id: None, ..question.clone() });
    view! {
        <div class="side-foot">
            <Switcher visit next/>
            <form class="person" method="post" action=SIGN_OUT>
                <input type="hidden" name="form" value="sign_out"/>
                <span class="person-name" title=format::name(&person.email)>
                    <bdi>{format::name(&person.name)}</bdi>
                </span>
                <button type="submit" class="plain-button">"Sign out"</button>
            </form>
        </div>
    }
    .into_any()
}

/// Settings know no periods.
fn of_tenant(place: Place, question: &PeriodQuestion) -> Address {
    Address::new(place.path()).with_any("tenant_id", question.tenant_id.as_ref())
}

#[component]
fn Entry(
    address: Address,
    name: &'static str,
    is_here: bool,
    /// How many of what is there wait for somebody.
    #[prop(optional)]
    waiting: i64,
) -> AnyView {
    let waiting = (waiting > 0).then(|| {
        view! { " " <span class="side-count">{format::count(waiting)} <span class="vh">" open"</span></span> }
    });
    view! {
        <li>
            <a href=address.to_string() aria-current=is_here.then_some("page")>
                {name}
                {waiting}
            </a>
        </li>
    }
    .into_any()
}
