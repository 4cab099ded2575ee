//! The way to the mail server.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use lettre::message::{Mailbox, Message, SinglePart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::time::timeout;
use url::Url;

use crate::{InvalidMailer, Letter, MailError};

/// How long handing over a letter may take, from looking up the host to the server's last word.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The way to the mail server, and who the letters are from.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Mailbox,
}

impl Mailer {
    /// Reads `SMTP_URL` and `SMTP_FROM`; without the latter letters are from `command-center` at the server's host,
    /// or at `localhost` when that has no name.
    ///
    /// `smtps://` is encrypted from the start, `smtp://…?tls=required` before anything is said, and `smtp://` alone
    /// not at all: it is for a server on this machine or in a network of its own. Certificates are checked
    /// against those this machine trusts.
    pub fn parse(url: &str, sender: Option<&str>) -> Result<Self, InvalidMailer> {
        let parsed = Url::parse(url).ok().filter(is_understood).ok_or(InvalidMailer::Url)?;
        let sender = match sender {
            Some(text) => text.parse().map_err(|_| InvalidMailer::Sender)?,
            None => default_sender(&parsed).ok_or(InvalidMailer::Url)?,
        };
        if !can_be_written(&sender) {
            return Err(InvalidMailer::Sender);
        }
        let transport =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| InvalidMailer::Url)?;
        Ok(Self { transport: transport.timeout(None).build(), sender })
    }

    /// Hands a letter to the server.
    pub async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let message = self.message(letter)?;
        timeout(PATIENCE, self.transport.send(message)).await.map_err(|_| MailError::TimedOut)??;
        Ok(())
    }

    fn message(&self, letter: &Letter) -> Result<Message, MailError> {
        let to = address(&letter.to).ok_or(MailError::InvalidAddress)?;
        let message = Message::builder()
            .from(self.sender.clone())
            .to(to.into())
            .subject(letter.subject_line())
            .message_id(None)
            .singlepart(SinglePart::plain(letter.text.clone()));
        message.map_err(|_| MailError::InvalidAddress)
    }
}

/// Prints nothing of the URL, which may hold a password.
impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailer(from {})", self.sender)
    }
}

/// Whether nothing in a URL would be ignored: a misspelt `?tls=required` must not send passwords in the clear.
fn is_understood(url: &Url) -> bool {
    let is_query_known = url.query_pairs().all(|(name, _)| name == "tls") && url.query_pairs().count() <= 1;
    let has_all_or_no_credentials = url.username().is_empty() == url.password().is_none();
    is_query_known && has_all_or_no_credentials && url.fragment().is_none()
}

fn default_sender(url: &Url) -> Option<Mailbox> {
    let host = url.host_str()?;
    let is_number = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let domain = if is_number { "localhost" } else { host };
    address(&format!("command-center@{domain}")).map(Mailbox::from)
}

/// Whether letters can be from this address: lettre reads its own headers again, and knows fewer addresses there.
fn can_be_written(sender: &Mailbox) -> bool {
    sender.email.to_string().parse::<Mailbox>().is_ok()
}

fn address(text: &str) -> Option<Address> {
    if text.contains(char::is_control) { None } else { text.parse().ok() }
}

#[cfg(test)]
mod tests;
