//! Where the axis starts, ends and is marked, in whole steps of a round amount.

#![expect(clippy::float_arithmetic, reason = "positions on the drawing are fractions, amounts stay integers")]

const MOST_STEPS: i128 = 6;

/// An axis of money with zero on it, spanning whole steps.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MoneyAxis {
    step: i128,
    lowest: i128,
    highest: i128,
}

impl MoneyAxis {
    /// The axis that holds every total between `least` and `most`, in minor units, with the smallest round
    /// step that is not too fine and whose labels all differ.
    pub(super) fn spanning(least: i128, most: i128, label: &dyn Fn(i64) -> String) -> Self {
        let (least, most) = (least.min(0), most.max(0));
        let finest = rounded_up(most - least, MOST_STEPS).max(1);
        let candidates =
            || round_steps().filter(|&step| step >= finest).map(|step| Self::of(step, least, most));
        candidates()
            .find(|axis| axis.labels_differ(label))
            .or_else(|| candidates().next())
            .unwrap_or_else(|| Self::of(finest, least, most))
    }

    fn of(step: i128, least: i128, most: i128) -> Self {
        Self { step, lowest: least.div_euclid(step), highest: rounded_up(most, step) }
    }

    fn labels_differ(&self, label: &dyn Fn(i64) -> String) -> bool {
        let labels: Vec<String> = self.ticks().map(|tick| label(tick.amount)).collect();
        labels.windows(2).all(|pair| pair.first() != pair.last())
    }

    /// The marks of the axis, from the bottom up.
    pub(super) fn ticks(&self) -> impl Iterator<Item = Tick> + '_ {
        (self.lowest..=self.highest).map(|step| Tick {
            amount: saturated(step.saturating_mul(self.step)),
            from_top: self.place_of(step),
        })
    }

    /// Where zero lies, as a share of the height, counted from the top.
    pub(super) fn zero_from_top(&self) -> f32 {
        self.place_of(0)
    }

    /// An amount counted in steps, which stays a small number whatever the currency.
    pub(super) fn in_steps(&self, amount: i64) -> f32 {
        quotient(amount.into(), self.step)
    }

    /// The lower and the upper end, in steps. An axis without amounts is one step high, so that nothing is
    /// ever divided by its length of zero.
    pub(super) fn ends_in_steps(&self) -> (f32, f32) {
        (quotient(self.lowest, 1), quotient(self.lowest + self.steps(), 1))
    }

    fn steps(&self) -> i128 {
        (self.highest - self.lowest).max(1)
    }

    fn place_of(&self, step: i128) -> f32 {
        1.0 - quotient(step - self.lowest, self.steps())
    }
}

/// One mark of the axis.
pub(super) struct Tick {
    /// The amount, in minor units.
    pub(super) amount: i64,
    /// Where it lies, as a share of the height, counted from the top.
    pub(super) from_top: f32,
}

fn round_steps() -> impl Iterator<Item = i128> {
    let powers = (0..=20).map(|exponent| 10_i128.pow(exponent));
    powers.flat_map(|power| [power, 2 * power, 5 * power])
}

fn saturated(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN } else { i64::MAX })
}

#[expect(clippy::as_conversions, reason = "a drawing needs no more than the digits an f32 keeps")]
fn quotient(part: i128, whole: i128) -> f32 {
    (part as f64 / whole as f64) as f32
}

/// Division rounding up, which the standard library has for unsigned integers only.
fn rounded_up(amount: i128, step: i128) -> i128 {
    -(-amount).div_euclid(step)
}
