//! What is configured, what is off and why.

use std::fmt::Write as _;

use cluster::Installation;
use store::{Store, StoreError};

use crate::assets;
use crate::config::{ServeConfig, SignUpPolicy};
use crate::database::Database;

/// Looks at configuration and database, and says what it found, a line each.
pub async fn examine(config: &ServeConfig, database: &Database) -> Result<String, StoreError> {
    let mut report = String::new();
    let mut line = |what: &str, state: &str, detail: &str| {
        let _ = writeln!(report, "{what:<16} {state:<5} {detail}");
    };
    line("database", "on", &database.description());
    match Installation::find().await {
        Ok(found) => {
            line("postgresql", "found", &format!("{} in {}", found.version(), found.bin_dir().display()))
        }
        Err(why) => line("postgresql", "none", &why.to_string()),
    }
    let ready = database.store.is_ready().await;
    line(
        "schema",
        if ready { "on" } else { "old" },
        if ready { "up to date" } else { "run: command-center migrate" },
    );
    match &config.stripe_webhook_secret {
        Some(_) => line("stripe webhooks", "on", &config.webhook_url()),
        None => line("stripe webhooks", "off", "set STRIPE_WEBHOOK_SECRET to the endpoint's signing secret"),
    }
    match &config.stripe_secret_key {
        Some(_) => {
            line("stripe key", "on", "STRIPE_SECRET_KEY, for the default tenant without one of its own")
        }
        None => {
            line("stripe key", "off", "each tenant stores its own (stripe_key), or set STRIPE_SECRET_KEY")
        }
    }
    for (tool, base) in &config.tools.access().bases {
        line(tool.word(), "moved", &format!("asked at {}", base.as_str()));
    }
    let keys: Vec<&str> = config.tools.keys.iter().map(|(tool, _)| tool.name()).collect();
    match keys.as_slice() {
        [] => line(
            "tools",
            "off",
            "each tenant connects its own under Settings → Connections, or by `tenant secret`",
        ),
        keys => line(
            "tools",
            "on",
            &format!("{} for the default tenant without keys of its own", keys.join(", ")),
        ),
    }
    line("address", "on", &config.public_address());
    match &config.secrets_keys {
        Some(keys) => line("credentials", "on", &format!("sealed with key {}", keys.current_key_id())),
        None => line("credentials", "off", "none can be stored: set SECRETS_KEY (openssl rand -base64 32)"),
    }
    match &config.mailer {
        Some(_) => line("letters", "on", "sent through SMTP_URL"),
        None => line("letters", "off", "set SMTP_URL; until then links are copied by hand"),
    }
    match config.sign_up {
        SignUpPolicy::Open => {
            line("sign-up", "on", "everybody may make an account (SIGN_UP=closed ends that)")
        }
        SignUpPolicy::Closed => line("sign-up", "off", "accounts are made by invitation"),
    }
    if config.is_overheard() {
        line("https", "off", "passwords are sent as they are: put https in front and set PUBLIC_URL");
    }
    let (state, detail) = if assets::BUILT {
        ("on", "scripts and styles are inside the program")
    } else {
        ("off", "built without them: use make build")
    };
    line("assets", state, detail);
    if ready {
        report.push_str(&tenants(&database.store).await?);
    }
    Ok(report)
}

async fn tenants(store: &Store) -> Result<String, StoreError> {
    let mut lines = String::new();
    for tenant in store.tenants_all().await? {
        let events = store.stripe_events_by_state(tenant.id).await?;
        let counts: Vec<String> = events.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let counts = if counts.is_empty() { "no events yet".to_owned() } else { counts.join(", ") };
        let _ = writeln!(lines, "{:<16} {:<5} {}: {counts}", "tenant", "on", tenant.slug);
    }
    Ok(lines)
}
