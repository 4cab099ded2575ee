//! What the page of campaigns is answered.

use app::campaigns::{CampaignLine, CampaignsPage, CampaignsQuestion};
use app::port::AskError;
use domain::access::Viewer;
use domain::action::ActionKind;
use domain::campaign::CampaignState;
use domain::channel::ChannelSlug;
use domain::connection::Tool;
use domain::ids::CampaignId;
use store::campaign_list::{CampaignFilter, CampaignListed};

use super::unanswered;
use crate::accounts::Refusal;
use crate::desk::ours;
use crate::pipeline::Pipeline;

/// How many campaigns a page has.
const PAGE: usize = 50;

/// A page of campaigns, with what can be done about each.
pub(super) async fn answer(
    pipeline: &Pipeline,
    viewer: &Viewer,
    question: CampaignsQuestion,
) -> Result<CampaignsPage, AskError> {
    let state = question.state.as_deref().map(str::parse::<CampaignState>).transpose();
    let state = state.map_err(|wrong| unanswered(Refusal::field("state", wrong.to_string())))?;
    let after = question.cursor.as_deref().map(str::parse::<CampaignId>).transpose();
    let after = after.map_err(|_| unanswered(Refusal::field("cursor", "cursor is none we gave out")))?;
    let filter = CampaignFilter { channel: question.channel.map(ChannelSlug::stored), state };
    let mut work = pipeline.store.within(viewer.tenant).await.map_err(ours)?;
    let one_more = i64::try_from(PAGE).map_or(i64::MAX, |page| page + 1);
    let mut campaigns = work.campaigns_page(&filter, after, one_more).await.map_err(ours)?;
    let has_more = campaigns.len() > PAGE;
    campaigns.truncate(PAGE);
    Ok(CampaignsPage {
        tenant: work.tenant().await.map_err(ours)?,
        in_all: work.campaigns_count(&filter).await.map_err(ours)?,
        channels: pipeline.store.channels_of(viewer.tenant).await.map_err(ours)?,
        next: campaigns.last().filter(|_| has_more).map(|last| last.campaign.id.to_string()),
        lines: campaigns.into_iter().map(line).collect(),
    })
}

fn line(listed: CampaignListed) -> CampaignLine {
    let campaign = listed.campaign;
    let can_be_asked = campaign.connector.parse::<Tool>().is_ok();
    CampaignLine {
        possible: ActionKind::possible_from(campaign.state).filter(|_| can_be_asked).collect(),
        id: campaign.id,
        name: campaign.name,
        connector: campaign.connector,
        channel: campaign.channel,
        state: campaign.state,
        started_at: campaign.started_at,
        sent: listed.sent,
        reached: listed.reached,
        replied: listed.replied,
        meetings: listed.meetings,
        closed: listed.closed,
        last_at: listed.last_at,
    }
}
