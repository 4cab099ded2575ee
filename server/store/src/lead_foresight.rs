//! What would become of what is said of leads, piece by piece, without writing any of it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;

use crate::StoreError;
use crate::lead_book::{LeadBook, LeadEntry};
use crate::leads::{LeadPut, LeadTold};
use crate::work::TenantWork;

/// The ids and e-mails that are said of leads, by hash, and which of them are said more than once.
#[derive(Clone, Debug, Default)]
pub struct NamesSaid {
    once: BTreeSet<u64>,
    again: BTreeSet<u64>,
}

impl NamesSaid {
    /// Hears what is said of a lead.
    pub fn hear(&mut self, told: &LeadTold) {
        for name in [Some(&told.external_id), told.email.value()].into_iter().flatten() {
            let hash = hash_of(name);
            if !self.once.insert(hash) {
                self.again.insert(hash);
            }
        }
    }
}

fn hash_of(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// The leads as they would stand after what was said until now, as far as that matters for what is said later: those that
/// are named again, and those whose e-mail is free again.
#[derive(Debug, Default)]
pub struct LeadsForeseen {
    named_again: BTreeSet<u64>,
    standing: BTreeMap<String, LeadEntry>,
    by_email: BTreeMap<String, String>,
}

impl LeadsForeseen {
    /// Nothing yet, of what will name these.
    #[must_use]
    pub fn of(names: NamesSaid) -> Self {
        Self { named_again: names.again, ..Self::default() }
    }

    /// Puts leads as they would stand in the place of how they do.
    fn put_over(&self, stored: &mut BTreeMap<String, LeadEntry>, told: &[LeadTold]) {
        let emails = told.iter().filter_map(|told| self.by_email.get(told.email.value()?));
        let named: BTreeSet<String> =
            told.iter().map(|told| &told.external_id).chain(emails).cloned().collect();
        let known: BTreeSet<String> = stored.keys().cloned().chain(named).collect();
        let standing = known.into_iter().filter_map(|id| Some((id.clone(), self.standing.get(&id)?.clone())));
        stored.extend(standing);
    }

    fn keep(&mut self, external_id: String, before: Option<&LeadEntry>, after: LeadEntry) {
        let email_before = before.and_then(|before| before.lead.email.clone());
        let names = [Some(&external_id), after.lead.email.as_ref()].into_iter().flatten();
        let is_named = names.into_iter().any(|name| self.named_again.contains(&hash_of(name)));
        let is_freed = email_before.is_some() && email_before != after.lead.email;
        if !is_named && !is_freed {
            return;
        }
        if let Some(freed) = email_before.filter(|_| is_freed) {
            self.by_email.remove(&freed);
        }
        if let Some(email) = &after.lead.email {
            self.by_email.insert(email.clone(), external_id.clone());
        }
        self.standing.insert(external_id, after);
    }
}

impl TenantWork {
    /// What [`leads_put`](Self::leads_put) would make of what is said of leads, after what was foreseen before. Nothing is
    /// written, and nobody waits.
    pub async fn leads_foresee(
        &mut self,
        told: &[LeadTold],
        foreseen: &mut LeadsForeseen,
        now: Timestamp,
    ) -> Result<Vec<LeadPut>, StoreError> {
        let channels = self.channels().await?;
        let mut before = self.leads_like(told).await?;
        foreseen.put_over(&mut before, told);
        let mut book = LeadBook::of(before, channels, now);
        let outcomes = told.iter().map(|told| book.take(told)).collect();
        for (external_id, before, after) in book.standing() {
            foreseen.keep(external_id, before.as_ref(), after);
        }
        Ok(outcomes)
    }
}
