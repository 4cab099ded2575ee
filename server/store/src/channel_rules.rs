//! The rules by which a tenant's channels are recognised, and the leads they are asked about.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use domain::channel::ChannelSlug;
use domain::channel::rules::{Rule, RuleContent, Rules};
use domain::ids::{RuleId, TenantId};
use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// Leads of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadSource {
    /// The source, as its origin calls it.
    pub source: String,
    /// The channel that stands for it now.
    pub channel: ChannelSlug,
    /// How many leads.
    pub leads: i64,
}

/// The rules of a tenant, in their order.
pub(crate) async fn rules(connection: &mut PgConnection, tenant: TenantId) -> Result<Rules, StoreError> {
    let rows = sqlx::query!(
        r#"select id, field, key, kind, text, channel from channel_rules where tenant_id = $1 order by place, id"#,
        tenant.0
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let content = RuleContent {
                field: row.field.parse().map_err(|_| StoreError::unreadable("a rule's field", row.field))?,
                key: row.key,
                kind: row.kind.parse().map_err(|_| StoreError::unreadable("a rule's kind", row.kind))?,
                text: row.text,
                channel: ChannelSlug::stored(row.channel),
            };
            Ok(Rule { id: RuleId(row.id), content })
        })
        .collect()
}

impl TenantWork {
    /// Which version the rules are.
    pub async fn rules_version(&mut self) -> Result<i32, StoreError> {
        let version =
            sqlx::query_scalar!(r#"select channel_rules_version from tenants where id = $1"#, self.tenant.0);
        Ok(version.fetch_one(self.connection()).await?)
    }

    /// Takes the rules in hand to change them; whoever else wants to waits. `false` when they are no longer the version
    /// that was seen.
    pub async fn rules_claim(&mut self, expected_version: i32) -> Result<bool, StoreError> {
        let claimed = sqlx::query!(
            r#"update tenants set channel_rules_version = channel_rules_version + 1
            where id = $1 and channel_rules_version = $2"#,
            self.tenant.0,
            expected_version,
        )
        .execute(self.connection())
        .await?;
        Ok(claimed.rows_affected() == 1)
    }

    /// Makes these the tenant's rules, in their order.
    pub async fn rules_replace(
        &mut self,
        rules: &Rules,
        made_by: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let columns = RuleColumns::of(rules);
        sqlx::query!(
            r#"delete from channel_rules where tenant_id = $1 and id <> all($2)"#,
            self.tenant.0,
            &columns.id
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            r#"insert into channel_rules as r (tenant_id, id, place, field, key, kind, text, channel, made_by, made_at)
            select $1, t.id, t.place, t.field, t.key, t.kind, t.text, t.channel, $8, $9
            from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) with ordinality
                as t (id, field, key, kind, text, channel, place)
            on conflict (tenant_id, id) do update set place = excluded.place, field = excluded.field,
                key = excluded.key, kind = excluded.kind, text = excluded.text, channel = excluded.channel"#,
            self.tenant.0,
            &columns.id,
            &columns.field,
            &columns.key as &[Option<String>],
            &columns.kind,
            &columns.text,
            &columns.channel,
            made_by,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// What leads' origins call themselves, and which channel stands for each.
    pub async fn lead_sources(&mut self) -> Result<Vec<LeadSource>, StoreError> {
        let rows = sqlx::query!(
            r#"select source, channel, count(*) as "leads!" from leads where tenant_id = $1
            group by source, channel order by source, channel"#,
            self.tenant.0,
        )
        .fetch_all(self.connection())
        .await?;
        let read = rows.into_iter().map(|row| LeadSource {
            source: row.source,
            channel: ChannelSlug::stored(row.channel),
            leads: row.leads,
        });
        Ok(read.collect())
    }

    /// Lets a channel stand for each of these sources. Until the work is done, nobody else changes leads of the tenant.
    pub async fn lead_sources_stand_for(
        &mut self,
        stands_for: &[(String, ChannelSlug)],
    ) -> Result<(), StoreError> {
        let (sources, channels): (Vec<String>, Vec<String>) =
            stands_for.iter().map(|(source, channel)| (source.clone(), channel.to_string())).unzip();
        sqlx::query!(
            r#"update leads l set channel = t.channel from unnest($2::text[], $3::text[]) as t (source, channel)
            where l.tenant_id = $1 and l.source = t.source and l.channel <> t.channel"#,
            self.tenant.0,
            &sources,
            &channels,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

/// Rules turned on their side: one array per column.
#[derive(Default)]
struct RuleColumns {
    id: Vec<Uuid>,
    field: Vec<String>,
    key: Vec<Option<String>>,
    kind: Vec<String>,
    text: Vec<String>,
    channel: Vec<String>,
}

impl RuleColumns {
    fn of(rules: &Rules) -> Self {
        let mut columns = Self::default();
        for Rule { id, content } in rules.iter() {
            columns.id.push(id.0);
            columns.field.push(content.field.word().to_owned());
            columns.key.push(content.key.clone());
            columns.kind.push(content.kind.word().to_owned());
            columns.text.push(content.text.clone());
            columns.channel.push(content.channel.to_string());
        }
        columns
    }
}
