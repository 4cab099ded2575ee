//! Every SQL statement there is.
//!
//! [`Store`] is a pool of connections; its methods are grouped by the noun they are about, one file each:
//! [`tenants`], [`leads`], [`stripe_events`], [`applying`] (events become ledger rows, in one transaction),
//! [`ledger`] (reading it). Each takes the tenant first. Row types stay private: what goes in and comes out
//! is the domain's vocabulary.
//!
//! To add a table: a migration with its columns commented, a file here named after it, tests in `tests/`.

pub mod applying;
mod database;
pub mod leads;
pub mod ledger;
pub mod stripe_events;
pub mod tenants;
#[cfg(feature = "testing")]
pub mod testing;

pub use database::{Store, StoreError};
