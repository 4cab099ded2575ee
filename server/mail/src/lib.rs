//! Letters in plain text, handed to a mail server.
//!
//! [`Mailer`] is made from `SMTP_URL` and `SMTP_FROM` and sends one [`Letter`] to one address at a time, over a
//! connection of its own. Nothing is queued or tried again here. With the feature `testing`, `Postbox` is a mail
//! server that keeps what it is sent.

mod error;
mod letter;
mod mailer;
#[cfg(feature = "testing")]
mod postbox;

pub use error::{InvalidMailer, MailError};
pub use letter::Letter;
pub use mailer::Mailer;
#[cfg(feature = "testing")]
pub use postbox::{Postbox, ReceivedLetter};
