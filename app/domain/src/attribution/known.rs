//! What a tenant knows of leads, links, customers and overrides, as far as it matters to some payers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::clue::company_domain;
use super::payer::Payer;
use crate::channel::ChannelSlug;
use crate::ids::LeadId;
use crate::payment::{ChannelHint, distinct};

/// A lead as attribution sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLead {
    /// The lead.
    pub lead: LeadId,
    /// The id it has where it came from.
    pub external_id: String,
    /// Its normalised e-mail.
    pub email: Option<String>,
    /// Where it came from.
    pub source: String,
    /// When it became a lead.
    pub created_at: Timestamp,
}

/// A Stripe customer as attribution sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownCustomer {
    /// Its normalised e-mail.
    pub email: Option<String>,
    /// Its metadata that may name a lead or a channel.
    pub hints: Vec<ChannelHint>,
}

/// A record of the tenant's that is linked to a Stripe customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// `cus_…`
    pub customer: String,
    /// What the record is: `bootcamp_student`, `deal`…
    pub kind: String,
    /// Its id where it is kept.
    pub record: String,
    /// The lead it names, by the id it has where it came from, or ours.
    pub lead: Option<String>,
    /// The lead's normalised e-mail.
    pub email: Option<String>,
    /// The channel it names.
    pub channel: Option<String>,
}

/// What an override is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OverrideTarget {
    /// One payment, by a name of it.
    Payment(String),
    /// Everything a Stripe customer pays.
    Customer(String),
}

/// What a person said about a payment's or a customer's channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub target: OverrideTarget,
    /// The channel.
    pub channel: ChannelSlug,
    /// Why.
    pub reason: String,
    /// Who said so.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
}

/// All that matters to some payers.
#[derive(Clone, Debug, Default)]
pub struct Known {
    customers: BTreeMap<String, KnownCustomer>,
    links: BTreeMap<String, Vec<Link>>,
    by_email: BTreeMap<String, KnownLead>,
    by_reference: BTreeMap<String, KnownLead>,
    by_domain: BTreeMap<String, Vec<KnownLead>>,
    by_subscription: BTreeMap<String, Vec<ChannelHint>>,
    overrides: Vec<Override>,
}

impl Known {
    /// Adds customers, by their ids.
    #[must_use]
    pub fn with_customers(self, customers: BTreeMap<String, KnownCustomer>) -> Self {
        Self { customers, ..self }
    }

    /// Adds links; of one customer's, the first by kind and record counts first.
    #[must_use]
    pub fn with_links(mut self, mut links: Vec<Link>) -> Self {
        links.sort_by(|a, b| (&a.kind, &a.record).cmp(&(&b.kind, &b.record)));
        for link in links {
            self.links.entry(link.customer.clone()).or_default().push(link);
        }
        self
    }

    /// Adds leads, to be found by their e-mails and ids.
    #[must_use]
    pub fn with_leads(mut self, leads: Vec<KnownLead>) -> Self {
        for lead in leads {
            self.by_email.extend(lead.email.clone().map(|email| (email, lead.clone())));
            // Somebody else's id may look like one of ours; theirs was there first.
            self.by_reference.entry(lead.lead.to_string()).or_insert_with(|| lead.clone());
            self.by_reference.insert(lead.external_id.clone(), lead);
        }
        self
    }

    /// Adds leads of companies, to be found by the domains of their e-mails.
    #[must_use]
    pub fn with_colleagues(mut self, mut leads: Vec<KnownLead>) -> Self {
        leads.sort_by_key(|lead| (lead.created_at, lead.lead));
        for lead in leads {
            let Some(domain) = lead.email.as_deref().and_then(company_domain) else { continue };
            self.by_domain.entry(domain.to_owned()).or_default().push(lead);
        }
        self
    }

    /// Adds what checkout sessions say of their subscriptions.
    #[must_use]
    pub fn with_sessions(self, by_subscription: BTreeMap<String, Vec<ChannelHint>>) -> Self {
        Self { by_subscription, ..self }
    }

    /// Adds what people said.
    #[must_use]
    pub fn with_overrides(self, overrides: Vec<Override>) -> Self {
        Self { overrides, ..self }
    }

    /// The normalised e-mails of the customers and links that are known, each once.
    #[must_use]
    pub fn emails(&self) -> Vec<String> {
        let customers = self.customers.values().filter_map(|customer| customer.email.clone());
        distinct(customers.chain(self.links.values().flatten().filter_map(|link| link.email.clone())))
    }

    /// The ids by which customers, links and sessions name leads.
    #[must_use]
    pub fn lead_references(&self) -> Vec<String> {
        let hints = self.customers.values().flat_map(|customer| &customer.hints);
        let payer = Payer {
            hints: hints.chain(self.by_subscription.values().flatten()).cloned().collect(),
            ..Payer::default()
        };
        let linked = self.links.values().flatten().filter_map(|link| link.lead.clone());
        distinct(payer.lead_references().into_iter().chain(linked))
    }

    /// What was said of a payer: of the payment before the customer, the newest first.
    pub(super) fn override_of(&self, payer: &Payer) -> Option<&Override> {
        let rank = |said: &Override| match &said.target {
            OverrideTarget::Payment(name) => payer.names.contains(name).then_some(1),
            OverrideTarget::Customer(id) => payer.customers.contains(id).then_some(0),
        };
        self.overrides
            .iter()
            .filter_map(|said| Some((rank(said)?, said)))
            .max_by_key(|(rank, said)| (*rank, said.made_at, said.id))
            .map(|(_, said)| said)
    }

    /// The e-mails Stripe has of a payer.
    pub(super) fn emails_of(&self, payer: &Payer) -> impl Iterator<Item = &String> {
        payer.customers.iter().filter_map(|id| self.customers.get(id)?.email.as_ref())
    }

    /// The links of a payer.
    pub(super) fn links_of(&self, payer: &Payer) -> impl Iterator<Item = &Link> {
        payer.customers.iter().filter_map(|id| self.links.get(id)).flatten()
    }

    /// The metadata of a payer: the payment's, its customers', its subscriptions'.
    pub(super) fn hints_of<'a>(&'a self, payer: &'a Payer) -> impl Iterator<Item = &'a ChannelHint> {
        let customers = payer.customers.iter().filter_map(|id| self.customers.get(id));
        let subscriptions = payer.subscriptions.iter().filter_map(|id| self.by_subscription.get(id));
        payer
            .hints
            .iter()
            .chain(customers.flat_map(|customer| &customer.hints))
            .chain(subscriptions.flatten())
    }

    /// The domains of a payer's companies.
    pub(super) fn domains_of(&self, payer: &Payer) -> Vec<String> {
        let emails = payer.emails.iter().chain(self.emails_of(payer));
        distinct(emails.filter_map(|email| company_domain(email)).map(str::to_owned))
    }

    pub(super) fn lead_with_email(&self, email: &str) -> Option<&KnownLead> {
        self.by_email.get(email)
    }

    pub(super) fn lead_named(&self, reference: &str) -> Option<&KnownLead> {
        self.by_reference.get(reference)
    }

    /// The lead of a link: by its id, else by its e-mail.
    pub(super) fn lead_of_link(&self, link: &Link) -> Option<&KnownLead> {
        let by_id = link.lead.as_deref().and_then(|id| self.lead_named(id));
        by_id.or_else(|| self.lead_with_email(link.email.as_deref()?))
    }

    pub(super) fn leads_at(&self, domain: &str) -> &[KnownLead] {
        self.by_domain.get(domain).map_or(&[], Vec::as_slice)
    }
}
