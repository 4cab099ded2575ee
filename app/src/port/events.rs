//! What became of Stripe's events.

use domain::event_state::EventState;
use domain::ids::{EventId, LedgerRowId};
use domain::ledger::EntryKind;
use domain::money::Money;
use jiff::Timestamp;

use super::TenantView;

/// Which events are asked for, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsQuestion {
    /// `tenant_id`, which links carry along.
    pub tenant_id: Option<String>,
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those whose type begins so.
    pub event_type: Option<String>,
    /// Only those whose id holds this, or that tell of the object with this id.
    pub id: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: Option<String>,
}

/// A page of events, the newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct EventsPage {
    /// Whose.
    pub tenant: TenantView,
    /// The events.
    pub lines: Vec<EventLine>,
    /// How many cannot be understood, in all.
    pub dead_letters: i64,
    /// Versions of Stripe's API that events come in and that were never tried, with what is to be said of them.
    pub untried_versions: Vec<(String, &'static str)>,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLine {
    /// Its id.
    pub id: EventId,
    /// Stripe's type, once it was looked at.
    pub event_type: Option<String>,
    /// Where it is.
    pub state: EventState,
    /// Why it is not in the ledger.
    pub reason: Option<String>,
    /// How often it was looked at.
    pub attempts: Option<i32>,
    /// How many microseconds the last time took.
    pub took_us: Option<i64>,
    /// The version of Stripe's API it is written in.
    pub api_version: Option<String>,
    /// Whether it tells of live money.
    pub livemode: Option<bool>,
    /// Stripe's time of it.
    pub created_at: Option<Timestamp>,
    /// When it came.
    pub received_at: Timestamp,
    /// When it was last looked at.
    pub applied_at: Option<Timestamp>,
    /// How many bytes it has.
    pub bytes: i32,
    /// The rows of the ledger it tells of.
    pub effects: Vec<EffectLine>,
}

/// A row of the ledger an event tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectLine {
    /// The row.
    pub row: LedgerRowId,
    /// Its kind.
    pub kind: EntryKind,
    /// Its amount.
    pub money: Money,
    /// Stripe's time of it.
    pub occurred_at: Timestamp,
    /// Whether the row names this event as its own.
    pub is_cause: bool,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDetail {
    /// Whose.
    pub tenant: TenantView,
    /// What is known of it.
    pub line: EventLine,
    /// Its payload, with what is somebody's covered; `None` when it cannot be covered.
    pub payload: Option<String>,
    /// What is to be said of its version of Stripe's API.
    pub version_remark: Option<&'static str>,
}
