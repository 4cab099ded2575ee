//! Reading a tenant's past from Stripe.
//!
//! Objects are looked up list by list ([`lists`]) and kept as events, so that the applier books them like those
//! Stripe sends. A page's events and the cursor behind it are one transaction ([`reading`]): whoever is killed goes
//! on with the page that was not finished. [`account`] looks at whose key it is before the first row;
//! [`comparison`] compares the ledger with Stripe's balance afterwards; [`preview`] says what would change and
//! writes nothing. [`foreman`] goes on with runs in the background of a server.
//!
//! To read another list: a `Subject`, its line in [`lists`], and the type of its events in `stripe::looked_up`.

mod account;
mod asked;
mod comparison;
mod foreman;
mod lists;
mod preview;
mod reading;
mod runs;
mod summary;

use std::sync::Arc;

use domain::connection::SecretKind;
use domain::tenant::Tenant;
use store::StoreError;
use tokio::sync::Notify;

use crate::accounts::{Accounts, Refusal, StoredFor};
use crate::applier::Applier;
use crate::stripe::client::{ApiBase, InvalidKey, Pace, StripeClient, StripeError, StripeKey};

pub use self::asked::{Asked, InvalidWindow, MOST_DAYS};
pub use self::comparison::{Compared, Comparison};
pub use self::preview::Preview;
pub use self::reading::{Progress, Silent};
pub use self::runs::By;
pub use self::summary::Summary;

/// How Stripe is reached.
#[derive(Clone, Debug)]
pub struct StripeAccess {
    /// Where it is.
    pub base: ApiBase,
    /// The key of the default tenant, unless it stored one.
    pub key: Option<StripeKey>,
    /// How patiently it is asked.
    pub pace: Pace,
}

impl StripeAccess {
    /// Access at an address, at the pace that is fit for it.
    #[must_use]
    pub fn new(base: ApiBase, key: Option<StripeKey>) -> Self {
        let pace = if base.is_stripe() { Pace::gentle() } else { Pace::brisk() };
        Self { base, key, pace }
    }
}

/// Reads the past of tenants.
#[derive(Clone, Debug)]
pub struct Backfills {
    /// Whose keys are asked with.
    pub accounts: Accounts,
    /// Who books what is found.
    pub applier: Applier,
    /// How Stripe is reached.
    pub access: StripeAccess,
    woken: Arc<Notify>,
}

/// Why the past is not read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// There is no key.
    #[error("no Stripe key is stored: store a restricted key that may read, as stripe_key")]
    NoKey,
    /// What is stored is no key.
    #[error("what is stored as the Stripe key is none: {0}")]
    NoSuchKey(#[from] InvalidKey),
    /// Stripe did not answer.
    #[error(transparent)]
    Stripe(#[from] StripeError),
    /// The key lacks permissions.
    #[error("the key may not read everything: give it these permissions in Stripe: {}", .0.join(", "))]
    MissingPermissions(Vec<String>),
    /// The key is another account's.
    #[error("this key belongs to the Stripe account {found}, but this workspace is connected to {known}")]
    OtherAccount {
        /// The tenant's.
        known: String,
        /// The key's.
        found: String,
    },
    /// The key is of the other mode.
    #[error("this is a {} key, but this workspace is connected in {} mode", mode(!.is_live), mode(*.is_live))]
    OtherMode {
        /// Whether the tenant's connection is live.
        is_live: bool,
    },
    /// The account has objects, but none was found.
    #[error(
        "nothing was found between the days asked for, although the Stripe account is not empty: ask for more days"
    )]
    NothingFound,
    /// A list could not be read in order.
    #[error("the list of {0} changed too often while it was read: start it again later")]
    Restless(&'static str),
    /// Somebody else reads.
    #[error("the past of this workspace is being read already")]
    Busy,
    /// Somebody stopped it.
    #[error("reading was stopped; start it again and it goes on from here")]
    Stopped,
    /// The tenant may not be read for.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackfillError {
    /// Whether nothing can be asked until somebody changes the key.
    const fn is_about_the_key(&self) -> bool {
        match self {
            Self::Stripe(error) => error.is_about_the_key(),
            Self::MissingPermissions(_) => true,
            _ => false,
        }
    }
}

const fn mode(is_live: bool) -> &'static str {
    if is_live { "live" } else { "test" }
}

impl Backfills {
    /// What reads with these.
    #[must_use]
    pub fn new(accounts: Accounts, applier: Applier, access: StripeAccess) -> Self {
        Self { accounts, applier, access, woken: Arc::new(Notify::new()) }
    }

    /// Whether there is a key to ask with.
    pub async fn has_key(&self, tenant: &Tenant) -> Result<bool, BackfillError> {
        Ok(self.stored_key(tenant).await?.is_some())
    }

    async fn stored_key(&self, tenant: &Tenant) -> Result<Option<StripeKey>, BackfillError> {
        let stored = StoredFor { tenant: tenant.id, kind: SecretKind::StripeKey };
        if let Some(text) = self.accounts.secret(stored).await? {
            return Ok(Some(StripeKey::parse(text.reveal())?));
        }
        let default = self.accounts.store.tenant_default().await?;
        let is_default = default.is_some_and(|default| default.id == tenant.id);
        Ok(self.access.key.clone().filter(|_| is_default))
    }

    /// A way to the tenant's account, and whether real money moves there.
    async fn client_of(&self, tenant: &Tenant) -> Result<(StripeClient, bool), BackfillError> {
        let key = self.stored_key(tenant).await?.ok_or(BackfillError::NoKey)?;
        let client = StripeClient::new(self.access.base.clone(), &key, self.access.pace)?;
        Ok((client, key.livemode()))
    }
}
