//! The channels revenue is credited to: a tenant's own list, and `unknown` for the rest.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The short name of a channel, as stored and as in addresses: `heyreach`, `meta_ads`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelSlug(String);

impl ChannelSlug {
    /// Where revenue goes that no channel could be found for.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }

    /// A stored slug, taken as it is.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the rest that belongs to no channel.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.0 == "unknown"
    }
}

impl fmt::Display for ChannelSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A channel of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its short name.
    pub slug: ChannelSlug,
    /// Its name as people see it.
    pub name: String,
    /// Which of the palette's colours it wears on every screen, from 1.
    pub color: u8,
}

/// A tenant's channels by slug; the one place a text becomes a channel.
#[derive(Clone, Debug, Default)]
pub struct ChannelList(BTreeMap<ChannelSlug, Channel>);

impl ChannelList {
    /// The channel a foreign text names, whatever its case; `None` when the tenant has no such channel.
    #[must_use]
    pub fn named(&self, text: &str) -> Option<&Channel> {
        self.0.get(&ChannelSlug(text.trim().to_lowercase()))
    }

    /// The channel's name as people see it.
    #[must_use]
    pub fn name_of<'a>(&'a self, slug: &'a ChannelSlug) -> &'a str {
        match self.0.get(slug) {
            Some(channel) => &channel.name,
            None if slug.is_unknown() => "Unknown",
            None => slug.as_str(),
        }
    }

    /// The channels in order of their slugs.
    pub fn iter(&self) -> impl Iterator<Item = &Channel> {
        self.0.values()
    }
}

impl FromIterator<Channel> for ChannelList {
    fn from_iter<I: IntoIterator<Item = Channel>>(channels: I) -> Self {
        Self(channels.into_iter().map(|channel| (channel.slug.clone(), channel)).collect())
    }
}
