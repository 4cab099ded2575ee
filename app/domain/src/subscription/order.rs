//! Which of two facts of one subscription happened first.
//!
//! Stripe's times have seconds. Within one second a beginning comes first and an end last; of two changes the one
//! whose previous attributes are what the other says comes second; when that says nothing the further status does,
//! and at last the event's id, so that the order is the same whatever came first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Occasion, SubscriptionFact};

/// What an event says a few telling fields were before and are now, in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// Of each field that changed what it was.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub before: BTreeMap<String, String>,
    /// Of each telling field what it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub now: BTreeMap<String, String>,
}

impl Trail {
    pub(super) fn is_empty(&self) -> bool {
        self.before.is_empty() && self.now.is_empty()
    }

    /// Whether what this change says was before is what the other one says is.
    fn follows(&self, other: &Self) -> bool {
        let mut told =
            self.before.iter().filter_map(|(field, was)| Some((was, other.now.get(field)?))).peekable();
        told.peek().is_some() && told.all(|(was, is)| was == is)
    }
}

/// Facts in the order in which they happened, each event once; nothing comes after an end.
#[must_use]
pub fn in_order(facts: &[SubscriptionFact]) -> Vec<&SubscriptionFact> {
    let once: BTreeMap<_, _> = facts.iter().map(|fact| (&fact.event, fact)).collect();
    let mut facts: Vec<&SubscriptionFact> = once.into_values().collect();
    facts.sort_by(|a, b| place(a).cmp(&place(b)));
    let mut ordered = Vec::with_capacity(facts.len());
    for second in facts.chunk_by(|a, b| a.occurred_at == b.occurred_at && a.occasion == b.occasion) {
        ordered.extend(chained(second));
    }
    let end = ordered.iter().position(|fact| fact.snapshot.status.is_final());
    ordered.truncate(end.map_or(ordered.len(), |end| end + 1));
    ordered
}

type Place<'a> = (jiff::Timestamp, Occasion, super::Status, &'a crate::ids::EventId);

fn place(fact: &SubscriptionFact) -> Place<'_> {
    (fact.occurred_at, fact.occasion, fact.snapshot.status, &fact.event)
}

/// Facts of one second, each after the one it follows from.
fn chained<'a>(facts: &[&'a SubscriptionFact]) -> Vec<&'a SubscriptionFact> {
    let mut left = facts.to_vec();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let follows_none = |fact: &&SubscriptionFact| {
            let others = left.iter().filter(|other| other.event != fact.event);
            !others.clone().any(|other| fact.trail.follows(&other.trail) && !other.trail.follows(&fact.trail))
        };
        let first = left.iter().position(follows_none).unwrap_or(0);
        ordered.push(left.remove(first));
    }
    ordered
}
