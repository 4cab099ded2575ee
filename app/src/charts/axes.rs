//! The axes: faint lines, amounts on the left, periods below.

#![expect(clippy::float_arithmetic, reason = "coordinates of a drawing")]

use std::fmt::{self, Write as _};

use super::frame::{LABEL_BASELINE, Percent, pixels};
use super::money_axis::{MoneyAxis, Tick};
use super::period_labels::{Shown, last_is_flush, shown_labels};
use super::revenue_by_channel::Period;
use super::text::escape;

pub(super) fn write_grid(svg: &mut String, axis: &MoneyAxis) -> fmt::Result {
    svg.write_str(r#"<g stroke="var(--line2)" shape-rendering="crispEdges">"#)?;
    axis.ticks().try_for_each(|tick| write_line(svg, tick.from_top))?;
    svg.write_str("</g>")
}

fn write_line(svg: &mut String, from_top: f32) -> fmt::Result {
    let y = pixels(from_top);
    write!(svg, r#"<line x2="100%" y1="{y:.1}" y2="{y:.1}"/>"#)
}

/// The line columns stand on, only where some hang below it; elsewhere it is the lowest line of the grid.
pub(super) fn write_zero_line(svg: &mut String, axis: &MoneyAxis) -> fmt::Result {
    if axis.zero_from_top() >= 1.0 {
        return Ok(());
    }
    svg.write_str(r#"<g stroke="var(--line)" shape-rendering="crispEdges">"#)?;
    write_line(svg, axis.zero_from_top())?;
    svg.write_str("</g>")
}

pub(super) fn write_axis_labels(svg: &mut String, axis: &MoneyAxis, labels: &[String]) -> fmt::Result {
    svg.write_str(r#"<g fill="var(--ink3)" font-size="12" text-anchor="end" aria-hidden="true">"#)?;
    for (Tick { from_top, .. }, label) in axis.ticks().zip(labels) {
        write!(svg, r#"<text x="-10" y="{:.1}">{}</text>"#, pixels(from_top) + 4.0, escape(label))?;
    }
    svg.write_str("</g>")
}

pub(super) fn write_period_labels(svg: &mut String, periods: &[Period]) -> fmt::Result {
    let labels: Vec<&str> = periods.iter().map(|period| period.label.as_str()).collect();
    svg.write_str(r#"<g fill="var(--ink3)" font-size="12" text-anchor="middle" aria-hidden="true">"#)?;
    let flush = last_is_flush(&labels).then_some(periods.len() - 1);
    for ((index, label), shown) in labels.iter().enumerate().zip(shown_labels(&labels)) {
        let class = match shown {
            Shown::Always => "",
            Shown::Wide => r#" class="wide""#,
            Shown::Never => continue,
        };
        let place = if flush == Some(index) {
            r#" x="100%" text-anchor="end""#.to_owned()
        } else {
            format!(r#" x="{}""#, Percent::of(2 * index + 1, 2 * periods.len()))
        };
        write!(svg, r#"<text{class}{place} y="{LABEL_BASELINE}">{}</text>"#, escape(label))?;
    }
    svg.write_str("</g>")
}
