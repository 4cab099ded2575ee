//! Exact fractions, so that a figure is rounded once, at its end.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A fraction of whole numbers in lowest terms; its denominator is positive.
///
/// Arithmetic that would not fit answers `None` and never wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    above: i128,
    below: i128,
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self { above: 0, below: 1 };

    /// A whole number.
    #[must_use]
    pub fn whole(number: i64) -> Self {
        Self { above: i128::from(number), below: 1 }
    }

    /// One number over another; `None` when the other is zero.
    #[must_use]
    pub fn of(above: i128, below: i128) -> Option<Self> {
        let sign = below.signum();
        let divisor = greatest_common_divisor(above.checked_abs()?, below.checked_abs()?);
        (below != 0).then(|| Self { above: sign * above / divisor, below: sign * below / divisor })
    }

    /// The product.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        let left = Self::of(self.above, other.below)?;
        let right = Self::of(other.above, self.below)?;
        Self::of(left.above.checked_mul(right.above)?, left.below.checked_mul(right.below)?)
    }

    /// The quotient; `None` when the other is zero.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        self.times(Self::of(other.below, other.above)?)
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let above = self.above.checked_mul(other.below)?.checked_add(other.above.checked_mul(self.below)?)?;
        Self::of(above, self.below.checked_mul(other.below)?)
    }

    /// The difference.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { above: other.above.checked_neg()?, below: other.below })
    }

    /// Whether it is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.above == 0
    }

    /// Whether it is less than zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.above < 0
    }

    /// The nearest whole number, halves away from zero; `None` when it does not fit.
    #[must_use]
    pub fn rounded(self) -> Option<i64> {
        let size =
            self.above.checked_abs()?.checked_mul(2)?.checked_add(self.below)? / self.below.checked_mul(2)?;
        i64::try_from(size * self.above.signum()).ok()
    }

    /// The next whole number up.
    #[must_use]
    pub fn rounded_up(self) -> Option<i64> {
        i64::try_from(self.above.div_euclid(self.below) + i128::from(self.above.rem_euclid(self.below) != 0))
            .ok()
    }

    /// The next whole number down.
    #[must_use]
    pub fn rounded_down(self) -> Option<i64> {
        i64::try_from(self.above.div_euclid(self.below)).ok()
    }
}

/// By size, exactly, whatever the size: whole parts first, then what is left of each, turned over.
impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut one, mut two) = (*self, *other);
        loop {
            let wholes = one.above.div_euclid(one.below).cmp(&two.above.div_euclid(two.below));
            let rests = (one.above.rem_euclid(one.below), two.above.rem_euclid(two.below));
            if wholes.is_ne() || rests.0 == 0 || rests.1 == 0 {
                return wholes.then(rests.0.cmp(&rests.1));
            }
            (one, two) =
                (Self { above: two.below, below: rests.1 }, Self { above: one.below, below: rests.0 });
        }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A ratio as it is shown: a number with at most six decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotient(pub Ratio);

impl Serialize for Quotient {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let millionths = self.0.times(Ratio::whole(1_000_000)).and_then(Ratio::rounded);
        let Some(millionths) = millionths else { return serializer.serialize_none() };
        let sign = if millionths < 0 { "-" } else { "" };
        let (whole, rest) = (millionths.unsigned_abs() / 1_000_000, millionths.unsigned_abs() % 1_000_000);
        let text = format!("{sign}{whole}.{rest:06}");
        serializer.serialize_f64(text.parse().expect("a decimal is a number"))
    }
}

