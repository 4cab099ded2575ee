//! Which channel a payment is credited to, with every candidate kept as evidence.
//!
//! The order is: a lead with the payer's e-mail, then Stripe metadata that names a channel, else
//! `unknown`. To add a way of finding a channel, add a [`Method`] and its candidates in their place.

use serde::{Deserialize, Serialize};

use crate::channel::{ChannelList, ChannelSlug};
use crate::ids::LeadId;
use crate::payment::ChannelHint;

/// How a candidate was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A lead has the payer's e-mail.
    LeadEmail,
    /// Stripe metadata names the channel.
    Metadata,
}

impl Method {
    /// Every way there is.
    pub const ALL: [Self; 2] = [Self::LeadEmail, Self::Metadata];

    /// The word stored and shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::LeadEmail => "lead_email",
            Self::Metadata => "metadata",
        }
    }
}

/// A lead found by one of the payer's e-mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadMatch {
    /// The lead.
    pub lead: LeadId,
    /// The normalised e-mail they share.
    pub email: String,
    /// Where the lead came from.
    pub source: String,
}

/// A channel the payment may be credited to, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How it was found.
    pub method: Method,
    /// What matched: the e-mail, or `key=value` of the metadata.
    pub matched: String,
    /// The channel.
    pub channel: ChannelSlug,
    /// The lead, when one was found.
    pub lead: Option<LeadId>,
}

/// The channel a payment is credited to, and all that could have been chosen, the chosen first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// The channel.
    pub channel: ChannelSlug,
    /// The lead who paid.
    pub lead: Option<LeadId>,
    /// Every candidate, in order of preference.
    pub candidates: Vec<Candidate>,
}

/// Trims an e-mail and folds its case; a `+tag` stays, since it tells people apart. `None` when nothing is left.
#[must_use]
pub fn normalise_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    (!email.is_empty() && email.len() <= 320).then_some(email)
}

/// Credits a payment to a channel by the leads its e-mails found and the hints its metadata gives.
#[must_use]
pub fn attribute(leads: &[LeadMatch], hints: &[ChannelHint], channels: &ChannelList) -> Attribution {
    let by_lead = leads.iter().filter_map(|found| {
        Some(Candidate {
            method: Method::LeadEmail,
            matched: found.email.clone(),
            channel: channels.named(&found.source)?.slug.clone(),
            lead: Some(found.lead),
        })
    });
    let by_metadata = hints.iter().filter_map(|hint| {
        Some(Candidate {
            method: Method::Metadata,
            matched: format!("{}={}", hint.key, hint.value),
            channel: channels.named(&hint.value)?.slug.clone(),
            lead: None,
        })
    });
    let candidates: Vec<Candidate> = by_lead.chain(by_metadata).collect();
    Attribution {
        channel: candidates.first().map_or_else(ChannelSlug::unknown, |chosen| chosen.channel.clone()),
        lead: candidates
            .iter()
            .find_map(|candidate| candidate.lead)
            .or(leads.first().map(|found| found.lead)),
        candidates,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::channel::Channel;

    fn channels() -> ChannelList {
        ["heyreach", "linkedin"]
            .map(|slug| Channel {
                slug: ChannelSlug::stored(slug.to_owned()),
                name: slug.to_owned(),
                color: 1,
            })
            .into_iter()
            .collect()
    }

    fn lead(source: &str) -> LeadMatch {
        LeadMatch {
            lead: LeadId(Uuid::from_u128(7)),
            email: "ada@example.com".to_owned(),
            source: source.to_owned(),
        }
    }

    fn hint(value: &str) -> ChannelHint {
        ChannelHint { key: "gtm_channel".to_owned(), value: value.to_owned() }
    }

    #[test]
    fn the_lead_wins_over_metadata_and_both_are_kept() {
        let found = attribute(&[lead("heyreach")], &[hint("linkedin")], &channels());
        assert_eq!(found.channel.as_str(), "heyreach");
        assert_eq!(found.candidates.len(), 2);
    }

    #[test]
    fn metadata_decides_when_no_lead_is_known() {
        let found = attribute(&[], &[hint(" LinkedIn ")], &channels());
        assert_eq!((found.channel.as_str(), found.lead), ("linkedin", None));
    }

    #[test]
    fn a_channel_the_tenant_does_not_have_is_unknown() {
        let found = attribute(&[], &[hint("<script>alert(1)</script>")], &channels());
        assert!(found.channel.is_unknown());
        assert!(found.candidates.is_empty());
    }

    #[test]
    fn a_lead_from_nowhere_is_still_the_lead() {
        let found = attribute(&[lead("carrier pigeon")], &[hint("linkedin")], &channels());
        assert_eq!(found.channel.as_str(), "linkedin");
        assert!(found.lead.is_some());
    }

    #[test]
    fn an_email_is_trimmed_and_folded_but_keeps_its_tag() {
        assert_eq!(
            normalise_email("  Grace.Hopper+VIP@Example.ORG ").as_deref(),
            Some("grace.hopper+vip@example.org")
        );
        assert_eq!(normalise_email("   "), None);
    }
}
