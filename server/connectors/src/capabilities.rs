//! What a key allows, and why not where it does not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Something a connected tool can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Listing campaigns.
    ReadCampaigns,
    /// Listing the people of campaigns.
    ReadPeople,
    /// Reading what was sent and answered.
    ReadTouches,
    /// Reading what campaigns came to.
    ReadStatistics,
    /// Pausing a campaign.
    Pause,
    /// Letting a campaign go on, or begin.
    Resume,
    /// Adding people to a campaign.
    AddLeads,
    /// Answering somebody.
    Reply,
    /// Having the tool tell us at once.
    Webhooks,
    /// Looking people up.
    Enrich,
}

impl Capability {
    /// Every capability of a tool that reaches people.
    pub const OF_CONNECTORS: [Self; 9] = [
        Self::ReadCampaigns,
        Self::ReadPeople,
        Self::ReadTouches,
        Self::ReadStatistics,
        Self::Pause,
        Self::Resume,
        Self::AddLeads,
        Self::Reply,
        Self::Webhooks,
    ];

    /// The capability as people read it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::ReadCampaigns => "read campaigns",
            Self::ReadPeople => "read leads",
            Self::ReadTouches => "read messages",
            Self::ReadStatistics => "read statistics",
            Self::Pause => "pause campaigns",
            Self::Resume => "resume campaigns",
            Self::AddLeads => "add leads",
            Self::Reply => "send replies",
            Self::Webhooks => "tell us at once",
            Self::Enrich => "look people up",
        }
    }
}

/// What can be done, and why not where it cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities(BTreeMap<Capability, Option<String>>);

impl Capabilities {
    /// All of these.
    #[must_use]
    pub fn all(of: impl IntoIterator<Item = Capability>) -> Self {
        Self(of.into_iter().map(|capability| (capability, None)).collect())
    }

    /// The same without one, and why.
    #[must_use]
    pub fn without(mut self, capability: Capability, why: impl Into<String>) -> Self {
        self.0.insert(capability, Some(why.into()));
        self
    }

    /// Whether it can be done.
    #[must_use]
    pub fn can(&self, capability: Capability) -> bool {
        matches!(self.0.get(&capability), Some(None))
    }

    /// Why it cannot be done; `None` when it can.
    #[must_use]
    pub fn why_not(&self, capability: Capability) -> Option<&str> {
        match self.0.get(&capability) {
            Some(None) => None,
            Some(Some(why)) => Some(why),
            None => Some("this tool does not do that"),
        }
    }

    /// Each of them, and why not.
    pub fn iter(&self) -> impl Iterator<Item = (Capability, Option<&str>)> {
        self.0.iter().map(|(capability, why)| (*capability, why.as_deref()))
    }
}

impl Capabilities {
    /// The same, after one of them was tried: a refusal is why it cannot be done; anything else ends the trying.
    pub(crate) fn tried<T>(self, capability: Capability, came: Result<T, Failure>) -> Result<Self, Failure> {
        match came {
            Ok(_) => Ok(self),
            Err(Failure::Refused { status, words }) if status < 500 && status != 401 => {
                Ok(self.without(capability, words))
            }
            Err(failure) => Err(failure),
        }
    }
}
