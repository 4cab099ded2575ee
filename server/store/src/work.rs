//! Transactions: [`TenantWork`] sees one tenant's rows, [`PlatformWork`] people, sessions and tenants.
//!
//! What is not committed when it is dropped is undone; who only reads may just drop it.

use domain::ids::TenantId;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, SqlSafeStr, SqlStr, Transaction};

use crate::{Store, StoreError};

/// A transaction within one tenant; the database shows it no other's rows.
#[derive(Debug)]
pub struct TenantWork {
    pub(crate) tenant: TenantId,
    transaction: Transaction<'static, Postgres>,
}

/// A transaction on people, sessions and tenants.
#[derive(Debug)]
pub struct PlatformWork {
    transaction: Transaction<'static, Postgres>,
}

impl Store {
    /// Begins work within a tenant.
    pub async fn within(&self, tenant: TenantId) -> Result<TenantWork, StoreError> {
        begin_within(&self.tenant_pool, tenant).await
    }

    /// Begins work within a tenant whose commit does not wait for the disk. Only for what is done again when it is
    /// lost: a crash undoes the newest of such transactions whole, with the mark that they were done.
    pub(crate) async fn within_lazily(&self, tenant: TenantId) -> Result<TenantWork, StoreError> {
        begin_with(&self.tenant_pool, tenant, "; set local synchronous_commit = off").await
    }

    /// Begins work on people, sessions and tenants.
    pub async fn platform(&self) -> Result<PlatformWork, StoreError> {
        Ok(PlatformWork { transaction: begin(&self.platform_pool, "begin".into_sql_str()).await? })
    }
}

impl TenantWork {
    /// Makes all of it count at once.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

impl PlatformWork {
    /// Makes all of it count at once.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

/// Begins work within a tenant on one of these connections.
pub(crate) async fn begin_within(pool: &PgPool, tenant: TenantId) -> Result<TenantWork, StoreError> {
    begin_with(pool, tenant, "").await
}

async fn begin_with(pool: &PgPool, tenant: TenantId, also: &str) -> Result<TenantWork, StoreError> {
    // One message: a connection is never in a transaction that has not been told its tenant.
    let opening = format!("begin; set local command_center.tenant = '{tenant}'{also}");
    let transaction = begin(pool, AssertSqlSafe(opening).into_sql_str()).await?;
    Ok(TenantWork { tenant, transaction })
}

/// Begins reading one state of a tenant's data on one of these connections.
pub(crate) async fn begin_reading(pool: &PgPool, tenant: TenantId) -> Result<TenantWork, StoreError> {
    let opening = format!(
        "begin isolation level repeatable read, read only; set local command_center.tenant = '{tenant}'"
    );
    let transaction = begin(pool, AssertSqlSafe(opening).into_sql_str()).await?;
    Ok(TenantWork { tenant, transaction })
}

/// Begins in a task of its own, which ends also when nobody waits for it any more: dropped between sending
/// `begin` and hearing back, sqlx would return a connection to the pool that is still in the transaction.
async fn begin(pool: &PgPool, opening: SqlStr) -> Result<Transaction<'static, Postgres>, StoreError> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(opening).await });
    Ok(begun.await.map_err(|_| sqlx::Error::WorkerCrashed)??)
}
