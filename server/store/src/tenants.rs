//! Tenants.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::channel::Channel;
use domain::ids::TenantId;
use domain::money::Currency;
use domain::period::WeekStart;
use domain::tenant::{Economics, Tenant, is_slug};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::database::instant;
use crate::work::{PlatformWork, TenantWork};
use crate::{Store, StoreError};

struct TenantRow {
    id: Uuid,
    slug: String,
    name: String,
    currency: String,
    timezone: String,
    week_start: String,
    gross_margin_permille: i16,
    target_roas_percent: i32,
    minimum_spend_minor: i64,
    minimum_customers: i32,
    maximum_payback_months: i32,
    stuck_after_days: i32,
    mrr_definition: String,
    attribution_order: String,
    version: i32,
}

impl TenantRow {
    fn read(self) -> Result<Tenant, StoreError> {
        let currency = self.currency.parse::<Currency>();
        Ok(Tenant {
            id: TenantId(self.id),
            slug: self.slug,
            name: self.name,
            currency: currency.map_err(|_| StoreError::unreadable("a currency", &self.currency))?,
            timezone: TimeZone::get(&self.timezone)
                .map_err(|_| StoreError::unreadable("a timezone", &self.timezone))?,
            week_start: match self.week_start.as_str() {
                "sunday" => WeekStart::Sunday,
                _ => WeekStart::Monday,
            },
            economics: Economics {
                gross_margin_permille: self.gross_margin_permille,
                target_roas_percent: self.target_roas_percent,
                minimum_spend_minor: self.minimum_spend_minor,
                minimum_customers: self.minimum_customers,
                maximum_payback_months: self.maximum_payback_months,
                stuck_after_days: self.stuck_after_days,
            },
            definition: self
                .mrr_definition
                .parse()
                .map_err(|_| StoreError::unreadable("a definition of MRR", &self.mrr_definition))?,
            attribution_order: self
                .attribution_order
                .parse()
                .map_err(|_| StoreError::unreadable("an order of attribution", self.attribution_order))?,
            version: self.version,
        })
    }
}

/// Which tenants there are, as far as it was asked: one that is there stays, with its short name, and so does the one
/// that takes what names none.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownTenants(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    there: HashSet<TenantId>,
    by_slug: HashMap<String, TenantId>,
    default: Option<TenantId>,
}

impl KnownTenants {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn week_start_word(week_start: WeekStart) -> &'static str {
    match week_start {
        WeekStart::Monday => "monday",
        WeekStart::Sunday => "sunday",
    }
}

impl Store {
    /// Adds a tenant with its channels; the first one becomes the default. `false` when id or slug is taken.
    pub async fn tenant_insert(
        &self,
        tenant: &Tenant,
        channels: &[Channel],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut work = self.platform().await?;
        let is_new = work.tenant_insert(tenant, channels, now).await?;
        work.commit().await?;
        Ok(is_new)
    }

    /// The tenant with this id.
    pub async fn tenant_by_id(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        sqlx::query_as!(
            TenantRow,
            r#"select id, slug, name, currency, timezone, week_start, gross_margin_permille, target_roas_percent,
                minimum_spend_minor, minimum_customers, maximum_payback_months, stuck_after_days,
                mrr_definition, attribution_order, version
            from tenants where id = $1"#,
            id.0
        )
        .fetch_optional(&self.platform_pool)
        .await?
        .map(TenantRow::read)
        .transpose()
    }

    /// The tenant with this short name.
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Tenant>, StoreError> {
        if !is_slug(slug) {
            return Ok(None);
        }
        sqlx::query_as!(
            TenantRow,
            r#"select id, slug, name, currency, timezone, week_start, gross_margin_permille, target_roas_percent,
                minimum_spend_minor, minimum_customers, maximum_payback_months, stuck_after_days,
                mrr_definition, attribution_order, version
            from tenants where slug = $1"#,
            slug
        )
        .fetch_optional(&self.platform_pool)
        .await?
        .map(TenantRow::read)
        .transpose()
    }

    /// The tenant that takes what names none.
    pub async fn tenant_default(&self) -> Result<Option<Tenant>, StoreError> {
        sqlx::query_as!(
            TenantRow,
            r#"select id, slug, name, currency, timezone, week_start, gross_margin_permille, target_roas_percent,
                minimum_spend_minor, minimum_customers, maximum_payback_months, stuck_after_days,
                mrr_definition, attribution_order, version
            from tenants where is_default"#
        )
        .fetch_optional(&self.platform_pool)
        .await?
        .map(TenantRow::read)
        .transpose()
    }

