//! `command-center user …`.

use clap::{Args, Subcommand};
use domain::access::{InvalidRole, Role};

use super::{stdin, tenant};
use crate::accounts::{Accounts, NewMember};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Add somebody; their password comes on standard input.
    Add(Add),
    /// Print a link to set somebody's password, good for an hour.
    ResetLink(Who),
    /// Keep somebody out, and sign them out everywhere.
    Disable(Who),
    /// Let somebody in again.
    Enable(Who),
    /// Let somebody see every tenant and the aggregate.
    GrantPlatform(Who),
    /// Let somebody see their own tenants only.
    RevokePlatform(Who),
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// What they sign in with.
    #[arg(long)]
    email: String,
    /// Their name; without it the e-mail's part before the @.
    #[arg(long)]
    name: Option<String>,
    /// Short name of the tenant they belong to.
    #[arg(long, required_unless_present = "platform_admin", requires = "role")]
    tenant: Option<String>,
    /// viewer, operator, admin or owner.
    #[arg(long, value_parser = role, requires = "tenant")]
    role: Option<Role>,
    /// Whether they see every tenant and the aggregate.
    #[arg(long)]
    platform_admin: bool,
}

#[derive(Args, Debug)]
pub(super) struct Who {
    /// What they sign in with.
    #[arg(long)]
    email: String,
}

pub(super) async fn run(command: Command, accounts: &Accounts) -> Outcome {
    match command {
        Command::Add(asked) => add(asked, accounts).await,
        Command::ResetLink(who) => {
            println!("{}", accounts.reset_link_for(&who.email).await?);
            Ok(())
        }
        Command::Disable(who) => {
            accounts.set_disabled(&who.email, true).await?;
            say(&who, "may no longer sign in")
        }
        Command::Enable(who) => {
            accounts.set_disabled(&who.email, false).await?;
            say(&who, "may sign in again")
        }
        Command::GrantPlatform(who) => {
            accounts.set_platform_admin(&who.email, true).await?;
            say(&who, "sees every tenant now")
        }
        Command::RevokePlatform(who) => {
            accounts.set_platform_admin(&who.email, false).await?;
            say(&who, "sees their own tenants only")
        }
    }
}

async fn add(asked: Add, accounts: &Accounts) -> Outcome {
    let mut memberships = Vec::new();
    if let (Some(slug), Some(role)) = (&asked.tenant, asked.role) {
        memberships.push((tenant::named(accounts, slug).await?.id, role));
    }
    let before_at = asked.email.split('@').next().unwrap_or_default().trim().to_owned();
    let member = NewMember {
        name: asked.name.unwrap_or(before_at),
        password: stdin::secret("a password")?,
        email: asked.email.clone(),
        memberships,
        is_platform_admin: asked.platform_admin,
    };
    accounts.add_user(member).await?;
    say(&Who { email: asked.email }, "may sign in")
}

fn say(who: &Who, what: &str) -> Outcome {
    println!("{} {what}.", who.email.trim());
    Ok(())
}

pub(super) fn role(text: &str) -> Result<Role, InvalidRole> {
    text.parse()
}
