//! The command line: one program, a few verbs.

mod alerts;
mod api_key;
mod backfill;
mod import;
mod rates;
mod rebuild;
mod stdin;
mod sync;
mod tenant;
mod user;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use store::StoreError;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::accounts::Accounts;
use crate::application::{Application, accounts};
use crate::clock::Clock;
use crate::config::{DatabaseConfig, SECRET_VARIABLES, ServeConfig};
use crate::database::Database;
use crate::{demo, doctor};

/// Which channel makes money: Stripe payments in, a ledger to the cent, attribution, one screen.
#[derive(Parser, Debug)]
#[command(
    name = "command-center",
    version,
    after_help = SECRET_VARIABLES
)]
struct Cli {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    serve: ServeConfig,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Answer browsers, programs and Stripe (the default).
    Serve,
    /// Bring the database's schema up to date, and stop.
    Migrate,
    /// Fill a demo tenant with a year of invented data, sent through the real intake; run it again for the days since.
    Demo,
    /// Say what is configured, what is off and why.
    Doctor,
    /// Add a tenant, or store a credential of one.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Add people, help them back in, or keep them out.
    #[command(subcommand)]
    User(user::Command),
    /// Make keys for programs.
    #[command(subcommand)]
    ApiKey(api_key::Command),
    /// Say what other currencies are worth.
    #[command(subcommand)]
    Rates(rates::Command),
    /// Look for what needs somebody.
    #[command(subcommand)]
    Alerts(alerts::Command),
    /// Read the past from where it is kept.
    #[command(subcommand)]
    Backfill(backfill::Command),
    /// Bring files into the pipeline, or take out again what one created.
    #[command(subcommand)]
    Import(import::Command),
    /// Read the tools people are reached with: campaigns, leads, messages and replies; again, nothing is doubled.
    Sync(sync::Options),
    /// The same as `backfill stripe`.
    #[command(hide = true)]
    BackfillStripe(backfill::Stripe),
    /// Make everything that follows from the raw events again, and compare it with what stands.
    Rebuild(rebuild::Rebuild),
    /// Seal every stored credential anew with the first key of SECRETS_KEY.
    Reseal,
}

/// Reads the command line and does what it says.
pub async fn run() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match carry_out(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("command-center: {error}");
            error.downcast_ref().map_or(ExitCode::FAILURE, |coded: &Coded| ExitCode::from(coded.code))
        }
    }
}

/// A failure that programs tell from others by the code the command ends with.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Coded {
    code: u8,
    message: String,
}

async fn carry_out(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    let config = cli.serve.with_secrets()?;
    let database = Database::open(&cli.database.with_secrets()?).await?;
    let outcome = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(&config, &database).await,
        Command::Migrate => migrate(&database).await,
        Command::Demo => fill_demo(&config, &database).await,
        Command::Doctor => examine(&config, &database).await,
        Command::Tenant(command) => tenant::run(command, &provisioner(&config, &database).await?).await,
        Command::User(command) => user::run(command, &provisioner(&config, &database).await?).await,
        Command::ApiKey(command) => api_key::run(command, &provisioner(&config, &database).await?).await,
        Command::Rates(command) => rates::run(command, &provisioner(&config, &database).await?).await,
        Command::Alerts(command) => alerts::run(command, &provisioner(&config, &database).await?).await,
        Command::Backfill(command) => {
            backfill::run(command, &config, provisioner(&config, &database).await?).await
        }
        Command::BackfillStripe(asked) => {
            backfill::stripe(asked, &config, provisioner(&config, &database).await?).await
        }
        Command::Sync(options) => sync::run(options, &config, provisioner(&config, &database).await?).await,
        Command::Import(command) => import::run(command, &provisioner(&config, &database).await?).await,
        Command::Rebuild(asked) => rebuild::run(asked, &provisioner(&config, &database).await?).await,
        Command::Reseal => tenant::reseal(&provisioner(&config, &database).await?).await,
    };
    database.close().await;
    outcome
}

async fn serve(config: &ServeConfig, database: &Database) -> Result<(), Box<dyn std::error::Error>> {
    let application = Application::build(config, database.store.clone(), Clock::System).await?;
    let address = application.address()?;
    println!("Command Center listens on http://{address} with {}.", database.description());
    if config.is_overheard() {
        println!("Passwords are sent as they are: put https in front and set PUBLIC_URL to its address.");
    }
    if config.stripe_webhook_secret.is_none() {
        println!("Stripe webhooks are off: set STRIPE_WEBHOOK_SECRET.");
    }
    Ok(application.run_until(told_to_stop()).await?)
}

async fn migrate(database: &Database) -> Result<(), Box<dyn std::error::Error>> {
    database.store.migrate().await?;
    println!("The schema is up to date.");
    Ok(())
}

async fn fill_demo(config: &ServeConfig, database: &Database) -> Result<(), Box<dyn std::error::Error>> {
    database.store.migrate().await?;
    print!("{}", demo::fill_all(config, &database.store, Clock::System).await?);
    Ok(())
}

async fn examine(config: &ServeConfig, database: &Database) -> Result<(), Box<dyn std::error::Error>> {
    print!("{}", doctor::examine(config, database).await?);
    Ok(())
}

/// What accounts are managed with from the command line, at an up-to-date schema.
async fn provisioner(config: &ServeConfig, database: &Database) -> Result<Accounts, StoreError> {
    database.store.migrate().await?;
    Ok(accounts(config, database.store.clone(), Clock::System))
}

/// Waits for the signal a terminal or a service manager ends programs with.
async fn told_to_stop() {
    let mut terminate = signal(SignalKind::terminate()).expect("a signal handler can be installed");
    let mut interrupt = signal(SignalKind::interrupt()).expect("a signal handler can be installed");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
}
