//! `command-center alerts`: looking for what needs somebody.

use clap::Subcommand;

use super::tenant;
use crate::accounts::Accounts;
use crate::alerts::{Alerts, Look};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Look at figures now, and say how many alerts were opened and cleared.
    Evaluate {
        /// Short name of the tenant; without it all of them.
        #[arg(long, value_parser = tenant::slug)]
        tenant: Option<String>,
    },
}

pub(super) async fn run(command: Command, accounts: &Accounts) -> Result<(), Box<dyn std::error::Error>> {
    let Command::Evaluate { tenant } = command;
    let tenants = match &tenant {
        Some(slug) => vec![tenant::named(accounts, slug).await?],
        None => accounts.store.tenants_all().await?,
    };
    let alerts = Alerts { store: accounts.store.clone(), clock: accounts.clock };
    let mut failed = Vec::new();
    for tenant in tenants {
        match alerts.evaluate(tenant.id, Look::Thorough).await {
            Ok(looked) => println!(
                "{}: {} found, {} opened, {} cleared",
                tenant.slug, looked.found, looked.opened, looked.cleared
            ),
            Err(error) => {
                eprintln!("{}: {error}", tenant.slug);
                failed.push(tenant.slug);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("not looked at: {}", failed.join(", ")).into()) }
}
