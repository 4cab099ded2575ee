//! Money: whole minor units and the currency they are in.
//!
//! Amounts are `i64` minor units (cents for dollars, whole yen for yen, thousandths for dinars);
//! two amounts meet in one sum only when their currency is the same.
//! To support another currency, add its code to [`TWO_DECIMALS`] or beside its peers.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The largest amount one ledger row may hold: Stripe documents twelve digits at most.
pub const MAX_AMOUNT_MINOR: i64 = 999_999_999_999;

/// Currencies Stripe reports without decimals.
const ZERO_DECIMALS: &str = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";

/// Currencies Stripe reports in thousandths.
const THREE_DECIMALS: &str = "bhd jod kwd omr tnd";

/// Currencies Stripe reports in hundredths; ISK and UGX have no coins but are reported so too.
const TWO_DECIMALS: &str = "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd btn bwp byn \
     bzd cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr \
     ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn \
     nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top \
     try ttd twd tzs uah ugx usd uyu uzs wst xcd xcg yer zar zmw";

/// An ISO 4217 currency that Stripe settles in, as its lower-case code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: &'static str,
    exponent: u8,
}

impl Currency {
    /// United States dollars, the currency a tenant reports in unless it says otherwise.
    pub const USD: Self = Self { code: "usd", exponent: 2 };

    /// Euros, the currency the European Central Bank tells rates in.
    pub const EUR: Self = Self { code: "eur", exponent: 2 };

    /// The lower-case ISO code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// How many decimals separate the minor from the major unit.
    #[must_use]
    pub const fn exponent(self) -> u8 {
        self.exponent
    }
}

/// A text that names no currency we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a currency code")]
pub struct UnknownCurrency;

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 3 {
            return Err(UnknownCurrency);
        }
        [(ZERO_DECIMALS, 0), (TWO_DECIMALS, 2), (THREE_DECIMALS, 3)]
            .into_iter()
            .find_map(|(codes, exponent)| {
                let code = codes.split_ascii_whitespace().find(|code| code.eq_ignore_ascii_case(text))?;
                Some(Self { code, exponent })
            })
            .ok_or(UnknownCurrency)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// An amount of money, signed: what came in is positive, what went out negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Whole minor units.
    pub minor: i64,
    /// What they are units of.
    pub currency: Currency,
}

impl Money {
    /// The amount as files and form fields have it: `1234.50`, `-20.00`, `500` for yen.
    #[must_use]
    pub fn decimal(self) -> String {
        let exponent = usize::from(self.currency.exponent);
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        let sign = if self.minor < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }
}

impl Money {
    /// An amount in minor units, refused when it is larger than any Stripe amount can be.
    pub fn new(minor: i64, currency: Currency) -> Result<Self, AmountTooLarge> {
        if minor.unsigned_abs() > MAX_AMOUNT_MINOR.unsigned_abs() {
            return Err(AmountTooLarge);
        }
        Ok(Self { minor, currency })
    }

    /// The same amount going the other way.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self { minor: -self.minor, ..self }
    }
}

/// An amount of more than twelve digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an amount has at most twelve digits")]
pub struct AmountTooLarge;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_with_the_decimals_of_its_currency() {
        let written = |minor, code: &str| Money { minor, currency: code.parse().unwrap() }.decimal();
        assert_eq!(written(123_450, "usd"), "1234.50");
        assert_eq!(written(-5, "usd"), "-0.05");
        assert_eq!(written(500, "jpy"), "500");
        assert_eq!(written(1_250, "kwd"), "1.250");
    }

    #[test]
    fn a_currency_knows_its_minor_unit_and_folds_case() {
        for (text, code, exponent) in
            [("USD", "usd", 2), ("jpy", "jpy", 0), ("Kwd", "kwd", 3), ("isk", "isk", 2), ("ugx", "ugx", 2)]
        {
            let currency: Currency = text.parse().unwrap();
            assert_eq!((currency.code(), currency.exponent()), (code, exponent));
        }
    }

    #[test]
    fn what_is_no_currency_is_refused() {
        for text in ["", "zzz", "us", "usdd", " usd", "us d", "éa", &"usd".repeat(200)] {
            assert_eq!(text.parse::<Currency>(), Err(UnknownCurrency), "{text:?}");
        }
    }

    #[test]
    fn an_amount_of_thirteen_digits_is_refused() {
        assert!(Money::new(MAX_AMOUNT_MINOR, Currency::USD).is_ok());
        assert_eq!(Money::new(MAX_AMOUNT_MINOR + 1, Currency::USD), Err(AmountTooLarge));
        assert_eq!(Money::new(i64::MIN, Currency::USD), Err(AmountTooLarge));
    }
}
