//! Tenants and their channels.

use domain::channel::{Channel, ChannelList, ChannelSlug};
use domain::ids::TenantId;
use domain::money::Currency;
use domain::period::WeekStart;
use domain::tenant::Tenant;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::database::instant;
use crate::{Store, StoreError};

struct TenantRow {
    id: Uuid,
    slug: String,
    name: String,
    currency: String,
    timezone: String,
    week_start: String,
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
        })
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
        let mut work = self.pool.begin().await?;
        let inserted = sqlx::query!(
            r#"insert into tenants (id, slug, name, currency, timezone, week_start, is_default, created_at)
            values ($1, $2, $3, $4, $5, $6, not exists (select from tenants where is_default), $7)
            on conflict do nothing"#,
            tenant.id.0,
            tenant.slug,
            tenant.name,
            tenant.currency.code(),
            tenant.timezone_name(),
            week_start_word(tenant.week_start),
            instant(now) as _,
        )
        .execute(&mut *work)
        .await?;
        if inserted.rows_affected() == 1 {
            insert_channels(&mut work, tenant.id, channels, now).await?;
        }
        work.commit().await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// The tenant with this id.
    pub async fn tenant_by_id(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        sqlx::query_as!(
            TenantRow,
            r#"select id, slug, name, currency, timezone, week_start from tenants where id = $1"#,
            id.0
        )
        .fetch_optional(&self.pool)
        .await?
        .map(TenantRow::read)
        .transpose()
    }

    /// The tenant with this short name.
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Tenant>, StoreError> {
        sqlx::query_as!(
            TenantRow,
            r#"select id, slug, name, currency, timezone, week_start from tenants where slug = $1"#,
            slug
        )
        .fetch_optional(&self.pool)
        .await?
        .map(TenantRow::read)
        .transpose()
    }

    /// The tenant that takes what names none.
    pub async fn tenant_default(&self) -> Result<Option<Tenant>, StoreError> {
        sqlx::query_as!(
            TenantRow,
            r#"select id, slug, name, currency, timezone, week_start from tenants where is_default"#
        )
        .fetch_optional(&self.pool)
        .await?
        .map(TenantRow::read)
        .transpose()
    }

    /// Every tenant, by short name.
    pub async fn tenants_all(&self) -> Result<Vec<Tenant>, StoreError> {
        sqlx::query_as!(
            TenantRow,
            r#"select id, slug, name, currency, timezone, week_start from tenants order by slug"#
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(TenantRow::read)
        .collect()
    }

    /// The tenant's channels.
    pub async fn channels_of(&self, tenant: TenantId) -> Result<ChannelList, StoreError> {
        let rows = sqlx::query!(r#"select slug, name, color from channels where tenant_id = $1"#, tenant.0)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Channel {
                slug: ChannelSlug::stored(row.slug),
                name: row.name,
                color: u8::try_from(row.color).unwrap_or(1),
            })
            .collect())
    }
}

async fn insert_channels(
    work: &mut PgConnection,
    tenant: TenantId,
    channels: &[Channel],
    now: Timestamp,
) -> Result<(), StoreError> {
    let slugs: Vec<String> = channels.iter().map(|channel| channel.slug.to_string()).collect();
    let names: Vec<String> = channels.iter().map(|channel| channel.name.clone()).collect();
    let colors: Vec<i16> = channels.iter().map(|channel| i16::from(channel.color)).collect();
    sqlx::query!(
        r#"insert into channels (tenant_id, slug, name, color, created_at)
        select $1, slug, name, color, $5 from unnest($2::text[], $3::text[], $4::smallint[]) as t (slug, name, color)"#,
        tenant.0,
        &slugs,
        &names,
        &colors,
        instant(now) as _,
    )
    .execute(work)
    .await?;
    Ok(())
}
