//! Charts, drawn on the server as SVG text: plain data in, markup out.
//!
//! charts-rs stacks the bars and draws the lines, and never leaves this module. It is given no text at
//! all, so every label is escaped in one place, [`text::escape`]. Colours are CSS variables: one drawing
//! serves the light and the dark theme. Heights are pixels and widths are shares of the page, so text keeps
//! its size on every screen; the stylesheet only makes room for the axis (`gutter-*`) and hides the labels
//! of class `wide` where they would collide.
//!
//! To add another chart: a file named by what it shows, with its plain input and one function returning
//! `Option<String>`, `None` where there is nothing to draw.

mod axes;
mod frame;
mod money_axis;
mod palette;
mod period_labels;
mod revenue_by_channel;
mod spark_line;
mod stacked_bars;
mod targets;
mod text;

#[cfg(test)]
mod tests;

pub use palette::ChannelColor;
pub use revenue_by_channel::{MoneyFormat, Period, RevenueByChannel, Series, revenue_by_channel};
pub use spark_line::spark_line;
