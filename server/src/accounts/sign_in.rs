//! Signing in.

use domain::access::Actor;
use domain::audit::Deed;
use store::users::StoredUser;
use store::work::PlatformWork;

use super::refusal::email;
use super::{Accounts, NewlySignedIn, Refusal, Sender, deed};

/// The one sentence for everything that is wrong with an e-mail and a password together.
const WRONG: &str = "e-mail and password do not belong together";

/// What is typed to sign in.
pub struct SignIn {
    /// The e-mail.
    pub email: String,
    /// The password.
    pub password: String,
}

impl Accounts {
    /// Signs a browser in with an e-mail and a password. Nothing tells whether there is such an account.
    pub async fn sign_in(&self, typed: SignIn, sender: &Sender) -> Result<NewlySignedIn, Refusal> {
        let address = email("email", &typed.email)?;
        self.count_sign_in(&address, sender).await?;
        let user = self.store.user_by_email(&address).await?;
        let is_right = self.is_password_of(user.as_ref(), typed.password).await;
        let Some(user) = user.filter(|user| is_right && !user.is_disabled) else {
            self.note_refusal(&address, sender);
            return Err(Refusal::field("password", WRONG));
        };
        let session = self.admit(&user, sender).await?;
        self.forgive(&address).await?;
        Ok(session)
    }

    /// Begins a session for who has just proven to be this user.
    pub(super) async fn admit(&self, user: &StoredUser, sender: &Sender) -> Result<NewlySignedIn, Refusal> {
        let mut work = self.store.platform().await?;
        still_proven(&mut work, user).await?;
        let session = self.begin_session(&mut work, user.id, None, sender).await?;
        let actor = Actor::Person { user: user.id, email: user.email.clone() };
        work.audit_everywhere(user.id, &deed(actor, Deed::SignedIn, sender), self.clock.now()).await?;
        work.commit().await?;
        Ok(session)
    }

    /// Writes a wrong password down for the tenants of whose account it was; in the background, since an
    /// account that does not exist has nobody to tell.
    fn note_refusal(&self, address: &str, sender: &Sender) {
        let (accounts, address, sender) = (self.clone(), address.to_owned(), sender.clone());
        tokio::spawn(async move {
            if let Err(error) = accounts.write_refusal(&address, &sender).await {
                tracing::error!(%error, "a refused sign-in could not be written down");
            }
        });
    }

    async fn write_refusal(&self, address: &str, sender: &Sender) -> Result<(), Refusal> {
        let Some(user) = self.store.user_by_email(address).await? else { return Ok(()) };
        let actor = Actor::Person { user: user.id, email: user.email };
        let line = deed(actor, Deed::SignInRefused, sender);
        let mut work = self.store.platform().await?;
        work.audit_everywhere(user.id, &line, self.clock.now()).await?;
        Ok(work.commit().await?)
    }
}

/// What was proven must still be so: a change of password ends sessions, also those that begin beside it.
pub(super) async fn still_proven(work: &mut PlatformWork, user: &StoredUser) -> Result<(), Refusal> {
    let stored = work.user_lock(user.id).await?;
    let unchanged = |stored: &StoredUser| stored.password_hash == user.password_hash && !stored.is_disabled;
    if stored.as_ref().is_some_and(unchanged) { Ok(()) } else { Err(Refusal::field("password", WRONG)) }
}
