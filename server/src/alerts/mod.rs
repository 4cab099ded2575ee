//! Alerts: looking for what needs somebody, and taking in what people do about it.
//!
//! `domain::alert` says what is found and what becomes of it; [`evaluation`] reads the figures and keeps the outcome,
//! [`handling`] is what people do, [`assigning`] who is to do it, [`commenting`] what they say about it; [`watching`] looks
//! again when something changed, every few minutes a job does.

mod assigning;
mod commenting;
mod evaluation;
mod handling;
mod watching;

use domain::access::Actor;
use domain::alert::Change;
use domain::ids::AlertId;
use jiff::Timestamp;
use store::Store;
use store::alerts::{AlertEvent, StoredAlert};
use store::work::TenantWork;

pub use assigning::AssigningAsked;
pub use evaluation::{Evaluated, Look};
pub use handling::{Handled, HandlingAsked, Until, Verb};

use crate::accounts::Refusal;
use crate::clock::Clock;

/// What looks for what needs somebody.
#[derive(Clone, Debug)]
pub struct Alerts {
    /// Where figures and alerts are.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
}

/// A line of an alert's history, as the alert stands after it.
fn event_of(alert: &StoredAlert, change: Change, by: Option<String>, at: Timestamp) -> AlertEvent {
    AlertEvent {
        alert: alert.id,
        version: alert.version,
        change,
        severity: alert.standing.severity,
        why: alert.finding.why.clone(),
        actor_name: by,
        snoozed_until: alert.standing.snoozed_until,
        assignee: alert.assignee.clone().filter(|_| change == Change::Assigned),
        at,
    }
}

/// The alert somebody names; nothing else happens to it until the work is done.
async fn named(work: &mut TenantWork, id: &str) -> Result<StoredAlert, Refusal> {
    let id: AlertId = id.parse().map_err(|_| Refusal::NotFound)?;
    work.alert(id).await?.ok_or(Refusal::NotFound)
}

/// Who did something, as it is written down with an alert.
fn name_of(actor: &Actor) -> String {
    match actor {
        Actor::Person { email, .. } => email.clone(),
        Actor::Key { name, .. } => name.clone(),
        Actor::CommandLine => "command line".to_owned(),
    }
}
