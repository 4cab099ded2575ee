//! Calendar ranges, their buckets, and the earlier range a period is compared with.
//!
//! A range `from..=to` holds both days. Days begin at midnight of the tenant's timezone, also where a
//! clock change makes a day 23 or 25 hours long. Buckets are clipped to the range, so that their sums
//! are the range's sum; a bucket that is clipped or still running is marked `partial`.

use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// The most buckets one answer may hold.
pub const MAX_BUCKETS: usize = 1_200;

/// The width of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Granularity {
    /// A calendar day.
    Day,
    /// A week from the tenant's first day of the week.
    Week,
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
}

impl Granularity {
    /// The word used in addresses and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
        }
    }
}

/// Why a period could not be understood, and which part of the question was at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidPeriod {
    /// The field at fault: `from`, `to`, `granularity` or `period`.
    pub field: &'static str,
    /// What is wrong, safe to show.
    pub message: &'static str,
}

impl FromStr for Granularity {
    type Err = InvalidPeriod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "day" => Ok(Self::Day),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            "quarter" => Ok(Self::Quarter),
            _ => Err(InvalidPeriod {
                field: "granularity",
                message: "granularity is day, week, month or quarter",
            }),
        }
    }
}

/// The day a tenant's weeks begin on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WeekStart {
    /// ISO weeks.
    Monday,
    /// Weeks as in the United States.
    Sunday,
}

impl WeekStart {
    const fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Monday,
            Self::Sunday => Weekday::Sunday,
        }
    }
}

/// Both days and everything between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DateRange {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl DateRange {
    /// A range that does not end before it begins.
    pub fn new(from: Date, to: Date) -> Result<Self, InvalidPeriod> {
        if from > to {
            return Err(InvalidPeriod { field: "from", message: "from must not be after to" });
        }
        Ok(Self { from, to })
    }

    /// The last `days` days up to and including `today`.
    #[must_use]
    pub fn last_days(days: i32, today: Date) -> Self {
        Self { from: today.saturating_sub((days - 1).days()), to: today }
    }

    /// How many days the range holds.
    #[must_use]
    pub fn days(self) -> i32 {
        (self.to - self.from).get_days() + 1
    }

    /// The instants the range begins at and ends before.
    #[must_use]
    pub fn instants(self, timezone: &TimeZone) -> (Timestamp, Timestamp) {
        (midnight(self.from, timezone), midnight(self.to.saturating_add(1.day()), timezone))
    }

    /// The days of this range that have begun by `today`; all of them when it lies in the past.
    #[must_use]
    pub fn elapsed(self, today: Date) -> Self {
        Self { from: self.from, to: self.to.min(today).max(self.from) }
    }

    /// As many days as have elapsed of this range, right before it.
    #[must_use]
    pub fn previous(self, today: Date) -> Self {
        let days = self.elapsed(today).days();
        Self { from: self.from.saturating_sub(days.days()), to: self.from.saturating_sub(1.day()) }
    }
}

/// The instant a calendar day begins, in the timezone's own reckoning.
fn midnight(day: Date, timezone: &TimeZone) -> Timestamp {
    day.to_zoned(timezone.clone()).map_or_else(
        |_| if day.year() < 0 { Timestamp::MIN } else { Timestamp::MAX },
        |zoned| zoned.timestamp(),
    )
}

/// One bucket of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its first day within the range.
    pub period_start: Date,
    /// Its last day within the range.
    pub period_end: Date,
    /// Whether days of the calendar bucket are missing: cut off by the range, or not over yet.
    pub partial: bool,
}

/// The buckets of a range without gap or overlap, or why there are too many.
pub fn buckets(
    range: DateRange,
    granularity: Granularity,
    week_start: WeekStart,
    today: Date,
) -> Result<Vec<Bucket>, InvalidPeriod> {
    let mut found = Vec::new();
    let mut start = bucket_start(range.from, granularity, week_start);
    while start <= range.to {
        if found.len() == MAX_BUCKETS {
            return Err(InvalidPeriod {
                field: "granularity",
                message: "the range holds over 1,200 periods: choose a wider granularity",
            });
        }
        let next = start.saturating_add(width(granularity));
        let end = next.saturating_sub(1.day());
        let (period_start, period_end) = (start.max(range.from), end.min(range.to));
        let clipped = (period_start, period_end) != (start, end);
        found.push(Bucket {
            period_start,
            period_end,
            partial: clipped || (period_start <= today && end >= today),
        });
        if next == start {
            break;
        }
        start = next;
    }
    Ok(found)
}

