//! The way to the database, its migrations, and the one error the outside sees.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::job_queue;
use crate::keeping::{Keeper, WRITERS};
use crate::roles::{Entry, Worker};
use crate::tenants::KnownTenants;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

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
    /// The queue of jobs could not be kept.
    #[error("queue of jobs: {0}")]
    Queue(String),
    /// Several things were asked for together, and all failed.
    #[error(transparent)]
    Shared(Arc<StoreError>),
}

impl StoreError {
    /// Whether the database was there and refused what it was given, so that trying again is no use.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        // Bad data, broken constraint.
        self.is_of_class(&["22", "23"])
    }

    /// Whether of several rows some may do without the others; in contrast to a database that is away or full.
    pub(crate) fn may_be_of_one_row(&self) -> bool {
        // Beside what is refused: what two transactions did to each other, a limit, a trigger's objection.
        self.is_refusal() || self.is_of_class(&["40", "54", "P0"])
    }

    fn is_of_class(&self, classes: &[&str]) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| classes.iter().any(|class| code.starts_with(class)))
            }
            Self::Shared(error) => error.is_of_class(classes),
            _ => false,
        }
    }

    pub(crate) fn unreadable(what: &'static str, value: impl ToString) -> Self {
        Self::Unreadable { what, value: value.to_string() }
    }
}

/// The way to the database: connections that work for one tenant, for the platform, and for the queue of jobs.
#[derive(Clone)]
pub struct Store {
    pub(crate) tenant_pool: PgPool,
    pub(crate) platform_pool: PgPool,
    pub(crate) jobs_pool: PgPool,
    pub(crate) keeper: Keeper,
    pub(crate) known: KnownTenants,
    // Shared: requests are handed clones of the store by the dozen.
    owner: Arc<PgConnectOptions>,
    entry: Entry,
}

impl Store {
    /// Connects to the database at a URL; fails at once when it cannot be reached.
    pub async fn connect(url: &str, entry: Entry) -> Result<Self, StoreError> {
        let owner = PgConnectOptions::from_str(url)?.application_name("command-center");
        // The pools only say that they gave up; one connection of our own says why.
        PgConnection::connect_with(&owner).await?.close().await?;
        Ok(Self {
            tenant_pool: Worker::Tenant.pool(&owner, entry),
            platform_pool: Worker::Platform.pool(&owner, entry),
            jobs_pool: Worker::Jobs.pool(&owner, entry),
            keeper: Keeper::new(Worker::Tenant.pool_of(WRITERS, &owner, entry)),
            known: KnownTenants::default(),
            owner: Arc::new(owner),
            entry,
        })
    }

    /// Brings the schema up to date, as its owner, and then the queue's, as the role it belongs to.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = PgConnection::connect_with(&self.owner).await?;
        MIGRATIONS.run(&mut connection).await?;
        match self.entry {
            Entry::Login => let_workers_in(&mut connection).await?,
            Entry::SwitchRole => try_to_become_workers(&mut connection).await?,
        }
        connection.close().await?;
        job_queue::migrate(&self.jobs_pool).await
    }

    /// Whether the database answers and its schema is the one this program knows.
    pub async fn is_ready(&self) -> bool {
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
        let applied = sqlx::query_scalar!(r#"select max(version) from _sqlx_migrations where success"#)
            .fetch_one(&self.platform_pool)
            .await;
        matches!(applied, Ok(version) if version == newest)
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.keeper.close().await;
        self.tenant_pool.close().await;
        self.platform_pool.close().await;
        self.jobs_pool.close().await;
    }
}

/// Shows no options: they may hold a password.
impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("entry", &self.entry).finish_non_exhaustive()
    }
}

async fn let_workers_in(connection: &mut PgConnection) -> Result<(), StoreError> {
    for worker in Worker::ALL {
        let is_in = sqlx::query_scalar!(
            r#"select rolcanlogin as "is_in!" from pg_roles where rolname = $1"#,
            worker.role()
        )
        .fetch_one(&mut *connection)
        .await?;
        if !is_in {
            let statement = AssertSqlSafe(format!("alter role {} login", worker.role()));
            sqlx::raw_sql(statement).execute(&mut *connection).await?;
        }
    }
    Ok(())
}

/// A pool would only say that it gave up.
async fn try_to_become_workers(connection: &mut PgConnection) -> Result<(), StoreError> {
    for worker in Worker::ALL {
        worker.take_over(connection).await?;
    }
    Ok(())
}

/// A moment as the database takes it.
pub(crate) fn instant(moment: Timestamp) -> jiff_sqlx::Timestamp {
    moment.into()
}
