//! Browsers that are signed in.

use domain::access::{Person, Role};
use domain::ids::{SessionId, TenantId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::database::instant;
use crate::memberships::role;
use crate::text::fitting;
use crate::work::PlatformWork;
use crate::{Store, StoreError};

/// The longest description of a browser, and the longest address, in characters.
const MAX_USER_AGENT: usize = 200;
const MAX_ADDRESS: usize = 45;

/// A person whose browser is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who, and the tenant they look at when they still may.
    pub person: Person,
    /// What they are to that tenant; none for the platform's people, who are no members.
    pub role: Option<Role>,
    /// When the browser last asked for something.
    pub last_seen_at: Timestamp,
}

/// A signed-in browser as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// Its id.
    pub id: SessionId,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// Where it signed in from.
    pub address: Option<String>,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it last asked for something.
    pub last_seen_at: Timestamp,
}

/// A browser that signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// The hash of its token.
    pub token_hash: [u8; 32],
    /// Whose it is.
    pub user: UserId,
    /// The tenant it looks at.
    pub tenant: Option<TenantId>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// Where it signs in from.
    pub address: Option<String>,
    /// Until when it is good at most.
    pub expires_at: Timestamp,
}

struct SignedInRow {
    session: Uuid,
    tenant: Option<Uuid>,
    last_seen_at: jiff_sqlx::Timestamp,
    user: Uuid,
    email: String,
    name: String,
    is_platform_admin: bool,
    role: Option<String>,
}

impl SignedInRow {
    fn read(self) -> Result<SignedIn, StoreError> {
        let role = self.role.as_deref().map(role).transpose()?;
        let may_look = role.is_some() || self.is_platform_admin;
        let person = Person {
            user: UserId(self.user),
            email: self.email,
            name: self.name,
            is_platform_admin: self.is_platform_admin,
            session: SessionId(self.session),
            tenant: self.tenant.map(TenantId).filter(|_| may_look),
        };
        Ok(SignedIn { person, role, last_seen_at: self.last_seen_at.into() })
    }
}

impl Store {
    /// Whose browser has the token with this hash; none when it is signed out, expired, or its owner disabled.
    pub async fn session_by_hash(
        &self,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        sqlx::query_as!(
            SignedInRow,
            r#"select s.id as session, s.tenant_id as tenant, s.last_seen_at as "last_seen_at: jiff_sqlx::Timestamp",
                u.id as "user", u.email, u.name, u.is_platform_admin, m.role as "role?"
            from sessions s
            join users u on u.id = s.user_id
            left join memberships m on m.tenant_id = s.tenant_id and m.user_id = s.user_id
            where s.token_hash = $1 and s.ended_at is null and s.expires_at > $2 and u.disabled_at is null"#,
            hash,
            instant(now) as _,
        )
        .fetch_optional(&self.platform_pool)
        .await?
        .map(SignedInRow::read)
        .transpose()
    }

    /// Keeps that a browser asked for something.
    pub async fn session_touch(&self, session: SessionId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2"#,
            session.0,
            instant(now) as _,
        )
        .execute(&self.platform_pool)
        .await?;
        Ok(())
    }

    /// The browsers a person is signed in with, the newest first.
    pub async fn sessions_of(&self, user: UserId, now: Timestamp) -> Result<Vec<StoredSession>, StoreError> {
        let rows = sqlx::query!(
            r#"select id, user_agent, address, created_at as "created_at: jiff_sqlx::Timestamp",
                last_seen_at as "last_seen_at: jiff_sqlx::Timestamp"
            from sessions where user_id = $1 and ended_at is null and expires_at > $2
            order by created_at desc, id desc"#,
            user.0,
            instant(now) as _,
        )
        .fetch_all(&self.platform_pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| StoredSession {
                id: SessionId(row.id),
                user_agent: row.user_agent,
                address: row.address,
                created_at: row.created_at.into(),
                last_seen_at: row.last_seen_at.into(),
            })
            .collect())
    }
}

impl PlatformWork {
    /// Signs a browser in.
    pub async fn session_insert(&mut self, session: &NewSession, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into sessions
                (id, token_hash, user_id, tenant_id, created_at, last_seen_at, expires_at, user_agent, address)
            values ($1, $2, $3, $4, $5, $5, $6, $7, $8)"#,
            session.id.0,
            &session.token_hash,
            session.user.0,
            session.tenant.map(|tenant| tenant.0),
            instant(now) as _,
            instant(session.expires_at) as _,
            session.user_agent.as_deref().map(|text| fitting(text, MAX_USER_AGENT)),
            session.address.as_deref().map(|text| fitting(text, MAX_ADDRESS)),
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Signs one of a person's browsers out. `false` when it is none of theirs, or was.
    pub async fn session_end(
        &mut self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let ended = sqlx::query!(
            r#"update sessions set ended_at = $3 where id = $2 and user_id = $1 and ended_at is null"#,
            user.0,
            session.0,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(ended.rows_affected() == 1)
    }

    /// Signs all of a person's browsers out but one, and says how many.
    pub async fn sessions_end_all(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let ended = sqlx::query!(
            r#"update sessions set ended_at = $3
            where user_id = $1 and ended_at is null and id is distinct from $2"#,
            user.0,
            except.map(|session| session.0),
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(ended.rows_affected())
    }

    /// Turns a browser to another tenant.
    pub async fn session_look_at(&mut self, session: SessionId, tenant: TenantId) -> Result<(), StoreError> {
        sqlx::query!(r#"update sessions set tenant_id = $2 where id = $1"#, session.0, tenant.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
