//! Stripe's side of things: signatures, and the shapes of its events.
//!
//! Events are read leniently from JSON, field by field, in the shapes before and after API version
//! 2025-03-31; the typed events of Stripe's libraries refuse older endpoints. Nothing of Stripe's shapes
//! leaves this module: what comes out are facts: [`domain::payment::Fact`], [`domain::customer::CustomerFact`].
//!
//! To read another event type: name its object in [`event`]'s table and write its reader in [`objects`].

mod customers;
pub mod envelope;
pub mod event;
mod json;
mod objects;
pub mod signature;
mod subscriptions;
