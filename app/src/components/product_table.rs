//! What was sold.

use domain::revenue::{ProductRevenue, RevenueReport};
use leptos::prelude::*;

use crate::address::Address;
use crate::format::{self, Column};

/// The products of a report, the largest first.
#[component]
pub fn ProductTable(report: RevenueReport, rows: Address) -> AnyView {
    let amounts = report.by_product.iter().map(|product| product.sums.total_revenue);
    let column = Column::holding(report.currency, amounts);
    let body = report
        .by_product
        .iter()
        .map(|product| row(product, is_named_once(&report.by_product, product), column, &rows))
        .collect_view();
    view! {
        <section class="card" aria-labelledby="products-title">
            <header class="card-head">
                <h2 id="products-title">"Revenue by product"</h2>
            </header>
            <div class="table-box">
                <table class="data product-table">
                    <thead>
                        <tr>
                            <th scope="col">"Product"</th>
                            <th scope="col">"Payments"</th>
                            <th scope="col">"Revenue"</th>
                        </tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(product: &ProductRevenue, has_rows: bool, column: Column, rows: &Address) -> AnyView {
    let revenue = column.money(product.sums.total_revenue);
    let revenue = match product.product_name.as_ref().filter(|_| has_rows) {
        Some(name) => {
            let address = rows.clone().with("product", name);
            view! { <a href=address.to_string()>{revenue}</a> }.into_any()
        }
        None => revenue.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                {name(product.product_name.as_deref())}
                {product.product_category.as_deref().map(category)}
            </th>
            <td>{format::count(product.sums.payments)}</td>
            <td class="main-figure">{revenue}</td>
        </tr>
    }
    .into_any()
}

/// The ledger finds rows by product name, which is one figure only where one line has that name.
fn is_named_once(all: &[ProductRevenue], product: &ProductRevenue) -> bool {
    all.iter().filter(|other| other.product_name == product.product_name).count() == 1
}

fn name(known: Option<&str>) -> AnyView {
    match known {
        Some(name) => view! { <bdi>{format::name(name)}</bdi> }.into_any(),
        None => view! { <span class="not-known">"Payments that do not tell"</span> }.into_any(),
    }
}

fn category(name: &str) -> impl IntoView + use<> {
    view! { " " <span class="category"><bdi>{format::name(name)}</bdi></span> }
}
