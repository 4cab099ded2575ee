//! The program's own PostgreSQL, for when nobody gives it one.
//!
//! [`Cluster::start`] finds installed binaries, makes a database cluster in the data directory the
//! first time, runs it on a private unix socket and keeps it running until [`Cluster::stop`].
//!
//! ```text
//! <data_dir>/lock           held by the one app that may use this data; names its pid
//! <data_dir>/postgres.log   what PostgreSQL and its tools said
//! <data_dir>/postgres/      the home: 0700, owned by the account PostgreSQL runs as,
//!     data/                 the cluster itself       or a link to the real home where that
//!     socket/               where it listens         account cannot reach the data directory
//! ```
//!
//! Three ideas carry the rest. The postmaster is not tied to the app's life: when the app is
//! killed it runs on, and the next start takes it over. The data belongs to one OS account, never
//! root, and everything PostgreSQL does is done as that account. A cluster is made beside its
//! place and moved into it, so that a half-made one is never mistaken for data.
//!
//! To add a setting of the server, add a line to `OPTIONS` in `launcher.rs`.

mod account;
mod cluster;
mod connection;
mod error;
mod fingerprint;
mod home;
mod installation;
mod launcher;
mod lock;
mod log;
mod making;
mod pid_file;
mod postmaster;
mod private_directory;
mod settings;
mod socket;
mod supervisor;
mod tool;

pub use cluster::Cluster;
pub use connection::ConnectionTarget;
pub use error::ClusterError;
pub use installation::{Installation, OLDEST_MAJOR, SearchPaths};
pub use settings::Settings;
