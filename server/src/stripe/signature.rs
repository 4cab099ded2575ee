//! `Stripe-Signature`: an HMAC over the time and the raw body, checked before anything is parsed.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// How far a signature's time may be from ours, in seconds.
pub const TOLERANCE_SECONDS: i64 = 300;

/// While a secret rolls Stripe signs with two; more candidates than this are not looked at.
const MAX_CANDIDATES: usize = 16;
const MAX_HEADER_BYTES: usize = 4_096;

/// The secrets of an endpoint: one, or several while one is being replaced.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SigningSecrets(Vec<String>);

/// Why a text is no list of signing secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one or more signing secrets (whsec_…), separated by commas, without spaces inside")]
pub struct InvalidSecrets;

impl SigningSecrets {
    /// Reads a comma-separated list; what surrounds each secret is trimmed.
    pub fn parse(text: &str) -> Result<Self, InvalidSecrets> {
        let secrets: Vec<String> = text.split(',').map(|secret| secret.trim().to_owned()).collect();
        let usable =
            |secret: &String| !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic());
        if secrets.iter().all(usable) { Ok(Self(secrets)) } else { Err(InvalidSecrets) }
    }

    /// The secrets as they are.
    #[must_use]
    pub const fn exactly(secrets: Vec<String>) -> Self {
        Self(secrets)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SigningSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} signing secret(s)", self.0.len())
    }
}

/// Why a signature is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no header.
    #[error("the Stripe-Signature header is missing")]
    Missing,
    /// The header is not `t=…,v1=…`.
    #[error("the Stripe-Signature header is malformed")]
    Malformed,
    /// No secret made this signature.
    #[error("the signature does not match")]
    Mismatch,
    /// It was made too long ago, or in the future.
    #[error("the signature's time is more than 300 seconds from now")]
    Stale,
}

/// Accepts a body only when one of the secrets signed exactly these bytes just now.
pub fn verify(
    header: Option<&str>,
    body: &[u8],
    secrets: &SigningSecrets,
    now: Timestamp,
) -> Result<(), SignatureError> {
    let signature = Signature::parse(header.ok_or(SignatureError::Missing)?)?;
    if !secrets.0.iter().any(|secret| signature.is_made_with(secret, body)) {
        return Err(SignatureError::Mismatch);
    }
    if now.as_second().abs_diff(signature.time) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(SignatureError::Stale);
    }
    Ok(())
}

/// The header Stripe would send for this body at this time; tests and the demo sign with it.
#[must_use]
pub fn sign(body: &[u8], secret: &str, now: Timestamp) -> String {
    let time = now.as_second().to_string();
    format!("t={time},v1={}", hex::encode(mac(secret, &time, body).finalize().into_bytes()))
}

fn mac(secret: &str, time: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

struct Signature<'a> {
    time_text: &'a str,
    time: i64,
    candidates: Vec<Vec<u8>>,
}

impl<'a> Signature<'a> {
    fn parse(header: &'a str) -> Result<Self, SignatureError> {
        if header.len() > MAX_HEADER_BYTES {
            return Err(SignatureError::Malformed);
        }
        let mut time = None;
        let mut candidates = Vec::new();
        for pair in header.split(',') {
            match pair.split_once('=') {
                Some(("t", text)) if time.is_none() => time = Some(text),
                Some(("t", _)) | None => return Err(SignatureError::Malformed),
                Some(("v1", hexadecimal)) => candidates.extend(hex::decode(hexadecimal)),
                Some(_) => {}
            }
        }
        let time_text = time.ok_or(SignatureError::Malformed)?;
        let seconds = time_text.parse::<i64>().ok().filter(|seconds| *seconds >= 0);
        let usable = (1..=MAX_CANDIDATES).contains(&candidates.len());
        match seconds {
            Some(time) if usable => Ok(Self { time_text, time, candidates }),
            _ => Err(SignatureError::Malformed),
        }
    }

    fn is_made_with(&self, secret: &str, body: &[u8]) -> bool {
        let mac = mac(secret, self.time_text, body);
        self.candidates.iter().any(|candidate| mac.clone().verify_slice(candidate).is_ok())
    }
}
