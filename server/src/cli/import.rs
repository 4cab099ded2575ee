//! `command-center import …`: files into the pipeline, and out again.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use clap::{Args, Subcommand};
use domain::ids::ImportId;
use domain::importing::ImportKind;
use domain::tenant::Tenant;
use serde_json::json;

use super::tenant;
use crate::accounts::Accounts;
use crate::pipeline::{FileToImport, Imported, Pipeline, Source, source_of};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Bring in leads: external_id, email, name, company, source, owner, stage, stage_at, value, currency, created_at.
    Leads(Import),
    /// Bring in campaigns: external_id, connector, name, channel, state, started_at.
    Campaigns(Import),
    /// Bring in deals: external_id, lead, name, state, stage, probability, value, currency, opened_at, closed_at.
    Deals(Import),
    /// Bring in what channels cost: channel, cost_type, amount, currency, period_start, period_end, notes.
    Costs(Import),
    /// Bring in which records Stripe's customers are: customer_id, kind, record_id, lead_id, email, channel.
    Links(Import),
    /// Take out again what a file created and nobody changed or used since.
    Undo(Undo),
}

#[derive(Args, Debug)]
pub(super) struct Import {
    /// The file, in UTF-8, with a heading; - for standard input.
    file: String,
    /// Short name of the tenant; without it the one that takes what names none.
    #[arg(long, value_parser = tenant::slug)]
    tenant: Option<String>,
    /// Read a column as a field, like `Mail=email`; `Mail=` leaves it out. Columns that are not named are known by
    /// names like theirs.
    #[arg(long = "map", value_name = "COLUMN=FIELD", value_parser = pair)]
    said: Vec<(String, String)>,
    /// Say what would become of each row, and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Undo {
    /// The id the import was told under.
    id: ImportId,
    /// Short name of the tenant; without it the one that takes what names none.
    #[arg(long, value_parser = tenant::slug)]
    tenant: Option<String>,
}

pub(super) async fn run(command: Command, accounts: &Accounts) -> Result<(), Box<dyn std::error::Error>> {
    let pipeline = Pipeline { store: accounts.store.clone(), clock: accounts.clock };
    let (kind, asked) = match command {
        Command::Leads(asked) => (ImportKind::Leads, asked),
        Command::Campaigns(asked) => (ImportKind::Campaigns, asked),
        Command::Deals(asked) => (ImportKind::Deals, asked),
        Command::Costs(asked) => (ImportKind::Costs, asked),
        Command::Links(asked) => (ImportKind::Links, asked),
        Command::Undo(asked) => {
            let tenant = meant(accounts, asked.tenant.as_deref()).await?;
            let undone = pipeline.provision_undo_import(tenant.id, asked.id).await?;
            println!("Took out {} of {} that it had created.", undone.removed, undone.created);
            return Ok(());
        }
    };
    let tenant = meant(accounts, asked.tenant.as_deref()).await?;
    let file = FileToImport {
        kind,
        name: name_of(&asked.file),
        source: opened(&asked.file, asked.dry_run)?,
        said: asked.said,
        is_dry_run: asked.dry_run,
        progress: None,
    };
    let imported = pipeline.provision_import(tenant.id, file).await?;
    if asked.json {
        println!("{}", as_json(&imported));
    } else {
        say(&imported);
    }
    Ok(())
}

async fn meant(accounts: &Accounts, slug: Option<&str>) -> Result<Tenant, Box<dyn std::error::Error>> {
    match slug {
        Some(slug) => tenant::named(accounts, slug).await,
        None => Ok(accounts.store.tenant_default().await?.ok_or("there is no tenant yet")?),
    }
}

fn name_of(file: &str) -> String {
    let name = Path::new(file).file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| file.to_owned())
}

/// What comes in by standard input is kept in memory where it is read twice, to say what would become of it.
fn opened(file: &str, is_dry_run: bool) -> Result<Source, Box<dyn std::error::Error>> {
    if file == "-" {
        if !is_dry_run {
            return Ok(Box::new(|| Ok(Box::new(io::stdin()))));
        }
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes)?;
        return Ok(source_of(bytes));
    }
    File::open(file).map_err(|error| format!("{file}: {error}"))?;
    let path = file.to_owned();
    Ok(Box::new(move || Ok(Box::new(File::open(&path)?))))
}

fn say(imported: &Imported) {
    let counts = &imported.counts;
    for (column, field) in imported.mapping.read() {
        eprintln!("column {column:?} is read as {field}");
    }
    for column in imported.mapping.left_out() {
        eprintln!("column {column:?} is left out");
    }
    for problem in &counts.problems {
        println!("{problem}");
    }
    let kept = if imported.id.is_some() { "" } else { " Nothing was kept." };
    println!(
        "{} rows: {} new, {} changed, {} refused.{kept}",
        counts.rows, counts.created, counts.changed, counts.refused
    );
    if let Some(id) = imported.id {
        println!("To take out again what it created: command-center import undo {id}");
    }
}

fn as_json(imported: &Imported) -> serde_json::Value {
    let counts = &imported.counts;
    json!({
        "id": imported.id,
        "rows": counts.rows,
        "created": counts.created,
        "changed": counts.changed,
        "refused": counts.refused,
        "problems": counts.problems,
        "columns": imported.mapping.read(),
        "left_out": imported.mapping.left_out(),
    })
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let pair = text.split_once('=').ok_or("a column and a field, like Mail=email")?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}
