//! Says how fresh the figures are, and keeps them fresh while the page is open.

use leptos::prelude::*;

/// What the reader is told about freshness.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "figures only change in the browser"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// As they were read; nobody listens for newer ones.
    AsRead,
    /// Newer ones will follow by themselves.
    Live,
    /// Newer ones have just taken their place.
    Updated,
    /// The server cannot be reached.
    Offline,
}

impl Freshness {
    const fn word(self) -> &'static str {
        match self {
            Self::AsRead => "as-read",
            Self::Live => "live",
            Self::Updated => "updated",
            Self::Offline => "offline",
        }
    }

    fn text(self, as_of: &str) -> String {
        match self {
            Self::AsRead => format!("As of {as_of}"),
            Self::Live => format!("Live · as of {as_of}"),
            Self::Updated => "Updated just now".to_owned(),
            Self::Offline => format!("Offline · as of {as_of}"),
        }
    }
}

/// What the pill shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pill {
    /// How fresh the figures are.
    pub(super) freshness: RwSignal<Freshness>,
    /// The time of day they were read.
    pub(super) as_of: RwSignal<String>,
    /// What is said to those who listen; seldom, and never while they read.
    pub(super) said: RwSignal<String>,
    /// Whether the island is awake.
    pub(super) is_awake: RwSignal<bool>,
}

/// Says when the figures were read; in the browser it listens to `stream` and puts newer ones in their place.
#[island]
pub fn LiveRefresh(
    /// The address that tells when something changed.
    stream: String,
    /// The time of day the figures were read.
    as_of: String,
) -> impl IntoView {
    let pill = Pill {
        freshness: RwSignal::new(Freshness::AsRead),
        as_of: RwSignal::new(as_of),
        said: RwSignal::new(String::new()),
        is_awake: RwSignal::new(false),
    };
    wake(stream, pill);
    view! {
        <p
            class="live"
            data-live=move || if pill.is_awake.get() { "on" } else { "off" }
            data-state=move || pill.freshness.get().word()
        >
            <i class="live-dot" aria-hidden="true"></i>
            <span>{move || pill.as_of.with(|as_of| pill.freshness.get().text(as_of))}</span>
            <span class="vh" aria-live="polite">
                {move || pill.said.get()}
            </span>
        </p>
    }
}

#[cfg(feature = "hydrate")]
fn wake(stream: String, pill: Pill) {
    Effect::new(move |_| super::keeper::keep_fresh(stream.clone(), pill));
}

#[cfg(not(feature = "hydrate"))]
fn wake(_stream: String, _pill: Pill) {}
