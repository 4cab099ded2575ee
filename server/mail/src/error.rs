//! What can go wrong with letters.

use crate::mailer::PATIENCE;

/// Why there is no mail server. What was said instead may hold a password and is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMailer {
    /// `SMTP_URL` names no mail server.
    #[error(
        "expected smtps://user:password@host, or smtp:// with ?tls=required for STARTTLS; what is no letter or \
         digit in a user or password is percent-encoded"
    )]
    Url,
    /// `SMTP_FROM` is no address.
    #[error(
        "expected an address like command-center@example.com or Command Center <command-center@example.com>"
    )]
    Sender,
}

/// Why a letter was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It has nowhere to go.
    #[error("the letter is not addressed to an e-mail address")]
    InvalidAddress,
    /// Another attempt may succeed.
    #[error("the mail server did not take the letter within {} seconds", PATIENCE.as_secs())]
    TimedOut,
    /// The server will not take this letter, however often it is sent.
    #[error("the mail server refused: {0}")]
    Refused(String),
    /// The server was not reached, not trusted, or could not take it just now; another attempt may succeed.
    #[error("the mail server could not take the letter: {0}")]
    Failed(String),
}

impl From<lettre::transport::smtp::Error> for MailError {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        let said = error.to_string();
        if error.is_permanent() { Self::Refused(said) } else { Self::Failed(said) }
    }
}
