//! A desk with fixed answers: a tenant with ninety days of payments, computed like real ones.

use app::port::{
    AlertsPage, AlertsQuestion, AskError, Credit, CreditQuestion, CustomerStory, CustomersPage,
    CustomersQuestion, Desk, EarlierVersion, EventDetail, EventsPage, EventsQuestion, FailedPage,
    FailedQuestion, Frame, Intake, LeadStory, LeadsPage, LeadsQuestion, LedgerLine, LedgerPage,
    LedgerQuestion, Overview, OverviewQuestion, PeriodQuestion, RestatedPage, RestatedQuestion, SourceLine,
    TenantView, UnknownPage, UnknownQuestion,
};
use app::recurring::{RecurringPage, RecurringQuestion};
use async_trait::async_trait;
use domain::access::Viewer;
use domain::attribution::{Candidate, Method, Order};
use domain::channel::{Channel, ChannelSlug};
use domain::funnel::Mode;
use domain::ids::{EventId, LedgerRowId};
use domain::ledger::{EntryKind, StripeLinks};
use domain::money::{Currency, Money};
use domain::period::{DateRange, Granularity, InvalidPeriod, PeriodChoice, WeekStart};
use domain::revenue::{Class, DailySum, Moved, Parts, Unconverted, report};
use domain::revision::Change;
use domain::tenant::{Economics, Tenant};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use crate::figures;
use crate::visits::NORTHWIND;

/// The day all answers are given on.
pub(crate) const TODAY: Date = date(2026, 11, 20);

/// What the desk is asked to be like.
#[derive(Clone, Debug, Default)]
pub(crate) struct FixedDesk {
    /// Channel names are what an attacker would choose.
    pub(crate) hostile: bool,
    /// No event ever came.
    pub(crate) untouched: bool,
    /// Events came, but none in the days asked about.
    pub(crate) quiet: bool,
    /// Every question is answered with this.
    pub(crate) error: Option<AskError>,
}

#[async_trait]
impl Desk for FixedDesk {
    async fn overview(&self, _viewer: &Viewer, question: OverviewQuestion) -> Result<Overview, AskError> {
        self.answer_overview(&question)
    }

    async fn ledger(&self, _viewer: &Viewer, question: LedgerQuestion) -> Result<LedgerPage, AskError> {
        self.answer_ledger(&question)
    }

    async fn restated(&self, _viewer: &Viewer, question: RestatedQuestion) -> Result<RestatedPage, AskError> {
        self.answer_restated(&question)
    }

    async fn recurring(
        &self,
        _viewer: &Viewer,
        question: RecurringQuestion,
    ) -> Result<RecurringPage, AskError> {
        self.answer_recurring(&question)
    }

    async fn events(&self, _viewer: &Viewer, question: EventsQuestion) -> Result<EventsPage, AskError> {
        self.answer_events(&question)
    }

    async fn event(&self, _viewer: &Viewer, id: &str) -> Result<Option<EventDetail>, AskError> {
        self.answer_event(id)
    }

    async fn customers(
        &self,
        _viewer: &Viewer,
        _question: CustomersQuestion,
    ) -> Result<CustomersPage, AskError> {
        self.answer_customers()
    }

    async fn customer(&self, _viewer: &Viewer, id: &str) -> Result<Option<CustomerStory>, AskError> {
        self.answer_customer(id)
    }

    async fn leads(&self, _viewer: &Viewer, question: LeadsQuestion) -> Result<LeadsPage, AskError> {
        self.answer_leads(&question)
    }

    async fn lead(&self, _viewer: &Viewer, id: &str) -> Result<Option<LeadStory>, AskError> {
        self.answer_lead(id)
    }

    async fn failed_payments(
        &self,
        _viewer: &Viewer,
        question: FailedQuestion,
    ) -> Result<FailedPage, AskError> {
        self.answer_failed(&question)
    }

    async fn unknown(&self, _viewer: &Viewer, question: UnknownQuestion) -> Result<UnknownPage, AskError> {
        self.answer_unknown(&question)
    }

