//! A tenant's rules: which channel stands for what is told of where somebody came from.
//!
//! Rules have one order, and of those that match the first one counts. To let a rule look at something else, add a
//! [`RuleField`] and what it sees in [`Rule::looks_at`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ChannelSlug;
use crate::ids::RuleId;

/// A tenant has no more rules than this.
pub const MOST_RULES: usize = 200;

/// Ids that advertising networks give a click, as keys of metadata.
pub const CLICK_IDS: [&str; 7] = ["gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid", "li_fat_id"];

/// Keys of metadata that hold the address somebody came from.
pub const REFERRERS: [&str; 3] = ["referrer", "referrer_host", "referer"];

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleField {
    /// A lead's source.
    Source,
    /// `utm_source`.
    UtmSource,
    /// `utm_medium`.
    UtmMedium,
    /// `utm_campaign`.
    UtmCampaign,
    /// The host of the page they came from.
    ReferrerHost,
    /// Which click id there is.
    ClickId,
    /// An entry of Stripe's metadata.
    Metadata,
    /// The domain of an e-mail: weak, so it counts only where nothing else found a channel.
    EmailDomain,
}

impl RuleField {
    /// Every field there is.
    pub const ALL: [Self; 8] = [
        Self::Source,
        Self::UtmSource,
        Self::UtmMedium,
        Self::UtmCampaign,
        Self::ReferrerHost,
        Self::ClickId,
        Self::Metadata,
        Self::EmailDomain,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::UtmSource => "utm_source",
            Self::UtmMedium => "utm_medium",
            Self::UtmCampaign => "utm_campaign",
            Self::ReferrerHost => "referrer_host",
            Self::ClickId => "click_id",
            Self::Metadata => "metadata",
            Self::EmailDomain => "email_domain",
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Source => "Lead source",
            Self::UtmSource => "utm_source",
            Self::UtmMedium => "utm_medium",
            Self::UtmCampaign => "utm_campaign",
            Self::ReferrerHost => "Referrer",
            Self::ClickId => "Click id",
            Self::Metadata => "Stripe metadata",
            Self::EmailDomain => "E-mail domain",
        }
    }

    /// A text as a rule about this compares with it.
    #[must_use]
    pub fn folded(self, text: &str) -> String {
        match self {
            Self::ReferrerHost => host(text),
            Self::EmailDomain => fold(text).trim_start_matches('@').to_owned(),
            _ => fold(text),
        }
    }

    /// The field that sees a key of metadata.
    #[must_use]
    pub fn of_metadata(key: &str) -> Self {
        match key {
            "utm_source" => Self::UtmSource,
            "utm_medium" => Self::UtmMedium,
            "utm_campaign" => Self::UtmCampaign,
            key if REFERRERS.contains(&key) => Self::ReferrerHost,
            key if CLICK_IDS.contains(&key) => Self::ClickId,
            _ => Self::Metadata,
        }
    }
}

/// How a rule compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchKind {
    /// All of it is the rule's text.
    Is,
    /// It begins with the rule's text.
    StartsWith,
    /// The rule's text is somewhere in it.
    Contains,
}

impl MatchKind {
    /// Every kind there is.
    pub const ALL: [Self; 3] = [Self::Is, Self::StartsWith, Self::Contains];

    /// The word stored and sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::StartsWith => "starts_with",
            Self::Contains => "contains",
        }
    }

    /// The same for people.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::StartsWith => "starts with",
            Self::Contains => "contains",
        }
    }

    fn holds(self, seen: &str, text: &str) -> bool {
        match self {
            Self::Is => seen == text,
            Self::StartsWith => seen.starts_with(text),
            Self::Contains => seen.contains(text),
        }
    }
}

/// A text that names no field or kind of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such choice")]
pub struct InvalidRule;

impl FromStr for RuleField {
    type Err = InvalidRule;

    fn from_str(text: &str) -> Result<Self, InvalidRule> {
        Self::ALL.into_iter().find(|field| field.word() == text).ok_or(InvalidRule)
    }
}

impl FromStr for MatchKind {
    type Err = InvalidRule;

    fn from_str(text: &str) -> Result<Self, InvalidRule> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or(InvalidRule)
    }
}

/// Something told of where somebody came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'a> {
    /// A lead's source, as its origin calls it.
    Source(&'a str),
    /// An entry of Stripe's metadata.
    Metadata {
        /// Its key.
        key: &'a str,
        /// Its value.
        value: &'a str,
    },
    /// An e-mail.
    Email(&'a str),
}

/// What a channel is recognised by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RuleContent {
    /// What it looks at.
    pub field: RuleField,
    /// The key, of metadata.
    pub key: Option<String>,
    /// How it compares.
    pub kind: MatchKind,
    /// What it compares with, folded.
    pub text: String,
    /// The channel that stands for it.
    pub channel: ChannelSlug,
}

