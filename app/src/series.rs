//! Revenue per period, channel by channel: the one list that legend, chart and its table are made of.

use std::collections::BTreeMap;

use domain::channel::ChannelSlug;
use domain::period::{Bucket, DateRange, Granularity};
use domain::revenue::{PeriodRevenue, RevenueReport};
use jiff::ToSpan;
use jiff::civil::Date;

use crate::charts::ChannelColor;
use crate::format;
use crate::roster::Roster;

/// The revenue of one channel, or of those beyond the eighth together, in every period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The name as people see it.
    pub name: String,
    /// The colour it wears everywhere.
    pub color: ChannelColor,
    /// The channel, unless it stands for several.
    pub channel: Option<ChannelSlug>,
    /// What it earned, oldest period first.
    pub amounts: Vec<i64>,
}

/// The channels of a report, largest first, then the rest, then what no channel is known for.
#[must_use]
pub fn of_report(report: &RevenueReport, roster: &Roster) -> Vec<Series> {
    let channels = report.by_channel.iter().map(|channel| &channel.channel);
    let (others, own): (Vec<_>, Vec<_>) =
        channels.partition(|channel| roster.color(channel) == ChannelColor::Other);
    let mut found: Vec<Series> = own.into_iter().map(|channel| of_channel(report, roster, channel)).collect();
    if !others.is_empty() {
        let before_unknown =
            found.iter().position(|series| series.color == ChannelColor::Unknown).unwrap_or(found.len());
        found.insert(before_unknown, of_others(report, &others));
    }
    found
}

fn of_channel(report: &RevenueReport, roster: &Roster, channel: &ChannelSlug) -> Series {
    Series {
        name: roster.name(channel),
        color: roster.color(channel),
        channel: Some(channel.clone()),
        amounts: amounts(report, |by_channel| by_channel.get(channel).copied().unwrap_or_default()),
    }
}

fn of_others(report: &RevenueReport, channels: &[&ChannelSlug]) -> Series {
    Series {
        name: "Other".to_owned(),
        color: ChannelColor::Other,
        channel: None,
        amounts: amounts(report, |by_channel| {
            channels.iter().filter_map(|channel| by_channel.get(*channel)).sum()
        }),
    }
}

fn amounts(report: &RevenueReport, of_period: impl Fn(&BTreeMap<ChannelSlug, i64>) -> i64) -> Vec<i64> {
    report.by_period.iter().map(|period| of_period(&period.by_channel)).collect()
}

/// How periods are called.
#[derive(Clone, Copy, Debug)]
pub struct PeriodNames {
    /// How wide they are.
    pub granularity: Granularity,
    /// The day it is for the tenant.
    pub today: Date,
}

impl PeriodNames {
    /// The short name below the axis: `Sep 8`.
    #[must_use]
    pub fn short(self, bucket: &Bucket) -> String {
        match self.granularity {
            Granularity::Day | Granularity::Week => format::day(bucket.period_start),
            Granularity::Month | Granularity::Quarter => format::month(bucket.period_start),
        }
    }

    /// The long name: `Week of Sep 8, 2026`, `Sep 8 – Sep 9, 2026 (part of a week)`, with `so far` while it
    /// is running.
    #[must_use]
    pub fn long(self, bucket: &Bucket) -> String {
        match (self.is_running(bucket), bucket.partial) {
            (true, _) => format!("{}, so far", self.whole(bucket)),
            (false, true) => format!("{} (part of a {})", days(bucket), self.granularity.word()),
            (false, false) => self.whole(bucket),
        }
    }

    /// Whether the period is not over yet.
    #[must_use]
    pub fn is_running(self, bucket: &Bucket) -> bool {
        bucket.partial && bucket.period_start <= self.today && bucket.period_end >= self.today
    }

    fn whole(self, bucket: &Bucket) -> String {
        match self.granularity {
            Granularity::Day => format::day_and_year(bucket.period_start),
            Granularity::Week => format!("Week of {}", format::day_and_year(bucket.period_start)),
            Granularity::Month => format::month(bucket.period_start),
            Granularity::Quarter => {
                let last = bucket.period_start.first_of_month().saturating_add(2.months());
                format!("{} – {}", format::month(bucket.period_start), format::month(last))
            }
        }
    }
}

/// The course of a figure over the periods that are whole, for a line without words.
#[must_use]
pub fn course(periods: &[PeriodRevenue], figure: impl Fn(&PeriodRevenue) -> i64) -> Vec<i64> {
    periods.iter().filter(|period| !period.bucket.partial).map(figure).collect()
}

fn days(bucket: &Bucket) -> String {
    format::days(DateRange { from: bucket.period_start, to: bucket.period_end })
}
