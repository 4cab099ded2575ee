//! What screens and API may ask about figures, answered from the ledger.

mod alert_facts;
mod alerts;
mod customers;
mod events;
mod failed;
mod kept;
mod leads;
mod ledger;
mod moments;
mod mrr;
mod overview;
mod paging;
mod pipeline;
mod platform;
mod platform_ledger;
mod platform_screen;
mod restated;
mod unknown;

use std::fmt;

use app::port::{
    AlertLine, AlertsPage, AlertsQuestion, AskError, Credit, CreditQuestion, CustomerStory, CustomersPage,
    CustomersQuestion, Desk, EventDetail, EventsPage, EventsQuestion, FailedPage, FailedQuestion, Frame,
    Intake, LeadStory, LeadsPage, LeadsQuestion, LedgerPage, LedgerQuestion, Overview, OverviewQuestion,
    PeriodQuestion, RestatedPage, RestatedQuestion, TenantView, UnknownPage, UnknownQuestion,
};
use app::recurring::{RecurringPage, RecurringQuestion};
use async_trait::async_trait;
use domain::access::{Permission, Viewer};
use domain::channel::ChannelList;
use domain::connection::SecretKind;
use domain::ids::TenantId;
use domain::period::{Bucket, DateRange, Granularity, InvalidPeriod, PeriodChoice, buckets};
use domain::revenue::comparison::{Compare, Compared, Comparison};
use domain::revenue::{RevenueReport, report};
use domain::tenant::Tenant;
use jiff::Timestamp;
use jiff::civil::Date;
use store::mrr::Standing;
use store::{Snapshot, Store, StoreError};

pub(crate) use self::alert_facts::alert_facts;
pub(crate) use self::alerts::{comment_line, line as alert_line};
pub use self::kept::Kept;
pub(crate) use self::mrr::EndsListed;
pub use self::mrr::{RecurringParts, RecurringRevenue};
pub use self::overview::CommandCenter;
pub(crate) use self::overview::UnitEconomicsAnswer;
pub(crate) use self::platform_ledger::{LedgerOfAll, RowOfAll};

use crate::accounts::Accounts;
use crate::clock::Clock;

/// The desk of the running program.
#[derive(Clone, Debug)]
pub struct LedgerDesk {
    /// Where the ledger is.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// The address Stripe is to send events to.
    pub webhook_url: String,
    /// Whether events can be verified.
    pub webhook_secret_set: bool,
    /// Who writes down what the platform looks at.
    pub accounts: Accounts,
    /// Figures that were counted and still hold.
    pub kept: Kept,
}

/// A period question, understood.
struct Asked {
    choice: PeriodChoice,
    range: DateRange,
    granularity: Granularity,
    periods: Vec<Bucket>,
    today: Date,
}

/// What is asked about, and the data as it stands to answer it from.
pub(crate) struct Period {
    snapshot: Snapshot,
    asked: Asked,
}

/// What a tenant's figures depend on: another text after every change that could change one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DataState(String);

impl fmt::Display for DataState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A tenant's revenue over a range, and what recurs at its end.
#[derive(Clone, Debug)]
pub struct RevenueAnswer {
    /// The tenant as it was then.
    pub tenant: Tenant,
    /// What moved.
    pub report: RevenueReport,
    /// What recurs.
    pub standing: Standing,
    /// How both compare with other days.
    pub comparison: Option<Comparison>,
}

impl LedgerDesk {
    async fn viewers_period(&self, viewer: &Viewer, question: &PeriodQuestion) -> Result<Period, AskError> {
        viewer.require(Permission::ReadFigures)?;
        self.period(viewer.tenant, question).await
    }

    /// A tenant's data as it stands now.
    pub(crate) async fn snapshot(&self, tenant: TenantId) -> Result<Snapshot, AskError> {
        let snapshot = self.store.snapshot(tenant, self.clock.now()).await.map_err(ours)?;
        snapshot.ok_or(AskError::UnknownTenant)
    }

    /// What is asked about a tenant, and its data as it stands now to answer it from.
    pub(crate) async fn period(
        &self,
        tenant: TenantId,
        question: &PeriodQuestion,
    ) -> Result<Period, AskError> {
        let snapshot = self.snapshot(tenant).await?;
        let asked = Asked::of(snapshot.tenant(), snapshot.as_of(), question)?;
        Ok(Period { snapshot, asked })
    }

