//! The aggregate over every tenant, for who runs the platform.

use std::collections::BTreeMap;

use app::port::{AskError, PeriodQuestion};
use domain::access::Caller;
use domain::exchange::RateBook;
use domain::ids::TenantId;
use domain::money::{Currency, Money};
use domain::mrr::report::report as mrr;
use domain::mrr::together::Part;
use domain::period::{Bucket, DateRange};
use domain::revenue::comparison::{Compare, Compared, Comparison};
use domain::revenue::{DailySum, Moved, NewVsRecurring, Parts, RevenueReport, Scope, Unconverted, report};
use domain::tenant::Tenant;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use store::mrr::Standing;

use store::Snapshot;

use super::mrr::recurring_part;
use super::{Asked, DataState, LedgerDesk, RecurringRevenue, RevenueAnswer, invalid, ours};
use crate::accounts::Sender;

/// A question about all tenants, understood.
pub(super) struct OfAll {
    /// The calendar and currency it is answered in.
    pub(super) tenant: Tenant,
    /// When it was asked.
    pub(super) now: Timestamp,
    /// Which days it is about.
    pub(super) asked: Asked,
}

/// What each tenant adds to the aggregate.
pub(crate) struct Contribution {
    /// Whose.
    pub(crate) tenant: Tenant,
    /// What moved on each day, in the tenant's currency.
    pub(crate) daily: Vec<DailySum>,
    /// What no rate of its own converted, by currency.
    pub(crate) unconverted: Vec<Unconverted>,
}

impl Contribution {
    pub(super) async fn of(snapshot: &mut Snapshot, range: DateRange) -> Result<Self, AskError> {
        Ok(Self {
            tenant: snapshot.tenant().clone(),
            daily: snapshot.daily_sums(range).await.map_err(ours)?,
            unconverted: snapshot.unconverted_sums(range).await.map_err(ours)?,
        })
    }

    /// Its net revenue in another currency, of the days that have a rate; `None` when none has.
    pub(crate) fn converted(&self, to: Currency, rates: &RateBook) -> Option<i64> {
        let convert = |sum: &DailySum| converted(sum, self.tenant.currency, to, rates);
        let known: Vec<i64> = self.daily.iter().filter_map(convert).map(|sum| sum.moved.net()).collect();
        (!known.is_empty() || self.daily.is_empty()).then(|| known.iter().sum())
    }
}

impl LedgerDesk {
    /// The revenue of every tenant in the platform's currency, each tenant's days by its own calendar; what no rate is
    /// known for is listed apart.
    pub(crate) async fn aggregate(
        &self,
        caller: &Caller,
        sender: &Sender,
        question: &PeriodQuestion,
        compare: Compare,
    ) -> Result<(RevenueAnswer, DataState), AskError> {
        let OfAll { tenant, now, asked } = self.asked_of_all(caller, question).await?;
        let other = compare.days(asked.range, asked.today);
        let (mut these, mut others, mut seen) = (OfDays::default(), OfDays::default(), Seen::default());
        let mut last: Option<Snapshot> = None;
        for id in self.store.tenants_all().await.map_err(ours)?.iter().map(|tenant| tenant.id) {
            let mut snapshot = self.snapshot_after(last, id).await?;
            seen.add(&snapshot);
            these.add(&mut snapshot, asked.range, asked.today).await?;
            if let Some(days) = other {
                others.add(&mut snapshot, days, asked.today).await?;
            }
            last = Some(snapshot);
        }
        self.note_looking(caller, seen.tenants.iter(), sender).await?;
        let rates = self.platform_rates(&tenant, seen.currencies(), around(asked.range, other)).await?;
        let (parts, standing, unconverted) = these.together(&tenant, &rates);
        let report =
            report(&tenant, asked.range, asked.granularity, now, &parts, unconverted).map_err(invalid)?;
        let compared = |parts: &Parts, standing: &Standing| {
            let moved = parts.total();
            Compared { sums: moved.sums(), by_class: moved.by_class, mrr: standing.mrr }
        };
        let comparison = other.map(|days| {
            let (parts_then, standing_then, _) = others.together(&tenant, &rates);
            let then = compared(&parts_then, &standing_then);
            Comparison::between(compare, days, &then, &compared(&parts, &standing))
        });
        let report = RevenueReport { tenant_id: Scope::All, ..report };
        let state = seen.state(&rates, asked.today);
        Ok((RevenueAnswer { tenant, report, standing, comparison }, state))
    }

