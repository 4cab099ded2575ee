//! What a person sees: pages, components, islands, charts.

#[cfg(feature = "ssr")]
pub mod port;
