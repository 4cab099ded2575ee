//! The environment, as options of the command line; `--help` is its reference.

use std::env::VarError;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::stripe::signature::SigningSecrets;

/// Where the data is.
#[derive(Args, Clone, Debug)]
pub struct DatabaseConfig {
    /// Where the program keeps its own PostgreSQL when DATABASE_URL is unset.
    #[arg(long, env, value_name = "FOLDER", default_value = ".data", global = true)]
    pub data_dir: PathBuf,

    /// PostgreSQL to use; `None` for our own.
    #[arg(skip)]
    pub database_url: Option<DatabaseUrl>,
}

/// Everything `serve` takes.
#[derive(Args, Clone, Debug)]
pub struct ServeConfig {
    /// The address to listen on. There is no sign-in yet, so only loopback addresses are taken.
    #[arg(long, env, value_name = "IP:PORT", default_value = "127.0.0.1:3000", value_parser = loopback)]
    pub bind_addr: SocketAddr,

    /// The address people and Stripe reach this program at. Unset: http:// and BIND_ADDR.
    #[arg(long, env, value_name = "URL", value_parser = web_address)]
    pub public_url: Option<String>,

    /// What Stripe signs events with; `None` when no events are taken.
    #[arg(skip)]
    pub stripe_webhook_secret: Option<SigningSecrets>,
}

/// What `--help` says of the variables that have no option.
pub const SECRET_VARIABLES: &str = "\
Environment only, since everybody on a machine can read its command lines:
  DATABASE_URL           PostgreSQL to use, postgres://user:password@host/database. Unset: the program
                         starts its own from the installed binaries, reachable on a unix socket only,
                         with its data under DATA_DIR/postgres
  STRIPE_WEBHOOK_SECRET  what Stripe signs events with (whsec_…); several with commas between while one
                         is being replaced. Unset: no events are taken
  RUST_LOG               what is logged, for example info or server=debug";

/// A variable that is set to something it cannot be. Its value may be a secret and is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {expected}")]
pub struct InvalidVariable {
    variable: &'static str,
    expected: String,
}

/// Reads a variable that may hold a secret; an empty one counts as unset.
pub fn secret_variable<T>(
    variable: &'static str,
    read: impl Fn(&str) -> Result<T, InvalidSecret>,
) -> Result<Option<T>, InvalidVariable> {
    let invalid = |expected: &str| InvalidVariable { variable, expected: expected.to_owned() };
    match std::env::var(variable) {
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(invalid("expected plain text")),
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => read(&text).map(Some).map_err(|InvalidSecret(expected)| invalid(expected)),
    }
}

/// What was expected instead of a secret that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSecret(pub &'static str);

impl DatabaseConfig {
    /// Adds what only the environment says.
    pub fn with_secrets(self) -> Result<Self, InvalidVariable> {
        Ok(Self { database_url: secret_variable("DATABASE_URL", DatabaseUrl::parse)?, ..self })
    }
}

impl ServeConfig {
    /// Adds what only the environment says.
    pub fn with_secrets(self) -> Result<Self, InvalidVariable> {
        let read = |text: &str| SigningSecrets::parse(text).map_err(|_| InvalidSecret(EXPECTED_SECRETS));
        Ok(Self { stripe_webhook_secret: secret_variable("STRIPE_WEBHOOK_SECRET", read)?, ..self })
    }
}

const EXPECTED_SECRETS: &str =
    "expected signing secrets (whsec_…) with commas between, without spaces inside";

impl ServeConfig {
    /// The address people and Stripe reach this program at, without a slash at its end.
    #[must_use]
    pub fn public_address(&self) -> String {
        let address = self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.bind_addr));
        address.trim_end_matches('/').to_owned()
    }

    /// Where Stripe is to send events.
    #[must_use]
    pub fn webhook_url(&self) -> String {
        format!("{}/api/webhooks/stripe", self.public_address())
    }
}

/// A PostgreSQL URL, whose password stays out of logs.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if is_postgres {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSecret("expected postgres://user@host/database"))
        }
    }

    /// The URL with its password.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "BIND_ADDR is an address like 127.0.0.1:3000".to_owned())?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err("BIND_ADDR must be a loopback address: this version has no sign-in yet".to_owned())
}

fn web_address(text: &str) -> Result<String, &'static str> {
    let is_web =
        ["http://", "https://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_web && plain {
        Ok(text.to_owned())
    } else {
        Err("PUBLIC_URL is an address like https://example.com")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_cannot_be_one_is_refused_without_being_repeated() {
        let url = DatabaseUrl::parse("mysql://root:hunter2@db/x").unwrap_err();
        assert!(!url.0.contains("hunter2"));
        let shown = format!("{:?}", DatabaseUrl::parse("postgres://u:hunter2@db/x").unwrap());
        assert!(!shown.contains("hunter2"));
        assert_eq!(secret_variable("COMMAND_CENTER_NOT_SET", DatabaseUrl::parse), Ok(None));
    }

    #[test]
    fn only_loopback_addresses_are_taken() {
        assert!(loopback("127.0.0.1:3000").is_ok() && loopback("[::1]:3000").is_ok());
        for text in ["0.0.0.0:3000", "10.0.0.1:3000", "[::]:3000", "localhost", "3000"] {
            assert!(loopback(text).unwrap_err().contains("BIND_ADDR"), "{text}");
        }
    }
}