    async fn credit(&self, _viewer: &Viewer, question: CreditQuestion) -> Result<Option<Credit>, AskError> {
        self.answer_credit(&question)
    }

    async fn alerts(&self, _viewer: &Viewer, question: AlertsQuestion) -> Result<AlertsPage, AskError> {
        self.answer_alerts(&question)
    }
}

impl FixedDesk {
    /// The main screen's figures.
    pub(crate) fn answer_overview(&self, question: &OverviewQuestion) -> Result<Overview, AskError> {
        self.refuse_when_told()?;
        let frame = self.frame(&question.period)?;
        let granularity = granularity(&question.period)?;
        let invalid =
            |invalid: InvalidPeriod| AskError::Invalid { field: invalid.field, message: invalid.to_string() };
        let mode = question.funnel.as_deref().map_or(Mode::Cohort, |word| word.parse().unwrap());
        let previous_range = frame.range.previous(TODAY);
        let is_empty = self.untouched || self.quiet;
        let unconverted = if is_empty { Vec::new() } else { vec![yen_without_rate()] };
        let sums = |range, unconverted| {
            report(&tenant(), range, granularity, now(), &Parts::of(&self.daily(range)), unconverted)
                .map_err(invalid)
        };
        let (revenue, before) = (sums(frame.range, unconverted)?, sums(previous_range, Vec::new())?);
        let recurring = figures::recurring(&frame, granularity);
        let economics = figures::economics(&revenue, &recurring, !self.untouched);
        let deals = if is_empty { 0 } else { 245 };
        Ok(Overview {
            previous_range,
            previous: before.sums,
            intake: self.intake(),
            previous_cac: Some(31_300),
            funnel: figures::full_funnel(mode, is_empty),
            velocity: figures::velocity(is_empty),
            pipeline: figures::pipeline_of(deals),
            previous_pipeline: figures::pipeline_of(deals - deals / 49),
            pipeline_velocity: figures::yielding(deals),
            channels: figures::channels(&revenue, &before),
            costs: figures::costs(&economics),
            alerts: if is_empty { Vec::new() } else { self.needing_somebody() },
            frame,
            revenue,
            recurring,
            economics,
        })
    }

    /// The rows behind a figure.
    pub(crate) fn answer_ledger(&self, question: &LedgerQuestion) -> Result<LedgerPage, AskError> {
        self.refuse_when_told()?;
        let frame = self.frame(&question.period)?;
        let kinds: Vec<EntryKind> = question
            .kind
            .iter()
            .flat_map(|words| words.split(','))
            .map(|word| word.parse().unwrap())
            .collect();
        let channel = question.channel.clone().map(ChannelSlug::stored);
        let mut lines = if self.untouched || self.quiet { Vec::new() } else { self.lines() };
        lines.retain(|line| kinds.is_empty() || kinds.contains(&line.kind));
        lines.retain(|line| question.review.is_none() || line.is_tie_presumed);
        lines.retain(|line| channel.as_ref().is_none_or(|channel| line.channel == *channel));
        Ok(LedgerPage {
            frame,
            channel,
            kinds,
            product: question.product.clone(),
            category: question.category.clone(),
            class: None,
            currency: None,
            without: question.without.as_ref().map_or_else(Default::default, |words| words.parse().unwrap()),
            stripe_id: question.stripe_id.clone(),
            is_for_review: question.review.is_some(),
            known_at: question.known_at.as_ref().map(|moment| moment.parse().unwrap()),
            as_of: now(),
            rows_in_all: i64::try_from(lines.len()).unwrap(),
            sum: lines.iter().filter_map(|line| line.base_amount_minor).sum(),
            unconverted: if lines.iter().any(|line| line.base_amount_minor.is_none()) {
                vec![yen_without_rate()]
            } else {
                Vec::new()
            },
            next: (lines.len() > 3).then(|| "older than this".to_owned()),
            lines,
        })
    }

    pub(crate) fn refuse_when_told(&self) -> Result<(), AskError> {
        self.error.clone().map_or(Ok(()), Err)
    }

