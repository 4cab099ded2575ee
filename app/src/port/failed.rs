//! Payments that could not be collected.

use domain::dunning::{Closing, Standing};
use domain::ids::EventId;
use domain::money::{Currency, Money};
use jiff::Timestamp;

use super::TenantView;

/// Which failed payments are asked for, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedQuestion {
    /// `tenant_id`, which links carry along.
    pub tenant_id: Option<String>,
    /// Only those standing so.
    pub state: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: Option<String>,
}

/// A page of failed payments, the newest failure first.
#[derive(Clone, Debug, PartialEq)]
pub struct FailedPage {
    /// Whose.
    pub tenant: TenantView,
    /// The filter as understood.
    pub standing: Option<Standing>,
    /// The payments.
    pub lines: Vec<FailedLine>,
    /// What all of them come to, by currency and standing, whatever the filter.
    pub totals: Vec<FailedTotalLine>,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// A payment that failed at least once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedLine {
    /// Its invoice, or its payment intent where there is none.
    pub name: String,
    /// `in_…`
    pub invoice: Option<String>,
    /// `pi_…`
    pub payment_intent: Option<String>,
    /// `sub_…`
    pub subscription: Option<String>,
    /// `cus_…`
    pub customer: Option<String>,
    /// The payer's e-mail.
    pub customer_email: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When Stripe tries again.
    pub next_attempt_at: Option<Timestamp>,
    /// What was to be paid.
    pub amount: Money,
    /// Stripe's word for the reason.
    pub code: Option<String>,
    /// The reason in words.
    pub message: Option<String>,
    /// Whether the payer has to do something first.
    pub needs_action: bool,
    /// When it first failed.
    pub first_failed_at: Timestamp,
    /// When it last failed.
    pub last_failed_at: Timestamp,
    /// The newest event that tells of a failure.
    pub last_event: EventId,
    /// Where it stands.
    pub standing: Standing,
    /// How, when and by which event it ended.
    pub closed: Option<(Closing, Timestamp, EventId)>,
    /// Whether it is live money, where an event says.
    pub livemode: Option<bool>,
}

/// What failed payments of one currency and standing come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedTotalLine {
    /// Their currency.
    pub currency: Currency,
    /// Where they stand.
    pub standing: Standing,
    /// Their amounts.
    pub amount: i64,
    /// How many.
    pub payments: i64,
}
