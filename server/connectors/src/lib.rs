//! The tools a tenant reaches and looks up people with: asked over HTTP, each exactly as its own documents say.
//!
//! A tool that has campaigns is a [`Connector`]; one that looks people up is an [`Enrichment`]. Both speak in the words
//! of this crate, whatever the tool calls things, and keep what the tool said beside what was read of it. Nothing here
//! knows of a database. [`connect`] and [`enrich`] make them; [`webhooks::of`] reads what tools send of their own accord.
//!
//! Reading is tried again where that can help. A [`Deed`] is tried once: what became of it says
//! [`Failure::outcome`], and [`Outcome::Unknown`] is never to be taken for "not done".
//!
//! # The next tool
//!
//! 1. A variant of `domain::connection::Tool`, with its credential.
//! 2. A module here, made of what the documents say: how it is asked (`Manners`: header, distance between requests, how
//!    it says "later"), one file per thing that is read, and `impl Connector`. Lists by offset are walked with
//!    [`paging::Offset`], which notices when a list changed under it.
//! 3. Its webhooks: an `impl webhooks::Reader` with the same ids for touches as the lists give.
//! 4. Its fake in `fakes`, answering as the documents say, wrong keys and limits too; then the tests in
//!    `tests/`, which every tool passes alike.
//! 5. A line in [`connect`], in [`webhooks::of`], and its base address in `server::config`.

mod apollo;
mod capabilities;
mod connect;
mod connector;
mod deeds;
mod enrichment;
mod failure;
#[cfg(feature = "fakes")]
#[expect(clippy::indexing_slicing, reason = "JSON is null where nothing is said")]
pub mod fakes;
mod fullenrich;
mod heyreach;
mod http;
mod instantly;
mod json;
mod model;
pub mod paging;
mod plusvibe;
mod redaction;
pub mod webhooks;

pub use capabilities::{Capabilities, Capability};
pub use connect::{connect, enrich};
pub use connector::Connector;
pub use deeds::{Deed, NewLead, Receipt, Thread};
pub use enrichment::{Enriched, Enrichment, EnrichmentJob, EnrichmentProgress, Wanted, most_credits};
pub use failure::{Failure, Outcome};
pub use http::{ApiBase, InvalidBase, Pace};
pub use model::{Campaign, Cursor, Next, Page, Person, Progress, Rejected, Statistics, Touch};