fn greatest_common_divisor(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// A text that is neither a decimal nor a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a decimal like 49.5, or a fraction like 99/2")]
pub struct NotARatio;

/// The most digits a decimal has: Stripe's go to twelve before and twelve after the point.
const MAX_DIGITS: usize = 24;

impl FromStr for Ratio {
    type Err = NotARatio;

    fn from_str(text: &str) -> Result<Self, NotARatio> {
        if let Some((above, below)) = text.split_once('/') {
            let (above, below) =
                (above.parse().map_err(|_| NotARatio)?, below.parse().map_err(|_| NotARatio)?);
            return Self::of(above, below).ok_or(NotARatio);
        }
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{fraction}");
        let plain = !whole.is_empty() && all.bytes().all(|byte| byte.is_ascii_digit());
        let places = u32::try_from(fraction.len()).map_err(|_| NotARatio)?;
        if !plain || all.len() > MAX_DIGITS {
            return Err(NotARatio);
        }
        let above: i128 = all.parse().map_err(|_| NotARatio)?;
        Self::of(sign * above, 10i128.pow(places)).ok_or(NotARatio)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.below == 1 { self.above.fmt(f) } else { write!(f, "{}/{}", self.above, self.below) }
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // What was written may be larger than what is read from outside.
        match text.parse::<i128>() {
            Ok(whole) => Ok(Self { above: whole, below: 1 }),
            Err(_) => text.parse().map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    #[test]
    fn a_decimal_is_read_exactly_and_written_as_a_fraction() {
        for (text, written) in
            [("4900", "4900"), ("0.5", "1/2"), ("-12.50", "-25/2"), ("0.000000000001", "1/1000000000000")]
        {
            assert_eq!(ratio(text).to_string(), written);
            assert_eq!(ratio(written), ratio(text));
        }
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", ".5", "1e3", "NaN", "1/0", "1,5", "--1", "1.2.3", &"9".repeat(25), "1 "] {
            assert_eq!(text.parse::<Ratio>(), Err(NotARatio), "{text:?}");
        }
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (text, rounded) in [("1/2", 1), ("-1/2", -1), ("1/3", 0), ("8/3", 3), ("5/2", 3), ("-8/3", -3)] {
            assert_eq!(ratio(text).rounded(), Some(rounded), "{text}");
        }
        assert_eq!((ratio("7/2").rounded_up(), ratio("7/2").rounded_down()), (Some(4), Some(3)));
        assert_eq!((ratio("4").rounded_up(), ratio("4").rounded_down()), (Some(4), Some(4)));
    }

    #[test]
    fn what_does_not_fit_is_none_and_never_wraps() {
        let huge = Ratio { above: i128::MAX, below: 1 };
        assert_eq!(huge.times(Ratio::whole(2)), None);
        assert_eq!(huge.plus(huge), None);
        assert_eq!(huge.rounded(), None);
        assert_eq!(Ratio::whole(1).over(Ratio::ZERO), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(above in any::<i128>(), below in 1i128..=i128::MAX) {
            if let Some(ratio) = Ratio::of(above, below) {
                let written = serde_json::to_string(&ratio).unwrap();
                prop_assert_eq!(serde_json::from_str::<Ratio>(&written).unwrap(), ratio);
            }
        }

        #[test]
        fn the_larger_difference_is_the_larger_number(
            (a, b) in (any::<i32>(), 1i32..), (c, d) in (any::<i32>(), 1i32..),
        ) {
            let (x, y) = (Ratio::of(a.into(), b.into()).unwrap(), Ratio::of(c.into(), d.into()).unwrap());
            let difference = x.minus(y).unwrap();
            prop_assert_eq!(x < y, difference.is_negative());
            prop_assert_eq!(x == y, difference.is_zero());
            prop_assert_eq!(x.cmp(&y), y.cmp(&x).reverse());
        }

        #[test]
        fn numbers_too_large_to_subtract_are_compared(a in any::<i128>(), b in 1i128.., c in any::<i128>(), d in 1i128..) {
            if let (Some(x), Some(y)) = (Ratio::of(a, b), Ratio::of(c, d)) {
                prop_assert_eq!(x.cmp(&y), y.cmp(&x).reverse());
                prop_assert_eq!(x.cmp(&y).is_eq(), x == y);
            }
        }

        #[test]
        fn sums_and_products_can_be_undone(a in -1_000_000i64..1_000_000, b in 1i64..1_000_000, c in 1i64..1_000_000) {
            let (x, y) = (Ratio::of(a.into(), b.into()).unwrap(), Ratio::of(b.into(), c.into()).unwrap());
            prop_assert_eq!(x.plus(y).unwrap().minus(y).unwrap(), x);
            prop_assert_eq!(x.times(y).unwrap().over(y).unwrap(), x);
        }
    }
}
