//! Exchange rates by day, and what an amount is in another currency.
//!
//! A rate says how much of one currency one unit of another is. An amount is converted with the rate of its day,
//! or the newest of the week before, since there are none for weekends and holidays: directly, the other way
//! round, or through the euro. Where there is none the answer is none, and never 1.
//!
//! Arithmetic is exact until the one rounding at the end, half away from zero.

mod central_bank;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::money::{Currency, Money};
use crate::ratio::Ratio;

pub use central_bank::{Sheet, UnreadableSheet, read_sheet};

/// How many days a rate stays good for where none is newer.
pub const GOOD_FOR_DAYS: i64 = 7;

/// The largest amount a converted row may have.
const MAX_CONVERTED: i64 = 999_999_999_999_999;

/// The most digits a rate has, so that nothing below overflows.
const MAX_DIGITS: usize = 12;

/// How much of one currency one unit of another is: a positive decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    digits: i64,
    places: u8,
}

/// A text that is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rate is a positive number like 1.0812, of at most 12 digits and 10 decimal places")]
pub struct InvalidRate;

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let fraction = fraction.trim_end_matches('0');
        let digits = format!("{whole}{fraction}");
        let plain = !whole.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let significant = digits.trim_start_matches('0').len();
        if !plain || significant == 0 || significant > MAX_DIGITS || fraction.len() > 10 {
            return Err(InvalidRate);
        }
        Ok(Self {
            digits: digits.parse().map_err(|_| InvalidRate)?,
            places: u8::try_from(fraction.len()).map_err(|_| InvalidRate)?,
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = usize::from(self.places);
        let digits = format!("{:0>width$}", self.digits, width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        if fraction.is_empty() { f.write_str(whole) } else { write!(f, "{whole}.{fraction}") }
    }
}

/// A rate of a day: one `base` is so much `quote`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotedRate {
    /// The day it is of.
    pub day: Date,
    /// What one unit of is meant.
    pub base: Currency,
    /// What it is told in.
    pub quote: Currency,
    /// How much that is.
    pub rate: Rate,
    /// Whether a person typed it; of one day it counts before a sheet's.
    pub is_typed: bool,
}

/// Rates by currency and day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateBook(BTreeMap<(Currency, Currency), BTreeMap<Date, Known>>);

/// A rate of a day, and how much it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    rate: Rate,
    is_typed: bool,
}

/// A way from one currency to another.
struct Way {
    of: Date,
    is_typed: bool,
    directness: u8,
    factor: Ratio,
}

impl Rate {
    fn ratio(self) -> Ratio {
        Ratio::of(i128::from(self.digits), power_of_ten(self.places)).expect("no power of ten is zero")
    }
}

impl RateBook {
    /// The rates given; of several for one day the last counts.
    pub fn of(rates: impl IntoIterator<Item = QuotedRate>) -> Self {
        let mut book = Self::default();
        for QuotedRate { day, base, quote, rate, is_typed } in rates {
            book.0.entry((base, quote)).or_default().insert(day, Known { rate, is_typed });
        }
        book
    }

    /// An amount in minor units of another currency, by the rates of a day; `None` when there are none.
    #[must_use]
    pub fn convert(&self, money: Money, to: Currency, day: Date) -> Option<i64> {
        if money.currency == to {
            return Some(money.minor);
        }
        let rate = self.between(money.currency, to, day)?;
        let scale = Ratio::of(power_of_ten(to.exponent()), power_of_ten(money.currency.exponent()))?;
        let converted = Ratio::whole(money.minor).times(rate.times(scale)?)?.rounded()?;
        (converted.abs() <= MAX_CONVERTED).then_some(converted)
    }

    /// Of the ways between two currencies the one whose rate is newest; of those a typed one, then the most direct.
    fn between(&self, from: Currency, to: Currency, day: Date) -> Option<Ratio> {
        let direct = self.newest(from, to, day).map(|(of, known)| known.way(of, 2, known.rate.ratio()));
        let reversed = self
            .newest(to, from, day)
            .and_then(|(of, known)| Some(known.way(of, 1, Ratio::whole(1).over(known.rate.ratio())?)));
        let crossed = self.through_euro(from, to, day);
        let ways = [direct, reversed, crossed].into_iter().flatten();
        ways.max_by_key(|way| (way.of, way.is_typed, way.directness)).map(|way| way.factor)
    }

    fn through_euro(&self, from: Currency, to: Currency, day: Date) -> Option<Way> {
        let (one, per_from) = self.newest(Currency::EUR, from, day)?;
        let (other, per_to) = self.newest(Currency::EUR, to, day)?;
        let factor = per_to.rate.ratio().over(per_from.rate.ratio())?;
        let is_typed = per_from.is_typed && per_to.is_typed;
        Some(Way { of: one.min(other), is_typed, directness: 0, factor })
    }

    fn newest(&self, base: Currency, quote: Currency, day: Date) -> Option<(Date, Known)> {
        let oldest = day.saturating_sub(GOOD_FOR_DAYS.days());
        let (of, known) = self.0.get(&(base, quote))?.range(oldest..=day).next_back()?;
        Some((*of, *known))
    }
}

