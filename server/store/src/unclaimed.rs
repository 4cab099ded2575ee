//! The tenant that was made before anybody was there.

use domain::ids::TenantId;

use crate::StoreError;
use crate::work::PlatformWork;

impl PlatformWork {
    /// The default tenant, when it has no members yet. Whoever asks at the same time waits until this work is
    /// done, so that two cannot both have it.
    pub async fn tenant_unclaimed(&mut self) -> Result<Option<TenantId>, StoreError> {
        sqlx::query!(
            r#"select pg_advisory_xact_lock(hashtextextended('unclaimed tenant', 0))::text as done"#
        )
        .fetch_one(&mut *self.connection())
        .await?;
        let id = sqlx::query_scalar!(
            r#"select id from tenants t
            where is_default and not exists (select from memberships m where m.tenant_id = t.id)"#
        )
        .fetch_optional(&mut *self.connection())
        .await?;
        Ok(id.map(TenantId))
    }
}
