//! How a tenant's tools are reached: with the key it stored, at the address that is configured.

use std::fmt::Debug;

use async_trait::async_trait;
use connectors::{Connector, Failure, Pace, connect};
use domain::connection::Tool;
use domain::ids::TenantId;

use crate::accounts::{Accounts, StoredFor};
use crate::chance::up_to;
use crate::config::ToolBases;

/// Reaches tools for tenants.
#[async_trait]
pub trait Toolbox: Debug + Send + Sync {
    /// A way to a tenant's account at a tool that has campaigns.
    async fn connector(&self, tenant: TenantId, tool: Tool) -> Result<Box<dyn Connector>, Failure>;
}

/// The tools themselves, or what stands in for them on this machine.
#[derive(Clone, Debug)]
pub struct Tools {
    /// Where keys are stored.
    pub accounts: Accounts,
    /// Where tools are asked.
    pub bases: ToolBases,
}

#[async_trait]
impl Toolbox for Tools {
    async fn connector(&self, tenant: TenantId, tool: Tool) -> Result<Box<dyn Connector>, Failure> {
        let stored = self.accounts.secret(StoredFor { tenant, kind: tool.secret() }).await;
        // That our database is away is no reason to give up.
        let stored = stored.map_err(|error| Failure::Unreachable { words: error.to_string() })?;
        let key = stored.ok_or_else(|| Failure::Impossible {
            words: format!("no key of {} is stored, or none that opens", tool.name()),
        })?;
        let base = self.bases.of(tool).cloned();
        let is_here = base.as_ref().is_some_and(|base| base.as_str().starts_with("http:"));
        let pace = if is_here { Pace::brisk(up_to) } else { Pace::gentle(up_to) };
        connect(tool, base, &key, pace)
    }
}
