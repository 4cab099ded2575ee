//! The one place where numbers and dates become text.
//!
//! Whole-number arithmetic throughout: what is shown is what was counted, rounded half away from zero where
//! digits are left out. To write something new, add a function here rather than a `format!` in a component.

use domain::money::Currency;
use domain::period::DateRange;
use domain::ratio::Ratio;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Between a currency code and its amount, so that no line breaks there.
const NO_BREAK: char = '\u{a0}';

/// Characters that would turn round or hide the text beside a name.
const INVISIBLE: [char; 13] = [
    '\u{200b}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}',
];

/// An amount to its last minor unit: `$1,204.50`, `¥4,900`, `KWD 1.250`.
#[must_use]
pub fn money(minor: i64, currency: Currency) -> String {
    let scale = scale_of(currency);
    let (major, rest) = (minor.unsigned_abs() / scale, minor.unsigned_abs() % scale);
    let mut text = signed_symbol(minor, currency);
    text.push_str(&grouped(major));
    if currency.exponent() > 0 {
        text.push_str(&format!(".{rest:0width$}", width = usize::from(currency.exponent())));
    }
    text
}

/// An amount without its minor units: `$182,347`; less than one unit is written out, so that it is not 0.
#[must_use]
pub fn whole_money(minor: i64, currency: Currency) -> String {
    let scale = scale_of(currency);
    let size = minor.unsigned_abs();
    if size < scale && size > 0 {
        return money(minor, currency);
    }
    signed_symbol(minor, currency) + &grouped(rounded(size.into(), scale.into()))
}

/// How a column writes its amounts: all with minor units or all without, so that they add up to the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    currency: Currency,
    is_whole: bool,
}

impl Column {
    /// Leaves the minor units out when none of the amounts has any.
    pub fn holding(currency: Currency, amounts: impl IntoIterator<Item = i64>) -> Self {
        let scale = scale_of(currency);
        let is_whole = amounts.into_iter().all(|amount| amount.unsigned_abs() % scale == 0);
        Self { currency, is_whole }
    }

    /// An amount of the column.
    #[must_use]
    pub fn money(self, minor: i64) -> String {
        if self.is_whole { whole_money(minor, self.currency) } else { money(minor, self.currency) }
    }
}

