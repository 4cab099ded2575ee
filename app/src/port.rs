//! What the screens may ask: the one way from a page to the server.
//!
//! The server implements [`Desk`]; render tests implement it with fixed answers. Questions carry the words
//! of the address as they came, so that pages and API read them with the same code.
//! To let a screen ask something new, add a method here and its answer beside the others.

mod alerts;
mod customers;
mod events;
mod failed;
mod leads;
mod overview;
mod restated;
mod story;
mod unknown;

use async_trait::async_trait;
use domain::access::{Forbidden, Viewer};
use domain::attribution::Candidate;
use domain::channel::{Channel, ChannelSlug};
use domain::ids::{EventId, LeadId, LedgerRowId, TenantId};
use domain::ledger::{EntryKind, Lacking, StripeLinks};
use domain::money::{Currency, Money};
use domain::period::{DateRange, PeriodChoice};
use domain::revenue::{Class, Unconverted};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::recurring::{RecurringPage, RecurringQuestion};

pub use alerts::{AlertCommentLine, AlertEventLine, AlertLine, AlertsPage, AlertsQuestion};
pub use customers::{
    CustomerEvent, CustomerEventKind, CustomerLine, CustomerStory, CustomersPage, CustomersQuestion,
};
pub use events::{EffectLine, EventDetail, EventLine, EventsPage, EventsQuestion};
pub use failed::{FailedLine, FailedPage, FailedQuestion, FailedTotalLine};
pub use leads::{LeadEvent, LeadEventKind, LeadLine, LeadStory, LeadsPage, LeadsQuestion};
pub use overview::{ChannelLine, ChannelSpend, Overview, OverviewQuestion, Recurring, SpendLine};
pub use restated::{RestatedPage, RestatedQuestion};
pub use story::{EarlierVersion, SourceLine};
pub use unknown::{Credit, CreditQuestion, OriginClue, UnknownLine, UnknownPage, UnknownQuestion};

/// What a period of time is asked about, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeriodQuestion {
    /// `tenant_id`, which links carry along; whose data it is was decided before the question is asked.
    pub tenant_id: Option<String>,
    /// `7d`, `30d`, `90d` or `qtd`; without it, and without dates, the last 90 days.
    pub period: Option<String>,
    /// First day, `2026-01-31`.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// `day`, `week`, `month` or `quarter`; without it a week.
    pub granularity: Option<String>,
}

/// Which ledger rows are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerQuestion {
    /// Of which days and whose.
    pub period: PeriodQuestion,
    /// Only rows credited to this channel.
    pub channel: Option<String>,
    /// Only rows of these kinds: words of the ledger's `event_type`, with commas between them, because a
    /// figure such as refunds is the sum of two kinds.
    pub kind: Option<String>,
    /// Only rows of the product of this name.
    pub product: Option<String>,
    /// Only rows of products of this category.
    pub category: Option<String>,
    /// Only rows of payments of this class: `new`, `recurring` or `one_time`.
    pub class: Option<String>,
    /// Only rows in this currency.
    pub currency: Option<String>,
    /// Only rows that lack this: `product`, `category` or `rate`, with commas between them.
    pub without: Option<String>,
    /// Only rows that the object or event of Stripe's with this id belongs to.
    pub stripe_id: Option<String>,
    /// `presumed_tie` for rows whose invoice and charge are presumed to be one.
    pub review: Option<String>,
    /// The rows as they were known at this moment, or at the end of this day; else as they are known now.
    pub known_at: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many rows at most.
    pub limit: Option<String>,
}

/// The tenant as a screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantView {
    /// Its id.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// The currency figures are in.
    pub currency: Currency,
    /// The timezone days begin in.
    pub timezone: TimeZone,
    /// The tenant's channels with their names and colours.
    pub channels: Vec<Channel>,
}

/// What every page with a period shows around its content.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Whose data.
    pub tenant: TenantView,
    /// The calendar day it is for the tenant.
    pub today: Date,
    /// The period chosen.
    pub choice: PeriodChoice,
    /// The days it means.
    pub range: DateRange,
}

/// How events reach the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intake {
    /// Whether any event ever came.
    pub has_events: bool,
    /// When the newest event came.
    pub last_event_at: Option<Timestamp>,
    /// Events that could not be understood and wait for a person.
    pub dead_letters: i64,
    /// The address Stripe is to send events to.
    pub webhook_url: String,
    /// Whether a signing secret is configured.
    pub webhook_secret_set: bool,
}

