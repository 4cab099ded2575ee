//! A signed event becomes durable: verify, read the envelope, keep; only then is it acknowledged.

use domain::ids::EventId;
use domain::tenant::Tenant;
use store::stripe_events::Kept;
use store::{Store, StoreError};

use crate::clock::Clock;
use crate::stripe::event::{Envelope, NotAnEvent};
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
    /// Keeps an event for the tenant its metadata names, else for the default tenant.
    pub async fn receive(&self, signature: Option<&str>, body: &[u8]) -> Result<Receipt, IntakeError> {
        let envelope = self.open(signature, body)?;
        let named = match envelope.tenant {
            Some(id) => self.store.tenant_by_id(id).await?,
            None => None,
        };
        let tenant = match named {
            Some(tenant) => tenant,
            None => self.store.tenant_default().await?.ok_or(IntakeError::NoTenant)?,
        };
        self.keep(&tenant, envelope, body).await
    }

    /// Keeps an event for this tenant, whatever it names.
    pub async fn receive_for(
        &self,
        tenant: &Tenant,
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

    async fn keep(&self, tenant: &Tenant, envelope: Envelope, body: &[u8]) -> Result<Receipt, IntakeError> {
        let kept = self.store.stripe_event_keep(tenant.id, &envelope.id, body, self.clock.now()).await?;
        Ok(Receipt { event: envelope.id, duplicate: kept == Kept::Duplicate })
    }
}
