//! `/portal/customers`: who pays, what recurs of it and what they have paid.

use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{customers_question, desk, query};
use super::refusal::RefusalView;
use crate::address::Address;
use crate::components::{CustomerFilters, CustomerTable, Layout, Place};
use crate::format;
use crate::port::{CustomersPage as Customers, CustomersQuestion, PeriodQuestion};
use crate::roster::Roster;
use crate::visit::Visit;

/// The heading of the page.
const TITLE: &str = "Customers";

/// Asks for the customers the address names and shows them.
#[component]
pub fn CustomersPage() -> impl IntoView {
    let (desk, question, viewer) = (desk(), customers_question(&query()), Visit::now().viewer());
    let answer = Suspend::new(async move {
        let customers = match viewer {
            Ok(viewer) => desk.customers(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match customers {
            Ok(customers) => view! { <CustomersView customers question/> }.into_any(),
            Err(error) => {
                let page = Address::of_customers(&question);
                let question = whose(&question);
                view! { <RefusalView error place=Place::Customers title=TITLE page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Customers · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

fn whose(question: &CustomersQuestion) -> PeriodQuestion {
    PeriodQuestion { tenant_id: question.tenant_id.clone(), ..PeriodQuestion::default() }
}

/// A page of customers.
#[component]
pub fn CustomersView(customers: Customers, question: CustomersQuestion) -> AnyView {
    let page = Address::of_customers(&question);
    let tenant_id = question.tenant_id.clone();
    let in_all = format::counted(customers.customers_in_all, "customer", "customers");
    view! {
        <Layout place=Place::Customers question=whose(&question)>
            <header class="page-head">
                <div class="page-title">
                    <h1>{TITLE}</h1>
                    <p>"Who has paid, the newest first. Amounts are in the workspace's currency."</p>
                </div>
            </header>
            <section class="card ledger" aria-label="Customers">
                <header class="card-head">
                    <p class="ledger-sum"><strong>{in_all}</strong></p>
                    <CustomerFilters customers=customers.clone() question/>
                </header>
                {rows(&customers, tenant_id)}
                {older(&customers, &page)}
            </section>
        </Layout>
    }
    .into_any()
}

fn rows(customers: &Customers, tenant_id: Option<String>) -> AnyView {
    if customers.lines.is_empty() {
        return view! { <p class="nothing">"No customer matches. A customer is here from its first payment on."</p> }
            .into_any();
    }
    let roster = Roster::of(&customers.tenant);
    view! { <CustomerTable lines=customers.lines.clone() tenant=customers.tenant.clone() roster tenant_id/> }
        .into_any()
}

fn older(customers: &Customers, page: &Address) -> Option<AnyView> {
    let address = page.clone().with("cursor", customers.next.as_ref()?);
    Some(
        view! {
            <nav class="pages" aria-label="Customers">
                <a class="button" rel="next" href=address.to_string()>"Older customers"</a>
            </nav>
        }
        .into_any(),
    )
}
