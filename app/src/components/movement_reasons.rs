//! What lay behind movements of recurring revenue: why customers left, and why they pay more or less.

use domain::mrr::parts::MovementReason;
use domain::mrr::{MovementDetail, MovementKind};
use leptos::prelude::*;

use super::roll_forward::file;
use crate::address::{Address, METRICS};
use crate::format;
use crate::recurring::RecurringPage;

/// The reasons, those for leaving first.
#[component]
pub fn MovementReasons(found: RecurringPage, page: Address) -> AnyView {
    const ORDER: [MovementKind; 6] = [
        MovementKind::Churn,
        MovementKind::Contraction,
        MovementKind::New,
        MovementKind::Reactivation,
        MovementKind::Expansion,
        MovementKind::Fx,
    ];
    if found.reasons.is_empty() {
        return ().into_any();
    }
    let currency = found.report.currency;
    let place = |kind: MovementKind| ORDER.iter().position(|known| *known == kind);
    let mut reasons = found.reasons;
    reasons.sort_by_key(|reason| place(reason.kind));
    let rows = reasons
        .iter()
        .map(|reason| {
            view! {
                <tr>
                    <th scope="row"><a href=format!("{METRICS}#mrr_{}", reason.kind.word())>{kind_name(reason.kind)}</a></th>
                    <td class="words" data-label="What lay behind it">{behind(reason)}</td>
                    <td class="number" data-label="Movements">{format::count(reason.movements)}</td>
                    <td class="number main-figure" data-label="Amount">{format::money(reason.amount, currency)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="reasons-title">
            <header class="card-head">
                <h2 id="reasons-title">"What lay behind it"</h2>
                <p class="card-note">"What customers said when they left is Stripe's cancellation feedback."</p>
            </header>
            <div class="table-box">
                <table class="data reasons-table">
                    <caption class="vh">"Movements by what lay behind them"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Movement"</th>
                            <th scope="col" class="words">"What lay behind it"</th>
                            <th scope="col" class="number">"Movements"</th>
                            <th scope="col" class="number">"Amount"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <div class="table-foot">
                <a class="button ghost" href=file(&page, "reasons") download>"Download these reasons (CSV)"</a>
            </div>
        </section>
    }
    .into_any()
}

fn behind(reason: &MovementReason) -> AnyView {
    let detail = match (reason.kind, reason.detail) {
        (_, Some(detail)) => detail_name(detail),
        (MovementKind::Churn, None) => "Not told",
        (_, None) => "The plan or its quantity",
    };
    let said = reason.feedback.as_ref().map(|feedback| {
        let words = feedback.replace('_', " ");
        view! { <span class="row-note"><bdi>{format::name(&words)}</bdi></span> }
    });
    view! { {detail} {said} }.into_any()
}

const fn kind_name(kind: MovementKind) -> &'static str {
    match kind {
        MovementKind::New => "New",
        MovementKind::Reactivation => "Reactivation",
        MovementKind::Expansion => "Expansion",
        MovementKind::Contraction => "Contraction",
        MovementKind::Churn => "Churn",
        MovementKind::Fx => "Exchange rates",
    }
}

const fn detail_name(detail: MovementDetail) -> &'static str {
    match detail {
        MovementDetail::TrialConverted => "A trial became paid",
        MovementDetail::Paused => "Paused",
        MovementDetail::Resumed => "Resumed",
        MovementDetail::ToFree => "What was paid for became free",
        MovementDetail::DiscountEnded => "A discount ended",
        MovementDetail::Voluntary => "The customer cancelled",
        MovementDetail::Involuntary => "Payment failed for good",
    }
}
