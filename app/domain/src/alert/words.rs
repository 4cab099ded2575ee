//! Amounts in the words of an alert.

use crate::money::{Currency, Money};
use crate::ratio::Ratio;

/// An amount without its minor units, `$21,100`; what is less than one unit is written out.
pub(super) fn money(minor: i64, currency: Currency) -> String {
    let scale = 10i128.pow(u32::from(currency.exponent()));
    let is_small = minor != 0 && i128::from(minor).abs() < scale;
    let whole = Ratio::of(minor.into(), scale).and_then(Ratio::rounded).filter(|_| !is_small);
    match whole {
        Some(whole) => signed(minor, currency, &count(whole.saturating_abs())),
        None => exact_money(minor, currency),
    }
}

/// An amount with its minor units: `$21100.50`.
pub(super) fn exact_money(minor: i64, currency: Currency) -> String {
    signed(minor, currency, &Money { minor: minor.saturating_abs(), currency }.decimal())
}

fn signed(minor: i64, currency: Currency, amount: &str) -> String {
    let sign = if minor < 0 { "−" } else { "" };
    match currency.code() {
        "usd" => format!("{sign}${amount}"),
        "eur" => format!("{sign}€{amount}"),
        "gbp" => format!("{sign}£{amount}"),
        code => format!("{sign}{}\u{a0}{amount}", code.to_uppercase()),
    }
}

/// A number of things: `1,204`.
pub(super) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "−".to_owned() } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things with their name: `1 payment`, `1,204 payments`.
pub(super) fn counted(number: i64, one: &str) -> String {
    format!("{} {one}{}", count(number), if number == 1 { "" } else { "s" })
}

/// Tenths of a percent: `12.4%`, `−8.3%`.
pub(super) fn percent(per_mille: i64) -> String {
    let size = per_mille.saturating_abs();
    let sign = if per_mille < 0 { "−" } else { "" };
    format!("{sign}{}.{}%", count(size / 10), size % 10)
}

/// A part of one in thousandths; `None` where there is no whole, and where it is too large to be told.
pub(super) fn per_mille(part: i64, whole: i64) -> Option<i64> {
    thousandths(Ratio::of(part.into(), whole.into())?)
}

/// A fraction in thousandths.
pub(super) fn thousandths(ratio: Ratio) -> Option<i64> {
    ratio.times(Ratio::whole(1_000))?.rounded()
}
