//! What a person sees: pages, components, islands, charts.
//!
//! * [`islands`]: the parts that wake up in the browser; all that is compiled to wasm.
//!
//! Everything else is rendered on the server and sent as HTML that works without script:
//!
//! * [`shell`]: the document around a page and the files it asks for.
//! * [`routes`]: which address shows which page.
//! * [`pages`]: one module per page: read the address, ask the desk once, show the answer.
//! * [`components`]: data in, markup out.
//! * [`port`]: what screens may ask the server. [`office`]: what settings pages may. [`costs`], [`actions`],
//!   [`jobs`]: what is said of those.
//! * [`visit`]: who looks at a page. [`form`]: what they typed into a form of it, and what it was answered.
//! * [`format`]: the one place where numbers become text.
//! * [`address`]: links and forms of our own pages.
//! * [`browser`], [`roles`]: what browsers call themselves and what roles may do, in words.
//! * [`answer`], [`explanation`], [`series`], [`share`], [`roster`]: what the figures say, before it is markup.
//! * [`charts`]: drawings as SVG text.

#![expect(
    unreachable_pub,
    reason = "the component macro makes a public function of its own in private modules"
)]

pub mod islands;

#[cfg(feature = "ssr")]
pub mod actions;
#[cfg(feature = "ssr")]
pub mod address;
#[cfg(feature = "ssr")]
pub mod answer;
#[cfg(feature = "ssr")]
pub mod browser;
#[cfg(feature = "ssr")]
pub mod campaigns;
#[cfg(feature = "ssr")]
pub mod channels;
#[cfg(feature = "ssr")]
pub mod charts;
#[cfg(feature = "ssr")]
pub mod components;
#[cfg(feature = "ssr")]
pub mod costs;
#[cfg(feature = "ssr")]
pub mod explanation;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod format;
#[cfg(feature = "ssr")]
pub mod imports;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
pub mod office;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod port;
#[cfg(feature = "ssr")]
pub mod recurring;
#[cfg(feature = "ssr")]
pub mod roles;
#[cfg(feature = "ssr")]
pub mod roster;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod series;
#[cfg(feature = "ssr")]
pub mod share;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod tools;
#[cfg(feature = "ssr")]
pub mod visit;

#[cfg(feature = "ssr")]
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::{Assets, StatusPort, shell};
