//! What channels cost, the newest period first.

use leptos::prelude::*;

use super::Confirmation;
use crate::address::Address;
use crate::costs::{CostLine, Costs};
use crate::form::Form;
use crate::format;

/// A page of costs. On a narrow screen each becomes a card of its own.
#[component]
pub fn CostTable(
    costs: Costs,
    /// The page and its form that deletes, for who may change costs.
    forms: Option<(Address, Form)>,
) -> AnyView {
    let rows = costs.lines.iter().map(|line| row(line, &costs, forms.as_ref())).collect_view();
    view! {
        <div class="table-box">
            <table class="data ledger-table cost-table">
                <caption class="vh">"Costs, the newest period first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Days"</th>
                        <th scope="col">"Channel"</th>
                        <th scope="col">"Type"</th>
                        <th scope="col" class="number">"Amount"</th>
                        <th scope="col" class="number">{costs.tenant.currency.code().to_uppercase()}</th>
                        {costs.within.map(|_| view! { <th scope="col" class="number">"On these days"</th> })}
                        <th scope="col">"Notes"</th>
                        {forms.is_some().then(|| view! { <th scope="col"><span class="vh">"Change"</span></th> })}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(line: &CostLine, costs: &Costs, forms: Option<&(Address, Form)>) -> AnyView {
    let channel = format::name(costs.channels.name_of(&line.channel));
    let monthly = line.is_monthly.then(|| view! { <span class="tag">"Monthly"</span> });
    let overlaps = line.is_overlapping.then(|| {
        let means = "Other costs of this channel and type fall on the same days: they add up";
        view! { " " <span class="tag" data-tone="warn" title=means>"Overlaps"</span> }
    });
    view! {
        <tr>
            <td class="when">{format::days(line.period)}</td>
            <td data-label="Channel"><bdi>{channel.clone()}</bdi></td>
            <td data-label="Type">{line.cost_type.in_words()} " " {monthly} {overlaps}</td>
            <td class="number main-figure" data-label="Amount">
                {format::money(line.money.minor, line.money.currency)}
            </td>
            <td class="number" data-label="Converted">{converted(line, costs)}</td>
            {costs.within.map(|_| within(line, costs))}
            <td data-label="Notes"><bdi class="breakable">{line.notes.as_deref().map(format::name)}</bdi></td>
            {forms.map(|(page, deletion)| changes(line, &channel, page, deletion))}
        </tr>
    }
    .into_any()
}

fn converted(line: &CostLine, costs: &Costs) -> AnyView {
    match line.base_minor {
        Some(minor) => format::money(minor, costs.tenant.currency).into_any(),
        None => {
            view! { <abbr class="not-known" title="No exchange rate is known for its first day">"—"</abbr> }
                .into_any()
        }
    }
}

/// How much falls on the days that were asked for.
fn within(line: &CostLine, costs: &Costs) -> AnyView {
    let told = line.within.map(|minor| format::money(minor, costs.tenant.currency));
    view! { <td class="number" data-label="On these days">{told.unwrap_or_else(|| "—".to_owned())}</td> }
        .into_any()
}

fn changes(line: &CostLine, channel: &str, page: &Address, deletion: &Form) -> AnyView {
    let edit = page.clone().with("edit", line.id.to_string());
    let whom = format!("{} of {channel}, {}", line.cost_type.in_words(), format::days(line.period));
    let form = deletion.clone().about("cost", line.id.to_string());
    let means = view! { "It counts nowhere from now on. It can be brought back." }.into_any();
    view! {
        <td class="cost-changes">
            <a class="button small" href=edit.to_string()>"Edit" <span class="vh">" " {whom.clone()}</span></a>
            <Confirmation form opens="Delete" whom means does="Delete it"/>
        </td>
    }
    .into_any()
}
