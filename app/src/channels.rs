//! What the settings of channels are asked and answered.

use domain::channel::rules::{Rule, RuleContent};
use domain::channel::{ChannelList, ChannelSlug};
use domain::tenant::Tenant;

/// What is asked of a tenant's channels and rules, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelsQuestion {
    /// The channel that is to be edited.
    pub edit: Option<String>,
    /// What is to be done with a rule: `draft` to begin with these words, `change` one that is there, `preview` what
    /// saving these words would change, `delete` to see what deleting one would.
    pub step: Option<String>,
    /// The rule.
    pub words: RuleWords,
}

/// A rule as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleWords {
    /// Which one, when it is there already.
    pub rule: String,
    /// What it looks at.
    pub field: String,
    /// The key, of metadata.
    pub key: String,
    /// How it compares.
    pub kind: String,
    /// What it compares with.
    pub text: String,
    /// The channel that stands for it.
    pub channel: String,
    /// Its place.
    pub place: String,
}

impl RuleWords {
    /// A rule that is there, at its place.
    #[must_use]
    pub fn of(rule: &Rule, place: usize) -> Self {
        let RuleContent { field, key, kind, text, channel } = &rule.content;
        Self {
            rule: rule.id.to_string(),
            field: field.word().to_owned(),
            key: key.clone().unwrap_or_default(),
            kind: kind.word().to_owned(),
            text: text.clone(),
            channel: channel.to_string(),
            place: place.to_string(),
        }
    }
}

/// A tenant's channels and rules, as their page shows them.
#[derive(Clone, Debug)]
pub struct ChannelSettings {
    /// Whose.
    pub tenant: Tenant,
    /// The channels and rules.
    pub list: ChannelList,
    /// What there is of each channel.
    pub uses: Vec<ChannelUseLine>,
    /// Which version the rules are.
    pub rules_version: i32,
    /// The channel that is to be edited.
    pub edited: Option<ChannelSlug>,
    /// What is being done with a rule.
    pub draft: Option<Draft>,
}

/// What there is of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelUseLine {
    /// The channel.
    pub channel: ChannelSlug,
    /// Whether any money is, or was, credited to it.
    pub has_money: bool,
    /// How many leads came by it.
    pub leads: i64,
    /// Whether it can be deleted.
    pub may_go: bool,
}

/// What is being done with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draft {
    /// It is being written.
    Written(RuleWords),
    /// It cannot be as it is written.
    Refused {
        /// As it is written.
        words: RuleWords,
        /// The field at fault.
        field: Option<&'static str>,
        /// What is wrong.
        message: String,
    },
    /// What saving it would change is known.
    Foreseen {
        /// As it is written.
        words: RuleWords,
        /// What would change.
        foreseen: Foreseen,
    },
    /// What deleting it would change is known.
    Deletion {
        /// The rule.
        rule: Rule,
        /// What would change.
        foreseen: Foreseen,
    },
}

/// What would read differently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// From which channel to which.
    pub moves: Vec<ForeseenMove>,
    /// How many payments were looked at.
    pub looked_at: i64,
    /// Whether those were all there are.
    pub is_whole: bool,
}

/// What would go from one channel to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeseenMove {
    /// From where.
    pub from: ChannelSlug,
    /// To where.
    pub to: ChannelSlug,
    /// How many payments.
    pub payments: i64,
    /// What they came to, less refunds and disputes, in the tenant's currency.
    pub base_minor: i64,
    /// How many rows of it no rate is known for.
    pub unconverted: i64,
    /// How many leads.
    pub leads: i64,
}
