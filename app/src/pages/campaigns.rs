//! `/portal/campaigns`: the campaigns of all tools, what each did so far, and what can be done about it.

use domain::access::Permission;
use domain::campaign::CampaignState;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{campaigns_question, office, query};
use super::refusal::RefusalView;
use super::settings::Asked;
use crate::address::{Address, CAMPAIGNS, CONNECTIONS, IMPORT};
use crate::campaigns::{CampaignsPage as Campaigns, CampaignsQuestion};
use crate::components::{CampaignTable, HiddenFields, Layout, Place, campaign_state_name, filter_option};
use crate::format;

/// Asks for the campaigns the address names.
#[component]
pub fn CampaignsPage() -> impl IntoView {
    let (asked, office, question) = (Asked::now(Place::Campaigns), office(), campaigns_question(&query()));
    let answer = Suspend::new(async move {
        let campaigns = match asked.visit.viewer() {
            Ok(viewer) => office.campaigns(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match campaigns {
            Ok(campaigns) => view! { <CampaignsView campaigns question asked/> }.into_any(),
            Err(error) => {
                let (page, question) = (asked.address(), asked.question());
                view! { <RefusalView error place=Place::Campaigns title="Campaigns" page question/> }
                    .into_any()
            }
        }
    });
    view! {
        <Title text="Campaigns · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn CampaignsView(campaigns: Campaigns, question: CampaignsQuestion, asked: Asked) -> AnyView {
    let page = filtered(&question);
    let timezone = campaigns.tenant.timezone.iana_name().unwrap_or("UTC").to_owned();
    let found = format::counted(campaigns.in_all, "campaign", "campaigns");
    let next = campaigns.next.as_ref().map(|next| {
        let address = page.clone().with("cursor", next.clone());
        view! { <div class="table-foot"><a class="button" href=address.to_string()>"More campaigns"</a></div> }
    });
    view! {
        <Layout place=Place::Campaigns question=asked.question() notice=asked.notice>
            <header class="page-head">
                <div class="page-title">
                    <h1>"Campaigns"</h1>
                    <p>
                        {found} ". Each lead counts once in what a campaign did, since it began. Times are in "
                        {timezone} "."
                    </p>
                </div>
                <div class="controls">{filters(&campaigns, &question)}</div>
            </header>
            <section class="card ledger" aria-label="Campaigns">{listed(campaigns, &page, &asked)} {next}</section>
        </Layout>
    }
    .into_any()
}

/// The page with its filter.
fn filtered(question: &CampaignsQuestion) -> Address {
    everything(question)
        .with_any("channel", question.channel.as_ref())
        .with_any("state", question.state.as_ref())
}

fn everything(question: &CampaignsQuestion) -> Address {
    Address::new(CAMPAIGNS).with_any("tenant_id", question.tenant_id.as_ref())
}

fn filters(campaigns: &Campaigns, question: &CampaignsQuestion) -> AnyView {
    let everything = everything(question);
    let is_filtered = filtered(question) != everything;
    let channels = campaigns.channels.iter().map(|channel| {
        filter_option(channel.slug.to_string(), format::name(&channel.name), question.channel.as_ref())
    });
    let states = CampaignState::ALL
        .map(|state| filter_option(state.word(), campaign_state_name(state), question.state.as_ref()));
    view! {
        <form class="filters" method="get" action=CAMPAIGNS>
            <HiddenFields page=everything.clone()/>
            <label>
                "Channel"
                <select name="channel"><option value="">"All channels"</option> {channels.collect_view()}</select>
            </label>
            <label>
                "State" <select name="state"><option value="">"Every state"</option> {states.collect_view()}</select>
            </label>
            <button type="submit" class="button">"Show"</button>
            {is_filtered
                .then(|| view! { <a class="button ghost" href=everything.to_string()>"Show all"</a> })}
        </form>
    }
    .into_any()
}

fn listed(campaigns: Campaigns, page: &Address, asked: &Asked) -> AnyView {
    if campaigns.lines.is_empty() {
        return nothing(*page == asked.address(), asked);
    }
    let tenant_id = asked.address().fields().first().map(|(_, id)| id.clone());
    let may_act = asked.visit.may(Permission::Act);
    view! { <CampaignTable page=campaigns tenant_id may_act/> }.into_any()
}

fn nothing(is_everything: bool, asked: &Asked) -> AnyView {
    if !is_everything {
        return view! { <p class="nothing">"No campaign is like that."</p> }.into_any();
    }
    let to = |path| asked.of_this_tenant(Address::new(path)).to_string();
    view! {
        <p class="nothing">
            "No campaign is known yet. " <a href=to(CONNECTIONS)>"Connect a tool"</a> ", or "
            <a href=to(IMPORT)>"bring in a file"</a> "."
        </p>
    }
    .into_any()
}
