//! `command-center tenant …` and `reseal`.

use clap::{Args, Subcommand};
use domain::connection::{InvalidSecretKind, SecretKind};
use domain::ids::TenantId;
use domain::money::Currency;
use domain::tenant::{Tenant, is_slug};
use jiff::tz::TimeZone;
use serde_json::json;

use super::stdin;
use crate::accounts::{Accounts, StoredFor};
use crate::chance::new_id;
use crate::database::{common_channels, tenant};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Add a tenant; the first one takes the Stripe events that name none.
    Add(Add),
    /// Store a credential of a tenant; its value comes on standard input.
    Secret(Secret),
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// Short name in addresses: lower-case letters, digits and hyphens.
    #[arg(long, value_parser = slug)]
    slug: String,
    /// Name as people see it.
    #[arg(long)]
    name: String,
    /// Currency reports add up in.
    #[arg(long, default_value = "usd", value_parser = currency)]
    currency: Currency,
    /// Timezone days begin in.
    #[arg(long, default_value = "UTC", value_parser = timezone)]
    timezone: TimeZone,
    /// Print {"id","slug"}.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Secret {
    /// Short name of the tenant.
    #[arg(long)]
    tenant: String,
    /// What it is: stripe_webhook, stripe_key, heyreach, plusvibe, instantly, apollo, fullenrich, slack_webhook.
    #[arg(long, value_parser = kind)]
    kind: SecretKind,
}

pub(super) async fn run(command: Command, accounts: &Accounts) -> Outcome {
    match command {
        Command::Add(asked) => add(asked, accounts).await,
        Command::Secret(asked) => secret(asked, accounts).await,
    }
}

async fn add(asked: Add, accounts: &Accounts) -> Outcome {
    let new = Tenant {
        id: TenantId(new_id()),
        currency: asked.currency,
        timezone: asked.timezone,
        ..tenant(&asked.slug, asked.name.trim())
    };
    if new.name.is_empty() || new.name.chars().count() > 200 {
        return Err("a tenant's name has 1 to 200 characters".into());
    }
    if !accounts.store.tenant_insert(&new, &common_channels(), accounts.clock.now()).await? {
        return Err(format!("there is a tenant called {} already", new.slug).into());
    }
    if asked.json {
        println!("{}", json!({ "id": new.id, "slug": new.slug }));
    } else {
        println!("Added {} ({}).", new.slug, new.id);
    }
    Ok(())
}

async fn secret(asked: Secret, accounts: &Accounts) -> Outcome {
    let tenant = named(accounts, &asked.tenant).await?;
    let value = stdin::secret(asked.kind.name())?;
    accounts.provision_secret(StoredFor { tenant: tenant.id, kind: asked.kind }, &value).await?;
    println!("Stored the {} of {}.", asked.kind.name(), tenant.slug);
    Ok(())
}

/// Seals every credential anew.
pub(super) async fn reseal(accounts: &Accounts) -> Outcome {
    let mut resealed = 0;
    for tenant in accounts.store.tenants_all().await? {
        resealed += accounts.reseal(tenant.id).await.map_err(|error| format!("{}: {error}", tenant.slug))?;
    }
    println!("{resealed} credentials were sealed anew; the others had the newest key already.");
    Ok(())
}

/// The tenant with this short name.
pub(super) async fn named(accounts: &Accounts, slug: &str) -> Result<Tenant, Box<dyn std::error::Error>> {
    let found = accounts.store.tenant_by_slug(slug).await?;
    found.ok_or_else(|| format!("there is no tenant called {slug:?}").into())
}

pub(super) fn slug(text: &str) -> Result<String, &'static str> {
    let wrong = "up to 40 lower-case letters, digits and hyphens, a letter or digit first";
    if is_slug(text) { Ok(text.to_owned()) } else { Err(wrong) }
}

fn currency(text: &str) -> Result<Currency, &'static str> {
    text.to_lowercase().parse().map_err(|_| "an ISO 4217 code, like usd")
}

fn timezone(text: &str) -> Result<TimeZone, &'static str> {
    TimeZone::get(text)
        .ok()
        .filter(|zone| zone.iana_name().is_some())
        .ok_or("an IANA name, like Europe/Berlin")
}

fn kind(text: &str) -> Result<SecretKind, InvalidSecretKind> {
    text.parse()
}
