//! How often something was tried lately.

use jiff::{SignedDuration, Timestamp};

use crate::database::instant;
use crate::text::fitting;
use crate::{Store, StoreError};

/// The longest key, in characters.
const MAX_KEY: usize = 400;

/// What an attempt comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How many there were within the window, this one among them.
    pub count: i32,
    /// When counting begins anew.
    pub window_ends: Timestamp,
}

impl Store {
    /// Counts an attempt; a new window begins when the old is over.
    pub async fn attempt(
        &self,
        key: &str,
        now: Timestamp,
        window: SignedDuration,
    ) -> Result<Attempts, StoreError> {
        // A window that begins in the future was begun by a clock that was wrong.
        let row = sqlx::query!(
            r#"insert into sign_in_attempts as s (key, window_start, attempts) values ($1, $2, 1)
            on conflict (key) do update set
                window_start = case when s.window_start > $3 and s.window_start < $4 then s.window_start else $2 end,
                attempts = case when s.window_start > $3 and s.window_start < $4
                    then least(s.attempts, 2000000000) + 1 else 1 end
            returning attempts, window_start as "window_start: jiff_sqlx::Timestamp""#,
            fitting(key, MAX_KEY),
            instant(now) as _,
            instant(now - window) as _,
            instant(now + window) as _,
        )
        .fetch_one(&self.platform_pool)
        .await?;
        Ok(Attempts { count: row.attempts, window_ends: Timestamp::from(row.window_start) + window })
    }

    /// Forgets the attempts of a key.
    pub async fn attempts_clear(&self, key: &str) -> Result<(), StoreError> {
        sqlx::query!(r#"delete from sign_in_attempts where key = $1"#, fitting(key, MAX_KEY))
            .execute(&self.platform_pool)
            .await?;
        Ok(())
    }

    /// Forgets the attempts whose window began before a moment.
    pub async fn attempts_forget(&self, before: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(r#"delete from sign_in_attempts where window_start < $1"#, instant(before) as _)
            .execute(&self.platform_pool)
            .await?;
        Ok(())
    }
}
