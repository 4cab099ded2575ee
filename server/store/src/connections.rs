//! Tools that tenants reach people with, and the turn to read one.

use std::fmt;

use domain::connection::{ConnectionState, Tool};
use domain::ids::TenantId;
use jiff::Timestamp;
use serde_json::Value;

use crate::database::instant;
use crate::work::TenantWork;
use crate::{Store, StoreError};

/// A tool of a tenant.
#[derive(Clone, PartialEq)]
pub struct StoredConnection {
    /// Which.
    pub tool: Tool,
    /// How it stands.
    pub state: ConnectionState,
    /// Where it is asked, when not at its own address.
    pub api_base: Option<String>,
    /// What the key allows, each null, or why not.
    pub capabilities: Value,
    /// Why it does not work.
    pub problem: Option<String>,
    /// The hash of the token the tool repeats with what it sends.
    pub webhook_token_hash: Option<Vec<u8>>,
    /// Who connected it.
    pub connected_by: String,
    /// When.
    pub connected_at: Timestamp,
    /// When the tool was last asked what the key allows.
    pub probed_at: Timestamp,
}

/// Shows no hash.
impl fmt::Debug for StoredConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredConnection")
            .field("tool", &self.tool)
            .field("state", &self.state)
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}

struct ConnectionRow {
    tool: String,
    state: String,
    api_base: Option<String>,
    capabilities: Value,
    problem: Option<String>,
    webhook_token_hash: Option<Vec<u8>>,
    connected_by: String,
    connected_at: jiff_sqlx::Timestamp,
    probed_at: jiff_sqlx::Timestamp,
}

impl ConnectionRow {
    fn read(self) -> Result<StoredConnection, StoreError> {
        let state = self.state.parse();
        Ok(StoredConnection {
            tool: tool(&self.tool)?,
            state: state.map_err(|_| StoreError::unreadable("a state of a connection", self.state))?,
            api_base: self.api_base,
            capabilities: self.capabilities,
            problem: self.problem,
            webhook_token_hash: self.webhook_token_hash,
            connected_by: self.connected_by,
            connected_at: self.connected_at.into(),
            probed_at: self.probed_at.into(),
        })
    }
}

/// Held while a tool of a tenant is read, so that nobody else does.
#[derive(Debug)]
pub struct SyncLock {
    work: TenantWork,
}

impl SyncLock {
    /// Lets others read.
    pub async fn release(self) -> Result<(), StoreError> {
        self.work.commit().await
    }
}

impl Store {
    /// Takes the turn to read a tool of a tenant; `None` while somebody else has it. Whoever dies gives it back.
    pub async fn sync_lock(&self, tenant: TenantId, tool: Tool) -> Result<Option<SyncLock>, StoreError> {
        let mut work = self.within(tenant).await?;
        let taken = sqlx::query_scalar!(
            r#"select pg_try_advisory_xact_lock(hashtextextended('sync ' || $1::text || ' ' || $2::text, 0)) as "taken!""#,
            tenant.to_string(),
            tool.word(),
        )
        .fetch_one(work.connection())
        .await?;
        Ok(taken.then_some(SyncLock { work }))
    }

    /// Every connected tool of every tenant.
    pub async fn connections_everywhere(&self) -> Result<Vec<(TenantId, Tool)>, StoreError> {
        let rows = sqlx::query!(
            r#"select tenant_id, tool from connections where state = 'connected' order by tenant_id, tool"#
        )
        .fetch_all(&self.platform_pool)
        .await?;
        rows.into_iter().map(|row| Ok((TenantId(row.tenant_id), tool(&row.tool)?))).collect()
    }
}

impl TenantWork {
    /// The tools that are or were connected.
    pub async fn connections(&mut self) -> Result<Vec<StoredConnection>, StoreError> {
        let rows = sqlx::query_as!(
            ConnectionRow,
            r#"select tool, state, api_base, capabilities, problem, webhook_token_hash, connected_by,
                connected_at as "connected_at: jiff_sqlx::Timestamp", probed_at as "probed_at: jiff_sqlx::Timestamp"
            from connections where tenant_id = $1 order by tool"#,
            self.tenant.0,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ConnectionRow::read).collect()
    }

    /// A tool that is or was connected.
    pub async fn connection_of(&mut self, tool: Tool) -> Result<Option<StoredConnection>, StoreError> {
        Ok(self.connections().await?.into_iter().find(|connection| connection.tool == tool))
    }

    /// Writes down how a tool is connected, in the place of how it was.
    pub async fn connection_put(&mut self, connection: &StoredConnection) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into connections (tenant_id, tool, state, api_base, capabilities, problem, webhook_token_hash,
                connected_by, connected_at, probed_at)
            values ($1, $2, $3, $4, $5, left($6, 1000), $7, $8, $9, $10)
            on conflict (tenant_id, tool) do update set state = excluded.state, api_base = excluded.api_base,
                capabilities = excluded.capabilities, problem = excluded.problem,
                webhook_token_hash = excluded.webhook_token_hash, connected_by = excluded.connected_by,
                connected_at = excluded.connected_at, probed_at = excluded.probed_at"#,
            self.tenant.0,
            connection.tool.word(),
            connection.state.word(),
            connection.api_base,
            connection.capabilities,
            connection.problem,
            connection.webhook_token_hash,
            connection.connected_by,
            instant(connection.connected_at) as _,
            instant(connection.probed_at) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

pub(crate) fn tool(word: &str) -> Result<Tool, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a tool", word))
}
