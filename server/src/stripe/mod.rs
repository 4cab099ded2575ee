//! Stripe's side of things: signatures, and the shapes of its events.
//!
//! Events are read leniently from JSON, field by field, in the shapes before and after API version
//! 2025-03-31; the typed events of Stripe's libraries refuse older endpoints. Nothing of Stripe's shapes
//! leaves this module: what comes out are facts: [`domain::payment::Fact`], [`domain::customer::CustomerFact`].
//!
//! [`client`] asks Stripe; what it finds is told as events too ([`looked_up`]), so that there is one way in.
//!
//! [`collection`] reads what events say of failed attempts; [`redaction`] covers what is somebody's in a payload.
//!
//! To read another event type: name its object in [`event`]'s table and write its reader in [`objects`].

pub mod client;
pub mod collection;
mod customers;
pub mod envelope;
pub mod event;
mod json;
pub mod looked_up;
mod objects;
pub mod redaction;
pub mod signature;
mod subscriptions;
pub mod version;
