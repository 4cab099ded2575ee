//! `command-center api-key …`.

use clap::{Args, Subcommand};
use domain::access::{InvalidPermission, Permission, Role};
use serde_json::json;

use super::{tenant, user};
use crate::accounts::Accounts;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Make a key and print it; it is not shown again.
    Create(Create),
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// Short name of the tenant it opens.
    #[arg(long)]
    tenant: String,
    /// What it is at most: viewer, operator, admin or owner.
    #[arg(long, value_parser = user::role)]
    role: Role,
    /// What it is for.
    #[arg(long, default_value = "made on the command line")]
    name: String,
    /// Which of the role's permissions it has, with commas between; without it all of them.
    #[arg(long, value_delimiter = ',', value_parser = scope)]
    scopes: Vec<Permission>,
    /// Print {"key"}.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command, accounts: &Accounts) -> Result<(), Box<dyn std::error::Error>> {
    let Command::Create(asked) = command;
    let tenant = tenant::named(accounts, &asked.tenant).await?;
    let key = accounts.provision_api_key(tenant.id, &asked.name, asked.role, asked.scopes).await?.text();
    if asked.json {
        println!("{}", json!({ "key": key }));
    } else {
        println!("{key}");
    }
    Ok(())
}

fn scope(text: &str) -> Result<Permission, InvalidPermission> {
    text.parse()
}