    pub(crate) fn frame(&self, question: &PeriodQuestion) -> Result<Frame, AskError> {
        let choice =
            PeriodChoice::parse(question.period.as_deref(), question.from.as_deref(), question.to.as_deref())
                .map_err(|invalid| AskError::Invalid {
                    field: invalid.field,
                    message: invalid.to_string(),
                })?;
        Ok(Frame { tenant: self.tenant_view(), today: TODAY, choice, range: choice.range(TODAY) })
    }

    pub(crate) fn tenant_view(&self) -> TenantView {
        let tenant = tenant();
        TenantView {
            id: tenant.id,
            name: if self.hostile { "<script>alert(0)</script>".to_owned() } else { tenant.name },
            currency: tenant.currency,
            timezone: tenant.timezone,
            channels: self.channels(),
        }
    }

    fn channels(&self) -> Vec<Channel> {
        let names = if self.hostile {
            [
                "<script>alert(1)</script>",
                "</script></style><img src=x onerror=alert(2)>",
                "\u{202e}sda ateM",
                "\"' onload=alert(3)",
                "שלום עולם",
                "{{7*7}} &lt;b&gt;",
            ]
        } else {
            ["HeyReach", "PlusVibe", "Meta ads", "Organic", "Referral", "Partners"]
        };
        SLUGS
            .iter()
            .zip(names)
            .zip(1..)
            .map(|((slug, name), color)| Channel::new(ChannelSlug::stored((*slug).to_owned()), name, color))
            .collect()
    }

    fn intake(&self) -> Intake {
        Intake {
            has_events: !self.untouched,
            last_event_at: (!self.untouched).then(now),
            dead_letters: if self.untouched || self.quiet { 0 } else { 3 },
            webhook_url: "https://cc.example.com/api/webhooks/stripe".to_owned(),
            webhook_secret_set: !self.untouched,
        }
    }

    /// A payment or more on every day of every channel, refunds every ninth day, one dispute a month.
    fn daily(&self, range: DateRange) -> Vec<DailySum> {
        if self.untouched || self.quiet {
            return Vec::new();
        }
        let mut sums = Vec::new();
        let mut day = range.from;
        while day <= range.to.min(TODAY) {
            for (place, slug) in SLUGS.iter().chain(&["unknown"]).enumerate() {
                sums.extend(self.day_of_channel(day, i64::try_from(place).unwrap(), slug));
            }
            day = day.saturating_add(1.day());
        }
        sums
    }

    fn day_of_channel(&self, day: Date, place: i64, slug: &str) -> Vec<DailySum> {
        let age = i64::from((day - date(2026, 1, 1)).get_days());
        let (base, growth) =
            [(41_000, 110), (31_000, 20), (44_000, -70), (15_000, 40), (9_000, 25), (0, 0), (4_200, -4)]
                [usize::try_from(place).unwrap()];
        let wobble = (age * 37 + place * 53) % 41 - 20;
        let amount = (base + growth * age) * (100 + wobble) / 100;
        let mut found = Vec::new();
        if amount > 0 {
            found.push(self.sum(day, slug, EntryKind::Payment, amount, 1 + (age * 7 + place * 5) % 4 / 2));
            if (age + place) % 9 == 0 {
                found.push(self.sum(day, slug, EntryKind::Refund, -amount / 3, 1));
            }
            if age % 30 == 3 && place == 1 {
                found.push(self.sum(day, slug, EntryKind::Dispute, -9_900, 1));
            }
        }
        found
    }

    fn sum(&self, day: Date, slug: &str, kind: EntryKind, amount: i64, rows: i64) -> DailySum {
        let (product, category) = match (self.hostile, day.day() % 3) {
            (true, 0) => (Some("</title><script>alert(4)</script>"), Some("<b>")),
            (_, 0) => (Some("Outbound bootcamp"), Some("bootcamp")),
            (_, 1) => (Some("Growth plan, monthly"), Some("subscription")),
            _ => (None, None),
        };
        DailySum {
            day,
            channel: ChannelSlug::stored(slug.to_owned()),
            product_name: product.map(str::to_owned),
            product_category: category.map(str::to_owned),
            moved: Moved::of(kind, Class::OneTime, amount, rows),
        }
    }

