//! Recurring revenue channel by channel.

use domain::mrr::parts::ChannelMovements;
use domain::mrr::report::Movements;
use leptos::prelude::*;

use super::ChannelMark;
use super::roll_forward::{amounts, file};
use crate::address::{Address, CUSTOMERS};
use crate::format::{self, Column};
use crate::recurring::RecurringPage;
use crate::roster::Roster;

/// A line for each channel, by the channel of customers' first payments; the lines add up to the whole.
#[component]
pub fn RecurringChannels(found: RecurringPage, roster: Roster, page: Address) -> AnyView {
    let told = found.by_channel.iter().flat_map(|channel| {
        let Movements { new, reactivation, expansion, contraction, churn, fx } = channel.movements;
        [channel.start, new, reactivation, expansion, contraction, churn, fx, channel.end]
    });
    let report = &found.report;
    let column = Column::holding(report.currency, told.chain([report.start, report.end]));
    let rows = found.by_channel.iter().map(|channel| row(channel, &roster, column, &page)).collect_view();
    view! {
        <section class="card" aria-labelledby="recurring-channels-title">
            <header class="card-head">
                <h2 id="recurring-channels-title">"By channel"</h2>
                <p class="card-note">"Customers count for the channel of their first payment."</p>
            </header>
            <div class="table-box">
                <table class="data movements-table">
                    <caption class="vh">"Recurring revenue by channel"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Channel"</th>
                            <th scope="col" class="number">"Before"</th>
                            <th scope="col" class="number">"New"</th>
                            <th scope="col" class="number">"Reactivation"</th>
                            <th scope="col" class="number">"Expansion"</th>
                            <th scope="col" class="number">"Contraction"</th>
                            <th scope="col" class="number">"Churn"</th>
                            <th scope="col" class="number">"Rates"</th>
                            <th scope="col" class="number">"After"</th>
                            <th scope="col" class="number">"Customers"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                    <tfoot>
                        <tr>
                            <th scope="row">"All channels"</th>
                            {amounts(report.start, report.movements, report.end, column)}
                            <td class="number" data-label="Customers">{format::count(report.customers.end)}</td>
                        </tr>
                    </tfoot>
                </table>
            </div>
            <div class="table-foot">
                <a class="button ghost" href=file(&page, "by_channel") download>"Download these channels (CSV)"</a>
            </div>
        </section>
    }
    .into_any()
}

fn row(part: &ChannelMovements, roster: &Roster, column: Column, page: &Address) -> AnyView {
    let customers = page.on(CUSTOMERS).without_period().in_channel(&part.channel);
    view! {
        <tr>
            <th scope="row">
                <ChannelMark color=roster.color(&part.channel) name=roster.name(&part.channel)/>
            </th>
            {amounts(part.start, part.movements, part.end, column)}
            <td class="number" data-label="Customers">
                <a href=customers.to_string()>{format::count(part.customers.end)}</a>
            </td>
        </tr>
    }
    .into_any()
}
