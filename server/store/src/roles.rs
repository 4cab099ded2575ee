//! The roles the program works as, and how it becomes them.
//!
//! The tenant's role sees the rows of the tenant a transaction names; the platform's knows people, sessions and
//! tenants, and no tenant's figures; the one of jobs has the queue, and sees no table of ours. Nothing but migrations
//! works as the owner of the schema.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool};

/// How long a caller waits for a free connection before the database counts as away.
const PATIENCE: Duration = Duration::from_secs(5);

/// For how long a connection that answered is taken to be alive.
const JUST_USED: Duration = Duration::from_secs(1);

/// How many statements a connection keeps prepared: more than there are, so that none is prepared twice.
const STATEMENTS: usize = 512;

/// How the program becomes the roles it works as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It signs in as them: in our own PostgreSQL, whose socket trusts.
    Login,
    /// It signs in as the URL says, and switches to them.
    SwitchRole,
}

/// A role the program works as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worker {
    /// Works for one tenant at a time.
    Tenant,
    /// Knows people, sessions and tenants.
    Platform,
    /// Keeps the queue of jobs.
    Jobs,
}

impl Worker {
    pub(crate) const ALL: [Self; 3] = [Self::Tenant, Self::Platform, Self::Jobs];

    pub(crate) const fn role(self) -> &'static str {
        match self {
            Self::Tenant => "command_center_tenant",
            Self::Platform => "command_center_platform",
            Self::Jobs => "command_center_jobs",
        }
    }

    /// How many connections it works on at most.
    const fn connections(self) -> u32 {
        match self {
            Self::Tenant => 18,
            Self::Platform => 8,
            Self::Jobs => 4,
        }
    }

    /// A pool whose connections work as this role; they are made when they are needed.
    pub(crate) fn pool(self, owner: &PgConnectOptions, entry: Entry) -> PgPool {
        self.pool_of(self.connections(), owner, entry)
    }

    /// The same with so many connections at most.
    pub(crate) fn pool_of(self, connections: u32, owner: &PgConnectOptions, entry: Entry) -> PgPool {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|connection, used| Box::pin(is_alive(connection, used.idle_for)));
        let owner = owner.clone().statement_cache_capacity(STATEMENTS);
        match entry {
            Entry::Login => pool.connect_lazy_with(owner.username(self.role())),
            Entry::SwitchRole => pool
                .after_connect(move |connection, _| Box::pin(self.take_over(connection)))
                .connect_lazy_with(owner),
        }
    }

    /// Switches a connection to this role, and looks whether it did.
    pub(crate) async fn take_over(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(format!("set role {}", self.role()))).execute(&mut *connection).await?;
        let taken =
            sqlx::query_scalar!(r#"select current_user::text as "role!""#).fetch_one(connection).await?;
        if taken == self.role() {
            return Ok(());
        }
        Err(sqlx::Error::Configuration(format!("works as {taken} instead of {}", self.role()).into()))
    }
}

/// Asks whether a connection still answers, unless it just did: every transaction would begin with that question.
async fn is_alive(connection: &mut PgConnection, idle_for: Duration) -> Result<bool, sqlx::Error> {
    if idle_for < JUST_USED {
        return Ok(true);
    }
    Ok(connection.ping().await.is_ok())
}
