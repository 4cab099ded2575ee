//! The environment, as options of the command line; `--help` is its reference.

mod tools;

use std::env::VarError;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use credentials::sealing::SecretsKeys;
use ipnet::IpNet;
use mail::Mailer;

use crate::backfill::StripeAccess;
use crate::stripe::client::{ApiBase, InvalidBase, StripeKey};
use crate::stripe::signature::SigningSecrets;

pub use self::tools::{ToolConfig, variable as tool_variable};

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
    /// The address to listen on.
    #[arg(long, env, value_name = "IP:PORT", default_value = "127.0.0.1:3000")]
    pub bind_addr: SocketAddr,

    /// The address people and Stripe reach this program at. Unset: http:// and BIND_ADDR.
    #[arg(long, env, value_name = "URL", value_parser = web_address)]
    pub public_url: Option<String>,

    /// Whether strangers may make an account with a workspace of its own.
    #[arg(long, env, value_name = "WHO", default_value = "open")]
    pub sign_up: SignUpPolicy,

    /// Proxies that may say for whom they ask (X-Forwarded-For), as networks with commas between.
    #[arg(long, env, value_name = "NETWORKS", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,

    /// Who letters are from. Unset: command-center at the mail server's name.
    #[arg(long, env, value_name = "ADDRESS")]
    pub smtp_from: Option<String>,

    /// What Stripe signs events with; `None` when no events are taken.
    #[arg(skip)]
    pub stripe_webhook_secret: Option<SigningSecrets>,

    /// Where Stripe is asked for the past. Unset: Stripe itself.
    #[arg(long, env, value_name = "URL", value_parser = api_base, global = true)]
    pub stripe_api_base: Option<ApiBase>,

    /// What Stripe is asked with for the default tenant; `None` when each stores its own key.
    #[arg(skip)]
    pub stripe_secret_key: Option<StripeKey>,

    /// How the tools people are reached and looked up with are asked.
    #[command(flatten)]
    pub tools: ToolConfig,

    /// Who sends letters; `None` when no mail server is configured.
    #[arg(skip)]
    pub mailer: Option<Mailer>,

    /// What credentials are sealed with; `None` when none can be stored.
    #[arg(skip)]
    pub secrets_keys: Option<Arc<SecretsKeys>>,
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignUpPolicy {
    /// Everybody; each account gets a workspace of its own.
    Open,
    /// Only who was invited.
    Closed,
}

/// A network of addresses, or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(pub IpNet);

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network
            .map(Self)
            .map_err(|_| "TRUSTED_PROXIES are networks like 10.0.0.0/8 or addresses like 10.0.0.1")
    }
}

/// What `--help` says of the variables that have no option.
pub const SECRET_VARIABLES: &str = "\
Environment only, since everybody on a machine can read its command lines:
  DATABASE_URL           PostgreSQL to use, postgres://user:password@host/database. Unset: the program
                         starts its own from the installed binaries, reachable on a unix socket only,
                         with its data under DATA_DIR/postgres
  STRIPE_WEBHOOK_SECRET  what Stripe signs events with (whsec_…); several with commas between while one
                         is being replaced. Unset: no events are taken
  STRIPE_SECRET_KEY      what Stripe is asked with for the default tenant (rk_…); the others, and who likes, store
                         theirs under Settings → Connections or with `tenant secret --kind stripe_key`
  HEYREACH_API_KEY, PLUSVIBE_API_KEY, INSTANTLY_API_KEY, APOLLO_API_KEY, FULLENRICH_API_KEY
                         what those are asked with for the default tenant; the others, and who likes, connect theirs
                         under Settings → Connections or with `tenant secret --kind heyreach` and so on
  SECRETS_KEY            32 bytes in base64 that stored credentials are sealed with; several with commas
                         between while one is being replaced, the newest first. Unset: none can be stored
  SMTP_URL               mail server, smtp://user:password@host or smtps://…. Unset: no letters are sent
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
        let signing = |text: &str| SigningSecrets::parse(text).map_err(|_| InvalidSecret(EXPECTED_SECRETS));
        let asking =
            |text: &str| StripeKey::parse(text.trim()).map_err(|_| InvalidSecret(EXPECTED_STRIPE_KEY));
        let sealing = |text: &str| SecretsKeys::parse(text).map_err(|_| InvalidSecret(EXPECTED_KEYS));
        let sender = self.smtp_from.clone();
        let mail = |text: &str| {
            Mailer::parse(text, sender.as_deref()).map_err(|_| InvalidSecret(EXPECTED_MAIL_SERVER))
        };
        Ok(Self {
            stripe_webhook_secret: secret_variable("STRIPE_WEBHOOK_SECRET", signing)?,
            stripe_secret_key: secret_variable("STRIPE_SECRET_KEY", asking)?,
            secrets_keys: secret_variable("SECRETS_KEY", sealing)?.map(Arc::new),
            mailer: secret_variable("SMTP_URL", mail)?,
            tools: self.tools.with_secrets()?,
            ..self
        })
    }

    /// The configuration of a program that was told nothing but where to listen.
    #[must_use]
    pub const fn plain(bind_addr: SocketAddr) -> Self {
        Self {
            bind_addr,
            public_url: None,
            sign_up: SignUpPolicy::Open,
            trusted_proxies: Vec::new(),
            smtp_from: None,
            stripe_webhook_secret: None,
            stripe_api_base: None,
            stripe_secret_key: None,
            tools: ToolConfig::plain(),
            mailer: None,
            secrets_keys: None,
        }
    }
}

const EXPECTED_SECRETS: &str =
    "expected signing secrets (whsec_…) with commas between, without spaces inside";
const EXPECTED_STRIPE_KEY: &str =
    "expected a key as Stripe shows it: rk_live_…, rk_test_…, sk_live_… or sk_test_…";
const EXPECTED_KEYS: &str = "expected 32 bytes in base64, as `openssl rand -base64 32` prints them";
const EXPECTED_MAIL_SERVER: &str =
    "expected smtp://user:password@host or smtps://…, and SMTP_FROM to be an e-mail address";

impl ServeConfig {
    /// Whether whoever is on the way can read along: not loopback, and no https in front of it.
    #[must_use]
    pub fn is_overheard(&self) -> bool {
        !self.bind_addr.ip().is_loopback() && !self.public_address().starts_with("https://")
    }

    /// The address people and Stripe reach this program at, without a slash at its end.
    #[must_use]
    pub fn public_address(&self) -> String {
        let address = self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.bind_addr));
        address.trim_end_matches('/').to_owned()
    }

    /// How Stripe is asked for the past.
    #[must_use]
    pub fn stripe_access(&self) -> StripeAccess {
        let base = self.stripe_api_base.clone().unwrap_or_else(ApiBase::stripe);
        StripeAccess::new(base, self.stripe_secret_key.clone())
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

fn api_base(text: &str) -> Result<ApiBase, InvalidBase> {
    ApiBase::parse(text)
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
    fn proxies_are_addresses_or_networks() {
        assert!("10.0.0.1".parse::<Network>().is_ok() && "10.0.0.0/8".parse::<Network>().is_ok());
        assert!("::1".parse::<Network>().is_ok());
        assert!("proxy.example".parse::<Network>().is_err() && "10.0.0.0/99".parse::<Network>().is_err());
    }
}
