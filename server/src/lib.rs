//! The program: Stripe in, ledger, analytics, screens.
//!
//! * [`cli`] and [`config`]: the command line and the environment.
//! * [`application`]: everything put together, as `main` and the tests start it.
//! * [`stripe`]: Stripe's signatures and shapes; they go no further than this module.
//! * [`intake`]: a signed event becomes durable. [`applier`]: durable events become ledger rows.
//! * [`backfill`]: what Stripe no longer sends is looked up.
//! * [`accounts`]: people and what they may; who comes in, who belongs to which tenant.
//! * [`pipeline`]: leads, campaigns, deals and costs come in by programs, files and hand.
//! * [`connections`]: the tools people are reached with: connected, read, heard.
//! * [`channels`]: which channels a tenant has, and what is recognised as which.
//! * [`desk`]: what screens and API may ask about figures. [`office`]: what settings pages may ask.
//! * [`http`]: the routes. `serving`: the connections they are asked on. [`assets`]: the embedded files.
//! * [`demo`]: a year of believable data, pushed through the intake.
//! * [`doctor`]: what is configured, what is off and why.

pub mod accounts;
pub mod alerts;
pub mod application;
pub mod applier;
pub mod assets;
pub mod backfill;
pub mod chance;
pub mod channels;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connections;
pub mod csv;
pub mod database;
pub mod demo;
pub mod desk;
pub mod doctor;
pub mod http;
pub mod intake;
pub mod office;
pub mod pipeline;
mod serving;
pub mod stripe;
