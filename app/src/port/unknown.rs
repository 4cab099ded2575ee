//! Revenue no channel was found for, and what one payment or customer is credited to.

use domain::attribution::{Link, Override};
use domain::channel::ChannelSlug;
use domain::channel::rules::RuleField;
use domain::ids::LedgerRowId;
use domain::money::Money;
use domain::period::DateRange;
use domain::ratio::Ratio;
use jiff::Timestamp;

use super::TenantView;

/// Which of the revenue without a channel is asked for, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnknownQuestion {
    /// Whose.
    pub tenant_id: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: Option<String>,
    /// What was said just now, which can be taken back.
    pub undo: Option<String>,
}

/// A page of revenue without a channel, the newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownPage {
    /// Whose.
    pub tenant: TenantView,
    /// The days the share is of.
    pub days: DateRange,
    /// How much of gross revenue no channel was found for; none where nothing came in.
    pub share: Option<Ratio>,
    /// How many payers there are in all.
    pub payers_in_all: i64,
    /// What they paid, less refunds and disputes.
    pub sum: i64,
    /// When this was so.
    pub as_of: Timestamp,
    /// The payers of this page.
    pub lines: Vec<UnknownLine>,
    /// What was said just now.
    pub said: Option<Override>,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// A customer, or one payment without a customer, that no channel was found for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLine {
    /// The Stripe customer.
    pub customer: Option<String>,
    /// The payer's e-mail.
    pub email: Option<String>,
    /// The row of the newest payment.
    pub row: LedgerRowId,
    /// The object of Stripe's its rows are found by.
    pub stripe_id: String,
    /// How many payments.
    pub payments: i64,
    /// What they came to, less refunds and disputes, in the tenant's currency.
    pub base_minor: i64,
    /// How many rows of it no rate is known for.
    pub unconverted: i64,
    /// What was sold.
    pub products: Vec<String>,
    /// When money moved last.
    pub newest_at: Timestamp,
    /// What is known of where they came from.
    pub clues: Vec<OriginClue>,
}

/// Something known of where somebody came from, that a rule can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginClue {
    /// What a rule would look at.
    pub field: RuleField,
    /// The key, of metadata.
    pub key: Option<String>,
    /// What it says.
    pub text: String,
}

/// What is to be credited by hand, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreditQuestion {
    /// Whose.
    pub tenant_id: Option<String>,
    /// A row of the ledger.
    pub row: Option<String>,
    /// A customer.
    pub customer: Option<String>,
}

/// What a payment, or the newest one of a customer, is credited to, and what people said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Credit {
    /// Whose.
    pub tenant: TenantView,
    /// A row of it.
    pub row: LedgerRowId,
    /// Its name.
    pub payment: String,
    /// The Stripe customer.
    pub customer: Option<String>,
    /// The payer's e-mail.
    pub email: Option<String>,
    /// What is credited.
    pub channel: ChannelSlug,
    /// How much moved.
    pub money: Money,
    /// What was sold.
    pub product: Option<String>,
    /// When.
    pub at: Timestamp,
    /// What people said of the payment, then of the customer.
    pub said: Vec<Override>,
    /// The records the customer is linked to.
    pub links: Vec<Link>,
}
