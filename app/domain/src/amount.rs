//! Amounts as people and files write them: `1234.5`, `1,234.50`, `1.234,50`, `12,50`, `-20`.
//!
//! Which sign separates thousands and which decimals differs between countries. A text is read where it can mean one
//! amount only, and refused where it could mean two: no sign is ever passed over.

use crate::money::Currency;

/// The most decimals that are written with a comma, of currencies that have fewer.
const DECIMALS_WRITTEN: usize = 2;

/// How many digits stand between two signs of thousands.
const GROUP: usize = 3;

/// Why a text is no amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAmount {
    /// It is not written like one.
    #[error("this is an amount like 1234.50")]
    Unreadable,
    /// It is one in some countries, and another one in others.
    #[error("it is not clear whether {0} has thousands or decimals: write it like 1234.50")]
    Ambiguous(String),
    /// It has more decimals than its currency.
    #[error("this has more decimals than {0} has, which is {decimals}", decimals = .0.exponent())]
    TooFine(Currency),
}

/// The minor units a text means in a currency.
pub fn read_amount(text: &str, currency: Currency) -> Result<i64, NoAmount> {
    let text = text.trim();
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = parts(digits, currency)?;
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(NoAmount::Unreadable);
    }
    let exponent = usize::from(currency.exponent());
    let (kept, dropped) =
        fraction.split_at_checked(exponent.min(fraction.len())).ok_or(NoAmount::Unreadable)?;
    if dropped.bytes().any(|byte| byte != b'0') {
        return Err(NoAmount::TooFine(currency));
    }
    let minor: i64 = format!("{whole}{kept:0<exponent$}").parse().map_err(|_| NoAmount::Unreadable)?;
    Ok(if is_negative { -minor } else { minor })
}

/// The digits before what separates decimals, and those behind it.
fn parts(digits: &str, currency: Currency) -> Result<(String, &str), NoAmount> {
    let Some((whole, fraction)) = digits.rsplit_once(['.', ',']) else {
        return Ok((digits.to_owned(), ""));
    };
    let last = if digits.as_bytes().get(whole.len()) == Some(&b',') { ',' } else { '.' };
    if whole.contains(last) {
        return Ok((without_thousands(digits, last)?, ""));
    }
    let other = if last == ',' { '.' } else { ',' };
    if whole.contains(other) {
        return Ok((without_thousands(whole, other)?, fraction));
    }
    let has_thousandths = usize::from(currency.exponent()) == GROUP;
    match (last, is_grouped(digits, last)) {
        (',', true) if !has_thousandths => Ok((without_thousands(digits, last)?, "")),
        (',', true) => Err(NoAmount::Ambiguous(digits.to_owned())),
        ('.', true) if !has_thousandths => Err(NoAmount::Ambiguous(digits.to_owned())),
        (',', false) if fraction.is_empty() || fraction.len() > most_decimals(currency) => {
            Err(NoAmount::Unreadable)
        }
        _ => Ok((whole.to_owned(), fraction)),
    }
}

fn most_decimals(currency: Currency) -> usize {
    usize::from(currency.exponent()).max(DECIMALS_WRITTEN)
}

/// Whether every group of digits but the first has three, and the first one to three and no leading zero.
fn is_grouped(digits: &str, between: char) -> bool {
    let mut groups = digits.split(between);
    let first = groups.next().unwrap_or_default();
    (1..=GROUP).contains(&first.len())
        && !first.starts_with('0')
        && groups.all(|group| group.len() == GROUP && group.bytes().all(|byte| byte.is_ascii_digit()))
}