impl Known {
    const fn way(self, of: Date, directness: u8, factor: Ratio) -> Way {
        Way { of, is_typed: self.is_typed, directness, factor }
    }
}

fn power_of_ten(places: u8) -> i128 {
    10i128.pow(u32::from(places))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    fn quoted(day: Date, base: &str, quote: &str, rate: &str) -> QuotedRate {
        let (base, quote) = (currency(base), currency(quote));
        QuotedRate { day, base, quote, rate: rate.parse().unwrap(), is_typed: false }
    }

    fn money(minor: i64, code: &str) -> Money {
        Money { minor, currency: currency(code) }
    }

    const FRIDAY: Date = date(2026, 11, 20);

    #[test]
    fn yen_are_not_cents() {
        let book = RateBook::of([quoted(FRIDAY, "usd", "jpy", "150.86")]);
        assert_eq!(book.convert(money(26_400, "jpy"), Currency::USD, FRIDAY), Some(17_500));
        let dinar = RateBook::of([quoted(FRIDAY, "kwd", "usd", "3.25")]);
        assert_eq!(dinar.convert(money(1_250, "kwd"), Currency::USD, FRIDAY), Some(406));
    }

    #[test]
    fn two_currencies_meet_through_the_euro() {
        let book = RateBook::of([quoted(FRIDAY, "eur", "usd", "1.08"), quoted(FRIDAY, "eur", "gbp", "0.81")]);
        assert_eq!(book.convert(money(8_100, "gbp"), Currency::USD, FRIDAY), Some(10_800));
        assert_eq!(book.convert(money(-8_100, "gbp"), Currency::USD, FRIDAY), Some(-10_800));
    }

    #[test]
    fn the_weekend_takes_fridays_rate_and_next_month_has_none() {
        let book = RateBook::of([quoted(FRIDAY, "eur", "usd", "1.08")]);
        let convert = |day| book.convert(money(100, "eur"), Currency::USD, day);
        assert_eq!(convert(date(2026, 11, 22)), Some(108));
        assert_eq!(convert(date(2026, 11, 27)), Some(108));
        assert_eq!(convert(date(2026, 11, 28)), None);
        assert_eq!(convert(date(2026, 11, 19)), None);
    }

    #[test]
    fn without_a_rate_there_is_no_answer_and_never_one_to_one() {
        let book = RateBook::default();
        assert_eq!(book.convert(money(100, "eur"), Currency::USD, FRIDAY), None);
        assert_eq!(book.convert(money(100, "usd"), Currency::USD, FRIDAY), Some(100));
    }

    #[test]
    fn the_newest_rate_wins_and_of_one_day_the_direct_one() {
        let older_direct = quoted(date(2026, 11, 18), "eur", "usd", "1.00");
        let newer_reversed = quoted(FRIDAY, "usd", "eur", "0.5");
        let book = RateBook::of([older_direct, newer_reversed]);
        assert_eq!(book.convert(money(100, "eur"), Currency::USD, FRIDAY), Some(200));
        let book = RateBook::of([quoted(FRIDAY, "eur", "usd", "1.10"), newer_reversed]);
        assert_eq!(book.convert(money(100, "eur"), Currency::USD, FRIDAY), Some(110));
    }

    #[test]
    fn a_typed_rate_counts_before_a_sheets_whichever_way_round_it_was_typed() {
        let sheet = quoted(FRIDAY, "eur", "usd", "1.08");
        let typed = QuotedRate { is_typed: true, ..quoted(FRIDAY, "usd", "eur", "0.5") };
        let book = RateBook::of([sheet, typed]);
        assert_eq!(book.convert(money(100, "eur"), Currency::USD, FRIDAY), Some(200));
    }

    #[test]
    fn a_rate_is_a_positive_decimal_and_nothing_else() {
        for (text, shown) in
            [("1.0812", "1.0812"), ("150", "150"), (" 0.00620 ", "0.0062"), ("010.50", "10.5")]
        {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), shown, "{text}");
        }
        for text in
            ["", "0", "0.000", "-1", "1e3", "NaN", "inf", "1,08", ".5", "1.00000000001", "1234567890123"]
        {
            assert_eq!(text.parse::<Rate>(), Err(InvalidRate), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_amount_there_and_its_opposite_are_opposites_and_nothing_overflows(
            minor in -999_999_999_999i64..=999_999_999_999,
            digits in 1i64..=999_999_999_999,
            places in 0usize..=10,
            other in 1i64..=999_999_999_999,
        ) {
            let decimal = |digits: i64| {
                let text = format!("{digits:0>width$}", width = places + 1);
                format!("{}.{}", &text[..text.len() - places], &text[text.len() - places..])
            };
            let rates = [quoted(FRIDAY, "eur", "usd", &decimal(digits)), quoted(FRIDAY, "eur", "kwd", &decimal(other))];
            let book = RateBook::of(rates);
            for (from, to) in [("eur", "usd"), ("usd", "kwd"), ("kwd", "usd"), ("usd", "eur")] {
                let there = book.convert(money(minor, from), currency(to), FRIDAY);
                let opposite = book.convert(money(-minor, from), currency(to), FRIDAY);
                prop_assert_eq!(there.map(|amount| -amount), opposite);
            }
        }
    }
}
