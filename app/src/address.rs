//! Addresses of our own pages: every link and every form carries the question it stands for.

use std::borrow::Cow;
use std::fmt;

use domain::action::ActionKind;
use domain::alert::{Detector, Finding};
use domain::channel::ChannelSlug;
use domain::ids::{CampaignId, EventId, LeadId, LedgerRowId};
use domain::ledger::EntryKind;
use domain::period::{DateRange, PeriodChoice};
use domain::revenue::ProductRevenue;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::port::{
    CustomersQuestion, LeadsQuestion, LedgerQuestion, OverviewQuestion, PeriodQuestion, RestatedQuestion,
};

/// The main screen.
pub const COMMAND_CENTER: &str = "/portal/command-center";

/// The ledger rows behind a figure.
pub const REVENUE: &str = "/portal/revenue";

/// The same rows as a file.
pub const LEDGER_FILE: &str = "/api/ledger";

/// What the ledger says otherwise of days that had ended.
pub const RESTATEMENTS: &str = "/portal/restatements";

/// The same as a file.
pub const RESTATEMENTS_FILE: &str = "/api/restatements";

/// What a figure is and what it is made of.
pub const EXPLAIN: &str = "/portal/explain";

/// Recurring revenue, how it moved, and why.
pub const MRR: &str = "/portal/mrr";

/// The same as a file.
pub const MRR_FILE: &str = "/api/analytics/mrr";

/// Channel by channel.
pub const CHANNELS: &str = "/portal/channels";

/// Who pays.
pub const CUSTOMERS: &str = "/portal/customers";

/// Who may buy.
pub const LEADS: &str = "/portal/leads";

/// Where files are brought in.
pub const IMPORT: &str = "/portal/import";

/// Where a file is sent.
pub const UPLOAD: &str = "/portal/import/upload";

/// What no channel was found for.
pub const UNKNOWN: &str = "/portal/unknown";

/// What one payment or customer is credited to, and what people said of it.
pub const CREDIT: &str = "/portal/credit";

/// Payments that could not be collected.
pub const FAILED_PAYMENTS: &str = "/portal/failed-payments";

/// What needs somebody.
pub const ALERTS: &str = "/portal/alerts";

/// What can be done at the tools, and what was.
pub const ACTIONS: &str = "/portal/actions";
/// The campaigns of all tools.
pub const CAMPAIGNS: &str = "/portal/campaigns";

/// What an action would touch.
pub const CONFIRM: &str = "/portal/actions/confirm";

/// Whom an action on leads would touch.
pub const CONFIRM_LEADS: &str = "/portal/actions/leads";

/// What is done later, again, or on schedule.
pub const JOBS: &str = "/portal/jobs";

/// What became of Stripe's events.
pub const EVENTS: &str = "/portal/events";

/// What channels cost.
pub const COSTS: &str = "/portal/costs";

/// The same as a file.
pub const COSTS_FILE: &str = "/api/channel-costs";

/// What every figure means.
pub const METRICS: &str = "/portal/metrics";

/// Where people come in.
pub const SIGN_IN: &str = "/login";

/// Where people leave.
pub const SIGN_OUT: &str = "/logout";

/// Where strangers make an account.
pub const SIGN_UP: &str = "/signup";

/// Where a letter with a way back in is asked for.
pub const FORGOT_PASSWORD: &str = "/forgot-password";

/// Where that letter leads.
pub const RESET_PASSWORD: &str = "/reset-password";

/// Where an invitation leads.
pub const INVITATION: &str = "/invitation";

/// Somebody's own account.
pub const ACCOUNT: &str = "/portal/settings/account";

/// The tenant's settings.
pub const WORKSPACE: &str = "/portal/settings/tenant";

/// Which channels the tenant has, and what is recognised as which.
pub const CHANNEL_SETTINGS: &str = "/portal/settings/channels";

/// Who belongs to the tenant.
pub const MEMBERS: &str = "/portal/settings/members";

/// The tenant's API keys.
pub const API_KEYS: &str = "/portal/settings/api-keys";

/// What other currencies are worth to the tenant.
pub const EXCHANGE_RATES: &str = "/portal/settings/exchange-rates";

/// The tenant's credentials for other services.
pub const CONNECTIONS: &str = "/portal/settings/connections";

/// Who did what in the tenant.
pub const AUDIT_LOG: &str = "/portal/settings/audit-log";

/// The same as a file.
pub const AUDIT_LOG_FILE: &str = "/api/audit-log.csv";

/// Every tenant, for who runs the platform.
pub const PLATFORM: &str = "/portal/platform";

/// Takes a form that names the tenant to look at from now on.
pub const SWITCH: &str = "/portal/switch";

