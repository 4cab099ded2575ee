//! Exchange rates by day, and which of them the ledger has yet to be converted with.

use domain::exchange::{GOOD_FOR_DAYS, QuotedRate};
use domain::ids::TenantId;
use domain::money::Currency;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::applying::{Batch, currency};
use crate::database::instant;
use crate::work::TenantWork;
use crate::{Store, StoreError};

/// Where rates come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateSource {
    /// A sheet of the European Central Bank.
    CentralBank,
    /// A person, whose word a sheet does not replace.
    Manual,
}

impl RateSource {
    /// Every source.
    pub const ALL: [Self; 2] = [Self::CentralBank, Self::Manual];

    const fn word(self) -> &'static str {
        match self {
            Self::CentralBank => "central_bank",
            Self::Manual => "manual",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        let known = Self::ALL.into_iter().find(|source| source.word() == word);
        known.ok_or_else(|| StoreError::unreadable("a source of rates", word))
    }
}

/// Rates that were brought in together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRateChange<'a> {
    /// Its id.
    pub id: Uuid,
    /// Where they come from.
    pub source: RateSource,
    /// The rates.
    pub rates: &'a [QuotedRate],
    /// Who brought them.
    pub made_by: &'a str,
}

/// A time rates were brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRateChange {
    /// Where they came from.
    pub source: RateSource,
    /// How many.
    pub rates: i32,
    /// The oldest of their days.
    pub first_day: Date,
    /// The newest.
    pub last_day: Date,
    /// Who brought them.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// When the ledger had been converted with them.
    pub settled_at: Option<Timestamp>,
}

/// The newest rate between two currencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewestRate {
    /// The rate.
    pub quoted: QuotedRate,
    /// How many days have one.
    pub days: i64,
}

/// Foreign money no rate is known for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithoutRate {
    /// Its currency.
    pub currency: Currency,
    /// How many rows of the ledger.
    pub rows: i64,
    /// The oldest of their UTC days.
    pub first_day: Date,
    /// The newest.
    pub last_day: Date,
}

/// Rates the ledger has yet to be converted with, all together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsettledRates {
    /// The changes.
    pub ids: Vec<Uuid>,
    /// The oldest of their days.
    pub first_day: Date,
    /// The newest day they matter to.
    pub last_day: Date,
    /// Up to which payment, by name, the ledger is converted with all of them.
    pub settled_up_to: String,
}

impl Store {
    /// Tenants whose ledger has yet to be converted with new rates.
    pub async fn tenants_with_unsettled_rates(&self) -> Result<Vec<TenantId>, StoreError> {
        let tenants = sqlx::query_scalar!(
            r#"select distinct tenant_id from exchange_rate_changes where settled_at is null"#
        )
        .fetch_all(&self.platform_pool)
        .await?;
        Ok(tenants.into_iter().map(TenantId).collect())
    }
}

