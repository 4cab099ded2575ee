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
    let body = report.by_product.iter().map(|product| row(product, column, &rows)).collect_view();
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
                            <th scope="col" title="How much of what came in was refunded, each by its own day">
                                "Refunded"
                            </th>
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

fn row(product: &ProductRevenue, column: Column, rows: &Address) -> AnyView {
    let address = rows.clone().of_product(product).to_string();
    let revenue = column.money(product.sums.total_revenue);
    view! {
        <tr>
            <th scope="row">
                {name(product.product_name.as_deref())}
                {product.product_category.as_deref().map(category)}
            </th>
            <td>{format::count(product.sums.payments)}</td>
            <td>{refunded(product)}</td>
            <td class="main-figure"><a href=address>{revenue}</a></td>
        </tr>
    }
    .into_any()
}

fn refunded(product: &ProductRevenue) -> AnyView {
    match product.sums.refund_rate().and_then(format::share) {
        Some(share) => share.into_any(),
        None => view! { <abbr class="not-known" title="Nothing came in">"—"</abbr> }.into_any(),
    }
    .into_any()
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
