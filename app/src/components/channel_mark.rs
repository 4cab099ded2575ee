//! A channel's name behind its colour.

use leptos::prelude::*;

use crate::charts::ChannelColor;
use crate::roster::color_class;

/// A channel's name behind its colour.
#[component]
pub fn ChannelMark(color: ChannelColor, name: String) -> impl IntoView {
    view! {
        <span class="channel">
            <i class=format!("dot {}", color_class(color)) aria-hidden="true"></i>
            <bdi>{name}</bdi>
        </span>
    }
}
