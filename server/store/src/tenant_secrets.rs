//! A tenant's credentials for other services, sealed.

use std::fmt;

use domain::connection::SecretKind;
use jiff::Timestamp;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// That a credential is stored, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSecret {
    /// Which.
    pub kind: SecretKind,
    /// The key that sealed it.
    pub key_id: String,
    /// Who stored it.
    pub updated_by: String,
    /// When.
    pub updated_at: Timestamp,
}

/// A credential nobody can read without the key.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// The key that sealed it.
    pub key_id: String,
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
}

/// Shows no bytes.
impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedSecret").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl TenantWork {
    /// Which credentials are stored, by kind.
    pub async fn secrets(&mut self) -> Result<Vec<StoredSecret>, StoreError> {
        let rows = sqlx::query!(
            r#"select kind, key_id, updated_by, updated_at as "updated_at: jiff_sqlx::Timestamp"
            from tenant_secrets where tenant_id = $1 order by kind"#,
            self.tenant.0
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(StoredSecret {
                    kind: kind(&row.kind)?,
                    key_id: row.key_id,
                    updated_by: row.updated_by,
                    updated_at: row.updated_at.into(),
                })
            })
            .collect()
    }

    /// A credential, sealed.
    pub async fn secret(&mut self, kind: SecretKind) -> Result<Option<SealedSecret>, StoreError> {
        Ok(sqlx::query_as!(
            SealedSecret,
            r#"select key_id, sealed as bytes from tenant_secrets where tenant_id = $1 and kind = $2"#,
            self.tenant.0,
            kind.word()
        )
        .fetch_optional(self.connection())
        .await?)
    }

    /// Stores a credential in the place of the one there was.
    pub async fn secret_put(
        &mut self,
        kind: SecretKind,
        secret: &SealedSecret,
        by: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into tenant_secrets (tenant_id, kind, key_id, sealed, updated_by, updated_at)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (tenant_id, kind) do update set key_id = excluded.key_id, sealed = excluded.sealed,
                updated_by = excluded.updated_by, updated_at = excluded.updated_at"#,
            self.tenant.0,
            kind.word(),
            secret.key_id,
            secret.bytes,
            by,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets a credential. `false` when there is none.
    pub async fn secret_remove(&mut self, kind: SecretKind) -> Result<bool, StoreError> {
        let removed = sqlx::query!(
            r#"delete from tenant_secrets where tenant_id = $1 and kind = $2"#,
            self.tenant.0,
            kind.word()
        )
        .execute(self.connection())
        .await?;
        Ok(removed.rows_affected() == 1)
    }
}

fn kind(word: &str) -> Result<SecretKind, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a kind of credential", word))
}