fn width(granularity: Granularity) -> Span {
    match granularity {
        Granularity::Day => 1.day(),
        Granularity::Week => 7.days(),
        Granularity::Month => 1.month(),
        Granularity::Quarter => 3.months(),
    }
}

/// The first day of the calendar bucket a day lies in.
fn bucket_start(day: Date, granularity: Granularity, week_start: WeekStart) -> Date {
    match granularity {
        Granularity::Day => day,
        Granularity::Week => {
            let since = day.weekday().since(week_start.weekday());
            day.saturating_sub(since.days())
        }
        Granularity::Month => day.first_of_month(),
        Granularity::Quarter => {
            let months_in = (day.month() - 1) % 3;
            day.first_of_month().saturating_sub(months_in.months())
        }
    }
}

/// The period a screen shows: a named one that moves with today, or two dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodChoice {
    /// The last seven days.
    Last7,
    /// The last thirty days.
    Last30,
    /// The last ninety days.
    Last90,
    /// The calendar quarter so far.
    QuarterToDate,
    /// From one date to another.
    Custom(DateRange),
}

impl PeriodChoice {
    /// The named periods, in the order they are offered.
    pub const NAMED: [Self; 4] = [Self::Last7, Self::Last30, Self::Last90, Self::QuarterToDate];

    /// Reads a choice from an address: two dates win over a name; nothing at all is the last ninety days.
    pub fn parse(period: Option<&str>, from: Option<&str>, to: Option<&str>) -> Result<Self, InvalidPeriod> {
        match (from, to) {
            (Some(from), Some(to)) => {
                return Ok(Self::Custom(DateRange::new(parse_date("from", from)?, parse_date("to", to)?)?));
            }
            (Some(_), None) => return Err(InvalidPeriod { field: "to", message: "from needs to beside it" }),
            (None, Some(_)) => {
                return Err(InvalidPeriod { field: "from", message: "to needs from beside it" });
            }
            (None, None) => {}
        }
        let Some(word) = period else { return Ok(Self::Last90) };
        Self::NAMED
            .into_iter()
            .find(|choice| choice.word() == word)
            .ok_or(InvalidPeriod { field: "period", message: "period is 7d, 30d, 90d or qtd" })
    }

    /// The word used in addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Last7 => "7d",
            Self::Last30 => "30d",
            Self::Last90 => "90d",
            Self::QuarterToDate => "qtd",
            Self::Custom(_) => "custom",
        }
    }

    /// The days the choice means today.
    #[must_use]
    pub fn range(self, today: Date) -> DateRange {
        match self {
            Self::Last7 => DateRange::last_days(7, today),
            Self::Last30 => DateRange::last_days(30, today),
            Self::Last90 => DateRange::last_days(90, today),
            Self::QuarterToDate => {
                DateRange { from: bucket_start(today, Granularity::Quarter, WeekStart::Monday), to: today }
            }
            Self::Custom(range) => range,
        }
    }
}