/// A rule of a tenant's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Its content.
    pub content: RuleContent,
}

impl RuleContent {
    /// Whether the rule says something of this.
    #[must_use]
    pub fn matches(&self, origin: Origin<'_>) -> bool {
        self.looks_at(origin).is_some_and(|seen| self.kind.holds(&seen, &self.text))
    }

    /// What of this the rule compares, folded; `None` when it does not look there.
    fn looks_at(&self, origin: Origin<'_>) -> Option<String> {
        match (self.field, origin) {
            (RuleField::Source, Origin::Source(source)) => Some(fold(source)),
            (RuleField::EmailDomain, Origin::Email(email)) => {
                email.rsplit_once('@').map(|(_, domain)| fold(domain))
            }
            (RuleField::Metadata, Origin::Metadata { key, value }) => {
                (self.key.as_deref() == Some(key)).then(|| fold(value))
            }
            (field, Origin::Metadata { key, value }) if RuleField::of_metadata(key) == field => match field {
                RuleField::ClickId => Some(fold(key)),
                RuleField::ReferrerHost => Some(host(value)),
                _ => Some(fold(value)),
            },
            _ => None,
        }
    }
}

/// `Lead source is li-outbound`, for people.
impl fmt::Display for RuleContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field.in_words())?;
        if let Some(key) = &self.key {
            write!(f, " {key}")?;
        }
        write!(f, " {} {}", self.kind.in_words(), self.text)
    }
}

/// A tenant's rules in their order: where one stands is what place it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// The rules, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.0.iter()
    }

    /// The rule with this id, and its place, from 1.
    #[must_use]
    pub fn find(&self, id: RuleId) -> Option<(usize, &Rule)> {
        (1..).zip(&self.0).find(|(_, rule)| rule.id == id)
    }

    /// The first rule that says something of this, and its place, from 1.
    #[must_use]
    pub fn first_match(&self, origin: Origin<'_>) -> Option<(usize, &Rule)> {
        (1..).zip(&self.0).find(|(_, rule)| rule.content.matches(origin))
    }

    /// The rules with this one at a place, from 1; the last where there are fewer. The same rule is moved there.
    #[must_use]
    pub fn with(mut self, rule: Rule, place: usize) -> Self {
        self.0.retain(|other| other.id != rule.id);
        let at = place.max(1).saturating_sub(1).min(self.0.len());
        self.0.insert(at, rule);
        self
    }

    /// The rules without one.
    #[must_use]
    pub fn without(mut self, id: RuleId) -> Self {
        self.0.retain(|rule| rule.id != id);
        self
    }

    /// Whether another rule looks for just this.
    #[must_use]
    pub fn has_another(&self, rule: &Rule) -> bool {
        let sought =
            |content: &RuleContent| (content.field, content.key.clone(), content.kind, content.text.clone());
        self.0.iter().any(|other| other.id != rule.id && sought(&other.content) == sought(&rule.content))
    }
}

impl FromIterator<Rule> for Rules {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        Self(rules.into_iter().collect())
    }
}

