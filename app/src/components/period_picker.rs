//! Which days a page is about: named periods as links, any others as a form; both are plain addresses.

use domain::period::{PeriodChoice, parse_date};
use leptos::prelude::*;

use crate::address::Address;
use crate::format;

/// The days a page is about, and the way to others. `page` is the page as it is now; `typed` is what the form
/// was last filled with.
#[component]
pub fn PeriodPicker(
    page: Address,
    #[prop(optional_no_strip)] chosen: Option<PeriodChoice>,
    typed: (String, String),
) -> AnyView {
    let page = page.without("cursor");
    let named = PeriodChoice::NAMED
        .into_iter()
        .map(|choice| {
            let current = (chosen == Some(choice)).then_some("true");
            view! {
                <a href=page.clone().over(choice.word()).to_string() aria-current=current>
                    <span aria-hidden="true">{short_name(choice)}</span>
                    <span class="vh">{long_name(choice)}</span>
                </a>
            }
        })
        .collect_view();
    view! {
        <div class="segments" role="group" aria-label="Period">
            {named}
            <CustomPeriod page chosen typed/>
        </div>
    }
    .into_any()
}

#[component]
fn CustomPeriod(page: Address, chosen: Option<PeriodChoice>, typed: (String, String)) -> AnyView {
    let range = match chosen {
        Some(PeriodChoice::Custom(range)) => Some(range),
        _ => None,
    };
    let label = range.map_or_else(|| "Custom".to_owned(), format::days);
    // What is no date cannot stand in a date field; the note beside it says what is wrong.
    let (from, to) = (date_or_nothing("from", typed.0), date_or_nothing("to", typed.1));
    let page = page.without_period();
    view! {
        <details class="custom-period" data-chosen=range.map(|_| "true")>
            <summary>{label}</summary>
            <form method="get" action=page.path()>
                <HiddenFields page=page.clone()/>
                <label>"From" <input type="date" name="from" value=from required/></label>
                <label>"To" <input type="date" name="to" value=to required/></label>
                <button type="submit" class="button primary">"Show these days"</button>
            </form>
        </details>
    }
    .into_any()
}

fn date_or_nothing(field: &'static str, typed: String) -> String {
    if parse_date(field, &typed).is_ok() { typed } else { String::new() }
}

/// What a form carries along unseen, so that it changes only what it asks for.
#[component]
pub fn HiddenFields(page: Address) -> impl IntoView {
    page.fields()
        .iter()
        .map(|(field, value)| view! { <input type="hidden" name=*field value=value.clone()/> })
        .collect_view()
}

fn short_name(choice: PeriodChoice) -> &'static str {
    match choice {
        PeriodChoice::QuarterToDate => "QTD",
        named => named.word(),
    }
}

fn long_name(choice: PeriodChoice) -> &'static str {
    match choice {
        PeriodChoice::Last7 => "Last 7 days",
        PeriodChoice::Last30 => "Last 30 days",
        PeriodChoice::Last90 => "Last 90 days",
        PeriodChoice::QuarterToDate => "Quarter to date",
        PeriodChoice::Custom(_) => "Custom",
    }
}
