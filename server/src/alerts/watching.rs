//! Looking again soon after a tenant's ledger changed. What changes with time alone is a job on schedule.

use std::collections::BTreeSet;
use std::time::Duration;

use app::port::AskError;
use domain::ids::TenantId;
use store::StoreError;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};

use super::{Alerts, Look};
use crate::applier::{Applier, LedgerChanged};

/// How long more changes are waited for before a tenant is looked at; much less than the five seconds it may take.
const SETTLING: Duration = Duration::from_secs(2);

/// The tenants to look at.
enum Due {
    These(BTreeSet<TenantId>),
    All,
}

impl Alerts {
    /// Works until the task is dropped.
    pub async fn watch(self, applier: Applier) {
        let mut changes = applier.watch();
        loop {
            let due = changed(&mut changes).await;
            match self.tenants(due).await {
                Ok(tenants) => self.look_at_each(tenants, &applier).await,
                Err(error) => tracing::error!(%error, "nobody knows whose figures to look at"),
            }
        }
    }

    async fn tenants(&self, due: Due) -> Result<BTreeSet<TenantId>, StoreError> {
        match due {
            Due::These(tenants) => Ok(tenants),
            Due::All => Ok(self.store.tenant_ids().await?.into_iter().collect()),
        }
    }

    /// Looks at one tenant after the other; who fails does not hold up the others.
    async fn look_at_each(&self, tenants: BTreeSet<TenantId>, applier: &Applier) {
        for tenant in tenants {
            if let Err(error) = self.look_at(tenant, Look::Brief, applier).await {
                tracing::error!(%error, %tenant, "a tenant's figures could not be looked at");
            }
        }
    }

    /// Looks at a tenant's figures, and tells its browsers when something changed.
    pub async fn look_at(&self, tenant: TenantId, look: Look, applier: &Applier) -> Result<(), AskError> {
        if self.evaluate(tenant, look).await?.changed > 0 {
            applier.announce(tenant);
        }
        Ok(())
    }
}

/// Waits for a change, and then a moment for more of them. Who told too many at once is not asked which.
async fn changed(changes: &mut Receiver<LedgerChanged>) -> Due {
    let mut tenants = match changes.recv().await {
        Ok(LedgerChanged(tenant)) => BTreeSet::from([tenant]),
        Err(RecvError::Lagged(_)) => return Due::All,
        // The applier is gone, and the program with it.
        Err(RecvError::Closed) => std::future::pending().await,
    };
    let settled = Instant::now() + SETTLING;
    loop {
        tokio::select! {
            () = sleep_until(settled) => return Due::These(tenants),
            change = changes.recv() => match change {
                Ok(LedgerChanged(tenant)) => {
                    tenants.insert(tenant);
                }
                Err(_) => return Due::All,
            },
        }
    }
}
