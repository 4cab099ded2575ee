//! Leads, the newest first.

use jiff::Timestamp;
use leptos::prelude::*;

use super::{ChannelMark, Moment};
use crate::address::Address;
use crate::format;
use crate::port::{LeadLine, TenantView};
use crate::roster::Roster;

/// A page of leads. On a narrow screen each becomes a card of its own.
#[component]
pub fn LeadTable(
    lines: Vec<LeadLine>,
    tenant: TenantView,
    roster: Roster,
    /// When this was so.
    as_of: Timestamp,
    /// What links carry along.
    tenant_id: Option<String>,
    /// Whether leads can be chosen, for the form around the table.
    can_choose: bool,
) -> AnyView {
    let rows = lines
        .iter()
        .map(|line| {
            let chooser = can_choose.then(|| chooser(line));
            row(line, &tenant, &roster, as_of, tenant_id.as_ref(), chooser)
        })
        .collect_view();
    let choose = can_choose.then(|| view! { <th scope="col"><span class="vh">"Choose"</span></th> });
    view! {
        <div class="table-box">
            <table class="data ledger-table lead-table">
                <caption class="vh">"Leads, the newest first"</caption>
                <thead>
                    <tr>
                        {choose}
                        <th scope="col">"Lead"</th>
                        <th scope="col">"Company"</th>
                        <th scope="col">"Channel"</th>
                        <th scope="col">"Stage"</th>
                        <th scope="col" class="number">"Days in it"</th>
                        <th scope="col">"Last activity"</th>
                        <th scope="col">"Owner"</th>
                        <th scope="col" class="number">"Worth"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(
    line: &LeadLine,
    tenant: &TenantView,
    roster: &Roster,
    as_of: Timestamp,
    tenant_id: Option<&String>,
    chooser: Option<AnyView>,
) -> AnyView {
    let address = Address::of_lead(line.id, tenant_id);
    let days = as_of.duration_since(line.stage_entered_at).as_hours() / 24;
    let name = called(line);
    let email = line.name.as_ref().and(line.email.as_deref()).map(|email| {
        view! { <span class="event-reason"><bdi class="breakable">{format::name(email)}</bdi></span> }
    });
    let stuck = line.stuck_days.map(|_| view! { " " <span class="tag" data-tone="warn">"Stuck"</span> });
    view! {
        <tr>
            {chooser}
            <td class="when"><a href=address.to_string()><bdi class="breakable">{name}</bdi></a> {email}</td>
            <td data-label="Company">{known(line.company.as_deref())}</td>
            <td data-label="Channel">
                <ChannelMark color=roster.color(&line.channel) name=roster.name(&line.channel)/>
            </td>
            <td data-label="Stage">{line.stage.in_words()} {stuck}</td>
            <td class="number" data-label="Days in it">{format::count(days)}</td>
            <td data-label="Last activity"><Moment at=line.last_activity_at timezone=tenant.timezone.clone()/></td>
            <td data-label="Owner">{known(line.owner.as_deref())}</td>
            <td class="number" data-label="Worth">
                {known(line.value.map(|value| format::money(value.minor, value.currency)).as_deref())}
            </td>
        </tr>
    }
    .into_any()
}

/// The box by which somebody chooses a lead.
fn chooser(line: &LeadLine) -> AnyView {
    let says = format!("Choose {}", called(line));
    view! {
        <td class="choose" data-label="Choose">
            <input type="checkbox" name="lead" value=line.id.to_string() aria-label=says/>
        </td>
    }
    .into_any()
}

fn called(line: &LeadLine) -> String {
    let name = line.name.as_ref().or(line.email.as_ref());
    name.map_or_else(|| "Nameless".to_owned(), |name| format::name(name))
}

fn known(text: Option<&str>) -> AnyView {
    match text {
        Some(text) => view! { <bdi class="breakable">{format::name(text)}</bdi> }.into_any(),
        None => view! { <abbr class="not-known" title="Nobody said">"—"</abbr> }.into_any(),
    }
}
