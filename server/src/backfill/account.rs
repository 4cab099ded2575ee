//! Whose key it is and what it may read, found out before the first row is written.

use domain::backfill::Subject;
use domain::tenant::Tenant;
use serde_json::Value;
use store::backfills::StripeAccount;

use super::{BackfillError, Backfills, lists};
use crate::stripe::client::{StripeClient, StripeError};

/// What was found out of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Examined {
    pub(super) account: StripeAccount,
    /// Whether it has any object at all.
    pub(super) has_any: bool,
}

impl Backfills {
    /// Refuses a key of another account or mode than the tenant's, and one that may not read everything.
    pub(super) async fn examine(
        &self,
        tenant: &Tenant,
        client: &StripeClient,
        livemode: bool,
    ) -> Result<Examined, BackfillError> {
        let mut work = self.accounts.store.within(tenant.id).await?;
        let known = work.stripe_account().await?;
        if let Some(is_live) = work.livemode().await?.filter(|own| *own != livemode) {
            return Err(BackfillError::OtherMode { is_live });
        }
        drop(work);
        if let Some(known) = known.as_ref().filter(|known| known.livemode != livemode) {
            return Err(BackfillError::OtherMode { is_live: known.livemode });
        }
        let found = account_id(client).await?;
        if let Some(known) = known.filter(|known| known.id != found) {
            return Err(BackfillError::OtherAccount { known: known.id, found });
        }
        let has_any = may_read_everything(client).await?;
        let checked_at = self.accounts.clock.now();
        let account = StripeAccount { id: found, livemode, problem: None, checked_at };
        Ok(Examined { account, has_any })
    }

    /// Remembers whose key it is, and that it works.
    pub(super) async fn connected(
        &self,
        tenant: &Tenant,
        account: &StripeAccount,
    ) -> Result<(), BackfillError> {
        let mut work = self.accounts.store.within(tenant.id).await?;
        work.stripe_account_put(account).await?;
        work.stripe_account_takes(account).await?;
        Ok(work.commit().await?)
    }

    /// Remembers that a key that was once accepted does not work any more.
    pub(super) async fn broken(&self, tenant: &Tenant, problem: &str) -> Result<(), BackfillError> {
        let mut work = self.accounts.store.within(tenant.id).await?;
        let Some(known) = work.stripe_account().await? else { return Ok(()) };
        let checked_at = self.accounts.clock.now();
        work.stripe_account_put(&StripeAccount { problem: Some(problem.to_owned()), checked_at, ..known })
            .await?;
        Ok(work.commit().await?)
    }
}

async fn account_id(client: &StripeClient) -> Result<String, StripeError> {
    const PATH: &str = "/v1/account";
    let account = client.get(PATH, &Vec::new()).await?;
    let is_account = |id: &&str| {
        id.len() <= 65
            && id.starts_with("acct_")
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let id = account.get("id").and_then(Value::as_str).filter(is_account);
    id.map(str::to_owned).ok_or_else(|| StripeError::Garbage { path: PATH.to_owned() })
}

/// Asks for one object of every list, so that everything that is missing is said at once; whether there is any.
async fn may_read_everything(client: &StripeClient) -> Result<bool, BackfillError> {
    let (mut has_any, mut missing) = (false, Vec::new());
    for subject in Subject::ALL {
        match lists::has_any(client, subject).await {
            Ok(has) => has_any |= has,
            Err(StripeError::Forbidden { permission, .. }) => missing.push(permission),
            Err(error) => return Err(error.into()),
        }
    }
    if missing.is_empty() { Ok(has_any) } else { Err(BackfillError::MissingPermissions(missing)) }
}
