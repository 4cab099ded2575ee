//! The forms of who comes in, and of their own account.

use app::visit::Notice;
use domain::access::Person;

use super::posted::Posted;
use super::{Done, Poster};
use crate::accounts::{Joining, Refusal, SignIn, SignUp};
use crate::http::visits::{HOME, LOGIN, own_address};

impl Poster<'_> {
    pub(super) async fn sign_in(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let typed = SignIn { email: posted.take("email"), password: posted.take("password") };
        let session = self.services.accounts.sign_in(typed, self.sender).await?;
        let next = posted.take("next");
        Ok(Done::SignedIn(session, own_address(Some(&next)).to_owned()))
    }

    pub(super) async fn sign_up(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let typed = SignUp {
            company: posted.take("company"),
            name: posted.take("name"),
            email: posted.take("email"),
            password: posted.take("password"),
        };
        self.services.accounts.sign_up(typed, self.sender).await?;
        Ok(Done::SaidAt(LOGIN, Notice::AccountMade))
    }

    pub(super) async fn sign_out(&self) -> Result<Done, Refusal> {
        if let Some(person) = &self.visit.person {
            self.services.accounts.sign_out(person, self.sender).await?;
        }
        Ok(Done::SignedOut)
    }

    pub(super) async fn ask_reset(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        self.services.accounts.ask_reset(&posted.take("email"), self.sender).await?;
        Ok(Done::Said(Notice::ResetAsked))
    }

    pub(super) async fn reset_password(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (token, password) = (posted.take("token"), posted.take("password"));
        self.services.accounts.reset_password(&token, password, self.sender).await?;
        Ok(Done::SaidAt(LOGIN, Notice::PasswordChanged))
    }

    pub(super) async fn join(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let typed = Joining {
            token: posted.take("token"),
            name: posted.take_sent("name"),
            password: posted.take("password"),
        };
        let session = self.services.accounts.join(typed, self.sender).await?;
        Ok(Done::SignedIn(session, format!("{HOME}?done={}", Notice::Joined.word())))
    }

    pub(super) async fn switch(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let tenant = posted.take("tenant_id").parse().map_err(|_| Refusal::NotFound)?;
        self.services.accounts.look_at(self.person()?, tenant, self.sender).await?;
        // The page before may have been about something the other tenant does not have.
        let next = posted.take("next");
        let path = own_address(Some(&next)).split(['?', '#']).next().unwrap_or(HOME);
        Ok(Done::Go(path.to_owned()))
    }

    pub(super) async fn change_name(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        self.services.accounts.change_name(self.person()?, &posted.take("name")).await?;
        Ok(Done::Said(Notice::NameSaved))
    }

    pub(super) async fn change_password(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (current, new) = (posted.take("current_password"), posted.take("new_password"));
        self.services.accounts.change_password(self.person()?, current, new, self.sender).await?;
        Ok(Done::Said(Notice::PasswordChanged))
    }

    pub(super) async fn end_session(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let session = posted.take("session").parse().map_err(|_| Refusal::NotFound)?;
        let person = self.person()?;
        self.services.accounts.end_session(person, session, self.sender).await?;
        Ok(if session == person.session { Done::SignedOut } else { Done::Said(Notice::SessionEnded) })
    }

    pub(super) async fn end_other_sessions(&self) -> Result<Done, Refusal> {
        self.services.accounts.end_other_sessions(self.person()?, self.sender).await?;
        Ok(Done::Said(Notice::SessionEnded))
    }

    /// Who is signed in; the doorman sent everybody else away.
    fn person(&self) -> Result<&Person, Refusal> {
        self.visit.person.as_ref().ok_or(Refusal::NotFound)
    }
}
