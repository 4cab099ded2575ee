//! What tenants' endpoints are signed with, remembered for a moment: it is asked with every event, and looking it up
//! and opening it costs more than keeping the event.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::TenantId;
use tokio::time::Instant;

use super::{Accounts, Refusal};
use crate::stripe::signature::SigningSecrets;

/// How long a secret counts that another process has taken away. One it has added counts at once, since who is
/// refused by what is remembered is looked up again.
const REMEMBERED: Duration = Duration::from_secs(2);

/// Secrets that were looked up just now.
#[derive(Clone, Default)]
pub struct Endpoints(Arc<Mutex<Memory>>);

#[derive(Default)]
struct Memory {
    secrets: HashMap<TenantId, (SigningSecrets, Instant)>,
    /// Counts the changes, so that what was looked up before one is not remembered after it.
    changes: u64,
}

/// What an endpoint is signed with, and whether that may be old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointSecrets {
    /// The secrets.
    pub secrets: SigningSecrets,
    /// Whether they were looked up before.
    pub is_remembered: bool,
}

impl Endpoints {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(&self, tenant: TenantId) -> Option<SigningSecrets> {
        let memory = self.memory();
        let (secrets, since) = memory.secrets.get(&tenant)?;
        (since.elapsed() < REMEMBERED).then(|| secrets.clone())
    }

    fn changes(&self) -> u64 {
        self.memory().changes
    }

    /// Remembers what was looked up, unless something changed meanwhile.
    fn remember(&self, tenant: TenantId, secrets: &Option<SigningSecrets>, changes: u64) {
        let mut memory = self.memory();
        match secrets {
            Some(secrets) if memory.changes == changes => {
                memory.secrets.insert(tenant, (secrets.clone(), Instant::now()));
            }
            _ => drop(memory.secrets.remove(&tenant)),
        }
    }

    /// What was stored or removed counts from now on.
    pub(super) fn forget(&self, tenant: TenantId) {
        let mut memory = self.memory();
        memory.changes += 1;
        memory.secrets.remove(&tenant);
    }
}

impl Accounts {
    /// What a tenant's own endpoint is signed with, as it was looked up just now.
    pub async fn endpoint_secrets(&self, tenant: TenantId) -> Result<Option<EndpointSecrets>, Refusal> {
        if let Some(secrets) = self.endpoints.recall(tenant) {
            return Ok(Some(EndpointSecrets { secrets, is_remembered: true }));
        }
        self.endpoint_secrets_anew(tenant).await
    }

    /// The same, looked up again.
    pub async fn endpoint_secrets_anew(&self, tenant: TenantId) -> Result<Option<EndpointSecrets>, Refusal> {
        let changes = self.endpoints.changes();
        let secrets = self.signing_secrets(tenant).await?;
        self.endpoints.remember(tenant, &secrets, changes);
        Ok(secrets.map(|secrets| EndpointSecrets { secrets, is_remembered: false }))
    }
}

/// Shows no secrets.
impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoints").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn secrets(text: &str) -> Option<SigningSecrets> {
        SigningSecrets::parse(text).ok()
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_looked_up_is_remembered_for_a_moment_and_no_longer() {
        let (endpoints, tenant) = (Endpoints::default(), TenantId(Uuid::nil()));
        endpoints.remember(tenant, &secrets("whsec_one"), endpoints.changes());
        assert_eq!(endpoints.recall(tenant), secrets("whsec_one"));
        tokio::time::advance(REMEMBERED).await;
        assert_eq!(endpoints.recall(tenant), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_looked_up_before_a_change_is_not_remembered_after_it() {
        let (endpoints, tenant) = (Endpoints::default(), TenantId(Uuid::nil()));
        let before = endpoints.changes();
        endpoints.forget(tenant);
        endpoints.remember(tenant, &secrets("whsec_old"), before);
        assert_eq!(endpoints.recall(tenant), None);
        endpoints.remember(tenant, &secrets("whsec_new"), endpoints.changes());
        endpoints.remember(tenant, &None, endpoints.changes());
        assert_eq!(endpoints.recall(tenant), None, "what is gone is not remembered");
    }
}
