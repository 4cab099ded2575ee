//! What the page of campaigns is asked and answered.

use domain::action::ActionKind;
use domain::campaign::CampaignState;
use domain::channel::{ChannelList, ChannelSlug};
use domain::ids::CampaignId;
use domain::tenant::Tenant;
use jiff::Timestamp;

/// Which campaigns a page asks for, in the words of its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignsQuestion {
    /// Another tenant than the viewer's own.
    pub tenant_id: Option<String>,
    /// Only those of this channel.
    pub channel: Option<String>,
    /// Only those in this state.
    pub state: Option<String>,
    /// Where to go on.
    pub cursor: Option<String>,
}

/// The tenant's campaigns, with what each did and what can be done about it.
#[derive(Clone, Debug)]
pub struct CampaignsPage {
    /// Whose.
    pub tenant: Tenant,
    /// Its channels.
    pub channels: ChannelList,
    /// The campaigns, those that reach people first.
    pub lines: Vec<CampaignLine>,
    /// How many the filter finds in all.
    pub in_all: i64,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// A campaign, what it did so far, and what can be done about it. People count once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignLine {
    /// Which.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// The tool it is of.
    pub connector: String,
    /// The channel it works for.
    pub channel: ChannelSlug,
    /// How it stands.
    pub state: CampaignState,
    /// When it began to reach people.
    pub started_at: Option<Timestamp>,
    /// Messages it sent.
    pub sent: i64,
    /// Leads it reached.
    pub reached: i64,
    /// How many of them answered.
    pub replied: i64,
    /// With how many of them a meeting came about.
    pub meetings: i64,
    /// How many of them stand at closed.
    pub closed: i64,
    /// When it last touched somebody.
    pub last_at: Option<Timestamp>,
    /// What can be done about it; nothing where no tool can be asked.
    pub possible: Vec<ActionKind>,
}
