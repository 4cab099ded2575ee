//! Who belongs to a tenant, and as what.

use domain::access::{Actor, Permission, Role, Viewer};
use domain::audit::Deed;
use domain::ids::UserId;
use store::work::TenantWork;

use super::invitations::{above, role_to_hand_on};
use super::{Accounts, Refusal, Sender, about, deed, saying};

impl Accounts {
    /// Changes what a member is; it counts with their next request.
    pub async fn change_role(
        &self,
        viewer: &Viewer,
        member: &str,
        role: &str,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::ManageMembers)?;
        let role = role_to_hand_on(viewer, role)?;
        let member = user_id(member)?;
        let now = self.clock.now();
        let email = self.email_of(member).await?;
        let mut work = self.store.within(viewer.tenant).await?;
        let before = changeable(&mut work, viewer, member).await?;
        if before == role {
            return Ok(());
        }
        if before == Role::Owner {
            keep_an_owner(&mut work, member).await?;
        }
        work.member_set_role(member, role).await?;
        // Nobody is to come back by what they handed on before.
        let beyond = Role::ALL.into_iter().filter(|other| *other > role || role < Role::Admin);
        work.invitations_revoke_by(&email, &beyond.collect::<Vec<_>>(), now).await?;
        let line = deed(viewer.actor.clone(), Deed::MemberRoleChanged, sender);
        let line = about(line, email);
        work.audit(&saying(line, [("from", before.to_string()), ("to", role.to_string())]), now).await?;
        Ok(work.commit().await?)
    }

    /// Removes a member; what they did stays, and so do the API keys they made, which are the workspace's.
    pub async fn remove_member(&self, viewer: &Viewer, member: &str, sender: &Sender) -> Result<(), Refusal> {
        viewer.require(Permission::ManageMembers)?;
        let member = user_id(member)?;
        let now = self.clock.now();
        let email = self.email_of(member).await?;
        let mut work = self.store.within(viewer.tenant).await?;
        let before = changeable(&mut work, viewer, member).await?;
        if before == Role::Owner {
            keep_an_owner(&mut work, member).await?;
        }
        work.member_remove(member).await?;
        work.invitations_revoke_by(&email, &Role::ALL, now).await?;
        let line = about(deed(viewer.actor.clone(), Deed::MemberRemoved, sender), email);
        work.audit(&saying(line, [("role", before.to_string())]), now).await?;
        Ok(work.commit().await?)
    }

    async fn email_of(&self, user: UserId) -> Result<String, Refusal> {
        Ok(self.store.user_by_id(user).await?.map_or_else(|| user.to_string(), |user| user.email))
    }
}

/// What a member is, when the viewer may change that.
async fn changeable(work: &mut TenantWork, viewer: &Viewer, member: UserId) -> Result<Role, Refusal> {
    let role = work.member_role(member).await?.ok_or(Refusal::NotFound)?;
    if viewer.may_hand_on(role) { Ok(role) } else { Err(above(role)) }
}

/// A tenant without an owner could never have one again.
async fn keep_an_owner(work: &mut TenantWork, leaving: UserId) -> Result<(), Refusal> {
    if work.owners_beside(leaving).await? > 0 {
        return Ok(());
    }
    Err(Refusal::Conflict("a workspace needs an owner: name another one first".to_owned()))
}

fn user_id(text: &str) -> Result<UserId, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}

/// As whom somebody is written down.
pub(crate) fn name_of(actor: &Actor) -> String {
    match actor {
        Actor::Person { email, .. } => email.clone(),
        Actor::Key { name, .. } => format!("API key {name}"),
        Actor::CommandLine => "command line".to_owned(),
    }
}
