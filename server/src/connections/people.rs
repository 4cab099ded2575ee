//! A tool's people and the leads they are.
//!
//! Whoever was recognised before stays the same lead. Somebody new is the lead with their e-mail, whatever brought it,
//! or a new one. What the tool says anew of somebody is taken; what it only says again does not undo what was changed
//! here.

use std::collections::BTreeMap;

use connectors::Person;
use domain::connection::Tool;
use domain::ids::LeadId;
use domain::importing::ImportKind;
use store::StoreError;
use store::leads::{Bringing, Put};
use store::synced_objects::{KnownLead, SyncedKind, SyncedObject};
use store::work::TenantWork;

use super::taking::{LONGEST_NAME, line, named};
use crate::pipeline::{Context, Record};

/// What became of what a tool says of somebody, or why it was not taken.
type Outcome = Result<Put, String>;

/// People of a tool, and the leads they are known to be.
pub(super) struct People {
    tool: Tool,
    known: BTreeMap<String, SyncedObject>,
    leads: Vec<KnownLead>,
    refused: BTreeMap<String, String>,
}

impl People {
    /// What is known of these. Until the work is done, nobody else changes leads of the tenant.
    pub(super) async fn of(work: &mut TenantWork, tool: Tool, people: &[Person]) -> Result<Self, StoreError> {
        let keys: Vec<String> = people.iter().map(|person| person.key.clone()).collect();
        let known = work.synced_of(tool, SyncedKind::Person, &keys).await?;
        let ids: Vec<LeadId> = known.values().filter_map(|object| object.lead).collect();
        let emails: Vec<String> = people.iter().filter_map(|person| person.email.clone()).collect();
        let leads = work.leads_known(&ids, &keys, &emails).await?;
        Ok(Self { tool, known, leads, refused: BTreeMap::new() })
    }

    /// The lead somebody is.
    pub(super) fn lead(&self, key: &str) -> Result<LeadId, String> {
        match (self.known.get(key).and_then(|object| object.lead), self.refused.get(key)) {
            (Some(lead), _) => Ok(lead),
            (None, Some(reason)) => Err(reason.clone()),
            (None, None) => Err("it is not known with whom it happened".to_owned()),
        }
    }

    /// Takes in what the tool says of these, each with an outcome of its own.
    pub(super) async fn take(
        &mut self,
        context: &Context,
        work: &mut TenantWork,
        people: &[Person],
    ) -> Result<Vec<Outcome>, StoreError> {
        let is_new = |person: &&Person| {
            self.known.get(&person.key).is_none_or(|known| known.lead.is_none() || known.raw != person.raw)
        };
        let mut told: BTreeMap<&str, &Person> = BTreeMap::new();
        for person in people.iter().filter(is_new) {
            told.insert(&person.key, person);
        }
        let told: Vec<&Person> = told.into_values().collect();
        let mut outcomes = self.tell(context, work, &told).await?;
        let outcome = |person: &Person| outcomes.remove(&person.key).unwrap_or(Ok(Put::Same));
        Ok(people.iter().map(outcome).collect())
    }

    /// Makes sure that these are known, and changes nothing of who is.
    pub(super) async fn meet(
        &mut self,
        context: &Context,
        work: &mut TenantWork,
        people: &[Person],
    ) -> Result<(), StoreError> {
        let is_stranger =
            |person: &&Person| self.known.get(&person.key).is_none_or(|known| known.lead.is_none());
        let strangers: Vec<&Person> = people.iter().filter(is_stranger).collect();
        self.tell(context, work, &strangers).await.map(drop)
    }

    async fn tell(
        &mut self,
        context: &Context,
        work: &mut TenantWork,
        people: &[&Person],
    ) -> Result<BTreeMap<String, Outcome>, StoreError> {
        let records = people.iter().map(|person| Ok(self.record(context, person))).collect();
        let bringing = Bringing::at(context.now);
        let outcomes = context.take(work, ImportKind::Leads, records, bringing).await?;
        let references: Vec<String> = people.iter().map(|person| self.reference(person)).collect();
        let leads = work.lead_ids(&references).await?;
        let (mut told, mut kept) = (BTreeMap::new(), Vec::new());
        for ((person, reference), outcome) in people.iter().zip(&references).zip(outcomes) {
            let lead = leads.get(reference).copied();
            let outcome = match (outcome, lead) {
                (Ok(_), _) if person.key.chars().count() > LONGEST_NAME => {
                    Err("its name is too long".to_owned())
                }
                (Ok(put), Some(lead)) => {
                    let object = object_of(person, lead);
                    self.known.insert(person.key.clone(), object.clone());
                    kept.push(object);
                    Ok(put)
                }
                (Ok(_), None) => Err("the lead is gone".to_owned()),
                (Err(refusal), _) => Err(refusal.to_string()),
            };
            if let Err(reason) = &outcome {
                self.refused.insert(person.key.clone(), reason.clone());
            }
            told.insert(person.key.clone(), outcome);
        }
        work.synced_put(self.tool, SyncedKind::Person, &kept, context.now).await?;
        Ok(told)
    }

    /// The lead somebody is, if there is one.
    fn lead_of(&self, person: &Person) -> Option<&KnownLead> {
        let before = self.known.get(&person.key).and_then(|object| object.lead);
        let is_before = |lead: &&KnownLead| Some(lead.id) == before;
        let has_email = |lead: &&KnownLead| lead.email.is_some() && lead.email == person.email;
        let has_name = |lead: &&KnownLead| lead.external_id == person.key;
        let find = |matches: &dyn Fn(&&KnownLead) -> bool| self.leads.iter().find(|lead| matches(lead));
        find(&is_before).or_else(|| find(&has_email)).or_else(|| find(&has_name))
    }

    /// The id of where the lead came from.
    fn reference(&self, person: &Person) -> String {
        let known = self.lead_of(person).map(|lead| lead.external_id.clone());
        known.unwrap_or_else(|| person.email.clone().unwrap_or_else(|| person.key.clone()))
    }

    fn record(&self, context: &Context, person: &Person) -> Record {
        let known = self.lead_of(person);
        let mut cells = vec![("external_id".to_owned(), self.reference(person))];
        let mut say = |name: &str, value: Option<String>| {
            cells.extend(value.map(|value| (name.to_owned(), value)));
        };
        say("name", person.name.as_deref().map(|name| line(name, 300)));
        say("company", person.company.as_deref().map(|company| line(company, 300)));
        if known.is_none_or(|lead| lead.email.is_none()) {
            say("email", person.email.clone());
        }
        if known.is_none() {
            say("source", Some(self.tool.word().to_owned()));
            say("created_at", person.since.filter(|at| *at <= context.now).map(|at| at.to_string()));
        }
        Record::of_cells(cells)
    }
}

fn object_of(person: &Person, lead: LeadId) -> SyncedObject {
    SyncedObject {
        lead: Some(lead),
        raw: person.raw.clone(),
        stage: person.progress.map(|progress| progress.stage),
        stage_at: person.progress.and_then(|progress| progress.at),
        ..named(person.key.clone())
    }
}