/// What [`Sums::gross_revenue`](domain::revenue::Sums) is the sum of.
pub const GROSS: &[EntryKind] = &[EntryKind::Payment, EntryKind::Adjustment];

/// What [`Sums::refunds`](domain::revenue::Sums) is the sum of.
pub const REFUNDS: &[EntryKind] = &[EntryKind::Refund, EntryKind::RefundFailed];

/// What [`Sums::disputes`](domain::revenue::Sums) is the sum of.
pub const DISPUTES: &[EntryKind] = &[EntryKind::Dispute, EntryKind::DisputeReversal];

/// What [`Sums::payments`](domain::revenue::Sums) counts.
pub const PAYMENTS: &[EntryKind] = &[EntryKind::Payment];

/// A page and its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    path: Cow<'static, str>,
    query: Vec<(&'static str, String)>,
}

impl Address {
    /// A page without a query.
    #[must_use]
    pub const fn new(path: &'static str) -> Self {
        Self { path: Cow::Borrowed(path), query: Vec::new() }
    }

    /// A page about the tenant and the days of a question, in the granularity it asks for.
    #[must_use]
    pub fn about(path: &'static str, question: &PeriodQuestion) -> Self {
        Self::new(path)
            .with_any("tenant_id", question.tenant_id.as_ref())
            .with_any("period", question.period.as_ref())
            .with_any("from", question.from.as_ref())
            .with_any("to", question.to.as_ref())
            .with_any("granularity", question.granularity.as_ref())
    }

    /// The main screen of a question.
    #[must_use]
    pub fn of_overview(question: &OverviewQuestion) -> Self {
        Self::about(COMMAND_CENTER, &question.period)
            .with_any("funnel", question.funnel.as_ref())
            .with_any("sort", question.sort.as_ref())
    }

    /// The ledger page of a question, without its cursor.
    #[must_use]
    pub fn of_rows(question: &LedgerQuestion) -> Self {
        Self::about(REVENUE, &question.period)
            .without("granularity")
            .with_any("channel", question.channel.as_ref())
            .with_any("kind", question.kind.as_ref())
            .with_any("product", question.product.as_ref())
            .with_any("category", question.category.as_ref())
            .with_any("class", question.class.as_ref())
            .with_any("currency", question.currency.as_ref())
            .with_any("without", question.without.as_ref())
            .with_any("stripe_id", question.stripe_id.as_ref())
            .with_any("review", question.review.as_ref())
            .with_any("known_at", question.known_at.as_ref())
    }

    /// The restatements of a question, without its cursor.
    #[must_use]
    pub fn of_restatements(question: &RestatedQuestion) -> Self {
        Self::about(RESTATEMENTS, &question.period)
            .without("granularity")
            .with_any("channel", question.channel.as_ref())
            .with_any("cause", question.cause.as_ref())
            .with_any("since", question.since.as_ref())
    }

    /// The page of one event.
    #[must_use]
    pub fn of_event(event: &EventId, tenant_id: Option<&String>) -> Self {
        Self::new(EVENTS).with_any("tenant_id", tenant_id).with("event", event.as_str())
    }

    /// The leads of a question, without its cursor.
    #[must_use]
    pub fn of_leads(question: &LeadsQuestion) -> Self {
        Self::about(LEADS, &question.period)
            .without("granularity")
            .with_any("channel", question.channel.as_ref())
            .with_any("stage", question.stage.as_ref())
            .with_any("reached", question.reached.as_ref())
            .with_any("at", question.at.as_ref())
            .with_any("stuck", question.stuck.as_ref())
            .with_any("lookup", question.lookup.as_ref())
            .with_any("q", question.search.as_ref())
    }

    /// The page of one lead.
    #[must_use]
    pub fn of_lead(lead: LeadId, tenant_id: Option<&String>) -> Self {
        let path = Cow::Owned(format!("{LEADS}/{lead}"));
        Self { path, query: Vec::new() }.with_any("tenant_id", tenant_id)
    }

    /// The customers of a question, without its cursor.
    #[must_use]
    pub fn of_customers(question: &CustomersQuestion) -> Self {
        Self::new(CUSTOMERS)
            .with_any("tenant_id", question.tenant_id.as_ref())
            .with_any("channel", question.channel.as_ref())
            .with_any("q", question.search.as_ref())
    }

    /// The page of one customer.
    #[must_use]
    pub fn of_customer(customer: &str, tenant_id: Option<&String>) -> Self {
        let path = Cow::Owned(format!("{CUSTOMERS}/{}", Encoded(customer)));
        Self { path, query: Vec::new() }.with_any("tenant_id", tenant_id)
    }

