//! Alerts: looking for what needs somebody, and taking in what people do about it.
//!
//! `domain::alert` says what is found and what becomes of it; [`evaluation`] reads the figures and keeps the outcome,
//! [`handling`] is what people do, [`watching`] looks again when something changed; every few minutes a job does.

mod evaluation;
mod handling;
mod watching;

use domain::alert::Change;
use jiff::Timestamp;
use store::Store;
use store::alerts::{AlertEvent, StoredAlert};

pub use evaluation::{Evaluated, Look};
pub use handling::{Handled, HandlingAsked, Until, Verb};

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
        at,
    }
}
