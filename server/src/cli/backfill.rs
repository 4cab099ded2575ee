//! `command-center backfill …`: the past, read from Stripe.

use std::io::{self, ErrorKind, IsTerminal as _, Write};

use clap::{Args, Subcommand};
use domain::backfill::RunState;
use domain::tenant::Tenant;
use jiff::civil::Date;
use store::backfills::Cursor;

use super::{Coded, tenant, told_to_stop};
use crate::accounts::Accounts;
use crate::applier::Applier;
use crate::backfill::{Asked, BackfillError, Backfills, By, MOST_DAYS, Progress};
use crate::config::ServeConfig;

/// How programs are told that somebody else is at it.
const BUSY: u8 = 3;

/// A line is said every so many pages where nobody watches.
const PAGES_A_LINE: i64 = 50;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Look up at Stripe what its events no longer tell, and book it; again, nothing is booked twice. What was
    /// interrupted within the last day goes on where it was.
    Stripe(Stripe),
}

#[derive(Args, Debug)]
pub(super) struct Stripe {
    /// Short name of the tenant, whose key is stored as stripe_key.
    #[arg(long, value_parser = tenant::slug)]
    tenant: String,
    /// How many days back from now.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(i64).range(1..=MOST_DAYS))]
    days: i64,
    /// The first day, like 2026-01-31, in the tenant's timezone.
    #[arg(long, value_parser = day, requires = "to", conflicts_with = "days")]
    from: Option<Date>,
    /// The last day.
    #[arg(long, value_parser = day, requires = "from", conflicts_with = "days")]
    to: Option<Date>,
    /// Say what would change, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(
    command: Command,
    config: &ServeConfig,
    accounts: Accounts,
) -> Result<(), Box<dyn std::error::Error>> {
    let Command::Stripe(asked) = command;
    stripe(asked, config, accounts).await
}

pub(super) async fn stripe(
    options: Stripe,
    config: &ServeConfig,
    accounts: Accounts,
) -> Result<(), Box<dyn std::error::Error>> {
    let tenant = tenant::named(&accounts, &options.tenant).await?;
    let asked = asked(&options, &accounts, &tenant)?;
    let applier = Applier::new(accounts.store.clone(), accounts.clock);
    let backfills = Backfills::new(accounts, applier, config.stripe_access());
    let outcome = tokio::select! {
        outcome = outcome(&options, &backfills, &tenant, &asked) => outcome,
        () = told_to_stop() => {
            backfills.pause(&tenant, &By::command_line()).await?;
            Err(BackfillError::Stopped)
        }
    };
    match outcome {
        Ok(said) => Ok(say(&said)?),
        Err(error @ BackfillError::Busy) => Err(Coded { code: BUSY, message: error.to_string() }.into()),
        Err(error) => Err(error.into()),
    }
}

fn asked(
    options: &Stripe,
    accounts: &Accounts,
    tenant: &Tenant,
) -> Result<Asked, Box<dyn std::error::Error>> {
    let now = accounts.clock.now();
    let asked = match (options.from, options.to) {
        (Some(from), Some(to)) => Asked::between(from, to, tenant, now),
        _ => Asked::last_days(options.days, now),
    };
    asked.map_err(|error| Coded { code: 2, message: error.to_string() }.into())
}

/// Does what is asked; what is to be said of it.
async fn outcome(
    options: &Stripe,
    backfills: &Backfills,
    tenant: &Tenant,
    asked: &Asked,
) -> Result<String, BackfillError> {
    let watched = Watched { is_terminal: io::stderr().is_terminal() };
    let (text, json) = if options.dry_run {
        let preview = backfills.preview(tenant, asked, &watched).await?;
        (preview.to_string(), preview.to_json())
    } else {
        let summary = backfills.run(tenant, asked, &By::command_line(), &watched).await?;
        (summary.to_string(), summary.to_json())
    };
    Ok(if options.json { format!("{json}\n") } else { text })
}

/// Says how far a run has come on standard error: on a terminal in one line, else now and then.
struct Watched {
    is_terminal: bool,
}

impl Progress for Watched {
    fn page(&self, cursor: &Cursor) {
        let is_done = cursor.state == RunState::Done;
        let line = format!("{}: {} found, {} stored", cursor.subject.name(), cursor.found, cursor.stored);
        let mut stderr = io::stderr();
        // Whoever closed it does not want to know.
        let _ = match (self.is_terminal, is_done) {
            (true, true) => writeln!(stderr, "\r{line}  "),
            (true, false) => write!(stderr, "\r{line} …"),
            (false, true) => writeln!(stderr, "{line}"),
            (false, false) if cursor.pages % PAGES_A_LINE == 0 => writeln!(stderr, "{line} so far"),
            (false, false) => Ok(()),
        };
    }
}

/// Says something on standard output; a reader that has gone away is no failure.
fn say(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

fn day(text: &str) -> Result<Date, &'static str> {
    text.parse().map_err(|_| "a day like 2026-01-31")
}