/// An amount beside an axis, as short as it can be said: `$0`, `$500`, `$7.5k`, `−$20M`.
#[must_use]
pub fn money_tick(minor: i64, currency: Currency) -> String {
    let scale = u128::from(scale_of(currency));
    let size = u128::from(minor.unsigned_abs());
    let units = [(1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")];
    let Some((unit, letter)) = units.into_iter().find(|(unit, _)| size >= unit * scale) else {
        return Column::holding(currency, [minor]).money(minor);
    };
    let tenths = rounded(size * 10, unit * scale);
    let fraction = if tenths.is_multiple_of(10) { String::new() } else { format!(".{}", tenths % 10) };
    format!("{}{}{fraction}{letter}", signed_symbol(minor, currency), grouped(tenths / 10))
}

/// Tenths of a percent: `12.4%`, `−8.3%`.
#[must_use]
pub fn percent(per_mille: i64) -> String {
    let size = per_mille.unsigned_abs();
    format!("{}{}.{}%", sign(per_mille), grouped(size / 10), size % 10)
}

/// A part of one, as tenths of a percent: `20.0%`; `None` when it is too large to be written.
#[must_use]
pub fn share(ratio: Ratio) -> Option<String> {
    Some(percent(per_mille_of(ratio)?))
}

/// A gain or a loss on what was put in: `+190%`, `−18.0%`.
#[must_use]
pub fn gain(ratio: Ratio) -> Option<String> {
    let per_mille = per_mille_of(ratio)?;
    let plus = if per_mille > 0 { "+" } else { "" };
    if per_mille.unsigned_abs() < 1_000 {
        return Some(format!("{plus}{}", percent(per_mille)));
    }
    let whole = ratio.times(Ratio::whole(100))?.rounded()?;
    Some(format!("{plus}{}%", count(whole)))
}

/// A number to a tenth: `3.1`, `1,204.0`.
#[must_use]
pub fn tenth(ratio: Ratio) -> Option<String> {
    let tenths = ratio.times(Ratio::whole(10))?.rounded()?;
    let size = tenths.unsigned_abs();
    Some(format!("{}{}.{}", sign(tenths), grouped(size / 10), size % 10))
}

fn per_mille_of(ratio: Ratio) -> Option<i64> {
    ratio.times(Ratio::whole(1_000))?.rounded()
}

/// A number of things: `1,204`.
#[must_use]
pub fn count(number: i64) -> String {
    format!("{}{}", sign(number), grouped(number.unsigned_abs()))
}

/// A number of things with their name: `1 row`, `1,204 rows`.
#[must_use]
pub fn counted(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A calendar day of the year it is obvious: `Sep 8`.
#[must_use]
pub fn day(date: Date) -> String {
    date.strftime("%b %-d").to_string()
}

/// A calendar day: `Sep 8, 2026`.
#[must_use]
pub fn day_and_year(date: Date) -> String {
    date.strftime("%b %-d, %Y").to_string()
}

/// A calendar month: `Sep 2026`.
#[must_use]
pub fn month(date: Date) -> String {
    date.strftime("%b %Y").to_string()
}

/// The days of a range: `Aug 23 – Nov 20, 2026`.
#[must_use]
pub fn days(range: DateRange) -> String {
    let last = day_and_year(range.to);
    match (range.from == range.to, range.from.year() == range.to.year()) {
        (true, _) => last,
        (false, true) => format!("{} – {last}", day(range.from)),
        (false, false) => format!("{} – {last}", day_and_year(range.from)),
    }
}

/// The time of day somewhere: `14:02`.
#[must_use]
pub fn clock(instant: Timestamp, timezone: &TimeZone) -> String {
    instant.to_zoned(timezone.clone()).strftime("%H:%M").to_string()
}

/// A moment somewhere: `Nov 20, 2026, 14:02`.
#[must_use]
pub fn moment(instant: Timestamp, timezone: &TimeZone) -> String {
    instant.to_zoned(timezone.clone()).strftime("%b %-d, %Y, %H:%M").to_string()
}

/// A moment in nobody's timezone in particular: `Nov 20, 2026, 14:02 UTC`.
#[must_use]
pub fn moment_in_utc(instant: Timestamp) -> String {
    format!("{} UTC", moment(instant, &TimeZone::UTC))
}

/// A number counted in fractions, as it is typed: 825 tenths are `82.5`, 200 hundredths `2.00`.
#[must_use]
pub fn decimal(number: i64, digits: u8) -> String {
    let scale = 10_u64.pow(digits.into());
    let (whole, rest) = (number.unsigned_abs() / scale, number.unsigned_abs() % scale);
    let minus = if number < 0 { "-" } else { "" };
    match digits {
        0 => format!("{minus}{whole}"),
        digits => format!("{minus}{whole}.{rest:0width$}", width = usize::from(digits)),
    }
}

/// Words that were written to stand inside a sentence, as one of its own.
#[must_use]
pub fn sentence(words: &str) -> String {
    let words = words.trim();
    let mut characters = words.chars();
    let Some(first) = characters.next() else { return String::new() };
    let end = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    first.to_uppercase().chain(characters).chain(end.chars()).collect()
}

/// A word of Stripe's, `like_this`, as people read it.
#[must_use]
pub fn stripes_word(word: &str) -> String {
    let words = name(&word.replace('_', " "));
    let mut characters = words.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

/// A name somebody else wrote, without characters that would disturb the text around it.
#[must_use]
pub fn name(raw: &str) -> String {
    raw.chars()
        .filter(|character| !INVISIBLE.contains(character))
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Text in lines, each made safe beside other text, with its indentation kept.
#[must_use]
pub fn block(raw: &str) -> String {
    let safe = |line: &str| {
        let visible = line.chars().filter(|character| !INVISIBLE.contains(character));
        visible.map(|character| if character.is_control() { ' ' } else { character }).collect::<String>()
    };
    raw.lines().map(safe).collect::<Vec<_>>().join("\n")
}

/// How long something took: `0.4 ms`, `1,250 ms`.
#[must_use]
pub fn milliseconds(microseconds: i64) -> String {
    match microseconds {
        ..=0 => "0 ms".to_owned(),
        1..100 => "under 0.1 ms".to_owned(),
        100..10_000 => format!("{}.{} ms", microseconds / 1_000, microseconds % 1_000 / 100),
        _ => format!("{} ms", count(microseconds / 1_000)),
    }
}

/// Divides, rounding half up; what no longer fits is the largest number there is.
fn rounded(size: u128, by: u128) -> u64 {
    u64::try_from((size * 2 + by) / (by * 2)).unwrap_or(u64::MAX)
}

fn scale_of(currency: Currency) -> u64 {
    10_u64.pow(currency.exponent().into())
}

fn sign(number: i64) -> &'static str {
    if number < 0 { "−" } else { "" }
}

fn signed_symbol(minor: i64, currency: Currency) -> String {
    let sign = sign(minor);
    match symbol(currency) {
        Some(symbol) => format!("{sign}{symbol}"),
        None => format!("{sign}{}{NO_BREAK}", currency.code().to_uppercase()),
    }
}

/// The symbol of a currency where no other has it; the rest are written by their code.
fn symbol(currency: Currency) -> Option<&'static str> {
    Some(match currency.code() {
        "usd" => "$",
        "eur" => "€",
        "gbp" => "£",
        "jpy" => "¥",
        "cny" => "CN¥",
        "inr" => "₹",
        "krw" => "₩",
        "vnd" => "₫",
        "php" => "₱",
        "ils" => "₪",
        "brl" => "R$",
        "aud" => "A$",
        "cad" => "CA$",
        "hkd" => "HK$",
        "mxn" => "MX$",
        "nzd" => "NZ$",
        "twd" => "NT$",
        _ => return None,
    })
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::offset;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn money_has_the_minor_units_of_its_currency() {
        for (minor, code, text) in [
            (120_450, "usd", "$1,204.50"),
            (5, "usd", "$0.05"),
            (0, "usd", "$0.00"),
            (-120_450, "usd", "−$1,204.50"),
            (4_900, "jpy", "¥4,900"),
            (0, "jpy", "¥0"),
            (1_250, "kwd", "KWD\u{a0}1.250"),
            (-1, "kwd", "−KWD\u{a0}0.001"),
            (490_000, "ugx", "UGX\u{a0}4,900.00"),
            (999_999_999_999, "eur", "€9,999,999,999.99"),
            (i64::MAX, "usd", "$92,233,720,368,547,758.07"),
            (i64::MIN, "jpy", "−¥9,223,372,036,854,775,808"),
        ] {
            assert_eq!(money(minor, currency(code)), text);
        }
    }

    #[test]
    fn whole_money_is_rounded_half_away_from_zero_and_never_to_nothing() {
        for (minor, code, text) in [
            (18_234_700, "usd", "$182,347"),
            (150, "usd", "$2"),
            (149, "usd", "$1"),
            (-150, "usd", "−$2"),
            (40, "usd", "$0.40"),
            (-99, "usd", "−$0.99"),
            (0, "usd", "$0"),
            (4_900, "jpy", "¥4,900"),
            (1_500, "kwd", "KWD\u{a0}2"),
            (i64::MAX, "usd", "$92,233,720,368,547,758"),
        ] {
            assert_eq!(whole_money(minor, currency(code)), text);
        }
    }

    #[test]
    fn a_column_shows_minor_units_for_all_amounts_or_for_none() {
        assert_eq!(Column::holding(Currency::USD, [100, 25_000]).money(100), "$1");
        assert_eq!(Column::holding(Currency::USD, [100, 25_001]).money(100), "$1.00");
    }

    #[test]
    fn a_tick_is_as_short_as_it_can_be_said() {
        for (minor, code, text) in [
            (0, "usd", "$0"),
            (50, "usd", "$0.50"),
            (50_000, "usd", "$500"),
            (500_000, "usd", "$5k"),
            (250_000, "usd", "$2.5k"),
            (-2_000_000_000, "usd", "−$20M"),
            (150_000_000_000, "usd", "$1.5B"),
            (5_000, "jpy", "¥5k"),
            (5_000_000, "kwd", "KWD\u{a0}5k"),
            (i64::MAX, "jpy", "¥9,223,372T"),
            (i64::MIN, "usd", "−$92,233.7T"),
        ] {
            assert_eq!(money_tick(minor, currency(code)), text);
        }
    }

    #[test]
    fn a_percentage_has_one_decimal_and_a_true_minus() {
        for (per_mille, text) in
            [(124, "12.4%"), (-83, "−8.3%"), (0, "0.0%"), (7, "0.7%"), (12_400, "1,240.0%"), (-7, "−0.7%")]
        {
            assert_eq!(percent(per_mille), text);
        }
        assert!(percent(i64::MIN).starts_with('−'));
    }

    #[test]
    fn things_are_counted_with_their_name() {
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(0, "row", "rows"), "0 rows");
        assert_eq!(counted(12_040, "row", "rows"), "12,040 rows");
        assert_eq!(count(-1_000), "−1,000");
    }

    #[test]
    fn a_range_names_its_year_as_often_as_it_must() {
        let range = |from, to| DateRange { from, to };
        let last = date(2026, 11, 20);
        assert_eq!(days(range(date(2026, 8, 23), last)), "Aug 23 – Nov 20, 2026");
        assert_eq!(days(range(date(2025, 12, 31), last)), "Dec 31, 2025 – Nov 20, 2026");
        assert_eq!(days(range(last, last)), "Nov 20, 2026");
        assert_eq!(month(last), "Nov 2026");
    }

    #[test]
    fn a_moment_is_told_in_the_timezone_asked_for() {
        let instant: Timestamp = "2026-11-20T23:02:00Z".parse().unwrap();
        assert_eq!(clock(instant, &TimeZone::UTC), "23:02");
        assert_eq!(moment(instant, &offset(2).to_time_zone()), "Nov 21, 2026, 01:02");
    }

    #[test]
    fn a_number_in_a_field_is_written_as_it_is_typed() {
        for (number, digits, text) in [
            (825, 1, "82.5"),
            (200, 2, "2.00"),
            (5, 2, "0.05"),
            (50_000, 2, "500.00"),
            (7, 0, "7"),
            (-5, 1, "-0.5"),
        ] {
            assert_eq!(decimal(number, digits), text);
        }
    }

    #[test]
    fn words_become_a_sentence() {
        assert_eq!(sentence("this is needed"), "This is needed.");
        assert_eq!(sentence("Try again. Later!"), "Try again. Later!");
        assert_eq!(sentence(" "), "");
    }

    #[test]
    fn a_name_cannot_turn_round_the_text_beside_it() {
        assert_eq!(name(" Meta\u{202e}ads\u{2066}\u{7}"), "Metaads");
        assert_eq!(name("שלום <b>"), "שלום <b>");
    }
}
