//! What leads come to when what is said of them is taken in, one saying after the other.

use std::collections::{BTreeMap, BTreeSet};

use domain::channel::{ChannelList, ChannelSlug};
use domain::ids::LeadId;
use domain::lead::{Shown, Stage, StageFact, Stay, way};
use jiff::Timestamp;

use crate::leads::{LeadPut, LeadTold, Put, StoredLead};

/// Where a lead came from when nobody said.
const UNTOLD_SOURCE: &str = "unknown";

/// A lead, everything that was told of its stages and that tools show, and the stays that were made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeadEntry {
    pub(crate) lead: StoredLead,
    pub(crate) facts: BTreeSet<StageFact>,
    pub(crate) shown: Shown,
    pub(crate) stays: Vec<Stay>,
}

/// The leads that are known, and what is said of them meanwhile.
pub(crate) struct LeadBook {
    now: Timestamp,
    channels: ChannelList,
    before: BTreeMap<String, LeadEntry>,
    standing: BTreeMap<String, LeadEntry>,
    holders: BTreeMap<String, String>,
}

/// What is to be written.
#[derive(Default)]
pub(crate) struct Entries {
    /// Leads that are new.
    pub(crate) new: Vec<StoredLead>,
    /// Leads that are other than before.
    pub(crate) changed: Vec<StoredLead>,
    /// What was told of stages, and not known yet.
    pub(crate) facts: Vec<(LeadId, StageFact)>,
    /// What tools said of how far leads have come, and is not known yet.
    pub(crate) statuses: Vec<(LeadId, StageFact)>,
    /// The stays of everybody whose stays are other than before.
    pub(crate) stays: Vec<(LeadId, Vec<Stay>)>,
    /// What payments are credited by, of everybody of whom that is other than before.
    pub(crate) concerning: Vec<Concerning>,
}

/// A lead by what payments are found that it concerns.
#[derive(Clone, Debug)]
pub(crate) struct Concerning {
    pub(crate) id: LeadId,
    pub(crate) external_id: String,
    pub(crate) email: Option<String>,
    pub(crate) email_before: Option<String>,
}

impl LeadBook {
    pub(crate) fn of(before: BTreeMap<String, LeadEntry>, channels: ChannelList, now: Timestamp) -> Self {
        let held = |entry: &LeadEntry| Some((entry.lead.email.clone()?, entry.lead.external_id.clone()));
        let holders = before.values().filter_map(held).collect();
        Self { now, channels, before, standing: BTreeMap::new(), holders }
    }

    /// Takes in what is said of a lead.
    pub(crate) fn take(&mut self, told: &LeadTold) -> LeadPut {
        if self.is_email_taken(told) {
            return LeadPut::EmailTaken;
        }
        let known = self.standing.get(&told.external_id).or_else(|| self.before.get(&told.external_id));
        let mut after =
            known.cloned().unwrap_or_else(|| LeadEntry::nothing_of(told, self.now)).told(told, self.now);
        after.lead.channel = self.channels.of_source(&after.lead.source);
        let put = match known {
            None => Put::New,
            Some(known) if *known == after => Put::Same,
            Some(_) => Put::Changed,
        };
        self.standing.insert(told.external_id.clone(), after);
        LeadPut::Taken(put)
    }

    /// Whether another lead has the e-mail; whoever says it first has it.
    fn is_email_taken(&mut self, told: &LeadTold) -> bool {
        let Some(email) = told.email.value() else { return false };
        let holder = self.holders.entry(email.clone()).or_insert_with(|| told.external_id.clone());
        *holder != told.external_id
    }

    /// Of whom something was said, as they were, where they were known, and as they are then.
    pub(crate) fn standing(mut self) -> impl Iterator<Item = (String, Option<LeadEntry>, LeadEntry)> {
        self.standing.into_iter().map(move |(id, after)| {
            let before = self.before.remove(&id);
            (id, before, after)
        })
    }

    /// What is to be written of all that was said.
    pub(crate) fn close(self) -> Entries {
        let mut entries = Entries::default();
        for (external_id, after) in self.standing {
            match self.before.get(&external_id) {
                None => entries.add(after),
                Some(before) => entries.change(before, after),
            }
        }
        entries
    }
}

