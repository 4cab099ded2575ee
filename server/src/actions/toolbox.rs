//! How a tenant's tools are reached: with the key it stored, at the address that is configured.

use std::fmt::Debug;

use async_trait::async_trait;
use connectors::{Connector, Failure};
use domain::connection::Tool;
use domain::ids::TenantId;

/// Reaches tools for tenants.
#[async_trait]
pub trait Toolbox: Debug + Send + Sync {
    /// A way to a tenant's account at a tool that has campaigns.
    async fn connector(&self, tenant: TenantId, tool: Tool) -> Result<Box<dyn Connector>, Failure>;
}
