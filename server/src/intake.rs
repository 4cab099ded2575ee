//! A signed event becomes durable: verify, read the envelope, keep; only then is it acknowledged.

use domain::ids::{EventId, TenantId};
use domain::tenant::Tenant;
use store::stripe_events::Kept;
use store::{Store, StoreError};

use crate::clock::Clock;
use crate::stripe::envelope::{Envelope, NotAnEvent};
use crate::stripe::signature::{self, SignatureError, SigningSecrets};

/// The door events come through, for webhooks and the demo alike.
#[derive(Clone, Debug)]
pub struct Intake {
    /// Where events are kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// What events must be signed with.
    pub secrets: SigningSecrets,
}

/// What is told the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The event.
    pub event: EventId,
    /// Whether it was known already.
    pub duplicate: bool,
}

/// Why an event is not kept.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// Nobody we know signed it.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// It is signed, but no event.
    #[error(transparent)]
    NotAnEvent(#[from] NotAnEvent),
    /// No tenant takes it.
    #[error("no tenant takes events yet")]
    NoTenant,
    /// It could not be made durable.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Intake {
    /// Keeps an event for the tenant whose account it is of or that its metadata names, else for the default tenant.
    pub async fn receive(&self, signature: Option<&str>, body: &[u8]) -> Result<Receipt, IntakeError> {
        let envelope = self.open(signature, body)?;
        let tenant = self.taker_of(&envelope).await?;
        self.keep(tenant, envelope, body).await
    }

    /// Keeps an event for this tenant, whatever it names.
    pub async fn receive_for(
        &self,
        tenant: &Tenant,
        signature: Option<&str>,
        body: &[u8],
    ) -> Result<Receipt, IntakeError> {
        self.receive_at(tenant.id, signature, body).await
    }

    /// The same, when no more is known of the tenant than which it is.
    pub(crate) async fn receive_at(
        &self,
        tenant: TenantId,
        signature: Option<&str>,
        body: &[u8],
    ) -> Result<Receipt, IntakeError> {
        let envelope = self.open(signature, body)?;
        self.keep(tenant, envelope, body).await
    }

    fn open(&self, signature: Option<&str>, body: &[u8]) -> Result<Envelope, IntakeError> {
        signature::verify(signature, body, &self.secrets, self.clock.now())?;
        Ok(Envelope::read(body)?)
    }

    /// Of a connected account's event its owner decides, whatever it names: anybody may write metadata.
    async fn taker_of(&self, envelope: &Envelope) -> Result<TenantId, IntakeError> {
        if let Some(account) = &envelope.account {
            let owner = self.store.tenant_id_by_stripe_account(account).await?;
            return match owner {
                Some(owner) => Ok(owner),
                None => self.store.tenant_id_default().await?.ok_or(IntakeError::NoTenant),
            };
        }
        if let Some(named) = envelope.tenant
            && self.store.tenant_exists(named).await?
        {
            return Ok(named);
        }
        self.store.tenant_id_default().await?.ok_or(IntakeError::NoTenant)
    }

    async fn keep(&self, tenant: TenantId, envelope: Envelope, body: &[u8]) -> Result<Receipt, IntakeError> {
        let kept = self.store.stripe_event_keep(tenant, &envelope.id, body, self.clock.now()).await?;
        Ok(Receipt { event: envelope.id, duplicate: kept == Kept::Duplicate })
    }
}
