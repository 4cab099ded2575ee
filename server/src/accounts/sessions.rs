//! Browsers that are signed in.

use credentials::tokens::Token;
use domain::access::{Actor, Caller, Person};
use domain::audit::Deed;
use domain::ids::{SessionId, TenantId, UserId};
use jiff::SignedDuration;
use store::sessions::NewSession;
use store::work::PlatformWork;

use super::{Accounts, Doorman, Refusal, Sender, deed};
use crate::chance::new_id;

/// How long a browser stays signed in at most.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The longest description of a browser that is kept.
const MAX_USER_AGENT: usize = 200;

/// A browser that has just signed in.
#[derive(Debug)]
pub struct NewlySignedIn {
    /// What its cookie holds.
    pub token: Token,
    /// How long that is good for.
    pub lifetime: SignedDuration,
}

impl Accounts {
    /// Signs a browser in; it always gets a session of its own, whatever it came with.
    pub(super) async fn begin_session(
        &self,
        work: &mut PlatformWork,
        user: UserId,
        looking_at: Option<TenantId>,
        sender: &Sender,
    ) -> Result<NewlySignedIn, Refusal> {
        let now = self.clock.now();
        let token = Token::draw();
        let session = NewSession {
            id: SessionId(new_id()),
            token_hash: *token.hash().as_bytes(),
            user,
            tenant: looking_at,
            user_agent: sender.user_agent.as_deref().map(shortened),
            address: sender.address.map(|address| address.to_string()),
            expires_at: now + LIFETIME,
        };
        work.session_insert(&session, now).await?;
        Ok(NewlySignedIn { token, lifetime: LIFETIME })
    }

    /// Signs the asking browser out.
    pub async fn sign_out(&self, person: &Person, sender: &Sender) -> Result<(), Refusal> {
        self.end_session(person, person.session, sender).await
    }

    /// Signs one of the person's browsers out.
    pub async fn end_session(
        &self,
        person: &Person,
        session: SessionId,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        let now = self.clock.now();
        let mut work = self.store.platform().await?;
        if !work.session_end(person.user, session, now).await? {
            return Err(Refusal::NotFound);
        }
        let line = deed(person_of(person), Deed::SessionEnded, sender);
        work.audit_everywhere(person.user, &line, now).await?;
        Ok(work.commit().await?)
    }

    /// Signs every other browser of the person out.
    pub async fn end_other_sessions(&self, person: &Person, sender: &Sender) -> Result<(), Refusal> {
        let now = self.clock.now();
        let mut work = self.store.platform().await?;
        if work.sessions_end_all(person.user, Some(person.session), now).await? > 0 {
            let line = deed(person_of(person), Deed::SessionEnded, sender);
            work.audit_everywhere(person.user, &line, now).await?;
        }
        Ok(work.commit().await?)
    }

    /// Turns a browser to another tenant.
    pub async fn look_at(&self, person: &Person, tenant: TenantId, sender: &Sender) -> Result<(), Refusal> {
        let doorman = Doorman { store: self.store.clone(), clock: self.clock };
        let caller = Caller::Person(person.clone());
        doorman.look(&caller, Some(tenant), sender).await?.ok_or(Refusal::NotFound)?;
        let mut work = self.store.platform().await?;
        work.session_look_at(person.session, tenant).await?;
        Ok(work.commit().await?)
    }
}

/// A person as whoever did something.
pub(super) fn person_of(person: &Person) -> Actor {
    Actor::Person { user: person.user, email: person.email.clone() }
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect()
}
