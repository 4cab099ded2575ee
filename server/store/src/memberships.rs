//! Who belongs to which tenant.

use domain::access::Role;
use domain::ids::{TenantId, UserId};
use jiff::Timestamp;

use crate::database::instant;
use crate::work::{PlatformWork, TenantWork};
use crate::{Store, StoreError};

/// A tenant somebody belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The tenant.
    pub tenant: TenantId,
    /// Its short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What they are to it.
    pub role: Role,
}

/// Somebody who belongs to a tenant, as it sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMember {
    /// Who.
    pub user: UserId,
    /// Their e-mail.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they are to the tenant.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
    /// Whether they may no longer sign in.
    pub is_disabled: bool,
}

impl Store {
    /// The tenants somebody belongs to, by name.
    pub async fn memberships_of(&self, user: UserId) -> Result<Vec<Membership>, StoreError> {
        let rows = sqlx::query!(
            r#"select t.id, t.slug, t.name, m.role
            from memberships m join tenants t on t.id = m.tenant_id
            where m.user_id = $1 order by t.name, t.slug"#,
            user.0
        )
        .fetch_all(&self.platform_pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Membership {
                    tenant: TenantId(row.id),
                    slug: row.slug,
                    name: row.name,
                    role: role(&row.role)?,
                })
            })
            .collect()
    }

    /// What somebody is to a tenant.
    pub async fn membership_role(&self, tenant: TenantId, user: UserId) -> Result<Option<Role>, StoreError> {
        sqlx::query_scalar!(
            r#"select role from memberships where tenant_id = $1 and user_id = $2"#,
            tenant.0,
            user.0
        )
        .fetch_optional(&self.platform_pool)
        .await?
        .map(|word| role(&word))
        .transpose()
    }
}

impl PlatformWork {
    /// Makes somebody a member; who is one already stays what they are.
    pub async fn membership_add(
        &mut self,
        tenant: TenantId,
        user: UserId,
        role: Role,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into memberships (tenant_id, user_id, role, created_at) values ($1, $2, $3, $4)
            on conflict (tenant_id, user_id) do nothing"#,
            tenant.0,
            user.0,
            role.word(),
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Makes somebody a member, or the member they are something else.
    pub async fn membership_put(
        &mut self,
        tenant: TenantId,
        user: UserId,
        role: Role,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into memberships (tenant_id, user_id, role, created_at) values ($1, $2, $3, $4)
            on conflict (tenant_id, user_id) do update set role = excluded.role"#,
            tenant.0,
            user.0,
            role.word(),
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

impl TenantWork {
    /// The tenant's members, by e-mail.
    pub async fn members(&mut self) -> Result<Vec<StoredMember>, StoreError> {
        let rows = sqlx::query!(
            r#"select u.id, u.email, u.name, u.disabled_at is not null as "is_disabled!", m.role,
                m.created_at as "joined_at: jiff_sqlx::Timestamp"
            from memberships m join users u on u.id = m.user_id
            where m.tenant_id = $1 order by u.email"#,
            self.tenant.0
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(StoredMember {
                    user: UserId(row.id),
                    email: row.email,
                    name: row.name,
                    role: role(&row.role)?,
                    joined_at: row.joined_at.into(),
                    is_disabled: row.is_disabled,
                })
            })
            .collect()
    }

    /// What somebody is to the tenant; nobody else changes its members until this work is done.
    pub async fn member_role(&mut self, user: UserId) -> Result<Option<Role>, StoreError> {
        self.members_lock().await?;
        sqlx::query_scalar!(
            r#"select role from memberships where tenant_id = $1 and user_id = $2 for update"#,
            self.tenant.0,
            user.0
        )
        .fetch_optional(self.connection())
        .await?
        .map(|word| role(&word))
        .transpose()
    }

    /// How many owners beside somebody can sign in; they stay owners until this work is done.
    pub async fn owners_beside(&mut self, user: UserId) -> Result<i64, StoreError> {
        self.members_lock().await?;
        Ok(sqlx::query_scalar!(
            r#"with owners as materialized (
                select user_id from memberships where tenant_id = $1 and role = 'owner' order by user_id for update
            )
            select count(*) as "count!" from owners join users u on u.id = owners.user_id
            where u.disabled_at is null and u.id <> $2"#,
            self.tenant.0,
            user.0,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// One change of members after another: two that lock a member each, then the owners, would wait for each
    /// other for ever.
    async fn members_lock(&mut self) -> Result<(), StoreError> {
        sqlx::query!(
            r#"select pg_advisory_xact_lock(hashtextextended('members ' || $1::text, 0))::text as done"#,
            self.tenant.to_string()
        )
        .fetch_one(self.connection())
        .await?;
        Ok(())
    }

    /// Makes a member something else.
    pub async fn member_set_role(&mut self, user: UserId, role: Role) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update memberships set role = $3 where tenant_id = $1 and user_id = $2"#,
            self.tenant.0,
            user.0,
            role.word()
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Lets a member go. `false` when they are none.
    pub async fn member_remove(&mut self, user: UserId) -> Result<bool, StoreError> {
        let removed = sqlx::query!(
            r#"delete from memberships where tenant_id = $1 and user_id = $2"#,
            self.tenant.0,
            user.0
        )
        .execute(self.connection())
        .await?;
        Ok(removed.rows_affected() == 1)
    }
}

pub(crate) fn role(word: &str) -> Result<Role, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a role", word))
}
