//! What whoever may run commands on the machine does with accounts.

use credentials::passwords::Password;
use credentials::tokens::ApiKeyText;
use domain::access::{Actor, Permission, Role};
use domain::audit::Deed;
use domain::ids::{ApiKeyId, TenantId, UserId};
use store::api_keys::NewApiKey;
use store::users::{NewUser, StoredUser};

use super::connections::StoredFor;
use super::refusal::{email, plain_text};
use super::{Accounts, Refusal, Sender, about, deed, saying};
use crate::chance::new_id;

/// Somebody to be made a member.
pub struct NewMember {
    /// Their e-mail.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their password; only used when they have no account yet.
    pub password: String,
    /// Of which tenants, and as what.
    pub memberships: Vec<(TenantId, Role)>,
    /// Whether they see every tenant and the aggregate.
    pub is_platform_admin: bool,
}

impl Accounts {
    /// Makes an account with memberships; refuses when the e-mail has one already.
    pub async fn add_user(&self, member: NewMember) -> Result<UserId, Refusal> {
        let address = email("email", &member.email)?;
        let name = plain_text("name", &member.name, 200)?;
        let password = self.new_password("password", member.password, &[&address, &name]).await?;
        let now = self.clock.now();
        let user = NewUser {
            id: UserId(new_id()),
            email: address.clone(),
            name,
            password_hash: password.as_str().to_owned(),
            is_platform_admin: member.is_platform_admin,
        };
        let mut work = self.store.platform().await?;
        if !work.user_insert(&user, now).await? {
            return Err(Refusal::Conflict(format!("there is an account with {address} already")));
        }
        for (tenant, role) in member.memberships {
            work.membership_put(tenant, user.id, role, now).await?;
            let line =
                about(deed(Actor::CommandLine, Deed::MemberJoined, &Sender::default()), address.as_str());
            work.audit(tenant, &saying(line, [("role", role.to_string())]), now).await?;
        }
        work.commit().await?;
        Ok(user.id)
    }

    /// Sets the password of an account that exists; every browser of theirs is signed out.
    pub async fn set_password(&self, user: &StoredUser, password: &Password) -> Result<(), Refusal> {
        let hash = self.hasher.hash(password).await;
        let now = self.clock.now();
        let mut work = self.store.platform().await?;
        work.user_set_password(user.id, hash.as_str()).await?;
        work.sessions_end_all(user.id, None, now).await?;
        work.resets_forget(user.id).await?;
        Ok(work.commit().await?)
    }

    /// A link to set somebody's password, for who runs the program to hand over.
    pub async fn reset_link_for(&self, address: &str) -> Result<String, Refusal> {
        let user = self.user_named(address).await?;
        self.make_reset(user.id).await
    }

    /// Disables an account, which signs it out everywhere, or enables it again.
    pub async fn set_disabled(&self, address: &str, is_disabled: bool) -> Result<(), Refusal> {
        let user = self.user_named(address).await?;
        let now = self.clock.now();
        let mut work = self.store.platform().await?;
        work.user_set_disabled(user.id, is_disabled.then_some(now)).await?;
        if is_disabled {
            work.sessions_end_all(user.id, None, now).await?;
            work.resets_forget(user.id).await?;
        }
        Ok(work.commit().await?)
    }

    /// Makes somebody see every tenant, or no longer.
    pub async fn set_platform_admin(&self, address: &str, is_platform_admin: bool) -> Result<(), Refusal> {
        let user = self.user_named(address).await?;
        let mut work = self.store.platform().await?;
        work.user_set_platform_admin(user.id, is_platform_admin).await?;
        Ok(work.commit().await?)
    }

    async fn user_named(&self, address: &str) -> Result<StoredUser, Refusal> {
        let address = email("email", address)?;
        let user = self.store.user_by_email(&address).await?;
        user.ok_or_else(|| Refusal::field("email", format!("there is no account with {address}")))
    }

    /// Makes an API key for a tenant; without scopes it has all of its role.
    pub async fn provision_api_key(
        &self,
        tenant: TenantId,
        name: &str,
        role: Role,
        scopes: Vec<Permission>,
    ) -> Result<ApiKeyText, Refusal> {
        let scopes = if scopes.is_empty() { Permission::of(role) } else { scopes };
        if let Some(beyond) = scopes.iter().find(|scope| scope.least_role() > role) {
            return Err(Refusal::field("scopes", format!("{role} may not {}", beyond.in_words())));
        }
        let text = ApiKeyText::draw();
        let name = plain_text("name", name, 200)?;
        let now = self.clock.now();
        let key = NewApiKey {
            id: ApiKeyId(new_id()),
            key_hash: *text.hash().as_bytes(),
            hint: text.hint(),
            name: name.clone(),
            role,
            scopes,
            created_by: "command line".to_owned(),
        };
        let mut work = self.store.within(tenant).await?;
        work.api_key_insert(&key, now).await?;
        let line = about(deed(Actor::CommandLine, Deed::ApiKeyCreated, &Sender::default()), name);
        work.audit(&saying(line, [("role", role.to_string())]), now).await?;
        work.commit().await?;
        Ok(text)
    }

    /// Stores a credential of a tenant.
    pub async fn provision_secret(&self, what: StoredFor, value: &str) -> Result<(), Refusal> {
        self.put_secret(Actor::CommandLine, what, value, &Sender::default()).await
    }
}
