//! The channels revenue is credited to: a tenant's own list, and `unknown` for the rest.

pub mod rules;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::rules::{Origin, Rules};

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

    /// The slug of a new channel: lower-case letters, digits, `_` and `-`; `None` when this is none.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_slug = text.len() <= 63
            && text.bytes().all(|byte| is_plain(byte) || b"_-".contains(&byte))
            && text.bytes().next().is_some_and(is_plain);
        (is_slug && text != "unknown").then(|| Self(text.to_owned()))
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
    /// Its short name, which stays.
    pub slug: ChannelSlug,
    /// Its name as people see it.
    pub name: String,
    /// Which of the palette's colours it wears on every screen, from 1; 0 is that of all others together.
    pub color: u8,
    /// Where it stands among the others, the lowest first.
    pub place: i32,
    /// Whether it is no longer offered; what it has is shown as before.
    pub is_hidden: bool,
    /// Counts its changes.
    pub version: i32,
}

impl Channel {
    /// A new channel that everybody sees.
    #[must_use]
    pub fn new(slug: ChannelSlug, name: impl Into<String>, color: u8) -> Self {
        Self { slug, name: name.into(), color, place: 0, is_hidden: false, version: 1 }
    }
}

/// A tenant's channels in their order, and the rules by which others' words mean them; the one place a text becomes
/// a channel.
#[derive(Clone, Debug, Default)]
pub struct ChannelList {
    channels: Vec<Channel>,
    rules: Rules,
}

impl ChannelList {
    /// The same channels, recognised by these rules.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The channel a foreign text names, whatever its case; `None` when the tenant has no such channel.
    #[must_use]
    pub fn named(&self, text: &str) -> Option<&Channel> {
        let name = text.trim().to_lowercase();
        self.channels.iter().find(|channel| channel.slug.as_str() == name)
    }

    /// The channel that stands for a lead's source: by the first rule, else by its own short name, else unknown.
    #[must_use]
    pub fn of_source(&self, source: &str) -> ChannelSlug {
        let by_rule = self.rules.first_match(Origin::Source(source));
        let ruled = by_rule.map(|(_, rule)| rule.content.channel.clone());
        let named = || self.named(source).map(|channel| channel.slug.clone());
        ruled.or_else(named).unwrap_or_else(ChannelSlug::unknown)
    }

    /// The channel's name as people see it.
    #[must_use]
    pub fn name_of<'a>(&'a self, slug: &'a ChannelSlug) -> &'a str {
        match self.channels.iter().find(|channel| channel.slug == *slug) {
            Some(channel) => &channel.name,
            None if slug.is_unknown() => "Unknown",
            None => slug.as_str(),
        }
    }

    /// The channels in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Channel> {
        self.channels.iter()
    }

    /// The short names in their order, with this one's channel at a place, from 1.
    #[must_use]
    pub fn order_with(&self, slug: &ChannelSlug, place: usize) -> Vec<ChannelSlug> {
        let others = self.channels.iter().map(|channel| &channel.slug).filter(|other| *other != slug);
        let mut order: Vec<ChannelSlug> = others.cloned().collect();
        let at = place.max(1).saturating_sub(1).min(order.len());
        order.insert(at, slug.clone());
        order
    }
}

impl FromIterator<Channel> for ChannelList {
    fn from_iter<I: IntoIterator<Item = Channel>>(channels: I) -> Self {
        let mut channels: Vec<Channel> = channels.into_iter().collect();
        channels.sort_by(|a, b| (a.place, &a.slug).cmp(&(b.place, &b.slug)));
        Self { channels, rules: Rules::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(slugs: &[(&str, i32)]) -> ChannelList {
        let channel = |(slug, place): &(&str, i32)| Channel {
            place: *place,
            ..Channel::new(ChannelSlug::stored((*slug).to_owned()), *slug, 1)
        };
        slugs.iter().map(channel).collect()
    }

    #[test]
    fn channels_stand_in_their_order_and_one_is_moved_without_stirring_the_others() {
        let list = list(&[("c", 1), ("a", 3), ("b", 2)]);
        assert_eq!(list.iter().map(|channel| channel.slug.as_str()).collect::<Vec<_>>(), ["c", "b", "a"]);
        let moved = |slug: &str, place| {
            let order = list.order_with(&ChannelSlug::stored(slug.to_owned()), place);
            order.iter().map(ChannelSlug::to_string).collect::<Vec<_>>().concat()
        };
        assert_eq!((moved("a", 1), moved("c", 9), moved("b", 2)), ("acb".into(), "bac".into(), "cba".into()));
        assert_eq!(moved("new", 0), "newcba");
    }

    #[test]
    fn a_new_short_name_is_one_everybody_can_type() {
        for text in ["", "Meta", "_ads", "a b", "ä", "unknown", &"a".repeat(64)] {
            assert_eq!(ChannelSlug::new(text), None, "{text}");
        }
        assert_eq!(ChannelSlug::new("meta_ads-2").unwrap().as_str(), "meta_ads-2");
    }

    #[test]
    fn a_source_is_its_rules_channel_before_its_own() {
        let content = |text: &str, channel: &str| rules::RuleContent {
            field: rules::RuleField::Source,
            key: None,
            kind: rules::MatchKind::Is,
            text: text.to_owned(),
            channel: ChannelSlug::stored(channel.to_owned()),
        };
        let rule = |id, content| rules::Rule { id: crate::ids::RuleId(uuid::Uuid::from_u128(id)), content };
        let ruled = [rule(1, content("li-outbound", "a")), rule(2, content("b", "c"))];
        let list = list(&[("a", 1), ("b", 2), ("c", 3)]).with_rules(ruled.into_iter().collect());
        for (source, channel) in
            [("LI-outbound", "a"), ("b", "c"), (" C ", "c"), ("nowhere", "unknown"), ("", "unknown")]
        {
            assert_eq!(list.of_source(source).as_str(), channel, "{source}");
        }
    }
}