    fn lines(&self) -> Vec<LedgerLine> {
        let jpy: Currency = "jpy".parse().unwrap();
        let product = if self.hostile { "</script><script>alert(5)</script>" } else { "Outbound bootcamp" };
        let matched =
            if self.hostile { "gtm_channel=<img src=x onerror=alert(6)>" } else { "gtm_channel=plusvibe" };
        let charge = if self.hostile { "javascript:alert(7)" } else { "ch_3RaB2cDeFgHiJkLm" };
        vec![
            line(
                1,
                EntryKind::Payment,
                Money { minor: 149_900, currency: Currency::USD },
                Some(149_900),
                "heyreach",
            )
            .by("ada@example.com")
            .of(product)
            .because(Method::LeadEmail, "ada@example.com")
            .known_as(StripeLinks {
                invoice: Some("in_1RaB2cDeFgHiJkLm".to_owned()),
                customer: Some("cus_RaB2cDeFgHiJkL".to_owned()),
                charge: Some(charge.to_owned()),
                ..StripeLinks::default()
            })
            .presumed()
            .not_by(Method::Metadata, matched, "plusvibe")
            .after(&[Change::Channel, Change::Objects]),
            line(
                2,
                EntryKind::Refund,
                Money { minor: -49_950, currency: Currency::USD },
                Some(-49_950),
                "heyreach",
            )
            .by("ada@example.com")
            .of(product)
            .because(Method::LeadEmail, "ada@example.com")
            .known_as(StripeLinks {
                refund: Some("re_3RaB2cDeFgHiJkLm".to_owned()),
                charge: Some(charge.to_owned()),
                ..StripeLinks::default()
            }),
            line(3, EntryKind::Payment, Money { minor: 4_900, currency: jpy }, None, "plusvibe")
                .by("a.very.long.address.of.somebody.who.likes.long.addresses@subdomain.example.org")
                .because(Method::Metadata, matched)
                .known_as(StripeLinks {
                    payment_intent: Some("pi_3RaB2cDeFgHiJkLm".to_owned()),
                    ..StripeLinks::default()
                }),
            line(
                4,
                EntryKind::Dispute,
                Money { minor: -9_900, currency: Currency::USD },
                Some(-9_900),
                "unknown",
            )
            .known_as(StripeLinks { charge: Some("ch_1".to_owned()), ..StripeLinks::default() }),
            line(
                5,
                EntryKind::Payment,
                Money { minor: 20_000, currency: Currency::USD },
                Some(20_000),
                "unknown",
            )
            .by("grace@example.org")
            .of("Growth plan, monthly"),
        ]
    }
}

/// Ninety days in which the channels earned these amounts.
pub(crate) fn overview_of(earned: &[(&str, i64)]) -> Overview {
    let desk = FixedDesk::default();
    let calm = desk.answer_overview(&OverviewQuestion::default()).unwrap();
    let daily: Vec<DailySum> = earned
        .iter()
        .map(|(slug, amount)| {
            let kind = if *amount < 0 { EntryKind::Refund } else { EntryKind::Payment };
            desk.sum(TODAY, slug, kind, *amount, 1)
        })
        .collect();
    let revenue =
        report(&tenant(), calm.frame.range, Granularity::Week, now(), &Parts::of(&daily), Vec::new())
            .unwrap();
    let economics = figures::economics(&revenue, &calm.recurring, false);
    Overview { revenue, economics, ..calm }
}

pub(crate) const SLUGS: [&str; 6] = ["heyreach", "plusvibe", "meta_ads", "organic", "referral", "partners"];

pub(crate) fn now() -> Timestamp {
    "2026-11-20T14:02:00Z".parse().unwrap()
}

