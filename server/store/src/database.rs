//! The pool, its migrations, and the one error the outside sees.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// How long a caller waits for a free connection before the database counts as away.
const PATIENCE: Duration = Duration::from_secs(5);

/// The database could not do it. What exactly is for the log, not for callers.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or was away.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A stored value is none the domain knows.
    #[error("the database holds {what} that the program does not understand: {value}")]
    Unreadable {
        /// What it should have been.
        what: &'static str,
        /// What it is.
        value: String,
    },
}

impl StoreError {
    /// Whether the database was there and refused what it was given, so that trying again is no use.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        // Classes 22 and 23: bad data, broken constraint.
        error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
    }

    pub(crate) fn unreadable(what: &'static str, value: impl ToString) -> Self {
        Self::Unreadable { what, value: value.to_string() }
    }
}

/// A pool of connections to the database.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) pool: PgPool,
}

impl Store {
    /// Connects to the database at a URL; fails at once when it cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?.application_name("command-center");
        // The pool only says that it gave up; one connection of our own says why.
        PgConnection::connect_with(&options).await?.close().await?;
        let pool =
            PgPoolOptions::new().max_connections(24).acquire_timeout(PATIENCE).connect_with(options).await?;
        Ok(Self { pool })
    }

    /// A store on a pool that exists already.
    #[must_use]
    pub const fn on(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Ok(MIGRATIONS.run(&self.pool).await?)
    }

    /// Whether the database answers and its schema is the one this program knows.
    pub async fn is_ready(&self) -> bool {
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
        let applied = sqlx::query_scalar!(r#"select max(version) from _sqlx_migrations where success"#)
            .fetch_one(&self.pool)
            .await;
        matches!(applied, Ok(version) if version == newest)
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A moment as the database takes it.
pub(crate) fn instant(moment: Timestamp) -> jiff_sqlx::Timestamp {
    moment.into()
}
