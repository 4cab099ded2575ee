//! The aggregate over every tenant, for who runs the platform.

use std::collections::BTreeMap;

use app::port::{AskError, PeriodQuestion};
use domain::access::Caller;
use domain::exchange::RateBook;
use domain::ids::TenantId;
use domain::money::{Currency, Money};
use domain::period::DateRange;
use domain::revenue::{DailySum, Moved, NewVsRecurring, Parts, RevenueReport, Scope, Unconverted, report};
use domain::tenant::Tenant;
use jiff::tz::TimeZone;

use store::Snapshot;

use super::{Asked, LedgerDesk, invalid, ours};
use crate::accounts::Sender;

/// What each tenant adds to the aggregate.
pub(crate) struct Contribution {
    /// Whose.
    pub(crate) tenant: Tenant,
    /// What moved on each day, in the tenant's currency.
    pub(crate) daily: Vec<DailySum>,
    unconverted: Vec<Unconverted>,
}

impl Contribution {
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
    pub async fn aggregate(
        &self,
        caller: &Caller,
        sender: &Sender,
        question: &PeriodQuestion,
    ) -> Result<RevenueReport, AskError> {
        if !caller.is_platform_admin() {
            return Err(AskError::UnknownTenant);
        }
        let (tenant, now) = (self.platform_tenant().await?, self.clock.now());
        let Asked { range, granularity, .. } = Asked::of(&tenant, now, question)?;
        let parts = self.contributions(range).await?;
        let seen: Vec<TenantId> = parts.iter().map(|part| part.tenant.id).collect();
        self.accounts.note_platform_visit(caller, &seen, sender).await.map_err(ours)?;
        let rates = self.platform_rates(&tenant, &parts, range).await?;
        let (daily, unconverted) = joined(parts, tenant.currency, &rates);
        let summed =
            report(&tenant, range, granularity, now, &Parts::of(&daily), unconverted).map_err(invalid)?;
        Ok(RevenueReport { tenant_id: Scope::All, ..summed })
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
        parts: &[Contribution],
        range: DateRange,
    ) -> Result<RateBook, AskError> {
        let mut currencies: Vec<Currency> = parts.iter().map(|part| part.tenant.currency).collect();
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
            let mut snapshot = match before {
                None => self.snapshot(tenant.id).await?,
                Some(before) => before.turned_to(tenant.id).await.map_err(ours)?,
            };
            parts.push(Contribution {
                tenant: snapshot.tenant().clone(),
                daily: snapshot.daily_sums(range).await.map_err(ours)?,
                unconverted: snapshot.unconverted_sums(range).await.map_err(ours)?,
            });
            before = Some(snapshot);
        }
        Ok(parts)
    }
}

/// What adds up in a currency, day by day by the rates of the day, and what no rate is known for.
fn joined(parts: Vec<Contribution>, to: Currency, rates: &RateBook) -> (Vec<DailySum>, Vec<Unconverted>) {
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