/// Reads a calendar date between the years 2000 and 2199, written `2026-01-31`.
pub fn parse_date(field: &'static str, text: &str) -> Result<Date, InvalidPeriod> {
    let invalid =
        InvalidPeriod { field, message: "a date is written like 2026-01-31, from the year 2000 to 2199" };
    if text.len() != 10 {
        return Err(invalid);
    }
    match text.parse::<Date>() {
        Ok(date) if (2000..=2199).contains(&date.year()) => Ok(date),
        _ => Err(invalid),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn any_range() -> impl Strategy<Value = DateRange> {
        (0i32..3_000, 0i32..1_000).prop_map(|(start, length)| {
            let from = date(2020, 1, 1) + start.days();
            DateRange { from, to: from + length.days() }
        })
    }

    fn any_granularity() -> impl Strategy<Value = Granularity> {
        prop_oneof![
            Just(Granularity::Day),
            Just(Granularity::Week),
            Just(Granularity::Month),
            Just(Granularity::Quarter)
        ]
    }

    proptest! {
        #[test]
        fn buckets_cover_the_range_without_gap_or_overlap(
            range in any_range(),
            granularity in any_granularity(),
            sunday in any::<bool>(),
        ) {
            let week_start = if sunday { WeekStart::Sunday } else { WeekStart::Monday };
            let found = buckets(range, granularity, week_start, range.to).unwrap();
            prop_assert_eq!(found.first().unwrap().period_start, range.from);
            prop_assert_eq!(found.last().unwrap().period_end, range.to);
            for pair in found.windows(2) {
                prop_assert_eq!(pair[0].period_end + 1.day(), pair[1].period_start);
            }
            let days: i32 = found.iter().map(|b| DateRange { from: b.period_start, to: b.period_end }.days()).sum();
            prop_assert_eq!(days, range.days());
        }

        #[test]
        fn the_previous_range_is_as_long_as_what_has_elapsed_and_ends_the_day_before(
            range in any_range(),
            into in 0i32..1_200,
        ) {
            let today = range.from + into.days();
            let previous = range.previous(today);
            prop_assert_eq!(previous.days(), range.elapsed(today).days());
            prop_assert_eq!(previous.to + 1.day(), range.from);
        }
    }

    #[test]
    fn a_week_begins_where_the_tenant_says() {
        let range = DateRange { from: date(2026, 11, 18), to: date(2026, 11, 24) };
        let monday = buckets(range, Granularity::Week, WeekStart::Monday, date(2026, 12, 31)).unwrap();
        assert_eq!(monday[1].period_start, date(2026, 11, 23));
        let sunday = buckets(range, Granularity::Week, WeekStart::Sunday, date(2026, 12, 31)).unwrap();
        assert_eq!(sunday[1].period_start, date(2026, 11, 22));
    }

    #[test]
    fn the_running_bucket_and_a_clipped_one_are_partial() {
        let range = DateRange { from: date(2026, 9, 15), to: date(2026, 11, 30) };
        let months = buckets(range, Granularity::Month, WeekStart::Monday, date(2026, 11, 20)).unwrap();
        let partial: Vec<bool> = months.iter().map(|bucket| bucket.partial).collect();
        assert_eq!(partial, [true, false, true]);
    }

    #[test]
    fn a_day_of_a_clock_change_has_twenty_three_hours() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let range = DateRange { from: date(2026, 3, 29), to: date(2026, 3, 29) };
        let (start, end) = range.instants(&berlin);
        assert_eq!(end.duration_since(start).as_hours(), 23);
    }

    #[test]
    fn two_hundred_years_of_days_are_refused() {
        let range = DateRange { from: date(2000, 1, 1), to: date(2199, 12, 31) };
        let refusal = buckets(range, Granularity::Day, WeekStart::Monday, range.to).unwrap_err();
        assert_eq!(refusal.field, "granularity");
    }

    #[test]
    fn what_is_no_date_is_refused_with_its_field() {
        for text in [
            "2026-13-01",
            "2026-02-30",
            "yesterday",
            "",
            "9999-99-99",
            "1771000000",
            "2026-1-1",
            "+002026-01",
        ] {
            assert_eq!(parse_date("from", text).unwrap_err().field, "from", "{text:?}");
        }
        assert_eq!(parse_date("to", "2026-02-28"), Ok(date(2026, 2, 28)));
    }

    #[test]
    fn a_period_is_read_from_an_address() {
        let today = date(2026, 11, 20);
        let read = |period, from, to| PeriodChoice::parse(period, from, to).map(|choice| choice.range(today));
        assert_eq!(read(None, None, None), Ok(DateRange { from: date(2026, 8, 23), to: today }));
        assert_eq!(read(Some("qtd"), None, None), Ok(DateRange { from: date(2026, 10, 1), to: today }));
        assert_eq!(read(Some("hour"), None, None).unwrap_err().field, "period");
        assert_eq!(read(None, Some("2026-02-02"), Some("2026-02-01")).unwrap_err().field, "from");
        assert_eq!(read(None, Some("2026-02-02"), None).unwrap_err().field, "to");
    }
}
