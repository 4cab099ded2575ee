//! Who did or read what in a tenant.

use std::collections::BTreeMap;

use domain::access::Actor;
use domain::audit::Deed;
use domain::ids::{AuditId, TenantId, UserId};
use jiff::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use crate::database::instant;
use crate::text::{anywhere, fitting};
use crate::work::{PlatformWork, TenantWork};
use crate::{Store, StoreError};

/// The longest name, target or detail that is kept, and the longest address, in characters.
const MAX_TEXT: usize = 400;
const MAX_ADDRESS: usize = 45;

/// A line to be written. What is too long is cut rather than refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAudit {
    /// Its id.
    pub id: AuditId,
    /// Who did it.
    pub actor: Actor,
    /// What they did.
    pub deed: Deed,
    /// To whom or what.
    pub target: Option<String>,
    /// What changed; never a secret.
    pub details: BTreeMap<String, String>,
    /// The network address it came from.
    pub address: Option<String>,
}

/// A line as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAudit {
    /// Its place in the log.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who did it, as they were called then.
    pub actor_name: String,
    /// What they did.
    pub deed: Deed,
    /// To whom or what.
    pub target: Option<String>,
    /// What changed.
    pub details: BTreeMap<String, String>,
    /// The network address it came from.
    pub address: Option<String>,
}

/// Which lines are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only of this deed.
    pub deed: Option<Deed>,
    /// Only by those with this in their name.
    pub actor: Option<String>,
    /// Only since this moment.
    pub since: Option<Timestamp>,
    /// Only before this moment.
    pub until: Option<Timestamp>,
}

/// A line as the table takes it.
struct AuditRow {
    id: Uuid,
    actor_kind: &'static str,
    actor_id: Option<Uuid>,
    actor_name: String,
    deed: &'static str,
    target: Option<String>,
    details: Json<BTreeMap<String, String>>,
    address: Option<String>,
}

impl AuditRow {
    fn of(line: &NewAudit) -> Self {
        let (actor_kind, actor_id, actor_name) = match &line.actor {
            Actor::Person { user, email } => ("person", Some(user.0), email.as_str()),
            Actor::Key { key, name } => ("api_key", Some(key.0), name.as_str()),
            Actor::CommandLine => ("command_line", None, "command line"),
        };
        let kept = |(what, text): (&String, &String)| (fitting(what, MAX_TEXT), fitting(text, MAX_TEXT));
        Self {
            id: line.id.0,
            actor_kind,
            actor_id,
            actor_name: fitting(actor_name, MAX_TEXT),
            deed: line.deed.word(),
            target: line.target.as_deref().map(|text| fitting(text, MAX_TEXT)),
            details: Json(line.details.iter().map(kept).collect()),
            address: line.address.as_deref().map(|text| fitting(text, MAX_ADDRESS)),
        }
    }
}

impl Store {
    /// Writes a line in each of these tenants in which the actor has left none for a visit since a moment.
    pub async fn audit_platform_visits(
        &self,
        tenants: &[TenantId],
        line: &NewAudit,
        now: Timestamp,
        unless_since: Timestamp,
    ) -> Result<(), StoreError> {
        let row = AuditRow::of(line);
        let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.0).collect();
        sqlx::query!(
            r#"insert into audit_log
                (tenant_id, id, at, actor_kind, actor_id, actor_name, deed, target, details, address)
            select t.id, $2, $3, $4, $5, $6, $7, $8, $9, $10 from unnest($1::uuid[]) as t (id)
            where not exists (
                select from audit_log a
                where a.tenant_id = t.id and a.actor_id is not distinct from $5 and a.deed = 'platform_visited'
                  and a.at >= $11
            )"#,
            &tenants,
            row.id,
            instant(now) as _,
            row.actor_kind,
            row.actor_id,
            row.actor_name,
            row.deed,
            row.target,
            row.details as _,
            row.address,
            instant(unless_since) as _,
        )
        .execute(&self.platform_pool)
        .await?;
        Ok(())
    }
}

impl PlatformWork {
    /// Writes a line in a tenant.
    pub async fn audit(
        &mut self,
        tenant: TenantId,
        line: &NewAudit,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = AuditRow::of(line);
        sqlx::query!(
            r#"insert into audit_log
                (tenant_id, id, at, actor_kind, actor_id, actor_name, deed, target, details, address)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"#,
            tenant.0,
            row.id,
            instant(now) as _,
            row.actor_kind,
            row.actor_id,
            row.actor_name,
            row.deed,
            row.target,
            row.details as _,
            row.address,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Writes a line in each tenant somebody belongs to.
    pub async fn audit_everywhere(
        &mut self,
        user: UserId,
        line: &NewAudit,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = AuditRow::of(line);
        sqlx::query!(
            r#"insert into audit_log
                (tenant_id, id, at, actor_kind, actor_id, actor_name, deed, target, details, address)
            select m.tenant_id, $2, $3, $4, $5, $6, $7, $8, $9, $10 from memberships m where m.user_id = $1"#,
            user.0,
            row.id,
            instant(now) as _,
            row.actor_kind,
            row.actor_id,
            row.actor_name,
            row.deed,
            row.target,
            row.details as _,
            row.address,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

impl TenantWork {
    /// Writes a line.
    pub async fn audit(&mut self, line: &NewAudit, now: Timestamp) -> Result<(), StoreError> {
        let row = AuditRow::of(line);
        sqlx::query!(
            r#"insert into audit_log
                (tenant_id, id, at, actor_kind, actor_id, actor_name, deed, target, details, address)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"#,
            self.tenant.0,
            row.id,
            instant(now) as _,
            row.actor_kind,
            row.actor_id,
            row.actor_name,
            row.deed,
            row.target,
            row.details as _,
            row.address,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// A page of lines, newest first, after the place where the page before ended.
    pub async fn audit_page(
        &mut self,
        filter: &AuditFilter,
        after: Option<i64>,
        at_most: i64,
    ) -> Result<Vec<StoredAudit>, StoreError> {
        let rows = sqlx::query!(
            r#"select seq, at as "at: jiff_sqlx::Timestamp", actor_name, deed, target,
                details as "details: Json<BTreeMap<String, String>>", address
            from audit_log
            where tenant_id = $1
              and ($2::text is null or deed = $2) and ($3::text is null or actor_name ilike $3)
              and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
              and ($6::bigint is null or seq < $6)
            order by seq desc limit $7"#,
            self.tenant.0,
            filter.deed.map(Deed::word),
            filter.actor.as_deref().map(anywhere),
            filter.since.map(instant) as _,
            filter.until.map(instant) as _,
            after,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(StoredAudit {
                    seq: row.seq,
                    at: row.at.into(),
                    actor_name: row.actor_name,
                    deed: deed(&row.deed)?,
                    target: row.target,
                    details: row.details.0,
                    address: row.address,
                })
            })
            .collect()
    }
}

fn deed(word: &str) -> Result<Deed, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a deed", word))
}
