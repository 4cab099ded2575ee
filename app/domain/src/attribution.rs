//! Which channel a payment or a subscription is credited to, with every candidate kept as evidence.
//!
//! A [`Payer`] is who paid, as far as Stripe's events say; [`Known`] is what the tenant knows of leads, links,
//! customers and overrides. [`attribute`] looks in the tenant's [`Order`]:
//!
//! 1. what a person said, always first ([`Method::Override`]);
//! 2. a lead with the payer's e-mail, then with the e-mail Stripe has of the customer;
//! 3. a record that is linked to the Stripe customer, and its lead;
//! 4. Stripe's metadata: first ids that name a lead, then words that name a channel ([`metadata`] says where);
//! 5. else `unknown`.
//!
//! The tenant's own rules say which channel a lead's source or metadata stands for; what no rule says anything of
//! stands for the channel of that short name. A lead of the same company is shown and never credited; a rule about the
//! domain of the payer's e-mail counts where nothing else did. What is looked by is also what is looked for when
//! something changes later: a [`Clue`].
//!
//! To add a way of finding a channel, add a [`Method`] and its candidates in their place.

mod clue;
mod known;
pub mod metadata;
mod payer;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::channel::rules::Origin;
use crate::channel::{ChannelList, ChannelSlug};
use crate::ids::LeadId;
use crate::payment::ChannelHint;

pub use self::clue::Clue;
pub use self::known::{Known, KnownCustomer, KnownLead, Link, Override, OverrideTarget};
pub use self::payer::Payer;

/// More candidates than this are no longer evidence to be read.
const MOST_CANDIDATES: usize = 40;

/// How a candidate was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A person said so.
    Override,
    /// A lead has the payer's e-mail.
    LeadEmail,
    /// A lead has the e-mail Stripe has of the customer.
    CustomerEmail,
    /// A record of the tenant's is linked to the Stripe customer.
    LinkedRecord,
    /// Stripe metadata has the id of a lead.
    LeadReference,
    /// Stripe metadata names the channel.
    Metadata,
    /// A rule names the domain of the payer's e-mail.
    DomainRule,
    /// A lead has an e-mail of the same company.
    CompanyDomain,
}

impl Method {
    /// Every way there is.
    pub const ALL: [Self; 8] = [
        Self::Override,
        Self::LeadEmail,
        Self::CustomerEmail,
        Self::LinkedRecord,
        Self::LeadReference,
        Self::Metadata,
        Self::DomainRule,
        Self::CompanyDomain,
    ];

    /// The word stored and shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Override => "override",
            Self::LeadEmail => "lead_email",
            Self::CustomerEmail => "customer_email",
            Self::LinkedRecord => "linked_record",
            Self::LeadReference => "lead_reference",
            Self::Metadata => "metadata",
            Self::DomainRule => "domain_rule",
            Self::CompanyDomain => "company_domain",
        }
    }

    /// How much what it finds is worth.
    #[must_use]
    pub const fn confidence(self) -> Confidence {
        match self {
            Self::Override => Confidence::Stated,
            Self::LeadReference => Confidence::Deterministic,
            Self::LinkedRecord => Confidence::Linked,
            Self::LeadEmail | Self::CustomerEmail => Confidence::Exact,
            Self::Metadata => Confidence::Named,
            Self::DomainRule | Self::CompanyDomain => Confidence::Weak,
        }
    }
}

/// How much a candidate is worth, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A person said so.
    Stated,
    /// An id names the lead.
    Deterministic,
    /// A record ties customer and lead.
    Linked,
    /// E-mails are the same.
    Exact,
    /// A word names the channel.
    Named,
    /// Only the company is the same: credited only where a rule says so and nothing better was found.
    Weak,
}

impl Confidence {
    /// The word stored and shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Deterministic => "deterministic",
            Self::Linked => "linked",
            Self::Exact => "exact",
            Self::Named => "named",
            Self::Weak => "weak",
        }
    }
}

/// In which order a tenant looks for the channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// E-mails, then linked records, then metadata.
    #[default]
    LeadFirst,
    /// Metadata, then e-mails, then linked records.
    MetadataFirst,
}

impl Order {
    /// Every order there is.
    pub const ALL: [Self; 2] = [Self::LeadFirst, Self::MetadataFirst];

    /// The word stored, sent and typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::LeadFirst => "lead_first",
            Self::MetadataFirst => "metadata_first",
        }
    }

    const fn steps(self) -> [Step; 3] {
        match self {
            Self::LeadFirst => [Step::Emails, Step::Links, Step::Metadata],
            Self::MetadataFirst => [Step::Metadata, Step::Emails, Step::Links],
        }
    }
}

/// A text that names no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an order is lead_first or metadata_first")]
pub struct InvalidOrder;

impl FromStr for Order {
    type Err = InvalidOrder;

    fn from_str(text: &str) -> Result<Self, InvalidOrder> {
        Self::ALL.into_iter().find(|order| order.word() == text).ok_or(InvalidOrder)
    }
}