impl TenantWork {
    /// Brings rates in; returns how many are new or other than before. A typed one takes the place of any; a
    /// sheet's only of another sheet's.
    pub async fn rates_put(
        &mut self,
        change: &NewRateChange<'_>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let days = self.rates_upsert(change).await?;
        let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else { return Ok(0) };
        sqlx::query!(
            r#"insert into exchange_rate_changes
                (tenant_id, id, source, rates, first_day, last_day, made_by, made_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)"#,
            self.tenant.0,
            change.id,
            change.source.word(),
            i32::try_from(days.len()).unwrap_or(i32::MAX),
            jiff_sqlx::Date::from(*first) as _,
            jiff_sqlx::Date::from(*last) as _,
            change.made_by,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(days.len())
    }

    /// The days of the rates that are new or other than before.
    async fn rates_upsert(&mut self, change: &NewRateChange<'_>) -> Result<Vec<Date>, StoreError> {
        let bases: Vec<String> = change.rates.iter().map(|rate| rate.base.to_string()).collect();
        let quotes: Vec<String> = change.rates.iter().map(|rate| rate.quote.to_string()).collect();
        let days: Vec<jiff_sqlx::Date> = change.rates.iter().map(|rate| rate.day.into()).collect();
        let rates: Vec<String> = change.rates.iter().map(|rate| rate.rate.to_string()).collect();
        let changed = sqlx::query_scalar!(
            r#"insert into exchange_rates (tenant_id, base, quote, day, rate, source)
            select distinct on (base, quote, day) $1, base, quote, day, rate::numeric, $6
            from unnest($2::text[], $3::text[], $4::date[], $5::text[]) with ordinality as t (base, quote, day, rate, place)
            order by base, quote, day, place desc
            on conflict (tenant_id, base, quote, day) do update set rate = excluded.rate, source = excluded.source
            where (exchange_rates.source = 'central_bank' or excluded.source = 'manual')
              and (exchange_rates.rate, exchange_rates.source) is distinct from (excluded.rate, excluded.source)
            returning day as "day: jiff_sqlx::Date""#,
            self.tenant.0,
            &bases,
            &quotes,
            &days as _,
            &rates,
            change.source.word(),
        )
        .fetch_all(self.connection())
        .await?;
        Ok(changed.into_iter().map(Date::from).collect())
    }

    /// The rates that can matter to money of these currencies on these days.
    pub async fn rates_between(
        &mut self,
        currencies: &[Currency],
        from: Date,
        to: Date,
    ) -> Result<Vec<QuotedRate>, StoreError> {
        let codes: Vec<String> = currencies.iter().chain([&Currency::EUR]).map(Currency::to_string).collect();
        let oldest = from.saturating_sub(jiff::Span::new().days(GOOD_FOR_DAYS));
        let rows = sqlx::query!(
            r#"select base, quote, day as "day: jiff_sqlx::Date", rate::text as "rate!", source from exchange_rates
            where tenant_id = $1 and base = any($2) and quote = any($2) and day between $3 and $4"#,
            self.tenant.0,
            &codes,
            jiff_sqlx::Date::from(oldest) as _,
            jiff_sqlx::Date::from(to) as _,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(|row| quoted(row.day, &row.base, &row.quote, &row.rate, &row.source)).collect()
    }

    /// The newest rate between each two currencies.
    pub async fn rates_newest(&mut self) -> Result<Vec<NewestRate>, StoreError> {
        let rows = sqlx::query!(
            r#"select distinct on (base, quote) base, quote, day as "day: jiff_sqlx::Date", rate::text as "rate!",
                source, count(*) over (partition by base, quote) as "days!"
            from exchange_rates where tenant_id = $1 order by base, quote, day desc"#,
            self.tenant.0,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(NewestRate {
                    quoted: quoted(row.day, &row.base, &row.quote, &row.rate, &row.source)?,
                    days: row.days,
                })
            })
            .collect()
    }

    /// The newest times rates were brought in.
    pub async fn rate_changes(&mut self, at_most: i64) -> Result<Vec<StoredRateChange>, StoreError> {
        let rows = sqlx::query!(
            r#"select source, rates, first_day as "first_day: jiff_sqlx::Date", last_day as "last_day: jiff_sqlx::Date",
                made_by, made_at as "made_at: jiff_sqlx::Timestamp", settled_at as "settled_at: jiff_sqlx::Timestamp"
            from exchange_rate_changes where tenant_id = $1 order by seq desc limit $2"#,
            self.tenant.0,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(StoredRateChange {
                    source: RateSource::read(&row.source)?,
                    rates: row.rates,
                    first_day: row.first_day.into(),
                    last_day: row.last_day.into(),
                    made_by: row.made_by,
                    made_at: row.made_at.into(),
                    settled_at: row.settled_at.map(Into::into),
                })
            })
            .collect()
    }

