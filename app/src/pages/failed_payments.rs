//! `/portal/failed-payments`: payments that could not be collected, and what became of them.

use domain::dunning::Standing;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{desk, failed_question, query};
use super::refusal::RefusalView;
use crate::address::{Address, FAILED_PAYMENTS};
use crate::components::{FailureTable, Layout, Place, standing_name};
use crate::format;
use crate::port::{FailedPage, FailedQuestion, FailedTotalLine, PeriodQuestion};
use crate::visit::Visit;

/// The heading of the page.
const TITLE: &str = "Failed payments";

/// Asks for the failed payments the address names.
#[component]
pub fn FailedPaymentsPage() -> impl IntoView {
    let (desk, question, viewer) = (desk(), failed_question(&query()), Visit::now().viewer());
    let answer = Suspend::new(async move {
        let failed = match viewer {
            Ok(viewer) => desk.failed_payments(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match failed {
            Ok(failed) => view! { <FailedPaymentsView failed question/> }.into_any(),
            Err(error) => {
                let (page, question) = (of_tenant(&question), about(&question));
                view! { <RefusalView error place=Place::FailedPayments title=TITLE page question/> }
                    .into_any()
            }
        }
    });
    view! {
        <Title text="Failed payments · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

fn of_tenant(question: &FailedQuestion) -> Address {
    Address::new(FAILED_PAYMENTS).with_any("tenant_id", question.tenant_id.as_ref())
}

fn about(question: &FailedQuestion) -> PeriodQuestion {
    PeriodQuestion { tenant_id: question.tenant_id.clone(), ..PeriodQuestion::default() }
}

#[component]
fn FailedPaymentsView(failed: FailedPage, question: FailedQuestion) -> AnyView {
    let everything = of_tenant(&question);
    view! {
        <Layout place=Place::FailedPayments question=about(&question)>
            <header class="page-head">
                <div class="page-title">
                    <h1>{TITLE}</h1>
                    <p>{in_words(&failed)}</p>
                </div>
                <div class="controls">{choice(&everything, failed.standing)}</div>
            </header>
            {totals(&failed, &everything)}
            <section class="card ledger" aria-label="Failed payments">
                {table(&failed, question.tenant_id)}
                {next(&failed, &everything)}
            </section>
        </Layout>
    }
    .into_any()
}

/// What there is to do, in words.
fn in_words(failed: &FailedPage) -> String {
    let open: Vec<&FailedTotalLine> =
        failed.totals.iter().filter(|total| total.standing == Standing::Open).collect();
    let payments: i64 = open.iter().map(|total| total.payments).sum();
    let amounts: Vec<String> = open.iter().map(|total| format::money(total.amount, total.currency)).collect();
    let timezone = failed.tenant.timezone.iana_name().unwrap_or("UTC");
    if payments == 0 {
        return format!("Nothing is at risk. Times are in {timezone}.");
    }
    let payments = format::counted(payments, "payment is", "payments are");
    format!("{payments} at risk: {}. Times are in {timezone}.", amounts.join(" and "))
}

fn choice(everything: &Address, chosen: Option<Standing>) -> AnyView {
    let all =
        view! { <a href=everything.to_string() aria-current=chosen.is_none().then_some("true")>"All"</a> };
    let others = Standing::ALL
        .map(|standing| {
            let address = everything.clone().with("state", standing.word());
            let current = (chosen == Some(standing)).then_some("true");
            view! { <a href=address.to_string() aria-current=current>{standing_name(standing).0}</a> }
        })
        .collect_view();
    view! { <div class="segments" role="group" aria-label="State">{all} {others}</div> }.into_any()
}

fn totals(failed: &FailedPage, everything: &Address) -> AnyView {
    if failed.totals.is_empty() {
        return ().into_any();
    }
    let cards = failed
        .totals
        .iter()
        .map(|total| {
            let (word, tone) = standing_name(total.standing);
            let address = everything.clone().with("state", total.standing.word());
            view! {
                <li>
                    <a class="card failed-total" data-tone=tone href=address.to_string()>
                        <span class="failed-word">{word} " in " {total.currency.code().to_uppercase()}</span>
                        <strong>{format::money(total.amount, total.currency)}</strong>
                        <span class="failed-count">{format::counted(total.payments, "payment", "payments")}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="failed-totals" aria-label="What they come to">{cards}</ul> }.into_any()
}

fn table(failed: &FailedPage, tenant_id: Option<String>) -> AnyView {
    if !failed.lines.is_empty() {
        let (lines, tenant) = (failed.lines.clone(), failed.tenant.clone());
        return view! { <FailureTable lines tenant tenant_id/> }.into_any();
    }
    let says = match failed.standing {
        Some(_) => "No failed payment stands so. Show all of them to see more.",
        None => {
            "No payment has failed. When one does it is listed here with its attempts, until it is paid or given up; \
             have Stripe send invoice.payment_failed and payment_intent.payment_failed."
        }
    };
    view! { <p class="nothing">{says}</p> }.into_any()
}

fn next(failed: &FailedPage, everything: &Address) -> AnyView {
    let page = match failed.standing {
        Some(standing) => everything.clone().with("state", standing.word()),
        None => everything.clone(),
    };
    let older = failed.next.as_ref().map(|cursor| page.with("cursor", cursor));
    older
        .map(|address| {
            view! {
                <nav class="pages" aria-label="Pages of failed payments">
                    <a class="button" rel="next" href=address.to_string()>"Older failures"</a>
                </nav>
            }
        })
        .into_any()
}
