//! The environment, as options of the command line; `--help` is its reference.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::stripe::signature::SigningSecrets;

/// Where the data is.
#[derive(Args, Clone, Debug)]
pub struct DatabaseConfig {
    /// PostgreSQL to use. Unset: the program starts its own from the installed binaries, reachable on a
    /// unix socket only, with its data under DATA_DIR/postgres.
    #[arg(long, env, hide_env_values = true, value_name = "URL", global = true)]
    pub database_url: Option<DatabaseUrl>,

    /// Where the program keeps its own PostgreSQL when DATABASE_URL is unset.
    #[arg(long, env, value_name = "FOLDER", default_value = ".data", global = true)]
    pub data_dir: PathBuf,
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

    /// What Stripe signs events with (whsec_…); several with commas between while one is being replaced.
    /// Unset: no events are taken.
    #[arg(long, env, hide_env_values = true, value_name = "SECRETS", value_parser = SigningSecrets::parse)]
    pub stripe_webhook_secret: Option<SigningSecrets>,
}

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
    /// The URL with its password.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if is_postgres { Ok(Self(text.to_owned())) } else { Err("expected postgres://user@host/database") }
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
