//! The key Stripe is asked with, and the address it is sent to.

use std::fmt;

use credentials::sealing::SecretText;
use hyper::Uri;
use hyper::header::HeaderValue;

/// Where Stripe is.
const STRIPE: &str = "https://api.stripe.com";

/// A secret or restricted key of a Stripe account.
#[derive(Clone)]
pub struct StripeKey(SecretText);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a Stripe key begins with rk_live_, rk_test_, sk_live_ or sk_test_")]
pub struct InvalidKey;

impl StripeKey {
    /// Reads a key as Stripe shows it.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let rest = ["rk_live_", "rk_test_", "sk_live_", "sk_test_"]
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .ok_or(InvalidKey)?;
        let is_plain = rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if rest.is_empty() || !is_plain {
            return Err(InvalidKey);
        }
        Ok(Self(text.to_owned().into()))
    }

    /// Whether it is one for real money.
    #[must_use]
    pub fn livemode(&self) -> bool {
        self.0.reveal().get(2..8) == Some("_live_")
    }

    pub(super) fn authorization(&self) -> HeaderValue {
        let bearer = format!("Bearer {}", self.0.reveal());
        let mut value = HeaderValue::try_from(bearer).expect("a key is letters, digits and underscores");
        value.set_sensitive(true);
        value
    }
}

/// Shows nothing of it.
impl fmt::Debug for StripeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StripeKey(…)")
    }
}

/// The address Stripe is asked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiBase(String);

/// Why a text is no such address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("STRIPE_API_BASE is an https address, or an http address of this machine")]
pub struct InvalidBase;

impl ApiBase {
    /// Reads an address. A key is sent there, so it is https, or never leaves this machine.
    pub fn parse(text: &str) -> Result<Self, InvalidBase> {
        let base = text.trim_end_matches('/');
        let uri: Uri = base.parse().map_err(|_| InvalidBase)?;
        let host = uri.host().ok_or(InvalidBase)?;
        let is_here = ["127.0.0.1", "localhost", "[::1]"].contains(&host);
        let is_plain = uri.query().is_none() && uri.authority().is_some_and(|at| !at.as_str().contains('@'));
        match uri.scheme_str() {
            Some("https") if is_plain => Ok(Self(base.to_owned())),
            Some("http") if is_plain && is_here => Ok(Self(base.to_owned())),
            _ => Err(InvalidBase),
        }
    }

    /// Stripe's own address.
    #[must_use]
    pub fn stripe() -> Self {
        Self(STRIPE.to_owned())
    }

    /// Whether it is Stripe itself, with Stripe's limits.
    #[must_use]
    pub fn is_stripe(&self) -> bool {
        self.0 == STRIPE
    }

    pub(super) fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_of_stripes_and_says_whether_it_is_for_real_money() {
        assert!(StripeKey::parse("rk_live_51abc").unwrap().livemode());
        assert!(!StripeKey::parse("sk_test_51abc").unwrap().livemode());
        for text in ["", "pk_live_1", "whsec_1", "rk_live_", "rk_live_a b", "rk_live_a\n", "sk_other_1"] {
            assert!(StripeKey::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(format!("{:?}", StripeKey::parse("rk_live_51abc").unwrap()), "StripeKey(…)");
    }

    #[test]
    fn a_key_is_not_sent_in_the_clear() {
        assert_eq!(ApiBase::parse("http://127.0.0.1:9/").unwrap().as_str(), "http://127.0.0.1:9");
        assert!(ApiBase::parse("https://stripe.example/mock").is_ok());
        for text in
            ["http://stripe.example", "stripe.example", "ftp://127.0.0.1", "https://a:b@c", "https://a?b"]
        {
            assert_eq!(ApiBase::parse(text), Err(InvalidBase), "{text}");
        }
    }
}
