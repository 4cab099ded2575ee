//! Every SQL statement there is.
//!
//! [`Store`] is the way to the database. It works as roles that own none of our tables: one sees the rows of the tenant
//! a transaction names, one knows people, sessions and tenants; row-level security holds them to it. A third keeps the
//! queue of jobs. Its methods
//! are grouped by the noun they are about, one file each; what has to count together is done within a
//! [`work::TenantWork`] or a [`work::PlatformWork`]. Row types stay private: what goes in and comes out is the
//! domain's vocabulary.
//!
//! * [`tenants`], [`channels`] and [`channel_rules`], [`stripe_events`], [`applying`] (events become ledger rows, in one transaction),
//!   [`ledger`] and [`row_stories`] (reading it), [`event_log`] (what became of events), [`dunning`] (payments that
//!   failed), [`exchange_rates`] (what foreign money is worth), [`subscriptions`] (facts, versions and movements of
//!   recurring revenue), [`mrr`] (reading them), [`seals`] (hashes over what was written), [`backfills`] (reading the
//!   past), [`rebuilding`] (making it all again).
//! * [`leads`] (with [`lead_stages`] and [`lead_touches`]), [`campaigns`], [`deals`], [`channel_costs`],
//!   [`cost_templates`]: the pipeline and what it costs. [`imports`] and
//!   [`import_files`]: files it was brought in by. [`told_before`]: what
//!   programs told us under keys of their own.
//! * [`connections`]: tools that tenants reach people with. [`syncs`] (reading them, list by list), [`synced_objects`]
//!   (what they gave, as they said it), [`webhook_deliveries`] (what they sent of their own accord).
//! * [`alerts`]: what needs somebody, and what happened to it. [`actions`]: what somebody had done about it.
//! * [`jobs`]: what is done later, again, or on schedule. [`job_queue`]: who works them off.
//! * [`attribution`] (what channels are found by, and what waits to be looked at again), [`customers`], [`links`],
//!   [`overrides`], [`unknown`] (what no channel was found for).
//! * [`restatements`] (which rows were credited to another channel, and why), [`restated`] (all that reads differently
//!   than it did).
//! * [`users`], [`sessions`], [`password_resets`], [`sign_in_attempts`], [`memberships`], [`invitations`],
//!   [`api_keys`]: who comes in, and to what. [`tenant_secrets`]: their credentials for other services.
//!   [`audit_log`]: what they did.
//!
//! To add a table: a migration with its columns commented, its grants and its policy; a file here named after it; a
//! row of it in `tests/store/support`, and its methods in `tests/store/walls.rs`, which fails until they are there.

pub mod action_leads;
pub mod actions;
pub mod alert_comments;
pub mod alert_list;
pub mod alerts;
pub mod api_keys;
pub mod applying;
pub mod attribution;
pub mod audit_log;
pub mod backfills;
mod belonging;
pub mod campaign_list;
pub mod campaigns;
pub mod channel_costs;
pub mod channel_rules;
pub mod channels;
pub mod connections;
pub mod cost_templates;
pub mod customer_list;
pub mod customers;
mod database;
pub mod deals;
pub mod dunning;
pub mod event_log;
pub mod exchange_rates;
pub mod import_files;
pub mod imports;
pub mod invitations;
pub mod job_queue;
pub mod jobs;
mod keeping;
mod lead_book;
pub mod lead_foresight;
pub mod lead_list;
mod lead_progress;
pub mod lead_stages;
pub mod lead_touches;
pub mod leads;
pub mod ledger;
mod ledger_rows;
pub mod links;
pub mod memberships;
pub mod moved_money;
pub mod mrr;
mod mrr_identity;
pub mod overrides;
pub mod password_resets;
pub mod pipeline;
pub mod rebuilding;
pub mod restated;
pub mod restatements;
pub mod revenue;
mod roles;
pub mod rollups;
pub mod row_stories;
mod scheduled_churn;
pub mod seals;
pub mod sessions;
pub mod sign_in_attempts;
mod snapshot;
pub mod stripe_events;
pub mod subscriptions;
pub mod synced_objects;
pub mod syncs;
pub mod tenant_secrets;
pub mod tenants;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
pub mod told_before;
mod unclaimed;
pub mod unknown;
pub mod users;
pub mod webhook_deliveries;
pub mod work;

pub use database::{Store, StoreError};
pub use roles::Entry;
pub use snapshot::Snapshot;
