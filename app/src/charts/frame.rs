//! The measures every part of the chart is placed by: pixels from the top, shares of the width.

#![expect(clippy::float_arithmetic, reason = "coordinates of a drawing")]

use std::fmt;

pub(super) const TOP: f32 = 8.0;
pub(super) const PLOT_HEIGHT: f32 = 252.0;
pub(super) const LABEL_BASELINE: f32 = TOP + PLOT_HEIGHT + 19.0;
pub(super) const HEIGHT: f32 = TOP + PLOT_HEIGHT + 26.0;

/// Pixels from the top of the chart to a share of the plot.
pub(super) fn pixels(from_top: f32) -> f32 {
    TOP + from_top * PLOT_HEIGHT
}

/// A share of the width, kept as hundredths of a percent.
pub(super) struct Percent(usize);

impl Percent {
    pub(super) fn of(part: usize, whole: usize) -> Self {
        Self((part * 20_000 / whole).div_ceil(2))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:02}%", self.0 / 100, self.0 % 100)
    }
}
