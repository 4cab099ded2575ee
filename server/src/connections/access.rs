//! How tools are reached: where, with which key, how patiently.

use std::collections::BTreeMap;

use connectors::{ApiBase, Enrichment, Pace};
use credentials::sealing::SecretText;
use domain::connection::{ConnectionState, Tool};
use domain::ids::TenantId;
use store::connections::StoredConnection;

use super::{Connections, SyncError};
use crate::accounts::StoredFor;
use crate::chance::up_to;

/// How tools are reached, as whoever runs the program says.
#[derive(Clone, Debug, Default)]
pub struct ToolAccess {
    /// Where, when not at their own addresses.
    pub bases: BTreeMap<Tool, ApiBase>,
    /// With what for the default tenant, unless it stored a key.
    pub keys: BTreeMap<Tool, SecretText>,
}

/// The way to a tool for a tenant.
pub(super) struct Way {
    pub(super) base: Option<ApiBase>,
    pub(super) key: SecretText,
    pub(super) pace: Pace,
}

impl ToolAccess {
    /// Where a tool is asked, and how patiently, when a tenant said where, or not. A tool that somebody stands in for has
    /// no limits.
    pub(super) fn at(&self, tool: Tool, entered: Option<&str>) -> Result<(Option<ApiBase>, Pace), SyncError> {
        if let Some(entered) = entered {
            return Ok((Some(ApiBase::entered(entered)?), Pace::gentle(up_to)));
        }
        let base = self.bases.get(&tool).cloned();
        let pace = if base.is_some() { Pace::brisk(up_to) } else { Pace::gentle(up_to) };
        Ok((base, pace))
    }
}

impl Connections {
    /// The way to a tool of a tenant.
    pub(super) async fn way(&self, tenant: TenantId, tool: Tool) -> Result<Way, SyncError> {
        let connection = self.accounts.store.within(tenant).await?.connection_of(tool).await?;
        let is_ended = |connection: &StoredConnection| connection.state == ConnectionState::Disconnected;
        // Whoever ends a connection deletes its key; one that is stored was stored since.
        let stored = StoredFor { tenant, kind: tool.secret() };
        if connection.as_ref().is_some_and(is_ended) && self.accounts.secret(stored).await?.is_none() {
            return Err(SyncError::Disconnected(tool));
        }
        let key = self.key(tenant, tool).await?.ok_or(SyncError::NoKey(tool))?;
        let entered = connection.and_then(|connection| connection.api_base);
        let (base, pace) = self.access.at(tool, entered.as_deref())?;
        Ok(Way { base, key, pace })
    }

    /// Whether there is a key to ask a tool with.
    pub async fn has_key(&self, tenant: TenantId, tool: Tool) -> Result<bool, SyncError> {
        Ok(self.key(tenant, tool).await?.is_some())
    }

    /// The key a tool is asked with for a tenant.
    pub(super) async fn key(&self, tenant: TenantId, tool: Tool) -> Result<Option<SecretText>, SyncError> {
        let stored = StoredFor { tenant, kind: tool.secret() };
        if let Some(key) = self.accounts.secret(stored).await? {
            return Ok(Some(key));
        }
        let Some(key) = self.access.keys.get(&tool) else { return Ok(None) };
        let default = self.accounts.store.tenant_default().await?;
        Ok(default.is_some_and(|default| default.id == tenant).then(|| key.clone()))
    }

    /// A way to a connected tool that looks people up.
    pub async fn enrichment(&self, tenant: TenantId, tool: Tool) -> Result<Box<dyn Enrichment>, SyncError> {
        let way = self.way(tenant, tool).await?;
        Ok(connectors::enrich(tool, way.base, &way.key, way.pace)?)
    }
}
