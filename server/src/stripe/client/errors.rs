//! Why Stripe did not answer, in words that may be shown.

use std::time::Duration;

use hyper::header::RETRY_AFTER;
use hyper::{HeaderMap, StatusCode};
use serde_json::Value;

/// Why Stripe did not answer. No text holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StripeError {
    /// The key is revoked, expired or none.
    #[error("Stripe does not accept the key (any more): store another one")]
    Unauthorized,
    /// The key may not read this.
    #[error("the key may not read {path}: give it the permission {permission} in Stripe")]
    Forbidden {
        /// What was asked for.
        path: String,
        /// What it lacks.
        permission: String,
    },
    /// The object a list was to go on after is no longer there.
    #[error("the object the list was to go on after is gone")]
    CursorGone,
    /// Stripe understood and refused.
    #[error("Stripe refused {path} ({status}): {message}")]
    Refused {
        /// What was asked for.
        path: String,
        /// How.
        status: u16,
        /// Why.
        message: String,
    },
    /// What answered is not Stripe's API.
    #[error(
        "what answered for {path} is not Stripe's API: look at STRIPE_API_BASE and at proxies on the way"
    )]
    Garbage {
        /// What was asked for.
        path: String,
    },
    /// It was tried often enough.
    #[error(
        "Stripe did not answer for {path} after {attempts} attempts: {why}. Start it again later: it goes on from here"
    )]
    Unavailable {
        /// What was asked for.
        path: String,
        /// How often.
        attempts: u32,
        /// What happened the last time.
        why: String,
    },
    /// Stripe wants to be left alone for long.
    #[error("Stripe asks not to be asked for {seconds} seconds. Start it again later: it goes on from here")]
    Later {
        /// For how long.
        seconds: u64,
    },
    /// Nobody vouches for anybody.
    #[error("this machine has no certificates to know Stripe by: install ca-certificates ({0})")]
    NoCertificates(String),
}

impl StripeError {
    /// Whether the key is at fault, so that nothing can be asked with it until somebody does something.
    #[must_use]
    pub const fn is_about_the_key(&self) -> bool {
        matches!(self, Self::Unauthorized | Self::Forbidden { .. })
    }
}

/// What one attempt came to.
#[derive(Debug)]
pub(super) enum Failure {
    /// Trying again is no use.
    Final(StripeError),
    /// It may go better next time, not before so long.
    Passing { why: String, not_before: Option<Duration> },
}

impl Failure {
    pub(super) fn passing(why: &str) -> Self {
        Self::Passing { why: why.to_owned(), not_before: None }
    }
}

/// Reads an answer that is no success. `Stripe-Should-Retry` has the last word on trying again.
pub(super) fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8], path: &str) -> Failure {
    let advice = header(headers, "stripe-should-retry");
    let may_pass = matches!(status.as_u16(), 409 | 424 | 429) || status.is_server_error();
    let is_passing = match advice {
        Some("true") => true,
        Some("false") => false,
        _ => may_pass,
    };
    if is_passing {
        let not_before =
            header(headers, RETRY_AFTER.as_str()).and_then(|text| text.parse().ok()).map(Duration::from_secs);
        return Failure::Passing { why: format!("it said {status}"), not_before };
    }
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = |field: &str| told.pointer(&format!("/error/{field}")).and_then(Value::as_str);
    let message = presentable(said("message").unwrap_or("it gave no reason"));
    Failure::Final(match status {
        StatusCode::UNAUTHORIZED => StripeError::Unauthorized,
        StatusCode::FORBIDDEN => {
            StripeError::Forbidden { path: path.to_owned(), permission: permission(&message, path) }
        }
        _ if said("code") == Some("resource_missing") && said("param") == Some("starting_after") => {
            StripeError::CursorGone
        }
        _ => StripeError::Refused { path: path.to_owned(), status: status.as_u16(), message },
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The permission Stripe's message names; else what the dashboard calls what was asked for.
fn permission(message: &str, path: &str) -> String {
    let named =
        message.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').find(|word| word.starts_with("rak_"));
    named.map_or_else(|| format!("to read {}", path.trim_start_matches("/v1/")), str::to_owned)
}

/// A message without what a terminal or a log may not be told.
pub(super) fn presentable(message: &str) -> String {
    let plain: String = message.chars().filter(|c| !c.is_control()).take(300).collect();
    let is_key = |word: &str| ["sk_", "rk_", "pk_", "whsec_"].iter().any(|mark| word.contains(mark));
    plain.split(' ').map(|word| if is_key(word) { "(a key)" } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Failure {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        refusal(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes(), "/v1/charges")
    }

    #[test]
    fn stripe_has_the_last_word_on_trying_again() {
        let passes = |failure: Failure| matches!(failure, Failure::Passing { .. });
        for status in [409, 424, 429, 500, 502, 503] {
            assert!(passes(refused(status, &[], "<html>")), "{status}");
            assert!(!passes(refused(status, &[("stripe-should-retry", "false")], "{}")), "{status}");
        }
        for status in [400, 401, 402, 403, 404] {
            assert!(!passes(refused(status, &[], "{}")), "{status}");
            assert!(passes(refused(status, &[("stripe-should-retry", "true")], "{}")), "{status}");
        }
        let Failure::Passing { not_before, .. } = refused(429, &[("retry-after", "7")], "") else { panic!() };
        assert_eq!(not_before, Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_refusal_says_what_is_missing_and_never_a_key() {
        let body = r#"{"error":{"message":"The provided key 'rk_live_secret' does not have the required permissions. Having the 'rak_charge_read' permission would allow this request to continue.\u001b[2J"}}"#;
        let Failure::Final(error) = refused(403, &[], body) else { panic!() };
        assert_eq!(
            error.to_string(),
            "the key may not read /v1/charges: give it the permission rak_charge_read in Stripe"
        );
        let Failure::Final(error) = refused(400, &[], body) else { panic!() };
        let text = error.to_string();
        assert!(!text.contains("rk_live") && !text.contains('\u{1b}') && text.contains("(a key)"), "{text}");
        let gone = r#"{"error":{"code":"resource_missing","param":"starting_after"}}"#;
        let Failure::Final(error) = refused(400, &[], gone) else { panic!() };
        assert_eq!(error, StripeError::CursorGone);
    }
}
