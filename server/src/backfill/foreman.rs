//! Goes on with runs in the background of a server: those begun on a page, and those a killed program left.

use std::time::Duration;

use domain::access::{Permission, Viewer};
use domain::ids::TenantId;
use domain::tenant::Tenant;
use tokio::task::JoinSet;

use super::{Asked, BackfillError, Backfills, By, InvalidWindow, Silent};
use crate::accounts::{Refusal, Sender};

/// How long it takes at most until a run that nobody reads is noticed.
const IDLE: Duration = Duration::from_secs(5);

impl Backfills {
    /// Begins a run that [`Backfills::work`] carries out; refuses while another is under way, and without a key.
    pub async fn order(&self, tenant: &Tenant, asked: &Asked, by: &By) -> Result<(), BackfillError> {
        if !self.has_key(tenant).await? {
            return Err(BackfillError::NoKey);
        }
        let lock = self.accounts.store.backfill_lock(tenant.id).await?.ok_or(BackfillError::Busy)?;
        let begun = self.begin(tenant, asked, by).await;
        lock.release().await?;
        begun?;
        self.woken.notify_one();
        Ok(())
    }

    /// Has the past of a viewer's tenant read, so many days of it.
    pub async fn order_by(&self, viewer: &Viewer, days: &str, sender: &Sender) -> Result<(), Refusal> {
        viewer.require(Permission::ManageConnections)?;
        let wrong = |why: InvalidWindow| Refusal::Field { field: "days", message: why.to_string() };
        let days = days.trim().parse().map_err(|_| wrong(InvalidWindow::Days))?;
        let asked = Asked::last_days(days, self.accounts.clock.now()).map_err(wrong)?;
        let tenant = self.tenant_of(viewer).await?;
        let by = By { actor: viewer.actor.clone(), sender: sender.clone() };
        self.order(&tenant, &asked, &by).await.map_err(refused)
    }

    /// Stops the reading of a viewer's tenant's past.
    pub async fn pause_by(&self, viewer: &Viewer, sender: &Sender) -> Result<(), Refusal> {
        viewer.require(Permission::ManageConnections)?;
        let tenant = self.tenant_of(viewer).await?;
        let by = By { actor: viewer.actor.clone(), sender: sender.clone() };
        if self.pause(&tenant, &by).await? {
            return Ok(());
        }
        Err(Refusal::Conflict("nothing is being read: reload the page".to_owned()))
    }

    async fn tenant_of(&self, viewer: &Viewer) -> Result<Tenant, Refusal> {
        self.accounts.store.tenant_by_id(viewer.tenant).await?.ok_or(Refusal::NotFound)
    }

    /// Works until the task is dropped.
    pub async fn work(self) {
        let mut runs = JoinSet::new();
        loop {
            match self.accounts.store.tenants_with_running_backfill().await {
                // Whoever is read for already has taken their turn, and the new task ends at once.
                Ok(tenants) => tenants.into_iter().for_each(|tenant| {
                    let backfills = self.clone();
                    runs.spawn(async move { backfills.work_for(tenant).await });
                }),
                Err(error) => tracing::error!(%error, "no run could be looked for"),
            }
            while runs.try_join_next().is_some() {}
            let _ = tokio::time::timeout(IDLE, self.woken.notified()).await;
        }
    }

    async fn work_for(&self, id: TenantId) {
        let tenant = match self.accounts.store.tenant_by_id(id).await {
            Ok(Some(tenant)) => tenant,
            Ok(None) => return,
            Err(error) => return tracing::error!(%error, tenant = %id, "a run could not be gone on with"),
        };
        match self.go_on(&tenant, &Silent).await {
            Ok(Some(summary)) => {
                tracing::info!(tenant = %id, counts = ?summary.counts(), "the past was read")
            }
            Ok(None) | Err(BackfillError::Stopped) => {}
            Err(error) => tracing::error!(%error, tenant = %id, "the past could not be read"),
        }
    }
}

/// Why nothing was begun, as a form says it.
fn refused(error: BackfillError) -> Refusal {
    match error {
        BackfillError::Store(error) => error.into(),
        BackfillError::Refused(refusal) => refusal,
        error => Refusal::Conflict(error.to_string()),
    }
}
