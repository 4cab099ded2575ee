//! What somebody is shown before they have something done.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ActionKind;
use super::leads::LeadsPreview;
use super::outcome::Activity;
use crate::campaign::CampaignState;
use crate::channel::ChannelSlug;
use crate::ids::CampaignId;

/// What an action would be done to, as things are. It is kept with the action as it was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Preview {
    /// A campaign.
    Campaign(CampaignPreview),
    /// Leads.
    Leads(LeadsPreview),
}

impl Preview {
    /// The campaign it is done to, when it is done to one.
    #[must_use]
    pub const fn campaign(&self) -> Option<&CampaignPreview> {
        match self {
            Self::Campaign(campaign) => Some(campaign),
            Self::Leads(_) => None,
        }
    }

    /// The leads it is done to, when it is done to leads.
    #[must_use]
    pub const fn leads(&self) -> Option<&LeadsPreview> {
        match self {
            Self::Campaign(_) => None,
            Self::Leads(leads) => Some(leads),
        }
    }

    /// What it is done to, for people.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Campaign(campaign) => campaign.name.clone(),
            Self::Leads(leads) => leads.name(),
        }
    }
}

/// What an action would do to a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignPreview {
    /// What would be done.
    pub kind: ActionKind,
    /// To which campaign.
    pub campaign: CampaignId,
    /// What it is called.
    pub name: String,
    /// The tool it is of.
    pub connector: String,
    /// The id it has there.
    pub external_id: String,
    /// The channel it works for.
    pub channel: ChannelSlug,
    /// How it stands.
    pub state: CampaignState,
    /// Whether the tool itself said so just now, rather than what it told us last.
    pub is_from_tool: bool,
    /// What we knew of it then; what is asked for counts for that version only.
    pub version: i32,
    /// How many people it has written to in the last days and who have not answered.
    pub people: i64,
    /// What it did over the last days.
    pub lately: Activity,
    /// What was last done to it.
    pub last: Option<Earlier>,
}

/// Something that was done before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// What.
    pub kind: ActionKind,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}
