//! The program through the doors its users use: HTTP, the command line, its database.

#![cfg(test)]

mod access;
mod analytics;
mod answers;
mod api_keys;
mod applier;
mod attempts;
mod attribution;
mod attribution_api;
mod audit;
mod backfill;
mod backfill_page;
mod backfill_stops;
mod commands;
mod demo;
mod disputes;
mod dunning;
mod exchange_rates;
mod figures;
mod hostile;
mod kills;
mod leaving;
mod ledger;
mod letters;
mod limits;
mod logs;
mod members;
mod openapi;
mod oracle;
mod origins;
mod patience;
mod rebuild;
mod recurring_revenue;
mod seals;
mod secrets;
mod settings;
mod sign_in;
mod sign_up;
mod signatures;
mod stories;
mod stripe_events;
mod support;
mod walls;
mod webhooks;
