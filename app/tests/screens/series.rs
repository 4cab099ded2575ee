//! What legend, chart and its table are made of.

use app::charts::ChannelColor;
use app::roster::{Roster, color_class};
use app::series::{Series, of_report};

use crate::desk::overview_of;

fn series(earned: &[(&str, i64)]) -> Vec<Series> {
    let overview = overview_of(earned);
    of_report(&overview.revenue, &Roster::of(&overview.frame.tenant))
}

#[test]
fn channels_beyond_the_eighth_colour_are_one_before_the_unknown() {
    let found = series(&[("heyreach", 500), ("ninth", 300), ("tenth", 200), ("unknown", 100)]);
    let names: Vec<&str> = found.iter().map(|series| series.name.as_str()).collect();
    assert_eq!(names, ["HeyReach", "Other", "Unknown"]);
    let other = &found[1];
    assert_eq!((other.color, other.channel.as_ref()), (ChannelColor::Other, None));
    assert_eq!(other.amounts.iter().sum::<i64>(), 500);
}

#[test]
fn the_series_add_up_to_the_total_in_every_period() {
    let overview = overview_of(&[("heyreach", 500), ("ninth", 300), ("plusvibe", -200), ("unknown", 100)]);
    let found = of_report(&overview.revenue, &Roster::of(&overview.frame.tenant));
    for (place, period) in overview.revenue.by_period.iter().enumerate() {
        let sum: i64 = found.iter().map(|series| series.amounts[place]).sum();
        assert_eq!(sum, period.sums.total_revenue);
    }
}

#[test]
fn a_colour_is_a_class_of_the_stylesheet() {
    assert_eq!(color_class(ChannelColor::One), "ch-1");
    assert_eq!(color_class(ChannelColor::Unknown), "ch-unknown");
}