/// A page of ledger rows, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerPage {
    /// Whose, when, over which days.
    pub frame: Frame,
    /// The channel filter as understood.
    pub channel: Option<ChannelSlug>,
    /// The kinds asked for; none is every kind.
    pub kinds: Vec<EntryKind>,
    /// The product filter as understood.
    pub product: Option<String>,
    /// The category filter as understood.
    pub category: Option<String>,
    /// The class filter as understood.
    pub class: Option<Class>,
    /// The currency filter as understood.
    pub currency: Option<Currency>,
    /// What the rows lack that were asked for.
    pub without: Lacking,
    /// The object or event of Stripe's the rows belong to.
    pub stripe_id: Option<String>,
    /// Whether only rows are shown that somebody should look at.
    pub is_for_review: bool,
    /// The moment the rows were known at, where it is not now.
    pub known_at: Option<Timestamp>,
    /// When this was so.
    pub as_of: Timestamp,
    /// The rows of this page.
    pub lines: Vec<LedgerLine>,
    /// How many rows the filter finds in all.
    pub rows_in_all: i64,
    /// Their sum in the tenant's currency.
    pub sum: i64,
    /// What no rate could convert, by currency.
    pub unconverted: Vec<Unconverted>,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// One row of the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerLine {
    /// Its id.
    pub id: LedgerRowId,
    /// Which version of its money's row it is.
    pub version: i32,
    /// What kind of movement.
    pub kind: EntryKind,
    /// How much, signed, in the currency it moved in.
    pub money: Money,
    /// The same in the tenant's currency; `None` when no rate is known.
    pub base_amount_minor: Option<i64>,
    /// Stripe's time of it.
    pub occurred_at: Timestamp,
    /// When the row was written.
    pub written_at: Timestamp,
    /// What was sold.
    pub product_name: Option<String>,
    /// Its category.
    pub product_category: Option<String>,
    /// Whether only some of the invoice's lines were told, so that another product may be the largest.
    pub is_product_partial: bool,
    /// Whether it is for a subscription.
    pub is_recurring: bool,
    /// Whether its invoice and charge are presumed to be one, no event tying them.
    pub is_tie_presumed: bool,
    /// Who paid.
    pub customer_email: Option<String>,
    /// The lead who paid.
    pub lead: Option<LeadId>,
    /// By how much it moved monthly recurring revenue, in the currency of its money.
    pub mrr_impact_minor: i64,
    /// The channel credited.
    pub channel: ChannelSlug,
    /// Every channel it could be credited to and why, the chosen first; none when none was found.
    pub candidates: Vec<Candidate>,
    /// Stripe's objects.
    pub links: StripeLinks,
    /// The event that the row names as its own.
    pub cause: EventId,
    /// Whether it is live money, where that event says.
    pub livemode: Option<bool>,
    /// Stripe's word for why the money went back.
    pub reason: Option<String>,
    /// Every event that tells of its payment.
    pub sources: Vec<SourceLine>,
    /// What stood in its place before, the newest first.
    pub before: Vec<EarlierVersion>,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The question is wrong; the message names what and is safe to show.
    #[error("{message}")]
    Invalid {
        /// The part at fault.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// No such tenant, or none the caller may see.
    #[error("there is no such tenant")]
    UnknownTenant,
    /// The caller belongs to no tenant.
    #[error("you belong to no workspace yet")]
    NoTenant,
    /// The caller may not do that.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// We failed; the log has the reason under this reference.
    #[error("something failed on our side (reference {reference})")]
    Ours {
        /// What to look for in the log.
        reference: String,
    },
}

/// Answers what the screens ask.
#[async_trait]
pub trait Desk: Send + Sync {
    /// The main screen's figures.
    async fn overview(&self, viewer: &Viewer, question: OverviewQuestion) -> Result<Overview, AskError>;

    /// Recurring revenue, how it moved, and why.
    async fn recurring(
        &self,
        viewer: &Viewer,
        question: RecurringQuestion,
    ) -> Result<RecurringPage, AskError>;

    /// The ledger rows behind a figure.
    async fn ledger(&self, viewer: &Viewer, question: LedgerQuestion) -> Result<LedgerPage, AskError>;

    /// What the ledger says otherwise of days that had ended.
    async fn restated(&self, viewer: &Viewer, question: RestatedQuestion) -> Result<RestatedPage, AskError>;

    /// What became of Stripe's events.
    async fn events(&self, viewer: &Viewer, question: EventsQuestion) -> Result<EventsPage, AskError>;

    /// One of them; `None` when there is none with this id.
    async fn event(&self, viewer: &Viewer, id: &str) -> Result<Option<EventDetail>, AskError>;

    /// Who may buy.
    async fn leads(&self, viewer: &Viewer, question: LeadsQuestion) -> Result<LeadsPage, AskError>;

    /// One lead with everything known of it; `None` when there is none with this id.
    async fn lead(&self, viewer: &Viewer, id: &str) -> Result<Option<LeadStory>, AskError>;

    /// Who pays.
    async fn customers(
        &self,
        viewer: &Viewer,
        question: CustomersQuestion,
    ) -> Result<CustomersPage, AskError>;

    /// One customer with everything known of it; `None` when nobody of this id has paid.
    async fn customer(&self, viewer: &Viewer, id: &str) -> Result<Option<CustomerStory>, AskError>;

    /// What no channel was found for.
    async fn unknown(&self, viewer: &Viewer, question: UnknownQuestion) -> Result<UnknownPage, AskError>;

    /// What a payment or a customer is credited to, and what people said of it; `None` when there is none.
    async fn credit(&self, viewer: &Viewer, question: CreditQuestion) -> Result<Option<Credit>, AskError>;

    /// Payments that could not be collected.
    async fn failed_payments(
        &self,
        viewer: &Viewer,
        question: FailedQuestion,
    ) -> Result<FailedPage, AskError>;

    /// What needs somebody, and what needed somebody.
    async fn alerts(&self, viewer: &Viewer, question: AlertsQuestion) -> Result<AlertsPage, AskError>;
}
