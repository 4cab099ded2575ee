//! Making an account with a tenant of its own.

use domain::access::{Actor, Role};
use domain::audit::Deed;
use domain::ids::{TenantId, UserId};
use domain::tenant::Tenant;
use jiff::Timestamp;
use store::StoreError;
use store::users::NewUser;
use store::work::PlatformWork;

use super::letters::about_existing_account;
use super::refusal::{email, plain_text};
use super::{Accounts, Refusal, Sender, deed};
use crate::chance::new_id;
use crate::database::{common_channels, tenant};

/// What is typed to make an account.
pub struct SignUp {
    /// The company, which becomes a tenant.
    pub company: String,
    /// The person's name.
    pub name: String,
    /// The e-mail they will sign in with.
    pub email: String,
    /// Their password.
    pub password: String,
}

impl Accounts {
    /// Makes a person, a tenant and the person its owner, all or nothing. Who has an account already is told so
    /// by mail, and nobody else is.
    pub async fn sign_up(&self, typed: SignUp, sender: &Sender) -> Result<(), Refusal> {
        if !self.is_sign_up_open {
            return Err(Refusal::Conflict("accounts are made by invitation here".to_owned()));
        }
        let company = plain_text("company", &typed.company, 200)?;
        let name = plain_text("name", &typed.name, 200)?;
        let address = email("email", &typed.email)?;
        self.count_request(sender).await?;
        let password = self.new_password("password", typed.password, &[&address, &name, &company]).await?;
        let now = self.clock.now();
        let user = NewUser {
            id: UserId(new_id()),
            email: address.clone(),
            name,
            password_hash: password.as_str().to_owned(),
            is_platform_admin: false,
        };
        let is_first = !self.store.any_user().await?;
        let mut work = self.store.platform().await?;
        if !work.user_insert(&user, now).await? {
            drop(work);
            self.send(about_existing_account(&address, &self.public_address));
            return Ok(());
        }
        // Once somebody is there, a tenant without members waits for one they choose, not for a stranger.
        let unclaimed = if is_first { work.tenant_unclaimed().await? } else { None };
        let tenant = match unclaimed {
            Some(unclaimed) => unclaimed,
            None => new_tenant(&mut work, &company, now).await?,
        };
        work.membership_put(tenant, user.id, Role::Owner, now).await?;
        let actor = Actor::Person { user: user.id, email: address };
        work.audit(tenant, &deed(actor, Deed::SignedUp, sender), now).await?;
        work.commit().await?;
        match unclaimed {
            Some(tenant) => self.name_claimed(tenant, company).await,
            None => Ok(()),
        }
    }

    /// The first person of an installation gets the tenant that takes Stripe's events by default; it is called
    /// as they say from now on.
    async fn name_claimed(&self, tenant: TenantId, company: String) -> Result<(), Refusal> {
        let mut work = self.store.within(tenant).await?;
        let before = work.tenant().await?;
        work.tenant_update(&Tenant { name: company, ..before.clone() }, before.version).await?;
        Ok(work.commit().await?)
    }
}

/// A tenant with a short name like the company's.
async fn new_tenant(work: &mut PlatformWork, company: &str, now: Timestamp) -> Result<TenantId, StoreError> {
    let base = slug_of(company);
    loop {
        let id = new_id();
        let slug = format!("{base}-{}", short(id));
        let new = Tenant { id: TenantId(id), ..tenant(&slug, company) };
        if work.tenant_insert(&new, &common_channels(), now).await? {
            return Ok(new.id);
        }
    }
}

/// The end of an id, which differs also between ids made at once.
fn short(id: uuid::Uuid) -> String {
    let text = id.simple().to_string();
    text.chars().skip(26).collect()
}

/// A short name like the company's.
fn slug_of(company: &str) -> String {
    let letters = company
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect::<String>();
    let slug: String = letters.split_whitespace().collect::<Vec<_>>().join("-").chars().take(30).collect();
    let slug = slug.trim_end_matches('-').to_owned();
    if slug.is_empty() { "workspace".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_gets_a_short_name_like_its_own() {
        assert_eq!(slug_of("Northwind GTM, Inc."), "northwind-gtm-inc");
        assert_eq!(slug_of("日本"), "workspace");
        assert!(domain::tenant::is_slug(&format!("{}-abcdef", slug_of(&"very long ".repeat(9)))));
    }
}
