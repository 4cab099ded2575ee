//! What stands around every page: a way past the navigation, the navigation, whose data it is.

use leptos::prelude::*;

use crate::address::{Address, COMMAND_CENTER, REVENUE};
use crate::islands::Dismissal;
use crate::port::PeriodQuestion;

/// Where a page is in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The main screen.
    Overview,
    /// The ledger.
    Revenue,
    /// No entry leads here.
    Elsewhere,
}

/// The frame of a page; links keep the tenant and the period the page is about.
#[component]
pub fn Layout(
    place: Place,
    question: PeriodQuestion,
    #[prop(optional_no_strip)] tenant: Option<String>,
    children: Children,
) -> AnyView {
    let overview = Address::about(COMMAND_CENTER, &question);
    let revenue = Address::about(REVENUE, &question).without("granularity");
    view! {
        <a class="skip" href="#main">
            "Skip to content"
        </a>
        <div class="frame">
            <header class="side">
                <a class="brand" href=overview.to_string()>
                    <i class="brand-mark" aria-hidden="true"></i>
                    "Command Center"
                </a>
                <nav aria-label="Pages">
                    <ul>
                        <Entry address=overview name="Overview" is_here=place == Place::Overview/>
                        <Entry address=revenue name="Revenue" is_here=place == Place::Revenue/>
                    </ul>
                </nav>
                {tenant.map(|name| view! { <p class="tenant"><bdi>{name}</bdi></p> })}
            </header>
            <main id="main" tabindex="-1">
                {children()}
            </main>
        </div>
        <Dismissal/>
    }
    .into_any()
}

#[component]
fn Entry(address: Address, name: &'static str, is_here: bool) -> impl IntoView + use<> {
    view! {
        <li>
            <a href=address.to_string() aria-current=is_here.then_some("page")>
                {name}
            </a>
        </li>
    }
}
