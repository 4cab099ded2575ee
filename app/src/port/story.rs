//! How a row of the ledger came to be.

use domain::ids::{EventId, LedgerRowId};
use domain::money::Money;
use domain::revision::Change;
use jiff::Timestamp;

/// An event that tells of a row's payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// The event.
    pub event: EventId,
    /// Stripe's type of it, once it was looked at.
    pub event_type: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
}

/// A version of a row that no longer counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierVersion {
    /// Its id.
    pub id: LedgerRowId,
    /// Which version of its money's row it was.
    pub version: i32,
    /// How much it said.
    pub money: Money,
    /// The same in the tenant's currency.
    pub base_amount_minor: Option<i64>,
    /// The event it named as its own.
    pub cause: EventId,
    /// When it was written.
    pub written_at: Timestamp,
    /// When it stopped counting.
    pub superseded_at: Option<Timestamp>,
    /// What took its place; `None` when its money turned out to be part of another row.
    pub successor: Option<LedgerRowId>,
    /// What that says otherwise.
    pub changes: Vec<Change>,
}
