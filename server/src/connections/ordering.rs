//! Having a tool read now, in the background of a server.

use domain::access::{Permission, Viewer};
use domain::audit::Deed;
use domain::connection::{ConnectionState, SyncState, Tool};
use domain::ids::{SyncId, TenantId};
use store::StoreError;

use super::connecting::{named, refused};
use super::{Connections, SyncError};
use crate::accounts::{Refusal, Sender, about, deed, name_of};
use crate::applier::Applier;
use crate::chance::new_id;

impl Connections {
    /// Has a tool of a viewer's tenant read now; how far that has come is shown as it goes on, and who watches the tenant
    /// is told when it is done.
    pub async fn order(
        &self,
        viewer: &Viewer,
        tool: &str,
        sender: &Sender,
        applier: &Applier,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::Act)?;
        let tool = named(tool)?;
        self.begin(viewer, tool, sender).await.map_err(refused)?;
        let (connections, applier) = (self.clone(), applier.clone());
        let (tenant, by) = (viewer.tenant, name_of(&viewer.actor));
        tokio::spawn(async move {
            connections.sync_and_log(tenant, tool, &by).await;
            applier.wake();
            applier.announce(tenant);
        });
        Ok(())
    }

    /// Writes down that a reading begins, unless one is under way.
    async fn begin(&self, viewer: &Viewer, tool: Tool, sender: &Sender) -> Result<(), SyncError> {
        let store = &self.accounts.store;
        let now = self.accounts.clock.now();
        let lock = store.sync_lock(viewer.tenant, tool).await?.ok_or(SyncError::Busy)?;
        let mut work = store.within(viewer.tenant).await?;
        let connection = work.connection_of(tool).await?.ok_or(SyncError::NoKey(tool))?;
        if connection.state == ConnectionState::Disconnected {
            return Err(SyncError::Disconnected(tool));
        }
        if !tool.reaches_people() {
            return Err(SyncError::NothingToRead(tool));
        }
        let newest = work.syncs(Some(tool), 1).await?;
        if !newest.iter().any(|sync| sync.state == SyncState::Running) {
            work.sync_begin(SyncId(new_id()), tool, &name_of(&viewer.actor), now).await?;
        }
        let line = about(deed(viewer.actor.clone(), Deed::SyncStarted, sender), tool.name());
        work.audit(&line, now).await?;
        work.commit().await?;
        Ok(lock.release().await?)
    }

    async fn sync_and_log(&self, tenant: TenantId, tool: Tool, by: &str) {
        match self.sync_one(tenant, tool, by).await {
            Ok(sync) => tracing::info!(%tenant, tool = tool.word(), counts = ?sync.counts, "a tool was read"),
            // Whoever else reads it says what came of it.
            Err(SyncError::Busy) => {}
            Err(error) => tracing::warn!(%error, %tenant, tool = tool.word(), "a tool could not be read"),
        }
    }

    /// Every connected tool of every tenant that has something to read, for whoever has them read again and again.
    pub async fn to_sync(&self) -> Result<Vec<(TenantId, Tool)>, StoreError> {
        let connected = self.accounts.store.connections_everywhere().await?;
        Ok(connected.into_iter().filter(|(_, tool)| tool.reaches_people()).collect())
    }
}
