//! What of Stripe belongs to a tenant: its account, and its mode.

use domain::connection::{Belonging, SecretKind};
use domain::ids::TenantId;
use jiff::Timestamp;

use crate::applying::Batch;
use crate::database::instant;
use crate::{Store, StoreError};

impl Store {
    /// Which tenant has connected this account of Stripe's.
    pub async fn tenant_id_by_stripe_account(&self, account: &str) -> Result<Option<TenantId>, StoreError> {
        let found = sqlx::query_scalar!(
            r#"select tenant_id from stripe_accounts where account_id = $1 order by tenant_id limit 1"#,
            account,
        )
        .fetch_optional(&self.platform_pool)
        .await?;
        Ok(found.map(TenantId))
    }
}

impl Batch {
    /// What belongs to the tenant.
    pub async fn belonging(&mut self) -> Result<Belonging, StoreError> {
        let row = sqlx::query!(
            r#"select t.livemode, a.account_id as "account_id?",
                a.revoked_at as "revoked_at?: jiff_sqlx::Timestamp"
            from tenants t left join stripe_accounts a on a.tenant_id = t.id where t.id = $1"#,
            self.tenant.0,
        )
        .fetch_one(self.work.connection())
        .await?;
        Ok(Belonging {
            account: row.account_id,
            revoked_at: row.revoked_at.map(Into::into),
            livemode: row.livemode,
        })
    }

    /// Decides the tenant's mode, unless it is decided; says which it is.
    pub async fn livemode_decide(&mut self, livemode: bool) -> Result<bool, StoreError> {
        let decided = sqlx::query_scalar!(
            r#"update tenants set livemode = coalesce(livemode, $2) where id = $1 returning livemode as "livemode!""#,
            self.tenant.0,
            livemode,
        )
        .fetch_one(self.work.connection())
        .await?;
        Ok(decided)
    }

    /// Has the tenant keep the other mode from now on.
    pub async fn livemode_set(&mut self, livemode: bool) -> Result<(), StoreError> {
        sqlx::query!(r#"update tenants set livemode = $2 where id = $1"#, self.tenant.0, livemode)
            .execute(self.work.connection())
            .await?;
        Ok(())
    }

    /// Marks the tenant's account as disconnected and forgets its key, unless it was connected again since.
    pub async fn stripe_account_revoke(
        &mut self,
        told_at: Timestamp,
        problem: &str,
    ) -> Result<(), StoreError> {
        let revoked = sqlx::query!(
            r#"update stripe_accounts set revoked_at = $2, problem = $3 where tenant_id = $1 and checked_at <= $2"#,
            self.tenant.0,
            instant(told_at) as _,
            problem,
        )
        .execute(self.work.connection())
        .await?;
        if revoked.rows_affected() == 1 {
            sqlx::query!(
                r#"delete from tenant_secrets where tenant_id = $1 and kind = $2"#,
                self.tenant.0,
                SecretKind::StripeKey.word(),
            )
            .execute(self.work.connection())
            .await?;
        }
        Ok(())
    }
}
