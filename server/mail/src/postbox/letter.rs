//! A letter as it arrived.

use mail_parser::MessageParser;

/// A letter as it arrived, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedLetter {
    /// Who it was handed over for; several with `, ` between.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says; lines end with `\n`.
    pub text: String,
    /// The letter as it was sent, headers first.
    pub source: String,
}

impl ReceivedLetter {
    pub(super) fn read(recipients: &[String], source: &[u8]) -> Self {
        let message = MessageParser::default().parse(source).expect("the letter has headers");
        let text = message.body_text(0).unwrap_or_default();
        Self {
            to: recipients.join(", "),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: text.replace("\r\n", "\n"),
            source: String::from_utf8_lossy(source).into_owned(),
        }
    }
}
