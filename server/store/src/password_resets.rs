//! Links to set a new password, each good once.

use domain::ids::UserId;
use jiff::Timestamp;

use crate::database::instant;
use crate::work::PlatformWork;
use crate::{Store, StoreError};

impl Store {
    /// Whose link has the token with this hash; none when it is used or expired.
    pub async fn reset_user(&self, hash: &[u8; 32], now: Timestamp) -> Result<Option<UserId>, StoreError> {
        let user = sqlx::query_scalar!(
            r#"select user_id from password_resets where token_hash = $1 and used_at is null and expires_at > $2"#,
            hash,
            instant(now) as _,
        )
        .fetch_optional(&self.platform_pool)
        .await?;
        Ok(user.map(UserId))
    }
}

impl PlatformWork {
    /// Makes a link for somebody.
    pub async fn reset_insert(
        &mut self,
        hash: &[u8; 32],
        user: UserId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into password_resets (token_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)"#,
            hash,
            user.0,
            instant(now) as _,
            instant(expires_at) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Uses the link whose token has this hash, and says whose it is; only one of two at once gets it.
    pub async fn reset_take(
        &mut self,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<UserId>, StoreError> {
        let user = sqlx::query_scalar!(
            r#"update password_resets set used_at = $2
            where token_hash = $1 and used_at is null and expires_at > $2 returning user_id"#,
            hash,
            instant(now) as _,
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(user.map(UserId))
    }

    /// Forgets every link of somebody's.
    pub async fn resets_forget(&mut self, user: UserId) -> Result<(), StoreError> {
        sqlx::query!(r#"delete from password_resets where user_id = $1"#, user.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
