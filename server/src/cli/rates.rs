//! `command-center rates …`.

use std::io::Read;

use clap::{Args, Subcommand};

use super::tenant;
use crate::accounts::Accounts;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Bring in exchange rates: a CSV as the European Central Bank publishes it. A running server converts the
    /// ledger with them within seconds.
    Import(Import),
}

#[derive(Args, Debug)]
pub(super) struct Import {
    /// The file; - for standard input.
    file: String,
    /// Short name of the tenant; without it every tenant gets them.
    #[arg(long)]
    tenant: Option<String>,
}

/// The whole history since 1999 is a tenth of this.
const MOST: u64 = 16 * 1024 * 1024;

pub(super) async fn run(command: Command, accounts: &Accounts) -> Result<(), Box<dyn std::error::Error>> {
    let Command::Import(asked) = command;
    let sheet = read(&asked.file)?;
    let tenants = match &asked.tenant {
        Some(slug) => vec![tenant::named(accounts, slug).await?],
        None => accounts.store.tenants_all().await?,
    };
    for tenant in tenants {
        let imported = accounts.provision_rates(tenant.id, &sheet).await?;
        println!("{}: {} rates, {} of them new.", tenant.slug, imported.rates, imported.changed);
        if !imported.unknown_currencies.is_empty() {
            eprintln!("{}: left out {}", tenant.slug, imported.unknown_currencies.join(" "));
        }
    }
    Ok(())
}

fn read(file: &str) -> Result<String, Box<dyn std::error::Error>> {
    let told = |error: std::io::Error| format!("{file}: {error}");
    let mut text = String::new();
    let mut source: Box<dyn Read> = match file {
        "-" => Box::new(std::io::stdin()),
        path => Box::new(std::fs::File::open(path).map_err(told)?),
    };
    source.by_ref().take(MOST + 1).read_to_string(&mut text).map_err(told)?;
    if u64::try_from(text.len())? > MOST {
        return Err(format!("{file}: this is no sheet of rates, it has more than 16 MB").into());
    }
    Ok(text)
}