impl Entries {
    fn add(&mut self, entry: LeadEntry) {
        let LeadEntry { lead, facts, shown, stays } = entry;
        self.concerning.push(lead.concerning(None));
        self.statuses.extend(shown.statuses.into_iter().map(|status| (lead.id, status)));
        self.stays.push((lead.id, stays));
        self.facts.extend(facts.into_iter().map(|fact| (lead.id, fact)));
        self.new.push(lead);
    }

    fn change(&mut self, before: &LeadEntry, after: LeadEntry) {
        if *before == after {
            return;
        }
        let LeadEntry { lead, facts, shown, stays } = after;
        let statuses = shown.statuses.difference(&before.shown.statuses);
        self.statuses.extend(statuses.map(|status| (lead.id, *status)));
        self.facts.extend(facts.difference(&before.facts).map(|fact| (lead.id, *fact)));
        if before.stays != stays {
            self.stays.push((lead.id, stays));
        }
        if before.lead.is_credited_unlike(&lead) {
            self.concerning.push(lead.concerning(before.lead.email.clone()));
        }
        self.changed.push(lead);
    }
}

impl StoredLead {
    /// Whether payments could be credited otherwise by the other.
    fn is_credited_unlike(&self, other: &Self) -> bool {
        (&self.email, &self.source, self.created_at) != (&other.email, &other.source, other.created_at)
    }

    fn concerning(&self, email_before: Option<String>) -> Concerning {
        Concerning {
            id: self.id,
            external_id: self.external_id.clone(),
            email: self.email.clone(),
            email_before,
        }
    }
}

impl LeadEntry {
    /// A lead of whom nothing was said yet.
    fn nothing_of(told: &LeadTold, now: Timestamp) -> Self {
        let created_at = told.created_at.unwrap_or(now);
        let lead = StoredLead {
            id: told.id,
            external_id: told.external_id.clone(),
            email: None,
            name: None,
            company: None,
            source: UNTOLD_SOURCE.to_owned(),
            channel: ChannelSlug::unknown(),
            owner: None,
            value: None,
            stage: Stage::Pool,
            stage_entered_at: created_at,
            last_activity_at: Timestamp::MIN,
            created_at,
            version: 1,
        };
        Self { lead, facts: BTreeSet::new(), shown: Shown::default(), stays: Vec::new() }
    }

    /// The lead after something was said of it. It came when it was first said to.
    fn told(mut self, told: &LeadTold, now: Timestamp) -> Self {
        let lead = &mut self.lead;
        lead.email = told.email.clone().over(lead.email.take());
        lead.name = told.name.clone().over(lead.name.take());
        lead.company = told.company.clone().over(lead.company.take());
        lead.owner = told.owner.clone().over(lead.owner.take());
        lead.value = told.value.clone().over(lead.value);
        if let Some(source) = &told.source {
            lead.source.clone_from(source);
        }
        lead.created_at = told.created_at.map_or(lead.created_at, |at| at.min(lead.created_at));
        self.facts.extend(told.facts.iter().copied());
        self.shown.statuses.extend(told.statuses.iter().copied());
        self.facts.extend(self.present_of(told.stage, now));
        self.settled()
    }

    /// The fact behind a stage that the lead is said to be in, since when nobody says: a new lead since it came, and
    /// another one since now, unless it is there already. That a new lead is in the pool says no more than that it came,
    /// and a list that says again what it said before says nothing of what happened since.
    fn present_of(&self, stage: Option<Stage>, now: Timestamp) -> Option<StageFact> {
        let stage = stage?;
        if self.stays.is_empty() && self.facts.is_empty() {
            let entered_at = self.lead.created_at;
            return (stage > Stage::Pool).then_some(StageFact { stage, entered_at });
        }
        let is_list_again =
            stage <= Stage::Enriched && self.facts.last().is_some_and(|fact| fact.stage == stage);
        let present = self.way().last().map(|stay| stay.stage);
        (present != Some(stage) && !is_list_again).then_some(StageFact { stage, entered_at: now })
    }

    fn way(&self) -> Vec<Stay> {
        way(self.lead.created_at, &self.facts, &self.shown)
    }

    /// The lead in the stage that everything known of it comes to.
    fn settled(mut self) -> Self {
        self.stays = self.way();
        let last = *self.stays.last().expect("a lead is in a stage");
        (self.lead.stage, self.lead.stage_entered_at) = (last.stage, last.entered_at);
        let newest = self.facts.last().map_or(last.entered_at, |fact| fact.entered_at.max(last.entered_at));
        self.lead.last_activity_at = newest.max(self.lead.last_activity_at);
        self
    }
}
