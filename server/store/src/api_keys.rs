//! Keys programs come with.

use domain::access::{KeyHolder, Permission, Role};
use domain::ids::{ApiKeyId, TenantId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::database::instant;
use crate::memberships::role;
use crate::work::TenantWork;
use crate::{Store, StoreError};

/// A key as the tenant sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Its first characters.
    pub hint: String,
    /// Its name.
    pub name: String,
    /// What it may be at most.
    pub role: Role,
    /// Which of that role's permissions it has.
    pub scopes: Vec<Permission>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Its hash.
    pub key_hash: [u8; 32],
    /// Its first eight characters.
    pub hint: String,
    /// Its name.
    pub name: String,
    /// What it may be at most.
    pub role: Role,
    /// Which of that role's permissions it has.
    pub scopes: Vec<Permission>,
    /// Who makes it.
    pub created_by: String,
}

struct KeyRow {
    id: Uuid,
    hint: String,
    name: String,
    role: String,
    scopes: Vec<String>,
    created_by: String,
    created_at: jiff_sqlx::Timestamp,
    last_used_at: Option<jiff_sqlx::Timestamp>,
    revoked_at: Option<jiff_sqlx::Timestamp>,
}

impl KeyRow {
    fn read(self) -> Result<StoredApiKey, StoreError> {
        Ok(StoredApiKey {
            id: ApiKeyId(self.id),
            hint: self.hint,
            name: self.name,
            role: role(&self.role)?,
            scopes: scopes(&self.scopes),
            created_by: self.created_by,
            created_at: self.created_at.into(),
            last_used_at: self.last_used_at.map(Into::into),
            revoked_at: self.revoked_at.map(Into::into),
        })
    }
}

impl Store {
    /// Who comes with the key of this hash, and when it was last used; none when it is revoked.
    pub async fn api_key_by_hash(
        &self,
        hash: &[u8; 32],
    ) -> Result<Option<(KeyHolder, Option<Timestamp>)>, StoreError> {
        let row = sqlx::query!(
            r#"select tenant_id, id, name, role, scopes, last_used_at as "last_used_at: jiff_sqlx::Timestamp"
            from api_keys where key_hash = $1 and revoked_at is null"#,
            hash
        )
        .fetch_optional(&self.platform_pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let holder = KeyHolder {
            key: ApiKeyId(row.id),
            name: row.name,
            tenant: TenantId(row.tenant_id),
            role: role(&row.role)?,
            scopes: scopes(&row.scopes),
        };
        Ok(Some((holder, row.last_used_at.map(Into::into))))
    }

    /// Keeps that a key was used.
    pub async fn api_key_touch(
        &self,
        tenant: TenantId,
        key: ApiKeyId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update api_keys set last_used_at = $3
            where tenant_id = $1 and id = $2 and (last_used_at is null or last_used_at < $3)"#,
            tenant.0,
            key.0,
            instant(now) as _,
        )
        .execute(&self.platform_pool)
        .await?;
        Ok(())
    }
}

impl TenantWork {
    /// The tenant's keys, revoked ones among them, the newest first.
    pub async fn api_keys(&mut self) -> Result<Vec<StoredApiKey>, StoreError> {
        sqlx::query_as!(
            KeyRow,
            r#"select id, hint, name, role, scopes, created_by, created_at as "created_at: jiff_sqlx::Timestamp",
                last_used_at as "last_used_at: jiff_sqlx::Timestamp", revoked_at as "revoked_at: jiff_sqlx::Timestamp"
            from api_keys where tenant_id = $1 order by created_at desc, id desc"#,
            self.tenant.0
        )
        .fetch_all(self.connection())
        .await?
        .into_iter()
        .map(KeyRow::read)
        .collect()
    }

    /// One of the tenant's keys.
    pub async fn api_key(&mut self, id: ApiKeyId) -> Result<Option<StoredApiKey>, StoreError> {
        sqlx::query_as!(
            KeyRow,
            r#"select id, hint, name, role, scopes, created_by, created_at as "created_at: jiff_sqlx::Timestamp",
                last_used_at as "last_used_at: jiff_sqlx::Timestamp", revoked_at as "revoked_at: jiff_sqlx::Timestamp"
            from api_keys where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            id.0
        )
        .fetch_optional(self.connection())
        .await?
        .map(KeyRow::read)
        .transpose()
    }

    /// Adds a key.
    pub async fn api_key_insert(&mut self, key: &NewApiKey, now: Timestamp) -> Result<(), StoreError> {
        let scopes: Vec<String> = key.scopes.iter().map(|scope| scope.word().to_owned()).collect();
        sqlx::query!(
            r#"insert into api_keys (tenant_id, id, key_hash, hint, name, role, scopes, created_by, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"#,
            self.tenant.0,
            key.id.0,
            &key.key_hash,
            key.hint,
            key.name,
            key.role.word(),
            &scopes,
            key.created_by,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Revokes a key, and says its name and role; none when there is no such key, or no more.
    pub async fn api_key_revoke(
        &mut self,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<Option<(String, Role)>, StoreError> {
        sqlx::query!(
            r#"update api_keys set revoked_at = $3 where tenant_id = $1 and id = $2 and revoked_at is null
            returning name, role"#,
            self.tenant.0,
            id.0,
            instant(now) as _,
        )
        .fetch_optional(self.connection())
        .await?
        .map(|row| Ok((row.name, role(&row.role)?)))
        .transpose()
    }
}

/// The permissions these words name. A word that no longer names one permits nothing.
fn scopes(words: &[String]) -> Vec<Permission> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}
