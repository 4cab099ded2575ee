//! Revenue reports, computed from sums of the ledger.
//!
//! `total_revenue = gross_revenue − refunds − disputes`, each dated by its own Stripe time; the sums by
//! channel, by product and by period each equal the total exactly, because all are made of the same rows.

pub mod comparison;
mod parts;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::parts::{ChannelSum, Class, DailySum, Moved, NewVsRecurring, Parts, ProductSum};

use self::parts::grouped;
use crate::channel::ChannelSlug;
use crate::ids::TenantId;
use crate::money::Currency;
use crate::period::{Bucket, DateRange, Granularity, InvalidPeriod, buckets};
use crate::ratio::{Quotient, Ratio};
use crate::tenant::Tenant;

/// What could not be converted for want of a rate: shown beside the sums, never in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unconverted {
    /// The currency.
    pub currency: Currency,
    /// The signed sum in it.
    pub amount: i64,
    /// How many rows it is the sum of.
    pub rows: i64,
}

/// Revenue and what it is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// What came in less what went back.
    pub total_revenue: i64,
    /// What came in.
    pub gross_revenue: i64,
    /// What was refunded, less refunds that failed.
    pub refunds: i64,
    /// What was withdrawn by disputes and not won back.
    pub disputes: i64,
    /// How many payments came in.
    pub payments: i64,
}

impl Sums {
    /// How much of what came in was refunded, each by its own day; none where nothing came in.
    #[must_use]
    pub fn refund_rate(&self) -> Option<Ratio> {
        Ratio::of(self.refunds.into(), self.gross_revenue.into()).filter(|_| self.gross_revenue > 0)
    }

    const fn add(&mut self, other: &Self) {
        self.total_revenue += other.total_revenue;
        self.gross_revenue += other.gross_revenue;
        self.refunds += other.refunds;
        self.disputes += other.disputes;
        self.payments += other.payments;
    }
}

/// Revenue of one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRevenue {
    /// The channel.
    pub channel: ChannelSlug,
    /// Its revenue.
    #[serde(flatten)]
    pub sums: Sums,
    /// Its [`Sums::refund_rate`].
    #[serde(skip_deserializing)]
    pub refund_rate: Option<Quotient>,
}

/// Revenue of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRevenue {
    /// The product; `None` when the payment does not tell.
    pub product_name: Option<String>,
    /// Its category; `None` when not known.
    pub product_category: Option<String>,
    /// Its revenue.
    #[serde(flatten)]
    pub sums: Sums,
    /// Its [`Sums::refund_rate`].
    #[serde(skip_deserializing)]
    pub refund_rate: Option<Quotient>,
}

/// Revenue of one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodRevenue {
    /// The days it covers.
    #[serde(flatten)]
    pub bucket: Bucket,
    /// Its revenue.
    #[serde(flatten)]
    pub sums: Sums,
    /// Its total by channel.
    pub by_channel: BTreeMap<ChannelSlug, i64>,
}

/// Whose revenue is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Scope {
    /// One tenant's.
    Tenant(TenantId),
    /// Every tenant's.
    All,
}

impl Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Tenant(id) => id.serialize(serializer),
            Self::All => "all".serialize(serializer),
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = uuid::Error;

    fn try_from(text: String) -> Result<Self, uuid::Error> {
        if text == "all" { Ok(Self::All) } else { text.parse().map(Self::Tenant) }
    }
}

/// The revenue of a tenant, or of all, over a range of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevenueReport {
    /// Whose revenue.
    pub tenant_id: Scope,
    /// The first and the last day.
    #[serde(flatten)]
    pub range: DateRange,
    /// The width of `by_period`'s buckets.
    pub granularity: Granularity,
    /// The timezone days begin in.
    pub timezone: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// When the ledger was read.
    pub as_of: Timestamp,
    /// The sums over the whole range.
    #[serde(flatten)]
    pub sums: Sums,
    /// By channel, the largest first.
    pub by_channel: Vec<ChannelRevenue>,
    /// By product, the largest first.
    pub by_product: Vec<ProductRevenue>,
    /// By period, without gaps.
    pub by_period: Vec<PeriodRevenue>,
    /// The total by the kind of payment it belongs to.
    pub new_vs_recurring: NewVsRecurring,
    /// What is in none of the sums, for want of a rate.
    pub unconverted: Vec<Unconverted>,
}

