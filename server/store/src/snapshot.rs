//! One moment of a tenant's data: everything read through it is from the same state of the database.

use domain::ids::TenantId;
use domain::period::DateRange;
use domain::tenant::Tenant;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sqlx::PgConnection;

use crate::work::{TenantWork, begin_reading};
use crate::{Store, StoreError};

/// A read-only view of one tenant's data as it stood when the view was opened.
///
/// Every read of analytics is a method of it, so that the parts of one answer cannot come from different states. To
/// add a read, write it beside the others of its subject, as `impl Snapshot`.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) work: TenantWork,
    tenant: Tenant,
    as_of: Timestamp,
    revision: i64,
}

impl Store {
    /// Opens a view of a tenant's data as it is now; `None` when there is no such tenant.
    pub async fn snapshot(&self, tenant: TenantId, now: Timestamp) -> Result<Option<Snapshot>, StoreError> {
        let work = begin_reading(&self.tenant_pool, tenant).await?;
        match Snapshot::of(work, now).await {
            Err(StoreError::Database(sqlx::Error::RowNotFound)) => Ok(None),
            snapshot => snapshot.map(Some),
        }
    }
}

impl Snapshot {
    async fn of(mut work: TenantWork, as_of: Timestamp) -> Result<Self, StoreError> {
        let tenant = work.tenant().await?;
        let rolled_up =
            sqlx::query!(r#"select timezone, revision from rollups where tenant_id = $1"#, tenant.id.0)
                .fetch_optional(work.connection())
                .await?;
        let Some(rolled_up) = rolled_up else { return Ok(Self { work, tenant, as_of, revision: 0 }) };
        let timezone = TimeZone::get(&rolled_up.timezone)
            .map_err(|_| StoreError::unreadable("a timezone", &rolled_up.timezone))?;
        let tenant = Tenant { timezone, ..tenant };
        Ok(Self { work, tenant, as_of, revision: rolled_up.revision })
    }

    /// The same moment of another tenant's data; for who may see every tenant's.
    pub async fn turned_to(mut self, tenant: TenantId) -> Result<Self, StoreError> {
        sqlx::query!(
            r#"select set_config('command_center.tenant', $1, true) as "set!""#,
            tenant.0.to_string()
        )
        .fetch_one(self.work.connection())
        .await?;
        self.work.tenant = tenant;
        Self::of(self.work, self.as_of).await
    }

    /// The tenant as it was then. Its days begin where those of the rollups do: after its timezone was changed, and
    /// until the rollups are made again, that is the timezone before.
    #[must_use]
    pub const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// When it was opened.
    #[must_use]
    pub const fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// Which state of the rollups it sees: another number after every change of what reports read.
    #[must_use]
    pub const fn revision(&self) -> i64 {
        self.revision
    }

    /// The same moment, for reads that work within a tenant.
    pub const fn work(&mut self) -> &mut TenantWork {
        &mut self.work
    }

    /// The instants a range of the tenant's days begins at and ends before.
    #[must_use]
    pub fn instants(&self, range: DateRange) -> (Timestamp, Timestamp) {
        range.instants(&self.tenant.timezone)
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        self.work.connection()
    }
}