    /// Foreign money of the ledger no rate is known for, by currency.
    pub async fn rows_without_rate(&mut self) -> Result<Vec<WithoutRate>, StoreError> {
        let rows = sqlx::query!(
            r#"select currency as "currency!", count(*) as "rows!",
                min(stripe_created_at at time zone 'utc')::date as "first_day!: jiff_sqlx::Date",
                max(stripe_created_at at time zone 'utc')::date as "last_day!: jiff_sqlx::Date"
            from revenue_events_current
            where tenant_id = $1 and base_amount_minor is null and event_type not like 'subscription_%'
            group by currency order by currency"#,
            self.tenant.0,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(WithoutRate {
                    currency: currency(&row.currency)?,
                    rows: row.rows,
                    first_day: row.first_day.into(),
                    last_day: row.last_day.into(),
                })
            })
            .collect()
    }
}

impl Batch {
    /// The rates that can matter to money of these currencies on these days.
    pub async fn rates_between(
        &mut self,
        currencies: &[Currency],
        from: Date,
        to: Date,
    ) -> Result<Vec<QuotedRate>, StoreError> {
        self.work.rates_between(currencies, from, to).await
    }

    /// The rates the ledger has yet to be converted with.
    pub async fn unsettled_rates(&mut self) -> Result<Option<UnsettledRates>, StoreError> {
        let row = sqlx::query!(
            r#"select array_agg(id) as ids, min(first_day) as "first_day: jiff_sqlx::Date",
                max(last_day) + $2::int as "last_day: jiff_sqlx::Date", min(settled_up_to) as settled_up_to
            from exchange_rate_changes where tenant_id = $1 and settled_at is null"#,
            self.tenant.0,
            i32::try_from(GOOD_FOR_DAYS).unwrap_or(i32::MAX),
        )
        .fetch_one(self.work.connection())
        .await?;
        let settled_up_to = row.settled_up_to.unwrap_or_default();
        Ok(row.ids.zip(row.first_day).zip(row.last_day).map(|((ids, first), last)| UnsettledRates {
            ids,
            first_day: first.into(),
            last_day: last.into(),
            settled_up_to,
        }))
    }

    /// Payments with rows in other currencies than this one on these UTC days, by name, after a name.
    pub async fn foreign_payments(
        &mut self,
        own: Currency,
        days: (Date, Date),
        after: &str,
        at_most: i64,
    ) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select distinct payment_name as "name!" from revenue_events_current
            where tenant_id = $1 and currency <> $2 and payment_name > $5
              and stripe_created_at >= $3::date::timestamp at time zone 'utc'
              and stripe_created_at < ($4::date + 1)::timestamp at time zone 'utc'
            order by payment_name limit $6"#,
            self.tenant.0,
            own.code(),
            jiff_sqlx::Date::from(days.0) as _,
            jiff_sqlx::Date::from(days.1) as _,
            after,
            at_most,
        )
        .fetch_all(self.work.connection())
        .await?)
    }

    /// Records up to which payment the ledger has been converted with these changes.
    pub async fn rates_settled_up_to(&mut self, changes: &[Uuid], name: &str) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update exchange_rate_changes set settled_up_to = $3 where tenant_id = $1 and id = any($2)"#,
            self.tenant.0,
            changes,
            name,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }

    /// Records that the ledger has been converted with these changes.
    pub async fn rates_settled(&mut self, changes: &[Uuid], now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update exchange_rate_changes set settled_at = $3 where tenant_id = $1 and id = any($2)"#,
            self.tenant.0,
            changes,
            instant(now) as _,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }
}

fn quoted(
    day: jiff_sqlx::Date,
    base: &str,
    quote: &str,
    rate: &str,
    source: &str,
) -> Result<QuotedRate, StoreError> {
    Ok(QuotedRate {
        day: day.into(),
        base: currency(base)?,
        quote: currency(quote)?,
        rate: rate.parse().map_err(|_| StoreError::unreadable("an exchange rate", rate))?,
        is_typed: RateSource::read(source)? == RateSource::Manual,
    })
}