fn without_thousands(digits: &str, between: char) -> Result<String, NoAmount> {
    if !is_grouped(digits, between) {
        return Err(NoAmount::Unreadable);
    }
    Ok(digits.replace(between, ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::{MAX_AMOUNT_MINOR, Money};

    fn currencies() -> [Currency; 3] {
        ["jpy", "usd", "kwd"].map(|code| code.parse().unwrap())
    }

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        let [yen, dollar, dinar] = currencies();
        for (text, currency, minor) in [
            ("310.00", dollar, 31_000),
            (" 12 ", dollar, 1_200),
            ("0", dollar, 0),
            ("-20", dollar, -2_000),
            ("1,234.5", dollar, 123_450),
            ("1.234,5", dollar, 123_450),
            ("1,234,567.89", dollar, 123_456_789),
            ("1.234.567", dollar, 123_456_700),
            ("12,50", dollar, 1_250),
            ("12,5", dollar, 1_250),
            ("0,99", dollar, 99),
            ("1,250", dollar, 125_000),
            ("12.5000", dollar, 1_250),
            ("1234.500", dollar, 123_450),
            ("0.500", dollar, 50),
            ("500", yen, 500),
            ("1,250", yen, 1_250),
            ("12,00", yen, 12),
            ("1.250", dinar, 1_250),
            ("0,250", dinar, 250),
            ("1,234.250", dinar, 1_234_250),
        ] {
            assert_eq!(read_amount(text, currency), Ok(minor), "{text} {currency}");
        }
    }

    #[test]
    fn what_could_be_two_amounts_or_is_none_is_refused() {
        let [yen, dollar, dinar] = currencies();
        for (text, currency) in [("12.500", dollar), ("1.234", yen), ("1,250", dinar)] {
            let refused = read_amount(text, currency);
            assert_eq!(refused, Err(NoAmount::Ambiguous(text.to_owned())), "{text} {currency}");
        }
        for (text, currency) in [("0.001", dollar), ("12.505,001", dollar), ("12,50", yen), ("500.5", yen)] {
            assert_eq!(read_amount(text, currency), Err(NoAmount::TooFine(currency)), "{text} {currency}");
        }
        let unreadable = [
            "",
            "-",
            ",",
            ".5",
            ",5",
            "5,",
            "1,",
            "1e3",
            "1e308",
            "NaN",
            "Infinity",
            "€5",
            "--5",
            "1 000",
            "1,2345",
            "12,3456",
            "1,23,456",
            "1,23.45",
            "1234,567",
            "1,234,56",
            "1.23.456",
            "1,,234",
            "012,345",
            "1.2,3.4",
            "1,2a4",
            "99999999999999999999",
        ];
        for text in unreadable {
            assert_eq!(read_amount(text, dollar), Err(NoAmount::Unreadable), "{text}");
        }
    }

    /// An amount with a sign between thousands and another one before decimals.
    fn written(money: Money, thousands: &str, decimals: &str) -> String {
        let plain = money.decimal();
        let (sign, plain) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let groups: Vec<&str> =
            whole.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
        let behind = if fraction.is_empty() { String::new() } else { format!("{decimals}{fraction}") };
        format!("{sign}{}{behind}", groups.join(thousands))
    }

    proptest! {
        #[test]
        fn an_amount_written_in_any_way_is_that_amount_or_refused(
            minor in -MAX_AMOUNT_MINOR..=MAX_AMOUNT_MINOR,
            currency in prop::sample::select(currencies().to_vec()),
            (thousands, decimals) in prop::sample::select(vec![("", "."), (",", "."), ("", ","), (".", ",")]),
        ) {
            let money = Money { minor, currency };
            let read = read_amount(&written(money, thousands, decimals), currency);
            prop_assert!(read == Ok(minor) || matches!(read, Err(NoAmount::Ambiguous(_))), "{:?}", read);
        }

        #[test]
        fn what_we_write_is_read_as_it_was(
            minor in -MAX_AMOUNT_MINOR..=MAX_AMOUNT_MINOR,
            currency in prop::sample::select(currencies().to_vec()),
        ) {
            prop_assert_eq!(read_amount(&Money { minor, currency }.decimal(), currency), Ok(minor));
        }

        #[test]
        fn a_sign_with_one_or_two_digits_behind_it_never_makes_more_of_them(
            whole in "[1-9][0-9.,]{0,9}",
            sign in prop::sample::select(vec![',', '.']),
            fraction in "[0-9]{1,2}",
            currency in prop::sample::select(currencies().to_vec()),
        ) {
            let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
            if let Ok(minor) = read_amount(&format!("{whole}{sign}{fraction}"), currency) {
                prop_assert_eq!(minor / 10i64.pow(u32::from(currency.exponent())), digits.parse::<i64>().unwrap());
            }
        }
    }
}