impl RevenueReport {
    /// How much of gross revenue no channel was found for; none where nothing came in.
    #[must_use]
    pub fn unknown_share(&self) -> Option<Ratio> {
        let unknown = self.by_channel.iter().find(|earned| earned.channel.is_unknown());
        let unknown = unknown.map_or(0, |earned| earned.sums.gross_revenue);
        let gross = self.sums.gross_revenue;
        Ratio::of(unknown.into(), gross.into()).filter(|_| gross > 0)
    }
}

/// Puts what moved over a range together into a report.
pub fn report(
    tenant: &Tenant,
    range: DateRange,
    granularity: Granularity,
    as_of: Timestamp,
    parts: &Parts,
    unconverted: Vec<Unconverted>,
) -> Result<RevenueReport, InvalidPeriod> {
    let empty: Vec<PeriodRevenue> = buckets(range, granularity, tenant.week_start, tenant.date_of(as_of))?
        .into_iter()
        .map(|bucket| PeriodRevenue { bucket, sums: Sums::default(), by_channel: BTreeMap::new() })
        .collect();
    let total = parts.total();
    Ok(RevenueReport {
        tenant_id: Scope::Tenant(tenant.id),
        range,
        granularity,
        timezone: tenant.timezone_name().to_owned(),
        currency: tenant.currency,
        as_of,
        sums: total.sums(),
        by_channel: by_channel(&parts.by_channel),
        by_product: by_product(&parts.by_product),
        by_period: by_period(empty, &parts.by_channel),
        new_vs_recurring: total.by_class,
        unconverted,
    })
}

fn by_channel(found: &[ChannelSum]) -> Vec<ChannelRevenue> {
    let mut channels: Vec<ChannelRevenue> =
        grouped(found.iter().map(|sum| (sum.channel.clone(), &sum.moved)))
            .into_iter()
            .map(|(channel, moved)| {
                let sums = moved.sums();
                ChannelRevenue { channel, sums, refund_rate: sums.refund_rate().map(Quotient) }
            })
            .collect();
    channels
        .sort_by_key(|channel| (channel.channel.is_unknown(), std::cmp::Reverse(channel.sums.total_revenue)));
    channels
}

fn by_product(found: &[ProductSum]) -> Vec<ProductRevenue> {
    let mut products: Vec<ProductRevenue> = found
        .iter()
        .map(|ProductSum { product_name, product_category, moved }| ProductRevenue {
            product_name: product_name.clone(),
            product_category: product_category.clone(),
            sums: moved.sums(),
            refund_rate: moved.sums().refund_rate().map(Quotient),
        })
        .collect();
    products.sort_by_key(|product| {
        (product.product_name.is_none(), std::cmp::Reverse(product.sums.total_revenue))
    });
    products
}

fn by_period(mut periods: Vec<PeriodRevenue>, found: &[ChannelSum]) -> Vec<PeriodRevenue> {
    for sum in found {
        let place = periods.partition_point(|period| period.bucket.period_end < sum.day);
        if let Some(period) = periods.get_mut(place) {
            period.sums.add(&sum.moved.sums());
            *period.by_channel.entry(sum.channel.clone()).or_default() += sum.moved.net();
        }
    }
    periods
}

/// How a figure compares with the same elapsed days before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trend {
    /// The difference.
    pub change: i64,
    /// The difference in tenths of a percent of the earlier figure; `None` when that was not positive.
    pub per_mille: Option<i64>,
}

/// Compares a figure with an earlier one.
#[must_use]
pub fn trend(now: i64, before: i64) -> Trend {
    let change = now - before;
    let per_mille = (before > 0).then(|| round_half_up(i128::from(change) * 1_000, i128::from(before)));
    Trend { change, per_mille: per_mille.and_then(|exact| i64::try_from(exact).ok()) }
}