/// A place where is looked.
#[derive(Clone, Copy)]
enum Step {
    Emails,
    Links,
    Metadata,
}

/// When a lead came, seen from what was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadTime {
    /// When it became a lead.
    pub created_at: Timestamp,
    /// Whether that was before the payment; `None` when nothing was paid yet.
    pub is_before: Option<bool>,
}

/// A channel a payment may be credited to, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How it was found.
    pub method: Method,
    /// What matched: an e-mail, a record, `key=value` of the metadata, a company's domain, or who said why.
    pub matched: String,
    /// The channel; unknown when the lead's source is none of the tenant's channels.
    pub channel: ChannelSlug,
    /// The lead, when one was found.
    pub lead: Option<LeadId>,
    /// When that lead came.
    pub lead_time: Option<LeadTime>,
}

impl Candidate {
    /// Whether it may be credited at all.
    #[must_use]
    pub fn is_creditable(&self) -> bool {
        match self.method {
            Method::Override => true,
            Method::CompanyDomain => false,
            _ => !self.channel.is_unknown(),
        }
    }

    /// Why it was chosen, for people.
    #[must_use]
    pub fn in_words(&self) -> String {
        let matched = &self.matched;
        match self.method {
            Method::Override => format!("set by {matched}"),
            Method::LeadEmail => format!("a lead has the e-mail {matched}"),
            Method::CustomerEmail => format!("a lead has the customer's e-mail {matched}"),
            Method::LinkedRecord => format!("the customer is linked to {matched}"),
            Method::LeadReference => format!("metadata {matched} names a lead"),
            Method::Metadata => format!("metadata says {matched}"),
            Method::DomainRule => format!("a rule names the domain {matched}"),
            Method::CompanyDomain => format!("a lead is of the same company, {matched}"),
        }
    }
}

/// The channel a payment is credited to, and all that could have been chosen, the chosen first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// The channel.
    pub channel: ChannelSlug,
    /// The lead who paid.
    pub lead: Option<LeadId>,
    /// Every candidate, in order of preference; those that are only shown come last.
    pub candidates: Vec<Candidate>,
}

impl Attribution {
    fn of(candidates: Vec<Candidate>) -> Self {
        let (mut creditable, shown): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(Candidate::is_creditable);
        let mut known = creditable.iter().chain(&shown).filter(|found| found.method != Method::CompanyDomain);
        let lead = known.find_map(|found| found.lead);
        let channel = creditable.first().map_or_else(ChannelSlug::unknown, |chosen| chosen.channel.clone());
        creditable.extend(shown);
        creditable.truncate(MOST_CANDIDATES);
        Self { channel, lead, candidates: creditable }
    }
}

/// Why a channel was credited, for people.
#[must_use]
pub fn reason_in_words(candidates: &[Candidate]) -> String {
    match candidates.first().filter(|first| first.is_creditable()) {
        Some(chosen) => chosen.in_words(),
        None => "nothing names a channel".to_owned(),
    }
}

/// Trims an e-mail and folds its case; a `+tag` stays, since it tells people apart. `None` when nothing is left.
#[must_use]
pub fn normalise_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    (!email.is_empty() && email.len() <= 320).then_some(email)
}

/// Credits a payer to a channel by what is known.
#[must_use]
pub fn attribute(payer: &Payer, known: &Known, order: Order, channels: &ChannelList) -> Attribution {
    let looking = Looking { payer, known, channels };
    let mut candidates = looking.by_override();
    for step in order.steps() {
        candidates.extend(match step {
            Step::Emails => looking.by_emails(),
            Step::Links => looking.by_links(),
            Step::Metadata => looking.by_metadata(),
        });
    }
    candidates.extend(looking.by_domain_rules());
    if !candidates.iter().any(Candidate::is_creditable) {
        candidates.extend(looking.unread_metadata());
    }
    candidates.extend(looking.by_company(&candidates));
    Attribution::of(candidates)
}

/// Looking for one payer's channel.
struct Looking<'a> {
    payer: &'a Payer,
    known: &'a Known,
    channels: &'a ChannelList,
}

