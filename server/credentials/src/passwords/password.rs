//! A password as it was typed.

use std::fmt;

use zeroize::Zeroizing;

/// A password may be any text up to this size; it is never cut short.
pub const MAX_PASSWORD_BYTES: usize = 1_024;

/// A password as it was typed.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// A text that is too long to be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("use at most {MAX_PASSWORD_BYTES} bytes")]
pub struct TooLong;

impl Password {
    /// Takes what was typed. Whether it will do as a new password, [`Password::judge`] says.
    pub fn read(text: String) -> Result<Self, TooLong> {
        let text = Zeroizing::new(text);
        if text.len() <= MAX_PASSWORD_BYTES { Ok(Self(text)) } else { Err(TooLong) }
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_at_most_1024_bytes() {
        assert!(Password::read("é".repeat(512)).is_ok());
        assert_eq!(Password::read("a".repeat(1_025)).unwrap_err(), TooLong);
        assert_eq!(Password::read("a".repeat(65_536)).unwrap_err().to_string(), "use at most 1024 bytes");
    }

    #[test]
    fn a_password_does_not_show_in_debug() {
        let password = Password::read("hunter2hunter2".to_owned()).unwrap();
        assert_eq!(format!("{:?}", Some(password)), "Some(Password(…))");
    }
}
