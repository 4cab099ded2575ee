//! Campaigns: what each did so far, and what can be done about it.

use domain::campaign::CampaignState;
use domain::ratio::Ratio;
use leptos::prelude::*;

use super::{Moment, tool_name};
use crate::address::Address;
use crate::campaigns::{CampaignLine, CampaignsPage};
use crate::format;

/// A page of campaigns. On a narrow screen each becomes a card of its own.
#[component]
pub fn CampaignTable(
    page: CampaignsPage,
    /// The workspace the page is of, where it is not the viewer's own.
    tenant_id: Option<String>,
    /// Whether the viewer may have something done.
    may_act: bool,
) -> AnyView {
    let rows = page.lines.iter().map(|line| row(line, &page, tenant_id.as_ref(), may_act)).collect_view();
    view! {
        <div class="table-box">
            <table class="data ledger-table campaign-table">
                <caption class="vh">"Campaigns, those that reach people first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Campaign"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Channel"</th>
                        <th scope="col" class="number">"Messages"</th>
                        <th scope="col" class="number">"Leads reached"</th>
                        <th scope="col" class="number">"Replied"</th>
                        <th scope="col" class="number">"Meetings"</th>
                        <th scope="col" class="number">"Closed"</th>
                        <th scope="col">"Last activity"</th>
                        {may_act.then(|| view! { <th scope="col"><span class="vh">"Actions"</span></th> })}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(line: &CampaignLine, page: &CampaignsPage, tenant_id: Option<&String>, may_act: bool) -> AnyView {
    let last_at = match line.last_at {
        Some(at) => view! { <Moment at timezone=page.tenant.timezone.clone()/> }.into_any(),
        None => view! { <span class="not-known">"None yet"</span> }.into_any(),
    };
    view! {
        <tr>
            <td class="when">
                <bdi class="breakable">{format::name(&line.name)}</bdi>
                <span class="row-note">{tool_name(&line.connector)}</span>
            </td>
            <td data-label="State">
                <span class="tag" data-tone=tone(line.state)>{campaign_state_name(line.state)}</span>
            </td>
            <td data-label="Channel"><bdi>{format::name(page.channels.name_of(&line.channel))}</bdi></td>
            <td class="number" data-label="Messages">{format::count(line.sent)}</td>
            <td class="number" data-label="Leads reached">{format::count(line.reached)}</td>
            <td class="number" data-label="Replied">{of_reached(line.replied, line)}</td>
            <td class="number" data-label="Meetings">{of_reached(line.meetings, line)}</td>
            <td class="number" data-label="Closed">{of_reached(line.closed, line)}</td>
            <td data-label="Last activity">{last_at}</td>
            {may_act.then(|| view! { <td class="campaign-actions">{buttons(line, tenant_id)}</td> })}
        </tr>
    }
    .into_any()
}

/// How many, and which part of the leads reached that is.
fn of_reached(leads: i64, line: &CampaignLine) -> String {
    let share = Ratio::of(leads.into(), line.reached.into()).and_then(format::share);
    match share.filter(|_| leads > 0) {
        Some(share) => format!("{} ({share})", format::count(leads)),
        None => format::count(leads),
    }
}

fn buttons(line: &CampaignLine, tenant_id: Option<&String>) -> AnyView {
    let button = |kind: &domain::action::ActionKind| {
        let address = Address::of_action(*kind, line.id, tenant_id);
        view! {
            <a class="button small" href=address.to_string()>
                {kind.short_name()} <span class="vh">" " {format::name(&line.name)}</span>
            </a>
        }
    };
    line.possible.iter().map(button).collect_view().into_any()
}

const fn tone(state: CampaignState) -> Option<&'static str> {
    match state {
        CampaignState::Active => Some("good"),
        CampaignState::Paused => Some("warn"),
        CampaignState::Draft | CampaignState::Finished | CampaignState::Unknown => None,
    }
}

/// How a campaign stands, for people.
#[must_use]
pub const fn campaign_state_name(state: CampaignState) -> &'static str {
    match state {
        CampaignState::Draft => "Draft",
        CampaignState::Active => "Active",
        CampaignState::Paused => "Paused",
        CampaignState::Finished => "Finished",
        CampaignState::Unknown => "Not known",
    }
}
