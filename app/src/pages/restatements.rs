//! `/portal/restatements`: what the ledger says otherwise of days that had ended, and why.

use domain::money::Money;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{desk, query, restated_question};
use super::refusal::RefusalView;
use crate::address::{Address, RESTATEMENTS_FILE};
use crate::components::{
    Layout, PeriodPicker, Place, RestatementFilters, RestatementTable, cause_name, signed,
};
use crate::format;
use crate::port::{RestatedPage, RestatedQuestion};
use crate::visit::Visit;

/// The heading of the page.
const TITLE: &str = "Restatements";

/// Asks for the restatements the address names.
#[component]
pub fn RestatementsPage() -> impl IntoView {
    let (desk, question, viewer) = (desk(), restated_question(&query()), Visit::now().viewer());
    let answer = Suspend::new(async move {
        let restated = match viewer {
            Ok(viewer) => desk.restated(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match restated {
            Ok(restated) => view! { <RestatementsView restated question/> }.into_any(),
            Err(error) => {
                let page = Address::of_restatements(&question);
                let question = question.period;
                view! { <RefusalView error place=Place::Restatements title=TITLE page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Restatements · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn RestatementsView(restated: RestatedPage, question: RestatedQuestion) -> AnyView {
    let page = Address::of_restatements(&question);
    let range = restated.frame.range;
    let tenant_id = question.period.tenant_id.clone();
    view! {
        <Layout place=Place::Restatements question=question.period>
            <header class="page-head">
                <div class="page-title">
                    <h1>{TITLE}</h1>
                    <p>{in_words(&restated)}</p>
                </div>
                <div class="controls">
                    <PeriodPicker
                        page=page.clone()
                        chosen=Some(restated.frame.choice)
                        typed=(range.from.to_string(), range.to.to_string())
                    />
                </div>
            </header>
            {sums(&restated, &page)}
            <section class="card ledger" aria-label="Restatements">
                <header class="card-head">
                    {moved(&restated)}
                    <RestatementFilters restated=restated.clone() page=page.clone()/>
                </header>
                {table(&restated, tenant_id)}
                {foot(&restated, &page)}
            </section>
        </Layout>
    }
    .into_any()
}

/// What the page shows, in words.
fn in_words(restated: &RestatedPage) -> String {
    let (tenant, days) = (&restated.frame.tenant, format::days(restated.frame.range));
    let timezone = tenant.timezone.iana_name().unwrap_or("UTC");
    let since = restated
        .since
        .map(|since| format!(", of what became known after {}", format::moment(since, &tenant.timezone)));
    let since = since.unwrap_or_default();
    format!("What became known of {days} after each day had ended{since}. Times are in {timezone}.")
}

/// What each cause comes to, leading to its lines.
fn sums(restated: &RestatedPage, page: &Address) -> AnyView {
    if restated.sums.is_empty() {
        return ().into_any();
    }
    let cards = restated
        .sums
        .iter()
        .map(|sum| {
            let address = page.clone().with("cause", sum.cause.word());
            let recurring = Money { minor: sum.mrr_moved, currency: sum.currency };
            let recurring = (recurring.minor != 0).then(|| format!(", {} MRR", signed(recurring)));
            view! {
                <li>
                    <a class="card restated-sum" href=address.to_string()>
                        <span class="restated-note">
                            {cause_name(sum.cause)} " in " {sum.currency.code().to_uppercase()}
                        </span>
                        <strong>{signed(Money { minor: sum.moved, currency: sum.currency })}</strong>
                        <span class="restated-note">{format::counted(sum.lines, "line", "lines")} {recurring}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="restated-sums" aria-label="What each cause comes to">{cards}</ul> }.into_any()
}

fn moved(restated: &RestatedPage) -> AnyView {
    let moved = Money { minor: restated.base_moved(), currency: restated.frame.tenant.currency };
    let lines = restated.sums.iter().map(|sum| sum.lines).sum();
    view! {
        <p class="ledger-sum">
            <strong>{signed(moved)}</strong>
            <span>" in " {format::counted(lines, "line", "lines")}</span>
        </p>
    }
    .into_any()
}

fn table(restated: &RestatedPage, tenant_id: Option<String>) -> AnyView {
    if !restated.lines.is_empty() {
        let (lines, tenant) = (restated.lines.clone(), restated.frame.tenant.clone());
        return view! { <RestatementTable lines tenant tenant_id/> }.into_any();
    }
    let is_narrowed = restated.channel.is_some() || restated.cause.is_some() || restated.since.is_some();
    let says = if is_narrowed {
        "No restatement matches. Show all of them, or choose other days."
    } else {
        "Nothing changed. The figures of these days are what they were when each day ended. Choose other days to see more."
    };
    view! { <p class="nothing">{says}</p> }.into_any()
}

fn foot(restated: &RestatedPage, page: &Address) -> AnyView {
    if restated.lines.is_empty() {
        return ().into_any();
    }
    let older = restated.next.as_ref().map(|cursor| {
        let address = page.clone().with("cursor", cursor);
        view! { <a class="button" rel="next" href=address.to_string()>"Older restatements"</a> }
    });
    let file = page.clone().as_file_of(RESTATEMENTS_FILE);
    view! {
        <nav class="pages" aria-label="Pages of restatements">
            {older}
            <a class="button ghost" href=file.to_string() download>"Download all of them as a file (CSV)"</a>
        </nav>
    }
    .into_any()
}
