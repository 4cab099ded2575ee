//! The keys programs come with.

use std::fmt;

use super::{Token, TokenHash};

/// Tells whoever finds one lying about, and their tools, what it is.
const PREFIX: &str = "cc_";
const HINT_CHARS: usize = 8;

/// The key a program comes with: `cc_` and a token.
pub struct ApiKeyText(Token);

impl ApiKeyText {
    /// A key unlike any other.
    #[must_use]
    pub fn draw() -> Self {
        Self(Token::draw())
    }

    /// Reads [`ApiKeyText::text`].
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Token::read(text.strip_prefix(PREFIX)?).map(Self)
    }

    /// The key, to be shown once.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", self.0.text())
    }

    /// What to keep of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        self.0.hash()
    }

    /// The first characters after `cc_`, by which its owner tells it from others.
    #[must_use]
    pub fn hint(&self) -> String {
        self.0.text().chars().take(HINT_CHARS).collect()
    }
}

impl fmt::Debug for ApiKeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeyText(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_its_text() {
        let key = ApiKeyText::draw();
        let text = key.text();

        assert!(text.starts_with("cc_") && text.len() == 46, "{text}");
        assert_eq!(ApiKeyText::read(&text).unwrap().hash(), key.hash());
        assert_eq!(key.hint(), text[3..11]);
        assert_eq!(format!("{key:?}"), "ApiKeyText(…)");
    }

    #[test]
    fn a_token_alone_is_no_key() {
        let token = Token::draw().text();
        for text in [token.as_str(), "cc_", "", &format!("CC_{token}"), &format!("cc_cc_{token}")] {
            assert!(ApiKeyText::read(text).is_none(), "{text}");
        }
    }
}