    /// Whether there is this tenant. Asked with every event, so what was found once is not looked up again.
    pub async fn tenant_exists(&self, id: TenantId) -> Result<bool, StoreError> {
        if self.known.lock().there.contains(&id) {
            return Ok(true);
        }
        let exists =
            sqlx::query_scalar!(r#"select exists (select from tenants where id = $1) as "exists!""#, id.0)
                .fetch_one(&self.platform_pool)
                .await?;
        if exists {
            self.known.lock().there.insert(id);
        }
        Ok(exists)
    }

    /// Which tenant has this short name; looked up once.
    pub async fn tenant_id_by_slug(&self, slug: &str) -> Result<Option<TenantId>, StoreError> {
        if !is_slug(slug) {
            return Ok(None);
        }
        if let Some(id) = self.known.lock().by_slug.get(slug) {
            return Ok(Some(*id));
        }
        let found = sqlx::query_scalar!(r#"select id from tenants where slug = $1"#, slug)
            .fetch_optional(&self.platform_pool)
            .await?
            .map(TenantId);
        if let Some(id) = found {
            self.known.lock().by_slug.insert(slug.to_owned(), id);
        }
        Ok(found)
    }

    /// Which tenant takes what names none; looked up once.
    pub async fn tenant_id_default(&self) -> Result<Option<TenantId>, StoreError> {
        let known = self.known.lock().default;
        if known.is_some() {
            return Ok(known);
        }
        let found = sqlx::query_scalar!(r#"select id from tenants where is_default"#)
            .fetch_optional(&self.platform_pool)
            .await?
            .map(TenantId);
        self.known.lock().default = found;
        Ok(found)
    }

    /// Every tenant, by short name.
    pub async fn tenants_all(&self) -> Result<Vec<Tenant>, StoreError> {
        sqlx::query_as!(
            TenantRow,
            r#"select id, slug, name, currency, timezone, week_start, gross_margin_permille, target_roas_percent,
                minimum_spend_minor, minimum_customers, maximum_payback_months, stuck_after_days,
                mrr_definition, attribution_order, version
            from tenants order by slug"#
        )
        .fetch_all(&self.platform_pool)
        .await?
        .into_iter()
        .map(TenantRow::read)
        .collect()
    }

    /// The ids of all tenants, also of those that cannot be read.
    pub async fn tenant_ids(&self) -> Result<Vec<TenantId>, StoreError> {
        let ids = sqlx::query_scalar!(r#"select id from tenants order by id"#)
            .fetch_all(&self.platform_pool)
            .await?;
        Ok(ids.into_iter().map(TenantId).collect())
    }
}

impl PlatformWork {
    /// Adds a tenant with its channels; the first one becomes the default. `false` when id or slug is taken.
    pub async fn tenant_insert(
        &mut self,
        tenant: &Tenant,
        channels: &[Channel],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // Of two first ones at once, one waits and is refused as another default; once more it is none.
        let is_new = self.insert_tenant(tenant, now).await? || self.insert_tenant(tenant, now).await?;
        if is_new {
            self.channels_insert(tenant.id, channels, now).await?;
        }
        Ok(is_new)
    }

    async fn insert_tenant(&mut self, tenant: &Tenant, now: Timestamp) -> Result<bool, StoreError> {
        let economics = tenant.economics;
        let inserted = sqlx::query!(
            r#"insert into tenants (id, slug, name, currency, timezone, week_start, gross_margin_permille,
                target_roas_percent, minimum_spend_minor, minimum_customers, maximum_payback_months,
                stuck_after_days, mrr_definition, version, is_default, created_at, attribution_order)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
                not exists (select from tenants where is_default), $15, $16)
            on conflict do nothing"#,
            tenant.id.0,
            tenant.slug,
            tenant.name,
            tenant.currency.code(),
            tenant.timezone_name(),
            week_start_word(tenant.week_start),
            economics.gross_margin_permille,
            economics.target_roas_percent,
            economics.minimum_spend_minor,
            economics.minimum_customers,
            economics.maximum_payback_months,
            economics.stuck_after_days,
            tenant.definition.id,
            tenant.version,
            instant(now) as _,
            tenant.attribution_order.word(),
        )
        .execute(self.connection())
        .await?;
        Ok(inserted.rows_affected() == 1)
    }
}

impl TenantWork {
    /// The tenant itself.
    pub async fn tenant(&mut self) -> Result<Tenant, StoreError> {
        sqlx::query_as!(
            TenantRow,
            r#"select id, slug, name, currency, timezone, week_start, gross_margin_permille, target_roas_percent,
                minimum_spend_minor, minimum_customers, maximum_payback_months, stuck_after_days,
                mrr_definition, attribution_order, version
            from tenants where id = $1"#,
            self.tenant.0
        )
        .fetch_one(self.connection())
        .await?
        .read()
    }

    /// Changes the tenant's settings. `false` when they are no longer the version that was seen.
    pub async fn tenant_update(
        &mut self,
        tenant: &Tenant,
        expected_version: i32,
    ) -> Result<bool, StoreError> {
        let economics = tenant.economics;
        let updated = sqlx::query!(
            r#"update tenants set name = $3, currency = $4, timezone = $5, week_start = $6,
                gross_margin_permille = $7, target_roas_percent = $8, minimum_spend_minor = $9,
                minimum_customers = $10, maximum_payback_months = $11, stuck_after_days = $12, mrr_definition = $13,
                attribution_order = $14, version = version + 1
            where id = $1 and version = $2"#,
            self.tenant.0,
            expected_version,
            tenant.name,
            tenant.currency.code(),
            tenant.timezone_name(),
            week_start_word(tenant.week_start),
            economics.gross_margin_permille,
            economics.target_roas_percent,
            economics.minimum_spend_minor,
            economics.minimum_customers,
            economics.maximum_payback_months,
            economics.stuck_after_days,
            tenant.definition.id,
            tenant.attribution_order.word(),
        )
        .execute(self.connection())
        .await?;
        Ok(updated.rows_affected() == 1)
    }
}
