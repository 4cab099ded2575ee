//! People asked to join a tenant.

use domain::access::Role;
use domain::ids::{InvitationId, TenantId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::database::instant;
use crate::memberships::role;
use crate::work::{PlatformWork, TenantWork};
use crate::{Store, StoreError};

/// An invitation that can be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenInvitation {
    /// The tenant to join.
    pub tenant: TenantId,
    /// Its name.
    pub tenant_name: String,
    /// The invitation.
    pub id: InvitationId,
    /// Who is asked.
    pub email: String,
    /// What they would be.
    pub role: Role,
    /// Who asked.
    pub invited_by: String,
}

/// An invitation as the tenant sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredInvitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is asked.
    pub email: String,
    /// What they would be.
    pub role: Role,
    /// Who asked.
    pub invited_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// An invitation to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// The hash of its link's token.
    pub token_hash: [u8; 32],
    /// Who is asked, normalised.
    pub email: String,
    /// What they would be.
    pub role: Role,
    /// Who asks.
    pub invited_by: String,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

struct OpenRow {
    tenant_id: Uuid,
    tenant_name: String,
    id: Uuid,
    email: String,
    role: String,
    invited_by: String,
}

impl OpenRow {
    fn read(self) -> Result<OpenInvitation, StoreError> {
        Ok(OpenInvitation {
            tenant: TenantId(self.tenant_id),
            tenant_name: self.tenant_name,
            id: InvitationId(self.id),
            email: self.email,
            role: role(&self.role)?,
            invited_by: self.invited_by,
        })
    }
}

impl Store {
    /// The invitation whose link has the token with this hash, while it can be accepted.
    pub async fn invitation_by_hash(
        &self,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<OpenInvitation>, StoreError> {
        sqlx::query_as!(
            OpenRow,
            r#"select i.tenant_id, t.name as tenant_name, i.id, i.email, i.role, i.invited_by
            from invitations i join tenants t on t.id = i.tenant_id
            where i.token_hash = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > $2"#,
            hash,
            instant(now) as _,
        )
        .fetch_optional(&self.platform_pool)
        .await?
        .map(OpenRow::read)
        .transpose()
    }
}

impl PlatformWork {
    /// Accepts the invitation whose link has the token with this hash; only one of two at once gets it.
    pub async fn invitation_take(
        &mut self,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<OpenInvitation>, StoreError> {
        sqlx::query_as!(
            OpenRow,
            r#"update invitations i set accepted_at = $2 from tenants t
            where t.id = i.tenant_id and i.token_hash = $1
              and i.accepted_at is null and i.revoked_at is null and i.expires_at > $2
            returning i.tenant_id, t.name as tenant_name, i.id, i.email, i.role, i.invited_by"#,
            hash,
            instant(now) as _,
        )
        .fetch_optional(self.connection())
        .await?
        .map(OpenRow::read)
        .transpose()
    }
}

impl TenantWork {
    /// The invitations nobody accepted or took back, expired ones among them, the newest first.
    pub async fn invitations_open(&mut self, _now: Timestamp) -> Result<Vec<StoredInvitation>, StoreError> {
        let rows = sqlx::query!(
            r#"select id, email, role, invited_by, created_at as "created_at: jiff_sqlx::Timestamp",
                expires_at as "expires_at: jiff_sqlx::Timestamp"
            from invitations where tenant_id = $1 and accepted_at is null and revoked_at is null
            order by created_at desc, id desc"#,
            self.tenant.0
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(StoredInvitation {
                    id: InvitationId(row.id),
                    email: row.email,
                    role: role(&row.role)?,
                    invited_by: row.invited_by,
                    created_at: row.created_at.into(),
                    expires_at: row.expires_at.into(),
                })
            })
            .collect()
    }

    /// Asks somebody to join.
    pub async fn invitation_insert(
        &mut self,
        invitation: &NewInvitation,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into invitations (tenant_id, id, token_hash, email, role, invited_by, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)"#,
            self.tenant.0,
            invitation.id.0,
            &invitation.token_hash,
            invitation.email,
            invitation.role.word(),
            invitation.invited_by,
            instant(now) as _,
            instant(invitation.expires_at) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes back the open invitations somebody made to be one of these.
    pub async fn invitations_revoke_by(
        &mut self,
        invited_by: &str,
        to_be: &[Role],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let roles: Vec<String> = to_be.iter().map(|role| role.word().to_owned()).collect();
        let revoked = sqlx::query!(
            r#"update invitations set revoked_at = $4
            where tenant_id = $1 and invited_by = $2 and role = any($3) and accepted_at is null and revoked_at is null"#,
            self.tenant.0,
            invited_by,
            &roles,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(revoked.rows_affected())
    }

    /// Takes an invitation back, and says whom it asked to be what.
    pub async fn invitation_revoke(
        &mut self,
        id: InvitationId,
        now: Timestamp,
    ) -> Result<Option<(String, Role)>, StoreError> {
        sqlx::query!(
            r#"update invitations set revoked_at = $3
            where tenant_id = $1 and id = $2 and accepted_at is null and revoked_at is null
            returning email, role"#,
            self.tenant.0,
            id.0,
            instant(now) as _,
        )
        .fetch_optional(self.connection())
        .await?
        .map(|row| Ok((row.email, role(&row.role)?)))
        .transpose()
    }
}
