//! The one cookie there is: which browser this is.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use credentials::tokens::Token;
use jiff::SignedDuration;

/// How the cookie is called and kept: under https a browser takes it from this host alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionCookie {
    is_https: bool,
}

impl SessionCookie {
    /// The cookie of a program that is reached at this address.
    pub(crate) fn of(public_address: &str) -> Self {
        Self { is_https: public_address.starts_with("https://") }
    }

    const fn name(self) -> &'static str {
        if self.is_https { "__Host-session" } else { "session" }
    }

    const fn attributes(self) -> &'static str {
        if self.is_https {
            "Path=/; HttpOnly; SameSite=Lax; Secure"
        } else {
            "Path=/; HttpOnly; SameSite=Lax"
        }
    }

    /// What the browser sent; the first, should there be several.
    pub(super) fn read(self, headers: &HeaderMap) -> Option<&str> {
        let sent = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        sent.flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name())
            .map(|(_, value)| value)
    }

    /// Whether the browser sent one at all.
    pub(super) fn is_in(self, headers: &HeaderMap) -> bool {
        self.read(headers).is_some()
    }

    /// What makes the browser keep it.
    pub(super) fn set(self, token: &Token, lifetime: SignedDuration) -> HeaderValue {
        let seconds = lifetime.as_secs();
        self.header(&format!("{}={}; Max-Age={seconds}; {}", self.name(), token.text(), self.attributes()))
    }

    /// What makes the browser forget it.
    pub(super) fn forget(self) -> HeaderValue {
        self.header(&format!("{}=; Max-Age=0; {}", self.name(), self.attributes()))
    }

    fn header(self, text: &str) -> HeaderValue {
        let mut value = HeaderValue::from_str(text).expect("a token is letters, digits, - and _");
        value.set_sensitive(true);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let token = Token::draw();
        let lifetime = SignedDuration::from_hours(1);
        let plain = SessionCookie::of("http://127.0.0.1:3000").set(&token, lifetime);
        assert_eq!(
            plain.to_str().unwrap(),
            format!("session={}; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax", token.text())
        );
        let secure = SessionCookie::of("https://gtm.example.com").set(&token, lifetime);
        assert_eq!(
            secure.to_str().unwrap(),
            format!("__Host-session={}; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax; Secure", token.text())
        );
    }

    #[test]
    fn it_is_found_among_others() {
        let cookie = SessionCookie::of("http://localhost:3000");
        let mut headers = HeaderMap::new();
        assert!(!cookie.is_in(&headers));
        headers.insert(COOKIE, "a=b; xsession=no; session=yes; session=later".parse().unwrap());
        assert_eq!(cookie.read(&headers), Some("yes"));
    }
}
