//! What came and went of recurring revenue, as a strip: gains to the left, losses to the right.

use domain::mrr::report::Movements;
use leptos::prelude::*;

/// How wide the strip is drawn.
const WIDTH: i64 = 1_000;

/// The strip; nothing where nothing moved.
#[component]
pub fn MovementStrip(movements: Movements) -> AnyView {
    let Movements { new, reactivation, expansion, contraction, churn, .. } = movements;
    let parts = [
        ("new", new + reactivation),
        ("expansion", expansion),
        ("contraction", contraction),
        ("churn", churn),
    ];
    let all: i64 = parts.iter().map(|(_, amount)| (*amount).max(0)).sum();
    if all == 0 {
        return ().into_any();
    }
    let mut before = 0_i64;
    let drawn = parts
        .into_iter()
        .filter(|(_, amount)| *amount > 0)
        .map(|(kind, amount)| {
            let (from, to) = (place(before, all), place(before + amount, all));
            before += amount;
            view! { <rect class=format!("moved-{kind}") x=from.to_string() width=(to - from).to_string() height="4"/> }
        })
        .collect_view();
    view! {
        <svg class="movement-strip" viewBox=format!("0 0 {WIDTH} 4") preserveAspectRatio="none" aria-hidden="true">
            {drawn}
        </svg>
    }
    .into_any()
}

fn place(amount: i64, all: i64) -> i64 {
    i64::try_from(i128::from(amount) * i128::from(WIDTH) / i128::from(all)).unwrap_or(WIDTH)
}