    /// The recurring revenue of every tenant in the platform's currency, each tenant's days by its own calendar; what
    /// no rate is known for is listed apart.
    pub(crate) async fn aggregate_mrr(
        &self,
        caller: &Caller,
        sender: &Sender,
        question: &PeriodQuestion,
    ) -> Result<(RecurringRevenue, DataState), AskError> {
        let OfAll { tenant, now, asked } = self.asked_of_all(caller, question).await?;
        let (mut parts, mut seen) = (Vec::new(), Seen::default());
        let mut last: Option<Snapshot> = None;
        for id in self.store.tenants_all().await.map_err(ours)?.iter().map(|tenant| tenant.id) {
            let mut snapshot = self.snapshot_after(last, id).await?;
            seen.add(&snapshot);
            parts.push(RecurringContribution::of(&mut snapshot, asked.range, asked.today).await?);
            last = Some(snapshot);
        }
        self.note_looking(caller, seen.tenants.iter(), sender).await?;
        let rates = self.platform_rates(&tenant, seen.currencies(), around(asked.range, None)).await?;
        let (together, standing) = recurring_together(parts, tenant.currency, &rates, &asked.begun());
        let Part { opening, daily, cohort } = together;
        let Asked { range, granularity, .. } = asked;
        let report = mrr(&tenant, range, granularity, now, opening, &daily, cohort).map_err(invalid)?;
        let (parts, comparison) = (None, None);
        let found = RecurringRevenue { tenant, report, standing, parts, comparison };
        Ok((found, seen.state(&rates, asked.today)))
    }

    /// What is asked of all tenants, by who may ask that.
    pub(super) async fn asked_of_all(
        &self,
        caller: &Caller,
        question: &PeriodQuestion,
    ) -> Result<OfAll, AskError> {
        if !caller.is_platform_admin() {
            return Err(AskError::UnknownTenant);
        }
        let (tenant, now) = (self.platform_tenant().await?, self.clock.now());
        let asked = Asked::of(&tenant, now, question)?;
        Ok(OfAll { tenant, now, asked })
    }

    /// Writes down whose figures were looked at.
    pub(super) async fn note_looking<'a>(
        &self,
        caller: &Caller,
        at: impl Iterator<Item = &'a Tenant>,
        sender: &Sender,
    ) -> Result<(), AskError> {
        let seen: Vec<TenantId> = at.map(|tenant| tenant.id).collect();
        self.accounts.note_platform_visit(caller, &seen, sender).await.map_err(ours)
    }

    /// The same moment as before, seen by another tenant.
    pub(super) async fn snapshot_after(
        &self,
        before: Option<Snapshot>,
        tenant: TenantId,
    ) -> Result<Snapshot, AskError> {
        match before {
            None => self.snapshot(tenant).await,
            Some(before) => before.turned_to(tenant).await.map_err(ours),
        }
    }

    /// The aggregate's calendar and currency: those of the first tenant, by UTC.
    pub(crate) async fn platform_tenant(&self) -> Result<Tenant, AskError> {
        let first = self.store.tenant_default().await.map_err(ours)?.ok_or(AskError::UnknownTenant)?;
        Ok(Tenant { timezone: TimeZone::UTC, ..first })
    }

    /// The rates of the platform's own tenant, by which the others' currencies are converted.
    pub(crate) async fn platform_rates(
        &self,
        platform: &Tenant,
        mut currencies: Vec<Currency>,
        range: DateRange,
    ) -> Result<RateBook, AskError> {
        currencies.push(platform.currency);
        let mut work = self.store.within(platform.id).await.map_err(ours)?;
        let rates = work.rates_between(&currencies, range.from, range.to).await.map_err(ours)?;
        Ok(RateBook::of(rates))
    }

    /// What every tenant adds over a range of days, each by its own calendar, all read from one state of the data.
    pub(crate) async fn contributions(&self, range: DateRange) -> Result<Vec<Contribution>, AskError> {
        let mut parts = Vec::new();
        let mut before: Option<Snapshot> = None;
        for tenant in self.store.tenants_all().await.map_err(ours)? {
            let mut snapshot = self.snapshot_after(before, tenant.id).await?;
            parts.push(Contribution::of(&mut snapshot, range).await?);
            before = Some(snapshot);
        }
        Ok(parts)
    }
}

/// Days whose rates are needed: those of both ranges, and the day before, whose end is where they begin.
fn around(range: DateRange, other: Option<DateRange>) -> DateRange {
    let other = other.unwrap_or(range);
    DateRange { from: range.from.min(other.from).saturating_sub(1.day()), to: range.to.max(other.to) }
}

/// Whose data was looked at, and the state each was in.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) tenants: Vec<Tenant>,
    states: Vec<String>,
}

impl Seen {
    pub(super) fn add(&mut self, snapshot: &Snapshot) {
        let tenant = snapshot.tenant();
        let (revision, pipeline) = (snapshot.revision(), snapshot.pipeline_revision());
        self.states.push(format!("{} {} {revision} {pipeline}", tenant.id, tenant.version));
        self.tenants.push(tenant.clone());
    }

    pub(super) fn currencies(&self) -> Vec<Currency> {
        self.tenants.iter().map(|tenant| tenant.currency).collect()
    }

    /// What an answer made of it depends on: the rates it is converted by too.
    pub(super) fn state(&self, rates: &RateBook, today: Date) -> DataState {
        DataState(format!("{:?} {rates:?} {today}", self.states))
    }
}

/// What all tenants did over some days, and what stood at their end.
#[derive(Default)]
struct OfDays {
    money: Vec<Contribution>,
    standings: Vec<(Currency, Date, Standing)>,
}

