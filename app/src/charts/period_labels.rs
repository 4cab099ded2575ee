//! Which periods are named below the axis, so that names never collide.

/// Room the narrowest plot has for names (a phone of 360 px), and the narrowest that is not `Narrow`.
const NARROW_ROOM: usize = 230;
const WIDE_ROOM: usize = 540;
const CHARACTER: usize = 7;
const GAP: usize = 20;
/// How far the last name may stick out of the plot before it is set flush with its end.
const OVERHANG: usize = 14;

/// Where the name of a period is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// On every screen.
    Always,
    /// Where the plot is wide.
    Wide,
    Never,
}

/// Decides for every period whether its name is shown. Counted from the end, as the last period is the one
/// that is asked for; what a narrow plot shows, a wide one shows too.
pub(super) fn shown_labels(labels: &[&str]) -> Vec<Shown> {
    let label_width = widest(labels) + GAP;
    let wide = stride(labels.len(), label_width, WIDE_ROOM);
    let narrow = wide * stride(labels.len(), label_width, NARROW_ROOM * wide);
    (0..labels.len()).rev().map(|from_end| shown(from_end, wide, narrow)).collect()
}

/// How many periods apart two names have to be for their distance to hold one of them.
fn stride(periods: usize, label_width: usize, room: usize) -> usize {
    (periods * label_width).div_ceil(room).max(1)
}

fn shown(from_end: usize, wide: usize, narrow: usize) -> Shown {
    if from_end.is_multiple_of(narrow) {
        return Shown::Always;
    }
    if from_end.is_multiple_of(wide) {
        return Shown::Wide;
    }
    Shown::Never
}

/// Whether the last period is too narrow for its name to be centred below it on a phone.
pub(super) fn last_is_flush(labels: &[&str]) -> bool {
    widest(labels) > NARROW_ROOM / labels.len().max(1) + 2 * OVERHANG
}

fn widest(labels: &[&str]) -> usize {
    CHARACTER * labels.iter().map(|label| label.chars().count()).max().unwrap_or(0)
}
