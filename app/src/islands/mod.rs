//! The parts that wake up in the browser. Each works as plain HTML before it does.
//!
//! To add one: a module with an `#[island]`, and a line here. What only the browser can do belongs behind
//! `cfg(feature = "hydrate")`, so that the server does not compile it.

mod dismissal;
mod live_refresh;

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
mod figures;
#[cfg(feature = "hydrate")]
mod keeper;

pub use dismissal::Dismissal;
pub use live_refresh::LiveRefresh;
