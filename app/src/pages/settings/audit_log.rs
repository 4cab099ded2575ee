//! `/portal/settings/audit-log`: who did what in the workspace.

use domain::audit::Deed;
use domain::period::parse_date;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asked::Asked;
use super::frame::{SettingsFrame, SettingsRefusal};
use crate::address::{AUDIT_LOG_FILE, Address};
use crate::components::{HiddenFields, Moment, Place};
use crate::format;
use crate::office::{AuditLine, AuditPage, AuditQuestion};
use crate::pages::asking::{audit_question, office, query};
use crate::port::AskError;
use crate::shell::StatusPort;

/// Asks for the lines the address names.
#[component]
pub fn AuditLogPage() -> impl IntoView {
    let (asked, office, question) = (Asked::now(Place::AuditLog), office(), audit_question(&query()));
    let answer = Suspend::new(async move {
        let log = match asked.visit.viewer() {
            Ok(viewer) => office.audit_log(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match log {
            Ok(log) => view! { <AuditLogView log question asked/> }.into_any(),
            Err(AskError::Invalid { message, .. }) => {
                view! { <WrongQuestion message question asked/> }.into_any()
            }
            Err(error) => view! { <SettingsRefusal error asked/> }.into_any(),
        }
    });
    view! {
        <Title text="Audit log · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn AuditLogView(log: AuditPage, question: AuditQuestion, asked: Asked) -> AnyView {
    let lead = view! {
        "Who did what here; no line is ever changed or deleted. Times are in " {log.tenant.timezone_name().to_owned()}
        "."
    }
    .into_any();
    let page = of_question(asked.address(), &question);
    view! {
        <SettingsFrame asked=asked.clone() lead is_wide=true>
            <section class="card ledger audit" aria-label="Lines of the audit log">
                <header class="card-head">
                    <Filters question=question.clone() asked/>
                </header>
                {lines(&log, &page)}
                {foot(&log, page)}
            </section>
        </SettingsFrame>
    }
    .into_any()
}

/// The filter as it was typed, with what is wrong with it.
#[component]
fn WrongQuestion(message: String, question: AuditQuestion, asked: Asked) -> AnyView {
    StatusPort::set(400);
    let lead = "Who did what here; no line is ever changed or deleted.".into_any();
    view! {
        <SettingsFrame asked=asked.clone() lead is_wide=true>
            <p class="alert" role="alert">{format::sentence(&message)}</p>
            <section class="card ledger audit" aria-label="Lines of the audit log">
                <header class="card-head">
                    <Filters question asked/>
                </header>
                <p class="nothing">"Change the filter to see lines."</p>
            </section>
        </SettingsFrame>
    }
    .into_any()
}

fn of_question(page: Address, question: &AuditQuestion) -> Address {
    page.with_any("deed", question.deed.as_ref())
        .with_any("actor", question.actor.as_ref())
        .with_any("from", question.from.as_ref())
        .with_any("to", question.to.as_ref())
}

#[component]
fn Filters(question: AuditQuestion, asked: Asked) -> AnyView {
    let everything = asked.address();
    let is_filtered = of_question(everything.clone(), &question) != everything;
    let chosen = question.deed.unwrap_or_default();
    let deeds = Deed::ALL
        .map(|deed| {
            view! { <option value=deed.word() selected=deed.word() == chosen>{deed.in_words()}</option> }
        })
        .collect_view();
    view! {
        <form class="filters" method="get" action=everything.path()>
            <HiddenFields page=everything.clone()/>
            <label>
                "What"
                <select name="deed">
                    <option value="" selected=chosen.is_empty()>"Everything"</option>
                    {deeds}
                </select>
            </label>
            <label>
                "Who" <input type="search" name="actor" value=question.actor maxlength="200" autocomplete="off"/>
            </label>
            <span class="filter-days">
                <label>"From" <input type="date" name="from" value=date_or_nothing(question.from)/></label>
                <label>"To" <input type="date" name="to" value=date_or_nothing(question.to)/></label>
            </span>
            <button type="submit" class="button">"Show"</button>
            {is_filtered
                .then(|| view! { <a class="button ghost" href=everything.to_string()>"Show every line"</a> })}
        </form>
    }
    .into_any()
}

/// What is no date cannot stand in a date field.
fn date_or_nothing(typed: Option<String>) -> Option<String> {
    typed.filter(|typed| parse_date("from", typed).is_ok())
}

fn lines(log: &AuditPage, page: &Address) -> AnyView {
    if log.lines.is_empty() {
        let says = if page.fields().iter().any(|(field, _)| *field != "tenant_id") {
            "No line of the log matches."
        } else {
            "Nothing was done here yet."
        };
        return view! { <p class="nothing">{says}</p> }.into_any();
    }
    let rows = log.lines.iter().map(|line| row(line, &log.tenant.timezone)).collect_view();
    view! {
        <div class="table-box">
            <table class="data ledger-table audit-table">
                <caption class="vh">"Lines of the audit log, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"Who"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"Whom"</th>
                        <th scope="col">"Details"</th>
                        <th scope="col">"Address"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(line: &AuditLine, timezone: &TimeZone) -> AnyView {
    view! {
        <tr>
            <td class="when"><Moment at=line.at timezone=timezone.clone()/></td>
            <td data-label="Who"><bdi class="breakable">{format::name(&line.actor)}</bdi></td>
            <td data-label="What">{line.deed.in_words()}</td>
            <td data-label="Whom">{text(line.target.as_deref(), "It was done to nobody in particular")}</td>
            <td data-label="Details">{details(&line.details)}</td>
            <td data-label="Address">{text(line.address.as_deref(), "It came from no network address")}</td>
        </tr>
    }
    .into_any()
}

fn text(known: Option<&str>, why_not: &'static str) -> AnyView {
    match known {
        Some(text) => view! { <bdi class="breakable">{format::name(text)}</bdi> }.into_any(),
        None => view! { <abbr class="not-known" title=why_not>"—"</abbr> }.into_any(),
    }
    .into_any()
}

fn details(details: &[(String, String)]) -> AnyView {
    if details.is_empty() {
        return text(None, "There is nothing more to tell");
    }
    let lines = details
        .iter()
        .map(|(name, value)| {
            view! {
                <li>
                    <bdi class="detail-name">{format::name(&name.replace('_', " "))}</bdi> " " <bdi>{format::name(value)}</bdi>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="details">{lines}</ul> }.into_any()
}

fn foot(log: &AuditPage, page: Address) -> AnyView {
    let file = page
        .fields()
        .iter()
        .fold(Address::new(AUDIT_LOG_FILE), |file, (field, value)| file.with(field, value.clone()));
    let older = log.next.as_ref().map(|cursor| {
        let address = page.with("cursor", cursor.clone());
        view! { <a class="button" rel="next" href=address.to_string()>"Older lines"</a> }
    });
    view! {
        <nav class="pages" aria-label="Lines">
            {older}
            <a class="button ghost" href=file.to_string() download>"Download these lines as a file (CSV)"</a>
        </nav>
    }
    .into_any()
}
