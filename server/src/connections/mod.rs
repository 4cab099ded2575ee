//! The tools a tenant reaches people with: connecting them, reading them, hearing from them.
//!
//! [`connecting`] asks a tool what a key may do before it is kept. [`syncing`] reads a tool list by list and page by page;
//! [`taking`] takes a page into the pipeline, the way programs' own sayings are taken. [`deliveries`] keeps what a tool
//! sends of its own accord before anything is made of it. What is asked of each tool, and how, is the crate
//! `connectors`; to add one, begin there.

mod access;
mod connecting;
mod deliveries;
mod ordering;
mod people;
mod syncing;
mod taking;

use connectors::{Connector, Failure, InvalidBase};
use domain::connection::Tool;
use domain::ids::TenantId;
use store::StoreError;

use crate::accounts::{Accounts, Refusal};
use crate::pipeline::Pipeline;

pub use self::access::ToolAccess;
pub use self::connecting::WebhookAddress;
pub(crate) use self::connecting::refused;
pub use self::deliveries::Kept;

/// The tools of tenants.
#[derive(Clone, Debug)]
pub struct Connections {
    /// Whose keys are asked with.
    pub accounts: Accounts,
    /// What is brought in with.
    pub pipeline: Pipeline,
    /// How tools are reached.
    pub access: ToolAccess,
}

/// Why a tool was not read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// There is no key.
    #[error("no key of {} is stored: connect it first", .0.name())]
    NoKey(Tool),
    /// Somebody ended the connection.
    #[error("{} is disconnected: connect it first", .0.name())]
    Disconnected(Tool),
    /// It has no campaigns.
    #[error("{} has no campaigns to read", .0.name())]
    NothingToRead(Tool),
    /// Somebody else reads it.
    #[error("it is being read already")]
    Busy,
    /// Somebody ended the reading.
    #[error("reading was ended; start it again and it goes on from here")]
    Ended,
    /// The tool did not answer.
    #[error(transparent)]
    Tool(#[from] Failure),
    /// The address it was to be asked at is none.
    #[error("where it is to be asked: {0}")]
    Base(#[from] InvalidBase),
    /// What came may not be taken in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Connections {
    /// A way to a connected tool that has campaigns.
    pub async fn connector(&self, tenant: TenantId, tool: Tool) -> Result<Box<dyn Connector>, SyncError> {
        if !tool.reaches_people() {
            return Err(SyncError::NothingToRead(tool));
        }
        let way = self.way(tenant, tool).await?;
        Ok(connectors::connect(tool, way.base, &way.key, way.pace)?)
    }
}