/// A text as rules compare it: trimmed, its case folded.
#[must_use]
pub fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The host of an address, without `www.`; a host alone is itself.
fn host(address: &str) -> String {
    let folded = fold(address);
    let rest = folded.split_once("://").map_or(folded.as_str(), |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn rule(number: u128, field: RuleField, kind: MatchKind, text: &str, channel: &str) -> Rule {
        let key = (field == RuleField::Metadata).then(|| "campaign".to_owned());
        let channel = ChannelSlug::stored(channel.to_owned());
        let content = RuleContent { field, key, kind, text: text.to_owned(), channel };
        Rule { id: RuleId(Uuid::from_u128(number)), content }
    }

    fn metadata<'a>(key: &'a str, value: &'a str) -> Origin<'a> {
        Origin::Metadata { key, value }
    }

    #[test]
    fn a_rule_sees_what_it_looks_at_and_nothing_else() {
        use MatchKind::{Contains, Is, StartsWith};
        use RuleField::{ClickId, EmailDomain, Metadata, ReferrerHost, Source, UtmMedium};
        for (field, kind, text, origin, matches) in [
            (Source, Is, "li-outbound", Origin::Source(" LI-Outbound "), true),
            (Source, Is, "li", Origin::Source("li-outbound"), false),
            (Source, StartsWith, "li", Origin::Source("li-outbound"), true),
            (Source, Contains, "out", Origin::Source("li-outbound"), true),
            (Source, Is, "cpc", metadata("utm_medium", "cpc"), false),
            (UtmMedium, Is, "cpc", metadata("utm_medium", "CPC"), true),
            (UtmMedium, Is, "cpc", metadata("utm_source", "cpc"), false),
            (ReferrerHost, Is, "news.example", metadata("referrer", "https://www.News.example/a?b"), true),
            (ReferrerHost, Is, "news.example", metadata("referer", "u:p@news.example:8080/x"), true),
            (ReferrerHost, Contains, "example", metadata("utm_source", "example"), false),
            (ClickId, Is, "gclid", metadata("gclid", "Cj0KCQ"), true),
            (ClickId, Is, "gclid", metadata("fbclid", "gclid"), false),
            (Metadata, Is, "spring", metadata("campaign", "Spring"), true),
            (Metadata, Is, "spring", metadata("another", "spring"), false),
            (EmailDomain, Is, "acme.example", Origin::Email("ada@acme.example"), true),
            (EmailDomain, Is, "acme.example", Origin::Email("ada@not-acme.example"), false),
            (EmailDomain, Contains, "ada", Origin::Email("ada@acme.example"), false),
        ] {
            let rule = rule(1, field, kind, text, "x");
            assert_eq!(rule.content.matches(origin), matches, "{} of {origin:?}", rule.content);
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(RuleField::ALL.into_iter().all(|field| field.word().parse() == Ok(field)));
        assert!(MatchKind::ALL.into_iter().all(|kind| kind.word().parse() == Ok(kind)));
        assert_eq!("utm".parse::<RuleField>(), Err(InvalidRule));
    }

    fn any_rule() -> impl Strategy<Value = Rule> {
        (0u128..6, 0usize..8, 0usize..3, "[ab]{1,2}", "[xyz]").prop_map(|(id, field, kind, text, channel)| {
            rule(id, RuleField::ALL[field], MatchKind::ALL[kind], &text, &channel)
        })
    }

    fn any_rules() -> impl Strategy<Value = Rules> {
        prop::collection::vec((any_rule(), 0usize..8), 0..8).prop_map(|put| {
            put.into_iter().fold(Rules::default(), |rules, (rule, place)| rules.with(rule, place))
        })
    }

    proptest! {
        #[test]
        fn the_first_that_matches_counts(rules in any_rules(), source in "[ab]{0,3}") {
            let origin = Origin::Source(&source);
            let found = rules.first_match(origin);
            let all: Vec<&Rule> = rules.iter().collect();
            let place = found.map_or(all.len(), |(place, _)| place - 1);
            prop_assert!(all[..place].iter().all(|rule| !rule.content.matches(origin)));
            if let Some((place, rule)) = found {
                prop_assert!(rule.content.matches(origin));
                prop_assert_eq!(all[place - 1], rule);
            }
        }

        #[test]
        fn every_rule_has_a_place_of_its_own(rules in any_rules(), rule in any_rule(), place in 0usize..10) {
            let after = rules.clone().with(rule.clone(), place);
            let places: BTreeSet<usize> =
                after.iter().map(|rule| after.find(rule.id).map_or(0, |(place, _)| place)).collect();
            prop_assert_eq!(places, (1..=after.iter().len()).collect::<BTreeSet<_>>());
            let (at, found) = after.find(rule.id).unwrap();
            prop_assert_eq!(found, &rule);
            prop_assert_eq!(at, place.clamp(1, after.iter().len()));
        }

        #[test]
        fn putting_a_rule_somewhere_leaves_the_order_of_the_others(
            rules in any_rules(), rule in any_rule(), place in 0usize..10,
        ) {
            let others = rules.clone().without(rule.id);
            prop_assert_eq!(rules.with(rule.clone(), place).without(rule.id), others);
        }

        #[test]
        fn a_rule_behind_one_that_matches_changes_nothing(
            rules in any_rules(), rule in any_rule(), source in "[ab]{0,3}",
        ) {
            let others = rules.without(rule.id);
            let behind = others.clone().with(rule, usize::MAX);
            if let Some((_, first)) = others.first_match(Origin::Source(&source)) {
                prop_assert_eq!(behind.first_match(Origin::Source(&source)).map(|(_, rule)| rule), Some(first));
            }
        }
    }
}
