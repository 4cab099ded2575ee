//! When something happened.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use leptos::prelude::*;

use crate::format;

/// A moment in a timezone.
#[component]
pub fn Moment(at: Timestamp, timezone: TimeZone) -> impl IntoView {
    view! { <time datetime=at.to_string()>{format::moment(at, &timezone)}</time> }
}