impl OfDays {
    async fn add(&mut self, snapshot: &mut Snapshot, days: DateRange, today: Date) -> Result<(), AskError> {
        self.money.push(Contribution::of(snapshot, days).await?);
        let last = days.to.min(today);
        let standing = snapshot.mrr_standing(last).await.map_err(ours)?;
        self.standings.push((snapshot.tenant().currency, last, standing));
        Ok(())
    }

    fn together(self, platform: &Tenant, rates: &RateBook) -> (Parts, Standing, Vec<Unconverted>) {
        let to = platform.currency;
        let mut standing = Standing::default();
        for (from, day, own) in self.standings {
            match standing_converted(&own, from, to, rates, day) {
                Some(own) => standing.add(own),
                None => standing.set_aside(from, own),
            }
        }
        let (daily, unconverted) = joined(self.money, to, rates);
        (Parts::of(&daily), standing, unconverted)
    }
}

/// What each tenant adds to the aggregate of recurring revenue.
pub(super) struct RecurringContribution {
    tenant: Tenant,
    part: Part,
    standing: Standing,
}

impl RecurringContribution {
    pub(super) async fn of(snapshot: &mut Snapshot, range: DateRange, today: Date) -> Result<Self, AskError> {
        Ok(Self {
            tenant: snapshot.tenant().clone(),
            part: recurring_part(snapshot, range, today).await?,
            standing: snapshot.mrr_standing(range.to.min(today)).await.map_err(ours)?,
        })
    }
}

/// What adds up in a currency, valued at the end of each period, and what stands at the end.
pub(super) fn recurring_together(
    parts: Vec<RecurringContribution>,
    to: Currency,
    rates: &RateBook,
    periods: &[Bucket],
) -> (Part, Standing) {
    let (mut together, mut standing) = (Part::default(), Standing::default());
    for RecurringContribution { tenant, part, standing: own } in parts {
        let last = periods.last().map(|period| period.period_end);
        let converted = part.converted(tenant.currency, to, rates, periods);
        match converted.zip(
            last.map_or(Some(own.clone()), |day| standing_converted(&own, tenant.currency, to, rates, day)),
        ) {
            Some((part, own)) => {
                together.add(part);
                standing.add(own);
            }
            None => standing.set_aside(tenant.currency, own),
        }
    }
    (together, standing)
}

fn standing_converted(
    own: &Standing,
    from: Currency,
    to: Currency,
    rates: &RateBook,
    day: Date,
) -> Option<Standing> {
    let convert = |minor: i64| {
        if minor == 0 { Some(0) } else { rates.convert(Money { minor, currency: from }, to, day) }
    };
    Some(Standing {
        mrr: convert(own.mrr)?,
        committed_mrr: convert(own.committed_mrr)?,
        past_due_mrr: convert(own.past_due_mrr)?,
        trial_mrr: convert(own.trial_mrr)?,
        paused_mrr: convert(own.paused_mrr)?,
        ..own.clone()
    })
}

/// What adds up in a currency, day by day by the rates of the day, and what no rate is known for.
pub(super) fn joined(
    parts: Vec<Contribution>,
    to: Currency,
    rates: &RateBook,
) -> (Vec<DailySum>, Vec<Unconverted>) {
    let mut daily = Vec::new();
    let mut apart: BTreeMap<String, Unconverted> = BTreeMap::new();
    let mut set_aside = |currency: Currency, amount: i64, rows: i64| {
        let line = apart.entry(currency.to_string()).or_insert(Unconverted { currency, amount: 0, rows: 0 });
        line.amount += amount;
        line.rows += rows;
    };
    for part in parts {
        part.unconverted.iter().for_each(|line| set_aside(line.currency, line.amount, line.rows));
        for sum in part.daily {
            match converted(&sum, part.tenant.currency, to, rates) {
                Some(sum) => daily.push(sum),
                None => set_aside(part.tenant.currency, sum.moved.net(), sum.moved.rows),
            }
        }
    }
    (daily, apart.into_values().collect())
}

/// A day's sum in another currency, by the rate of the day; `None` when there is none. Its parts are converted one by
/// one, and what is left of its net is of one-time payments, so that they still add up.
fn converted(sum: &DailySum, from: Currency, to: Currency, rates: &RateBook) -> Option<DailySum> {
    let convert = |minor: i64| {
        if minor == 0 { Some(0) } else { rates.convert(Money { minor, currency: from }, to, sum.day) }
    };
    let mut moved = Moved {
        payment: convert(sum.moved.payment)?,
        adjustment: convert(sum.moved.adjustment)?,
        refund: convert(sum.moved.refund)?,
        dispute: convert(sum.moved.dispute)?,
        ..sum.moved
    };
    let NewVsRecurring { new, recurring, .. } = sum.moved.by_class;
    let (new, recurring) = (convert(new)?, convert(recurring)?);
    moved.by_class = NewVsRecurring { new, recurring, one_time: moved.net() - new - recurring };
    Some(DailySum { moved, ..sum.clone() })
}