pub(crate) fn tenant() -> Tenant {
    Tenant {
        id: NORTHWIND,
        slug: "northwind".to_owned(),
        name: "Northwind GTM".to_owned(),
        currency: Currency::USD,
        timezone: TimeZone::UTC,
        week_start: WeekStart::Monday,
        economics: Economics::default(),
        definition: &domain::definition::Definition::STRIPE,
        attribution_order: Order::default(),
        version: 3,
    }
}

fn yen_without_rate() -> Unconverted {
    Unconverted { currency: "jpy".parse().unwrap(), amount: 4_900, rows: 1 }
}

fn granularity(question: &PeriodQuestion) -> Result<Granularity, AskError> {
    let Some(word) = question.granularity.as_deref() else { return Ok(Granularity::Week) };
    word.parse().map_err(|invalid: InvalidPeriod| AskError::Invalid {
        field: invalid.field,
        message: invalid.to_string(),
    })
}

fn line(
    number: u128,
    kind: EntryKind,
    money: Money,
    base_amount_minor: Option<i64>,
    channel: &str,
) -> LedgerLine {
    LedgerLine {
        id: LedgerRowId(Uuid::from_u128(number)),
        kind,
        money,
        base_amount_minor,
        occurred_at: now() - jiff::SignedDuration::from_hours(i64::try_from(number).unwrap() * 7),
        product_name: None,
        version: 1,
        written_at: now() - jiff::SignedDuration::from_hours(1),
        product_category: None,
        is_recurring: false,
        is_tie_presumed: false,
        is_product_partial: false,
        reason: (kind == EntryKind::Refund).then(|| "requested_by_customer".to_owned()),
        customer_email: None,
        lead: None,
        mrr_impact_minor: 0,
        channel: ChannelSlug::stored(channel.to_owned()),
        candidates: Vec::new(),
        links: StripeLinks::default(),
        cause: cause(),
        livemode: Some(number.is_multiple_of(2)),
        sources: vec![SourceLine {
            event: cause(),
            event_type: Some("invoice.paid".to_owned()),
            received_at: now() - jiff::SignedDuration::from_hours(2),
        }],
        before: Vec::new(),
    }
}

fn cause() -> EventId {
    "evt_1RaB2cDeFgHiJkLm".parse().unwrap()
}

trait Told {
    fn by(self, email: &str) -> Self;
    fn of(self, product: &str) -> Self;
    fn because(self, method: Method, matched: &str) -> Self;
    fn known_as(self, links: StripeLinks) -> Self;
    fn presumed(self) -> Self;
    fn not_by(self, method: Method, matched: &str, channel: &str) -> Self;
    fn after(self, changes: &[Change]) -> Self;
}

impl Told for LedgerLine {
    fn by(self, email: &str) -> Self {
        Self { customer_email: Some(email.to_owned()), ..self }
    }

    fn of(self, product: &str) -> Self {
        Self { product_name: Some(product.to_owned()), ..self }
    }

    fn because(self, method: Method, matched: &str) -> Self {
        let channel = self.channel.to_string();
        self.not_by(method, matched, &channel)
    }

    fn presumed(self) -> Self {
        Self { is_tie_presumed: true, ..self }
    }

    fn not_by(mut self, method: Method, matched: &str, channel: &str) -> Self {
        let channel = ChannelSlug::stored(channel.to_owned());
        self.candidates.push(Candidate {
            method,
            matched: matched.to_owned(),
            channel,
            lead: None,
            lead_time: None,
        });
        self
    }

    fn after(mut self, changes: &[Change]) -> Self {
        self.before.push(EarlierVersion {
            id: LedgerRowId(Uuid::from_u128(99)),
            version: self.version,
            money: self.money,
            base_amount_minor: self.base_amount_minor,
            cause: cause(),
            written_at: now() - jiff::SignedDuration::from_hours(3),
            superseded_at: Some(now() - jiff::SignedDuration::from_hours(1)),
            successor: Some(self.id),
            changes: changes.to_vec(),
        });
        Self { version: 2, ..self }
    }

    fn known_as(self, links: StripeLinks) -> Self {
        Self { links, ..self }
    }
}