    async fn intake(&self, tenant: &Tenant) -> Result<Intake, AskError> {
        let state = self.store.intake_state(tenant.id).await.map_err(ours)?;
        let takes_the_rest =
            self.store.tenant_default().await.map_err(ours)?.is_some_and(|first| first.id == tenant.id);
        let is_signed_for_all = self.webhook_secret_set && takes_the_rest;
        let own_secret = self.has_own_secret(tenant).await?;
        Ok(Intake {
            has_events: state.last_event_at.is_some(),
            last_event_at: state.last_event_at,
            dead_letters: state.dead_letters,
            webhook_secret_set: own_secret || is_signed_for_all,
            webhook_url: if is_signed_for_all && !own_secret {
                self.webhook_url.clone()
            } else {
                format!("{}/{}", self.webhook_url, tenant.slug)
            },
        })
    }

    /// Whether the tenant has stored what its own events are signed with.
    async fn has_own_secret(&self, tenant: &Tenant) -> Result<bool, AskError> {
        let mut work = self.store.within(tenant.id).await.map_err(ours)?;
        let stored = work.secrets().await.map_err(ours)?;
        Ok(stored.iter().any(|secret| secret.kind == SecretKind::StripeWebhook))
    }

    /// A tenant as screens show it.
    async fn tenant_view(&self, id: TenantId) -> Result<TenantView, AskError> {
        let tenant = self.store.tenant_by_id(id).await.map_err(ours)?.ok_or(AskError::UnknownTenant)?;
        let channels = self.store.channels_of(id).await.map_err(ours)?;
        Ok(tenant_view(&tenant, &channels))
    }
}

impl Asked {
    fn of(tenant: &Tenant, now: Timestamp, question: &PeriodQuestion) -> Result<Self, AskError> {
        let choice =
            PeriodChoice::parse(question.period.as_deref(), question.from.as_deref(), question.to.as_deref())
                .map_err(invalid)?;
        let granularity = match question.granularity.as_deref() {
            Some(word) => word.parse().map_err(invalid)?,
            None => Granularity::Week,
        };
        let today = tenant.date_of(now);
        let range = choice.range(today);
        let periods = buckets(range, granularity, tenant.week_start, today).map_err(invalid)?;
        Ok(Self { choice, range, granularity, periods, today })
    }

    /// The periods that have begun, up to today.
    fn begun(&self) -> Vec<Bucket> {
        let begun = self.periods.iter().filter(|period| period.period_start <= self.today);
        begun.map(|period| Bucket { period_end: period.period_end.min(self.today), ..*period }).collect()
    }
}

impl Period {
    /// What the figures depend on, told without computing any.
    pub(crate) fn state(&self) -> DataState {
        let tenant = self.snapshot.tenant();
        let (zone, version) = (tenant.timezone_name(), tenant.version);
        DataState(format!("{} {version} {zone} {} {}", tenant.id, self.snapshot.revision(), self.asked.today))
    }

    /// What figures depend on that are made of leads, deals and costs, too.
    pub(crate) fn pipeline_state(&self) -> DataState {
        DataState(format!("{} {}", self.state(), self.snapshot.pipeline_revision()))
    }

    /// What the main screen depends on: its alerts too, and the time, by which what waits gets older.
    pub(crate) fn screen_state(&self, alerts: &[AlertLine]) -> DataState {
        let minute = kept::minute(self.snapshot.as_of());
        DataState(format!("{} {minute} {alerts:?}", self.pipeline_state()))
    }

    /// Revenue over the days asked for, what recurs at their end, and how both compare with other days.
    pub(crate) async fn revenue_answer(&mut self, compare: Compare) -> Result<RevenueAnswer, AskError> {
        let report = self.revenue().await?;
        let standing = self.standing().await?;
        let now = Compared { sums: report.sums, by_class: report.new_vs_recurring, mrr: standing.mrr };
        let comparison = match compare.days(report.range, self.asked.today) {
            Some(days) => Some(Comparison::between(compare, days, &self.compared(days).await?, &now)),
            None => None,
        };
        Ok(RevenueAnswer { tenant: self.snapshot.tenant().clone(), report, standing, comparison })
    }

    async fn revenue(&mut self) -> Result<RevenueReport, AskError> {
        let parts = self.snapshot.revenue_parts(&self.asked.periods).await.map_err(ours)?;
        let unconverted = self.snapshot.unconverted_sums(self.asked.range).await.map_err(ours)?;
        let (tenant, as_of) = (self.snapshot.tenant(), self.snapshot.as_of());
        report(tenant, self.asked.range, self.asked.granularity, as_of, &parts, unconverted).map_err(invalid)
    }

