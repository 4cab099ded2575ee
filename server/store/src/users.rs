//! People who sign in.

use std::fmt;

use domain::ids::UserId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::database::instant;
use crate::work::PlatformWork;
use crate::{Store, StoreError};

/// A person as they are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredUser {
    /// Their id.
    pub id: UserId,
    /// What they sign in with, normalised.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their password, hashed.
    pub password_hash: String,
    /// Whether they see every tenant and the aggregate.
    pub is_platform_admin: bool,
    /// Whether they may no longer sign in.
    pub is_disabled: bool,
}

/// A person to be added.
#[derive(Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Their id.
    pub id: UserId,
    /// What they sign in with, normalised.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their password, hashed.
    pub password_hash: String,
    /// Whether they see every tenant and the aggregate.
    pub is_platform_admin: bool,
}

/// Shows no password.
impl fmt::Debug for StoredUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredUser").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Shows no password.
impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser").field("id", &self.id).finish_non_exhaustive()
    }
}

struct UserRow {
    id: Uuid,
    email: String,
    name: String,
    password_hash: String,
    is_platform_admin: bool,
    is_disabled: bool,
}

impl UserRow {
    fn read(self) -> StoredUser {
        StoredUser {
            id: UserId(self.id),
            email: self.email,
            name: self.name,
            password_hash: self.password_hash,
            is_platform_admin: self.is_platform_admin,
            is_disabled: self.is_disabled,
        }
    }
}

impl Store {
    /// The person with this normalised e-mail.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<StoredUser>, StoreError> {
        if email.contains('\0') {
            return Ok(None);
        }
        let row = sqlx::query_as!(
            UserRow,
            r#"select id, email, name, password_hash, is_platform_admin, disabled_at is not null as "is_disabled!"
            from users where email = $1"#,
            email
        )
        .fetch_optional(&self.platform_pool)
        .await?;
        Ok(row.map(UserRow::read))
    }

    /// The person with this id.
    pub async fn user_by_id(&self, id: UserId) -> Result<Option<StoredUser>, StoreError> {
        let row = sqlx::query_as!(
            UserRow,
            r#"select id, email, name, password_hash, is_platform_admin, disabled_at is not null as "is_disabled!"
            from users where id = $1"#,
            id.0
        )
        .fetch_optional(&self.platform_pool)
        .await?;
        Ok(row.map(UserRow::read))
    }

    /// Whether there is anybody.
    pub async fn any_user(&self) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(r#"select exists (select from users) as "any!""#)
            .fetch_one(&self.platform_pool)
            .await?)
    }
}

impl PlatformWork {
    /// Adds a person. `false` when the e-mail is taken; the transaction goes on.
    pub async fn user_insert(&mut self, user: &NewUser, now: Timestamp) -> Result<bool, StoreError> {
        let inserted = sqlx::query!(
            r#"insert into users (id, email, name, password_hash, is_platform_admin, created_at)
            values ($1, $2, $3, $4, $5, $6) on conflict (email) do nothing"#,
            user.id.0,
            user.email,
            user.name,
            user.password_hash,
            user.is_platform_admin,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// The person with this id; nobody else changes them until this work is done.
    pub async fn user_lock(&mut self, id: UserId) -> Result<Option<StoredUser>, StoreError> {
        let row = sqlx::query_as!(
            UserRow,
            r#"select id, email, name, password_hash, is_platform_admin, disabled_at is not null as "is_disabled!"
            from users where id = $1 for update"#,
            id.0
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row.map(UserRow::read))
    }

    /// Gives a person another password.
    pub async fn user_set_password(&mut self, id: UserId, password_hash: &str) -> Result<(), StoreError> {
        sqlx::query!(r#"update users set password_hash = $2 where id = $1"#, id.0, password_hash)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Gives a person another name.
    pub async fn user_set_name(&mut self, id: UserId, name: &str) -> Result<(), StoreError> {
        sqlx::query!(r#"update users set name = $2 where id = $1"#, id.0, name)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Keeps a person from signing in since a moment, or lets them in again.
    pub async fn user_set_disabled(
        &mut self,
        id: UserId,
        since: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        sqlx::query!(r#"update users set disabled_at = $2 where id = $1"#, id.0, since.map(instant) as _)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Lets a person see every tenant, or no longer.
    pub async fn user_set_platform_admin(&mut self, id: UserId, is_one: bool) -> Result<(), StoreError> {
        sqlx::query!(r#"update users set is_platform_admin = $2 where id = $1"#, id.0, is_one)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
