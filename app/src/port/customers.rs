//! Who pays: lists of customers, and everything known of one.

use domain::channel::ChannelSlug;
use domain::ids::LeadId;
use domain::ledger::EntryKind;
use domain::money::Money;
use domain::mrr::{MovementDetail, MovementKind};
use jiff::Timestamp;

use super::TenantView;

/// Which customers are asked for, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomersQuestion {
    /// Whose.
    pub tenant_id: Option<String>,
    /// Only those won by this channel.
    pub channel: Option<String>,
    /// Only those whose id or e-mail holds this.
    pub search: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: Option<String>,
}

/// A page of customers, the newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomersPage {
    /// Whose they are.
    pub tenant: TenantView,
    /// The channel asked for.
    pub channel: Option<ChannelSlug>,
    /// When this was so.
    pub as_of: Timestamp,
    /// The customers of this page.
    pub lines: Vec<CustomerLine>,
    /// How many the filter finds in all.
    pub customers_in_all: i64,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// One customer; amounts are in the tenant's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerLine {
    /// Stripe's customer, else the e-mail, else the payment's own name.
    pub customer: String,
    /// Its e-mail.
    pub email: Option<String>,
    /// The channel that won it.
    pub channel: ChannelSlug,
    /// When it paid for the first time.
    pub first_paid_at: Timestamp,
    /// What recurs a month.
    pub mrr: i64,
    /// What it has paid, refunds and disputes taken off.
    pub lifetime_revenue: i64,
}

/// Everything known of a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerStory {
    /// Whose it is.
    pub tenant: TenantView,
    /// The customer.
    pub line: CustomerLine,
    /// The lead it was.
    pub lead: Option<LeadId>,
    /// What it paid a month after each change, the first one first.
    pub mrr_course: Vec<i64>,
    /// What happened, the newest first.
    pub events: Vec<CustomerEvent>,
}

/// Something that happened with a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: CustomerEventKind,
}

/// What happened with a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerEventKind {
    /// What it pays a month changed.
    Movement {
        /// How.
        kind: MovementKind,
        /// What lies behind it, where the kind does not say.
        detail: Option<MovementDetail>,
        /// By how much, signed, in the tenant's currency.
        amount: i64,
        /// What it pays from then on.
        mrr: i64,
    },
    /// Money moved: a row of the ledger.
    Money {
        /// Its kind.
        kind: EntryKind,
        /// How much.
        money: Money,
        /// The object of Stripe's it leads to.
        stripe_id: String,
    },
}