    /// What a row of the ledger is credited to, and what people said of it.
    #[must_use]
    pub fn of_credit(row: LedgerRowId, tenant_id: Option<&String>) -> Self {
        Self::new(CREDIT).with_any("tenant_id", tenant_id).with("row", row.to_string())
    }

    /// What an alert is about, over the days it was found in.
    #[must_use]
    pub fn of_alert(finding: &Finding, tenant_id: Option<&String>) -> Self {
        let subject = finding.subject.as_str();
        let month = PeriodChoice::Last30.word();
        let on = |path| Self::new(path).with_any("tenant_id", tenant_id);
        match finding.detector {
            Detector::ChannelLosing | Detector::RoomToGrow => {
                on(EXPLAIN).over(month).with("figure", "channel_roi").with("channel", subject)
            }
            Detector::CacDrift => on(EXPLAIN).over(month).with("figure", "blended_cac"),
            Detector::FailedPayments => on(FAILED_PAYMENTS).with("state", "open"),
            Detector::StuckLeads => on(LEADS).with("stage", subject).with("stuck", "yes"),
            Detector::FunnelDrop => on(LEADS).over(month).with("reached", subject),
            Detector::EnrichmentFailing => on(LEADS).with("lookup", "failed"),
            Detector::SyncFailing => on(CONNECTIONS),
            Detector::UnknownShare => on(UNKNOWN),
            Detector::RefundSpike => on(REVENUE).over(month).of_kinds(REFUNDS),
            Detector::DeadLetters => on(EVENTS).with("state", "dead"),
            Detector::WebhookSilence => on(EVENTS),
            Detector::MrrIdentity => on(EXPLAIN).over(month).with("figure", "mrr"),
        }
    }

    /// What an action to a campaign would touch.
    #[must_use]
    pub fn of_action(kind: ActionKind, campaign: CampaignId, tenant_id: Option<&String>) -> Self {
        Self::new(CONFIRM)
            .with_any("tenant_id", tenant_id)
            .with("kind", kind.word())
            .with("campaign", campaign.to_string())
    }

    /// Whom something would be done to, of these leads.
    #[must_use]
    pub fn of_leads_action(kind: ActionKind, leads: &[LeadId], tenant_id: Option<&String>) -> Self {
        let page = Self::new(CONFIRM_LEADS).with_any("tenant_id", tenant_id).with("kind", kind.word());
        leads.iter().fold(page, |page, lead| page.and("lead", lead.to_string()))
    }

    /// Whom something would be done to, of everybody a list of leads finds.
    #[must_use]
    pub fn of_everybody(&self, kind: ActionKind) -> Self {
        let page = Self { path: Cow::Borrowed(CONFIRM_LEADS), query: self.query.clone() };
        page.without("cursor").with("kind", kind.word()).with("everyone", "yes")
    }

    /// The rows of the ledger that an object or event of Stripe's belongs to, on the day one of them moved.
    #[must_use]
    pub fn of_money(
        stripe_id: &str,
        moved_at: Timestamp,
        timezone: &TimeZone,
        tenant_id: Option<&String>,
    ) -> Self {
        let day = moved_at.to_zoned(timezone.clone()).date();
        Self::new(REVENUE)
            .with_any("tenant_id", tenant_id)
            .between(DateRange { from: day, to: day })
            .with("stripe_id", stripe_id)
    }

    /// The same rows as a file.
    #[must_use]
    pub fn as_file(self) -> Self {
        self.as_file_of(LEDGER_FILE)
    }

    /// All of a page, as the file that an address of the API answers with.
    #[must_use]
    pub fn as_file_of(self, path: &'static str) -> Self {
        Self { path: Cow::Borrowed(path), ..self }.without("cursor").with("format", "csv")
    }

    /// The same page with another value of a field.
    #[must_use]
    pub fn with(self, field: &'static str, value: impl Into<String>) -> Self {
        let mut changed = self.without(field);
        changed.query.push((field, value.into()));
        changed
    }

    /// The same page with one more value of a field.
    #[must_use]
    pub fn and(mut self, field: &'static str, value: impl Into<String>) -> Self {
        self.query.push((field, value.into()));
        self
    }

    /// The same page without a field.
    #[must_use]
    pub fn without(mut self, field: &'static str) -> Self {
        self.query.retain(|(known, _)| *known != field);
        self
    }

    /// The same page about a named period.
    #[must_use]
    pub fn over(self, period: &'static str) -> Self {
        self.without_period().with("period", period)
    }

    /// The same page about the days from one date to another.
    #[must_use]
    pub fn between(self, range: DateRange) -> Self {
        self.without_period().with("from", range.from.to_string()).with("to", range.to.to_string())
    }

    /// The same page about the days it takes when none are named.
    #[must_use]
    pub fn without_period(self) -> Self {
        self.without("period").without("from").without("to")
    }

