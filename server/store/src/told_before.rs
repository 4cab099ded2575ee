//! What programs told us under a key of their own, so that the same told again changes nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// Something that was told under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The key.
    pub key: String,
    /// SHA-256 of what was told.
    pub payload_hash: [u8; 32],
    /// What was answered.
    pub answer: String,
}

impl TenantWork {
    /// What was told under these keys before, by key. Whoever else tells of the same subject waits until the work is
    /// done.
    pub async fn told_before(
        &mut self,
        subject: &str,
        keys: &[String],
    ) -> Result<BTreeMap<String, Telling>, StoreError> {
        sqlx::query!(
            r#"select pg_advisory_xact_lock(hashtextextended('told ' || $1::text || ' ' || $2::text, 0))"#,
            self.tenant.to_string(),
            subject,
        )
        .execute(self.connection())
        .await?;
        let rows = sqlx::query!(
            r#"select key, payload_hash, answer from told_before
            where tenant_id = $1 and subject = $2 and key = any($3)"#,
            self.tenant.0,
            subject,
            keys,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let payload_hash = row.payload_hash.try_into();
                let payload_hash = payload_hash.map_err(|_| StoreError::unreadable("a hash", &row.key))?;
                Ok((row.key.clone(), Telling { key: row.key, payload_hash, answer: row.answer }))
            })
            .collect()
    }

    /// Keeps what was told; a key that is known keeps what it stands for.
    pub async fn told_keep(
        &mut self,
        subject: &str,
        tellings: &[Telling],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let keys: Vec<String> = tellings.iter().map(|telling| telling.key.clone()).collect();
        let hashes: Vec<Vec<u8>> = tellings.iter().map(|telling| telling.payload_hash.to_vec()).collect();
        let answers: Vec<String> = tellings.iter().map(|telling| telling.answer.clone()).collect();
        sqlx::query!(
            r#"insert into told_before (tenant_id, subject, key, payload_hash, answer, told_at)
            select $1, $2, t.*, $6 from unnest($3::text[], $4::bytea[], $5::text[]) as t
            on conflict do nothing"#,
            self.tenant.0,
            subject,
            &keys,
            &hashes,
            &answers,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
