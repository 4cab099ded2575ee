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
    pipeline_revision: i64,
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
        let states = sqlx::query!(
            r#"select r.timezone as "timezone?", r.revision as "revision?", p.revision as "pipeline?"
            from tenants t left join rollups r on r.tenant_id = t.id left join pipeline_revisions p on p.tenant_id = t.id
            where t.id = $1"#,
            tenant.id.0
        )
        .fetch_one(work.connection())
        .await?;
        let tenant = match states.timezone {
            Some(zone) => {
                let timezone =
                    TimeZone::get(&zone).map_err(|_| StoreError::unreadable("a timezone", &zone))?;
                Tenant { timezone, ..tenant }
            }
            None => tenant,
        };
        let (revision, pipeline_revision) =
            (states.revision.unwrap_or_default(), states.pipeline.unwrap_or_default());
        Ok(Self { work, tenant, as_of, revision, pipeline_revision })
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

    /// Which state of leads, deals and costs it sees: another number after every change of them.
    #[must_use]
    pub const fn pipeline_revision(&self) -> i64 {
        self.pipeline_revision
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