fn round_half_up(numerator: i128, denominator: i128) -> i128 {
    (numerator * 2 + denominator).div_euclid(denominator * 2)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::ledger::EntryKind;
    use crate::period::WeekStart;

    fn tenant() -> Tenant {
        Tenant {
            id: TenantId(Uuid::from_u128(1)),
            slug: "one".to_owned(),
            name: "One".to_owned(),
            currency: Currency::USD,
            timezone: TimeZone::UTC,
            week_start: WeekStart::Monday,
            economics: crate::tenant::Economics::default(),
            definition: &crate::definition::Definition::STRIPE,
            attribution_order: crate::attribution::Order::default(),
            version: 1,
        }
    }

    fn any_sum() -> impl Strategy<Value = DailySum> {
        (0i32..200, 0usize..4, 0usize..3, 0usize..6, 0usize..3, 1i64..1_000_000).prop_map(
            |(day, channel, product, kind, class, size)| {
                let kind = EntryKind::ALL[kind];
                let class = [Class::New, Class::Recurring, Class::OneTime][class];
                let outgoing = matches!(kind, EntryKind::Refund | EntryKind::Dispute);
                DailySum {
                    day: date(2026, 1, 1) + day.days(),
                    channel: ChannelSlug::stored(
                        ["heyreach", "organic", "referral", "unknown"][channel].to_owned(),
                    ),
                    product_name: [Some("Pro".to_owned()), Some("Bootcamp".to_owned()), None][product]
                        .clone(),
                    product_category: None,
                    moved: Moved::of(kind, class, if outgoing { -size } else { size }, 1),
                }
            },
        )
    }

    proptest! {
        #[test]
        fn sums_by_channel_product_and_period_each_equal_the_total(
            daily in proptest::collection::vec(any_sum(), 0..120),
            granularity in prop_oneof![Just(Granularity::Day), Just(Granularity::Week), Just(Granularity::Month)],
        ) {
            let range = DateRange { from: date(2026, 1, 1), to: date(2026, 7, 20) };
            let parts = Parts::of(&daily);
            let report = report(&tenant(), range, granularity, Timestamp::UNIX_EPOCH, &parts, Vec::new()).unwrap();
            let exact: i64 = daily.iter().map(|sum| sum.moved.net()).sum();
            prop_assert_eq!(report.sums.total_revenue, exact);
            let Sums { total_revenue, gross_revenue, refunds, disputes, .. } = report.sums;
            prop_assert_eq!(total_revenue, gross_revenue - refunds - disputes);
            prop_assert_eq!(report.by_channel.iter().map(|c| c.sums.total_revenue).sum::<i64>(), exact);
            prop_assert_eq!(report.by_product.iter().map(|p| p.sums.total_revenue).sum::<i64>(), exact);
            prop_assert_eq!(report.by_period.iter().map(|p| p.sums.total_revenue).sum::<i64>(), exact);
            let NewVsRecurring { new, recurring, one_time } = report.new_vs_recurring;
            prop_assert_eq!(new + recurring + one_time, exact);
            for period in &report.by_period {
                prop_assert_eq!(period.by_channel.values().sum::<i64>(), period.sums.total_revenue);
            }
        }
    }

    #[test]
    fn an_empty_ledger_reports_zero_in_every_period() {
        let range = DateRange { from: date(2026, 1, 1), to: date(2026, 3, 31) };
        let report = report(
            &tenant(),
            range,
            Granularity::Month,
            Timestamp::UNIX_EPOCH,
            &Parts::default(),
            Vec::new(),
        )
        .unwrap();
        assert_eq!(report.by_period.len(), 3);
        assert!(report.by_period.iter().all(|period| period.sums == Sums::default()));
    }

    #[test]
    fn a_trend_is_rounded_to_a_tenth_of_a_percent_and_absent_against_nothing() {
        assert_eq!(trend(18_234_700, 16_223_000), Trend { change: 2_011_700, per_mille: Some(124) });
        assert_eq!(trend(0, 100).per_mille, Some(-1_000));
        assert_eq!(trend(100, 0), Trend { change: 100, per_mille: None });
        assert_eq!(trend(100, -5).per_mille, None);
    }
}