    /// What recurs at the end of the range, or now where that lies ahead.
    async fn standing(&mut self) -> Result<Standing, AskError> {
        self.snapshot.mrr_standing(self.asked.range.to.min(self.asked.today)).await.map_err(ours)
    }

    /// What other days are compared by.
    async fn compared(&mut self, days: DateRange) -> Result<Compared, AskError> {
        let moved = self.snapshot.revenue_total(days).await.map_err(ours)?;
        let standing = self.snapshot.mrr_standing(days.to).await.map_err(ours)?;
        Ok(Compared { sums: moved.sums(), by_class: moved.by_class, mrr: standing.mrr })
    }

    async fn frame(&mut self) -> Result<Frame, AskError> {
        let channels = self.snapshot.channels().await.map_err(ours)?;
        Ok(Frame {
            tenant: tenant_view(self.snapshot.tenant(), &channels),
            today: self.asked.today,
            choice: self.asked.choice,
            range: self.asked.range,
        })
    }
}

#[async_trait]
impl Desk for LedgerDesk {
    async fn overview(&self, viewer: &Viewer, question: OverviewQuestion) -> Result<Overview, AskError> {
        Ok(self.command_center(viewer, question).await?.overview)
    }

    async fn customers(
        &self,
        viewer: &Viewer,
        question: CustomersQuestion,
    ) -> Result<CustomersPage, AskError> {
        self.customers_page(viewer, question).await
    }

    async fn customer(&self, viewer: &Viewer, id: &str) -> Result<Option<CustomerStory>, AskError> {
        self.customer_story(viewer, id).await
    }

    async fn leads(&self, viewer: &Viewer, question: LeadsQuestion) -> Result<LeadsPage, AskError> {
        self.leads_page(viewer, question).await
    }

    async fn lead(&self, viewer: &Viewer, id: &str) -> Result<Option<LeadStory>, AskError> {
        self.lead_story(viewer, id).await
    }

    async fn ledger(&self, viewer: &Viewer, question: LedgerQuestion) -> Result<LedgerPage, AskError> {
        self.viewers_period(viewer, &question.period).await?.ledger_page(question).await
    }

    async fn restated(&self, viewer: &Viewer, question: RestatedQuestion) -> Result<RestatedPage, AskError> {
        self.viewers_period(viewer, &question.period).await?.restated_page(question).await
    }

    async fn recurring(
        &self,
        viewer: &Viewer,
        question: RecurringQuestion,
    ) -> Result<RecurringPage, AskError> {
        let RecurringQuestion { mut period, compare } = question;
        period.granularity.get_or_insert_with(|| Granularity::Month.word().to_owned());
        let word = compare.as_deref().unwrap_or(Compare::Previous.word());
        let compare = Compare::parse(Some(word), None, None).map_err(invalid)?;
        self.viewers_period(viewer, &period).await?.recurring_page(compare).await
    }

    async fn events(&self, viewer: &Viewer, question: EventsQuestion) -> Result<EventsPage, AskError> {
        self.events_page(viewer, question).await
    }

    async fn event(&self, viewer: &Viewer, id: &str) -> Result<Option<EventDetail>, AskError> {
        self.event_detail(viewer, id).await
    }

    async fn failed_payments(
        &self,
        viewer: &Viewer,
        question: FailedQuestion,
    ) -> Result<FailedPage, AskError> {
        self.failed_page(viewer, question).await
    }

    async fn unknown(&self, viewer: &Viewer, question: UnknownQuestion) -> Result<UnknownPage, AskError> {
        self.unknown_page(viewer, question).await
    }

    async fn credit(&self, viewer: &Viewer, question: CreditQuestion) -> Result<Option<Credit>, AskError> {
        self.credit_of(viewer, question).await
    }

    async fn alerts(&self, viewer: &Viewer, question: AlertsQuestion) -> Result<AlertsPage, AskError> {
        self.alerts_page(viewer, question).await
    }
}

fn tenant_view(tenant: &Tenant, channels: &ChannelList) -> TenantView {
    TenantView {
        id: tenant.id,
        name: tenant.name.clone(),
        currency: tenant.currency,
        timezone: tenant.timezone.clone(),
        channels: channels.iter().cloned().collect(),
    }
}

pub(crate) fn invalid(why: InvalidPeriod) -> AskError {
    AskError::Invalid { field: why.field, message: why.message.to_owned() }
}

/// Logs our own failure once, under a reference the asker is given.
pub(crate) fn ours(error: StoreError) -> AskError {
    let reference = crate::http::new_reference();
    tracing::error!(%error, reference, "a question could not be answered");
    AskError::Ours { reference }
}
