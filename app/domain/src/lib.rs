//! The pure vocabulary and arithmetic of Command Center: no clock, no I/O, no float money.
//!
//! * [`ids`]: every identifier is a type of its own.
//! * [`money`]: currencies, their minor units, amounts.
//! * [`exchange`]: rates by day, and what an amount is in another currency.
//! * [`period`]: calendar ranges, buckets and comparison periods in the tenant's timezone.
//! * [`channel`]: the channels revenue is credited to.
//! * [`payment`]: what Stripe's events say of one payment, and how that settles into money rows.
//! * [`dunning`]: payments that could not be collected, and what became of them.
//! * [`event_state`]: where an event of Stripe's can be on its way into the ledger.
//! * [`attribution`]: which channel a payment is credited to, with every candidate kept.
//! * [`customer`]: what Stripe's events say of a customer. [`restatement`], [`restated`]: what was said otherwise before.
//! * [`ledger`]: the rows of the ledger. [`revision`]: what the newer version of one knows.
//! * [`subscription`]: what Stripe's events say of a subscription, and the versions it went through.
//! * [`mrr`]: what subscriptions count a month, and every movement of it. [`definition`]: by which rules.
//! * [`lead`]: the stages leads come through. [`deal`], [`campaign`]: what may come of them, and what reaches them.
//! * [`cost`]: what channels cost, spread over days. [`importing`]: bringing files in.
//! * [`ratio`]: exact fractions.
//! * [`revenue`]: revenue reports computed from daily ledger sums.
//! * [`economics`]: what a customer costs and is worth, and which channel earns more than it takes.
//! * [`funnel`]: how far leads come. [`velocity`]: how long they take. [`pipeline`]: what is yet to come of them.
//! * [`tenant`]: whose data it is, and in which timezone and currency it is reported.
//! * [`alert`]: what needs somebody, and what becomes of it. [`action`]: what somebody has done about it.
//! * [`job`]: work that is done later, again, or on schedule.
//! * [`access`]: who asks, and what they may. [`audit`]: what is written down of it.
//! * [`connection`]: the outside services a tenant can connect. [`backfill`]: reading the past from Stripe.

pub mod access;
pub mod action;
pub mod alert;
pub mod amount;
pub mod attribution;
pub mod audit;
pub mod backfill;
pub mod campaign;
pub mod channel;
pub mod connection;
pub mod cost;
pub mod customer;
pub mod deal;
pub mod definition;
pub mod dunning;
pub mod economics;
pub mod event_state;
pub mod exchange;
pub mod funnel;
pub mod ids;
pub mod importing;
pub mod job;
pub mod lead;
pub mod ledger;
pub mod metrics;
pub mod money;
pub mod mrr;
pub mod payment;
pub mod period;
pub mod pipeline;
pub mod ratio;
pub mod restated;
pub mod restatement;
pub mod revenue;
pub mod revision;
pub mod subscription;
pub mod tenant;
pub mod velocity;