impl Looking<'_> {
    fn by_override(&self) -> Vec<Candidate> {
        let said = self.known.override_of(self.payer).map(|said| Candidate {
            method: Method::Override,
            matched: format!("{}: {}", said.made_by, said.reason),
            channel: said.channel.clone(),
            lead: None,
            lead_time: None,
        });
        said.into_iter().collect()
    }

    fn by_emails(&self) -> Vec<Candidate> {
        let own = self.payer.emails.iter().map(|email| (Method::LeadEmail, email));
        let customers = self.known.emails_of(self.payer).filter(|email| !self.payer.emails.contains(email));
        own.chain(customers.map(|email| (Method::CustomerEmail, email)))
            .filter_map(|(method, email)| {
                let lead = self.known.lead_with_email(email)?;
                Some(self.of_lead(method, email.clone(), lead))
            })
            .collect()
    }

    fn by_links(&self) -> Vec<Candidate> {
        self.known.links_of(self.payer).map(|link| self.of_link(link)).collect()
    }

    fn of_link(&self, link: &Link) -> Candidate {
        let matched = format!("{} {}", link.kind, link.record);
        let lead = self.known.lead_of_link(link);
        let found = lead.map(|lead| self.of_lead(Method::LinkedRecord, matched.clone(), lead));
        let named = link.channel.as_deref().and_then(|name| self.channels.named(name));
        match (found, named) {
            (Some(found), Some(channel)) => Candidate { channel: channel.slug.clone(), ..found },
            (Some(found), None) => found,
            (None, named) => Candidate {
                method: Method::LinkedRecord,
                matched,
                channel: named.map_or_else(ChannelSlug::unknown, |channel| channel.slug.clone()),
                lead: None,
                lead_time: None,
            },
        }
    }

    /// Ids that name a lead are better evidence than words that name a channel. Of those words the ones that rules say
    /// something of come first, in the order of the rules.
    fn by_metadata(&self) -> Vec<Candidate> {
        let hints = metadata::in_order(self.known.hints_of(self.payer));
        let by_id = hints.iter().filter(|hint| metadata::names_a_lead(&hint.key)).filter_map(|hint| {
            let lead = self.known.lead_named(&hint.value)?;
            Some(self.of_lead(Method::LeadReference, format!("{}={}", hint.key, hint.value), lead))
        });
        let mut by_word: Vec<(usize, Candidate)> =
            hints.iter().filter_map(|hint| self.of_word(hint)).collect();
        by_word.sort_by_key(|(place, _)| *place);
        by_id.chain(by_word.into_iter().map(|(_, candidate)| candidate)).collect()
    }

    /// The channel an entry of metadata stands for, and the place of the rule that says so; without one it comes last.
    fn of_word(&self, hint: &ChannelHint) -> Option<(usize, Candidate)> {
        if metadata::names_a_lead(&hint.key) {
            return None;
        }
        let by_rule =
            self.channels.rules().first_match(Origin::Metadata { key: &hint.key, value: &hint.value });
        let (place, channel) = match by_rule {
            Some((place, rule)) => (place, rule.content.channel.clone()),
            None if metadata::may_name_a_channel(&hint.key) => {
                (usize::MAX, self.channels.named(&hint.value)?.slug.clone())
            }
            None => return None,
        };
        Some((place, of_metadata(hint, channel)))
    }

    /// Entries of metadata that tell where somebody came from, and that nothing stands for: shown, so that somebody can
    /// make a rule of them.
    fn unread_metadata(&self) -> Vec<Candidate> {
        let hints = metadata::in_order(self.known.hints_of(self.payer));
        let telling = hints.into_iter().filter(|hint| metadata::tells_of_origin(&hint.key));
        telling.map(|hint| of_metadata(hint, ChannelSlug::unknown())).collect()
    }

    /// What rules say of the domains of the payer's e-mails, in the order of the rules.
    fn by_domain_rules(&self) -> Vec<Candidate> {
        let emails = self.payer.emails.iter().chain(self.known.emails_of(self.payer));
        let mut found: Vec<(usize, Candidate)> = emails
            .filter_map(|email| {
                let (place, rule) = self.channels.rules().first_match(Origin::Email(email))?;
                let (_, domain) = email.rsplit_once('@')?;
                let candidate = Candidate {
                    method: Method::DomainRule,
                    matched: domain.to_owned(),
                    channel: rule.content.channel.clone(),
                    lead: None,
                    lead_time: None,
                };
                Some((place, candidate))
            })
            .collect();
        found.sort_by_key(|(place, _)| *place);
        found.dedup();
        found.into_iter().map(|(_, candidate)| candidate).collect()
    }

    /// Leads of the payer's company that were not found otherwise.
    fn by_company(&self, found: &[Candidate]) -> Vec<Candidate> {
        let is_found = |lead: &KnownLead| found.iter().any(|candidate| candidate.lead == Some(lead.lead));
        self.known
            .domains_of(self.payer)
            .iter()
            .flat_map(|domain| self.known.leads_at(domain).iter().map(move |lead| (domain, lead)))
            .filter(|(_, lead)| !is_found(lead))
            .map(|(domain, lead)| self.of_lead(Method::CompanyDomain, domain.clone(), lead))
            .collect()
    }

    fn of_lead(&self, method: Method, matched: String, lead: &KnownLead) -> Candidate {
        Candidate {
            method,
            matched,
            channel: self.channels.of_source(&lead.source),
            lead: Some(lead.lead),
            lead_time: Some(LeadTime {
                created_at: lead.created_at,
                is_before: self.payer.paid_at.map(|paid_at| lead.created_at <= paid_at),
            }),
        }
    }
}

fn of_metadata(hint: &ChannelHint, channel: ChannelSlug) -> Candidate {
    Candidate {
        method: Method::Metadata,
        matched: format!("{}={}", hint.key, hint.value),
        channel,
        lead: None,
        lead_time: None,
    }
}
