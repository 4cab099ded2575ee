//! When people sign up: so many a week for each offer, fewer at weekends and at the end of the year.

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::catalog::{OFFERS, Offer};
use super::dice::Dice;

/// A Monday, from which weeks are counted.
const FIRST_MONDAY: Date = date(2020, 1, 6);

/// Chances of each weekday, Monday first.
const WEEKDAYS: [(i64, i64); 7] = [(0, 17), (1, 18), (2, 17), (3, 16), (4, 14), (5, 9), (6, 9)];

/// Chances of each hour of the day, in UTC.
const HOURS: [(i64, i64); 8] = [(8, 6), (10, 8), (13, 12), (14, 16), (16, 18), (18, 14), (20, 9), (22, 4)];

/// One person signing up for one offer at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signup {
    /// What they sign up for.
    pub(super) offer: Offer,
    /// Which of the week's sign-ups for that offer this is.
    pub(super) nth: i64,
    /// The moment.
    pub(super) at: Timestamp,
}

/// Everyone who signs up from the day `first` to the day `last`.
pub(super) fn signups(first: Date, last: Date) -> Vec<Signup> {
    (week_of(first)..=week_of(last))
        .flat_map(signups_of_week)
        .filter(|signup| (first..=last).contains(&day_of(signup.at)))
        .collect()
}

/// How busy a day is, against a thousand on an ordinary one.
pub(super) fn season_permille(day: Date) -> i64 {
    match (day.month(), day.day()) {
        (12, 24..) => 750,
        (1, ..=4) => 900,
        _ => 1000,
    }
}

/// True for Saturday and Sunday.
pub(super) fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The week a day belongs to, counted from a fixed Monday.
pub(super) fn week_of(day: Date) -> i64 {
    days_between(FIRST_MONDAY, day).div_euclid(7)
}

/// How many days `last` lies after `first`.
pub(super) fn days_between(first: Date, last: Date) -> i64 {
    i64::from((last - first).get_days())
}

/// The day of a moment, in UTC.
pub(super) fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The Monday of the week a moment falls in, in UTC.
pub(super) fn monday_of(at: Timestamp) -> Date {
    FIRST_MONDAY + Span::new().weeks(week_of(day_of(at)))
}

/// So many seconds after the start of a day, in UTC.
pub(super) fn moment(day: Date, seconds: i64) -> Timestamp {
    let midnight = day.to_zoned(TimeZone::UTC).expect("every day begins somewhere in UTC");
    midnight.timestamp() + Span::new().seconds(seconds)
}

fn signups_of_week(week: i64) -> Vec<Signup> {
    OFFERS.into_iter().flat_map(|offer| signups_for(week, offer)).collect()
}

fn signups_for(week: i64, offer: Offer) -> Vec<Signup> {
    (0..places(week, offer)).filter_map(|nth| signup(week, offer, nth)).collect()
}

/// The week's share of the offer's rate. Spreading a fixed rate over the weeks, instead of rolling for it,
/// keeps a single expensive sale from making a week look like a trend.
fn places(week: i64, offer: Offer) -> i64 {
    let rate = offer.signups_per_thousand_weeks();
    let phase = Dice::about(&format!("phase/{}", offer.letter())).between(0, 999);
    let sold_by = |week: i64| (week * rate + phase).div_euclid(1000);
    sold_by(week + 1) - sold_by(week)
}

fn signup(week: i64, offer: Offer, nth: i64) -> Option<Signup> {
    let mut dice = Dice::about(&format!("signup/{week}/{}/{nth}", offer.letter()));
    let day = FIRST_MONDAY + Span::new().days(week * 7 + dice.weighted(&WEEKDAYS));
    let second = dice.weighted(&HOURS) * 3600 + dice.between(0, 7199);
    let showed_up = dice.chance(season_permille(day) * 96 / 100);
    showed_up.then(|| Signup { offer, nth, at: moment(day, second) })
}
