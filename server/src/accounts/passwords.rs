//! Changing a password, and setting a new one by a link.

use credentials::passwords::{Password, PasswordHash};
use credentials::tokens::Token;
use domain::access::{Actor, Person};
use domain::audit::Deed;
use domain::ids::UserId;
use jiff::SignedDuration;
use store::users::StoredUser;

use super::letters::about_reset;
use super::refusal::email;
use super::sessions::person_of;
use super::{Accounts, Refusal, Sender, deed};

/// How long a link to set a new password works.
const RESET_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

impl Accounts {
    /// Reads a new password of somebody's and hashes it.
    pub(super) async fn new_password(
        &self,
        field: &'static str,
        text: String,
        about: &[&str],
    ) -> Result<PasswordHash, Refusal> {
        let password = Password::read(text).map_err(|why| Refusal::field(field, why.to_string()))?;
        password.judge(about).map_err(|why| Refusal::field(field, why.to_string()))?;
        Ok(self.hasher.hash(&password).await)
    }

    /// Whether a password is somebody's; takes as long when there is nobody.
    pub(super) async fn is_password_of(&self, user: Option<&StoredUser>, text: String) -> bool {
        let Ok(password) = Password::read(text) else { return false };
        let hash = user.map(|user| PasswordHash::stored(user.password_hash.clone()));
        self.hasher.verify(&password, hash.as_ref()).await
    }

    /// Changes the password of who is signed in; every other browser of theirs is signed out.
    pub async fn change_password(
        &self,
        person: &Person,
        current: String,
        new: String,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        self.count_sign_in(&person.email, sender).await?;
        let user = self.store.user_by_id(person.user).await?;
        if !self.is_password_of(user.as_ref(), current).await {
            return Err(Refusal::field("current_password", "this is not your password"));
        }
        self.forgive(&person.email).await?;
        let hash = self.new_password("new_password", new, &[&person.email, &person.name]).await?;
        let now = self.clock.now();
        let mut work = self.store.platform().await?;
        // A password that changed meanwhile is no longer proven.
        let unchanged = work.user_lock(person.user).await?.map(|user| user.password_hash)
            == user.map(|user| user.password_hash);
        if !unchanged {
            return Err(Refusal::Conflict("the password was changed meanwhile".to_owned()));
        }
        work.user_set_password(person.user, hash.as_str()).await?;
        work.sessions_end_all(person.user, Some(person.session), now).await?;
        work.resets_forget(person.user).await?;
        work.audit_everywhere(person.user, &deed(person_of(person), Deed::PasswordChanged, sender), now)
            .await?;
        Ok(work.commit().await?)
    }

    /// Sends a link to set a new password, when there is an account; says nothing of whether there is.
    pub async fn ask_reset(&self, address: &str, sender: &Sender) -> Result<(), Refusal> {
        let address = email("email", address)?;
        self.count_request(sender).await?;
        let accounts = self.clone();
        // In the background, so that the answer takes as long for who has no account.
        tokio::spawn(async move {
            let sent = match accounts.store.user_by_email(&address).await {
                Ok(Some(user)) if !user.is_disabled && accounts.mailer.is_some() => {
                    accounts.send_reset(user).await
                }
                Ok(_) => Ok(()),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = sent {
                tracing::error!(%error, "a link to set a new password could not be made");
            }
        });
        Ok(())
    }

    async fn send_reset(&self, user: StoredUser) -> Result<(), Refusal> {
        let link = self.make_reset(user.id).await?;
        self.send(about_reset(&user.email, &link));
        Ok(())
    }

    /// Makes a link to set somebody's password. Links made before work until one is used: otherwise whoever asks
    /// again and again would keep somebody from ever using theirs.
    pub(super) async fn make_reset(&self, user: UserId) -> Result<String, Refusal> {
        let token = Token::draw();
        let now = self.clock.now();
        let mut work = self.store.platform().await?;
        work.reset_insert(token.hash().as_bytes(), user, now, now + RESET_LIFETIME).await?;
        work.commit().await?;
        Ok(self.reset_link(&token))
    }

    /// Sets a new password by a link; every browser of theirs is signed out.
    pub async fn reset_password(&self, token: &str, new: String, sender: &Sender) -> Result<(), Refusal> {
        self.count_request(sender).await?;
        let token = Token::read(token).ok_or(Refusal::NotFound)?;
        let hash = *token.hash().as_bytes();
        let user = self.store.reset_user(&hash, self.clock.now()).await?.ok_or(Refusal::NotFound)?;
        let user = self.store.user_by_id(user).await?.filter(|user| !user.is_disabled);
        let user = user.ok_or(Refusal::NotFound)?;
        let password = self.new_password("password", new, &[&user.email, &user.name]).await?;
        let now = self.clock.now();
        let mut work = self.store.platform().await?;
        let locked = work.user_lock(user.id).await?.filter(|user| !user.is_disabled);
        locked.ok_or(Refusal::NotFound)?;
        work.reset_take(&hash, now).await?.ok_or(Refusal::NotFound)?;
        work.user_set_password(user.id, password.as_str()).await?;
        work.sessions_end_all(user.id, None, now).await?;
        work.resets_forget(user.id).await?;
        let actor = Actor::Person { user: user.id, email: user.email.clone() };
        work.audit_everywhere(user.id, &deed(actor, Deed::PasswordChanged, sender), now).await?;
        work.commit().await?;
        self.forgive(&user.email).await
    }

    /// Changes the name of who is signed in.
    pub async fn change_name(&self, person: &Person, name: &str) -> Result<(), Refusal> {
        let name = super::refusal::plain_text("name", name, 200)?;
        let mut work = self.store.platform().await?;
        work.user_set_name(person.user, &name).await?;
        Ok(work.commit().await?)
    }
}
