//! Asking somebody to join a tenant, and joining.

use credentials::tokens::Token;
use domain::access::{Actor, Permission, Role, Viewer};
use domain::audit::Deed;
use domain::ids::{InvitationId, UserId};
use jiff::SignedDuration;
use store::invitations::{NewInvitation, OpenInvitation};
use store::users::{NewUser, StoredUser};

use super::letters::about_invitation;
use super::members::name_of;
use super::refusal::{email, plain_text};
use super::sign_in::still_proven;
use super::{Accounts, NewlySignedIn, Refusal, Sender, about, deed, saying};
use crate::chance::new_id;

/// How long an invitation works.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Who joins.
#[derive(Clone, Copy)]
enum Joiner<'a> {
    /// Somebody with a new account.
    New(&'a NewUser),
    /// Somebody who has just proven to have this one.
    Known(&'a StoredUser),
}

/// What is typed to join.
pub struct Joining {
    /// The token of the link.
    pub token: String,
    /// The person's name; only asked for when they have no account.
    pub name: Option<String>,
    /// The password of their account, or the one of their new account.
    pub password: String,
}

impl Accounts {
    /// Asks somebody to join the viewer's tenant, by mail where there is any; the link is the answer.
    pub async fn invite(
        &self,
        viewer: &Viewer,
        address: &str,
        role: &str,
        sender: &Sender,
    ) -> Result<String, Refusal> {
        viewer.require(Permission::ManageMembers)?;
        let address = email("email", address)?;
        let role = role_to_hand_on(viewer, role)?;
        self.count_invitation(viewer.tenant).await?;
        let token = Token::draw();
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        if work.members().await?.iter().any(|member| member.email == address) {
            return Err(Refusal::field("email", "they belong to this workspace already"));
        }
        let invitation = NewInvitation {
            id: InvitationId(new_id()),
            token_hash: *token.hash().as_bytes(),
            email: address.clone(),
            role,
            invited_by: name_of(&viewer.actor),
            expires_at: now + LIFETIME,
        };
        work.invitation_insert(&invitation, now).await?;
        let line = about(deed(viewer.actor.clone(), Deed::MemberInvited, sender), address.as_str());
        work.audit(&saying(line, [("role", role.to_string())]), now).await?;
        let tenant = work.tenant().await?;
        work.commit().await?;
        let link = self.invitation_link(&token);
        self.send(about_invitation(&address, &invitation.invited_by, &tenant.name, role, &link));
        Ok(link)
    }

    /// Takes an invitation back.
    pub async fn revoke_invitation(
        &self,
        viewer: &Viewer,
        invitation: &str,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::ManageMembers)?;
        let id: InvitationId = invitation.parse().map_err(|_| Refusal::NotFound)?;
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        let (address, role) = work.invitation_revoke(id, now).await?.ok_or(Refusal::NotFound)?;
        if !viewer.may_hand_on(role) {
            return Err(above(role));
        }
        let line = about(deed(viewer.actor.clone(), Deed::InvitationRevoked, sender), address);
        work.audit(&line, now).await?;
        Ok(work.commit().await?)
    }

    /// Joins: with the password of an account that exists, or with a new account.
    pub async fn join(&self, typed: Joining, sender: &Sender) -> Result<NewlySignedIn, Refusal> {
        self.count_request(sender).await?;
        let token = Token::read(&typed.token).ok_or(Refusal::NotFound)?;
        let hash = *token.hash().as_bytes();
        let now = self.clock.now();
        let open = self.store.invitation_by_hash(&hash, now).await?.ok_or(Refusal::NotFound)?;
        match self.store.user_by_email(&open.email).await? {
            Some(user) => self.join_as(user, &hash, &open, typed.password, sender).await,
            None => self.join_anew(&hash, &open, typed, sender).await,
        }
    }

    async fn join_as(
        &self,
        user: StoredUser,
        hash: &[u8; 32],
        open: &OpenInvitation,
        password: String,
        sender: &Sender,
    ) -> Result<NewlySignedIn, Refusal> {
        self.count_sign_in(&user.email, sender).await?;
        if !self.is_password_of(Some(&user), password).await || user.is_disabled {
            return Err(Refusal::field("password", "this is not the password of that account"));
        }
        self.forgive(&user.email).await?;
        self.take(Joiner::Known(&user), hash, open, sender).await
    }

    async fn join_anew(
        &self,
        hash: &[u8; 32],
        open: &OpenInvitation,
        typed: Joining,
        sender: &Sender,
    ) -> Result<NewlySignedIn, Refusal> {
        let name = plain_text("name", typed.name.as_deref().unwrap_or_default(), 200)?;
        let about = [open.email.as_str(), name.as_str(), open.tenant_name.as_str()];
        let password = self.new_password("password", typed.password, &about).await?;
        let user = NewUser {
            id: UserId(new_id()),
            email: open.email.clone(),
            name,
            password_hash: password.as_str().to_owned(),
            is_platform_admin: false,
        };
        self.take(Joiner::New(&user), hash, open, sender).await
    }

    /// Uses the invitation up and makes the person a member, all or nothing.
    async fn take(
        &self,
        joiner: Joiner<'_>,
        hash: &[u8; 32],
        open: &OpenInvitation,
        sender: &Sender,
    ) -> Result<NewlySignedIn, Refusal> {
        let now = self.clock.now();
        let mut work = self.store.platform().await?;
        let (user, address) = match joiner {
            Joiner::New(newcomer) => {
                if !work.user_insert(newcomer, now).await? {
                    let message = "an account was made meanwhile: open the link again";
                    return Err(Refusal::Conflict(message.to_owned()));
                }
                (newcomer.id, &newcomer.email)
            }
            Joiner::Known(user) => {
                still_proven(&mut work, user).await?;
                (user.id, &user.email)
            }
        };
        let taken = work.invitation_take(hash, now).await?.ok_or(Refusal::NotFound)?;
        work.membership_add(open.tenant, user, taken.role, now).await?;
        let actor = Actor::Person { user, email: address.clone() };
        let line = saying(deed(actor, Deed::MemberJoined, sender), [("role", taken.role.to_string())]);
        work.audit(open.tenant, &line, now).await?;
        let session = self.begin_session(&mut work, user, Some(open.tenant), sender).await?;
        work.commit().await?;
        Ok(session)
    }
}

/// The role a text names, when the viewer may give it.
pub(super) fn role_to_hand_on(viewer: &Viewer, role: &str) -> Result<Role, Refusal> {
    let role: Role = role.parse().map_err(|why| Refusal::field("role", format!("{why}")))?;
    if viewer.may_hand_on(role) { Ok(role) } else { Err(above(role)) }
}

/// Nobody hands on more than they have.
pub(super) fn above(role: Role) -> Refusal {
    Refusal::field("role", format!("only somebody who is {role} themselves may do that"))
}
