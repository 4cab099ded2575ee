//! The aggregate over every tenant, for who runs the platform.

use std::collections::BTreeMap;

use app::port::{AskError, PeriodQuestion};
use domain::access::Caller;
use domain::exchange::RateBook;
use domain::ids::TenantId;
use domain::money::{Currency, Money};
use domain::period::DateRange;
use domain::revenue::{DailySum, RevenueReport, Scope, Unconverted, report};
use domain::tenant::Tenant;
use jiff::tz::TimeZone;

use super::{LedgerDesk, Period, invalid, ours};
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
        let convert = |sum: &DailySum| {
            rates.convert(Money { minor: sum.amount, currency: self.tenant.currency }, to, sum.day)
        };
        let known: Vec<i64> = self.daily.iter().filter_map(convert).collect();
        (!known.is_empty() || self.daily.is_empty()).then(|| known.iter().sum())
    }
}

impl LedgerDesk {
    /// The revenue of every tenant, in the platform's currency and by UTC days; what no rate is known for is
    /// listed apart.
    pub async fn aggregate(
        &self,
        caller: &Caller,
        sender: &Sender,
        question: &PeriodQuestion,
    ) -> Result<RevenueReport, AskError> {
        if !caller.is_platform_admin() {
            return Err(AskError::UnknownTenant);
        }
        let platform = self.platform_tenant().await?;
        let period = self.period(platform, question)?;
        let parts = self.contributions(period.range).await?;
        let seen: Vec<TenantId> = parts.iter().map(|part| part.tenant.id).collect();
        self.accounts.note_platform_visit(caller, &seen, sender).await.map_err(ours)?;
        let Period { tenant, range, granularity, now, .. } = period;
        let rates = self.platform_rates(&tenant, &parts, range).await?;
        let (daily, unconverted) = joined(parts, tenant.currency, &rates);
        let summed = report(&tenant, range, granularity, now, &daily, unconverted).map_err(invalid)?;
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

    /// What every tenant adds over a range of UTC days.
    pub(crate) async fn contributions(&self, range: DateRange) -> Result<Vec<Contribution>, AskError> {
        let mut parts = Vec::new();
        for tenant in self.store.tenants_all().await.map_err(ours)? {
            let by_utc = Tenant { timezone: TimeZone::UTC, ..tenant };
            let daily = self.store.daily_sums(&by_utc, range).await.map_err(ours)?;
            let unconverted = self.store.unconverted_sums(&by_utc, range).await.map_err(ours)?;
            parts.push(Contribution { tenant: by_utc, daily, unconverted });
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
            let money = Money { minor: sum.amount, currency: part.tenant.currency };
            match rates.convert(money, to, sum.day) {
                Some(amount) => daily.push(DailySum { amount, ..sum }),
                None => set_aside(part.tenant.currency, sum.amount, sum.rows),
            }
        }
    }
    (daily, apart.into_values().collect())
}
