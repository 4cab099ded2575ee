//! The small line beside a figure: its course, without axis or words.

#![expect(clippy::float_arithmetic, reason = "coordinates of a drawing")]

use charts_rs::{Color, Point, Polyline};

const WIDTH: f32 = 120.0;
const HEIGHT: f32 = 32.0;
/// Room for the stroke above the highest and below the lowest point.
const INSET: f32 = 3.0;

/// Draws the course of the points in the colour of the text around it; `None` for fewer than two points.
pub fn spark_line(points: &[i64]) -> Option<String> {
    let (&least, &most) = (points.iter().min()?, points.iter().max()?);
    if points.len() < 2 {
        return None;
    }
    let line = Polyline {
        color: Some(Color::black()),
        stroke_width: 1.5,
        points: points
            .iter()
            .enumerate()
            .map(|(index, &value)| Point {
                x: WIDTH * share(i128_of(index), i128_of(points.len() - 1)),
                y: HEIGHT - INSET - (HEIGHT - 2.0 * INSET) * height(value, least, most),
            })
            .collect(),
    };
    Some(framed(&line))
}

fn framed(line: &Polyline) -> String {
    let black = Color::black().hex();
    let drawn = line.svg().replace(&black, "currentColor");
    let line = drawn.replace("/>", r#" vector-effect="non-scaling-stroke"/>"#);
    format!(
        r#"<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{line}</svg>"#
    )
}

/// How high a value lies between the least and the most; a flat line lies in the middle.
fn height(value: i64, least: i64, most: i64) -> f32 {
    if least == most {
        return 0.5;
    }
    share(i128::from(value) - i128::from(least), i128::from(most) - i128::from(least))
}

fn i128_of(index: usize) -> i128 {
    i128::try_from(index).unwrap_or(i128::MAX)
}

#[expect(clippy::as_conversions, reason = "a drawing needs no more than the digits an f32 keeps")]
fn share(part: i128, whole: i128) -> f32 {
    (part as f64 / whole as f64) as f32
}
