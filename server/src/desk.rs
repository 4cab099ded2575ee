//! What screens and API may ask about figures, answered from the ledger.

mod events;
mod failed;
mod ledger;
mod mrr;
mod paging;
mod platform;

use app::port::{
    AskError, Desk, EventDetail, EventsPage, EventsQuestion, FailedPage, FailedQuestion, Frame, Intake,
    LedgerPage, LedgerQuestion, Overview, PeriodQuestion, TenantView,
};
use async_trait::async_trait;
use domain::access::{Permission, Viewer};
use domain::channel::ChannelList;
use domain::connection::SecretKind;
use domain::ids::TenantId;
use domain::period::{DateRange, Granularity, InvalidPeriod, PeriodChoice};
use domain::revenue::{RevenueReport, report, total};
use domain::tenant::Tenant;
use jiff::Timestamp;
use store::{Store, StoreError};

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
}

/// A period question, understood.
struct Period {
    tenant: Tenant,
    choice: PeriodChoice,
    range: DateRange,
    granularity: Granularity,
    now: Timestamp,
}

impl LedgerDesk {
    /// A tenant's revenue over the days asked for.
    pub async fn revenue(
        &self,
        tenant: &Tenant,
        question: &PeriodQuestion,
    ) -> Result<RevenueReport, AskError> {
        let period = self.period(tenant.clone(), question)?;
        self.report(&period).await
    }

    async fn viewers_period(&self, viewer: &Viewer, question: &PeriodQuestion) -> Result<Period, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let tenant = self.store.tenant_by_id(viewer.tenant).await.map_err(ours)?;
        self.period(tenant.ok_or(AskError::UnknownTenant)?, question)
    }

    fn period(&self, tenant: Tenant, question: &PeriodQuestion) -> Result<Period, AskError> {
        let choice =
            PeriodChoice::parse(question.period.as_deref(), question.from.as_deref(), question.to.as_deref())
                .map_err(invalid)?;
        let granularity = match question.granularity.as_deref() {
            Some(word) => word.parse().map_err(invalid)?,
            None => Granularity::Week,
        };
        let now = self.clock.now();
        let range = choice.range(tenant.date_of(now));
        Ok(Period { tenant, choice, range, granularity, now })
    }

    async fn report(&self, period: &Period) -> Result<RevenueReport, AskError> {
        let Period { tenant, range, granularity, now, .. } = period;
        let (daily, unconverted) = tokio::try_join!(
            self.store.daily_sums(tenant, *range),
            self.store.unconverted_sums(tenant, *range)
        )
        .map_err(ours)?;
        report(tenant, *range, *granularity, *now, &daily, unconverted).map_err(invalid)
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

    async fn frame(&self, period: &Period) -> Result<Frame, AskError> {
        let Period { tenant, choice, range, now, .. } = period;
        let channels = self.store.channels_of(tenant.id).await.map_err(ours)?;
        Ok(Frame {
            tenant: tenant_view(tenant, &channels),
            today: tenant.date_of(*now),
            choice: *choice,
            range: *range,
        })
    }
}

#[async_trait]
impl Desk for LedgerDesk {
    async fn overview(&self, viewer: &Viewer, question: PeriodQuestion) -> Result<Overview, AskError> {
        let period = self.viewers_period(viewer, &question).await?;
        let frame = self.frame(&period).await?;
        let previous_range = period.range.previous(frame.today);
        let previous = async {
            let daily = self.store.daily_sums(&period.tenant, previous_range).await.map_err(ours)?;
            Ok(total(&daily))
        };
        let (revenue, previous, intake) =
            tokio::try_join!(self.report(&period), previous, self.intake(&period.tenant))?;
        Ok(Overview { frame, revenue, previous_range, previous, intake })
    }

    async fn ledger(&self, viewer: &Viewer, question: LedgerQuestion) -> Result<LedgerPage, AskError> {
        self.ledger_page(viewer, question).await
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
