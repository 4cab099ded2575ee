//! The bars themselves, stacked by charts-rs and then made ours: its stand-in colours become CSS variables,
//! the `data-*` copies of every value go, and segments part by a hair.
//!
//! The bars are drawn as wide as charts-rs' fixed margin of 5 makes them look right; the page stretches
//! them, so only heights are pixels.

#![expect(clippy::float_arithmetic, reason = "coordinates of a drawing")]

use std::fmt::Write as _;

use charts_rs::{BarChart, ChartBase, Series as Layer, YAxisConfig};

use super::money_axis::MoneyAxis;
use super::palette::ChannelColor;
use super::revenue_by_channel::{RevenueByChannel, Series};

/// What charts-rs leaves free on both sides of a bar together, whatever the width.
const MARGINS: f32 = 10.0;
/// The share of its period a bar takes, and the most of the plot it may take where periods are few.
const WIDEST_BAR: f32 = 0.64;
const WIDEST_OF_PLOT: f32 = 1.0 / 12.0;
/// The gap between two segments and the radius of their corners, in pixels.
const GAP: f32 = 1.0;
const RADIUS: f32 = 1.5;
/// The width the page is expected to stretch the bars to, for corners that are about round.
const EXPECTED_WIDTH: f32 = 1080.0;
const FEWEST_SQUARE_BARS: usize = 60;

/// Bars as markup, in a coordinate system of their own.
pub(super) struct StackedBars {
    pub(super) width: f32,
    pub(super) markup: String,
}

/// Draws one bar per period, `height` pixels being the whole axis.
pub(super) fn stacked_bars(revenue: &RevenueByChannel, axis: &MoneyAxis, height: f32) -> Option<StackedBars> {
    let width = plot_width(revenue.periods.len());
    let drawn = bar_chart(revenue, axis, width, height).svg().ok()?;
    let segments: Vec<Segment> = drawn.lines().filter_map(Segment::parse).collect();
    let shape = Shape { zero: axis.zero_from_top() * height, corners: corners(revenue.periods.len(), width) };
    Some(StackedBars { width, markup: layers(&segments, &shape) })
}

fn plot_width(periods: usize) -> f32 {
    let periods = count(periods);
    let bar = WIDEST_BAR.min(periods * WIDEST_OF_PLOT);
    periods * MARGINS / (1.0 - bar)
}

fn bar_chart(revenue: &RevenueByChannel, axis: &MoneyAxis, width: f32, height: f32) -> BarChart {
    let (lowest, highest) = axis.ends_in_steps();
    let scale = YAxisConfig { min: Some(lowest), max: Some(highest), split_number: 1, ..Default::default() };
    let mut base = ChartBase { width, height, y_axis_hidden: true, ..Default::default() };
    base.legend.show = Some(false);
    base.x_axis.hidden = true;
    base.x_axis.data = vec![String::new(); revenue.periods.len()];
    base.series_list = revenue.series.iter().map(|series| layer(series, revenue, axis)).collect();
    BarChart { base, y_axis_configs: vec![scale], ..Default::default() }
}

fn layer(series: &Series, revenue: &RevenueByChannel, axis: &MoneyAxis) -> Layer {
    let colors = revenue.periods.iter().map(|period| Some(series.color.stand_in(period.partial)));
    let amounts = series.amounts.iter().map(|&amount| Some(axis.in_steps(amount)));
    Layer {
        data: amounts.take(revenue.periods.len()).collect(),
        colors: Some(colors.collect()),
        stack: Some(String::new()),
        ..Default::default()
    }
}

/// A segment of a bar as charts-rs drew it.
struct Segment {
    color: ChannelColor,
    unfinished: bool,
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

impl Segment {
    /// Reads a `<rect>`; segments of no height are left out.
    fn parse(line: &str) -> Option<Self> {
        let rect = line.strip_prefix("<rect")?;
        let number = |name| attribute(rect, name)?.parse::<f32>().ok();
        let segment = Self {
            color: ChannelColor::from_stand_in(attribute(rect, "fill")?)?,
            unfinished: attribute(rect, "fill-opacity").is_some(),
            x: number("x")?,
            y: number("y")?,
            width: number("width")?,
            height: number("height")?,
        };
        (segment.height > 0.0).then_some(segment)
    }

    fn write(&self, markup: &mut String, shape: &Shape) {
        let gap = GAP.min(self.height / 2.0);
        let hangs = self.y >= shape.zero - 0.1;
        let y = if hangs { self.y + gap } else { self.y };
        let (x, width, height) = (self.x, self.width, self.height - gap);
        let opacity = if self.unfinished { r#" opacity=".45""# } else { "" };
        let corners = &shape.corners;
        // Writing to a string cannot fail.
        let _ = write!(
            markup,
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"{corners}{opacity}/>"#
        );
    }
}

/// What all segments of a drawing share.
struct Shape {
    zero: f32,
    corners: String,
}

fn corners(periods: usize, width: f32) -> String {
    if periods >= FEWEST_SQUARE_BARS {
        return String::new();
    }
    let across = RADIUS * width / EXPECTED_WIDTH;
    format!(r#" rx="{across:.2}" ry="{RADIUS}""#)
}

fn layers(segments: &[Segment], shape: &Shape) -> String {
    let mut markup = String::new();
    for layer in segments.chunk_by(|one, next| one.color == next.color) {
        let Some(first) = layer.first() else { continue };
        let _ = write!(markup, r#"<g fill="var({})">"#, first.color.css_variable());
        layer.iter().for_each(|segment| segment.write(&mut markup, shape));
        markup.push_str("</g>");
    }
    markup
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split('"').next()
}

#[expect(clippy::as_conversions, reason = "no chart has more periods than an f32 counts exactly")]
fn count(periods: usize) -> f32 {
    periods as f32
}
