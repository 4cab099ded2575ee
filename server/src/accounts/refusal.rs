//! Why something was not done.

use domain::access::Forbidden;
use jiff::SignedDuration;
use store::StoreError;

/// Why something was not done; all but the last are the asker's, and safe to show.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// A field is wrong.
    #[error("{message}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// It is not said in a way that can be understood.
    #[error("{0}")]
    Unreadable(String),
    /// It cannot be done as things are.
    #[error("{0}")]
    Conflict(String),
    /// The asker may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// What it is about does not exist, or is another tenant's.
    #[error("there is nothing at this address")]
    NotFound,
    /// It was tried too often.
    #[error("too many attempts: try again in {} seconds", wait.as_secs().max(1))]
    TooMany {
        /// How long to wait.
        wait: SignedDuration,
    },
    /// We failed.
    #[error(transparent)]
    Ours(#[from] StoreError),
}

impl Refusal {
    /// A wrong field.
    pub(crate) fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self::Field { field, message: message.into() }
    }
}

/// Text of a person's: trimmed, of a sensible length, without control characters.
pub(crate) fn plain_text(field: &'static str, text: &str, at_most: usize) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::field(field, "this is needed"));
    }
    if text.chars().count() > at_most {
        return Err(Refusal::field(field, format!("use at most {at_most} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Refusal::field(field, "use plain text"));
    }
    Ok(text.to_owned())
}

/// An e-mail address, trimmed and lower-cased.
pub(crate) fn email(field: &'static str, text: &str) -> Result<String, Refusal> {
    let wrong = || Refusal::field(field, "this is no e-mail address");
    let email = domain::attribution::normalise_email(text).ok_or_else(wrong)?;
    let is_plain =
        email.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>,;:\"()[]\\".contains(c));
    let (name, host) = email.rsplit_once('@').ok_or_else(wrong)?;
    let is_address =
        is_plain && !name.is_empty() && !name.contains('@') && !host.is_empty() && !host.starts_with('.');
    if is_address && email.len() <= 254 { Ok(email) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_an_address_and_nothing_around_it() {
        assert_eq!(email("email", " Ada@Example.COM ").unwrap(), "ada@example.com");
        for text in
            ["", "ada", "@example.com", "ada@", "a b@example.com", "a@b@c", "a@b>,c@d", "a\r\nbcc:x@y"]
        {
            assert!(email("email", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_name_is_plain_text_of_a_sensible_length() {
        assert_eq!(plain_text("name", " Ada ", 5).unwrap(), "Ada");
        for text in ["", "  ", "123456", "a\nb", "\u{0}"] {
            assert!(plain_text("name", text, 5).is_err(), "{text:?}");
        }
    }
}
