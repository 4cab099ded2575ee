//! A tenant's credentials for other services: sealed when stored, never shown again.

use credentials::sealing::{OpenError, SecretText};
use domain::access::{Actor, Permission, Viewer};
use domain::audit::Deed;
use domain::connection::SecretKind;
use domain::ids::TenantId;
use store::tenant_secrets::SealedSecret;

use super::members::name_of;
use super::{Accounts, Refusal, Sender, about, deed};
use crate::stripe::signature::SigningSecrets;

/// The longest credential that is taken.
const MAX_LENGTH: usize = 2_000;

/// Whose credential of which kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredFor {
    /// Whose.
    pub tenant: TenantId,
    /// Of which kind.
    pub kind: SecretKind,
}

impl StoredFor {
    /// What is sealed along with it, so that it opens nowhere else.
    fn context(self) -> Vec<u8> {
        format!("{} {}", self.tenant, self.kind.word()).into_bytes()
    }
}

impl Accounts {
    /// Stores a credential for the viewer's tenant.
    pub async fn store_secret(
        &self,
        viewer: &Viewer,
        kind: &str,
        value: &str,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::ManageConnections)?;
        let kind = kind.parse().map_err(|why| Refusal::field("kind", format!("{why}")))?;
        self.put_secret(viewer.actor.clone(), StoredFor { tenant: viewer.tenant, kind }, value, sender).await
    }

    pub(super) async fn put_secret(
        &self,
        actor: Actor,
        what: StoredFor,
        value: &str,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        let value = readable(what.kind, value)?;
        let Some(keys) = &self.secrets_keys else {
            return Err(Refusal::Conflict("SECRETS_KEY is not set, so nothing can be sealed".to_owned()));
        };
        let sealed = keys.seal(&what.context(), value.as_bytes());
        let now = self.clock.now();
        let mut work = self.store.within(what.tenant).await?;
        let sealed = SealedSecret { key_id: sealed.key_id, bytes: sealed.bytes };
        work.secret_put(what.kind, &sealed, &name_of(&actor), now).await?;
        work.audit(&about(deed(actor, Deed::SecretStored, sender), what.kind.name()), now).await?;
        work.commit().await?;
        self.endpoints.forget(what.tenant);
        Ok(())
    }

    /// Removes a credential of the viewer's tenant.
    pub async fn remove_secret(&self, viewer: &Viewer, kind: &str, sender: &Sender) -> Result<(), Refusal> {
        viewer.require(Permission::ManageConnections)?;
        let kind: SecretKind = kind.parse().map_err(|_| Refusal::NotFound)?;
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        if !work.secret_remove(kind).await? {
            return Err(Refusal::NotFound);
        }
        let line = about(deed(viewer.actor.clone(), Deed::SecretRemoved, sender), kind.name());
        work.audit(&line, now).await?;
        work.commit().await?;
        self.endpoints.forget(viewer.tenant);
        Ok(())
    }

    /// Opens a stored credential; `None` when there is none, or none that opens with our keys.
    pub async fn secret(&self, what: StoredFor) -> Result<Option<SecretText>, Refusal> {
        let Some(keys) = &self.secrets_keys else { return Ok(None) };
        let mut work = self.store.within(what.tenant).await?;
        let Some(sealed) = work.secret(what.kind).await? else { return Ok(None) };
        match keys.open(&what.context(), &sealed.key_id, &sealed.bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => {
                tracing::error!(%error, tenant = %what.tenant, kind = what.kind.word(), "a credential does not open");
                Ok(None)
            }
        }
    }

    /// What a tenant's own endpoint is signed with.
    pub async fn signing_secrets(&self, tenant: TenantId) -> Result<Option<SigningSecrets>, Refusal> {
        let stored = self.secret(StoredFor { tenant, kind: SecretKind::StripeWebhook }).await?;
        Ok(stored.and_then(|text| SigningSecrets::parse(text.reveal()).ok()))
    }

    /// Seals every credential of a tenant anew with the first key; returns how many were sealed with another.
    pub async fn reseal(&self, tenant: TenantId) -> Result<usize, ResealError> {
        let keys = self.secrets_keys.as_ref().ok_or(ResealError::NoKey)?;
        let now = self.clock.now();
        let mut work = self.store.within(tenant).await.map_err(Refusal::from)?;
        let mut resealed = 0;
        for stored in work.secrets().await.map_err(Refusal::from)? {
            if stored.key_id == keys.current_key_id() {
                continue;
            }
            let what = StoredFor { tenant, kind: stored.kind };
            let Some(old) = work.secret(stored.kind).await.map_err(Refusal::from)? else { continue };
            let text = keys.open(&what.context(), &old.key_id, &old.bytes)?;
            let sealed = keys.seal(&what.context(), text.reveal().as_bytes());
            let sealed = SealedSecret { key_id: sealed.key_id, bytes: sealed.bytes };
            work.secret_put(stored.kind, &sealed, &stored.updated_by, now).await.map_err(Refusal::from)?;
            resealed += 1;
        }
        work.commit().await.map_err(Refusal::from)?;
        Ok(resealed)
    }
}

/// Why credentials could not be sealed anew.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// There is nothing to seal with.
    #[error("SECRETS_KEY is not set")]
    NoKey,
    /// One does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// A credential that can be one.
fn readable(kind: SecretKind, value: &str) -> Result<String, Refusal> {
    let value = value.trim();
    let wrong = |message: &str| Err(Refusal::field("value", message));
    if value.is_empty() {
        return wrong("this is needed");
    }
    if value.len() > MAX_LENGTH || !value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return wrong("this is no credential: paste it as the service shows it");
    }
    if kind == SecretKind::StripeWebhook && !is_signing_secret(value) {
        return wrong("a signing secret begins with whsec_ and goes on without spaces");
    }
    Ok(value.to_owned())
}

/// Whether events can be verified with it. The prefix alone would verify whatever anybody signs with it.
fn is_signing_secret(value: &str) -> bool {
    let is_one = |part: &str| part.trim().strip_prefix("whsec_").is_some_and(|rest| !rest.is_empty());
    value.split(',').all(is_one) && SigningSecrets::parse(value).is_ok()
}
