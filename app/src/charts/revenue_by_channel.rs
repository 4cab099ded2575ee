//! Revenue per period, stacked by channel: the chart of the main screen.
//!
//! The outer `<svg>` is as wide as its page and has no `viewBox`, so text and lines keep their size; the
//! picture inside it has one and is stretched. The picture is `role="img"` and the links over it are its
//! siblings, because what is inside an image cannot be reached by assistive technology.

use std::fmt::{self, Write as _};

use super::axes::{write_axis_labels, write_grid, write_period_labels, write_zero_line};
use super::frame::{HEIGHT, PLOT_HEIGHT, TOP};
use super::money_axis::MoneyAxis;
use super::palette::ChannelColor;
use super::stacked_bars::{StackedBars, stacked_bars};
use super::targets::write_targets;
use super::text::escape;

/// Revenue per period and channel, with the words around it.
pub struct RevenueByChannel {
    /// The name of the chart for those who do not see it.
    pub title: String,
    /// What the chart shows, in a sentence.
    pub description: String,
    /// How the axis writes an amount.
    pub currency_ticks: MoneyFormat,
    /// The periods, oldest first.
    pub periods: Vec<Period>,
    /// The channels, from the bottom of the stack up.
    pub series: Vec<Series>,
}

/// Turns minor units into a short text such as "$5k".
pub type MoneyFormat = Box<dyn Fn(i64) -> String + Send + Sync>;

/// One column of the chart.
pub struct Period {
    /// The short name below the axis, such as "Sep 8".
    pub label: String,
    /// The long name, such as "Week of Sep 8".
    pub name: String,
    /// Whether the period is still running or cut off, and is drawn lighter.
    pub partial: bool,
    /// What the column is made of, as lines of plain text.
    pub summary: String,
    /// The page that shows what the column is made of: a path of this site.
    pub href: Option<String>,
}

/// The revenue of one channel.
pub struct Series {
    /// The name of the channel.
    pub name: String,
    /// The colour of the channel.
    pub color: ChannelColor,
    /// The amount of every period in minor units; one that is missing counts as none.
    pub amounts: Vec<i64>,
}

/// Draws the chart; `None` where there is no period to draw. At most one belongs on a page, as its title
/// is found by id.
pub fn revenue_by_channel(revenue: &RevenueByChannel) -> Option<String> {
    if revenue.periods.is_empty() {
        return None;
    }
    let (least, most) = extremes(revenue);
    let axis = MoneyAxis::spanning(least, most, &revenue.currency_ticks);
    let bars = stacked_bars(revenue, &axis, PLOT_HEIGHT)?;
    let mut svg = String::new();
    write_chart(&mut svg, revenue, &axis, &bars).ok()?;
    Some(svg)
}

/// The lowest and the highest end of any column: refunds hang below zero, they do not shorten the rest.
fn extremes(revenue: &RevenueByChannel) -> (i128, i128) {
    let columns = (0..revenue.periods.len()).map(|period| {
        let amounts = revenue.series.iter().filter_map(|series| series.amounts.get(period));
        amounts.fold((0, 0), |(below, above), &amount| {
            let amount = i128::from(amount);
            (below + amount.min(0), above + amount.max(0))
        })
    });
    columns.fold((0, 0), |(least, most), (below, above)| (least.min(below), most.max(above)))
}

fn write_chart(
    svg: &mut String,
    revenue: &RevenueByChannel,
    axis: &MoneyAxis,
    bars: &StackedBars,
) -> fmt::Result {
    let labels: Vec<String> = axis.ticks().map(|tick| (revenue.currency_ticks)(tick.amount)).collect();
    write!(
        svg,
        r#"<svg class="revenue-chart {}" width="100%" height="{HEIGHT}" overflow="visible" role="group" aria-labelledby="revenue-by-channel-title">"#,
        gutter(&labels)
    )?;
    write_grid(svg, axis)?;
    write_picture(svg, revenue, bars)?;
    write_zero_line(svg, axis)?;
    write_axis_labels(svg, axis, &labels)?;
    write_period_labels(svg, &revenue.periods)?;
    write_targets(svg, &revenue.periods)?;
    svg.write_str("</svg>")
}

/// The class that makes room for the labels left of the axis.
fn gutter(labels: &[String]) -> &'static str {
    match labels.iter().map(|label| label.chars().count()).max() {
        None | Some(0..=4) => "gutter-4",
        Some(5..=7) => "gutter-7",
        Some(8..=10) => "gutter-10",
        Some(_) => "gutter-14",
    }
}

fn write_picture(svg: &mut String, revenue: &RevenueByChannel, bars: &StackedBars) -> fmt::Result {
    write!(
        svg,
        concat!(
            r#"<svg y="{}" width="100%" height="{}" viewBox="0 0 {:.1} {}" preserveAspectRatio="none""#,
            r#" role="img" aria-labelledby="revenue-by-channel-title" aria-describedby="revenue-by-channel-desc">"#,
            r#"<title id="revenue-by-channel-title">{}</title><desc id="revenue-by-channel-desc">{}</desc>{}</svg>"#,
        ),
        TOP,
        PLOT_HEIGHT,
        bars.width,
        PLOT_HEIGHT,
        escape(&revenue.title),
        escape(&revenue.description),
        bars.markup,
    )
}
