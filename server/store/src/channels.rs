//! A tenant's channels, and what there is of each.

use domain::channel::{Channel, ChannelList, ChannelSlug};
use domain::ids::TenantId;
use jiff::Timestamp;
use sqlx::PgConnection;

use crate::applying::Batch;
use crate::channel_rules::rules;
use crate::database::instant;
use crate::work::{PlatformWork, TenantWork};
use crate::{Snapshot, Store, StoreError};

/// What there is of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelUse {
    /// The channel.
    pub channel: ChannelSlug,
    /// Whether any row of the ledger is, or ever was, credited to it.
    pub has_money: bool,
    /// Leads that came by it.
    pub leads: i64,
    /// Whether something else names it: a cost, a campaign, a rule, a link, or what somebody said.
    pub is_named: bool,
}

impl Store {
    /// The tenant's channels, and the rules by which they are recognised.
    pub async fn channels_of(&self, tenant: TenantId) -> Result<ChannelList, StoreError> {
        channels(self.within(tenant).await?.connection(), tenant).await
    }
}

impl Snapshot {
    /// The tenant's channels, and the rules by which they are recognised.
    pub async fn channels(&mut self) -> Result<ChannelList, StoreError> {
        let tenant = self.tenant().id;
        channels(self.connection(), tenant).await
    }
}

impl Batch {
    /// The tenant's channels, and the rules by which they are recognised.
    pub async fn channels(&mut self) -> Result<ChannelList, StoreError> {
        channels(self.work.connection(), self.tenant).await
    }
}

async fn channels(connection: &mut PgConnection, tenant: TenantId) -> Result<ChannelList, StoreError> {
    let rows = sqlx::query!(
        r#"select slug, name, color, place, is_hidden, version from channels where tenant_id = $1"#,
        tenant.0
    )
    .fetch_all(&mut *connection)
    .await?;
    let channels = rows.into_iter().map(|row| Channel {
        slug: ChannelSlug::stored(row.slug),
        name: row.name,
        color: u8::try_from(row.color).unwrap_or(0),
        place: row.place,
        is_hidden: row.is_hidden,
        version: row.version,
    });
    let channels: ChannelList = channels.collect();
    Ok(channels.with_rules(rules(connection, tenant).await?))
}

impl PlatformWork {
    /// Adds the channels of a new tenant.
    pub(crate) async fn channels_insert(
        &mut self,
        tenant: TenantId,
        channels: &[Channel],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let slugs: Vec<String> = channels.iter().map(|channel| channel.slug.to_string()).collect();
        let names: Vec<String> = channels.iter().map(|channel| channel.name.clone()).collect();
        let colors: Vec<i16> = channels.iter().map(|channel| i16::from(channel.color)).collect();
        let places: Vec<i32> = channels.iter().map(|channel| channel.place).collect();
        sqlx::query!(
            r#"insert into channels (tenant_id, slug, name, color, place, created_at)
            select $1, t.*, $6 from unnest($2::text[], $3::text[], $4::smallint[], $5::integer[]) as t"#,
            tenant.0,
            &slugs,
            &names,
            &colors,
            &places,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

impl TenantWork {
    /// The tenant's channels, and the rules by which they are recognised.
    pub async fn channels(&mut self) -> Result<ChannelList, StoreError> {
        let tenant = self.tenant;
        channels(self.connection(), tenant).await
    }

    /// Adds a channel. `false` when its short name is taken.
    pub async fn channel_insert(&mut self, channel: &Channel, now: Timestamp) -> Result<bool, StoreError> {
        let inserted = sqlx::query!(
            r#"insert into channels (tenant_id, slug, name, color, place, is_hidden, version, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing"#,
            self.tenant.0,
            channel.slug.as_str(),
            channel.name,
            i16::from(channel.color),
            channel.place,
            channel.is_hidden,
            channel.version,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// Changes a channel's name and colour, and whether it is hidden. `false` when it is no longer the version that was
    /// seen.
    pub async fn channel_update(&mut self, channel: &Channel) -> Result<bool, StoreError> {
        let updated = sqlx::query!(
            r#"update channels set name = $4, color = $5, is_hidden = $6, version = version + 1
            where tenant_id = $1 and slug = $2 and version = $3"#,
            self.tenant.0,
            channel.slug.as_str(),
            channel.version,
            channel.name,
            i16::from(channel.color),
            channel.is_hidden,
        )
        .execute(self.connection())
        .await?;
        Ok(updated.rows_affected() == 1)
    }

    /// Puts the channels in this order.
    pub async fn channels_order(&mut self, order: &[ChannelSlug]) -> Result<(), StoreError> {
        let slugs: Vec<String> = order.iter().map(ChannelSlug::to_string).collect();
        sqlx::query!(
            r#"update channels c set place = t.place
            from unnest($2::text[]) with ordinality as t (slug, place)
            where c.tenant_id = $1 and c.slug = t.slug and c.place <> t.place"#,
            self.tenant.0,
            &slugs,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Deletes a channel. `false` when it is no longer the version that was seen.
    pub async fn channel_delete(&mut self, slug: &ChannelSlug, version: i32) -> Result<bool, StoreError> {
        let deleted = sqlx::query!(
            r#"delete from channels where tenant_id = $1 and slug = $2 and version = $3"#,
            self.tenant.0,
            slug.as_str(),
            version,
        )
        .execute(self.connection())
        .await?;
        Ok(deleted.rows_affected() == 1)
    }

    /// What there is of each channel.
    pub async fn channel_uses(&mut self) -> Result<Vec<ChannelUse>, StoreError> {
        let rows = sqlx::query!(
            r#"select c.slug,
                exists (select from channel_days d where d.tenant_id = c.tenant_id and d.channel = c.slug) as "has_money!",
                (select count(*) from leads l where l.tenant_id = c.tenant_id and l.channel = c.slug) as "leads!",
                (exists (select from channel_costs o where o.tenant_id = c.tenant_id and o.channel = c.slug)
                    or exists (select from cost_templates o where o.tenant_id = c.tenant_id and o.channel = c.slug)
                    or exists (select from campaigns o where o.tenant_id = c.tenant_id and o.channel = c.slug)
                    or exists (select from lead_touches o where o.tenant_id = c.tenant_id and o.channel = c.slug)
                    or exists (select from linked_records o where o.tenant_id = c.tenant_id and o.channel = c.slug)
                    or exists (select from attribution_overrides o where o.tenant_id = c.tenant_id and o.channel = c.slug)
                    or exists (select from channel_rules o where o.tenant_id = c.tenant_id and o.channel = c.slug)
                ) as "is_named!"
            from channels c where c.tenant_id = $1 order by c.place, c.slug"#,
            self.tenant.0,
        )
        .fetch_all(self.connection())
        .await?;
        let read = rows.into_iter().map(|row| ChannelUse {
            channel: ChannelSlug::stored(row.slug),
            has_money: row.has_money,
            leads: row.leads,
            is_named: row.is_named,
        });
        Ok(read.collect())
    }

    /// Has events that are applied meanwhile wait until this work is done.
    pub async fn applying_hold(&mut self) -> Result<(), StoreError> {
        sqlx::query!(
            r#"select pg_advisory_xact_lock(hashtextextended('apply ' || $1::text, 0))::text as done"#,
            self.tenant.to_string()
        )
        .fetch_one(self.connection())
        .await?;
        Ok(())
    }
}