    /// The same rows of one channel only.
    #[must_use]
    pub fn in_channel(self, channel: &ChannelSlug) -> Self {
        self.with("channel", channel.as_str())
    }

    /// The same rows of some kinds only.
    #[must_use]
    pub fn of_kinds(self, kinds: &[EntryKind]) -> Self {
        self.with("kind", kind_words(kinds))
    }

    /// Another page about the same tenant and days.
    #[must_use]
    pub fn on(&self, path: &'static str) -> Self {
        self.on_with(path, &[])
    }

    /// Another page about the same tenant and days, with some fields more.
    #[must_use]
    pub fn on_with(&self, path: &'static str, fields: &[&'static str]) -> Self {
        let kept = ["tenant_id", "period", "from", "to"];
        let is_kept = |field: &&'static str| kept.contains(field) || fields.contains(field);
        let query = self.query.iter().filter(|(field, _)| is_kept(field)).cloned().collect();
        Self { path: Cow::Borrowed(path), query }
    }

    /// The rows of one product, as reports tell products apart: by name and category, either of which may not be known.
    #[must_use]
    pub fn of_product(self, sold: &ProductRevenue) -> Self {
        let rows = self.with_any("product", sold.product_name.as_ref());
        let rows = rows.with_any("category", sold.product_category.as_ref());
        match (sold.product_name.is_none(), sold.product_category.is_none()) {
            (true, true) => rows.with("without", "product,category"),
            (true, false) => rows.with("without", "product"),
            (false, true) => rows.with("without", "category"),
            (false, false) => rows,
        }
    }

    /// What a figure of this page is made of.
    #[must_use]
    pub fn explaining(&self, figure: &'static str) -> Self {
        self.on(EXPLAIN).with("figure", figure)
    }

    /// Where a form of this page is sent.
    #[must_use]
    pub fn path(&self) -> String {
        self.path.clone().into_owned()
    }

    /// What a form has to carry along unseen.
    #[must_use]
    pub fn fields(&self) -> &[(&'static str, String)] {
        &self.query
    }

    /// The same page with a value of a field, where there is one.
    #[must_use]
    pub fn with_any(self, field: &'static str, value: Option<&String>) -> Self {
        match value {
            Some(value) => self.with(field, value),
            None => self,
        }
    }
}

/// Several kinds as one field of an address.
#[must_use]
pub fn kind_words(kinds: &[EntryKind]) -> String {
    kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(",")
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for (place, (field, value)) in self.query.iter().enumerate() {
            write!(f, "{}{field}={}", if place == 0 { '?' } else { '&' }, Encoded(value))?;
        }
        Ok(())
    }
}

/// A value as it may stand in a query.
struct Encoded<'a>(&'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b',' => {
                    write!(f, "{}", char::from(byte))?;
                }
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn ninety_days() -> PeriodQuestion {
        PeriodQuestion { period: Some("90d".to_owned()), ..PeriodQuestion::default() }
    }

    #[test]
    fn an_address_says_what_was_asked() {
        let question = PeriodQuestion { granularity: Some("month".to_owned()), ..ninety_days() };
        let address = Address::about(COMMAND_CENTER, &question);
        assert_eq!(address.to_string(), "/portal/command-center?period=90d&granularity=month");
        assert_eq!(Address::new(REVENUE).to_string(), "/portal/revenue");
    }

    #[test]
    fn dates_take_the_place_of_a_named_period_and_back() {
        let range = DateRange { from: date(2026, 9, 1), to: date(2026, 9, 30) };
        let address = Address::about(REVENUE, &ninety_days()).between(range);
        assert_eq!(address.to_string(), "/portal/revenue?from=2026-09-01&to=2026-09-30");
        assert_eq!(address.over("qtd").to_string(), "/portal/revenue?period=qtd");
    }

    #[test]
    fn a_value_cannot_break_out_of_its_field() {
        let address = Address::new(REVENUE).with("channel", "a&b=\"><script>é ");
        assert_eq!(address.to_string(), "/portal/revenue?channel=a%26b%3D%22%3E%3Cscript%3E%C3%A9%20");
    }

    #[test]
    fn a_figure_is_explained_over_the_days_it_was_read_in() {
        let question = PeriodQuestion { granularity: Some("month".to_owned()), ..ninety_days() };
        let address = Address::about(COMMAND_CENTER, &question).explaining("mrr");
        assert_eq!(address.to_string(), "/portal/explain?period=90d&figure=mrr");
    }

    #[test]
    fn kinds_that_make_one_figure_travel_together() {
        let address = Address::new(REVENUE).of_kinds(REFUNDS);
        assert_eq!(address.to_string(), "/portal/revenue?kind=refund,refund_failed");
    }
}
